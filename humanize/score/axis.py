"""Where a score's measures stand, as written and as played.

Written time counts quarter notes from the first measure, every measure as long as it is in the
longest part, so that a part with an empty measure does not run ahead. Played time follows the
repeats and jumps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from humanize.notes import FloatColumn, IntColumn
from humanize.score.order import Order, Place

NEAR = 1e-6  # quarter notes that are no difference


@dataclass(frozen=True, kw_only=True)
class Axis:
    """Written and played time of a score.

    Attributes
    ----------
    begins : FloatColumn
        Where its measures begin, and where the last one ends, in written time.
    spans : tuple of (float, float)
        Stretches of written time in the order they are played.
    """

    begins: FloatColumn
    spans: tuple[tuple[float, float], ...]

    @classmethod
    def of(cls, lengths: Sequence[float], order: Order) -> Axis:
        """Return the axis of measures, by their lengths and the order of playing."""
        begins = np.concatenate([[0.0], np.cumsum(np.asarray(lengths, dtype=np.float64))])
        spans = [(_at(begins, first), _at(begins, last)) for first, last in order]
        return cls(begins=begins, spans=tuple(s for s in spans if s[0] < s[1]))

    def written(self, measure: int, quarter: float) -> float:
        """Return the written time of a place."""
        return float(self.begins[min(measure, len(self.begins) - 1)]) + quarter

    def measure_at(self, written: FloatColumn) -> IntColumn:
        """Return the 0-based number of the measure as written."""
        index = np.searchsorted(self.begins, written + NEAR, side="right") - 1
        return np.clip(index, 0, max(len(self.begins) - 2, 0)).astype(np.int64)

    def played_starts(self) -> FloatColumn:
        """Return the played time at which each span begins."""
        lengths = [last - first for first, last in self.spans]
        return np.concatenate([[0.0], np.cumsum(lengths)[:-1]])

    def changes(self, written: Sequence[tuple[float, Any]]) -> list[tuple[float, Any]]:
        """Return changes of a state (written time, value), sorted, in played time."""
        out: list[tuple[float, Any]] = []
        times = np.array([when for when, _ in written])
        for (first, last), start in zip(self.spans, self.played_starts().tolist(), strict=True):
            begun = int(np.searchsorted(times, first + NEAR, side="right"))
            ended = int(np.searchsorted(times, last - NEAR, side="left"))
            held = [(first, written[begun - 1][1])] if begun else []
            for when, value in [*held, *written[begun:ended]]:
                if not out or out[-1][1] != value:
                    out.append((start + when - first, value))
        return out


def _at(begins: FloatColumn, place: Place) -> float:
    measure, quarter = place
    last = len(begins) - 1
    return float(begins[-1]) if measure >= last else float(begins[measure]) + quarter
