"""Rolling windows as small value objects whose name derives from their parameters.

A window never looks at velocities and never fills its head or tail from the other side: where it
is empty, its statistics are missing (NaN), except counts and sums, which are zero.
"""

from __future__ import annotations

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

    def ranges(self, at: Floats, onsets: Floats) -> Ranges:
        """Return the rows inside the window at each time in ``at``.

        Parameters
        ----------
        at : (n,) array
            Times in seconds.
        onsets : (m,) array
            Sorted onsets in seconds.
        """
        back = self.seconds if self.side in ("past", "around") else 0.0
        ahead = self.seconds if self.side in ("next", "around") else 0.0
        low = np.searchsorted(onsets, at - back - _TIME_TOLERANCE, "left")
        high = np.searchsorted(onsets, at + ahead + _TIME_TOLERANCE, "right")
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


class Ranges:
    """Row ranges ``low[i]:high[i]``, and what every statistic over them needs, found once.

    Parameters
    ----------
    low, high : (n,) array
        First row and row past the last; equal where a range is empty.
    """

    def __init__(self, low: Ints, high: Ints) -> None:
        self.low = low
        self.high = high

    @cached_property
    def length(self) -> Ints:
        """Number of rows of each range."""
        return self.high - self.low

    @cached_property
    def empty(self) -> Bools | None:
        """Which ranges have no row; None where each has one, as nearly always."""
        empty = self.length == 0
        return empty if empty.any() else None

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

    def over(self, ranges: Ranges, statistic: Statistic) -> Floats:
        """Return one statistic for each range."""
        if statistic == "min":
            return self._extreme(ranges, np.minimum, self._lowest)
        if statistic == "max":
            return self._extreme(ranges, np.maximum, self._highest)
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

    @cached_property
    def _lowest(self) -> Floats:
        return _sparse_table(self._values, np.minimum)

    @cached_property
    def _highest(self) -> Floats:
        return _sparse_table(self._values, np.maximum)

    def _extreme(self, ranges: Ranges, pick: np.ufunc, table: Floats) -> Floats:
        """Return the extreme of two powers of two that overlap and fill each range."""
        if not table.size:
            return np.full(len(ranges.low), np.nan)
        row = ranges.level * len(self._values)
        last = ranges.high - (np.int64(1) << ranges.level)
        # an empty range may point past either end; what it picks is not kept
        first = table.take(row + ranges.low, mode="clip")
        return ranges.missing_where_empty(pick(first, table.take(row + last, mode="clip")))


def _total(prefix: Floats, ranges: Ranges) -> Floats:
    return prefix[ranges.high] - prefix[ranges.low]


def _prefix(values: Floats) -> Floats:
    return np.concatenate(([0.0], np.cumsum(values)))


def _sparse_table(values: Floats, pick: np.ufunc) -> Floats:
    """Return a table whose row k holds the extremes of ``values[i : i + 2**k]``."""
    rows = [values]
    for half in (1 << k for k in range(len(values).bit_length() - 1)):
        # a run that the end cuts short is never asked for
        rows.append(np.concatenate((pick(rows[-1][:-half], rows[-1][half:]), rows[-1][-half:])))
    return np.asarray(rows)
