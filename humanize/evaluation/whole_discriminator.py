"""Whole performances told apart: velocity, tempo, timing, articulation and pedal together.

The classifier is that of ``humanize.evaluation.discriminator``: it sees windows of 64 notes and is
cross-validated over compositions. Each value of a note has the statistics that velocity has there,
in steps that can just be told apart, so that no grid gives a file away. Of the pedal it sees at
which onsets it is lifted and pressed, not how long after them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from humanize.corpus.performed import log_beat_periods, performed_values
from humanize.corpus.pieces import Performance, Piece
from humanize.evaluation.discriminator import (
    STATISTICS,
    WINDOW,
    Scored,
    describe,
    described,
    scored_rows,
)
from humanize.evaluation.statistics import RESAMPLES, Estimate
from humanize.expression import (
    ARTICULATION,
    PEDAL_LIFT,
    PEDAL_PRESS,
    TEMPO,
    TIMING,
    VELOCITY,
)
from humanize.interpretation.parameters import PerformanceParameters
from humanize.interpretation.performing import notated_time_map
from humanize.interpretation.timing import perform_time_map
from humanize.notes import FloatColumn, IntColumn, NoteTable, starts

ALL = "all together"
_STEPS = {  # in one unit of each
    VELOCITY: 1.0,
    TEMPO: 50.0,
    TIMING: 1.0,
    ARTICULATION: 20.0,
    PEDAL_LIFT: 10.0,
    PEDAL_PRESS: 10.0,
}
MOST_WINDOWS = 24
_LEAST_NOTES = 16  # of a window that say something


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A performance of the notes of a piece.

    Attributes
    ----------
    composition : str
    onset_sec, pitch : (n,) FloatColumn
        As notated.
    values : mapping of str to (n,) FloatColumn
        By the name of a target, in its unit; NaN where the performance does not say.
    """

    composition: str
    onset_sec: FloatColumn
    pitch: FloatColumn
    values: Mapping[str, FloatColumn]


def whole_of_pianist(piece: Piece, performance: Performance) -> Whole:
    """Return a performance as it was played."""
    values = {target.name: performed_values(piece, performance, target) for target in _STEPS}
    return _whole(piece.composition, piece.notes, values)


def whole_of(composition: str, notes: NoteTable, parameters: PerformanceParameters) -> Whole:
    """Return a performance as it is written, before ticks round it.

    Parameters
    ----------
    composition : str
    notes : NoteTable
    parameters : PerformanceParameters
        With velocities, on the onsets of the notes.
    """
    new = starts(notes.onset_beat)
    onsets, chord = notes.onset_beat[new], np.cumsum(new) - 1
    end = float((notes.onset_beat + notes.duration_beat).max())
    played = perform_time_map(
        notated_time_map(notes), onsets, parameters.log_beat_period, end_beat=end
    )
    knots = replace(played, beat=onsets, sec=played.at(onsets))
    velocity = notes.velocity if parameters.velocity is None else parameters.velocity
    lifted, pressed = (
        np.isfinite(lag).astype(np.float64) if len(lag) else np.zeros(len(onsets))
        for lag in (parameters.pedal_lift_ms, parameters.pedal_press_ms)
    )
    values = {
        VELOCITY.name: velocity.astype(np.float64),
        TEMPO.name: np.clip(log_beat_periods(knots, onsets), TEMPO.low, TEMPO.high)[chord],
        TIMING.name: parameters.asynchrony_ms,
        ARTICULATION.name: parameters.log_articulation,
        PEDAL_LIFT.name: lifted[chord],
        PEDAL_PRESS.name: pressed[chord],
    }
    return _whole(composition, notes, values)


def mean_whole(wholes: Sequence[Whole]) -> Whole:
    """Return the mean of some pianists, velocities whole, the pedal moved where most move it."""
    first = wholes[0]
    means = {name: np.mean([w.values[name] for w in wholes], axis=0) for name in first.values}
    for target in (VELOCITY, PEDAL_LIFT, PEDAL_PRESS):
        means[target.name] = np.rint(means[target.name])
    return replace(first, values=means)


def shuffled(whole: Whole, draw: np.random.Generator) -> Whole:
    """Return a performance with the known values of each target dealt out again."""
    values = {}
    for name, own in whole.values.items():
        known, values[name] = np.isfinite(own), own.copy()
        values[name][known] = draw.permutation(own[known])
    return replace(whole, values=values)


