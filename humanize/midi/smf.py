"""Standard MIDI File bytes: find the velocity bytes, patch them, nothing else.

``scan`` reads the bytes of SMF type 0, 1 or 2 (also inside a RIFF ``.rmi``) into plain columns of
ticks and positions. ``patch`` writes velocities back at positions that ``scan`` found. Neither
knows any music: pairing notes, beats and instruments belong to ``humanize.midi.reading``.

Reference: Standard MIDI Files 1.0 (RP-001), MIDI Manufacturers Association, 1996.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from humanize.errors import MidiError

IntColumn = NDArray[np.int64]

_CONTROL, _PROGRAM, _PRESSURE = 0xB0, 0xC0, 0xD0
_META_NAME, _META_END, _META_TEMPO, _META_METRE = 0x03, 0x2F, 0x51, 0x58
KEPT_CONTROLLERS = frozenset({64, 67})  # damper and soft pedal
_DRUM_CHANNEL = 9  # counted from 0
_BANK, _DRUM_BANKS = 0, (120, 126, 127)  # General MIDI 2; Yamaha XG: effects, drum kits
_ROLAND, _GS_SET, _GS_RHYTHM = 0x41, b"\x42\x12\x40", 0x15
_YAMAHA, _XG_PART, _XG_MODE = 0x43, b"\x4c\x08", 0x07
_SYSTEM_LENGTHS = {0xF1: 1, 0xF2: 2, 0xF3: 1}


@dataclass
class TrackScan:
    """What one MTrk chunk holds, times in ticks from the start of the track.

    Attributes
    ----------
    note_ticks, note_status, note_positions : IntColumn
        Every note-on and note-off in file order: tick, status byte (running status resolved) and
        the position in the file of its velocity byte. The pitch stands one byte before it.
    tempos : list of (tick, microseconds per quarter note)
    metres : list of (tick, numerator, denominator)
    programs : list of (tick, channel 0-15, program 0-127)
    controls : list of (tick, channel 0-15, controller, value 0-127)
        Of the controllers in ``KEPT_CONTROLLERS``.
    rhythm : list of (tick, channel 0-15, whether it plays drums from there)
        By Roland GS, Yamaha XG and General MIDI 2.
    name : bytes
        The first track name, as it stands in the file.
    end_tick : int
        Tick of the last event.
    """

    note_ticks: IntColumn
    note_status: IntColumn
    note_positions: IntColumn
    tempos: list[tuple[int, int]] = field(default_factory=list)
    metres: list[tuple[int, int, int]] = field(default_factory=list)
    programs: list[tuple[int, int, int]] = field(default_factory=list)
    controls: list[tuple[int, int, int, int]] = field(default_factory=list)
    rhythm: list[tuple[int, int, bool]] = field(default_factory=list)
    name: bytes = b""
    end_tick: int = 0


@dataclass(frozen=True)
class SmfScan:
    """A scanned file.

    Attributes
    ----------
    smf_type : int
        0, 1 or 2.
    ticks_per_quarter : int
        0 where the file counts SMPTE frames.
    ticks_per_second : tuple of int
        Numerator and denominator for SMPTE division; (0, 1) otherwise.
    tracks : tuple of TrackScan
    start : int
        Position of the header in the file; 0 but inside a RIFF ``.rmi``.
    spans : tuple of (begin, end)
        Positions of the events of each track.
    """

    smf_type: int
    ticks_per_quarter: int
    ticks_per_second: tuple[int, int]
    tracks: tuple[TrackScan, ...]
    start: int = 0
    spans: tuple[tuple[int, int], ...] = ()


def scan(data: bytes, *, name: str) -> SmfScan:
    """Find the notes, tempi, time signatures, programs and controls of a Standard MIDI File.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        What messages call it.

    Raises
    ------
    MidiError
        If the bytes are not a Standard MIDI File, or a header, chunk or event is cut short or
        makes no sense.
    """
    start, limit = _smf_span(data, name)
    smf_type, count, division, position = _header(data, start, limit, name)
    spans = _track_spans(data, position, limit, count, name)
    tracks: list[TrackScan] = []
    for begin, end in spans:
        tracks.append(_scan_track(data[begin:end], begin, f"{name}: track {len(tracks) + 1}"))
    return SmfScan(smf_type, *_division(division, name), tuple(tracks), start, tuple(spans))


def patch(data: bytes, positions: Sequence[int] | IntColumn, velocities: IntColumn) -> bytes:
    """Return the file with the velocity bytes at these positions replaced.

    Parameters
    ----------
    data : bytes
        The whole file, as given to ``scan``.
    positions : (n,) sequence of int
        Positions of velocity bytes, as found by ``scan``.
    velocities : (n,) IntColumn
        1 to 127.

    Raises
    ------
    MidiError
        If a velocity is outside 1-127: 0 would turn a note-on into a note-off.
    """
    values = np.asarray(velocities, dtype=np.int64)
    if len(values) and (values.min() < 1 or values.max() > 127):
        raise MidiError(f"velocity {values.min()}..{values.max()} found; expected 1 to 127")
    patched = np.frombuffer(data, dtype=np.uint8).copy()
    patched[np.asarray(positions, dtype=np.int64)] = values
    return patched.tobytes()


def _looks_like(data: bytes) -> str:
    """Return what a file is that is no MIDI, and what to do with it."""
    start = data[:512].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n").replace(b"\x00", b"")
    if start.startswith(b"<"):
        return (
            "it holds XML, as scores do; expected a Standard MIDI File, or a score in a file whose "
            "name ends in .musicxml or .mei"
        )
    if start.startswith((b"**", b"!!", b"X:", b"%abc")):
        return (
            "it holds Humdrum or ABC; expected a Standard MIDI File, or a score in a file whose "
            "name ends in .krn or .abc"
        )
    if start.startswith(b"PK"):
        return (
            "it is packed, as .mxl and .zip are; expected a Standard MIDI File, or a packed score "
            "whose name ends in .mxl. 'humanize batch' reads archives"
        )
    if start.startswith(b"\x1f\x8b"):
        return "it is packed with gzip; expected a Standard MIDI File. Unpack it first"
    return (
        "it begins as none does; expected 'MThd' there (or a RIFF .rmi). Export the piece as a "
        "Standard MIDI File"
    )


def _smf_span(data: bytes, name: str) -> tuple[int, int]:
    if not data:
        raise MidiError(f"{name}: the file is empty; expected a Standard MIDI File")
    if data[:4] == b"RIFF":
        return _rmi_span(data, name)
    if data[:4] != b"MThd":
        raise MidiError(f"{name}: not a MIDI file: {_looks_like(data)}")
    return 0, len(data)


def _rmi_span(data: bytes, name: str) -> tuple[int, int]:
    position = 12
    while data[8:12] == b"RMID" and position + 8 <= len(data):
        size = int.from_bytes(data[position + 4 : position + 8], "little")
        begin = position + 8
        if data[position : position + 4] == b"data":
            if data[begin : begin + 4] != b"MThd":
                break
            return begin, min(begin + size, len(data))
        position = begin + size + size % 2
    raise MidiError(f"{name}: a RIFF file without MIDI; expected 'RMID' with a 'data' chunk in it")


def _header(data: bytes, start: int, limit: int, name: str) -> tuple[int, int, int, int]:
    length = int.from_bytes(data[start + 4 : start + 8], "big")
    if start + 14 > limit or length < 6 or start + 8 + length > limit:
        raise MidiError(
            f"{name}: the header is cut short ({limit - start} bytes in the file, header length "
            f"{length}); expected 14 bytes or more. Is the file complete?"
        )
    fields = data[start + 8 : start + 14]
    smf_type, count, division = (int.from_bytes(fields[i : i + 2], "big") for i in (0, 2, 4))
    if smf_type > 2:
        raise MidiError(f"{name}: MIDI file type {smf_type}; expected 0, 1 or 2")
    return smf_type, count, division, start + 8 + length


def _division(division: int, name: str) -> tuple[int, tuple[int, int]]:
    if division & 0x8000:
        frames, ticks = 256 - (division >> 8), division & 0xFF
        if frames in (24, 25, 29, 30) and ticks:
            return 0, (ticks * 30000, 1001) if frames == 29 else (ticks * frames, 1)
        raise MidiError(
            f"{name}: SMPTE division of {frames} frames and {ticks} ticks; expected 24, 25, 29 or "
            "30 frames and at least one tick"
        )
    if division == 0:
        raise MidiError(f"{name}: division is 0; expected at least one tick per quarter note")
    return division, (0, 1)


def _track_spans(
    data: bytes, position: int, limit: int, count: int, name: str
) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    while len(spans) < count:
        begin = position + 8
        if begin > limit:
            raise MidiError(
                f"{name}: {len(spans)} tracks found; expected {count}, as the header says. "
                "Is the file complete?"
            )
        length = int.from_bytes(data[position + 4 : begin], "big")
        if begin + length > limit:
            raise MidiError(
                f"{name}: the chunk at byte {position} is cut short: {limit - begin} bytes found; "
                f"expected {length}, as its length says. Is the file complete?"
            )
        if data[position : position + 4] == b"MTrk":
            spans.append((begin, begin + length))
        position = begin + length
    return spans


def _scan_track(track: bytes, offset: int, where: str) -> TrackScan:
    events = _Events()
    try:
        events.read(track, where)
    except IndexError:
        raise MidiError(
            f"{where}: an event is cut short by the end of the track; expected it to be complete. "
            "Is the file complete?"
        ) from None
    packed = np.frombuffer(events.notes, dtype=np.int64).reshape(-1, 2)
    return TrackScan(
        note_ticks=packed[:, 0] >> 8,
        note_status=packed[:, 0] & 0xFF,
        note_positions=packed[:, 1] + offset,
        tempos=events.tempos,
        metres=events.metres,
        programs=events.programs,
        controls=events.controls,
        rhythm=events.rhythm,
        name=events.name,
        end_tick=events.tick,
    )


class _Events:
    """The events of one track while they are read."""

    def __init__(self) -> None:
        self.notes = array("q")  # tick << 8 | status, then position, event after event
        self.tempos: list[tuple[int, int]] = []
        self.metres: list[tuple[int, int, int]] = []
        self.programs: list[tuple[int, int, int]] = []
        self.controls: list[tuple[int, int, int, int]] = []
        self.rhythm: list[tuple[int, int, bool]] = []
        self.name = b""
        self.tick = 0

    def read(self, track: bytes, where: str) -> None:
        """Read one track; an IndexError means that its last event is cut short."""
        # The one hot loop of reading: a million notes pass here, so it stays flat and local.
        append = self.notes.append
        position, length, tick, status = 0, len(track), 0, 0
        while position < length:
            byte = track[position]
            position += 1
            if byte < 0x80:
                tick += byte
            else:
                delta, position = _variable_length(track, position - 1, where)
                tick += delta
            byte = track[position]
            if byte >= 0xF0:
                self.tick = tick
                position = self._system(track, position, tick, where)
                continue
            if byte >= 0x80:
                status = byte
                position += 1
            elif not status:
                raise MidiError(
                    f"{where}: byte {position} is 0x{byte:02x}; expected a status byte of 0x80 "
                    "or more to start the first event. Is the file damaged?"
                )
            if status < 0xA0:
                if track[position] > 0x7F or track[position + 1] > 0x7F:
                    _raise_data_byte(position, where)
                append(tick << 8 | status)
                append(position + 1)
                position += 2
            else:
                position = self._channel(track, position, tick, status, where)
        self.tick = max(self.tick, tick)

    def _channel(self, track: bytes, position: int, tick: int, status: int, where: str) -> int:
        size = 1 if _PROGRAM <= status < _PRESSURE + 0x10 else 2
        if track[position] > 0x7F or track[position + size - 1] > 0x7F:
            _raise_data_byte(position, where)
        if status & 0xF0 == _PROGRAM:
            self.programs.append((tick, status & 0x0F, track[position]))
        elif status & 0xF0 == _CONTROL and track[position] in KEPT_CONTROLLERS:
            control = (tick, status & 0x0F, track[position], track[position + 1])
            self.controls.append(control)
        elif status & 0xF0 == _CONTROL and track[position] == _BANK:
            plays, channel = track[position + 1] in _DRUM_BANKS, status & 0x0F
            if plays or channel != _DRUM_CHANNEL:  # an ordinary bank: another kit
                self.rhythm.append((tick, channel, plays))
        return position + size

    def _system(self, track: bytes, position: int, tick: int, where: str) -> int:
        status = track[position]
        if status not in (0xF0, 0xF7, 0xFF):
            return position + 1 + _SYSTEM_LENGTHS.get(status, 0)
        kind = track[position + 1] if status == 0xFF else -1
        begin = position + (2 if status == 0xFF else 1)
        size, begin = _variable_length(track, begin, where)
        if begin + size > len(track):
            raise IndexError
        if kind == _META_END:
            return len(track)
        self._meta(kind, track[begin : begin + size], tick)
        if kind < 0:
            self._part_mode(track[begin : begin + size], tick)
        return begin + size

    def _part_mode(self, message: bytes, tick: int) -> None:
        """Read a system-exclusive message that makes a part play drums, or no more."""
        if len(message) > 7 and message[0] == _ROLAND and message[2:5] == _GS_SET:
            block, parameter = message[5] & 0x0F, message[6]
            if message[5] & 0xF0 == 0x10 and parameter == _GS_RHYTHM:
                channel = _DRUM_CHANNEL if block == 0 else block - 1 if block < 10 else block
                self.rhythm.append((tick, channel, message[7] > 0))
        elif len(message) > 6 and message[0] == _YAMAHA and message[2:4] == _XG_PART:
            part, parameter, mode = message[4:7]
            if parameter == _XG_MODE and part < 16:
                self.rhythm.append((tick, part, mode > 0))

    def _meta(self, kind: int, payload: bytes, tick: int) -> None:
        if kind == _META_TEMPO and len(payload) == 3 and any(payload):
            self.tempos.append((tick, int.from_bytes(payload, "big")))
        elif kind == _META_METRE and len(payload) >= 2 and payload[0] and payload[1] <= 6:
            self.metres.append((tick, payload[0], 2 ** payload[1]))
        elif kind == _META_NAME and not self.name:
            self.name = payload


def _variable_length(track: bytes, position: int, where: str) -> tuple[int, int]:
    value = 0
    for index in range(position, position + 4):
        byte = track[index]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, index + 1
    raise MidiError(
        f"{where}: a time or length at byte {position} of the track runs over four bytes; expected "
        "at most four. Is the file damaged?"
    )


def _raise_data_byte(position: int, where: str) -> None:
    raise MidiError(
        f"{where}: a status byte at byte {position} of the track stands inside an event; expected "
        "a value below 0x80. Is the file damaged?"
    )
