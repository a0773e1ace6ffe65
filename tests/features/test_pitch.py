"""The columns of pitch and its windows, by hand."""

from __future__ import annotations

import math

from by_hand import NONE, Expected, around, at_every_edge, by_hand, mean, score, std

from humanize.notes import NoteTable


@by_hand
def test_a_chord_a_note_and_an_octave() -> tuple[NoteTable, Expected]:
    notes = score(
        [(0, 1, 48), (0, 1, 64), (0, 1, 67), (1, 1, 61), (2, 2, 48), (2, 2, 72)],
        sec_per_beat=0.5,
    )
    spread = math.sqrt((144 + 16 + 49 + 1 + 144 + 144) / 6)  # around the mean pitch of 60
    return notes, {
        "pitch": [48, 64, 67, 61, 48, 72],
        "pitch_class": [0, 4, 7, 1, 0, 0],
        "octave": [4, 5, 5, 5, 4, 6],
        "pitch_piece_zscore": [p / spread for p in (-12, 4, 7, 1, -12, 12)],
        "pitch_piece_quantile": [1 / 6, 3.5 / 6, 4.5 / 6, 2.5 / 6, 1 / 6, 5.5 / 6],
        "pitch_onset_interval_top": [19, 3, 0, 0, 24, 0],
        "pitch_onset_interval_bottom": [0, 16, 19, 0, 0, 24],
        "pitch_onset_deviation": [48 - 179 / 3, 64 - 179 / 3, 67 - 179 / 3, 0, -12, 12],
        "pitch_hand_split": [-12, 4, 7, 1, -12, 12],
        "pitch_interval_previous_top": [NONE, NONE, NONE, -6, -13, 11],
        "pitch_interval_previous_bottom": [NONE, NONE, NONE, 13, -13, 11],
        "pitch_interval_previous_nearest": [NONE, NONE, NONE, -3, -13, 11],
        "pitch_interval_next_top": [13, -3, -6, 11, NONE, NONE],
        "pitch_interval_next_bottom": [13, -3, -6, -13, NONE, NONE],
        "pitch_interval_next_nearest": [13, -3, -6, 11, NONE, NONE],
    }


@by_hand
def test_of_two_that_are_equally_near_the_higher_counts() -> tuple[NoteTable, Expected]:
    return score([(0, 1, 58), (0, 1, 62), (1, 1, 60), (2, 1, 57), (2, 1, 63)]), {
        "pitch_interval_previous_nearest": [NONE, NONE, -2, -3, 3],
        "pitch_interval_next_nearest": [2, -2, 3, NONE, NONE],
    }


@by_hand
def test_the_nearest_may_be_at_either_end_of_the_keyboard() -> tuple[NoteTable, Expected]:
    return score([(0, 1, 127), (1, 1, 0), (1, 1, 3), (2, 1, 127)]), {
        "pitch_interval_previous_nearest": [NONE, -127, -124, 124],
        "pitch_interval_next_nearest": [-124, 127, 124, NONE],
    }


@by_hand
def test_black_keys() -> tuple[NoteTable, Expected]:
    black = [0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0]  # C C# D D# E F F# G G# A A# B
    return score([(i, 1, 60 + i) for i in range(12)]), {"black_key": black}


@by_hand
def test_a_narrow_piece_is_not_spread_out() -> tuple[NoteTable, Expected]:
    return score([(0, 1, 60), (1, 1, 61)]), {
        "pitch_piece_zscore": [-0.5, 0.5],  # the standard deviation, 0.5, counts as 1
        "pitch_around8s_zscore": [-0.5, 0.5],
    }


@by_hand
def test_the_hand_splits_at_the_middle_of_two_seconds_either_side() -> tuple[NoteTable, Expected]:
    notes = score([(0, 1, 40), (2, 1, 60), (4, 1, 72), (4.05, 1, 100)])
    # heard from each: 40 60, then 40 60 72, then 60 72 100, then 72 100
    return notes, {"pitch_hand_split": [40 - 50, 60 - 56, 72 - 80, 100 - 86]}


@by_hand
def test_windows_of_seconds() -> tuple[NoteTable, Expected]:
    notes = at_every_edge()
    expected: dict[str, list[float]] = {}
    for side in ("past", "next"):
        for seconds in (0.5, 1, 2, 4, 8, 16):
            for row, own in enumerate(notes.pitch.tolist()):
                heard = notes.pitch[around(notes, row, side, seconds)].tolist()
                for what, value in (
                    ("deviation", own - mean(heard)),
                    ("std", std(heard)),
                    ("interval_min", own - min(heard)),
                    ("interval_max", own - max(heard)),
                ):
                    expected.setdefault(f"pitch_{side}{seconds}s_{what}", []).append(value)
    return notes, expected


@by_hand
def test_windows_on_both_sides() -> tuple[NoteTable, Expected]:
    notes = at_every_edge()
    expected: dict[str, list[float]] = {}
    for row, own in enumerate(notes.pitch.tolist()):
        for seconds in (2, 8, 32):
            heard = notes.pitch[around(notes, row, "around", seconds)].tolist()
            value = (own - mean(heard)) / max(std(heard), 1)
            expected.setdefault(f"pitch_around{seconds}s_zscore", []).append(value)
        for seconds in (1, 4, 16):
            ahead, behind = (
                mean(notes.pitch[around(notes, row, side, seconds)].tolist())
                for side in ("next", "past")
            )
            expected.setdefault(f"pitch_around{seconds}s_contrast", []).append(ahead - behind)
        for seconds in (4, 16):
            heard = notes.pitch[around(notes, row, "around", seconds)].tolist()
            expected.setdefault(f"pitch_around{seconds}s_mean", []).append(mean(heard))
    return notes, expected


@by_hand
def test_a_line_that_rises_ahead_has_a_positive_contrast() -> tuple[NoteTable, Expected]:
    # of the middle note: 62 and 70 ahead, 60 and 62 behind, itself in both
    return score([(0, 1, 60), (1, 1, 62), (2, 1, 70)]), {
        "pitch_around1s_contrast": [61 - 60, 66 - 61, 70 - 66]
    }


@by_hand
def test_windows_of_notes() -> tuple[NoteTable, Expected]:
    notes = score([(0.5 * i, 1, 40 + (i * 7) % 31 + i % 3) for i in range(70)])
    pitch = notes.pitch.tolist()
    expected: dict[str, list[float]] = {}
    for rows in (4, 16, 64):
        for row in range(len(pitch)):
            before, after = pitch[max(row - rows, 0) : row], pitch[row + 1 : row + 1 + rows]
            for side, heard in (("past", before), ("next", after)):
                for statistic, value in (
                    ("mean", mean(heard)),
                    ("std", std(heard)),
                    ("min", min(heard, default=NONE)),
                    ("max", max(heard, default=NONE)),
                ):
                    expected.setdefault(f"pitch_{side}{rows}_{statistic}", []).append(value)
    return notes, expected
