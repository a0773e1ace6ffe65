"""Rolling windows as small value objects whose name derives from their parameters.

A window never looks at velocities and never fills its head or tail from the other side: where it
is empty, its statistics are missing (NaN), except counts and sums, which are zero.
"""

from __future__ import annotations

from dataclasses import dataclass
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

    def bounds(self, at: Floats, onsets: Floats) -> tuple[Ints, Ints]:
        """Return first row and row past the last of the window at each time in ``at``.

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
        return low.astype(np.int64), high.astype(np.int64)


@dataclass(frozen=True)
class RowsWindow:
    """The ``rows`` rows before (or after) each row, that row itself not included."""

    side: Literal["past", "next"]
    rows: int

    @property
    def name(self) -> str:
        """``past16``, ``next8``."""
        return f"{self.side}{self.rows}"

    def bounds(self, length: int) -> tuple[Ints, Ints]:
        """Return first row and row past the last of the window at each of ``length`` rows."""
        here = np.arange(length, dtype=np.int64)
        if self.side == "past":
            return np.maximum(here - self.rows, 0), here
        return here + 1, np.maximum(np.minimum(here + 1 + self.rows, length), here + 1)


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

    def __init__(
        self,
        values: Floats,
        *,
        weights: Floats | None = None,
    ) -> None:
        self._values = values
        self._weights = weights
        self._centre = float(np.round(values.mean())) if len(values) else 0.0
        deviation = values - self._centre
        weight = np.ones_like(deviation) if weights is None else weights
        self._count = _prefix(weight)
        self._sum = _prefix(deviation * weight)
        self._squares = _prefix(deviation * deviation * weight)
        self._tables: dict[str, list[Floats]] = {}

    def over(self, low: Ints, high: Ints, statistic: Statistic) -> Floats:
        """Return one statistic for each row range ``low[i]:high[i]``."""
        if statistic in ("min", "max"):
            return self._extreme(low, high, statistic)
        count = self._count[high] - self._count[low]
        total = self._sum[high] - self._sum[low]
        if statistic == "count":
            return count
        if statistic == "sum":
            return total + self._centre * count
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(count > 0, total / count, np.nan)
            if statistic == "mean":
                return mean + self._centre
            spread = (self._squares[high] - self._squares[low]) / count - mean * mean
        return np.sqrt(np.maximum(spread, 0.0))

    def _extreme(self, low: Ints, high: Ints, statistic: Statistic) -> Floats:
        pick = np.minimum if statistic == "min" else np.maximum
        table = self._tables.setdefault(statistic, [self._values])
        length = high - low
        level = np.zeros_like(length)
        filled = length > 0
        level[filled] = np.floor(np.log2(length[filled] + 0.5)).astype(np.int64)
        out = np.full(len(low), np.nan)
        for k in range(int(level.max(initial=0)) + 1):
            if k == len(table):
                half = 1 << (k - 1)
                table.append(pick(table[-1][:-half], table[-1][half:]))
            chosen = filled & (level == k)
            if chosen.any():
                out[chosen] = pick(table[k][low[chosen]], table[k][high[chosen] - (1 << k)])
        return out


def _prefix(values: Floats) -> Floats:
    return np.concatenate(([0.0], np.cumsum(values)))
