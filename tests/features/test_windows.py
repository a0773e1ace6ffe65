"""Window statistics, shared quantities and sounding notes, against the plain way to find each."""

from __future__ import annotations

import numpy as np
import pytest

from humanize.errors import FeatureError
from humanize.features import Feature, feature_table, registry
from humanize.features.context import Context, shared
from humanize.features.windows import (
    Ranges,
    RangeStatistics,
    RowsWindow,
    SecondsWindow,
    Statistic,
    seconds_ranges,
)
from humanize.notes import NoteTable

STATISTICS: tuple[Statistic, ...] = ("mean", "std", "min", "max", "sum", "count")


def random_notes(seed: int, size: int, *, timing: str = "score") -> NoteTable:
    """Return notes with chords, held notes, equal pitches and rests."""
    draw = np.random.default_rng(seed)
    onset = np.cumsum(draw.choice([0.0, 0.0, 0.5, 1.0, 7.0], size))
    column = np.ones(size, dtype=np.int64)
    return NoteTable(
        onset_beat=onset,
        duration_beat=draw.choice([0.0, 0.5, 1.0, 40.0], size),
        onset_sec=onset / 2,
        duration_sec=draw.choice([0.0, 0.25, 20.0], size),
        pitch=draw.choice([0, 1, 48, 60, 61, 64, 65, 69, 127], size),
        measure=column,
        measure_position_beat=onset % 4,
        metre_numerator=4 * column,
        metre_denominator=4 * column,
        track=column,
        channel=column,
        program=column,
        instrument=column,
        velocity=column,
        source=np.arange(size, dtype=np.int64),
        timing="performed" if timing == "performed" else "score",
    ).canonical()


def plain(rows: np.ndarray, statistic: Statistic) -> float:
    if statistic == "count":
        return len(rows)
    if statistic == "sum":
        return float(rows.sum())
    return float(getattr(rows, statistic)()) if len(rows) else np.nan


@pytest.mark.parametrize("size", [1, 2, 7, 64, 100])
@pytest.mark.parametrize("statistic", STATISTICS)
def test_range_statistics_are_those_of_the_rows(size: int, statistic: Statistic) -> None:
    draw = np.random.default_rng(size)
    values = draw.integers(-50, 50, size).astype(np.float64)
    low = draw.integers(0, size + 1, 200)
    ranges = Ranges(low, np.minimum(low + draw.integers(0, size + 1, 200), size))
    assert (ranges.length == 0).any()
    expected = [plain(values[a:b], statistic) for a, b in zip(ranges.low, ranges.high, strict=True)]
    found = RangeStatistics(values).over(ranges, statistic)
    np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize("statistic", ["mean", "std", "sum", "count"])
def test_weights_count_a_row_more_than_once(statistic: Statistic) -> None:
    values, weights = np.array([3.0, 5.0, 11.0, 2.0]), np.array([1, 3, 2, 1])
    ranges = Ranges(np.array([0, 1, 0]), np.array([4, 3, 1]))
    expected = [
        plain(np.repeat(values[a:b], weights[a:b]), statistic)
        for a, b in zip(ranges.low, ranges.high, strict=True)
    ]
    statistics = RangeStatistics(values, weights=weights.astype(np.float64))
    np.testing.assert_allclose(statistics.over(ranges, statistic), expected)


@pytest.mark.parametrize("statistic", ["mean", "std", "min", "max"])
def test_a_column_without_rows_has_missing_statistics(statistic: Statistic) -> None:
    nothing = Ranges(np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64))
    assert np.isnan(RangeStatistics(np.zeros(0)).over(nothing, statistic)).all()


def test_windows_hold_the_onsets_that_their_name_says() -> None:
    onsets = np.array([0.0, 1.0, 2.0, 4.0])
    for window, expected in (
        (SecondsWindow("past", 1.0), [[0], [0, 1], [1, 2], [3]]),
        (SecondsWindow("next", 2.0), [[0, 1, 2], [1, 2], [2, 3], [3]]),
        (SecondsWindow("around", 1.0), [[0, 1], [0, 1, 2], [1, 2], [3]]),
    ):
        ranges = seconds_ranges([window], onsets).of_window(0)
        assert _rows(ranges) == expected, window.name
    assert _rows(RowsWindow("past", 2).ranges(4)) == [[], [0], [0, 1], [1, 2]]
    assert _rows(RowsWindow("next", 2).ranges(4)) == [[1, 2], [2, 3], [3], []]


