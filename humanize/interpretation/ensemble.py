"""The balance of an ensemble: each part's own shape, at the level that hearing all together gives.

Each instrument is predicted alone, as a player shapes his own line. Predicted once more with all
notes together, as if one pianist played them, a melody stands above its accompaniment and a bass
below; only the slow part of that difference, its mean over a phrase, is added. A soloist with a
keyboard (a singer, a violin) is lifted where the accompaniment would drown it.
"""

from __future__ import annotations

import numpy as np

from humanize.notes import FloatColumn, IntColumn, NoteTable, distinct

_PHRASE_BEAT = 8.0
"""Quarter notes on either side that the level of a part is averaged over, twice: a phrase."""

_ABOVE = 6.0
"""Velocity units that a soloist stands above the mean of the notes accompanying it, at least."""

_KEYBOARDS = range(24)  # General MIDI: pianos, chromatic percussion, organs
_OVERLAP = 0.1  # share of a soloist's onsets that may be chords


def balanced(
    own: FloatColumn, together: FloatColumn, notes: NoteTable, balance: float
) -> FloatColumn:
    """Return predictions with the balance of an ensemble.

    Parameters
    ----------
    own : (n,) FloatColumn
        Velocity units, each instrument predicted alone; NaN where nothing is.
    together : (n,) FloatColumn
        All instruments predicted as one.
    notes : NoteTable
        In canonical order.
    balance : float
        0 keeps ``own``, 1 takes the whole level of ``together``.

    Returns
    -------
    (n,) FloatColumn
    """
    levelled = own.copy()
    for instrument in distinct(notes.instrument[notes.pitched]):
        rows = np.flatnonzero(notes.instrument == instrument)
        difference = phrase_level(together[rows] - own[rows], notes.onset_beat[rows])
        levelled[rows] = own[rows] + balance * difference
    solo = soloist(notes)
    if solo is not None:
        rows = np.flatnonzero(notes.instrument == solo)
        levelled[rows] += balance_lift(levelled, notes, rows) * min(1.0, 2 * balance)
    return levelled


def balance_lift(velocity: FloatColumn, notes: NoteTable, solo: IntColumn) -> FloatColumn:
    """Return what lifts a soloist's phrases above the accompaniment, velocity units, >= 0."""
    others = np.flatnonzero(notes.pitched & ~np.isin(np.arange(len(notes)), solo))
    level = phrase_level(velocity[solo], notes.onset_beat[solo])
    beside = phrase_level(velocity[others], notes.onset_beat[others])
    at = np.interp(notes.onset_beat[solo], notes.onset_beat[others], beside)
    return np.asarray(np.maximum(at + _ABOVE - level, 0.0))


def soloist(notes: NoteTable) -> int | None:
    """Return the one instrument that a keyboard accompanies, if that is what a table holds.

    That is a line (chords at a tenth of its onsets at most) beside one keyboard and nothing else.
    """
    numbers = distinct(notes.instrument[notes.pitched]).tolist()
    if len(numbers) != 2:
        return None
    keyboards = [n for n in numbers if _is_keyboard(notes, n)]
    lines = [n for n in numbers if n not in keyboards]
    if len(keyboards) != 1 or not _is_line(notes, lines[0]):
        return None
    return int(lines[0])


def _is_keyboard(notes: NoteTable, instrument: int) -> bool:
    program = notes.program[notes.instrument == instrument]
    return bool(np.isin(program, list(_KEYBOARDS)).all())


def _is_line(notes: NoteTable, instrument: int) -> bool:
    onset = notes.onset_beat[notes.instrument == instrument]
    return bool((np.diff(onset) < 1e-6).mean() <= _OVERLAP) if len(onset) > 1 else True


def phrase_level(values: FloatColumn, onset_beat: FloatColumn) -> FloatColumn:
    """Return the mean of values over the phrase around each onset.

    A box of eight quarter notes to either side, applied twice: weights fall off as a tent.

    Parameters
    ----------
    values, onset_beat : (n,) FloatColumn
        In order of onset.
    """
    return _box_mean(_box_mean(values, onset_beat), onset_beat)


def _box_mean(values: FloatColumn, onset_beat: FloatColumn) -> FloatColumn:
    first = np.searchsorted(onset_beat, onset_beat - _PHRASE_BEAT, "left")
    last = np.searchsorted(onset_beat, onset_beat + _PHRASE_BEAT, "right")
    total = np.concatenate([[0.0], np.cumsum(values)])
    return np.asarray((total[last] - total[first]) / (last - first))
