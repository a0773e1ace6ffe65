"""One piece of a file in performed time: what becomes of the ticks of its events."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from humanize.drums.kit import movers_of
from humanize.interpretation.parameters import PerformanceParameters, Writing
from humanize.interpretation.timing import TimeMap, perform_time_map
from humanize.midi.clock import (
    SLOWEST_TEMPO,
    Clock,
    Tempi,
    beats_around,
    read_clock,
    read_tempi,
    write_tempi,
)
from humanize.midi.events import META, NewEvent, TrackEdit, TrackEvents, meta
from humanize.midi.hitting import place_hits
from humanize.midi.pedalling import DAMPER, PIANOS, pedal_events, pedal_strokes
from humanize.midi.piece_events import PieceEvents, distance_to_settings, find_settings
from humanize.midi.placing import TickNotes, place_notes
from humanize.midi.smf import SmfScan
from humanize.notes import DRUMS, KEY_SWITCHES, IntColumn, NoteTable, among, distinct

_TEMPO, _TEXT, _LYRIC = 0x51, 0x01, 0x05
_SHORTEST, _OFF_BEAT = 32, 16  # parts of a quarter note: 1/128 note, and 1/64 note
_FLAM = 12  # part of a quarter note: strokes of a flam or drag are nearer to each other
_FAR = np.iinfo(np.int64).max // 4


@dataclass(frozen=True, kw_only=True)
class PieceEdit:
    """What changes in a piece.

    Attributes
    ----------
    tracks : dict of int to (TrackEvents, TrackEdit)
        By number of the track, the first 0.
    values : dict of int to bytes
        Bytes that are replaced in place, by position in the file: tempi.
    """

    tracks: dict[int, tuple[TrackEvents, TrackEdit]] = field(default_factory=dict)
    values: dict[int, bytes] = field(default_factory=dict)

    def __or__(self, other: PieceEdit) -> PieceEdit:
        return PieceEdit(tracks=self.tracks | other.tracks, values=self.values | other.values)


@dataclass(frozen=True, kw_only=True)
class _Times:
    """The times of a piece that is performed.

    ``written`` is the clock of the file as it is written, ``played`` the performed time of its
    ticks as they were, ``tempi`` are the tempo changes, None where they stay.
    """

    written: Clock
    played: Clock
    tempi: Tempi | None = None

    def follow(self, tick: IntColumn) -> IntColumn:
        """Return the ticks of events that go with the music; distinct ones stay distinct."""
        if self.tempi is not None or self.written is self.played:
            return tick
        ticks = distinct(tick)
        moved = np.round(self.written.tick(self.played.sec(ticks))).astype(np.int64)
        step = np.arange(len(ticks))
        moved = np.maximum.accumulate(moved - step) + step
        return moved[np.searchsorted(ticks, tick)]


def retime_piece(
    data: bytes,
    smf: SmfScan,
    piece: PieceEvents,
    notes: NoteTable,
    parameters: PerformanceParameters,
    writing: Writing,
) -> PieceEdit:
    """Return what a performance changes in a piece.

    Parameters
    ----------
    data : bytes
        The whole file.
    smf : SmfScan
    piece : PieceEvents
    notes : NoteTable
        The table of the piece.
    parameters : PerformanceParameters
        Scaled, notes in the order of the table.
    writing : Writing
        With the mode that fits the file.
    """
    rows = np.argsort(notes.source)  # from here on notes stand in the order of their events
    notes, parameters = notes.take(rows), parameters.take_notes(rows)
    times = _times(smf, piece, parameters, writing)
    ticks = _followed(piece, times)
    on, off = _placed(piece, notes, parameters, times, writing)
    edits = _edits(piece, ticks, on, off)
    values: dict[int, bytes] = {}
    if times.tempi is not None:
        values = _change_tempi(data, piece, times.tempi)
        edits[0] = edits[0].with_new(_new_tempi(piece, times.tempi))
    edits = _pedalled(data, piece, notes, parameters, times, writing, off, edits)
    named = zip(piece.numbers, zip(piece.tracks, edits, strict=True), strict=True)
    return PieceEdit(tracks=dict(named), values=values)


def _times(
    smf: SmfScan, piece: PieceEvents, parameters: PerformanceParameters, writing: Writing
) -> _Times:
    factor = piece.factor
    clock = read_clock(smf, piece.scans, factor=factor)
    if not parameters.log_beat_period.any():
        return _Times(written=clock, played=clock)
    first, last = int(piece.on_tick.min()), int(piece.off_tick.max())
    by_tempo = writing.mode == "tempo"
    slowest = SLOWEST_TEMPO / float(read_tempi(piece.scans).micros.max()) if by_tempo else np.inf
    played = perform_time_map(
        clock.time_map,
        parameters.onset_beat,
        np.minimum(parameters.log_beat_period, np.log(slowest)),
        end_beat=last / clock.ticks_per_beat,
    )
    if by_tempo:
        tempi = _tempi(smf, piece, played, (first, last))
        written = tempi.clock(smf.ticks_per_quarter * factor)
        return _Times(written=written, played=written, tempi=tempi)
    span = (first / clock.ticks_per_beat, last / clock.ticks_per_beat)
    kept = played.ending_with(clock.time_map, first_beat=span[0], last_beat=span[1])
    return _Times(written=clock, played=Clock(time_map=kept, ticks_per_beat=clock.ticks_per_beat))


def _tempi(smf: SmfScan, piece: PieceEvents, played: TimeMap, span: tuple[int, int]) -> Tempi:
    quarter = smf.ticks_per_quarter * piece.factor
    onsets = distinct(piece.on_tick)
    return write_tempi(
        played,
        read_tempi(piece.scans, factor=piece.factor),
        beats_around(onsets, piece.metres(), quarter),
        span,
        quarter,
    )


def _followed(piece: PieceEvents, times: _Times) -> list[IntColumn]:
    """Return the ticks of all events by the time map alone."""
    everything = np.concatenate([t.tick for t in piece.tracks])
    moved = np.split(times.follow(everything), np.cumsum([len(t) for t in piece.tracks])[:-1])
    return [
        np.where(_goes_with_the_music(track), ticks, track.tick)
        for track, ticks in zip(piece.tracks, moved, strict=True)
    ]


def _goes_with_the_music(track: TrackEvents) -> NDArray[np.bool_]:
    return (track.status < META) | (track.kind == _TEXT) | (track.kind == _LYRIC)


def _placed(
    piece: PieceEvents,
    notes: NoteTable,
    parameters: PerformanceParameters,
    times: _Times,
    writing: Writing,
) -> tuple[IntColumn, IntColumn]:
    settings, channels = find_settings(piece, notes.instrument == KEY_SWITCHES)
    count, several = len(notes), len(settings)
    # the ends of notes that nothing closes stand at the end of the piece, where no event may be
    own = np.concatenate([piece.on_tick, piece.off_tick, settings])
    moved = times.follow(np.concatenate([own, *(t.tick for t in piece.tracks)]))
    on, off, settings = np.split(moved[: 2 * count + several], [count, 2 * count])
    left, right = distance_to_settings(on, piece.key // 128, (settings, channels))
    quarter = times.written.ticks_per_beat
    on, off = place_notes(
        own_notes := TickNotes(
            on=on, off=off, key=piece.key, instrument=notes.instrument,
            still=notes.instrument < 0, leftmost=left, rightmost=right,
            room=_room(piece, quarter, writing), track=piece.track[piece.on],
            widest=(int(quarter) - 1) // _SHORTEST if writing.mode == "tempo" else _FAR,
            shortest=int(np.ceil(quarter / _SHORTEST)),
        ),
        times.written,
        (times.played.sec(piece.on_tick), times.played.sec(piece.off_tick)),
        parameters.asynchrony_ms,
        parameters.log_articulation,
    )  # fmt: skip
    lag_ms = np.nan_to_num(parameters.drum_lag_ms)
    if not lag_ms.any():
        return on, off
    struck = np.flatnonzero(np.isfinite(parameters.drum_lag_ms))
    wanted = times.written.tick(times.played.sec(piece.on_tick) + lag_ms / 1000) - on
    limb = movers_of(notes.pitch, notes.track, notes.instrument == DRUMS)
    return place_hits(own_notes, (on, off), struck, limb, wanted, flam=int(quarter) // _FLAM)


def _room(piece: PieceEvents, quarter: float, writing: Writing) -> IntColumn:
    """Return how far onsets may move in mode tempo, so that programs still see them on the beat.

    On a beat less than a 1/128 note, elsewhere less than a 1/64.
    """
    if writing.mode == "notes":
        return np.full(len(piece.on_tick), _FAR)
    whole = int(quarter)
    beats = beats_around(distinct(piece.on_tick), piece.metres(), whole)
    on_beat = among(piece.on_tick, beats) | (piece.on_tick % whole == 0)
    return np.where(on_beat, (whole - 1) // _SHORTEST, (whole - 1) // _OFF_BEAT)


def _edits(
    piece: PieceEvents, ticks: list[IntColumn], on: IntColumn, off: IntColumn
) -> list[TrackEdit]:
    edits = []
    closed = piece.off >= 0
    event = np.concatenate([piece.on, piece.off[closed]])
    tick = np.concatenate([on, off[closed]])
    for number, (track, followed) in enumerate(zip(piece.tracks, ticks, strict=True)):
        own = piece.track[event] == number
        moved = followed.copy()
        moved[piece.row[event[own]]] = tick[own]
        edits.append(
            TrackEdit(tick=moved, apart=moved != followed, kept=np.ones(len(track), dtype=bool))
        )
    return edits


def _change_tempi(data: bytes, piece: PieceEvents, tempi: Tempi) -> dict[int, bytes]:
    """Return the bytes of the tempo events that were there, by their positions."""
    before = read_tempi(piece.scans, factor=piece.factor)
    values: dict[int, bytes] = {}
    for track in piece.tracks:
        for row in np.flatnonzero((track.status == META) & (track.kind == _TEMPO)).tolist():
            tick, end = track.tick[row : row + 1], int(track.end[row])
            new = tempi.at(tick)[0]
            if _is_tempo(data[track.begin[row] : end]) and new != before.at(tick)[0]:
                values[end - 3] = int(new).to_bytes(3, "big")
    return values


def _is_tempo(event: bytes) -> bool:
    """Return whether a tempo event has its three bytes, and not all zero, as it is read."""
    size = event[2:-3].lstrip(b"\x80")
    return size == b"\x03" and any(event[-3:])


def _new_tempi(piece: PieceEvents, tempi: Tempi) -> list[NewEvent]:
    there = {tick * piece.factor for scan in piece.scans for tick, _ in scan.tempos}
    before = np.concatenate([read_tempi([]).micros, tempi.micros[:-1]])
    return [
        NewEvent(tick=tick, message=meta(_TEMPO, micros.to_bytes(3, "big")), place="after meta")
        for tick, micros, last in zip(
            tempi.tick.tolist(), tempi.micros.tolist(), before.tolist(), strict=True
        )
        if tick not in there and micros != last
    ]


def _pedalled(
    data: bytes,
    piece: PieceEvents,
    notes: NoteTable,
    parameters: PerformanceParameters,
    times: _Times,
    writing: Writing,
    off: IntColumn,
    edits: list[TrackEdit],
) -> list[TrackEdit]:
    """Return the edits with the pedal that is asked for."""
    if writing.pedal == "none":
        kept = [~t.controls(DAMPER) for t in piece.tracks]
        return [e.keeping(k) for e, k in zip(edits, kept, strict=True)]
    if writing.pedal == "keep" or not len(parameters.pedal_press_ms):
        return edits
    channels = _channels_with_pedal(notes)
    if writing.pedal == "add":
        channels = [c for c in channels if not piece.presses_pedal(c)]
    for channel in channels:
        own = notes.channel == channel + 1
        end = int(off[own].max())
        end_sec = float(times.written.sec(np.array([end]))[0])
        strokes = pedal_strokes(parameters, times.played.time_map, end_sec=end_sec)
        new = pedal_events(
            strokes, times.written, channel, end_tick=end,
            continuous=writing.pedal_values == "continuous",
        )  # fmt: skip
        edits = _with_pedal(data, piece, channel, new, edits)
    return edits


def _channels_with_pedal(notes: NoteTable) -> list[int]:
    pianos = (notes.instrument >= 0) & np.isin(notes.program, PIANOS)
    return [int(c) - 1 for c in distinct(notes.channel[pianos])]


def _with_pedal(
    data: bytes,
    piece: PieceEvents,
    channel: int,
    new: list[NewEvent],
    edits: list[TrackEdit],
) -> list[TrackEdit]:
    """Return the edits with a channel's pedal in place of what it had.

    A pedal that is let up before the new one is first pressed stays: it says how things begin.
    """
    first = new[0].tick if new else 0
    values = np.frombuffer(data, dtype=np.uint8)
    changed = []
    for track, edit in zip(piece.tracks, edits, strict=True):
        own = track.controls(DAMPER) & (track.status & 0x0F == channel)
        beginning = (values[track.end - 1] == 0) & (edit.tick < first)
        changed.append(edit.keeping(~own | beginning))
    place = piece.track_of_channel(channel)
    changed[place] = changed[place].with_new(new)
    return changed
