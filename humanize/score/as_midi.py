"""A read score as a Standard MIDI File: a track a part, tempo and metre, velocities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from humanize.notes import DRUM_CHANNEL, IntColumn
from humanize.score.ornaments import Struck, struck_notes
from humanize.score.reading import ScoreReading

TICKS = 960  # per quarter note
_END = b"\xff\x2f\x00"
_NOTHING = b"\xff\x01\x00"  # a text without letters
_LONGEST_DELTA = 2**28 - 1
Event = tuple[int, int, bytes]  # tick, order within the tick, message


def score_to_midi(
    reading: ScoreReading, velocities: IntColumn, *, ornaments: str = "played"
) -> bytes:
    """Return a type 1 file; the same reading and velocities give the same bytes.

    Parameters
    ----------
    reading : ScoreReading
    velocities : (n,) IntColumn
        1-127, in the order of ``reading.notes``.
    ornaments : "played" or "written"
        Whether trills, mordents, turns and tremolos are played out, or their main note is held.
    """
    struck = _struck(reading, velocities, ornaments)
    tracks = [_track(_conductor(reading))]
    for number, part in enumerate(reading.part_names, start=1):
        tracks.append(_track(_part(reading, struck, number, part)))
    fields = (1, len(tracks), TICKS)
    header = b"MThd" + (6).to_bytes(4, "big") + b"".join(f.to_bytes(2, "big") for f in fields)
    return header + b"".join(tracks)


def struck_in_midi_order(
    reading: ScoreReading, velocities: IntColumn, *, ornaments: str = "played"
) -> Struck:
    """Return the notes of ``score_to_midi`` in their order there, with their row of the notes.

    A MIDI reader's ``NoteTable.source`` counts in this order.
    """
    struck = _struck(reading, velocities, ornaments)
    parts = range(1, len(reading.part_names) + 1)
    order = np.concatenate([_in_order(reading, struck, number) for number in parts])
    return Struck(**{name: column[order] for name, column in vars(struck).items()})


def _struck(reading: ScoreReading, velocities: IntColumn, ornaments: str) -> Struck:
    signs = reading.realisations if ornaments == "played" else {}
    return struck_notes(reading.notes, velocities, reading.delay, signs)


def _in_order(reading: ScoreReading, struck: Struck, number: int) -> IntColumn:
    """Return the struck notes of a part in order of time."""
    own = np.flatnonzero(reading.notes.track[struck.row] == number)
    return own[np.argsort(struck.onset[own], kind="stable")].astype(np.int64)


def _conductor(reading: ScoreReading) -> list[Event]:
    events: list[Event] = []
    for beat, bpm in reading.tempo:
        micros = min(max(round(60_000_000 / bpm), 1), 2**24 - 1)
        events.append((_tick(beat), 0, b"\xff\x51\x03" + micros.to_bytes(3, "big")))
    for beat, numerator, denominator in reading.metres:
        power = max(int(denominator).bit_length() - 1, 0)
        metre = bytes([0xFF, 0x58, 4, min(numerator, 255), power, 24, 8])
        events.append((_tick(beat), 0, metre))
    return events


def _part(reading: ScoreReading, struck: Struck, number: int, name: str) -> list[Event]:
    notes = reading.notes
    text = name.encode("utf-8")[:127]
    events: list[Event] = [(0, 0, b"\xff\x03" + bytes([len(text)]) + text)]
    own = _in_order(reading, struck, number)
    rows = struck.row[own]
    channels = (notes.channel[rows] - 1).tolist()
    for channel, program in sorted(set(zip(channels, notes.program[rows].tolist(), strict=True))):
        if channel != DRUM_CHANNEL - 1 and program >= 0:
            events.append((0, 1, bytes([0xC0 | channel, program])))
    onset, end = ([_tick(b) for b in column[own].tolist()] for column in (struck.onset, struck.end))
    pitches, loudness = struck.pitch[own].tolist(), struck.velocity[own].tolist()
    ends = _before_repeats(onset, end, pitches)
    for channel, begin, stop, pitch, velocity in zip(
        channels, onset, ends, pitches, loudness, strict=True
    ):
        events.append((begin, 3, bytes([0x90 | channel, pitch, velocity])))
        events.append((stop, 2, bytes([0x80 | channel, pitch, 64])))
    return events


def _before_repeats(onset: Sequence[int], off: Sequence[int], pitch: Sequence[int]) -> list[int]:
    """Return offsets, each before its pitch is struck again and at least a tick after the onset."""
    ends = list(off)
    following: dict[int, int] = {}
    for index in range(len(onset) - 1, -1, -1):
        later = following.get(pitch[index])
        if later is not None and later > onset[index]:
            ends[index] = min(ends[index], later)
        if later is None or onset[index] < later:
            following[pitch[index]] = onset[index]
        ends[index] = max(ends[index], onset[index] + 1)
    return ends


def _tick(beat: float) -> int:
    return max(round(beat * TICKS), 0)


def _track(events: Sequence[Event]) -> bytes:
    body, now = bytearray(), 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        for _ in range((tick - now) // _LONGEST_DELTA):  # a longer time is one that no event says
            body += _variable_length(_LONGEST_DELTA) + _NOTHING
            now += _LONGEST_DELTA
        body += _variable_length(tick - now) + message
        now = tick
    body += b"\x00" + _END
    return b"MTrk" + len(body).to_bytes(4, "big") + bytes(body)


def _variable_length(value: int) -> bytes:
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))
