"""Where notes go: their ticks in a performance, within what programs and players can bear.

Every move is limited so that the notes come back when a program quantises: onsets keep their order
and stay nearer to their own place than to the next, a note of each chord does not leave it, and no
note is cut below a 1/128 or runs into the next of its pitch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from humanize.interpretation.timing import chord_anchors
from humanize.midi.clock import Clock
from humanize.notes import FloatColumn, IntColumn, distinct, starts

BoolColumn = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class TickNotes:
    """Notes before they get moves of their own.

    Attributes
    ----------
    on, off : (n,) IntColumn
        Ticks, those of the common time map.
    key : (n,) IntColumn
        Channel and pitch as one number.
    instrument : (n,) IntColumn
        Notes of one instrument at one onset are a chord.
    still : (n,) bool array
        Notes that get no moves of their own, as drums.
    leftmost, rightmost : (n,) IntColumn
        The most that an onset may move by itself, to the left (not above 0) and to the right.
    room : (n,) IntColumn
        The most that the onsets of its chord may move either way.
    track : (n,) IntColumn
    widest : int
        How far the onsets of a chord may lie apart within a track.
    shortest : int
        Ticks of a 1/128 note.
    """

    on: IntColumn
    off: IntColumn
    key: IntColumn
    instrument: IntColumn
    still: BoolColumn
    leftmost: IntColumn
    rightmost: IntColumn
    room: IntColumn
    track: IntColumn
    widest: int
    shortest: int


@dataclass(frozen=True, kw_only=True)
class _Neighbours:
    """Notes of one key, one after the other: rows of each and of the next."""

    row: IntColumn
    following: IntColumn


def place_notes(
    notes: TickNotes,
    clock: Clock,
    sec: tuple[FloatColumn, FloatColumn],
    asynchrony_ms: FloatColumn,
    log_articulation: FloatColumn,
) -> tuple[IntColumn, IntColumn]:
    """Return the ticks at which notes begin and end in a performance.

    Parameters
    ----------
    notes : TickNotes
    clock : Clock
        The time of the file that is written.
    sec : pair of (n,) FloatColumn
        Performed times of ``on`` and ``off`` by the time map alone.
    asynchrony_ms, log_articulation : (n,) FloatColumn
        See ``PerformanceParameters``.
    """
    order = np.lexsort((notes.on, notes.key))
    same = notes.key[order][1:] == notes.key[order][:-1]
    pairs = _Neighbours(row=order[:-1][same], following=order[1:][same])
    still = notes.still | (notes.off <= notes.on) | _overlapping(notes, pairs)
    least = np.maximum(np.minimum(notes.off - notes.on, notes.shortest), 1)
    room = _chord_room(notes)
    move = _moves(notes, clock, sec[0], np.where(still, 0.0, asynchrony_ms), still, room)
    move = np.clip(move, *_bounds(notes, pairs, least, room))
    on = notes.on + move
    held = np.where(still, 0.0, log_articulation)
    lasting = np.exp(held) * (sec[1] - sec[0])
    off = np.round(clock.tick(clock.sec(on) + lasting)).astype(np.int64)
    off = np.where(held != 0, off, notes.off)
    off = np.minimum(off, _legato_ends(notes, on, held))
    off = np.maximum(off, on + np.where(still, 0, least))
    return on, np.minimum(off, _latest_ends(notes, pairs, on, still, off))


def _legato_ends(notes: TickNotes, on: IntColumn, held: FloatColumn) -> IntColumn:
    """Return how long notes may sound at most, so that no new overlaps make a new voice.

    A note that is not lengthened ends before its instrument's next chord as before, though that
    came early; none outlasts the piece.
    """
    last = int(notes.off.max())
    latest = np.full(len(on), last, dtype=np.int64)
    for instrument in distinct(notes.instrument):
        rows = np.flatnonzero(notes.instrument == instrument)
        onsets = distinct(notes.on[rows])
        earliest = np.full(len(onsets) + 1, last, dtype=np.int64)
        np.minimum.at(earliest, np.searchsorted(onsets, notes.on[rows]), on[rows])
        following = np.searchsorted(onsets, np.maximum(notes.off[rows], notes.on[rows] + 1))
        latest[rows] = np.where(held[rows] > 0, last, earliest[following])
    return latest


def _overlapping(notes: TickNotes, pairs: _Neighbours) -> BoolColumn:
    """Return which notes sound while another of their key does; whose end is whose is unsure."""
    found = np.zeros(len(notes.on), dtype=bool)
    overlap = notes.off[pairs.row] > notes.on[pairs.following]
    found[pairs.row[overlap]] = found[pairs.following[overlap]] = True
    return found


def _chord_room(notes: TickNotes) -> IntColumn:
    """Return how far the onsets of each chord may move: less than half way to any other onset."""
    onsets = distinct(notes.on)
    far = np.iinfo(np.int64).max // 4
    gaps = np.concatenate([[far], np.diff(onsets), [far]])
    nearest = np.minimum(gaps[1:], gaps[:-1])[np.searchsorted(onsets, notes.on)]
    return np.minimum((nearest - 1) // 2, notes.room)


def _bounds(
    notes: TickNotes, pairs: _Neighbours, least: IntColumn, room: IntColumn
) -> tuple[IntColumn, IntColumn]:
    """Return how far each onset may move, by its chord and by the notes of its own key."""
    gap = notes.on[pairs.following] - notes.on[pairs.row]
    detached = notes.off[pairs.row] < notes.on[pairs.following]
    between = np.maximum(gap - least[pairs.row] - detached, 0) // 2
    own = room.copy()
    np.minimum.at(own, pairs.row, between)
    np.minimum.at(own, pairs.following, between)
    first = int(notes.on.min())
    low = np.maximum(np.maximum(-own, notes.leftmost), first - notes.on)
    return np.minimum(low, 0), np.maximum(np.minimum(own, notes.rightmost), 0)


def _moves(
    notes: TickNotes,
    clock: Clock,
    on_sec: FloatColumn,
    asynchrony_ms: FloatColumn,
    still: BoolColumn,
    room: IntColumn,
) -> IntColumn:
    """Return the moves of onsets: those of a chord in proportion, its anchor none."""
    own = np.flatnonzero(~still)
    move = np.zeros(len(notes.on), dtype=np.int64)
    if not len(own) or not asynchrony_ms.any():
        return move
    chord = _chords(notes.on[own], notes.instrument[own])
    anchor = chord_anchors(chord, asynchrony_ms[own])
    opening = notes.on[own] == notes.on.min()
    anchor = np.where(opening, _least(chord, asynchrony_ms[own]), anchor)
    shift = (asynchrony_ms[own] - anchor) / 1000
    wanted = clock.tick(on_sec[own] + shift) - clock.tick(on_sec[own])
    share = np.minimum(_share(np.abs(wanted), room[own]), _within(notes, own, wanted))
    move[own] = np.trunc(wanted * _least(chord, share) + 0.5 * np.sign(wanted)).astype(np.int64)
    return np.clip(move, -room, room)


def _share(wanted: FloatColumn, possible: IntColumn | int) -> FloatColumn:
    """Return which part of what is wanted is possible, at most 1."""
    return np.where(wanted > possible, possible / np.maximum(wanted, 1e-9), 1.0)


def _within(notes: TickNotes, own: IntColumn, wanted: FloatColumn) -> FloatColumn:
    """Return which part of its moves keeps a chord close enough together in each track."""
    together = _chords(notes.on[own], notes.track[own])
    spread = -_least(together, -wanted) - _least(together, wanted)
    return _share(spread, notes.widest)


def _chords(on: IntColumn, instrument: IntColumn) -> IntColumn:
    order = np.lexsort((instrument, on))
    new = starts(on[order]) | starts(instrument[order])
    chord = np.empty(len(on), dtype=np.int64)
    chord[order] = np.cumsum(new) - 1
    return chord


def _least(chord: IntColumn, values: FloatColumn) -> FloatColumn:
    """Return for each note the least value in its chord."""
    least = np.full(int(chord.max()) + 1, np.inf)
    np.minimum.at(least, chord, values)
    return least[chord]


def _latest_ends(
    notes: TickNotes, pairs: _Neighbours, on: IntColumn, still: BoolColumn, off: IntColumn
) -> IntColumn:
    """Return where notes end at the latest, so that the next of their key is struck afresh."""
    latest = off.copy()
    detached = notes.off[pairs.row] < notes.on[pairs.following]
    limit = on[pairs.following] - detached
    latest[pairs.row] = np.where(still[pairs.row], off[pairs.row], limit)
    return latest
