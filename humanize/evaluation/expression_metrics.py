"""Agreement between a performed and a predicted tempo, timing, articulation and pedal.

Conventions
-----------
Arguments are ``(reference, estimated)``, one value for each note or onset, NaN where unknown; what
one of them does not know is left out. A correlation with fewer than ``LEAST`` values says nothing:
NaN. Means are taken within a composition first, then over compositions, as for velocity.

Metrics
-------
``within_measures`` : mean r of the beat periods within windows of 8 measures, the last two cut off.
``known_r`` : r over everything that both know.
``f1_at_rate`` : F1 of as many predicted events as the reference has.
``auc`` : how often an event has a higher prediction than no event.

References
----------
Hanley & McNeil, The meaning and use of the area under a receiver operating characteristic (ROC)
curve, Radiology 143(1), 1982.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from humanize.evaluation.metrics import FloatColumn, mid_ranks
from humanize.expression import TEMPO
from humanize.interpretation.timing import TimeMap
from humanize.notes import IntColumn, NoteTable, starts

LEAST = 20
"""Values that a correlation over a piece needs."""

WINDOW_MEASURES, CUT_MEASURES = 8, 2
_LEAST_IN_WINDOW = 8  # beats
_NEAR = 1e-6  # beats


@dataclass(frozen=True, kw_only=True)
class Beats:
    """The beats of a piece, dotted in compound time.

    Attributes
    ----------
    beat : (k,) FloatColumn
        Quarter notes, increasing.
    measure : (k,) IntColumn
        Number of the measure of each, from 0.
    measures : int
        Of the piece.
    """

    beat: FloatColumn
    measure: IntColumn
    measures: int


def beats_of(notes: NoteTable) -> Beats:
    """Return the beats of a piece in notated time."""
    first = np.flatnonzero(starts(notes.measure))
    start = notes.onset_beat[first] - notes.measure_position_beat[first]
    numerator, denominator = notes.metre_numerator[first], notes.metre_denominator[first]
    compound = (numerator % 3 == 0) & (numerator > 3) & (denominator >= 8)
    step = 4.0 / denominator * np.where(compound, 3, 1)
    end = np.append(start[1:], start[-1] + numerator[-1] * 4.0 / denominator[-1])
    own = [np.arange(a, b - _NEAR, s) for a, b, s in zip(start, end, step, strict=True)]
    beat = np.concatenate(own)
    measure = np.repeat(np.arange(len(first)), [len(b) for b in own])
    order = np.argsort(beat, kind="stable")
    kept = order[np.diff(beat[order], prepend=-np.inf) > _NEAR]
    return Beats(beat=beat[kept], measure=measure[kept], measures=len(first))


def beat_periods(played: TimeMap, beats: Beats) -> FloatColumn:
    """Return the log period of each beat, less the median, within +-1.6; NaN beyond the music."""
    period = np.full(len(beats.beat), np.nan)
    period[:-1] = np.log(np.diff(played.at(beats.beat)) / np.diff(beats.beat))
    inside = (beats.beat >= played.beat[0] - _NEAR) & (beats.beat <= played.beat[-1] + _NEAR)
    period[:-1][~(inside[:-1] & inside[1:])] = np.nan
    if np.isfinite(period).any():
        period -= np.nanmedian(period)
    return np.clip(period, TEMPO.low, TEMPO.high)


def cumulated(onset_beat: FloatColumn, log_beat_period: FloatColumn) -> TimeMap:
    """Return the time map of predicted log beat periods, the last of which is not read.

    Parameters
    ----------
    onset_beat, log_beat_period : (k,) FloatColumn
        Of every onset of a piece, increasing; at least two.
    """
    elapsed = np.cumsum(np.diff(onset_beat) * np.exp(log_beat_period[:-1]))
    return TimeMap(beat=onset_beat, sec=np.concatenate(([0.0], elapsed)))


def known_r(reference: FloatColumn, estimated: FloatColumn) -> float:
    """Return Pearson's correlation of what both know; 0 where the estimate is constant."""
    known = np.isfinite(reference) & np.isfinite(estimated)
    a, b = reference[known], estimated[known]
    if len(a) < LEAST or a.std() < 1e-9:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1]) if b.std() > 1e-9 else 0.0


def before_the_end(beats: Beats) -> FloatColumn:
    """Return 1 for each beat that is not in the last two measures, NaN for the others."""
    return np.where(beats.measure < beats.measures - CUT_MEASURES, 1.0, np.nan)


def within_measures(reference: FloatColumn, estimated: FloatColumn, beats: Beats) -> float:
    """Return the mean r within windows of 8 measures; the last two measures are cut off.

    Windows with fewer than eight beats that both know, or a steady reference, are left out.
    """
    known = np.isfinite(reference) & np.isfinite(estimated) & np.isfinite(before_the_end(beats))
    window = beats.measure // WINDOW_MEASURES
    found = []
    for number in range(int(window[-1]) + 1):
        own = known & (window == number)
        a, b = reference[own], estimated[own]
        if len(a) >= _LEAST_IN_WINDOW and a.std() > 1e-9:
            found.append(float(np.corrcoef(a, b)[0, 1]) if b.std() > 1e-9 else 0.0)
    return float(np.mean(found)) if found else float("nan")


def spread_of_known(reference: FloatColumn, estimated: FloatColumn) -> float:
    """Return the standard deviation of the estimate over that of the reference, where both know."""
    known = np.isfinite(reference) & np.isfinite(estimated)
    own = float(reference[known].std()) if known.any() else 0.0
    return float(estimated[known].std()) / own if own > 1e-9 else float("nan")


def error_over_constant(reference: FloatColumn, estimated: FloatColumn) -> float:
    """Return the mean absolute error over that of the reference's own median; both centred."""
    known = np.isfinite(reference) & np.isfinite(estimated)
    if not known.any():
        return float("nan")
    a = reference[known] - np.median(reference[known])
    b = estimated[known] - np.median(estimated[known])
    constant = float(np.abs(a).mean())
    return float(np.abs(a - b).mean()) / constant if constant > 1e-9 else float("nan")


def f1_at_rate(reference: FloatColumn, estimated: FloatColumn) -> float:
    """Return F1 where as many events as the reference has are predicted, the likeliest.

    As many are missed as are wrong then, so that precision, recall and F1 are one. Where the
    estimate is events itself, it has a rate of its own, which is kept.
    """
    known = np.isfinite(reference) & np.isfinite(estimated)
    event, likely = reference[known] > 0.5, estimated[known]
    count = int(event.sum())
    if not count or count == len(event):
        return float("nan")
    if np.isin(likely, (0.0, 1.0)).all():
        both = float((event & (likely > 0.5)).sum())
        return 2 * both / (count + float(likely.sum()))
    chosen = np.argsort(-likely, kind="stable")[:count]
    return float(event[chosen].mean())


def auc(reference: FloatColumn, estimated: FloatColumn) -> float:
    """Return the area under the ROC curve of a soft prediction of events; ties count half."""
    known = np.isfinite(reference) & np.isfinite(estimated)
    event = reference[known] > 0.5
    events = int(event.sum())
    others = len(event) - events
    if not events or not others:
        return float("nan")
    ranks = mid_ranks(estimated[known])[event].sum()
    return float((ranks - events * (events + 1) / 2) / (events * others))
