"""Sliders on predictions: the attributes of an interpretation moved before it is shaped."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from humanize.interpretation.attributes import (
    ATTRIBUTES,
    Expression,
    Ground,
    shifted,
    spread_of,
)
from humanize.interpretation.parameters import PerformanceParameters
from humanize.notes import FloatColumn, NoteTable

_OF_ALL = ("tempo", "pedal")  # aspects that all instruments share


def slide_velocity(
    notes: NoteTable, predicted: FloatColumn, sliders: Mapping[str, float]
) -> FloatColumn:
    """Return predicted velocities with each instrument's attributes moved.

    Parameters
    ----------
    notes : NoteTable
    predicted : (n,) FloatColumn
        Velocity units; NaN for notes that are left alone.
    sliders : mapping of str to float
        Standard deviations of pianists.
    """
    if not _any(sliders, ("velocity",)):
        return predicted
    moved = predicted.copy()
    for rows, table in notes.instruments():
        if table.instrument[0] >= 0 and np.isfinite(predicted[rows]).all():
            before = Expression(
                ground=Ground(table),
                velocity=predicted[rows],
                parameters=PerformanceParameters.neutral(table),
            )
            moved[rows] = shifted(before, sliders, ("velocity",)).velocity
    return moved


def added_loudness(sliders: Mapping[str, float]) -> float:
    """Return by how many velocity units all becomes louder."""
    return sliders.get("loudness", 0.0) * spread_of("loudness")


def slide_performance(
    notes: NoteTable,
    parameters: PerformanceParameters,
    sliders: Mapping[str, float],
    aspects: Collection[str],
    selected: NDArray[np.bool_],
) -> PerformanceParameters:
    """Return predicted tempo, timing, articulation and pedal with their attributes moved.

    Parameters
    ----------
    notes : NoteTable
    parameters : PerformanceParameters
    sliders : mapping of str to float
        Standard deviations of pianists.
    aspects : collection of str
        Those that were predicted.
    selected : (n,) bool array
        Notes that have asynchrony and articulation.
    """
    shared = tuple(a for a in _OF_ALL if a in aspects)
    own = tuple(a for a in ("timing", "articulation") if a in aspects)
    if _any(sliders, shared):
        parameters = _shifted(notes, parameters, sliders, shared)
    if not _any(sliders, own):
        return parameters
    early, held = parameters.asynchrony_ms.copy(), parameters.log_articulation.copy()
    for instrument in np.unique(notes.instrument[selected & notes.pitched]).tolist():
        rows = np.flatnonzero(selected & (notes.instrument == instrument))
        part = _shifted(notes.take(rows), parameters.take_notes(rows), sliders, own)
        early[rows], held[rows] = part.asynchrony_ms, part.log_articulation
    return replace(parameters, asynchrony_ms=early, log_articulation=held)


def _any(sliders: Mapping[str, float], aspects: Collection[str]) -> bool:
    return any(value and ATTRIBUTES[name].aspect in aspects for name, value in sliders.items())


def _shifted(
    notes: NoteTable,
    parameters: PerformanceParameters,
    sliders: Mapping[str, float],
    aspects: tuple[str, ...],
) -> PerformanceParameters:
    before = Expression(ground=Ground(notes), velocity=np.zeros(len(notes)), parameters=parameters)
    return shifted(before, sliders, aspects).parameters
