"""The columns of markings, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
from by_hand import NONE, Expected, around, at_every_edge, by_hand, mean, score, std

from humanize.features import feature_table
from humanize.notes import MARKINGS, NoteTable


def marked(notes: NoteTable, **columns: Sequence[float]) -> NoteTable:
    return replace(notes, markings={n: np.array(v, dtype=np.float64) for n, v in columns.items()})


@by_hand
def test_every_marking_is_a_column() -> tuple[NoteTable, Expected]:
    values = {name: [0.0, i + 1.0, NONE] for i, name in enumerate(MARKINGS)}
    notes = marked(score([(0, 1, 60), (1, 1, 62), (2, 1, 64)]), **values)
    return notes, {f"marking_{name}": column for name, column in values.items()}


@by_hand
def test_levels_in_a_piece() -> tuple[NoteTable, Expected]:
    notes = score([(0, 1, 60), (1, 1, 62), (1, 1, 65), (3, 1, 64), (7, 1, 60)], sec_per_beat=0.5)
    # 64 where known, in the mean; the deviations are -15, -15, 0 and 30
    spread = sqrt((15**2 + 15**2 + 30**2) / 4)
    return marked(notes, notated_level=[49, NONE, 49, 64, 94]), {
        "notated_level_deviation": [-15, NONE, -15, 0, 30],
        "notated_level_zscore": [-15 / spread, NONE, -15 / spread, 0, 30 / spread],
        "notated_level_piece_std": [spread] * 5,
        # the level moves at 1.5 s and at 3.5 s
        "notated_level_since_change_sec": [60, NONE, 60, 0, 0],
        "notated_level_until_change_sec": [1.5, NONE, 1, 2, 60],
    }


@by_hand
def test_levels_that_hardly_differ() -> tuple[NoteTable, Expected]:
    notes = score([(0, 1, 60), (1, 1, 62), (2, 1, 64), (3, 1, 64)])
    return marked(notes, notated_level=[60, 62, 64, 66.0625]), {
        # 63.015625 in the mean; the spread counts as 8 at least
        "notated_level_zscore": [(v - 63.015625) / 8 for v in (60, 62, 64, 66.0625)],
        # a step of 2 is no change, one of a little more is
        "notated_level_since_change_sec": [60, 60, 60, 0],
        "notated_level_until_change_sec": [3, 2, 1, 60],
    }


@by_hand
def test_changes_far_away_and_downwards() -> tuple[NoteTable, Expected]:
    notes = score([(0, 1, 60), (10, 1, 60), (90, 1, 60), (100, 1, 60), (150, 1, 60)])
    return marked(notes, notated_level=[80, 49, 49, 49, 33]), {
        "notated_level_since_change_sec": [60, 0, 60, 60, 0],
        "notated_level_until_change_sec": [10, 60, 60, 50, 60],
    }


@by_hand
def test_a_level_that_never_changes() -> tuple[NoteTable, Expected]:
    return marked(score([(0, 1, 60), (1, 1, 60)]), notated_level=[64, 64]), {
        "notated_level_since_change_sec": [60, 60],
        "notated_level_until_change_sec": [60, 60],
        "notated_level_deviation": [0, 0],
        "notated_level_piece_std": [0, 0],
    }


@by_hand
def test_a_crescendo_ahead_is_a_positive_contrast() -> tuple[NoteTable, Expected]:
    notes = score([(0, 1, 60), (2, 1, 60), (4, 1, 60)])
    return marked(notes, notated_level=[40, 60, 90]), {
        "notated_level_next2s_contrast": [50 - 40, 75 - 60, 0],
        "notated_level_past2s_contrast": [0, 50 - 60, 75 - 90],
    }


@by_hand
def test_levels_of_two_hands_count_by_notes() -> tuple[NoteTable, Expected]:
    """An onset has the mean of its known levels, and weighs as many notes as begin at it."""
    notes = score([(0, 1, 48), (0, 1, 52), (0, 1, 72), (1, 1, 60), (2, 1, 64)])
    # onsets of 60 (of 40 and 80; one unknown), 90 and, unknown, 90 again
    known = marked(notes, notated_level=[40, NONE, 80, 90, NONE])
    return known, {
        "notated_level_next2s_contrast": [12, NONE, 12, 0, NONE],  # (3 * 60 + 90 + 90) / 5 - 60
        "notated_level_past2s_contrast": [0, NONE, 0, (3 * 60 + 90) / 4 - 90, NONE],
        "notated_level_since_change_sec": [60, NONE, 60, 0, NONE],
        "notated_level_until_change_sec": [1, NONE, 1, 60, NONE],
    }


def edges() -> tuple[NoteTable, list[float]]:
    """Return notes at the edges of all windows with levels that change at each onset."""
    notes = at_every_edge()
    onsets = sorted(set(notes.onset_sec.tolist()))
    level = [30 + (7 * onsets.index(t)) % 80 for t in notes.onset_sec.tolist()]
    return notes, [float(v) for v in level]


@by_hand
def test_contrasts_of_two_and_of_eight_seconds() -> tuple[NoteTable, Expected]:
    notes, level = edges()
    expected: dict[str, list[float]] = {}
    for row in range(len(notes)):
        for side in ("past", "next"):
            for seconds in (2, 8):
                heard = [level[i] for i in around(notes, row, side, seconds)]
                name = f"notated_level_{side}{seconds}s_contrast"
                expected.setdefault(name, []).append(mean(heard) - level[row])
    middle, spread = mean(level), std(level)
    expected["notated_level_zscore"] = [(v - middle) / spread for v in level]
    return marked(notes, notated_level=level), expected


@by_hand
def test_shares_of_marked_notes() -> tuple[NoteTable, Expected]:
    notes = at_every_edge()
    columns = {
        name: [float((row * step) % 5 < 2) for row in range(len(notes))]
        for name, step in (("accent", 1), ("staccato", 2), ("slur", 3))
    }
    expected: dict[str, list[float]] = {}
    for row in range(len(notes)):
        heard = around(notes, row, "around", 4)
        for name, column in columns.items():
            share = mean([column[i] for i in heard])
            expected.setdefault(f"marking_{name}_around4s_mean", []).append(share)
    return marked(notes, **columns), expected


@by_hand
def test_a_note_that_cannot_say_is_not_marked() -> tuple[NoteTable, Expected]:
    notes = score([(0, 1, 60), (1, 1, 62), (2, 1, 64), (3, 1, 64)])
    return marked(notes, accent=[1, NONE, 0, 0]), {"marking_accent_around4s_mean": [0.25] * 4}


@pytest.mark.parametrize(
    "name",
    [
        "notated_level_deviation",
        "notated_level_zscore",
        "notated_level_piece_std",
        "notated_level_since_change_sec",
        "notated_level_until_change_sec",
        "notated_level_past2s_contrast",
        "marking_accent_around4s_mean",
    ],
)
def test_without_levels_nothing_is_said(name: str) -> None:
    notes = score([(0, 1, 60), (1, 1, 62)])
    unknown = marked(notes, notated_level=[NONE, NONE], accent=[NONE, NONE])
    for table in (notes, unknown):
        assert np.isnan(feature_table(table, [name]).values).all()