def alike(one: Whole, other: Whole) -> tuple[Whole, Whole]:
    """Return two performances that say something of the same notes, so that gaps tell nothing."""
    known = {
        name: np.isfinite(one.values[name]) & np.isfinite(other.values[name]) for name in one.values
    }
    played = known[VELOCITY.name]
    return (_of_notes(one, known, played), _of_notes(other, known, played))


def tell_apart(pairs: Sequence[tuple[Whole, Whole]], *, seed: int = 0) -> dict[str, Estimate]:
    """Return the AUC of telling pianists from others, by aspect and all together.

    Parameters
    ----------
    pairs : sequence of (Whole, Whole)
        A pianist's and another one of the same notes.
    seed : int

    Returns
    -------
    dict of str to Estimate
        With 95 % bootstrap intervals over compositions.
    """
    made = [alike(*pair) for pair in pairs]
    human, other = [one for one, _ in made], [two for _, two in made]
    values, label, groups = described(human, other, describe_whole)
    return {
        aspect: area(scored_rows(values[:, columns], label, groups, seed=seed))
        for aspect, columns in _columns().items()
    }


def _columns() -> dict[str, IntColumn]:
    """Return which statistics of ``describe_whole`` are those of an aspect."""
    of = [target.aspect for target in _STEPS]
    aspects = np.repeat(of, STATISTICS)
    found = {aspect: np.flatnonzero(aspects == aspect) for aspect in dict.fromkeys(of)}
    return {**found, ALL: np.arange(len(aspects))}


def describe_whole(whole: Whole) -> NDArray[np.float64]:
    """Return one row for each window of 64 notes: ``STATISTICS`` of each target in turn.

    At most ``MOST_WINDOWS`` of a performance, evenly spread: no long piece outweighs the others.
    """
    last = max(len(whole.pitch) - WINDOW, 0)
    count = min(last // (WINDOW // 2) + 1, MOST_WINDOWS)
    firsts = np.linspace(0, last, count).astype(np.int64).tolist()
    return np.array([_described(whole, slice(first, first + WINDOW)) for first in firsts])


def area(found: Scored) -> Estimate:
    """Return the AUC over all windows, with a percentile bootstrap over compositions."""
    names, group = np.unique(found.composition, return_inverse=True)
    _, rank = np.unique(found.score, return_inverse=True)
    draw = np.random.default_rng(0)
    areas = []
    for _ in range(RESAMPLES):
        times = np.bincount(draw.integers(0, len(names), len(names)), minlength=len(names))
        areas.append(_auc(found.label, rank, times[group].astype(np.float64)))
    low, high = np.nanquantile(areas, [0.025, 0.975])
    whole = _auc(found.label, rank, np.ones(len(group)))
    return Estimate(whole, float(low), float(high), len(names))


def _auc(label: IntColumn, rank: IntColumn, weight: FloatColumn) -> float:
    """Return the area under the curve (Mann and Whitney's U) of weighted windows."""
    one = np.bincount(rank, weight * (label == 1))
    two = np.bincount(rank, weight * (label == 0))
    won = (one * (np.cumsum(two) - two / 2)).sum()
    total = one.sum() * two.sum()
    return float(won / total) if total else float("nan")


def _described(whole: Whole, span: slice) -> FloatColumn:
    pitch, onset = whole.pitch[span], whole.onset_sec[span]
    found = []
    for target, step in _STEPS.items():
        values = whole.values[target.name][span]
        known = np.isfinite(values)
        if known.sum() < _LEAST_NOTES:
            found.append(np.full(STATISTICS, np.nan))
        else:
            own = np.rint(step * values[known])
            found.append(np.array(describe(own, pitch[known], onset[known])))
    return np.concatenate(found)


def _of_notes(
    whole: Whole, known: Mapping[str, NDArray[np.bool_]], played: NDArray[np.bool_]
) -> Whole:
    values = {n: np.where(known[n], own, np.nan)[played] for n, own in whole.values.items()}
    return Whole(
        composition=whole.composition,
        onset_sec=whole.onset_sec[played],
        pitch=whole.pitch[played],
        values=values,
    )


def _whole(composition: str, notes: NoteTable, values: Mapping[str, FloatColumn]) -> Whole:
    return Whole(
        composition=composition,
        onset_sec=notes.onset_sec,
        pitch=notes.pitch.astype(np.float64),
        values=values,
    )
