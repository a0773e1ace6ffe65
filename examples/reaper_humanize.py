"""REAPER script: give the selected MIDI items a pianist's velocities.

Load it with Actions > New action > Load ReaScript. The notes of all selected items are heard
together, so select both hands of a piano. Where notes are selected in them, only those are set;
muted notes are neither heard nor set. ``humanize`` runs as a program of its own, so that REAPER's
Python needs nothing installed.
"""

from __future__ import annotations

import struct
import subprocess
from typing import Any, NamedTuple

PROGRAM = "humanize"  # a full path where REAPER does not find it
OPTIONS: list[str] = []  # such as ["--strength", "0.7"]
TICKS = 960  # per quarter note


class Note(NamedTuple):
    """A note of a take: ``index`` counts the take's notes, times are the project's quarters."""

    index: int
    selected: bool
    start: float
    end: float
    channel: int
    pitch: int
    velocity: int


class Bar(NamedTuple):
    """A measure of the project: its start in quarters, and its metre."""

    start: float
    numerator: int
    denominator: int


class Tempo(NamedTuple):
    """The length of a quarter note from ``start``, in quarters, on."""

    start: float
    seconds: float


def midi_file(
    takes: list[list[Note]], bars: list[Bar], tempi: list[Tempo]
) -> tuple[bytes, list[list[int]]]:
    """Return a Standard MIDI File, a track a take, and where each note's velocity byte is in it."""
    origin = bars[0].start
    conductor = [(_ticks(bar.start - origin), _metre(bar)) for bar in bars]
    conductor += [(_ticks(tempo.start - origin), _tempo(tempo)) for tempo in tempi]
    data = struct.pack(">4sIHHH", b"MThd", 6, 1, 1 + len(takes), TICKS)
    data += _track(sorted(conductor))[0]
    positions = []
    for notes in takes:
        track, places = _track(_note_events(notes, origin))
        # the note-ons stand in order of time; a stable sort tells which is whose
        order = sorted(range(len(notes)), key=lambda i: _ticks(notes[i].start - origin))
        positions.append([0] * len(notes))
        for note, place in zip(order, places):  # noqa: B905, REAPER's Python may be older
            positions[-1][note] = len(data) + place
        data += track
    return data, positions


def read_velocities(data: bytes, positions: list[list[int]]) -> list[list[int]]:
    """Return the velocity of each note of each take; only velocities differ in ``data``."""
    return [[data[place] for place in places] for places in positions]


def humanize(data: bytes) -> bytes:
    """Run ``humanize`` on a MIDI file; its complaint is raised as a ValueError."""
    command = [PROGRAM, "humanize", "-", "-o", "-", "--quiet", *OPTIONS]
    hidden = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    done = subprocess.run(command, input=data, capture_output=True, creationflags=hidden)
    if done.returncode:
        raise ValueError(done.stderr.decode(errors="replace").strip())
    return done.stdout


def humanize_takes(reaper: Any, takes: list[Any]) -> int:
    """Set the velocities of the takes' notes and return how many were set."""
    notes = [read_notes(reaper, take) for take in takes]
    times = [time for part in notes for note in part for time in (note.start, note.end)]
    if not times:
        raise ValueError("no notes that sound in the selected items; expected at least one")
    bars = read_bars(reaper, min(times), max(times))
    data, positions = midi_file(notes, bars, read_tempi(reaper, bars[0].start, max(times)))
    velocities = read_velocities(humanize(data), positions)
    some = any(note.selected for part in notes for note in part)
    count = 0
    for take, part, values in zip(takes, notes, velocities):  # noqa: B905
        chosen = [pair for pair in zip(part, values) if pair[0].selected or not some]  # noqa: B905
        for note, velocity in chosen:
            set_velocity(reaper, take, note.index, velocity)
        reaper.RPR_MIDI_Sort(take)
        count += len(chosen)
    return count


def read_notes(reaper: Any, take: Any) -> list[Note]:
    """Return the notes of a take that are not muted, in REAPER's order."""
    notes = []
    for index in range(reaper.RPR_MIDI_CountEvts(take, 0, 0, 0)[2]):
        got = reaper.RPR_MIDI_GetNote(take, index, 0, 0, 0.0, 0.0, 0, 0, 0)
        selected, muted, start, end, channel, pitch, velocity = got[3:]
        if not muted:
            begin, stop = (reaper.RPR_MIDI_GetProjQNFromPPQPos(take, p) for p in (start, end))
            notes.append(Note(index, bool(selected), begin, stop, channel, pitch, velocity))
    return notes


