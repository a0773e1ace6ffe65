"""MIDI file or PrettyMIDI to note table.

Notes pair by channel and pitch over the merged tracks of a file, first in first out, and times
are divided once, so that the same music gives the same table at any resolution, as type 0 or
type 1, with its tracks or its simultaneous events in any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from humanize.errors import LimitError, MidiError
from humanize.midi.instruments import Played, group_instruments
from humanize.midi.metre import measures_of, metre_changes
from humanize.midi.pairing import pair_notes
from humanize.midi.pedals import Controls, pedal_columns, pretty_midi_controls
from humanize.midi.smf import SmfScan, TrackScan, scan
from humanize.notes import (
    DRUM_CHANNEL,
    MOST_INSTRUMENTS,
    FloatColumn,
    IntColumn,
    NoteTable,
    Timing,
    distinct,
)
from humanize.options import SPLIT, Split

if TYPE_CHECKING:
    from pretty_midi import PrettyMIDI

_DRUMS_ON_WIRE = DRUM_CHANNEL - 1
_DEFAULT_TEMPO = 500_000  # microseconds per quarter note: 120 beats per minute
_GRIDS = (12, 16, 20, 28)  # notes per quarter: triplets, sixty-fourths, quintuplets, septuplets
_ON_GRID_SHARE = 0.4  # of the distinct onsets; below it the timing is a player's


@dataclass(frozen=True, kw_only=True)
class MidiPieces:
    """A read MIDI file.

    Attributes
    ----------
    pieces : tuple of NoteTable
        One table in canonical order; for SMF type 2 one per track that has notes.
    positions : IntColumn
        Position of the velocity byte of each note, indexed by ``NoteTable.source``.
    scan : SmfScan
        The file as it was scanned.
    track_names : tuple of str
        Names as far as they can be decoded, one per track.
    tempo_bpm : tuple of float
        Tempi of the file in quarter notes per minute, in order.
    split : "programs", "tracks" or "none"
        How notes were grouped into instruments.
    """

    pieces: tuple[NoteTable, ...]
    positions: IntColumn
    scan: SmfScan
    track_names: tuple[str, ...]
    tempo_bpm: tuple[float, ...]
    split: Split


@dataclass(frozen=True, kw_only=True)
class Grouping:
    """What makes an instrument; see ``humanize.midi.instruments.group_instruments``."""

    names: tuple[str, ...]
    split: Split = "programs"
    drums: Sequence[int | str] | str | None = None
    key_switches: bool = True


def read_midi(
    data: bytes,
    *,
    name: str = "input.mid",
    split: Split = "programs",
    drums: Sequence[int | str] | str | None = None,
    key_switches: bool = True,
) -> MidiPieces:
    """Read the notes of a Standard MIDI File.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        What messages call it.
    split : "programs", "tracks" or "none"
        What makes an instrument: notes of one program (of bowed, sung and blown ones, of one track
        too), notes of one track, or all notes.
    drums : sequence of int or str, optional
        Tracks that are drums, instead of those that are taken for drums.
    key_switches : bool
        Whether notes that choose a sampler's articulation are set apart.

    Raises
    ------
    MidiError
        If the file is damaged or has no notes.
    LimitError
        For a type 2 file of too many pieces.
    OptionError
        For an unknown ``split``.
    """
    SPLIT.checked(split)
    smf = scan(data, name=name)
    numbered = list(enumerate(smf.tracks, start=1))
    one_each = smf.smf_type == 2 or not numbered
    groups = [[pair] for pair in numbered] if one_each else [numbered]
    _require_few(
        sum(len(track.note_positions) > 0 for track in smf.tracks) if one_each else 1, name
    )
    events = np.frombuffer(data, dtype=np.uint8)
    names = tuple(_decode(t.name) for t in smf.tracks)
    grouping = Grouping(names=names, split=split, drums=drums, key_switches=key_switches)
    pieces: list[NoteTable] = []
    positions: list[IntColumn] = []
    for group in groups:
        table, places = _piece(smf, group, events, sum(len(p) for p in positions), grouping)
        if len(table):
            pieces.append(table)
            positions.append(places)
    if not pieces:
        raise MidiError(f"{name}: no notes in any track; expected at least one")
    if not all(piece.is_bearable() for piece in pieces):
        raise MidiError(f"{name}: it lasts for years; expected a piece. Mend its times and tempi")
    return MidiPieces(
        pieces=tuple(pieces),
        positions=np.concatenate(positions),
        scan=smf,
        track_names=names,
        tempo_bpm=_tempi(smf.tracks),
        split=split,
    )


def _require_few(pieces: int, name: str) -> None:
    if pieces > MOST_INSTRUMENTS:
        raise LimitError(
            f"{name}: {pieces:,} pieces found, one a track of a type 2 file; expected at most "
            f"{MOST_INSTRUMENTS}. Split the file"
        )


def notes_from_pretty_midi(
    midi: PrettyMIDI,
    *,
    split: Split = "programs",
    drums: Sequence[int | str] | str | None = None,
    key_switches: bool = True,
) -> NoteTable:
    """Return the note table of a PrettyMIDI; ``source`` counts its notes instrument by instrument.

    Beats follow ``midi.time_to_tick`` and its resolution; drums get the instrument ``DRUMS``.

    Raises
    ------
    MidiError
        If it has no notes.
    """
    rows = [
        (note.start, note.end, note.pitch, note.velocity, track, part.program, part.is_drum)
        for track, part in enumerate(midi.instruments, start=1)
        for note in part.notes
    ]
    if not rows:
        raise MidiError("PrettyMIDI: no notes in any instrument; expected at least one")
    start, end, pitch, velocity, track, program, drum = (
        np.array(c) for c in zip(*rows, strict=True)
    )
    ticks = np.array(
        [[midi.time_to_tick(s), midi.time_to_tick(e)] for s, e in zip(start, end, strict=True)]
    )
    metres = [
        (midi.time_to_tick(m.time), m.numerator, m.denominator) for m in midi.time_signature_changes
    ]
    channel = np.where(drum, _DRUMS_ON_WIRE, 0)
    return _table(
        ticks=ticks.astype(np.int64),
        seconds=np.column_stack([start, end]).astype(np.float64),
        resolution=(midi.resolution, 1),
        metres=metres,
        pitch=pitch,
        velocity=velocity,
        track=track,
        channel=channel,
        program=program,
        controls=pretty_midi_controls(midi),
        voice=track,
        first_source=0,
        rhythm=np.asarray(drum, dtype=bool),
        grouping=Grouping(
            names=tuple(p.name for p in midi.instruments),
            split=split,
            drums=drums,
            key_switches=key_switches,
        ),
    )


def _piece(
    smf: SmfScan,
    group: Sequence[tuple[int, TrackScan]],
    data: NDArray[np.uint8],
    first_source: int,
    grouping: Grouping,
) -> tuple[NoteTable, IntColumn]:
    tracks = [track for _, track in group]
    number = np.concatenate([np.full(len(t.note_ticks), n, dtype=np.int64) for n, t in group])
    tick = np.concatenate([t.note_ticks for t in tracks])
    status = np.concatenate([t.note_status for t in tracks])
    position = np.concatenate([t.note_positions for t in tracks])
    pitch, velocity = data[position - 1].astype(np.int64), data[position].astype(np.int64)
    sounding = (status >= 0x90) & (velocity > 0)
    key = (status & 0x0F) * 128 + pitch
    end = max((t.end_tick for t in tracks), default=0)
    on, off_tick = pair_notes(key, tick, sounding, end)
    ticks = np.column_stack([tick[on], off_tick])
    table = _table(
        ticks=ticks,
        seconds=_seconds(ticks, smf, tracks),
        resolution=_ticks_per_beat(smf),
        metres=[m for t in tracks for m in t.metres],
        pitch=pitch[on],
        velocity=velocity[on],
        track=number[on],
        channel=status[on] & 0x0F,
        program=_programs(group, number[on], status[on] & 0x0F, tick[on]),
        controls=pedal_controls(smf, tracks),
        voice=status[on] & 0x0F,
        first_source=first_source,
        rhythm=_rhythm(tracks, status[on] & 0x0F, tick[on]),
        grouping=grouping,
    )
    return table, position[on]


def pedal_controls(smf: SmfScan, tracks: Sequence[TrackScan] | None = None) -> Controls:
    """Return the control changes of the pedals in some tracks of a file; in all by default."""
    chosen = smf.tracks if tracks is None else tracks
    rows = [change for t in chosen for change in t.controls]
    tick, channel, number, value = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    return Controls(seconds=_seconds(tick, smf, chosen), voice=channel, number=number, value=value)


def _table(
    *,
    ticks: IntColumn,
    seconds: FloatColumn,
    resolution: tuple[int, int],
    metres: Iterable[tuple[int, int, int]],
    pitch: IntColumn,
    velocity: IntColumn,
    track: IntColumn,
    channel: IntColumn,
    program: IntColumn,
    controls: Controls,
    voice: IntColumn,
    first_source: int,
    rhythm: NDArray[np.bool_],
    grouping: Grouping,
) -> NoteTable:
    beats = ticks * resolution[1] / resolution[0]
    changes = metre_changes(metres)
    measure, position, numerator, denominator = measures_of(ticks[:, 0], changes, resolution)
    played = Played(
        pitch=pitch.astype(np.int64),
        velocity=velocity.astype(np.int64),
        track=track.astype(np.int64),
        channel=channel.astype(np.int64) + 1,
        program=program.astype(np.int64),
        rhythm=rhythm,
    )
    instrument = group_instruments(
        played,
        grouping.names,
        split=grouping.split,
        drums=grouping.drums,
        key_switches=grouping.key_switches,
    )
    duration_sec = np.maximum(seconds[:, 1] - seconds[:, 0], 0.0)
    table = NoteTable(
        onset_beat=beats[:, 0],
        duration_beat=(ticks[:, 1] - ticks[:, 0]) * resolution[1] / resolution[0],
        onset_sec=seconds[:, 0],
        duration_sec=duration_sec,
        pitch=played.pitch,
        measure=measure,
        measure_position_beat=position,
        metre_numerator=numerator,
        metre_denominator=denominator,
        track=played.track,
        channel=played.channel,
        program=played.program,
        instrument=instrument,
        velocity=played.velocity,
        source=np.arange(first_source, first_source + len(pitch), dtype=np.int64),
        pedals=pedal_columns(
            controls,
            onset_sec=seconds[:, 0],
            duration_sec=duration_sec,
            voice=voice,
            instrument=instrument,
        ),
        timing=_timing(ticks[:, 0], resolution),
        metre_known=len(changes) > 0,
    )
    return table.canonical()


def _ticks_per_beat(smf: SmfScan) -> tuple[int, int]:
    if smf.ticks_per_quarter:
        return smf.ticks_per_quarter, 1
    numerator, denominator = smf.ticks_per_second
    return numerator, 2 * denominator  # SMPTE time has no beats: 120 a minute are assumed


def _seconds(ticks: IntColumn, smf: SmfScan, tracks: Sequence[TrackScan]) -> FloatColumn:
    if not smf.ticks_per_quarter:
        numerator, denominator = smf.ticks_per_second
        return ticks * denominator / numerator
    tempo = dict(sorted(change for track in tracks for change in track.tempos))
    tempo.setdefault(0, _DEFAULT_TEMPO)
    starts = np.array(sorted(tempo), dtype=np.int64)
    micros = np.array([tempo[int(s)] for s in starts], dtype=np.int64)
    elapsed = [0]
    for length, rate in zip(np.diff(starts).tolist(), micros.tolist(), strict=False):
        elapsed.append(elapsed[-1] + length * rate)
    kind = (
        np.int64
        if elapsed[-1] + int(ticks.max(initial=0)) * int(micros.max()) < 2**62
        else np.float64
    )
    segment = np.searchsorted(starts, ticks, side="right") - 1
    # whole numbers until the one division: equal music gives equal bits at any resolution
    total = np.array(elapsed, dtype=kind)[segment] + (ticks - starts[segment]) * micros[
        segment
    ].astype(kind)
    return np.asarray(total / (smf.ticks_per_quarter * 1_000_000), dtype=np.float64)


def _programs(
    group: Sequence[tuple[int, TrackScan]], track: IntColumn, channel: IntColumn, tick: IntColumn
) -> IntColumn:
    own: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for number, scanned in group:
        for when, on_channel, value in scanned.programs:
            own.setdefault((number, on_channel), []).append((when, value))
            own.setdefault((0, on_channel), []).append((when, value))
    program = np.full(len(tick), -1, dtype=np.int64)
    voices = track * 16 + channel
    for voice in distinct(voices).tolist():
        changes = own.get((voice // 16, voice % 16)) or own.get((0, voice % 16))
        if changes:
            times, values = (np.array(c) for c in zip(*sorted(changes), strict=True))
            rows = np.flatnonzero(voices == voice)
            latest = np.searchsorted(times, tick[rows], side="right") - 1
            program[rows] = values[np.maximum(latest, 0)]
    return program


def _rhythm(tracks: Sequence[TrackScan], channel: IntColumn, tick: IntColumn) -> NDArray[np.bool_]:
    """Return which notes stand on a channel that plays drums at their time."""
    drums = channel == _DRUMS_ON_WIRE
    said: dict[int, list[tuple[int, bool]]] = {}
    for track in tracks:
        for when, on_channel, plays in track.rhythm:
            said.setdefault(on_channel, []).append((when, plays))
    for on_channel, changes in said.items():
        times, states = (np.array(c) for c in zip(*sorted(changes, key=itemgetter(0)), strict=True))
        rows = np.flatnonzero(channel == on_channel)
        latest = np.searchsorted(times, tick[rows], side="right") - 1
        drums[rows] = np.where(latest >= 0, states[np.maximum(latest, 0)], drums[rows])
    return drums


def _timing(onset: IntColumn, resolution: tuple[int, int]) -> Timing:
    """Return "performed" where too few distinct onsets stand on a grid of common note values."""
    if not len(onset):
        return "score"
    ticks = distinct(onset) * resolution[1]
    on_grid = np.zeros(len(ticks), dtype=bool)
    for grid in _GRIDS:
        nearest = np.round(ticks * grid / resolution[0]) * resolution[0] / grid
        on_grid |= np.abs(ticks - nearest) < resolution[1]  # less than one tick: rounding
    return "score" if on_grid.mean() >= _ON_GRID_SHARE else "performed"


def _decode(text: bytes) -> str:
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError:
        decoded = text.decode("latin-1")
    return "".join(c if c.isprintable() else " " for c in decoded).strip()


def _tempi(tracks: Sequence[TrackScan]) -> tuple[float, ...]:
    changes = sorted(change for track in tracks for change in track.tempos)
    return tuple(60_000_000 / micros for _, micros in changes) or (60_000_000 / _DEFAULT_TEMPO,)
