"""Note-ons and note-offs to notes, first in first out, whatever order they stand in at a tick."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from humanize.notes import IntColumn, starts


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Notes as pairs of events.

    Attributes
    ----------
    on : (m,) IntColumn
        Rows of the note-ons, in file order.
    off : (m,) IntColumn
        Row of the note-off that closes each; -1 where nothing does.
    off_tick : (m,) IntColumn
        The tick at which each ends.
    """

    on: IntColumn
    off: IntColumn
    off_tick: IntColumn


def pair_notes(
    key: IntColumn, tick: IntColumn, sounding: NDArray[np.bool_], end_tick: int
) -> tuple[IntColumn, IntColumn]:
    """Return ``on`` and ``off_tick`` of ``pair_events``."""
    pairs = pair_events(key, tick, sounding, end_tick)
    return pairs.on, pairs.off_tick


def pair_events(
    key: IntColumn, tick: IntColumn, sounding: NDArray[np.bool_], end_tick: int
) -> Pairs:
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
    """
    on_rows = np.flatnonzero(sounding).astype(np.int64)
    if not len(on_rows):
        return Pairs(on=on_rows, off=on_rows, off_tick=on_rows)
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
    off = np.full(counts.sum(), -1, dtype=np.int64)
    by_a_note_off = np.repeat(np.insert(np.ones(len(closed), dtype=bool), last + 1, False), counts)
    off[by_a_note_off] = _closing_rows(order, sounding, first, closed)
    by_key = order[sounding[order]]
    off_of, off_tick = np.empty((2, len(tick)), dtype=np.int64)
    off_of[by_key], off_tick[by_key] = off, np.repeat(ticks, counts)
    return Pairs(on=on_rows, off=off_of[on_rows], off_tick=off_tick[on_rows])


def _closing_rows(
    order: IntColumn, sounding: NDArray[np.bool_], first: IntColumn, closed: IntColumn
) -> IntColumn:
    """Return the note-offs that close something: of each group as many as it closes."""
    silent = ~sounding[order]
    group = np.cumsum(np.isin(np.arange(len(order)), first)) - 1
    rank = np.cumsum(silent) - 1
    rank -= (np.cumsum(silent) - silent)[first][group]
    return order[silent & (rank < closed[group])]


def _queue_length(net: IntColumn, begins: NDArray[np.bool_]) -> IntColumn:
    """Return the running sum of each voice, held at zero from below (Lindley's recursion)."""
    total, voice = np.cumsum(net), np.cumsum(begins) - 1
    total = total - (total - net)[begins][voice]
    step = 2 * (np.abs(total).max() + 1)
    lowest = np.minimum.accumulate(total - voice * step) + voice * step
    return total - np.minimum(lowest, 0)
