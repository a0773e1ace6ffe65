"""Every event of a track with its tick, and the track written anew where ticks have changed.

``humanize.midi.smf`` finds what music is made of; here nothing is left out, so that whatever is
not moved keeps its bytes and its order.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from humanize.midi.smf import SmfScan
from humanize.notes import IntColumn

META, END_OF_TRACK, CONTROL = 0xFF, 0x2F, 0xB0
_ONE_DATA_BYTE = (0xC0, 0xE0)  # program changes and channel pressure
_SYSTEM_LENGTHS = {0xF1: 1, 0xF2: 2, 0xF3: 1}


@dataclass(frozen=True, kw_only=True)
class TrackEvents:
    """The events of one track, in file order.

    Attributes
    ----------
    tick : (e,) IntColumn
    begin, end : (e,) IntColumn
        Positions in the file of the event without its delta time.
    status : (e,) IntColumn
        Status byte, running status resolved.
    kind : (e,) IntColumn
        Type of a meta event, controller number of a control change, else -1.
    running : (e,) bool array
        Whether the status byte is left out in the file.
    tail : (begin, end)
        Positions of what stands after the last event.
    """

    tick: IntColumn
    begin: IntColumn
    end: IntColumn
    status: IntColumn
    kind: IntColumn
    running: NDArray[np.bool_]
    tail: tuple[int, int]

    def __len__(self) -> int:
        return len(self.tick)

    @property
    def is_note(self) -> NDArray[np.bool_]:
        """Which events are note-ons or note-offs."""
        return self.status < 0xA0

    @property
    def is_end(self) -> NDArray[np.bool_]:
        """Which event is the end of the track."""
        return (self.status == META) & (self.kind == END_OF_TRACK)

    def controls(self, number: int) -> NDArray[np.bool_]:
        """Return which events are changes of this controller."""
        return (self.status & 0xF0 == CONTROL) & (self.kind == number)

    def scaled(self, factor: int) -> TrackEvents:
        """Return the events at a resolution finer by a whole factor."""
        return replace(self, tick=self.tick * factor)


@dataclass(frozen=True, kw_only=True)
class NewEvent:
    """An event to be put into a track.

    Attributes
    ----------
    tick : int
    message : bytes
        With its status byte.
    place : "first", "after meta" or "last"
        Where among the events of its tick: before all, after the leading meta events, or after
        all but the end of the track.
    """

    tick: int
    message: bytes
    place: str = "last"


@dataclass(frozen=True, kw_only=True)
class TrackEdit:
    """What changes in the ticks of one track.

    Attributes
    ----------
    tick : (e,) IntColumn
        New tick of each event.
    apart : (e,) bool array
        Which notes leave the order of the file: of one tick, note-offs go first, note-ons last.
    kept : (e,) bool array
        Which events stay at all.
    new : sequence of NewEvent
    """

    tick: IntColumn
    apart: NDArray[np.bool_]
    kept: NDArray[np.bool_]
    new: Sequence[NewEvent] = ()

    @classmethod
    def nothing(cls, events: TrackEvents) -> TrackEdit:
        """Return the edit that leaves a track as it is."""
        none = np.zeros(len(events), dtype=bool)
        return cls(tick=events.tick, apart=none, kept=~none)

    def keeping(self, kept: NDArray[np.bool_]) -> TrackEdit:
        """Return the edit with these events only, of those that it keeps."""
        return replace(self, kept=self.kept & kept)

    def with_new(self, new: Sequence[NewEvent]) -> TrackEdit:
        """Return the edit with more new events."""
        return replace(self, new=(*self.new, *new))

    def changes(self, events: TrackEvents) -> bool:
        """Return whether anything is to be written."""
        return bool(self.new) or not self.kept.all() or bool((self.tick != events.tick).any())


def read_events(data: bytes, span: tuple[int, int]) -> TrackEvents:
    """Return the events of one track of a file that ``smf.scan`` has read."""
    flat = array("q")
    position = _read(data, *span, flat)
    tick, begin, end, status, kind = np.frombuffer(flat, dtype=np.int64).reshape(-1, 5).T
    explicit = np.frombuffer(data, dtype=np.uint8)[begin] >= 0x80
    return TrackEvents(
        tick=tick, begin=begin, end=end, status=status, kind=kind, running=~explicit,
        tail=(position, span[1]),
    )  # fmt: skip


def _read(data: bytes, position: int, limit: int, flat: array[int]) -> int:
    # the hot loop of writing, flat and local as that of ``smf.scan``
    extend, tick, status = flat.extend, 0, 0
    while position < limit:
        byte = data[position]
        position += 1
        delta = byte & 0x7F
        while byte >= 0x80:
            byte = data[position]
            position += 1
            delta = delta << 7 | byte & 0x7F
        tick += delta
        begin, byte = position, data[position]
        if byte >= 0xF0:
            kind, position = _system(data, position)
            extend((tick, begin, position, byte, kind))
            if byte == META and kind == END_OF_TRACK:
                return position
            continue
        if byte >= 0x80:
            status = byte
            position += 1
        kind = data[position] if status & 0xF0 == CONTROL else -1
        position += 1 if _ONE_DATA_BYTE[0] <= status < _ONE_DATA_BYTE[1] else 2
        extend((tick, begin, position, status, kind))
    return position


def _system(data: bytes, position: int) -> tuple[int, int]:
    """Return the type of a meta event, or -1, and where an event from 0xF0 on ends."""
    status = data[position]
    if status not in (0xF0, 0xF7, META):
        return -1, position + 1 + _SYSTEM_LENGTHS.get(status, 0)
    kind = data[position + 1] if status == META else -1
    position += 2 if status == META else 1
    size = data[position] & 0x7F
    while data[position] >= 0x80:
        position += 1
        size = size << 7 | data[position] & 0x7F
    return kind, position + 1 + size


def variable_length(value: int) -> bytes:
    """Return a number as MIDI files write it, seven bits a byte."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))


