"""What a pianist added to a score: the targets of ``humanize.expression``, read off a performance.

Definitions
-----------
*Time map*: an onset is performed at the median onset of its notes that are neither grace nor
arpeggiated; the longest increasing run of these is kept, and time is linear between them.
*Tempo*, *asynchrony*, *articulation* and *pedal* follow ``humanize.expression`` and rest on it.

References
----------
Cancino-Chacon et al., Partitura, Music Encoding Conference 2022 (performance codec).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from humanize.corpus.pieces import Performance, Piece
from humanize.expression import (
    ARTICULATION,
    PEDAL_DOWN,
    PEDAL_LIFT,
    PEDAL_PRESS,
    TEMPO,
    TIMING,
    VELOCITY,
    Target,
)
from humanize.interpretation.timing import TimeMap, longest_increasing, middles
from humanize.midi.pedals import Controls
from humanize.notes import FloatColumn, IntColumn, NoteTable, starts

SHORTEST_IOI_BEAT = 0.1
"""Onsets nearer than this are graces and ornaments that are written out: no tempo is read there."""

ROLLED_MS = 75.0
"""A chord with a note further than this from its mean is rolled: it has no asynchrony."""

DAMPER, DOWN = 64, 64  # controller number, and the value from which on the pedal is down
_LIFT_LAG_SEC, _PRESS_LAG_SEC = 0.05, 0.15  # pianists lift after the onset, and press later still


def time_map(notes: NoteTable, performance: Performance) -> TimeMap | None:
    """Return the time map of a performance; None where fewer than two onsets are known."""
    rows, onset = performance.rows, performance.onset_sec
    plain = np.isfinite(onset) & ~_off_the_beat(notes)[rows]
    beats, group = np.unique(notes.onset_beat[rows][plain], return_inverse=True)
    if len(beats) < 2:
        return None
    _, low, high = middles(group, onset[plain])
    sec = (low + high) / 2
    kept = longest_increasing(sec)
    return TimeMap(beat=beats[kept], sec=sec[kept]) if len(kept) > 1 else None


def _off_the_beat(notes: NoteTable) -> NDArray[np.bool_]:
    """Return which notes are grace notes or arpeggiated, as far as the source says."""
    grace, arpeggio = notes.marking("grace"), notes.marking("arpeggio")
    return (np.nan_to_num(grace) > 0) | (np.nan_to_num(arpeggio) > 0)


def performed_values(piece: Piece, performance: Performance, target: Target) -> FloatColumn:
    """Return a target for each note of a piece as a pianist performed it.

    A target of scope ``onset`` stands at every note of its onset.

    Returns
    -------
    (n,) FloatColumn
        In the unit of the target; NaN where the performance does not say.
    """
    values = _READERS[target.name](piece.notes, performance)
    if target.kind == "quantity" and target != VELOCITY:
        values = np.clip(values, target.low, target.high)
    return np.asarray(values, dtype=np.float64)


def _velocity(notes: NoteTable, performance: Performance) -> FloatColumn:
    return _on_rows(len(notes), performance.rows, performance.velocity)


def _on_rows(length: int, rows: IntColumn, values: FloatColumn) -> FloatColumn:
    column = np.full(length, np.nan)
    column[rows] = values
    return column


def _tempo(notes: NoteTable, performance: Performance) -> FloatColumn:
    played = time_map(notes, performance)
    if played is None:
        return np.full(len(notes), np.nan)
    new = starts(notes.onset_beat)
    deviation = log_beat_periods(played, notes.onset_beat[new])
    return deviation[np.cumsum(new) - 1]


def log_beat_periods(played: TimeMap, onset_beat: FloatColumn) -> FloatColumn:
    """Return the log beat period at each onset, less their median.

    It is known where both the onset and the one after it were performed, at least a tenth of a
    quarter note apart: an interval that a left-out onset widens is another interval.

    Parameters
    ----------
    played : TimeMap
        With a knot for each onset that was performed.
    onset_beat : (k,) FloatColumn
        Every onset of the score, increasing.

    Returns
    -------
    (k,) FloatColumn
        NaN where unknown, and at the last.
    """
    performed = np.isin(onset_beat, played.beat)
    ioi = np.diff(onset_beat)
    known = performed[:-1] & performed[1:] & (ioi >= SHORTEST_IOI_BEAT)
    found = np.full(len(onset_beat), np.nan)
    if known.any():
        period = np.diff(played.at(onset_beat))[known] / ioi[known]
        found[:-1][known] = np.log(period) - np.median(np.log(period))
    return found


def _asynchrony(notes: NoteTable, performance: Performance) -> FloatColumn:
    group = np.cumsum(starts(notes.onset_beat)) - 1
    onset = _on_rows(len(notes), performance.rows, performance.onset_sec)
    known = np.isfinite(onset) & ~_off_the_beat(notes)
    count = np.bincount(group, known)
    total = np.bincount(group, np.where(known, onset, 0.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        deviation = 1000 * (onset - (total / count)[group])
    widest = np.zeros(len(count))
    np.maximum.at(widest, group, np.where(known, np.abs(deviation), 0.0))
    chord = known & (count[group] > 1) & (widest[group] <= ROLLED_MS)
    return np.where(chord, deviation, np.nan)


def _articulation(notes: NoteTable, performance: Performance) -> FloatColumn:
    played = time_map(notes, performance)
    if played is None:
        return np.full(len(notes), np.nan)
    held = performance.offset_sec - performance.onset_sec
    end = notes.onset_beat + notes.duration_beat
    lasting = (played.at(end) - played.at(notes.onset_beat))[performance.rows]
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.log(np.maximum(held, 1e-3) / lasting)
    return _on_rows(len(notes), performance.rows, np.where(lasting > 0, ratio, np.nan))


def _pedal_lift(notes: NoteTable, performance: Performance) -> FloatColumn:
    _, up = pedal_changes(performance.pedals)
    return _near_onsets(notes, performance, up - _LIFT_LAG_SEC)


def _pedal_press(notes: NoteTable, performance: Performance) -> FloatColumn:
    down, _ = pedal_changes(performance.pedals)
    return _near_onsets(notes, performance, down - _PRESS_LAG_SEC)


def _pedal_down(notes: NoteTable, performance: Performance) -> FloatColumn:
    """Return for each onset the share of the time to the next that the pedal is down."""
    played = time_map(notes, performance)
    if played is None or not _has_damper(performance):
        return np.full(len(notes), np.nan)
    new = starts(notes.onset_beat)
    last = float(np.max(notes.onset_beat + notes.duration_beat))
    edge = played.at(np.append(notes.onset_beat[new], last))
    held = np.diff(_seconds_down(performance.pedals, edge))
    length = np.diff(edge)
    share = np.where(length > 0, held / np.where(length > 0, length, 1.0), np.nan)
    return share[np.cumsum(new) - 1]


def _has_damper(performance: Performance) -> bool:
    return bool((performance.pedals.number == DAMPER).any())


def _seconds_down(controls: Controls, until: FloatColumn) -> FloatColumn:
    """Return how long the damper pedal has been down in all, at each of these times."""
    down, up = pedal_changes(controls)
    up = np.append(up, np.inf)[: len(down)]
    before = np.searchsorted(down, until, "right")
    whole = np.concatenate(([0.0], np.cumsum(up - down)))
    latest = np.maximum(before - 1, 0)
    if not len(down):
        return np.zeros(len(until))
    own = np.minimum(until, up[latest]) - down[latest]
    return np.where(before > 0, whole[latest] + own, 0.0)


def pedal_changes(controls: Controls) -> tuple[FloatColumn, FloatColumn]:
    """Return when the damper pedal goes down and when it is let up, seconds, in order."""
    own = controls.number == DAMPER
    order = np.lexsort((controls.value[own], controls.seconds[own]))
    seconds, value = controls.seconds[own][order], controls.value[own][order]
    down = np.concatenate(([False], value >= DOWN))
    change = np.flatnonzero(np.diff(down.astype(np.int64)))
    return seconds[change[down[change + 1]]], seconds[change[~down[change + 1]]]


def _near_onsets(notes: NoteTable, performance: Performance, events: FloatColumn) -> FloatColumn:
    """Return 1 at the onset that is nearest to an event, 0 at others; NaN without any pedal."""
    played = time_map(notes, performance)
    if played is None or not _has_damper(performance):
        return np.full(len(notes), np.nan)
    new = starts(notes.onset_beat)
    onset = played.at(notes.onset_beat[new])
    middle = (onset[1:] + onset[:-1]) / 2
    hit = np.zeros(len(onset))
    hit[np.searchsorted(middle, events)] = 1.0
    return hit[np.cumsum(new) - 1]


_READERS: dict[str, Callable[[NoteTable, Performance], FloatColumn]] = {
    VELOCITY.name: _velocity,
    TEMPO.name: _tempo,
    TIMING.name: _asynchrony,
    ARTICULATION.name: _articulation,
    PEDAL_LIFT.name: _pedal_lift,
    PEDAL_PRESS.name: _pedal_press,
    PEDAL_DOWN.name: _pedal_down,
}


def mean_performed(piece: Piece, target: Target) -> tuple[FloatColumn, FloatColumn]:
    """Return the mean over pianists of a target, as members learn it, and its weight.

    A performance whose alignment is not robust counts half.

    Returns
    -------
    mean : (n,) FloatColumn
        Quantities in units of their typical spread, velocity standardised within each performance,
        events as the share of pianists; NaN where no performance says.
    weight : (n,) FloatColumn
        How many pianists the mean rests on.
    """
    if target == VELOCITY:
        return piece.mean_velocity()
    total, weight = np.zeros(len(piece.notes)), np.zeros(len(piece.notes))
    for performance in piece.performances:
        values = performed_values(piece, performance, target) / target.typical_spread
        share = np.where(np.isfinite(values), 1.0 if performance.robust else 0.5, 0.0)
        total += share * np.nan_to_num(values)
        weight += share
    with np.errstate(invalid="ignore"):
        return np.where(weight > 0, total / weight, np.nan), weight
