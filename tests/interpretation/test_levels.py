"""What written levels forbid a prediction, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from by_hand import score

from humanize.interpretation.levels import FARTHEST, with_levels_in_order
from humanize.notes import NoteTable

PPP, P, F = 16.0, 49.0, 96.0


def notes(levels: list[float], pitches: list[int] | None = None, slope: float = 0.0) -> NoteTable:
    """Return a bar of four quarters for each level."""
    own = pitches or list(range(60, 60 + len(levels)))
    table = score([(4 * bar + beat, 1, p + beat) for bar, p in enumerate(own) for beat in range(4)])
    level = np.repeat(np.array(levels), 4)
    return replace(
        table,
        markings={"notated_level": level, "notated_level_slope": np.full(len(level), slope)},
    )


def moved(table: NoteTable, bars: list[float]) -> list[float]:
    velocity = np.repeat(np.array(bars), 4) + np.tile([0.0, 2, -1, -1], len(bars))
    found = with_levels_in_order(velocity, table)
    shift = (found - velocity).reshape(-1, 4)
    assert np.ptp(shift, axis=1).max() < 1e-9  # a passage moves as a whole
    return [round(float(x), 3) for x in found.reshape(-1, 4).mean(axis=1)]


def test_a_ppp_that_came_out_above_an_f_meets_it() -> None:
    assert moved(notes([F, PPP]), [60, 64]) == [62, 62]


def test_the_larger_passage_moves_less() -> None:
    assert moved(notes([F, F, F, PPP]), [60, 60, 60, 64]) == [61, 61, 61, 61]


def test_what_is_in_order_stays() -> None:
    assert moved(notes([F, PPP, P]), [70, 40, 60]) == [70, 40, 60]


def test_pianists_play_a_p_above_an_f_and_so_may_a_model() -> None:
    assert moved(notes([F, P]), [60, 70]) == [60, 70]


def test_a_hairpin_stays() -> None:
    assert moved(notes([F, PPP], slope=2.0), [60, 64]) == [60, 64]


def test_equal_measures_at_one_level_are_at_most_fourteen_apart() -> None:
    # the first and the third have the same notes: 50 and 80 meet 65 to 7 each
    assert moved(notes([P, P, P], [60, 65, 60]), [50, 60, 80]) == [58, 60, 72]
    assert FARTHEST == 14


def test_equal_measures_at_two_levels_stay() -> None:
    assert moved(notes([P, 80.0], [60, 60]), [50, 80]) == [50, 80]


@pytest.mark.parametrize("count", [0, 1])
def test_without_levels_nothing_moves(count: int) -> None:
    plain = score([(beat, 1, 60) for beat in range(8)]).take(np.arange(count * 8))
    velocity = np.arange(float(count * 8))
    np.testing.assert_array_equal(with_levels_in_order(velocity, plain), velocity)


def test_no_music_has_two_thousand_passages() -> None:
    levels = [F, PPP] * 1_001
    table = notes(levels, [60 + bar % 40 for bar in range(len(levels))])
    velocity = np.repeat(np.tile([60.0, 64.0], 1_001), 4)
    np.testing.assert_array_equal(with_levels_in_order(velocity, table), velocity)
