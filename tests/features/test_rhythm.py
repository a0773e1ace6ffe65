"""The columns of rhythm and its windows, by hand."""

from __future__ import annotations

from itertools import pairwise
from math import log2

from by_hand import (
    NONE,
    Expected,
    around,
    at_every_edge,
    by_hand,
    mean,
    performance,
    score,
    std,
    within,
)

from humanize.notes import NoteTable


@by_hand
def test_six_notes_and_two_rests() -> tuple[NoteTable, Expected]:
    notes = score(
        [(0, 1, 60), (0, 2, 64), (1, 0.5, 62), (1.5, 0.5, 67), (4, 3, 60), (8, 2, 72)],
        sec_per_beat=0.75,
    )
    length = [1, 2, 0.5, 0.5, 3, 2]  # the median is 1.5
    # within four seconds of an onset: the first five (mean 1.4), all (mean 1.5), the last two
    local = [1.4, 1.4, 1.4, 1.4, 1.5, 2.5]
    return notes, {
        "duration_beat": length,
        "duration_sec": [0.75 * v for v in length],
        "duration_piece_ratio": [log2(v / 1.5) for v in length],
        "duration_onset_ratio": [0.5, 1, 1, 1, 1, 1],
        "duration_local_ratio": [log2(v / m) for v, m in zip(length, local, strict=True)],
        "ioi_beat_previous": [NONE, NONE, 1, 0.5, 2.5, 4],
        "ioi_beat_next": [1, 1, 0.5, 2.5, 4, NONE],
        "ioi_sec_previous": [NONE, NONE, 0.75, 0.375, 1.875, 3],
        "ioi_sec_next": [0.75, 0.75, 0.375, 1.875, 3, NONE],
        # the median of 1, 0.5, 2.5, 4 is 1.75
        "ioi_piece_ratio": [*(log2(v / 1.75) for v in (1, 1, 0.5, 2.5, 4)), NONE],
        "ioi_sec_log": [*(log2(v) for v in (0.75, 0.75, 0.375, 1.875, 3)), NONE],
        "ioi_change": [NONE, NONE, -1, log2(5), log2(1.6), NONE],
        "legato_ratio": [1, 2, 1, 0.2, 0.75, NONE],
        "rest_before_beat": [0, 0, 0, 0, 2, 1],
        "rest_after_beat": [0, 0, 0, 2, 1, 0],
        "since_rest_sec": [0, 0, 0.75, 1.125, 0, 0],
        "onset_lag_sec": [0, 0, 0, 0, 0, 0],
        "onset_deviation_sec": [0, 0, 0, 0, 0, 0],
        # the latest release before: none, 1.5 s twice, 1.5 s, 5.25 s
        "onset_sec_after_release": [0, 0, 0.75 - 1.5, 1.125 - 1.5, 3 - 1.5, 6 - 5.25],
    }


@by_hand
def test_an_odd_number_of_durations_has_the_one_in_the_middle() -> tuple[NoteTable, Expected]:
    return score([(0, 4, 60), (1, 1, 60), (4, 2, 60), (6, 1, 60)]), {
        "ioi_piece_ratio": [log2(1 / 2), log2(3 / 2), 0, NONE]  # the median of 1, 3, 2 is 2
    }


@by_hand
def test_the_longest_and_the_shortest_are_limited() -> tuple[NoteTable, Expected]:
    notes = score([(0, 100, 60), (0.005, 1, 62), (0.01, 1, 62), (40.01, 0.01, 62), (41.01, 1, 65)])
    return notes, {
        "duration_beat": [64, 1, 1, 0.01, 1],
        "duration_sec": [60, 1, 1, 0.01, 1],
        "duration_piece_ratio": [6, 0, 0, -6, 0],  # 2 ** 6 = 64, and a median of 1
        # three at the start, of which the first counts as 64, and two at the end
        "duration_local_ratio": [
            log2(100 / 22), log2(1 / 22), log2(1 / 22), log2(0.01 / 0.505), log2(1 / 0.505),
        ],
        "ioi_piece_ratio": [-6, -6, 6, log2(1 / 0.5025), NONE],  # the median is that of 0.005 and 1
        "ioi_sec_log": [-7, -7, 5, 0, NONE],  # from 1/128 to 32
        "ioi_change": [NONE, 0, 6, log2(1 / 40), NONE],
        "legato_ratio": [16, 16, 1 / 40, 0.01, NONE],
    }  # fmt: skip


