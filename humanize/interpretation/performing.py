"""From a note table to a whole performance: tempo, asynchrony, articulation and pedal.

One time map serves all instruments, predicted from all their notes together, as they play
together; asynchrony and articulation are each instrument's own. Velocity comes from
``humanize.interpretation.interpret``, as everywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from humanize.errors import ModelError
from humanize.expression import (
    ARTICULATION,
    PEDAL_DOWN,
    PEDAL_LIFT,
    PEDAL_PRESS,
    TEMPO,
    TIMING,
    VELOCITY,
    Target,
    targets_of,
)
from humanize.features import feature_table
from humanize.interpretation.parameters import PerformanceParameters
from humanize.interpretation.prediction import condition_of, stretches
from humanize.interpretation.rests import let_up_in_rests
from humanize.interpretation.timing import TimeMap, perform_time_map, relative_to_notated
from humanize.models import Model
from humanize.models.base import Condition, Head
from humanize.notes import FloatColumn, IntColumn, NoteTable, starts

if TYPE_CHECKING:
    from humanize.interpretation.sampling import Deviations

SHORTEST_BEAT = 0.1
"""Notated intervals under this (quarter notes) are graces and ornaments: they keep their speed."""

LIFT_MS, PRESS_MS = 44.0, 153.0
"""When pianists let the pedal up and press it, after the onset: medians of (n)ASAP."""

_SLOWER, _QUICKER = 0.45, -0.13
"""Log beat period that a *rit.* and an *accel.* have reached at their end, so that over their last
third it is near pianists' medians of (n)ASAP, .40 and -.10 (benchmarks/performance/words.md)."""

_BEFORE_BEAT = 4.0
_SAME_TEMPO = 0.02  # natural logarithm
_NO_PITCH = 128
_MOST = 0.8  # by which a model bends a written tempo
_UNREAD = (VELOCITY, PEDAL_DOWN)

_FERMATA = float(np.log(1.8))
"""How much longer a note under a fermata lasts, at least (log beat period)."""


def perform(
    notes: NoteTable,
    model: Model,
    aspects: Collection[str],
    *,
    selected: NDArray[np.bool_] | None = None,
    deviations: Deviations | None = None,
) -> PerformanceParameters:
    """Predict how a pianist would time, articulate and pedal the notes of a table.

    Parameters
    ----------
    notes : NoteTable
        In canonical order, in notated time.
    model : Model
    aspects : collection of str
        Some of "tempo", "timing", "articulation" and "pedal"; the others stay neutral.
    selected : (n,) bool array, optional
        Notes that get asynchrony and articulation; tempo and pedal belong to all.
    deviations : Deviations, optional
        What a take adds to the mean.

    Returns
    -------
    PerformanceParameters
        Without velocities.

    Raises
    ------
    ModelError
        If the model has no head for an aspect.
    """
    parameters = PerformanceParameters.neutral(notes)
    if not notes.pitched.any():
        return parameters
    onset_beat = parameters.onset_beat
    chosen = np.ones(len(notes), dtype=bool) if selected is None else selected
    targets = [target for target in targets_of(aspects) if target not in _UNREAD]
    together, parts = _heard(notes, model, targets)
    if deviations is not None:
        parts = tuple(varied(part, deviations) for part in parts)
    if "tempo" in aspects:
        period = predict_tempo(together, onset_beat, deviations)
        parameters = replace(parameters, log_beat_period=period)
    if "timing" in aspects:
        moved = np.where(chosen, predict_asynchrony(parts, len(notes)), 0.0)
        parameters = replace(parameters, asynchrony_ms=moved)
    if "articulation" in aspects:
        held = np.where(chosen, predict_articulation(parts, len(notes)), 0.0)
        parameters = replace(parameters, log_articulation=held)
    if "pedal" in aspects:
        lift, press = predict_pedal(together, onset_beat)
        parameters = replace(parameters, pedal_lift_ms=lift, pedal_press_ms=press)
        parameters = let_up_in_rests(
            parameters,
            notes,
            played_time_map(notes, parameters),
            _largest(together.notes, "pedal_known", onset_beat) > 0,
            lift_ms=LIFT_MS,
            press_ms=PRESS_MS,
        )
    return parameters


def played_time_map(notes: NoteTable, parameters: PerformanceParameters) -> TimeMap:
    """Return performed seconds as a function of beats."""
    end = float((notes.onset_beat + notes.duration_beat).max())
    onset_beat, period = parameters.onset_beat, parameters.log_beat_period
    return perform_time_map(notated_time_map(notes), onset_beat, period, end_beat=end)