def set_velocity(reaper: Any, take: Any, index: int, velocity: int) -> None:
    """Set one note's velocity and leave all else; the caller sorts."""
    got = reaper.RPR_MIDI_GetNote(take, index, 0, 0, 0.0, 0.0, 0, 0, 0)
    reaper.RPR_MIDI_SetNote(take, index, *got[3:9], velocity, 1)


def read_bars(reaper: Any, start: float, end: float) -> list[Bar]:
    """Return the measures of the project from the one that holds ``start`` to ``end``, quarters."""
    bars: list[Bar] = []
    measure, stop = 0, float("-inf")
    while stop < end or not bars:
        got = reaper.RPR_TimeMap_GetMeasureInfo(0, measure, 0.0, 0.0, 0, 0, 0.0)
        begin, stop, numerator, denominator = got[3:7]
        if stop > start:
            bars.append(Bar(begin, numerator, denominator))
        measure += 1
    return bars


def read_tempi(reaper: Any, start: float, end: float) -> list[Tempo]:
    """Return the tempo of each quarter; a tempo that glides is taken in steps of a quarter."""
    tempi: list[Tempo] = []
    quarter = start
    while quarter < end:
        here, there = (reaper.RPR_TimeMap2_QNToTime(0, q) for q in (quarter, quarter + 1))
        if not tempi or abs(there - here - tempi[-1].seconds) > 1e-6:
            tempi.append(Tempo(quarter, there - here))
        quarter += 1
    return tempi


def selected_takes(reaper: Any) -> list[Any]:
    """Return the active takes of the selected items, as far as they are MIDI."""
    items = [
        reaper.RPR_GetSelectedMediaItem(0, index)
        for index in range(reaper.RPR_CountSelectedMediaItems(0))
    ]
    return [take for take in map(reaper.RPR_GetActiveTake, items) if reaper.RPR_TakeIsMIDI(take)]


def main(reaper: Any) -> None:
    """Humanise the selected items as one step of undo, and tell what was wrong otherwise."""
    reaper.RPR_Undo_BeginBlock2(0)
    try:
        humanize_takes(reaper, selected_takes(reaper))
    except FileNotFoundError:
        message = f"'{PROGRAM}' not found; expected its full path as PROGRAM in the script"
        reaper.RPR_MB(message, "humanize", 0)
    except ValueError as error:
        reaper.RPR_MB(str(error), "humanize", 0)
    finally:
        reaper.RPR_Undo_EndBlock2(0, "Humanize velocities", -1)
        reaper.RPR_UpdateArrange()


def _ticks(quarters: float) -> int:
    return max(0, round(quarters * TICKS))


def _note_events(notes: list[Note], origin: float) -> list[tuple[int, bytes]]:
    events = []
    for note in notes:
        start = _ticks(note.start - origin)
        end = max(start + 1, _ticks(note.end - origin))
        events.append((start, bytes([0x90 | note.channel, note.pitch, max(1, note.velocity)])))
        events.append((end, bytes([0x80 | note.channel, note.pitch, 0])))
    # at one tick, notes end before others begin
    return sorted(events, key=lambda event: (event[0], event[1][0] & 0x10))


def _track(events: list[tuple[int, bytes]]) -> tuple[bytes, list[int]]:
    """Return a track chunk, and the place of each note-on's velocity in it."""
    body, now, places = b"", 0, []
    for tick, event in events:
        body += _length(tick - now) + event
        now = tick
        if event[0] & 0xF0 == 0x90:
            places.append(8 + len(body) - 1)
    body += b"\0\xff\x2f\0"
    return struct.pack(">4sI", b"MTrk", len(body)) + body, places


def _length(number: int) -> bytes:
    digits = [number & 127]
    while number := number >> 7:
        digits.append(number & 127 | 128)
    return bytes(reversed(digits))


def _metre(bar: Bar) -> bytes:
    return b"\xff\x58\x04" + bytes([bar.numerator, bar.denominator.bit_length() - 1, 24, 8])


def _tempo(tempo: Tempo) -> bytes:
    return b"\xff\x51\x03" + round(tempo.seconds * 1e6).to_bytes(3, "big")


try:
    import reaper_python
except ImportError:  # not in REAPER
    pass
else:
    main(reaper_python)