def _rows(ranges: Ranges) -> list[list[int]]:
    return [list(range(a, b)) for a, b in zip(ranges.low, ranges.high, strict=True)]


def test_a_shared_quantity_is_computed_once_for_each_choice_of_arguments() -> None:
    asked: list[int] = []

    @shared
    def quantity(c: Context, number: int) -> int:
        asked.append(number)
        return c.length + number

    first, second = Context(random_notes(0, 5)), Context(random_notes(0, 6))
    assert [quantity(first, 1), quantity(first, 1), quantity(first, 2)] == [6, 6, 7]
    assert quantity(second, 1) == 7
    assert asked == [1, 2, 1]


@pytest.mark.parametrize("timing", ["score", "performed"])
@pytest.mark.parametrize("block", [3, 8192])
def test_sounding_pitches_are_those_begun_and_not_ended(
    timing: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("humanize.features.sounding._BLOCK", block)
    c = Context(random_notes(3, 80, timing=timing))
    found = c.sounding
    for row, (group, pitch) in enumerate(zip(c.group, c.notes.pitch, strict=True)):
        on = np.unique(c.notes.pitch[(c.group <= group) & (c.last_group > group)])
        over, under = on[on > pitch], on[on < pitch]
        expected = {
            "count": len(on),
            "highest": on.max(),
            "lowest": on.min(),
            "mean": on.mean(),
            "mask": sum(1 << int(p) for p in np.unique(on % 12)),
        }
        for name, value in expected.items():
            assert found[name][group] == value, name
        assert found["above"][row] == len(over) and found["below"][row] == len(under)
        gap_above = over.min() - pitch if len(over) else np.nan
        gap_below = pitch - under.max() if len(under) else np.nan
        np.testing.assert_array_equal(found["gap_above"][row], gap_above)
        np.testing.assert_array_equal(found["gap_below"][row], gap_below)


@pytest.mark.parametrize(("word", "direction"), [("previous", -1), ("next", 1)])
def test_a_stream_leads_to_the_nearest_note_in_register(word: str, direction: int) -> None:
    notes = random_notes(5, 120)
    names = [f"stream_sec_{word}", f"stream_interval_{word}"]
    values = feature_table(notes, names).values
    onset, pitch = notes.onset_sec, notes.pitch
    for row in range(len(notes)):
        away = direction * (onset - onset[row])
        near = np.flatnonzero((away > 0) & (np.abs(pitch - pitch[row]) <= 4))
        if not len(near):
            assert values[row, 0] == 32.0 and np.isnan(values[row, 1])
            continue
        near = near[away[near] == away[near].min()]
        chosen = min(near, key=lambda i: (abs(pitch[i] - pitch[row]), pitch[i]))
        assert values[row, 0] == np.float32(min(away[chosen], 32.0))
        assert values[row, 1] == direction * (pitch[chosen] - pitch[row])


@pytest.mark.parametrize(
    ("value", "missing", "refused"),
    [(np.nan, "", True), (np.inf, "sometimes", True), (np.nan, "sometimes", False)],
)
def test_the_gate_refuses_what_a_column_does_not_announce(
    value: float, missing: str, refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def column(c: Context) -> np.ndarray:
        return np.where(np.arange(c.length) == 2, value, 1.0)

    made = Feature(
        name="made", family="f", unit="u", formula="invented", compute=column, missing=missing
    )
    monkeypatch.setitem(registry._INDEX, "made", made)
    notes = random_notes(0, 9)
    if refused:
        with pytest.raises(FeatureError, match="feature made: a missing or infinite value"):
            feature_table(notes, ["pitch", "made"])
    else:
        assert np.isnan(feature_table(notes, ["pitch", "made"]).values[2, 1])


def test_the_gate_refuses_a_column_of_another_length(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Feature(
        name="made",
        family="f",
        unit="u",
        formula="invented",
        compute=lambda c: np.zeros(c.length + 1),
    )
    monkeypatch.setitem(registry._INDEX, "made", made)
    with pytest.raises(FeatureError, match=r"feature made: shape \(10,\); expected \(9,\)"):
        feature_table(random_notes(0, 9), ["made"])
