"""How much of the time the damper pedal is down, and more or less of it with the same strokes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from humanize.interpretation.parameters import PerformanceParameters
from humanize.interpretation.timing import TimeMap
from humanize.notes import FloatColumn, IntColumn

_LEAST = 0.02  # of a stroke, or of the time between two, that always stays


@dataclass(frozen=True, kw_only=True)
class _Steps:
    """Presses and lifts in turns, in performed time.

    Attributes
    ----------
    sec : (s,) FloatColumn
    down : (s,) bool array
        Whether the pedal goes down.
    onset : (s,) IntColumn
        Which onset each belongs to.
    end : float
        When the last note ends.
    start : float
        When the first begins.
    """

    sec: FloatColumn
    down: NDArray[np.bool_]
    onset: IntColumn
    start: float
    end: float


def share_down(parameters: PerformanceParameters, played: TimeMap, end_beat: float) -> float:
    """Return the share of the time from the first onset to the last offset.

    Parameters
    ----------
    parameters : PerformanceParameters
        With a pedal.
    played : TimeMap
        Performed time.
    end_beat : float
        Where the last note ends.
    """
    steps = _steps(parameters, played, end_beat)
    inside = np.clip(steps.sec, steps.start, steps.end)
    length = np.diff(np.append(inside, steps.end))
    whole = steps.end - steps.start
    return float(length[steps.down].sum() / whole) if whole > 0 else 0.0


def with_share_moved(
    parameters: PerformanceParameters, played: TimeMap, end_beat: float, by: float
) -> PerformanceParameters:
    """Return the parameters with the pedal down for a share more (or less) of the time.

    Every stroke stays: where more is wanted, presses come sooner after the lifts before them;
    where less is, lifts come sooner after their presses.
    """
    steps = _steps(parameters, played, end_beat)
    before = np.flatnonzero((steps.down if by < 0 else ~steps.down)[:-1])
    length = np.diff(steps.sec)[before]
    total = float(length.sum())
    if not total > 0:
        return parameters
    cut = min(abs(by) * (steps.end - steps.start) / total, 1 - _LEAST)
    lag_ms = {False: np.full(len(parameters.onset_beat), np.nan), True: np.zeros(0)}
    lag_ms[True] = lag_ms[False].copy()
    earlier = np.zeros(len(steps.sec))
    earlier[before + 1] = cut * length
    at = played.at(parameters.onset_beat)
    for down in (False, True):
        own = steps.down == down
        onset = steps.onset[own]
        lag_ms[down][onset] = 1000 * (steps.sec[own] - earlier[own] - at[onset])
    return replace(parameters, pedal_lift_ms=lag_ms[False], pedal_press_ms=lag_ms[True])


def _steps(parameters: PerformanceParameters, played: TimeMap, end_beat: float) -> _Steps:
    """Return what the foot does, without presses of a pedal that is down, or lifts of one up."""
    at = played.at(parameters.onset_beat)
    start, end = float(at[0]), float(played.at(np.array([end_beat]))[0])
    lag_ms = np.concatenate([parameters.pedal_lift_ms, parameters.pedal_press_ms])
    sec = np.tile(at, 2) + lag_ms / 1000
    down = np.repeat([False, True], len(at))
    onset = np.tile(np.arange(len(at)), 2)
    known = np.flatnonzero(np.isfinite(sec) & (sec < end))
    known = known[np.lexsort((down[known], sec[known]))]
    turns = np.diff(down[known].astype(np.int64), prepend=0) != 0
    kept = known[turns]
    return _Steps(sec=sec[kept], down=down[kept], onset=onset[kept], start=start, end=end)
