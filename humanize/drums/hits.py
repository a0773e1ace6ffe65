"""Drum hits on their grid: what features, models and grooves are computed from."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from humanize.drums.grid import find_steps, nearest
from humanize.drums.kit import UNKNOWN, drums_of
from humanize.notes import FloatColumn, IntColumn, NoteTable

TICKS = 24
"""Steps of a quarter note that tell every place on either grid apart."""


@dataclass(frozen=True, kw_only=True)
class DrumHits:
    """Hits of known drums in order of their places on the grid, then of their drums.

    Attributes
    ----------
    row : (n,) IntColumn
        Of the note table.
    drum : (n,) IntColumn
        See ``humanize.drums.kit``.
    tick : (n,) IntColumn
        Place on the grid, 24 to a quarter note, from the start of the piece.
    steps : (n,) IntColumn
        Steps of the grid to a quarter note there, 4 or 6.
    lag_ms : (n,) FloatColumn
        Onset less its place on the grid; above 0 is late.
    velocity : (n,) IntColumn
        As it came.
    measure : (n,) IntColumn
        Number of the measure in which that place is, from 1.
    position : (n,) IntColumn
        Place in the measure, 24 to a quarter note.
    length : (n,) IntColumn
        Of the measure, 24 to a quarter note.
    beat_sec : (n,) FloatColumn
        Seconds of a quarter note there.
    again : (n,) bool array
        Hits of a drum that has an earlier or nearer one at that place: the rest of a flam, drag or
        roll.
    """

    row: IntColumn
    drum: IntColumn
    tick: IntColumn
    steps: IntColumn
    lag_ms: FloatColumn
    velocity: IntColumn
    measure: IntColumn
    position: IntColumn
    length: IntColumn
    beat_sec: FloatColumn
    again: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.row)

    def take(self, rows: NDArray[np.bool_] | IntColumn) -> DrumHits:
        """Return some of the hits."""
        return DrumHits(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def hits_of(notes: NoteTable, rows: IntColumn | None = None) -> DrumHits:
    """Return the hits of known drums among some rows of a note table; among all by default."""
    rows = np.arange(len(notes), dtype=np.int64) if rows is None else rows
    drum = drums_of(notes.pitch[rows])
    return on_grid(notes, rows[drum != UNKNOWN], drum[drum != UNKNOWN])


def on_grid(notes: NoteTable, rows: IntColumn, drum: IntColumn) -> DrumHits:
    """Return some rows of a note table on their grid, whatever they are called as drums."""
    onset = notes.onset_beat[rows]
    steps = find_steps(onset)
    place = nearest(onset, steps)
    tick = np.round(place * TICKS).astype(np.int64)
    beat_sec = _beat_seconds(onset, notes.onset_sec[rows])
    length = notes.metre_numerator[rows] * 4 * TICKS // notes.metre_denominator[rows]
    position = tick - np.round((onset - notes.measure_position_beat[rows]) * TICKS).astype(np.int64)
    next_measure = position >= length  # an early hit of the downbeat
    hits = DrumHits(
        row=rows,
        drum=drum,
        tick=tick,
        steps=steps,
        lag_ms=(onset - place) * beat_sec * 1000,
        velocity=notes.velocity[rows],
        measure=notes.measure[rows] + next_measure,
        position=np.where(next_measure, position - length, position),
        length=length,
        beat_sec=beat_sec,
        again=_again(drum, tick, np.abs(onset - place)),
    )
    return hits.take(np.lexsort((onset, drum, tick)))


def _beat_seconds(onset_beat: FloatColumn, onset_sec: FloatColumn) -> FloatColumn:
    """Return the seconds of a quarter note around each onset, over two beats at least."""
    if not len(onset_beat):
        return np.zeros(0)
    after = np.searchsorted(onset_beat, onset_beat + 2.0).clip(max=len(onset_beat) - 1)
    before = np.searchsorted(onset_beat, onset_beat - 2.0)
    beats = onset_beat[after] - onset_beat[before]
    sec = onset_sec[after] - onset_sec[before]
    known = (beats > 0) & (sec > 0)
    return np.where(known, sec / np.where(known, beats, 1.0), 0.5)


def _again(drum: IntColumn, tick: IntColumn, distance: FloatColumn) -> NDArray[np.bool_]:
    """Return which hits share drum and place with another that is nearer to the place."""
    order = np.lexsort((distance, tick, drum))
    same = (np.diff(drum[order]) == 0) & (np.diff(tick[order]) == 0)
    again = np.zeros(len(drum), dtype=bool)
    again[order[1:][same]] = True
    return again
