"""The columns of form and of the whole piece, by hand."""

from __future__ import annotations

from math import log2, sqrt

from by_hand import Expected, by_hand, performance, score

from humanize.notes import NoteTable


@by_hand
def test_places_in_a_piece_of_twenty_seconds() -> tuple[NoteTable, Expected]:
    at = [10, 12, 14, 20, 26, 30]  # seconds, two a beat; the piece does not begin at 0
    notes = score([(t / 2, 1, 60) for t in at], sec_per_beat=2)
    share = [0, 0.1, 0.2, 0.5, 0.8, 1]
    return notes, {
        "position_share": share,
        "nearness_start": [1, 1 - 2 / 8, 1 - 4 / 8, 0, 0, 0],
        "nearness_middle": [0, 0.2, 0.4, 1, 0.4, 0],
        "nearness_end": [0, 0, 0, 0, 1 - 4 / 8, 1],
        "since_start_sec": [0, 2, 4, 10, 16, 20],
        "until_end_sec": [20, 18, 16, 10, 4, 0],
        "tempo_beat_per_min": [30] * 6,
    }


@by_hand
def test_far_from_either_end() -> tuple[NoteTable, Expected]:
    return score([(0, 1, 60), (50, 1, 60), (200, 1, 60)]), {
        "since_start_sec": [0, 50, 120],
        "until_end_sec": [120, 120, 0],
        "nearness_start": [1, 0, 0],
        "nearness_end": [0, 0, 1],
    }


@by_hand
def test_tempo_within_bounds() -> tuple[NoteTable, Expected]:
    fast = score([(0, 1, 60), (1, 0.5, 62), (2, 0, 64)], sec_per_beat=0.375)
    return fast, {"tempo_beat_per_min": [160, 160, 60]}  # a thousandth of a beat and of a second


@by_hand
def test_a_very_fast_tempo_is_limited() -> tuple[NoteTable, Expected]:
    return score([(0, 1, 60)], sec_per_beat=0.05), {"tempo_beat_per_min": [600]}


@by_hand
def test_a_very_slow_tempo_is_limited() -> tuple[NoteTable, Expected]:
    return score([(0, 1, 60)], sec_per_beat=20), {"tempo_beat_per_min": [5]}


@by_hand
def test_a_performance_has_the_tempo_that_stands_in() -> tuple[NoteTable, Expected]:
    return performance([(0, 0.5, 60), (1, 1, 62)]), {"tempo_beat_per_min": [120, 120]}


@by_hand
def test_a_whole_piece() -> tuple[NoteTable, Expected]:
    notes = score(
        [(1, 1, 48), (1, 2, 60), (1, 1, 64), (2, 1, 67), (4, 2, 55), (4, 2, 72)], sec_per_beat=0.5
    )
    length = [1, 2, 1, 1, 2, 2]  # 1.5 in the mean, each half a beat from it
    pitch = [48, 60, 64, 67, 55, 72]  # 61 in the mean
    spread = sqrt((13**2 + 1 + 3**2 + 6**2 + 6**2 + 11**2) / 6)
    product = sum((p - 61) * (v - 1.5) for p, v in zip(pitch, length, strict=True)) / 6
    found = {
        "piece_length_sec": 1.5,
        "piece_length_beat": log2(1 + 3),
        "piece_notes": log2(6),
        "piece_density": 6 / 1.5,
        "piece_pitch_mean": 61,
        "piece_pitch_std": spread,
        "piece_pitch_min": 48,
        "piece_pitch_max": 72,
        "piece_duration_mean": 1.5,
        "piece_duration_std": 0.5,
        "piece_duration_sec_mean": 0.75,
        "piece_ioi_mean": 0.75,  # of 0.5 and 1 s
        "piece_ioi_variation": 0.25 / 0.75,
        "piece_onset_notes_mean": 2,
        "piece_onset_notes_std": sqrt(2 / 3),  # of 3, 1 and 2
        "piece_sounding_mean": 7 / 3,  # 3, then 67 over the held 60, then 2
        "piece_skyline_share": 3 / 6,  # 64, 67, 72
        "piece_pitch_time_correlation": product / (spread * 0.5),
    }
    return notes, {name: [value] * 6 for name, value in found.items()}


@by_hand
def test_what_is_extreme_is_limited() -> tuple[NoteTable, Expected]:
    notes = score([(0, 100, 60), (4000, 100, 60)])
    found = {
        "piece_length_sec": 3600,
        "piece_duration_mean": 16,
        "piece_duration_sec_mean": 16,
        "piece_ioi_mean": 16,
        "piece_ioi_variation": 0,
        "piece_pitch_time_correlation": 0,
    }
    return notes, {name: [value] * 2 for name, value in found.items()}


@by_hand
def test_one_chord_is_a_piece() -> tuple[NoteTable, Expected]:
    notes = score([(2, 1, 60), (2, 1, 64)])
    found = {
        "piece_length_beat": 0,
        "piece_density": 2,  # over a second at least
        "piece_ioi_variation": 0,
        "piece_ioi_mean": 0,
    }
    return notes, {name: [value] * 2 for name, value in found.items()}


