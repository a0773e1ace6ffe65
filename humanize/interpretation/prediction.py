"""Note table to predicted velocity: instruments apart, each by the route its input asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from humanize.expression import VELOCITY
from humanize.features import feature_table
from humanize.interpretation.cantilena import sing_out
from humanize.interpretation.dynamics import follow_levels, with_single_level
from humanize.interpretation.ensemble import balanced
from humanize.interpretation.levels import with_levels_in_order
from humanize.interpretation.themes import bring_out
from humanize.models import Model
from humanize.models.base import Condition
from humanize.notes import FloatColumn, IntColumn, NoteTable, starts

_WANTED = (VELOCITY.name,)
_STRETCH, _MARGIN = 50_000, 2_500
"""An instrument with more notes than any piece has is heard in stretches, to bound memory;
each is heard with a margin on either side."""


def condition_of(notes: NoteTable) -> Condition:
    """Return the condition of a table: performed timing, else marked or flat score."""
    if notes.timing == "performed":
        return "performed"
    marked = any(np.isfinite(column).any() for column in notes.markings.values())
    return "marked" if marked else "flat"


def predict_notes(
    notes: NoteTable,
    model: Model,
    *,
    literal: float = 0.0,
    balance: float = 0.0,
    vary: Callable[[FloatColumn, IntColumn], FloatColumn] | None = None,
) -> FloatColumn:
    """Predict every pitched note of a table, each instrument apart.

    Notes of one instrument that share onset and pitch get one velocity, as nothing in the music
    tells them apart.

    Parameters
    ----------
    notes : NoteTable
        In canonical order.
    model : Model
    literal : float
        0 obeys written levels as pianists do; 1 keeps each passage at its notated level, where
        there is one (of an instrument without markings whose notes all have one velocity, that is
        the level); between them the two are mixed.
    balance : float
        How far the levels of several instruments follow from hearing them together, 0-1.
    vary : callable, optional
        What a take makes of the mean of an instrument, whose rows are given too; before its parts
        are balanced and written levels kept.

    Returns
    -------
    (n,) FloatColumn
        Velocity units, not rounded; NaN for drums and key switches, which are not predicted.
    """
    own = np.full(len(notes), np.nan)
    tables = [(rows, table) for rows, table in notes.instruments() if table.instrument[0] >= 0]
    if literal > 0:
        tables = [(rows, with_single_level(table)) for rows, table in tables]
    for rows, table in tables:
        predicted = sing_out(bring_out(_predict_instrument(table, model), table), table)
        varied = predicted if vary is None else vary(predicted, rows)
        own[rows] = _mean_of_equals(with_levels_in_order(varied, table), table)
    if balance > 0 and len(tables) > 1:
        own = balanced(own, _predict_together(notes, model), notes, balance)
    if literal > 0:
        for rows, table in tables:
            followed = follow_levels(own[rows], table)
            own[rows] = followed if literal == 1 else own[rows] + literal * (followed - own[rows])
    return own


def _predict_together(notes: NoteTable, model: Model) -> FloatColumn:
    """Return predictions of all pitched notes as if one player had them; NaN for the others."""
    rows = np.flatnonzero(notes.pitched)
    table = notes if len(rows) == len(notes) else notes.take(rows)
    table = replace(table, instrument=np.zeros(len(table), dtype=np.int64))
    together = np.full(len(notes), np.nan)
    together[rows] = _predict_instrument(table, model)
    return together


def _predict_instrument(notes: NoteTable, model: Model) -> FloatColumn:
    condition = condition_of(notes)
    names = model.feature_names(condition, _WANTED)
    return np.concatenate(
        [
            model.predict(feature_table(heard, names), condition, _WANTED)[VELOCITY.name][own]
            for heard, own in stretches(notes)
        ]
    )


def stretches(notes: NoteTable) -> Iterator[tuple[NoteTable, slice]]:
    """Yield the tables that an instrument is heard in, and which of their rows are not margin.

    One that has no more notes than pieces have is heard whole.
    """
    if len(notes) <= _STRETCH:
        yield notes, slice(None)
        return
    for start in range(0, len(notes), _STRETCH):
        first, stop = max(start - _MARGIN, 0), min(start + _STRETCH, len(notes))
        heard = notes.take(np.arange(first, min(stop + _MARGIN, len(notes))))
        yield heard, slice(start - first, stop - first)


def _mean_of_equals(velocity: FloatColumn, notes: NoteTable) -> FloatColumn:
    """Return velocities averaged over notes of equal onset and pitch."""
    new = starts(notes.onset_beat) | starts(notes.pitch)
    if new.all():
        return velocity
    group: IntColumn = np.cumsum(new) - 1
    mean = np.bincount(group, velocity) / np.bincount(group)
    return np.asarray(mean[group])
