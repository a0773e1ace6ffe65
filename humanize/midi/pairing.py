"""Note-ons and note-offs to notes, first in first out, whatever order they stand in at a tick."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from humanize.notes import IntColumn, starts


def pair_notes(
    key: IntColumn, tick: IntColumn, sounding: NDArray[np.bool_], end_tick: int
) -> tuple[IntColumn, IntColumn]:
    """Pair note-ons with note-offs of the same key, first in first out.

    At one tick, note-offs first close notes that began before it; what is left of them closes
    notes that begin at that tick, which get zero length. A note that nothing closes lasts to
    ``end_tick``; a note-off that finds nothing open is dropped. None of this depends on the order
    of the events.

    Parameters
    ----------
    key, tick : (n,) IntColumn
        Channel and pitch as one number, and time, of each event.
    sounding : (n,) array of bool
        Whether the event is a note-on.
    end_tick : int
        Where the piece ends.

    Returns
    -------
    on : (m,) IntColumn
        Rows of the note-ons, in file order.
    off_tick : (m,) IntColumn
        The tick at which each ends.
    """
    on_rows = np.flatnonzero(sounding)
    if not len(on_rows):
        return on_rows, on_rows
    order = np.lexsort((tick, key))
    new_key = starts(key[order])
    first = np.flatnonzero(new_key | starts(tick[order]))  # of the events of one key at one tick
    net = np.add.reduceat(np.where(sounding[order], 1, -1), first)
    ons = np.add.reduceat(sounding[order].astype(np.int64), first)
    begins = new_key[first]
    waiting = _queue_length(net, begins)
    before = np.where(begins, 0, np.roll(waiting, 1))
    closed = before + ons - waiting
    last = np.flatnonzero(np.roll(begins, -1))
    # each key's notes left open are closed after its last group, at the end of the piece
    counts = np.insert(closed, last + 1, waiting[last])
    ticks = np.insert(tick[order][first], last + 1, np.maximum(end_tick, tick.max()))
    off_tick = np.empty(len(tick), dtype=np.int64)
    off_tick[order[sounding[order]]] = np.repeat(ticks, counts)
    return on_rows.astype(np.int64), off_tick[on_rows]


def _queue_length(net: IntColumn, begins: NDArray[np.bool_]) -> IntColumn:
    """Return the running sum of each voice, held at zero from below (Lindley's recursion)."""
    total, voice = np.cumsum(net), np.cumsum(begins) - 1
    total = total - (total - net)[begins][voice]
    step = 2 * (np.abs(total).max() + 1)
    lowest = np.minimum.accumulate(total - voice * step) + voice * step
    return total - np.minimum(lowest, 0)
