"""Readers of the fuzz's own: what must hold of an output, worked out without the package."""

from __future__ import annotations

_TWO = (0x80, 0x90, 0xA0, 0xB0, 0xE0)


def velocity_places(data: bytes) -> set[int]:
    """Return where the velocities of the notes of a MIDI file stand, by the standard alone.

    Raises
    ------
    ValueError
        If the file is none.
    """
    start = 20 if data[:4] == b"RIFF" and data[8:12] == b"RMID" else 0
    place = data.index(b"MThd", start) + 8 + int.from_bytes(data[start + 4 : start + 8], "big")
    found: set[int] = set()
    while place + 8 <= len(data):
        length = int.from_bytes(data[place + 4 : place + 8], "big")
        if data[place : place + 4] == b"MTrk":
            found |= _of_track(data, place + 8, min(place + 8 + length, len(data)))
        place += 8 + length
    return found


def _of_track(data: bytes, place: int, end: int) -> set[int]:
    found: set[int] = set()
    running = 0  # of channels: the standard ends it at other events, programs that read go on
    try:
        while place < end:
            _, place = _number(data, place)
            status = running
            if data[place] >= 0x80:
                status, place = data[place], place + 1
            running = status if status < 0xF0 else running
            if status == 0xFF:
                length, place = _number(data, place + 1)
                place += length
            elif status in (0xF0, 0xF7):
                length, place = _number(data, place)
                place += length
            elif status & 0xF0 in _TWO:
                if status & 0xF0 == 0x90 and data[place + 1]:
                    found.add(place + 1)
                place += 2
            else:
                place += {0xF2: 2, 0xF1: 1, 0xF3: 1}.get(status, status < 0xF0)
    except IndexError:
        pass  # it breaks off
    return found


def _number(data: bytes, place: int) -> tuple[int, int]:
    value = 0
    for at in range(place, place + 4):
        value = value << 7 | data[at] & 0x7F
        if data[at] < 0x80:
            break
    return value, at + 1


def without_dynamics(text: bytes) -> bytes:
    """Return MusicXML in canonical form, without the attribute ``dynamics`` of its notes."""
    from lxml import etree

    root = etree.fromstring(text.strip(b" \t\r\n\0"), etree.XMLParser(resolve_entities=False))
    for note in root.iter("{*}note"):
        note.attrib.pop("dynamics", None)
    return etree.tostring(root, method="c14n")