@dataclass(frozen=True, kw_only=True)
class Heard:
    """Notes that are heard as one instrument, and what a model says of them.

    Attributes
    ----------
    notes : NoteTable
    rows : (n,) IntColumn
        Where they stand in the whole table.
    predicted : mapping of str to (n,) FloatColumn
        By the name of the target.
    """

    notes: NoteTable
    rows: IntColumn
    predicted: Mapping[str, FloatColumn]


def hear(
    notes: NoteTable, model: Model, targets: Sequence[Target], rows: IntColumn | None = None
) -> Heard:
    """Predict some targets of the notes of one instrument from one feature table.

    Raises
    ------
    ModelError
        If the model has no head for a target.
    """
    own = condition_of(notes)
    heads = {target.name: _head(model, own, target.name) for target in targets}
    names = tuple(dict.fromkeys(n for head in heads.values() for n in head.feature_names))
    parts: dict[str, list[FloatColumn]] = {name: [] for name in heads}
    for heard, new in stretches(notes):
        features = feature_table(heard, names)
        for name, head in heads.items():
            # of two tempi, all of one part lies beyond what a member says of single ones
            said = head.predict(features, limited=head.target != TEMPO)
            parts[name].append(said[new])
    return Heard(
        notes=notes,
        rows=np.arange(len(notes)) if rows is None else rows,
        predicted={name: np.concatenate(own) for name, own in parts.items()},
    )


def _heard(
    notes: NoteTable, model: Model, targets: Sequence[Target]
) -> tuple[Heard, tuple[Heard, ...]]:
    """Return all pitched notes heard as one, and each instrument; one table where it is alone."""
    shared = [target for target in targets if target.aspect in ("tempo", "pedal")]
    own = [target for target in targets if target.aspect in ("timing", "articulation")]
    tables = [(rows, table) for rows, table in notes.instruments() if table.instrument[0] >= 0]
    if len(tables) == 1:
        rows, table = tables[0]
        alone = hear(table, model, [*shared, *own], rows)
        return alone, (alone,)
    parts = tuple(hear(table, model, own, rows) for rows, table in tables) if own else ()
    return hear(_as_one(notes), model, shared, np.flatnonzero(notes.pitched)), parts


def varied(heard: Heard, deviations: Deviations) -> Heard:
    """Return what is heard of an instrument with the deviations of a take added."""
    own = {
        target.name: deviations.on_notes(target, heard.predicted[target.name], heard.rows)
        for target in (TIMING, ARTICULATION)
        if target.name in heard.predicted
    }
    if ARTICULATION.name in own:
        held, mean = own[ARTICULATION.name], heard.predicted[ARTICULATION.name]
        own[ARTICULATION.name] = deviations.let_go(held, mean, heard.notes.duration_sec)
    return replace(heard, predicted={**heard.predicted, **own})


def predict_tempo(
    heard: Heard, onset_beat: FloatColumn, deviations: Deviations | None = None
) -> FloatColumn:
    """Return the log beat period from each onset to the next.

    Each stretch of one notated tempo keeps its duration: above 0 is slower than its mean tempo.
    Onsets nearer to the next than ``SHORTEST_BEAT`` go with their surroundings. Fermatas, *rit.*
    and *accel.* are obeyed.

    Parameters
    ----------
    heard : Heard
        All that is played, as one instrument.
    onset_beat : (k,) FloatColumn
        Distinct onsets, increasing.
    deviations : Deviations, optional
        What a take adds to the mean.

    Returns
    -------
    (k,) FloatColumn
    """
    notes = heard.notes
    period = at_onsets(heard.predicted[TEMPO.name], notes.onset_beat, onset_beat)
    steady = np.diff(onset_beat, append=onset_beat[-1] + 1.0) >= SHORTEST_BEAT
    if steady.any():
        period = np.interp(onset_beat, onset_beat[steady], period[steady])
    notated = notated_time_map(notes)
    period = relative_to_notated(period, onset_beat, notated)
    period = np.clip(at_written_tempi(period, onset_beat, notated), -_MOST, _MOST)
    if deviations is not None:
        own = at_onsets(deviations.log_beat_period[heard.rows], notes.onset_beat, onset_beat)
        period = deviations.on_tempo(period, np.where(steady, own, 0.0))
    period = at_written_tempi(period, onset_beat, notated)
    return obeyed_tempo(period, notes, onset_beat, notated)


