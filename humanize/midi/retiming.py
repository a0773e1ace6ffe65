"""A whole performance written into a Standard MIDI File, everything else as it came.

Two ways. In mode *tempo* tempo events carry the rubato: bars stay on the grid, and every other
track, controller and lyric follows of itself; asynchrony and articulation are small moves on top.
In mode *notes* the tempo track stays, as loops and synchronised projects need it, and what is
heard moves: notes, all other channel events, system-exclusive messages, lyrics and texts follow
the performed time map; metre, key, markers and cues stay with the bars, and the piece ends when it
did. Files without bars to keep (SMPTE time, and type 2, whose tracks have tempi of their own) are
always written so.

Nothing begins before the first note does, and where nothing changes the file comes back as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from humanize.errors import InputError
from humanize.interpretation.parameters import PerformanceParameters, WriteMode, Writing
from humanize.midi.events import (
    NewEvent,
    TrackEdit,
    TrackEvents,
    read_events,
    replace_tracks,
    write_events,
)
from humanize.midi.pedalling import DAMPER
from humanize.midi.piece_events import read_pieces
from humanize.midi.piece_retiming import PieceEdit, retime_piece
from humanize.midi.reading import MidiPieces
from humanize.midi.record import LARGEST, make_record, sign
from humanize.midi.smf import SmfScan, patch
from humanize.notes import IntColumn

_COARSE, _FINE = 240, 480  # ticks per quarter note: below the first, the second at least is written
_PEDAL_DOWN = 64


def write_performance(
    data: bytes,
    reading: MidiPieces,
    parameters: Sequence[PerformanceParameters],
    writing: Writing | None = None,
) -> bytes:
    """Return a file with a performance written into it, and a record of what it was.

    Velocities are written as given. Drums follow the time map; of their own they move where the
    parameters have lags for them.
    ``humanize.midi.record.strip_performance`` takes all of it out again.

    Parameters
    ----------
    data : bytes
        The whole file.
    reading : MidiPieces
        As read from ``data``.
    parameters : sequence of PerformanceParameters
        One for each of ``reading.pieces``, notes in the order of the table.
    writing : Writing, optional
        How; tempo events and the pedal as it is by default.

    Raises
    ------
    InputError
        If the parameters do not fit the notes.
    MidiError
        If a velocity is not 1 to 127.
    """
    writing = writing or Writing()
    scaled = [p.scaled(writing.amounts) for p in parameters]
    _require_fit(reading, scaled)
    smf = reading.scan
    writing = replace(writing, mode=effective_mode(smf, writing.mode))
    factor = _factor(smf, scaled, writing)
    edit = PieceEdit()
    for piece, notes, own in zip(
        read_pieces(data, smf, factor=factor), reading.pieces, scaled, strict=True
    ):
        edit |= retime_piece(data, smf, piece, notes, own, writing)
    patched = bytearray(patch(data, *_velocities(reading, scaled)))
    for position, value in edit.values.items():
        patched[position : position + len(value)] = value
    return _Rewriting(data, bytes(patched), smf, factor).written(edit.tracks)


def effective_mode(smf: SmfScan, mode: WriteMode) -> WriteMode:
    """Return the mode that a file is written in: "notes" for SMPTE time and type 2."""
    return mode if smf.ticks_per_quarter and smf.smf_type != 2 else "notes"


def has_pedal(smf: SmfScan) -> bool:
    """Return whether a file ever presses the damper pedal."""
    changes = (change for track in smf.tracks for change in track.controls)
    return any(number == DAMPER and value >= _PEDAL_DOWN for _, _, number, value in changes)


def _require_fit(reading: MidiPieces, parameters: Sequence[PerformanceParameters]) -> None:
    found, expected = [len(p) for p in parameters], [len(p) for p in reading.pieces]
    if found != expected:
        raise InputError(f"performance: parameters of {found} notes; expected {expected}")


def _factor(smf: SmfScan, parameters: Sequence[PerformanceParameters], writing: Writing) -> int:
    """Return by how much ticks have to be finer for moves of milliseconds."""
    if not 0 < smf.ticks_per_quarter < _COARSE:
        return 1
    moved = any(
        p.asynchrony_ms.any()
        or np.nan_to_num(p.drum_lag_ms).any()
        or p.log_articulation.any()
        or (p.log_beat_period.any() and writing.mode == "notes")
        or (np.isfinite(p.pedal_press_ms).any() and writing.pedal in ("add", "replace"))
        for p in parameters
    )
    latest = max((track.end_tick for track in smf.tracks), default=0)
    factor = -(-_FINE // smf.ticks_per_quarter)
    return factor if moved and latest * factor < 2**28 else 1


def _velocities(
    reading: MidiPieces, parameters: Sequence[PerformanceParameters]
) -> tuple[IntColumn, IntColumn]:
    given = [(n, p.velocity) for n, p in zip(reading.pieces, parameters, strict=True)]
    found = [(n.source, v) for n, v in given if v is not None]
    none = np.zeros(0, dtype=np.int64)
    source = np.concatenate([none, *(s for s, _ in found)])
    return reading.positions[source], np.concatenate([none, *(v for _, v in found)])


@dataclass(frozen=True)
class _Rewriting:
    """A file before, the same with new values in it, and how much finer its ticks become."""

    data: bytes
    patched: bytes
    smf: SmfScan
    factor: int

    def written(self, edits: Mapping[int, tuple[TrackEvents, TrackEdit]]) -> bytes:
        """Return the file with its tracks edited; as it was where nothing changes."""
        changed = {
            number: edits.get(number) or self._kept(number)
            for number in range(len(self.smf.spans))
            if self._changes(number, edits)
        }
        if not changed:
            return self.data
        changed.setdefault(0, edits.get(0) or self._kept(0))
        before = {number: self.data[slice(*self.smf.spans[number])] for number in changed}
        if sum(map(len, before.values())) > LARGEST:
            return self._replaced(changed)
        return self._recorded(before, changed)

    def _changes(self, number: int, edits: Mapping[int, tuple[TrackEvents, TrackEdit]]) -> bool:
        span = slice(*self.smf.spans[number])
        edited = number in edits and edits[number][1].changes(edits[number][0])
        return self.factor > 1 or edited or self.patched[span] != self.data[span]

    def _kept(self, number: int) -> tuple[TrackEvents, TrackEdit]:
        events = read_events(self.data, self.smf.spans[number]).scaled(self.factor)
        return events, TrackEdit.nothing(events)

    def _recorded(
        self, before: Mapping[int, bytes], edits: Mapping[int, tuple[TrackEvents, TrackEdit]]
    ) -> bytes:
        start = self.smf.start
        events, edit = edits[0]
        tick = int(edit.tick.max(initial=0))
        for padding in range(3):  # a byte more may lengthen what says how long the record is
            record = make_record(self.data[start + 12 : start + 14], before, padding=padding)
            new = (*edit.new, NewEvent(tick=tick, message=record))
            written = self._replaced({**edits, 0: (events, replace(edit, new=new))})
            if not start or (len(written) - len(self.data)) % 2 == 0:
                break
        return sign(written, record)

    def _replaced(self, edits: Mapping[int, tuple[TrackEvents, TrackEdit]]) -> bytes:
        bodies = {n: write_events(self.patched, *edit) for n, edit in edits.items()}
        division = self.smf.ticks_per_quarter * self.factor
        return replace_tracks(
            self.data, self.smf, bodies,
            division=division.to_bytes(2, "big") if self.factor > 1 else None,
        )  # fmt: skip