@by_hand
def test_a_crowd_is_limited() -> tuple[NoteTable, Expected]:
    notes = score(
        [*((0, 1, p) for p in range(128)), *((0.001, 1, p) for p in range(128)), (1, 1, 0)]
    )
    found = {
        "piece_density": 100,
        "piece_onset_notes_mean": 32,
        "piece_onset_notes_std": 32,
        "piece_duration_std": 0,
    }
    return notes, {name: [value] * 257 for name, value in found.items()}


@by_hand
def test_durations_that_differ_very_much_are_limited() -> tuple[NoteTable, Expected]:
    # held for no more than 8 in the correlation: 60 with 8 and 8, 62 with 1
    notes = score([(0, 90, 60), (1, 8, 60), (2, 1, 62), (3, 1, 62)], sec_per_beat=0.5)
    return notes, {
        "piece_duration_std": [16] * 4,
        "piece_pitch_time_correlation": [-1] * 4,
    }


@by_hand
def test_uneven_iois_are_limited() -> tuple[NoteTable, Expected]:
    notes = score([*((0.01 * i, 1, 60) for i in range(200)), (500, 1, 60)])
    return notes, {"piece_ioi_variation": [8] * 201}


def _of(words: str) -> list[float]:
    return [float(word) for word in words.split()]


@by_hand
def test_patterns_of_four_onsets() -> tuple[NoteTable, Expected]:
    """A motif of four onsets, the same a tone higher, the same rhythm with another line."""
    rhythm = [1, 0.5, 0.5, 2]
    lines = [(60, 62, 64, 60), (62, 64, 66, 62), (60, 64, 62, 60)]
    rows, onset = [], 0.0
    for line in lines:
        for length, pitch in zip(rhythm, line, strict=True):
            rows.append((onset, 0.5, pitch))
            onset += length
    # the IOIs are 1 .5 .5 2 three times, but for the last, which leads nowhere (0).
    # A pattern is four IOIs; what begins in the last three onsets runs over the end.
    before = _of("0 0 0 0  1 1 1 1  0 0 0 0")
    total = [1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0]
    # steps of the top: 2 2 -4 2 | 2 2 -4 -2 | 4 -2 -2 0: no four are alike but the first three
    return score(rows), {
        "rhythm_next4_before": before,
        "rhythm_next4_total": total,
        "melody_next4_before": [0] * 12,
        "melody_next4_total": [0] * 12,
    }


@by_hand
def test_a_transposed_motif_is_the_same_melody() -> tuple[NoteTable, Expected]:
    motif = [(0, 60), (1, 64), (1.5, 62), (2, 65), (3, 59)]
    rows = [(start + b, 0.5, p + up) for start, up in ((0, 0), (6, 5), (12, 12)) for b, p in motif]
    # the first four onsets of each motif step alike; from its second onset on they lead elsewhere
    # but for the second time, when the interval to the third motif differs (7 from 5)
    return score([*rows, (18, 0.5, 60)]), {
        "melody_next4_before": [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0],
        "melody_next4_total": [log2(3), 0, 0, 0, 0, log2(3), 0, 0, 0, 0, log2(3), 0, 0, 0, 0, 0],
        "rhythm_next4_before": [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 0, 0, 0, 0],
    }


@by_hand
def test_patterns_of_sixteen_onsets() -> tuple[NoteTable, Expected]:
    """Thirty-six onsets of a pattern of three, transposed by the octave at the thirteenth."""
    rows = [(float(i), 0.5, 60 + (0, 4, 7)[i % 3]) for i in range(36)]
    count = 36
    # sixteen onsets of which the last leads nowhere: patterns that reach it differ from all
    whole = count - 16
    rhythm = [min(i, 32) for i in range(whole)]
    alike = [len(range(i % 3, whole, 3)) for i in range(whole)]
    return score(rows), {
        "rhythm_next16_before": [*rhythm, *16 * [0]],
        "rhythm_next16_total": [*whole * [log2(whole)], *16 * [0]],
        "melody_next16_before": [*(i // 3 for i in range(whole)), *16 * [0]],
        "melody_next16_total": [*(log2(n) for n in alike), *16 * [0]],
    }


@by_hand
def test_a_pattern_is_counted_up_to_thirty_two_times() -> tuple[NoteTable, Expected]:
    rows = [(float(i), 0.5, 60) for i in range(44)]
    return score(rows), {
        "rhythm_next4_before": [*(min(i, 32) for i in range(40)), 0, 0, 0, 0],
        "rhythm_next4_total": [*40 * [log2(40)], 0, 0, 0, 0],
        "melody_next4_before": [*(min(i, 32) for i in range(40)), 0, 0, 0, 0],
    }


@by_hand
def test_rhythm_is_read_to_a_twenty_fourth_of_a_beat() -> tuple[NoteTable, Expected]:
    # 0.48 and 0.5 are alike, and 0.45 is not; all that is longer than 416 beats is alike
    rows, onset = [], 0.0
    for gap in (0.5, 1, 1, 1, 0.48, 1, 1, 1, 0.45, 1, 1, 1, 500, 1, 1, 1, 700, 1, 1, 1, 5):
        rows.append((onset, 0.25, 60))
        onset += gap
    return score([*rows, (onset, 1, 60)]), {
        "rhythm_next4_before": _of("0 0 0 0  1 0 0 0  0 0 0 0  0 1 1 1  1 0 0 0  0 0"),
    }