@by_hand
def test_notes_without_length_and_intervals_of_a_moment() -> tuple[NoteTable, Expected]:
    notes = score([(0, 0, 60), (0, 0, 64), (0.0002, 0.0001, 60), (0.0004, 0, 60)])
    return notes, {
        "duration_onset_ratio": [0, 0, 1, 0],
        "ioi_piece_ratio": [*3 * [log2(0.2)], NONE],  # the median counts as a thousandth
        "duration_piece_ratio": [-6, -6, log2(0.1), -6],
    }


@by_hand
def test_silence_is_counted_from_the_last_release_of_all() -> tuple[NoteTable, Expected]:
    # the long first note sounds through the gap between the second and the third
    notes = score([(0, 5, 48), (1, 1, 60), (4, 1, 62), (30, 1, 64), (32, 1, 65)])
    return notes, {
        "rest_before_beat": [0, 0, 0, 16, 1],
        "rest_after_beat": [0, 2, 16, 1, 0],
        "onset_sec_after_release": [0, -4, -1, 4, 1],
        "since_rest_sec": [0, 1, 4, 0, 0],
    }


@by_hand
def test_a_rest_is_more_than_a_fifth_of_a_beat() -> tuple[NoteTable, Expected]:
    rows = [
        (0, 0, 60),
        (0.2, 0.8, 60),
        (1.25, 0.75, 60),
        (2.75, 1.25, 60),
        (60, 1, 60),
        (61, 1, 60),
    ]
    return score([*rows, (62, 60, 60), (122, 1, 60)]), {
        # silences of 0.2 and 0.25, one of 0.75, a long one; the last is 62 s after a rest
        "since_rest_sec": [0, 0.2, 0, 0, 0, 1, 2, 32],
    }


@by_hand
def test_long_notes_end_phrases() -> tuple[NoteTable, Expected]:
    # Two seconds a beat: within four seconds of the third onset lie the IOIs 1, 1 and 4, whose
    # mean is 2, so that 4 is just long enough. The last onset is always long: nothing follows.
    notes = score([(b, 1, 60) for b in (0, 1, 2, 6, 7, 8)], sec_per_beat=2)
    return notes, {
        "until_long_sec": [4, 2, 0, 4, 2, 0],
        "since_long_sec": [32, 32, 32, 0, 2, 4],
    }


@by_hand
def test_an_ioi_less_than_twice_the_mean_is_not_long() -> tuple[NoteTable, Expected]:
    notes = score([(b, 1, 60) for b in (0, 1, 2, 5.875, 7, 8)], sec_per_beat=2)
    return notes, {
        "until_long_sec": [16, 14, 12, 4.25, 2, 0],
        "since_long_sec": [32, 32, 32, 32, 32, 32],
    }


@by_hand
def test_the_longest_ioi_counts_as_sixteen_beats() -> tuple[NoteTable, Expected]:
    # IOIs of 1 and 40 in one window: twice their mean is 17 with 16 for 40, and 40 is long
    notes = score([(0, 1, 60), (1, 1, 60), (41, 1, 60), (42, 1, 60), (76, 1, 60), (77, 1, 60)])
    return notes, {
        "until_long_sec": [1, 0, 1, 0, 1, 0],
        "since_long_sec": [32, 32, 0, 1, 0, 1],
    }


@by_hand
def test_a_chord_as_hands_strike_it() -> tuple[NoteTable, Expected]:
    notes = performance([
        (1.0, 0.5, 60), (1.02, 0.7, 64), (1.03, 0.4, 76),
        (2.0, 0.25, 60), (2.036, 0.25, 62), (2.5, 30.0, 64),
    ])  # fmt: skip
    middle = (1.0 + 1.02 + 1.03) / 3
    return notes, {
        "onset_lag_sec": [0, 0.02, 0.03, 0, 0, 0],
        "onset_deviation_sec": [1 - middle, 1.02 - middle, 1.03 - middle, 0, 0, 0],
        # releases at 1.72 and 2.25 and 2.286
        "onset_sec_after_release": [0, 0, 0, 0.28, 2.036 - 2.25, 2.5 - 2.286],
        "duration_beat": [1, 1.4, 0.8, 0.5, 0.5, 60],  # two beats a second stand in
        "duration_sec": [0.5, 0.7, 0.4, 0.25, 0.25, 30],
        "ioi_beat_next": [2, 2, 2, 0.072, 0.928, NONE],
        "ioi_sec_next": [1, 1, 1, 0.036, 0.464, NONE],
        "rest_before_beat": [0, 0, 0, 0.56, 0, 2 * 0.214],
    }


