"""Where drums go: the ticks of hits that are played a little early or late.

Hits of one limb stay in their order and each nearer to its own place than to the next. Strokes of
a flam, drag or fast roll move together, so that it sounds as it was written. Nothing is struck
before the piece begins, or past its end.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from humanize.midi.placing import TickNotes
from humanize.notes import FloatColumn, IntColumn, distinct, starts

_FAR = np.iinfo(np.int64).max // 4


def place_hits(
    notes: TickNotes,
    placed: tuple[IntColumn, IntColumn],
    struck: IntColumn,
    limb: IntColumn,
    wanted: FloatColumn,
    *,
    flam: int,
) -> tuple[IntColumn, IntColumn]:
    """Return the ticks at which notes begin and end, those of drums moved by themselves.

    A hit takes its end along, as far as the next of its key allows; where hits of one key sound
    into each other, as some sequencers write drums, ends stay where they are.

    Parameters
    ----------
    notes : TickNotes
    placed : pair of (n,) IntColumn
        Ticks of all notes, those of drums not moved yet.
    struck : (k,) IntColumn
        Rows that move.
    limb : (n,) IntColumn
        Hits of one number keep their order.
    wanted : (n,) FloatColumn
        Ticks to the right; below 0 to the left.
    flam : int
        Strokes of a limb at most this many ticks apart move as one.
    """
    on, off = placed[0].copy(), placed[1].copy()
    move = np.zeros(len(on), dtype=np.int64)
    low = np.minimum(np.maximum(notes.leftmost, int(on.min()) - on), 0)
    high = np.maximum(np.minimum(notes.rightmost, int(off.max()) - 1 - on), 0)
    for own in distinct(limb[struck]).tolist():
        rows = struck[limb[struck] == own]
        rows = rows[np.argsort(on[rows], kind="stable")]
        asked = np.round(wanted[rows]).astype(np.int64)
        move[rows] = _moves(on[rows], asked, (low[rows], high[rows]), flam)
    return on + move, _ends(replace(notes, on=on, off=off), on + move, struck)


def _moves(
    on: IntColumn, wanted: IntColumn, bounds: tuple[IntColumn, IntColumn], flam: int
) -> IntColumn:
    """Return the moves of one limb's hits, in order of their ticks: less than half way to others.

    A group of strokes moves as its last does, the stroke that the others lead to.
    """
    group = np.cumsum(np.concatenate([[True], np.diff(on) > flam])) - 1
    begin = on[starts(group)]
    final = np.append(np.flatnonzero(starts(group))[1:], len(on)) - 1
    end = on[final]
    gap = begin[1:] - end[:-1]
    left = np.concatenate([[-_FAR], -((gap - 1) // 2)])
    right = np.concatenate([(gap - 1) // 2, [_FAR]])
    np.maximum.at(left, group, bounds[0])
    np.minimum.at(right, group, bounds[1])
    several = (end > begin)[group]
    asked = np.where(several, wanted[final][group], wanted)
    return np.clip(asked, left[group], right[group])


def _ends(notes: TickNotes, on: IntColumn, struck: IntColumn) -> IntColumn:
    """Return the ends of all notes, those of moved hits along with them."""
    off = notes.off.copy()
    off[struck] = (notes.off + on - notes.on)[struck]
    order = np.lexsort((notes.on, notes.key))
    same = notes.key[order][1:] == notes.key[order][:-1]
    row, following = order[:-1][same], order[1:][same]
    overlap = notes.off[row] > notes.on[following]
    entwined = np.zeros(len(on), dtype=bool)
    entwined[row[overlap]] = entwined[following[overlap]] = True
    off = np.where(entwined, notes.off, off)
    free = ~overlap
    limit = on[following] - (notes.off[row] < notes.on[following])
    off[row[free]] = np.minimum(off[row[free]], limit[free])
    off = np.minimum(off, max(int(notes.off.max()), 0))
    moved = np.zeros(len(on), dtype=bool)
    moved[struck] = True
    return np.where(moved, np.maximum(off, on + (notes.off > notes.on)), off)
