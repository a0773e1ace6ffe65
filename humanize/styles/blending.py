"""Between two interpretations of the same notes: a performance, and not a cross-fade.

The mean of two performances is flatter than either, as far as they differ. Here levels go straight
from one to the other, and what deviates from the level turns: on the sphere of deviations of equal
size (spherical linear interpolation, Shoemake, SIGGRAPH 1985), slow curve and fast detail each on
its own, so that neither loses its spread. The steps are even, as angles are. Half of a pedal stroke
is none: measures take theirs from one or the other, evenly spread over the piece.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from humanize.interpretation.attributes import Expression, Ground
from humanize.interpretation.parameters import PerformanceParameters
from humanize.interpretation.shaping import round_velocity
from humanize.notes import FloatColumn, IntColumn, starts

_STILL = 1e-9
_NEAR_BEATS = 2.0  # on either side: the slow curve of the tempo
Smoother = Callable[[FloatColumn], FloatColumn]


def blend(one: Expression, two: Expression, position: float) -> Expression:
    """Return the interpretation at a position from 0, the first, to 1, the second.

    Parameters
    ----------
    one, two : Expression
        Of the same notes.
    position : float
    """
    ground = one.ground
    velocity = _in_bands(ground.smooth, one.velocity, two.velocity, position)
    first, second = one.parameters, two.parameters
    period = _blended_tempo(first, second, position)
    lift, press = _blended_pedal(ground, first, second, position)
    parameters = replace(
        first,
        log_beat_period=period,
        asynchrony_ms=turned(first.asynchrony_ms, second.asynchrony_ms, position),
        log_articulation=_around_level(first.log_articulation, second.log_articulation, position),
        velocity=round_velocity(velocity),
        pedal_lift_ms=lift,
        pedal_press_ms=press,
    )
    return replace(one, velocity=velocity, parameters=parameters)


def turned(one: FloatColumn, two: FloatColumn, position: float) -> FloatColumn:
    """Return deviations between two: their size and their direction go from one to the other.

    Straight between, where one has none or they are opposite.
    """
    sizes = float(np.linalg.norm(one)), float(np.linalg.norm(two))
    if min(sizes) < _STILL:
        return np.asarray((1 - position) * one + position * two)
    cosine = float(np.clip(np.dot(one / sizes[0], two / sizes[1]), -1.0, 1.0))
    angle = float(np.arccos(cosine))
    if np.sin(angle) < 1e-6:
        return np.asarray((1 - position) * one + position * two)
    shares = np.sin(np.array([1 - position, position]) * angle) / np.sin(angle)
    size = sizes[0] ** (1 - position) * sizes[1] ** position
    return np.asarray(size * (shares[0] * one / sizes[0] + shares[1] * two / sizes[1]))


def _around_level(one: FloatColumn, two: FloatColumn, position: float) -> FloatColumn:
    """Return values between two: the mean straight, what deviates from it turned."""
    levels = float(one.mean()), float(two.mean())
    level = (1 - position) * levels[0] + position * levels[1]
    return level + turned(one - levels[0], two - levels[1], position)


def _in_bands(smooth: Smoother, one: FloatColumn, two: FloatColumn, position: float) -> FloatColumn:
    """Return values between two, the slow curve and what is left of it each on its own."""
    slow = smooth(one), smooth(two)
    return _around_level(*slow, position) + turned(one - slow[0], two - slow[1], position)


def _blended_tempo(
    first: PerformanceParameters, second: PerformanceParameters, position: float
) -> FloatColumn:
    """Return the log beat period; how long the whole lasts goes evenly from one to the other."""
    onset = first.onset_beat
    periods = first.log_beat_period, second.log_beat_period
    mixed = _in_bands(_tempo_smoother(onset), *periods, position)
    length = np.diff(onset, append=onset[-1] + 1.0)
    lasting = [float(np.log(np.sum(length * np.exp(p)))) for p in (*periods, mixed)]
    wanted = (1 - position) * lasting[0] + position * lasting[1]
    return mixed + wanted - lasting[2]


def _tempo_smoother(onset_beat: FloatColumn) -> Smoother:
    """Return what takes the mean over the onsets around each, weighted by how long they last."""
    first = np.searchsorted(onset_beat, onset_beat - _NEAR_BEATS - 1e-9)
    stop = np.searchsorted(onset_beat, onset_beat + _NEAR_BEATS + 1e-9)
    length = np.diff(onset_beat, append=onset_beat[-1] + 1.0)
    weight = np.concatenate([[0.0], np.cumsum(length)])

    def smooth(values: FloatColumn) -> FloatColumn:
        total = np.concatenate([[0.0], np.cumsum(length * values)])
        return np.asarray((total[stop] - total[first]) / (weight[stop] - weight[first]))

    return smooth


def _blended_pedal(
    ground: Ground, first: PerformanceParameters, second: PerformanceParameters, position: float
) -> tuple[FloatColumn, FloatColumn]:
    if not len(first.pedal_press_ms) and not len(second.pedal_press_ms):
        return np.zeros(0), np.zeros(0)
    onsets = len(first.onset_beat)
    lifts = _stacked(first.pedal_lift_ms, second.pedal_lift_ms, onsets)
    presses = _stacked(first.pedal_press_ms, second.pedal_press_ms, onsets)
    measure = ground.notes.measure[ground.top]
    number = np.cumsum(starts(measure)) - 1
    takes_second = (spread_evenly(int(number[-1]) + 1) < position)[number]
    return _joined(lifts, presses, takes_second.astype(np.int64))


def spread_evenly(count: int) -> FloatColumn:
    """Return numbers that fill the span from 0 to 1 evenly (van der Corput 1935)."""
    numbers = np.arange(1, count + 1)
    value, scale = np.zeros(count), 0.5
    while numbers.any():
        value += scale * (numbers % 2)
        numbers, scale = numbers // 2, scale / 2
    return value


def _stacked(one: FloatColumn, two: FloatColumn, onsets: int) -> NDArray[np.float64]:
    nothing = np.full(onsets, np.nan)
    return np.stack([one if len(one) else nothing, two if len(two) else nothing])


def _joined(
    lifts: NDArray[np.float64], presses: NDArray[np.float64], source: IntColumn
) -> tuple[FloatColumn, FloatColumn]:
    """Return lifts and presses of the source of each onset; where it changes, the foot follows."""
    onset = np.arange(len(source))
    lift, press = lifts[source, onset].copy(), presses[source, onset].copy()
    down = np.stack([_is_down(lifts[k], presses[k]) for k in (0, 1)])
    for at in np.flatnonzero(np.diff(source)) + 1:
        before, now = down[source[at - 1], at], down[source[at], at]
        if before and not now:
            lift[at] = 0.0
        elif now and not before and not np.isfinite(lift[at]):
            press[at] = 0.0
    return lift, press


def _is_down(lift: FloatColumn, press: FloatColumn) -> NDArray[np.bool_]:
    """Return whether the pedal is down as each onset begins."""
    down = np.zeros(len(lift), dtype=bool)
    state = False
    for at, (up, pressed) in enumerate(zip(lift.tolist(), press.tolist(), strict=True)):
        down[at] = state
        if pressed == pressed:
            state = True
        elif up == up:
            state = False
    return down