@by_hand
def test_notes_and_onsets_within_seconds() -> tuple[NoteTable, Expected]:
    notes = at_every_edge()
    expected: dict[str, list[float]] = {}
    for row in range(len(notes)):
        for side in ("past", "next"):
            for seconds in (0.5, 1, 2, 4, 8, 16):
                heard = around(notes, row, side, seconds)
                expected.setdefault(f"notes_{side}{seconds}s_count", []).append(len(heard))
        for seconds in (1, 4, 16):
            ahead, behind = (len(around(notes, row, s, seconds)) for s in ("next", "past"))
            name = f"notes_around{seconds}s_contrast"
            expected.setdefault(name, []).append(log2(ahead / behind))
        for seconds in (2, 8):
            heard = within(notes, row, seconds, seconds)
            onsets = set(notes.onset_sec[heard].tolist())
            name = f"onset_share_around{seconds}s"
            expected.setdefault(name, []).append(len(onsets) / len(heard))
    return notes, expected


@by_hand
def test_more_notes_ahead_is_a_positive_contrast() -> tuple[NoteTable, Expected]:
    return score([(0, 1, 60), (1, 1, 60), (1, 1, 64), (1, 1, 67)]), {
        "notes_around1s_contrast": [2, *3 * [log2(3 / 4)]],
        "notes_next1s_count": [4, 3, 3, 3],
        "onset_share_around2s": [0.5, 0.5, 0.5, 0.5],
    }


@by_hand
def test_durations_within_seconds() -> tuple[NoteTable, Expected]:
    notes = at_every_edge()
    expected: dict[str, list[float]] = {}
    for row in range(len(notes)):
        for side in ("past", "next"):
            for seconds in (2, 8):
                lengths = notes.duration_beat[around(notes, row, side, seconds)].tolist()
                heard = [min(length, 64.0) for length in lengths]
                for statistic, value in (
                    ("mean", mean(heard)),
                    ("std", std(heard)),
                    ("max", max(heard)),
                ):
                    name = f"duration_beat_{side}{seconds}s_{statistic}"
                    expected.setdefault(name, []).append(value)
    return notes, expected


@by_hand
def test_iois_before_and_after() -> tuple[NoteTable, Expected]:
    notes = at_every_edge()
    onsets = sorted(set(notes.onset_beat.tolist()))
    gaps = [min(round(b - a, 6), 16.0) for a, b in pairwise(onsets)]
    expected: dict[str, list[float]] = {}
    for onset in notes.onset_beat.tolist():
        number = onsets.index(onset)
        for count, statistics in ((4, "mean std"), (8, "std min max sum"), (32, "mean std")):
            windows = {"past": gaps[max(number - count, 0) : number],
                       "next": gaps[number : number + count]}  # fmt: skip
            for side, heard in windows.items():
                values = {"mean": mean(heard), "std": std(heard), "sum": sum(heard),
                          "min": min(heard, default=NONE), "max": max(heard, default=NONE)}  # fmt: skip
                for statistic in statistics.split():
                    name = f"ioi_beat_{side}{count}_{statistic}"
                    expected.setdefault(name, []).append(values[statistic])
    return notes, expected


@by_hand
def test_four_iois() -> tuple[NoteTable, Expected]:
    notes = score([(0, 1, 60), (1, 1, 60), (3, 1, 60), (3.5, 1, 60), (43.5, 1, 60)])
    return notes, {
        "ioi_beat_past4_mean": [NONE, 1, 1.5, 3.5 / 3, (3.5 + 16) / 4],  # 40 counts as 16
        "ioi_beat_next4_mean": [(3.5 + 16) / 4, 18.5 / 3, 8.25, 16, NONE],
        "ioi_beat_past8_sum": [0, 1, 3, 3.5, 19.5],
        "ioi_beat_next8_max": [16, 16, 16, 16, NONE],
        "ioi_beat_next8_min": [0.5, 0.5, 0.5, 16, NONE],
    }
