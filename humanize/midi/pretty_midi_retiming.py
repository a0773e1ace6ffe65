"""A whole performance written into a PrettyMIDI: what is heard moves in seconds.

Notes, control changes, pitch bends, lyrics and texts follow the performed time map; tempi, metre
and key stay as they are. The piece may end sooner or later than before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from humanize.drums.kit import movers_of
from humanize.errors import InputError
from humanize.interpretation.parameters import PerformanceParameters, Writing
from humanize.interpretation.timing import TimeMap, perform_time_map
from humanize.midi.clock import Clock
from humanize.midi.hitting import place_hits
from humanize.midi.pedalling import DAMPER, FULLY_DOWN, PIANOS, pedal_strokes
from humanize.midi.placing import TickNotes, place_notes
from humanize.notes import DRUMS, FloatColumn, NoteTable

if TYPE_CHECKING:
    from pretty_midi import Instrument, PrettyMIDI

_TICKS = 10_000  # a second has: tenths of milliseconds, in which moves are counted
_SHORTEST_SEC = 1 / 64  # a 1/128 note at 120 beats per minute
_FLAM_SEC = 1 / 24  # a twelfth of a quarter note at 120 beats per minute
_PEDAL_DOWN, _FAR = 64, np.iinfo(np.int64).max // 4
Mapped = Callable[[FloatColumn], FloatColumn]


def perform_pretty_midi(
    midi: PrettyMIDI,
    notes: NoteTable,
    parameters: PerformanceParameters,
    writing: Writing | None = None,
) -> PrettyMIDI:
    """Return a copy of a PrettyMIDI with a performance in it.

    Parameters
    ----------
    midi : PrettyMIDI
    notes : NoteTable
        As ``notes_from_pretty_midi`` reads it.
    parameters : PerformanceParameters
        Notes in the order of the table.
    writing : Writing, optional
        How; its mode is not asked for.

    Raises
    ------
    InputError
        If the parameters do not fit the notes.
    """
    import copy

    if len(parameters) != len(notes):
        raise InputError(
            f"performance: parameters of {len(parameters)} notes; expected {len(notes)}"
        )
    writing = writing or Writing()
    rows = np.argsort(notes.source)
    notes = notes.take(rows)
    scaled = parameters.take_notes(rows).scaled(writing.amounts)
    performed = copy.deepcopy(midi)
    played = _played(midi, notes, scaled)
    mapped = _mapping(midi, scaled, played)
    _place(performed, notes, scaled, mapped)
    for part in performed.instruments:
        _move(part.control_changes, mapped)
        _move(part.pitch_bends, mapped)
        _pedal(part, scaled, played, writing)
    _move(performed.lyrics, mapped)
    _move(getattr(performed, "text_events", []), mapped)
    return performed


def _notated(midi: PrettyMIDI) -> TimeMap:
    times, bpm = midi.get_tempo_changes()
    sec = np.append(times, times[-1] + 1.0)
    return TimeMap(beat=np.concatenate([[0.0], np.cumsum(np.diff(sec) * bpm / 60)]), sec=sec)


def _played(midi: PrettyMIDI, notes: NoteTable, parameters: PerformanceParameters) -> TimeMap:
    end_beat = float(np.max(notes.onset_beat + notes.duration_beat))
    return perform_time_map(
        _notated(midi), parameters.onset_beat, parameters.log_beat_period, end_beat=end_beat
    )


def _mapping(midi: PrettyMIDI, parameters: PerformanceParameters, played: TimeMap) -> Mapped:
    """Return what leads from notated to performed seconds."""
    if not parameters.log_beat_period.any():
        return lambda sec: sec
    notated = _notated(midi)
    return lambda sec: played.at(notated.beat_at(sec))


def _place(
    midi: PrettyMIDI, notes: NoteTable, parameters: PerformanceParameters, mapped: Mapped
) -> None:
    flat = [note for part in midi.instruments for note in part.notes]
    start = mapped(np.array([note.start for note in flat]))
    end = mapped(np.array([note.end for note in flat]))
    on, off = (np.round(sec * _TICKS).astype(np.int64) for sec in (start, end))
    clock = Clock(
        time_map=TimeMap(beat=np.array([0.0, 1.0]), sec=np.array([0.0, 1.0])),
        ticks_per_beat=_TICKS,
    )
    far = np.full(len(flat), _FAR)
    own = TickNotes(
        on=on, off=off, key=notes.track * 128 + notes.pitch, instrument=notes.instrument,
        still=notes.instrument < 0, leftmost=-far, rightmost=far, room=far,
        track=notes.track, widest=_FAR, shortest=round(_SHORTEST_SEC * _TICKS),
    )  # fmt: skip
    asynchrony, articulation = parameters.asynchrony_ms, parameters.log_articulation
    begins, ends = place_notes(own, clock, (start, end), asynchrony, articulation)
    lag_ms = np.nan_to_num(parameters.drum_lag_ms)
    if lag_ms.any():
        struck = np.flatnonzero(np.isfinite(parameters.drum_lag_ms))
        limb = movers_of(notes.pitch, notes.track, notes.instrument == DRUMS)
        wanted = lag_ms / 1000 * _TICKS
        flam = round(_FLAM_SEC * _TICKS)
        begins, ends = place_hits(own, (begins, ends), struck, limb, wanted, flam=flam)
    # what does not move keeps its time to the last bit
    start, end = start + (begins - on) / _TICKS, end + (ends - off) / _TICKS
    velocity = parameters.velocity
    for row, note in enumerate(flat):
        note.start, note.end = float(start[row]), float(end[row])
        if velocity is not None:
            note.velocity = int(velocity[row])


def _move(events: list[object], mapped: Mapped) -> None:
    times = mapped(np.array([event.time for event in events]))  # type: ignore[attr-defined]
    for event, time in zip(events, times.tolist(), strict=True):
        event.time = time  # type: ignore[attr-defined]


def _pedal(
    part: Instrument, parameters: PerformanceParameters, played: TimeMap, writing: Writing
) -> None:
    """Change the pedal of an instrument as it is asked for."""
    from pretty_midi import ControlChange

    own = [c for c in part.control_changes if c.number == DAMPER]
    wanted = writing.pedal in ("add", "replace") and len(parameters.pedal_press_ms)
    pressed = any(c.value >= _PEDAL_DOWN for c in own)
    if wanted and (part.is_drum or part.program not in PIANOS or not part.notes):
        return
    if writing.pedal == "none" or (wanted and not (writing.pedal == "add" and pressed)):
        part.control_changes = [c for c in part.control_changes if c.number != DAMPER]
    if not wanted or (writing.pedal == "add" and pressed):
        return
    end = max(note.end for note in part.notes)
    for stroke in pedal_strokes(parameters, played, end_sec=end):
        depth = stroke.depth if writing.pedal_values == "continuous" else FULLY_DOWN
        lift = max(stroke.lift_sec, end + 1 / _TICKS) if stroke.lift_sec >= end else stroke.lift_sec
        part.control_changes += [
            ControlChange(number=DAMPER, value=depth, time=max(stroke.press_sec, 0.0)),
            ControlChange(number=DAMPER, value=0, time=lift),
        ]
    part.control_changes.sort(key=lambda change: change.time)
