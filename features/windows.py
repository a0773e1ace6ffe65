"""Rolling windows as small value objects whose name derives from their parameters.

A window never looks at velocities and never fills its head or tail from the other side: where it
is empty, its statistics are missing (NaN), except counts and sums, which are zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Side = Literal["past", "next", "around"]
Statistic = Literal["mean", "std", "min", "max", "sum", "count"]

_TIME_TOLERANCE = 1e-7  # a tenth of the resolution to which note tables are rounded


@dataclass(frozen=True)
class SecondsWindow:
    """Notes whose onset lies within ``seconds`` of an onset, that onset included."""

    side: Side
    seconds: float

    @property
    def name(self) -> str:
        """``past2s``, ``next0.5s``, ``around8s``."""
        return f"{self.side}{self.seconds:g}s"

    @property
    def back(self) -> float:
        """Seconds before an onset."""
        return 0.0 if self.side == "next" else self.seconds

    @property
    def ahead(self) -> float:
        """Seconds after an onset."""
        return 0.0 if self.side == "past" else self.seconds


def seconds_ranges(windows: Sequence[SecondsWindow], onsets: Floats) -> Ranges:
    """Return the onsets inside each window (a row each) at each onset (a column each).

    Parameters
    ----------
    windows : sequence of SecondsWindow
    onsets : (n,) array
        Sorted onsets in seconds.
    """
    back = np.array([[window.back] for window in windows])
    ahead = np.array([[window.ahead] for window in windows])
    low = np.searchsorted(onsets, onsets - back - _TIME_TOLERANCE, "left")
    high = np.searchsorted(onsets, onsets + ahead + _TIME_TOLERANCE, "right")
    return Ranges(low, high)


@dataclass(frozen=True)
class RowsWindow:
    """The ``rows`` rows before (or after) each row, that row itself not included."""

    side: Literal["past", "next"]
    rows: int

    @property
    def name(self) -> str:
        """``past16``, ``next8``."""
        return f"{self.side}{self.rows}"

    def ranges(self, length: int) -> Ranges:
        """Return the rows inside the window at each of ``length`` rows."""
        here = np.arange(length, dtype=np.int64)
        if self.side == "past":
            return Ranges(np.maximum(here - self.rows, 0), here)
        return Ranges(here + 1, np.maximum(np.minimum(here + 1 + self.rows, length), here + 1))


def rows_ranges(windows: Sequence[RowsWindow], length: int) -> Ranges:
    """Return the rows inside each window (a row each) at each of ``length`` rows."""
    ranges = [window.ranges(length) for window in windows]
    return Ranges(np.stack([r.low for r in ranges]), np.stack([r.high for r in ranges]))


class Ranges:
    """Row ranges ``low[i]:high[i]``, and what every statistic over them needs, found once.

    The ranges of several windows at once have a row for each window: the work on a short piece
    lies in the number of calls.

    Parameters
    ----------
    low, high : (n,) or (windows, n) array
        First row and row past the last; equal where a range is empty.

    Attributes
    ----------
    length : array
        Number of rows of each range.
    empty : array of bool, or None
        Which ranges have no row; None where each has one.
    """

    def __init__(self, low: Ints, high: Ints) -> None:
        self.low, self.high = low, high
        self.length: Ints = high - low
        empty = self.length == 0
        self.empty: Bools | None = empty if empty.any() else None

    def of_window(self, number: int) -> Ranges:
        """Return the ranges of one of several windows."""
        return Ranges(self.low[number], self.high[number])

    @cached_property
    def level(self) -> Ints:
        """Binary logarithm of the length, rounded down; 0 where empty."""
        # length = mantissa * 2 ** exponent, the mantissa in [0.5, 1)
        exponent = np.frexp(self.length.astype(np.float64))[1].astype(np.int64)
        return np.maximum(exponent - 1, 0)

    def missing_where_empty(self, values: Floats) -> Floats:
        """Return the values with NaN for empty ranges."""
        return values if self.empty is None else np.where(self.empty, np.nan, values)


class RangeStatistics:
    """Statistics of one column over many row ranges, in time linear in rows and ranges.

    Sums come from prefix sums, extremes from a sparse table of powers of two. A centre is taken
    out of the column first, so that variances do not cancel.

    Parameters
    ----------
    values : (m,) array
        The column; no missing values.
    weights : (m,) array, optional
        How many notes a row stands for (sum, mean, standard deviation and count respect it).
    """

    def __init__(self, values: Floats, *, weights: Floats | None = None) -> None:
        self._values = values
        self._weights = weights
        self._centre = float(np.round(values.mean())) if len(values) else 0.0
        self._means: dict[Ranges, Floats] = {}
        self._tables: dict[np.ufunc, Floats] = {}

    def over(self, ranges: Ranges, statistic: Statistic) -> Floats:
        """Return one statistic for each range."""
        if statistic == "min":
            return self._extreme(ranges, np.minimum)
        if statistic == "max":
            return self._extreme(ranges, np.maximum)
        if statistic == "count":
            return self._count(ranges)
        if statistic == "sum":
            return _total(self._sums, ranges) + self._centre * self._count(ranges)
        if statistic == "mean":
            return self._mean(ranges) + self._centre
        mean = self._mean(ranges)
        spread = _total(self._squares, ranges) / self._divisor(ranges) - mean * mean
        return np.sqrt(np.maximum(spread, 0.0))

    def _mean(self, ranges: Ranges) -> Floats:
        """Return the mean less the centre, kept: the deviation and several features read it."""
        if ranges not in self._means:
            self._means[ranges] = _total(self._sums, ranges) / self._divisor(ranges)
        return self._means[ranges]

    def _count(self, ranges: Ranges) -> Floats:
        if self._weights is None:
            return ranges.length.astype(np.float64)
        return _total(_prefix(self._weights), ranges)

    def _divisor(self, ranges: Ranges) -> Floats:
        return ranges.missing_where_empty(self._count(ranges))

    @cached_property
    def _deviation(self) -> Floats:
        return self._values - self._centre

    @cached_property
    def _sums(self) -> Floats:
        return _prefix(self._weighted(self._deviation))

    @cached_property
    def _squares(self) -> Floats:
        return _prefix(self._weighted(self._deviation * self._deviation))

    def _weighted(self, values: Floats) -> Floats:
        return values if self._weights is None else values * self._weights

    def _extreme(self, ranges: Ranges, pick: np.ufunc) -> Floats:
        """Return the extreme of two powers of two that overlap and fill each range."""
        if not len(self._values):
            return np.full(ranges.low.shape, np.nan)
        table = self._table(pick, int(ranges.level.max()) + 1)
        row = ranges.level * len(self._values)
        last = ranges.high - (np.int64(1) << ranges.level)
        # an empty range may point past either end; what it picks is not kept
        first = table.take(row + ranges.low, mode="clip")
        return ranges.missing_where_empty(pick(first, table.take(row + last, mode="clip")))

    def _table(self, pick: np.ufunc, levels: int) -> Floats:
        if pick not in self._tables or len(self._tables[pick]) < levels:
            self._tables[pick] = _sparse_table(self._values, pick, levels)
        return self._tables[pick]


def _total(prefix: Floats, ranges: Ranges) -> Floats:
    return prefix[ranges.high] - prefix[ranges.low]


def _prefix(values: Floats) -> Floats:
    return np.concatenate(([0.0], np.cumsum(values)))


def _sparse_table(values: Floats, pick: np.ufunc, levels: int) -> Floats:
    """Return a table whose row k holds the extremes of ``values[i : i + 2**k]``."""
    rows = [values]
    for half in (1 << k for k in range(levels - 1)):
        # a run that the end cuts short is never asked for
        rows.append(np.concatenate((pick(rows[-1][:-half], rows[-1][half:]), rows[-1][-half:])))
    return np.asarray(rows)
