"""The balance of an ensemble: each part's own shape, at the level that hearing all together gives.

Each instrument is predicted alone, as a player shapes his own line. Predicted once more with all
notes together, as if one pianist played them, a melody stands above its accompaniment and a bass
below; only the slow part of that difference, its mean over a phrase, is added. A soloist with a
keyboard (a singer, a violin) is lifted where the accompaniment would drown it, and the bass of
three or more lines where the inner parts would cover it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from humanize.notes import FloatColumn, IntColumn, NoteTable, distinct

_PHRASE_BEAT = 8.0
"""Quarter notes on either side that the level of a part is averaged over, twice: a phrase."""

_ABOVE = 6.0
"""Velocity units that a soloist stands above the mean of the notes accompanying it, at least."""

_BASS_ABOVE = 2.0
"""Velocity units that the bass of an ensemble stands above its inner parts, at least."""

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
    full = min(1.0, 2 * balance)
    for lifted, beside, above in _lifts(notes):
        levelled[lifted] += full * lift(levelled, notes, lifted, beside, above)
    return levelled


def _lifts(notes: NoteTable) -> Iterator[tuple[IntColumn, IntColumn, float]]:
    """Yield rows to lift, rows to lift them above, and by how much: a soloist, or a bass."""
    solo, bass = soloist(notes), bass_part(notes)
    if solo is not None:
        rows = notes.instrument == solo
        yield np.flatnonzero(rows), np.flatnonzero(notes.pitched & ~rows), _ABOVE
    if bass is not None:
        inner = [n for n in _by_register(notes)[1:-1] if n != bass]
        beside = np.isin(notes.instrument, inner)
        yield np.flatnonzero(notes.instrument == bass), np.flatnonzero(beside), _BASS_ABOVE


def lift(
    velocity: FloatColumn, notes: NoteTable, lifted: IntColumn, beside: IntColumn, above: float
) -> FloatColumn:
    """Return what lifts the phrases of some notes above those of others.

    Parameters
    ----------
    velocity : (n,) FloatColumn
    notes : NoteTable
    lifted, beside : IntColumn
        Rows.
    above : float
        Velocity units between the two.

    Returns
    -------
    FloatColumn
        Velocity units for each row of ``lifted``, 0 or more.
    """
    level = phrase_level(velocity[lifted], notes.onset_beat[lifted])
    others = phrase_level(velocity[beside], notes.onset_beat[beside])
    at = np.interp(notes.onset_beat[lifted], notes.onset_beat[beside], others)
    return np.asarray(np.maximum(at + above - level, 0.0))


def bass_part(notes: NoteTable) -> int | None:
    """Return the lowest of three or more lines without a keyboard, as in a quartet or a choir."""
    ordered = _by_register(notes)
    if len(ordered) < 3 or any(_is_keyboard(notes, n) for n in ordered):
        return None
    return ordered[0]


def _by_register(notes: NoteTable) -> list[int]:
    """Return the pitched instruments from the lowest mean pitch to the highest."""
    numbers = distinct(notes.instrument[notes.pitched]).tolist()
    return sorted(numbers, key=lambda n: float(notes.pitch[notes.instrument == n].mean()))


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
