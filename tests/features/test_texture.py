"""The columns of texture, by hand."""

from __future__ import annotations

from by_hand import NONE, Expected, around, at_every_edge, by_hand, performance, score

from humanize.notes import NoteTable


@by_hand
def test_a_melody_over_held_chords() -> tuple[NoteTable, Expected]:
    notes = score(
        [
            (0, 4, 48), (0, 1, 64), (0, 2, 72),  # c, e', c''
            (1, 1, 67), (1, 1, 71),  # below and above: c'' still sounds
            (2, 1, 60), (2, 1, 65), (2, 1, 74),
            (4, 1, 43), (4, 1, 71),
            (6, 1, 47),
        ],
        sec_per_beat=0.5,
    )  # fmt: skip
    # what sounds: 48 64 72 | 48 67 71 72 | 48 60 65 74 | 43 71 | 47
    means = [*3 * [184 / 3], *2 * [258 / 4], *3 * [247 / 4], 57, 57, 47]
    return notes, {
        "onset_notes": [3, 3, 3, 2, 2, 3, 3, 3, 2, 2, 1],
        "onset_rank_top": [2, 1, 0, 1, 0, 2, 1, 0, 1, 0, 0],
        "onset_rank_bottom": [0, 1, 2, 0, 1, 0, 1, 2, 0, 1, 0],
        "onset_gap_above": [16, 8, NONE, 4, NONE, 5, 9, NONE, 28, NONE, NONE],
        "onset_gap_below": [NONE, 16, 8, NONE, 4, NONE, 5, 9, NONE, 28, NONE],
        "sounding_notes": [3, 3, 3, 4, 4, 4, 4, 4, 2, 2, 1],
        "held_notes": [0, 0, 0, 2, 2, 1, 1, 1, 0, 0, 0],
        "sounding_above": [2, 1, 0, 2, 1, 2, 1, 0, 1, 0, 0],
        "sounding_below": [0, 1, 2, 1, 2, 1, 2, 3, 0, 1, 0],
        "sounding_gap_above": [16, 8, NONE, 4, 1, 5, 9, NONE, 28, NONE, NONE],
        "sounding_gap_below": [NONE, 16, 8, 19, 4, 12, 5, 9, NONE, 28, NONE],
        "sounding_pitch_mean": means,
        "sounding_pitch_deviation": [p - m for p, m in zip(notes.pitch, means, strict=True)],
        "sounding_spread": [24, 24, 24, 24, 24, 26, 26, 26, 28, 28, 0],
        "skyline_interval": [24, 8, 0, 5, 1, 14, 9, 0, 28, 0, 0],
        "bass_interval": [0, 16, 24, 19, 23, 12, 17, 26, 0, 28, 0],
        "is_skyline": [0, 0, 1, 0, 0, 0, 0, 1, 0, 1, 1],
        "is_bass": [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1],
        "voice_kind": [2, 0, 1, 0, 0, 0, 0, 1, 2, 1, 3],
        # tops 72 71 74 71 47, bottoms 48 67 60 43 47
        "outer_motion": [0, 0, 0, -1, -1, -1, -1, -1, 1, 1, -1],
        # the skyline begins at the onsets 72 74 71 47 (the second goes on with 72)
        "skyline_interval_previous": [*5 * [NONE], 2, 2, 2, -3, -3, -24],
        "skyline_interval_next": [*5 * [2], -3, -3, -3, -24, -24, NONE],
        "skyline_ioi_sec_previous": [*5 * [NONE], 1, 1, 1, 1, 1, 1],
        "skyline_ioi_sec_next": [*8 * [1], 1, 1, NONE],
        "skyline_peak": [*5 * [-1], 2, 2, 2, 0, 0, -1],
        # the bass line: 48, and after its end 43, 47
        "bass_interval_previous": [*8 * [NONE], -5, -5, 4],
        "bass_interval_next": [*8 * [-5], 4, 4, NONE],
        "bass_ioi_sec_previous": [*8 * [NONE], 2, 2, 1],
        "bass_ioi_sec_next": [*8 * [2], 1, 1, NONE],
        "bass_peak": [*8 * [1], -2, -2, 1],
    }


@by_hand
def test_parallel_contrary_and_oblique_motion() -> tuple[NoteTable, Expected]:
    chords = [(48, 60), (50, 62), (48, 65), (48, 64), (45, 57), (45, 57)]
    rows = [(float(i), 1, p) for i, own in enumerate(chords) for p in own]
    motion = [0, 1, -1, 0, 1, 0]
    return score(rows), {"outer_motion": [m for m in motion for _ in range(2)]}