def meta(kind: int, payload: bytes) -> bytes:
    """Return a meta event."""
    return bytes([META, kind]) + variable_length(len(payload)) + payload


def write_events(data: bytes, events: TrackEvents, edit: TrackEdit) -> bytes:
    """Return the events of a track at their new ticks.

    An event keeps its bytes; one that relied on the status byte of an event that is no longer
    before it gets its own.
    """
    own, new = np.flatnonzero(edit.kept), edit.new
    buffer, begin, end = _buffer(data, events, own, new)
    status = np.concatenate([events.status[own], [n.message[0] for n in new]]).astype(np.int64)
    running = np.concatenate([events.running[own], np.zeros(len(new), dtype=bool)])
    source = np.concatenate([own, np.full(len(new), -2)])
    tick, rank = _tick_and_rank(events, edit, own)
    order = np.lexsort((rank, tick))
    missing = _lacks_status(status[order], running[order], source[order], events)
    delta = np.diff(tick[order], prepend=0)
    body = _assemble(buffer, begin[order], end[order], delta, np.where(missing, status[order], 0))
    return body + data[events.tail[0] : events.tail[1]]


def _buffer(
    data: bytes, events: TrackEvents, own: IntColumn, new: Sequence[NewEvent]
) -> tuple[NDArray[np.uint8], IntColumn, IntColumn]:
    sizes = np.array([len(n.message) for n in new], dtype=np.int64)
    ends = len(data) + np.cumsum(sizes)
    whole = np.frombuffer(b"".join([data, *(n.message for n in new)]), dtype=np.uint8)
    return (
        whole,
        np.concatenate([events.begin[own], ends - sizes]).astype(np.int64),
        np.concatenate([events.end[own], ends]).astype(np.int64),
    )


