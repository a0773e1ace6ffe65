"""Written levels that a prediction may not turn round, however freely it treats them.

Pianists do not play each *p* alike, nor always softer than each *f*, and neither does a model that
follows them. But a *ppp* is never louder than an *f*, nor a *pp* than an *ff*, and the same
measure at the same level does not come back far apart. What breaks neither rule stays as it was
predicted. That costs no agreement with pianists; an order of levels that lie nearer would, as they
do not keep it themselves (benchmarks/velocity_accuracy/levels.md).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from humanize.notes import FloatColumn, IntColumn, NoteTable, starts

CLEARLY_SOFTER = 75.0
"""Units of notated level (*ppp* to *f*, *pp* to *ff*) from which on the order of passages holds."""

FARTHEST = 14.0
"""Velocities that measures of the same notes at the same level may be apart."""

_ROUNDS = 50
_MOST_PASSAGES = 2_000  # that are compared with each other; no music has more
_GRID = 24  # parts of a beat
_FEWEST = 4  # notes of a passage


def with_levels_in_order(velocity: FloatColumn, notes: NoteTable) -> FloatColumn:
    """Return velocities of one instrument whose passages respect their written levels.

    Each passage is moved as a whole, the larger the less, and a passage in a hairpin not at all.

    Parameters
    ----------
    velocity : (n,) FloatColumn
    notes : NoteTable
        Of one instrument; without written levels nothing is moved.
    """
    level = notes.marking("notated_level")
    if not np.isfinite(level).any():
        return velocity
    together = velocity + _measures_nearer(velocity, notes, level)
    return together + _order_kept(together, notes, level)


def _order_kept(velocity: FloatColumn, notes: NoteTable, level: FloatColumn) -> FloatColumn:
    """Return by how much each note moves so that no clearly softer passage is the louder."""
    passage, steady = _passages(notes, level)
    size = np.bincount(passage, steady).astype(np.float64)
    count = np.maximum(size, 1.0)
    mean = np.bincount(passage, np.where(steady, velocity, 0.0)) / count
    written = np.bincount(passage, np.where(steady, level, 0.0)) / count
    moved = mean.copy()
    known = np.flatnonzero(size >= _FEWEST)
    order = known[np.argsort(written[known], kind="stable")].astype(np.int64)
    for _ in range(_ROUNDS if len(order) <= _MOST_PASSAGES else 0):
        if not _one_round(moved, order, written, size):
            break
    return (moved - mean)[passage]


def _one_round(
    moved: FloatColumn, order: IntColumn, written: FloatColumn, size: FloatColumn
) -> bool:
    """Move each passage that is louder than a clearly louder one, and that one, to their mean."""
    changed = False
    for softer in order.tolist():
        louder = order[written[order] >= written[softer] + CLEARLY_SOFTER]
        if not len(louder):
            continue
        least = int(louder[np.argmin(moved[louder])])
        if moved[softer] > moved[least] + 0.01:
            both = size[softer] + size[least]
            mean = (size[softer] * moved[softer] + size[least] * moved[least]) / both
            moved[softer] = moved[least] = mean
            changed = True
    return changed


def _passages(notes: NoteTable, level: FloatColumn) -> tuple[IntColumn, FloatColumn]:
    """Return the passage of each note, as long as the level stays, and 1 where it is steady."""
    filled = np.nan_to_num(level)
    slope = np.nan_to_num(notes.marking("notated_level_slope"))
    onset = np.cumsum(starts(notes.onset_beat)) - 1
    mean = np.bincount(onset, filled) / np.bincount(onset)
    passage = np.cumsum(starts(np.round(mean, 1)))[onset] - 1
    steady = np.isfinite(level) & (slope == 0)
    return passage.astype(np.int64), steady.astype(np.float64)


def _measures_nearer(velocity: FloatColumn, notes: NoteTable, level: FloatColumn) -> FloatColumn:
    """Return by how much each note moves so that equal measures are not far apart."""
    moved = np.zeros(len(velocity))
    for alike in _equal_measures(notes, level):
        means = np.array([velocity[rows].mean() for rows in alike])
        middle = (means.max() + means.min()) / 2
        kept = np.clip(means, middle - FARTHEST / 2, middle + FARTHEST / 2)
        for rows, own, before in zip(alike, kept, means, strict=True):
            moved[rows] = own - before
    return moved


def _equal_measures(notes: NoteTable, level: FloatColumn) -> Iterator[list[slice]]:
    """Yield the measures that have the same notes at the same steady level, two or more."""
    begin = np.flatnonzero(starts(notes.measure))
    place = np.round(notes.measure_position_beat * _GRID).astype(np.int64)
    slope = np.nan_to_num(notes.marking("notated_level_slope"))
    known: dict[bytes, list[slice]] = {}
    for first, stop in zip(begin.tolist(), [*begin[1:].tolist(), len(notes)], strict=True):
        rows = slice(first, stop)
        own = level[rows]
        if not np.isfinite(own).all() or np.ptp(own) > 0 or slope[rows].any():
            continue
        key = np.concatenate(([round(float(own[0]))], place[rows], notes.pitch[rows]))
        known.setdefault(key.tobytes(), []).append(rows)
    yield from (alike for alike in known.values() if len(alike) > 1)