@by_hand
def test_one_pitch_twice_in_a_chord_is_one_step_of_its_ladder() -> tuple[NoteTable, Expected]:
    return score([(0, 1, 60), (0, 2, 60), (0, 1, 64)]), {
        "onset_gap_above": [4, 4, NONE],
        "onset_gap_below": [NONE, NONE, 4],
        "onset_rank_top": [1, 1, 0],
        "onset_rank_bottom": [0, 0, 2],
        "sounding_notes": [2, 2, 2],
        "held_notes": [0, 0, 0],
    }


@by_hand
def test_gaps_do_not_reach_into_other_onsets() -> tuple[NoteTable, Expected]:
    return score([(0, 1, 0), (0, 1, 127), (1, 1, 0), (1, 1, 127)]), {
        "onset_gap_above": [127, NONE, 127, NONE],
        "onset_gap_below": [NONE, 127, NONE, 127],
    }


@by_hand
def test_very_thick_chords_are_limited() -> tuple[NoteTable, Expected]:
    notes = score([*((0, 4, 30 + i) for i in range(40)), (1, 1, 100)])
    up, down = [min(i, 16) for i in range(39, -1, -1)], [min(i, 16) for i in range(40)]
    return notes, {
        "onset_notes": [32] * 40 + [1],
        "onset_rank_top": [*up, 0],
        "onset_rank_bottom": [*down, 0],
        "sounding_above": [*up, 0],
        "sounding_below": [*down, 16],
        "sounding_notes": [40] * 40 + [41],
        "held_notes": [0] * 40 + [32],
    }


@by_hand
def test_a_note_sounds_until_its_end_and_not_at_it() -> tuple[NoteTable, Expected]:
    return score([(0, 1, 60), (1, 1, 64), (1.5, 1, 67), (2, 1, 72)]), {
        "held_notes": [0, 0, 1, 1],
        "sounding_notes": [1, 1, 2, 2],
        "bass_interval": [0, 0, 3, 5],
    }


@by_hand
def test_a_performed_note_ends_a_twentieth_of_a_second_early() -> tuple[NoteTable, Expected]:
    # the first is released 40 ms after the second begins, the second 60 ms after the third
    notes = performance([
        (0, 1.04, 60), (1, 1.06, 64), (2, 0.9, 67), (2.98, 0.08, 69), (3.018, 1, 71)
    ])  # fmt: skip
    return notes, {
        # half of a note shorter than a tenth of a second: 2.98 + 0.04 ends after 3.018
        "held_notes": [0, 0, 1, 0, 1],
        "sounding_notes": [1, 1, 2, 1, 2],
    }


@by_hand
def test_a_short_performed_note_ends_half_of_it_early() -> tuple[NoteTable, Expected]:
    # 0.06 s long: it counts for 0.03 s, and not for 0.04 s
    return performance([(0, 0.06, 60), (0.0385, 1, 64)]), {"held_notes": [0, 0]}


@by_hand
def test_notes_at_most_35_milliseconds_apart_are_a_chord() -> tuple[NoteTable, Expected]:
    return performance([(0, 1, 60), (0.035, 1, 64), (0.07, 1, 67), (0.106, 1, 72)]), {
        "onset_notes": [3, 3, 3, 1],
        "onset_rank_top": [2, 1, 0, 0],
    }


@by_hand
def test_onsets_of_a_score_are_beats_however_fast() -> tuple[NoteTable, Expected]:
    return score([(0, 1, 60), (1, 1, 64)], sec_per_beat=0), {"onset_notes": [1, 1]}


@by_hand
def test_the_lines_wait_no_longer_than_half_a_minute() -> tuple[NoteTable, Expected]:
    notes = score([(0, 1, 60), (40, 1, 62), (41, 1, 61)])
    return notes, {
        "skyline_ioi_sec_previous": [NONE, 32, 1],
        "skyline_ioi_sec_next": [32, 1, NONE],
        "bass_ioi_sec_previous": [NONE, 32, 1],
        "bass_ioi_sec_next": [32, 1, NONE],
        "skyline_peak": [-1, 2, -1],
        "bass_peak": [-1, 2, -1],
        "same_pitch_sec_previous": [32, 32, 32],
        "same_pitch_sec_next": [32, 32, 32],
        "stream_sec_previous": [32, 32, 1],
        "stream_sec_next": [32, 1, 32],
    }