def _tick_and_rank(
    events: TrackEvents, edit: TrackEdit, own: IntColumn
) -> tuple[IntColumn, IntColumn]:
    """Return when each event comes, and which of one tick comes first; new events last."""
    count = len(events)
    rank = 2 * np.arange(count, dtype=np.int64)
    releases = events.status < 0x90
    rank[edit.apart] = np.where(releases, -1, 2 * count + 1)[edit.apart]
    rank[events.is_end] = 2 * count + 3
    tick = np.concatenate([edit.tick[own], [n.tick for n in edit.new]]).astype(np.int64)
    ranks = np.concatenate([rank[own], _ranks(events, edit.new)]).astype(np.int64)
    is_end = np.concatenate([events.is_end[own], np.zeros(len(edit.new), dtype=bool)])
    tick[is_end] = tick.max(initial=0)
    return tick, ranks


def _ranks(events: TrackEvents, new: Sequence[NewEvent]) -> IntColumn:
    """Return where each new event stands among those of its tick."""
    low, high = np.searchsorted(events.tick, [[n.tick, n.tick + 1] for n in new]).reshape(-1, 2).T
    leading = (events.status == META) & ~events.is_end
    others = np.append(np.flatnonzero(~leading), len(events))
    after_meta = 2 * np.minimum(others[np.searchsorted(others, low)], high) - 1
    places = np.array([n.place for n in new])
    last = 2 * len(events) + 2
    return np.where(places == "first", -1, np.where(places == "last", last, after_meta))


def _lacks_status(
    status: IntColumn, running: NDArray[np.bool_], source: IntColumn, events: TrackEvents
) -> NDArray[np.bool_]:
    """Return which events have to be given their status byte."""
    is_channel = status < 0xF0
    index = np.arange(len(status))
    latest = np.maximum.accumulate(np.where(is_channel, index, -1))
    in_force = np.concatenate([[0], np.where(latest >= 0, status[latest], 0)[:-1]])[: len(status)]
    # some files rely on a status byte across meta events, against the standard: as they came
    neighbours = np.diff(source, prepend=-2) == 1
    after_system = np.concatenate([[False], ~is_channel[:-1]])[: len(status)]
    return running & ((in_force != status) | (after_system & ~neighbours))


def _assemble(
    buffer: NDArray[np.uint8],
    begin: IntColumn,
    end: IntColumn,
    delta: IntColumn,
    status: IntColumn,
) -> bytes:
    """Return delta times, status bytes where they are not 0, and the bytes of the events."""
    size = 1 + (delta >= 1 << 7) + (delta >= 1 << 14) + (delta >= 1 << 21)
    length = end - begin
    total = size + (status > 0) + length
    at = np.cumsum(total) - total
    body = np.empty(int(total.sum()), dtype=np.uint8)
    for group in range(4):
        rows = size > group
        more = 0x80 if group else 0
        body[(at + size - 1 - group)[rows]] = (delta[rows] >> 7 * group & 0x7F) | more
    rows = status > 0
    body[(at + size)[rows]] = status[rows]
    inside = np.arange(int(length.sum())) - np.repeat(np.cumsum(length) - length, length)
    target = np.repeat(at + total - length, length) + inside
    body[target] = buffer[np.repeat(begin, length) + inside]
    return body.tobytes()


def replace_tracks(
    data: bytes, smf: SmfScan, bodies: dict[int, bytes], *, division: bytes | None = None
) -> bytes:
    """Return the file with the events of some tracks replaced, and all lengths that say so.

    Parameters
    ----------
    data : bytes
    smf : SmfScan
        Of ``data``.
    bodies : dict of int to bytes
        Events by number of the track, the first 0.
    division : bytes, optional
        The two bytes of the header that say how time is counted.
    """
    pieces, position, growth = [], 0, 0
    for number, body in sorted(bodies.items()):
        begin, end = smf.spans[number]
        pieces += [data[position : begin - 4], len(body).to_bytes(4, "big"), body]
        growth += len(body) - (end - begin)
        position = end
    patched = bytearray(b"".join([*pieces, data[position:]]))
    if division is not None:
        patched[smf.start + 12 : smf.start + 14] = division
    for at in (4, smf.start - 4) if smf.start else ():
        size = int.from_bytes(patched[at : at + 4], "little") + growth
        patched[at : at + 4] = (size % 2**32).to_bytes(4, "little")
    return bytes(patched)
