"""Note table to predicted velocity: instruments apart, each by the route its input asks for."""

from __future__ import annotations

import numpy as np

from humanize.expression import VELOCITY
from humanize.features import feature_table
from humanize.interpretation.dynamics import follow_levels, with_single_level
from humanize.models import Model
from humanize.models.base import Condition
from humanize.notes import DRUMS, FloatColumn, IntColumn, NoteTable, starts

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


def predict_notes(notes: NoteTable, model: Model, *, follow: bool = False) -> FloatColumn:
    """Predict every note of a table, each instrument apart.

    Notes of one instrument that share onset and pitch get one velocity, as nothing in the music
    tells them apart.

    Parameters
    ----------
    notes : NoteTable
        In canonical order.
    model : Model
    follow : bool
        Keep each passage at its notated level, where there is one; of an instrument without
        markings whose notes all have one velocity, that is the level.

    Returns
    -------
    (n,) FloatColumn
        Velocity units, not rounded; NaN for drums, which are not predicted.
    """
    velocity = np.full(len(notes), np.nan)
    for rows, table in notes.instruments():
        if table.instrument[0] == DRUMS:
            continue
        heard = with_single_level(table) if follow else table
        predicted = _mean_of_equals(_predict_instrument(heard, model), heard)
        velocity[rows] = follow_levels(predicted, heard) if follow else predicted
    return velocity


def _predict_instrument(notes: NoteTable, model: Model) -> FloatColumn:
    condition = condition_of(notes)
    names = model.feature_names(condition, _WANTED)
    parts = []
    for start in range(0, len(notes), _STRETCH):
        first, stop = max(start - _MARGIN, 0), min(start + _STRETCH, len(notes))
        whole = len(notes) <= _STRETCH
        heard = notes if whole else notes.take(np.arange(first, min(stop + _MARGIN, len(notes))))
        predicted = model.predict(feature_table(heard, names), condition, _WANTED)
        parts.append(predicted[VELOCITY.name][start - first : stop - first])
    return np.concatenate(parts)


def _mean_of_equals(velocity: FloatColumn, notes: NoteTable) -> FloatColumn:
    """Return velocities averaged over notes of equal onset and pitch."""
    new = starts(notes.onset_beat) | starts(notes.pitch)
    if new.all():
        return velocity
    group: IntColumn = np.cumsum(new) - 1
    mean = np.bincount(group, velocity) / np.bincount(group)
    return np.asarray(mean[group])