@by_hand
def test_streams_stay_within_a_major_third() -> tuple[NoteTable, Expected]:
    notes = score(
        [(0, 1, 60), (1, 1, 72), (2, 1, 64), (3, 1, 69), (4, 1, 62), (4, 1, 66), (5, 1, 64)]
    )
    return notes, {
        "stream_sec_previous": [32, 32, 2, 2, 2, 1, 1],
        # 60 to 64 is a major third; of 62 and 66, as near to 64, the lower counts;
        # 69 is three from 66, which comes from it and not from 64
        "stream_interval_previous": [NONE, NONE, 4, -3, -2, -3, 2],
        "stream_sec_next": [2, 2, 2, 1, 1, 1, 32],
        "stream_interval_next": [4, -3, -2, -3, 2, -2, NONE],
    }


@by_hand
def test_a_stream_may_lead_from_the_first_note_to_the_next() -> tuple[NoteTable, Expected]:
    return score([(0, 1, 60), (1, 1, 62), (2, 1, 63)]), {
        "stream_interval_previous": [NONE, 2, 1],
        "stream_interval_next": [2, 1, NONE],
        "stream_sec_next": [1, 1, 32],
    }


@by_hand
def test_a_fourth_is_another_stream() -> tuple[NoteTable, Expected]:
    return score([(0, 1, 60), (1, 1, 65), (2, 1, 55), (40, 1, 60)]), {
        "stream_sec_previous": [32, 32, 32, 32],
        "stream_interval_previous": [NONE, NONE, NONE, 0],
        "stream_interval_next": [0, NONE, NONE, NONE],
    }


@by_hand
def test_repetitions() -> tuple[NoteTable, Expected]:
    # an Alberti bass, a repeated chord, a pitch that comes back after just eight seconds
    notes = score([
        (0, 1, 48), (1, 1, 55), (2, 1, 48), (3, 1, 55), (4, 1, 55), (4, 1, 60),
        (5, 1, 55), (5, 1, 60), (12, 1, 60), (13, 1, 55), (13.25, 1, 60), (62, 1, 55),
    ])  # fmt: skip
    return notes, {
        "repeats_previous": [0, 0, 0, 0, 1, 0, 1, 1, 1, 0, 0, 0],
        "repeats_two_before": [0, 0, 1, 1, 0, 0, 1, 0, 1, 1, 1, 1],
        "same_pitch_sec_previous": [32, 32, 2, 2, 1, 32, 1, 1, 7, 8, 1.25, 32],
        "same_pitch_sec_next": [2, 2, 32, 1, 1, 1, 8, 7, 1.25, 32, 32, 32],
        "same_pitch_past8s_count": [0, 0, 1, 1, 2, 0, 3, 1, 2, 1, 1, 0],
        "same_pitch_next8s_count": [1, 3, 0, 2, 1, 2, 1, 1, 1, 0, 0, 0],
    }


@by_hand
def test_just_eight_seconds_are_within_eight_seconds() -> tuple[NoteTable, Expected]:
    # in binary fractions 2.01 s is a little less, and 10.01 s is not
    return performance([(2.01, 1, 60), (10.01, 1, 60), (18.011, 1, 60)]), {
        "same_pitch_past8s_count": [0, 1, 0],
        "same_pitch_next8s_count": [1, 0, 0],
    }


@by_hand
def test_repetitions_are_counted_up_to_sixty_four() -> tuple[NoteTable, Expected]:
    notes = score([(0.1 * i, 0.1, 60) for i in range(70)])
    return notes, {
        "same_pitch_past8s_count": [min(i, 64) for i in range(70)],
        "same_pitch_next8s_count": [min(69 - i, 64) for i in range(70)],
    }


@by_hand
def test_extremes_around() -> tuple[NoteTable, Expected]:
    notes = at_every_edge()
    expected: dict[str, list[float]] = {}
    for row, own in enumerate(notes.pitch.tolist()):
        for seconds in (0.25, 0.5, 1, 4):
            heard = notes.pitch[around(notes, row, "around", seconds)].tolist()
            for word, extreme in (("top", max(heard)), ("bottom", min(heard))):
                name = f"pitch_around{seconds}s_{word}"
                expected.setdefault(name, []).append(extreme - own)
    return notes, expected