def at_written_tempi(period: FloatColumn, onset_beat: FloatColumn, notated: TimeMap) -> FloatColumn:
    """Return log beat periods under which each stretch of one written tempo keeps its length.

    What a model thinks of a written change of tempo is let go: the composer decides it.
    """
    following = np.append(onset_beat[1:], onset_beat[-1] + 1.0)
    length = notated.at(following) - notated.at(onset_beat)
    tempo = np.log(length / (following - onset_beat))
    new = np.abs(np.diff(tempo, prepend=np.inf)) > _SAME_TEMPO
    stretch = np.cumsum(new) - 1
    mean = np.bincount(stretch, length * np.exp(period)) / np.bincount(stretch, length)
    return np.asarray(period - np.log(mean)[stretch])


def obeyed_tempo(
    period: FloatColumn, notes: NoteTable, onset_beat: FloatColumn, notated: TimeMap
) -> FloatColumn:
    """Return the log beat period with what the composer wrote, however timid the model is.

    A fermata is held; a *rit.* is by its end as much slower than the four beats before it as
    pianists make it, and an *accel.* quicker, unless the notated tempi do so themselves.
    """
    slowing, hurrying = (_largest(notes, name, onset_beat) for name in ("slowing", "hurrying"))
    for share, most in ((slowing, _SLOWER), (hurrying, _QUICKER)):
        for first, stop in _runs(share > 0):
            before = _mean_before(period, onset_beat, first)
            own = _notated_change(notated, onset_beat, first, stop)
            inside = slice(first, stop)
            wanted = before + share[inside] * max(abs(most) - abs(own), 0.0) * np.sign(most)
            nearer = np.maximum if most > 0 else np.minimum
            period[inside] = nearer(period[inside], wanted)
    held = _largest(notes, "fermata", onset_beat) > 0
    return np.where(held, np.maximum(period, _FERMATA), period)


def _largest(notes: NoteTable, name: str, onset_beat: FloatColumn) -> FloatColumn:
    """Return the largest value of a marking at each onset; 0 where it is unknown."""
    values = np.nan_to_num(notes.marking(name))
    at = np.searchsorted(onset_beat, notes.onset_beat)
    largest = np.zeros(len(onset_beat))
    np.maximum.at(largest, at, values)
    return largest


