"""Time signatures to measures: the number of each onset's measure, and its place in it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from humanize.notes import FloatColumn, IntColumn


def metre_changes(metres: Iterable[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Return the changes in order; of several at one tick the last by value, repeats dropped.

    Parameters
    ----------
    metres : iterable of (tick, numerator, denominator)
    """
    by_tick = {
        tick: (tick, numerator, denominator) for tick, numerator, denominator in sorted(metres)
    }
    changes: list[tuple[int, int, int]] = []
    for change in by_tick.values():
        if not changes or change[1:] != changes[-1][1:]:
            changes.append(change)
    return changes


def measures_of(
    onset: IntColumn, changes: list[tuple[int, int, int]], resolution: tuple[int, int]
) -> tuple[IntColumn, FloatColumn, IntColumn, IntColumn]:
    """Return measure from 1, quarter notes since its downbeat, and metre, for each onset.

    Parameters
    ----------
    onset : (n,) IntColumn
        Ticks.
    changes : list of (tick, numerator, denominator)
        As ``metre_changes`` returns them; 4/4 is assumed before the first.
    resolution : (int, int)
        Ticks per quarter note, as a fraction.
    """
    if not changes or changes[0][0] > 0:
        changes = [(0, 4, 4), *changes]
    start, numerator, denominator = (
        np.array(c, dtype=np.int64) for c in zip(*changes, strict=True)
    )
    # lengths in ticks * denominator * resolution[1], so that every quotient is of whole numbers
    length = numerator * 4 * resolution[0]
    scale = denominator * resolution[1]
    whole = -(-(np.diff(start) * scale[:-1]) // length[:-1])
    first = np.concatenate([[1], 1 + np.cumsum(whole)]).astype(np.int64)
    segment = np.searchsorted(start, onset, side="right") - 1
    since = (onset - start[segment]) * scale[segment]
    measure = first[segment] + since // length[segment]
    position = (since % length[segment]) / (denominator[segment] * resolution[0])
    return measure, position, numerator[segment], denominator[segment]
