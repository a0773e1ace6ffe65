"""What a performed file says of the file that it was made of, so that it can be had back.

A sequencer-specific meta event (FF 7F) before the end of the first track holds the tracks as they
were, deflated: the notes on their grid take less room than a list of their moves would, and give
back all else too. A checksum of the whole performed file stands beside, so that nothing is taken
out of a file that was changed since.

Layout: manufacturer 0x7D (not registered, as the standard keeps for such use), ``humanize``,
version, 16 bytes of SHA-256 over the file with these 16 bytes zero, then a zlib stream of the
division (2 bytes) and, for each track that was changed, its number and length (4 bytes each) and
its events.

References
----------
RFC 1950 (zlib); Standard MIDI Files 1.0, meta event FF 7F.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

from humanize.errors import MidiError
from humanize.midi.events import META, TrackEvents, meta, read_events, replace_tracks
from humanize.midi.smf import SmfScan, scan

RECORD, _MARK = 0x7F, b"\x7dhumanize"
_VERSION, _DIGEST = 1, 16
LARGEST = 64 * 2**20
"""Tracks of more bytes than this are not kept."""


def make_record(division: bytes, bodies: Mapping[int, bytes], *, padding: int = 0) -> bytes:
    """Return the event that keeps these tracks, its checksum still zero.

    Parameters
    ----------
    division : bytes
        The two bytes of the header that say how time is counted.
    bodies : mapping of int to bytes
        Events of the tracks that change, by number, the first 0.
    padding : int
        Bytes of nothing at the end; a RIFF file's chunks have even lengths.
    """
    parts = [division]
    for number, body in sorted(bodies.items()):
        parts += [struct.pack(">II", number, len(body)), body]
    kept = zlib.compress(b"".join(parts), 6)
    head = _MARK + bytes([_VERSION]) + bytes(_DIGEST)
    return meta(RECORD, head + kept + bytes(padding))


def sign(data: bytes, record: bytes) -> bytes:
    """Return the file with the checksum of its record filled in."""
    mark = data.rindex(record) + record.index(_MARK)
    at = mark + len(_MARK) + 1
    return data[:at] + _checksum(data, at) + data[at + _DIGEST :]


def _checksum(data: bytes, at: int) -> bytes:
    import hashlib  # as slow to import as half of this package, and used here alone

    digest = hashlib.sha256(data[:at])
    digest.update(bytes(_DIGEST))
    digest.update(data[at + _DIGEST :])
    return digest.digest()[:_DIGEST]


def find_performance(data: bytes) -> bool:
    """Return whether a readable MIDI file says, unchanged since, what it was made of."""
    at = _find(data, scan(data, name="input.mid"))
    if at is None or data[at] != _VERSION:
        return False
    return data[at + 1 : at + 1 + _DIGEST] == _checksum(data, at + 1)


def strip_performance(data: bytes, *, name: str = "input.mid") -> bytes:
    """Return the file that a performed file was made of, byte for byte.

    Parameters
    ----------
    data : bytes
        A Standard MIDI File as it was written with a performance.
    name : str
        What messages call it.

    Raises
    ------
    MidiError
        If it is no MIDI file, has no record of what it was made of, or was changed since.
    """
    smf = scan(data, name=name)
    at = _find(data, smf)
    if at is None:
        raise MidiError(
            f"{name}: no performance to take out; expected a MIDI file as humanize wrote it. "
            "Programs that save a file anew leave out what it was before"
        )
    if data[at] != _VERSION:
        raise MidiError(
            f"{name}: performed by another version of humanize (record {data[at]}); expected "
            f"record {_VERSION}. Use the version that wrote it"
        )
    if data[at + 1 : at + 1 + _DIGEST] != _checksum(data, at + 1):
        raise MidiError(
            f"{name}: changed since humanize wrote the performance; expected the file as it was "
            "written. Strip that one, or undo the changes by hand"
        )
    division, bodies = _kept(data, at + 1 + _DIGEST, len(smf.tracks), name)
    return replace_tracks(data, smf, bodies, division=division)


def _find(data: bytes, smf: SmfScan) -> int | None:
    """Return where the version of the latest record stands."""
    if not smf.spans:
        return None
    events = read_events(data, smf.spans[0])
    for row in _specific(events)[::-1]:
        at = data.find(_MARK, int(events.begin[row]), int(events.end[row]))
        if at >= 0 and at - int(events.begin[row]) <= 6:
            return at + len(_MARK)
    return None


def _specific(events: TrackEvents) -> list[int]:
    return [int(r) for r in ((events.status == META) & (events.kind == RECORD)).nonzero()[0]]


def _kept(data: bytes, at: int, tracks: int, name: str) -> tuple[bytes, dict[int, bytes]]:
    try:
        kept = zlib.decompressobj().decompress(data[at:], LARGEST + 2**20)
        bodies: dict[int, bytes] = {}
        position = 2
        while position < len(kept):
            number, length = struct.unpack_from(">II", kept, position)
            position += 8
            if number >= tracks or number in bodies:
                raise ValueError
            bodies[number] = kept[position : position + length]
            position += length
        if position != len(kept) or not bodies:
            raise ValueError
    except (zlib.error, struct.error, ValueError):
        raise MidiError(
            f"{name}: the record of what the file was made of is damaged; expected it whole"
        ) from None
    return kept[:2], bodies