def _runs(inside: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the first and last + 1 of each run."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], inside.astype(np.int8), [0]))))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _mean_before(period: FloatColumn, onset_beat: FloatColumn, first: int) -> float:
    near = (onset_beat < onset_beat[first]) & (onset_beat >= onset_beat[first] - _BEFORE_BEAT)
    return float(period[near].mean()) if near.any() else 0.0


def _notated_change(notated: TimeMap, onset_beat: FloatColumn, first: int, stop: int) -> float:
    """Return by how much the notated log beat period moves over a stretch."""
    moments = onset_beat[[max(first - 1, 0), stop - 1]]
    lengths = notated.at(moments + 0.01) - notated.at(moments)
    return float(np.log(lengths[1] / lengths[0]))


def notated_time_map(notes: NoteTable) -> TimeMap:
    """Return seconds as a function of beats, from the onsets of a table and its end."""
    last = int(np.argmax(notes.onset_beat + notes.duration_beat))
    end_beat = float(notes.onset_beat[last] + max(notes.duration_beat[last], SHORTEST_BEAT))
    new = np.flatnonzero(starts(notes.onset_beat))
    beat, sec = notes.onset_beat[new], notes.onset_sec[new]
    increasing = np.concatenate([[True], np.diff(sec) > 0])
    beat, sec = beat[increasing], sec[increasing]
    length = float(notes.duration_beat[last])
    rate = float(notes.duration_sec[last]) / length if length else 0.5
    end_sec = float(notes.onset_sec[last]) + rate * (end_beat - float(notes.onset_beat[last]))
    if end_beat > beat[-1] and end_sec > sec[-1]:
        beat, sec = np.append(beat, end_beat), np.append(sec, end_sec)
    if len(beat) < 2:
        beat, sec = np.append(beat, beat[-1] + 1.0), np.append(sec, sec[-1] + 0.5)
    return TimeMap(beat=beat, sec=sec)


def predict_asynchrony(parts: Sequence[Heard], length: int) -> FloatColumn:
    """Return the asynchrony in milliseconds of each note of a chord, 0 for single notes.

    A chord's mean is 0; each instrument has chords of its own.
    """
    moved = np.zeros(length)
    for part in parts:
        own = part.predicted[TIMING.name]
        chord = np.cumsum(starts(part.notes.onset_beat)) - 1
        size = np.bincount(chord)
        mean = np.bincount(chord, own) / size
        moved[part.rows] = np.where(size[chord] > 1, own - mean[chord], 0.0)
    return moved


def predict_articulation(parts: Sequence[Heard], length: int) -> FloatColumn:
    """Return the log articulation of each note: below 0 is shorter than notated."""
    held = np.zeros(length)
    for part in parts:
        own = part.predicted[ARTICULATION.name]
        held[part.rows] = np.clip(own, ARTICULATION.low, ARTICULATION.high)
    return held


def predict_pedal(heard: Heard, onset_beat: FloatColumn) -> tuple[FloatColumn, FloatColumn]:
    """Return how long after each onset the pedal is let up and pressed, ms; NaN where it is not.

    As often as the probabilities say in sum, and where they are highest; besides, a pedal is
    changed where a measure begins over another bass. Where a score has pedal marks, these are
    followed and nothing is added.

    Returns
    -------
    (k,) FloatColumn, (k,) FloatColumn
    """
    lift, press = (
        at_onsets(heard.predicted[target.name], heard.notes.onset_beat, onset_beat)
        for target in (PEDAL_LIFT, PEDAL_PRESS)
    )
    played = _renewed(_likeliest(lift), _likeliest(press), heard.notes, onset_beat)
    known = _largest(heard.notes, "pedal_known", onset_beat) > 0
    lifted, pressed = (
        np.where(known, _largest(heard.notes, name, onset_beat) > 0, own)
        for name, own in zip(("pedal_lifted", "pedal_pressed"), played, strict=True)
    )
    return np.where(lifted, LIFT_MS, np.nan), np.where(pressed, PRESS_MS, np.nan)


def _renewed(
    lifted: NDArray[np.bool_],
    pressed: NDArray[np.bool_],
    notes: NoteTable,
    onset_beat: FloatColumn,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Change a pedal that would be held from one measure into the next over another bass."""
    at = np.searchsorted(onset_beat, notes.onset_beat)
    bass = np.full(len(onset_beat), _NO_PITCH)
    np.minimum.at(bass, at, notes.pitch)
    measure = np.zeros(len(onset_beat), dtype=np.int64)
    np.maximum.at(measure, at, notes.measure)
    begins = np.diff(np.maximum.accumulate(measure), prepend=0) > 0
    lifted, pressed = lifted.copy(), pressed.copy()
    held = -1  # the onset at which the pedal that is down was pressed
    for onset in range(len(onset_beat)):
        known = held >= 0 and begins[onset] and not lifted[onset] and bass[onset] < _NO_PITCH
        if known and (bass[onset] - bass[held]) % 12:
            lifted[onset] = pressed[onset] = True
        if lifted[onset]:
            held = -1
        if pressed[onset]:
            held = onset
    return lifted, pressed


def _likeliest(probability: FloatColumn) -> NDArray[np.bool_]:
    """Return as many events as are expected, the likeliest ones, the earlier of equals."""
    count = int(np.floor(probability.sum() + 0.5))
    chosen = np.zeros(len(probability), dtype=bool)
    chosen[np.argsort(-probability, kind="stable")[:count]] = True
    return chosen


def at_onsets(values: FloatColumn, onset_beat: FloatColumn, moments: FloatColumn) -> FloatColumn:
    """Return the mean of the values at each of some onsets; between two where none stands there.

    Parameters
    ----------
    values, onset_beat : (n,) FloatColumn
        In order of onset.
    moments : (k,) FloatColumn
        Increasing.
    """
    new = starts(onset_beat)
    group = np.cumsum(new) - 1
    mean = np.bincount(group, values) / np.bincount(group)
    return np.asarray(np.interp(moments, onset_beat[new], mean))


def _as_one(notes: NoteTable) -> NoteTable:
    """Return all pitched notes as one instrument."""
    rows = np.flatnonzero(notes.pitched)
    table = notes if len(rows) == len(notes) else notes.take(rows)
    return replace(table, instrument=np.zeros(len(table), dtype=np.int64))


def _head(model: Model, condition: Condition, target: str) -> Head:
    """Return the head of a target; of a flat score where marked ones have none."""
    for known in (condition, "flat"):
        heads: Mapping[str, Head] = model.routes[known].heads if known in model.routes else {}
        if target in heads:
            return heads[target]
    raise ModelError(
        f"model {model.name}: predicts {VELOCITY.name} alone, not {target}; expected a model of "
        "whole performances. 'humanize models' lists what each can do"
    )
