"""A melody in the left hand under repeated chords: models hear it as the bass, pianists sing it.

Notes of a chord that comes again within a beat are accompaniment; a line of steps below them is the
melody where it makes up a good part of the piece, as in Chopin's prelude op. 28 no. 6.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from humanize.features.context import Context
from humanize.notes import FloatColumn, NoteTable

EMPHASIS = 12.0
"""Velocities by which the line is raised (benchmarks/velocity_accuracy/left_hand.md)."""

LEAST_SHARE = 0.18
"""Of all notes that the line has; less is a bass that moves now and then."""

_AGAIN_BEAT = 1.01  # a chord is repeated within a beat
_AROUND_BEAT = 2.01
_CHORDS = 0.4  # of the notes around are repeated chords
_BELOW = 3.0  # semitones under their mean
_STEP, _STEP_BEAT = 5, 2.0  # a line goes on by at most a fourth, within two beats
_Mask = NDArray[np.bool_]


def sing_out(velocity: FloatColumn, notes: NoteTable) -> FloatColumn:
    """Return velocities with a melody under repeated chords raised by ``EMPHASIS``.

    Parameters
    ----------
    velocity : (n,) FloatColumn
        Velocity units, of one instrument.
    notes : NoteTable
        Its notes, in notated time; a performance's touch tells more.
    """
    if notes.timing == "performed" or len(notes) < 2:
        return velocity
    return velocity + EMPHASIS * line_under_chords(notes)


def line_under_chords(notes: NoteTable) -> _Mask:
    """Return which notes are a melody under repeated chords, (n,); none where it is too small."""
    chords = repeated_chords(notes)
    around, count = _sums(notes, chords.astype(np.float64))
    pitches, _ = _sums(notes, (chords * notes.pitch).astype(np.float64))
    below = notes.pitch < pitches / np.maximum(around, 1.0) - _BELOW
    line = _stepwise(notes, ~chords & (around >= _CHORDS * count) & below)
    return line if line.mean() >= LEAST_SHARE else np.zeros(len(notes), dtype=bool)


def repeated_chords(notes: NoteTable) -> _Mask:
    """Return which notes belong to a chord of which two notes or more come again within a beat."""
    c = Context(notes)
    before, after = c.same_pitch
    near = np.zeros(len(notes), dtype=bool)
    for other in (before, after):
        gap = np.abs(notes.onset_beat - notes.onset_beat[other])
        near |= (other >= 0) & (gap > 0) & (gap <= _AGAIN_BEAT)
    return np.asarray(near & (np.bincount(c.group, near)[c.group] >= 2))


def _sums(notes: NoteTable, values: FloatColumn) -> tuple[FloatColumn, FloatColumn]:
    """Return the sum of a column over the notes within two beats, and their number."""
    onset = notes.onset_beat
    low = np.searchsorted(onset, onset - _AROUND_BEAT)
    high = np.searchsorted(onset, onset + _AROUND_BEAT, "right")
    total = np.concatenate(([0.0], np.cumsum(values)))
    return total[high] - total[low], (high - low).astype(np.float64)


def _stepwise(notes: NoteTable, candidates: _Mask) -> _Mask:
    """Return the candidates that go on by a step from, or to, a neighbour among them."""
    rows = np.flatnonzero(candidates)
    step = np.abs(np.diff(notes.pitch[rows]))
    wait = np.diff(notes.onset_beat[rows])
    goes_on = (step > 0) & (step <= _STEP) & (wait > 0) & (wait <= _STEP_BEAT)
    inside = np.zeros(len(notes), dtype=bool)
    inside[rows[:-1][goes_on]] = True
    inside[rows[1:][goes_on]] = True
    return inside
