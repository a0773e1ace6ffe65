"""Entries of a fugue's subject, wherever they are: pianists bring them out, models hear pitch.

A piece that begins with one line alone, which a second line answers as it enters, is taken for a
fugue: what the first line plays until then is its subject. Each later entry is found by its
rhythm and its intervals (a tonal answer alters a few of them by a step), in any line.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from humanize.features.context import Context
from humanize.features.voices import voice_of_note
from humanize.notes import FloatColumn, IntColumn, NoteTable, starts

PLACES = ("lowest line", "inner line", "highest line", "alone")
"""Where a note of an entry lies among what begins within half a beat of it."""

EMPHASIS = (11.0, 5.0, 0.0, 0.0)
"""Velocities by which a subject is brought out in each place: what is low, models hear as
accompaniment. Chosen on fugal pieces that trees had not heard, beside what pianists do
(benchmarks/velocity_accuracy/subjects.md)."""

_COMPARED = 6  # notes that tell an entry
_FEWEST, _MOST = 4, 24  # notes of a subject
_ALTERED, _ALTERED_ALL = 2, 4  # semitones: of one interval, and of all together
_ENTRIES = 3
_LONGEST, _LINES = 20_000, 16  # notes and lines: what has more is no fugue
_GRID = 24  # parts of a beat in which rhythms are compared
_NEAR_BEAT = 0.5


def bring_out(velocity: FloatColumn, notes: NoteTable) -> FloatColumn:
    """Return velocities with the entries of a fugue's subject raised, by where they lie.

    Parameters
    ----------
    velocity : (n,) FloatColumn
        Velocity units, of one instrument.
    notes : NoteTable
        Its notes, in notated time; a performance's touch tells more than its themes.
    """
    if notes.timing == "performed" or not _begins_alone(notes):
        return velocity
    place = places_of(notes, subject_entries(notes))
    return np.asarray(velocity + np.array([*EMPHASIS, 0.0])[place])


def _begins_alone(notes: NoteTable) -> bool:
    """Return whether the first notes follow each other one at a time (cheap; most pieces fail)."""
    onset = notes.onset_beat[:_FEWEST]
    known = _FEWEST < len(notes) <= _LONGEST
    return known and bool(starts(onset).all()) and _most_sounding(notes) <= _LINES


def _most_sounding(notes: NoteTable) -> int:
    """Return how many notes are held at once, at most."""
    ends = np.sort(notes.onset_beat + notes.duration_beat)
    ended = np.searchsorted(ends, notes.onset_beat, "right")
    return int((np.arange(1, len(notes) + 1) - ended).max())


def subject_entries(notes: NoteTable) -> NDArray[np.bool_]:
    """Return which notes belong to the subject of a fugue, (n,); none where it is no fugue."""
    c = Context(notes)
    voice = voice_of_note(c)
    second = float(notes.onset_beat[np.argmax(voice > 0)])
    length = int(np.searchsorted(notes.onset_beat, second))
    none = np.zeros(len(notes), dtype=bool)
    if length < _FEWEST:
        return none
    order = np.argsort(voice, kind="stable")
    begin = _entries(notes, order, voice, min(length, _COMPARED))
    answered = np.abs(notes.onset_beat[order][begin] - second) <= _NEAR_BEAT
    if len(begin) < _ENTRIES or not answered.any():
        return none
    inside = none.copy()
    inside[order] = _covered(begin, voice[order], min(length, _MOST))
    return inside


def places_of(notes: NoteTable, inside: NDArray[np.bool_]) -> IntColumn:
    """Return the place (of ``PLACES``) of each note that is inside, (n,); -1 for the others.

    Only the notes that are not inside count as neighbours.
    """
    place = np.full(len(notes), -1, dtype=np.int64)
    others = np.flatnonzero(~inside)
    onset, pitch = notes.onset_beat[others], notes.pitch[others]
    here = np.flatnonzero(inside)
    low = np.searchsorted(onset, notes.onset_beat[here] - _NEAR_BEAT - 1e-6, "left")
    high = np.searchsorted(onset, notes.onset_beat[here] + _NEAR_BEAT + 1e-6, "right")
    for row, first, stop in zip(here.tolist(), low.tolist(), high.tolist(), strict=True):
        around = pitch[first:stop]
        above, below = (around > notes.pitch[row]).any(), (around < notes.pitch[row]).any()
        place[row] = 1 if above and below else 0 if above else 2 if below else 3
    return place


def _entries(notes: NoteTable, order: IntColumn, voice: IntColumn, compared: int) -> IntColumn:
    """Return where (in the order of lines) notes follow each other as the first ones do."""
    rhythm = np.diff(np.round(notes.onset_beat[order] * _GRID))
    interval = np.diff(notes.pitch[order]).astype(np.float64)
    interval[np.diff(voice[order]) != 0] = np.inf  # a line ends
    places = np.arange(len(order) - compared + 1)
    altered = np.zeros(len(places))
    same = np.ones(len(places), dtype=bool)
    for step in range(compared - 1):
        change = np.abs(interval[places + step] - interval[step])
        same &= (change <= _ALTERED) & (rhythm[places + step] == rhythm[step])
        altered += change
    return places[same & (altered <= _ALTERED_ALL)]


def _covered(begin: IntColumn, voice: IntColumn, length: int) -> NDArray[np.bool_]:
    """Return which notes (in the order of lines) lie within ``length`` of an entry's first."""
    inside = np.zeros(len(voice), dtype=bool)
    for first in begin.tolist():
        passage = slice(first, first + length)
        inside[passage] |= voice[passage] == voice[first]
    return inside
