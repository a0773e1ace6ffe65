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
from humanize.score_order import Order, Place
from humanize.score_part_order import order_of_parts

NEAR = 1e-6  # quarter notes that are no difference


@dataclass(frozen=True, kw_only=True)
class Axis:
    """Written and played time of a score.

    Attributes
    ----------
    local : tuple of FloatColumn
        For each part where its measures begin, and where the last one ends, in its own quarter
        notes.
    begins : FloatColumn
        The same for the score, in written time.
    spans : tuple of (float, float)
        Stretches of written time in the order they are played.
    """

    local: tuple[FloatColumn, ...]
    begins: FloatColumn
    spans: tuple[tuple[float, float], ...]

    def written(self, part: int, quarter: FloatColumn, *, ends: bool = False) -> FloatColumn:
        """Return written time of positions in a part; ``ends`` belong to the measure before."""
        own = self.local[part]
        if len(own) != len(self.begins):
            return np.asarray(quarter - own[0])
        side, away = ("left", -NEAR) if ends else ("right", NEAR)
        index = np.searchsorted(own, quarter + away, side=side) - 1  # type: ignore[call-overload]
        index = np.clip(index, 0, max(len(own) - 2, 0))
        return np.asarray(self.begins[index] + quarter - own[index])

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
        for (first, last), start in zip(self.spans, self.played_starts().tolist(), strict=True):
            held = [value for when, value in written if when <= first + NEAR][-1:]
            inside = [(w, v) for w, v in written if first + NEAR < w < last - NEAR]
            for when, value in [*((first, v) for v in held), *inside]:
                if not out or out[-1][1] != value:
                    out.append((start + when - first, value))
        return out


def axis_of_parts(parts: Sequence[Any], order: Order) -> Axis:
    """Return the axis of partitura parts.

    Parameters
    ----------
    parts : sequence of partitura Part
    order : sequence of (Place, Place)
        Stretches as they are played; where it is empty, the parts tell it.
    """
    local = tuple(_measure_times(part) for part in parts)
    count = max(len(own) for own in local)
    long = np.stack([np.diff(own) for own in local if len(own) == count])
    begins = np.concatenate([[0.0], np.cumsum(long.max(axis=0))])
    stretches = order or order_of_parts(parts, local)
    spans = [(_at(begins, first), _at(begins, last)) for first, last in stretches]
    return Axis(local=local, begins=begins, spans=tuple(s for s in spans if s[0] < s[1]))


def _at(begins: FloatColumn, place: Place) -> float:
    measure, quarter = place
    last = len(begins) - 1
    return float(begins[-1]) if measure >= last else float(begins[measure]) + quarter


def _measure_times(part: Any) -> FloatColumn:
    bars = sorted(part.measures, key=lambda bar: bar.start.t)
    times = [bar.start.t for bar in bars] or [part.first_point.t]
    last = max(part.last_point.t, times[-1])
    return np.array([float(part.quarter_map(t)) for t in [*times, last]])
