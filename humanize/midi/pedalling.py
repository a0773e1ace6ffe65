"""The damper pedal of a performance as control changes (MIDI 1.0, controller 64)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from humanize.interpretation.parameters import PerformanceParameters
from humanize.interpretation.timing import TimeMap
from humanize.midi.clock import Clock
from humanize.midi.events import CONTROL, NewEvent
from humanize.notes import FloatColumn

DAMPER, FULLY_DOWN = 64, 127
PIANOS = (-1, 0, 1, 2, 3, 4, 5)
"""Programs that have a damper pedal: pianos, and -1, where a file does not say."""

SHORTEST_SEC = 0.020
"""The pedal stays up, or down, at least so long: what is shorter no damper follows."""


@dataclass(frozen=True, kw_only=True)
class Stroke:
    """One use of the pedal: pressed, and let up later.

    Attributes
    ----------
    press_sec, lift_sec : float
    depth : int
        1-127.
    """

    press_sec: float
    lift_sec: float
    depth: int


def pedal_strokes(
    parameters: PerformanceParameters, played: TimeMap, *, end_sec: float
) -> list[Stroke]:
    """Return how the pedal is used, in order.

    Where an onset has both, the pedal is let up before it is pressed again. Between strokes, and
    within each, ``SHORTEST_SEC`` pass at least. A pedal that is down when the last note ends is
    let up then.

    Parameters
    ----------
    parameters : PerformanceParameters
    played : TimeMap
        Performed time.
    end_sec : float
        When the last note ends.
    """
    strokes: list[Stroke] = []
    down: tuple[float, int] | None = None
    for sec, depth in _steps(parameters, played):
        lifted = strokes[-1].lift_sec if strokes else -np.inf
        if depth and down is None:
            down = max(sec, lifted + SHORTEST_SEC), depth
        elif not depth and down is not None and sec >= down[0] + SHORTEST_SEC:
            strokes.append(Stroke(press_sec=down[0], lift_sec=sec, depth=down[1]))
            down = None
    if down is not None and down[0] < end_sec:
        strokes.append(Stroke(press_sec=down[0], lift_sec=end_sec, depth=down[1]))
    return strokes


def _steps(parameters: PerformanceParameters, played: TimeMap) -> list[tuple[float, int]]:
    """Return time and depth of each lift (depth 0) and press, in order."""
    onset = played.at(parameters.onset_beat)
    lift = _at(parameters.pedal_lift_ms, onset)
    press = np.fmax(_at(parameters.pedal_press_ms, onset), lift + SHORTEST_SEC)
    press = np.where(np.isfinite(_at(parameters.pedal_press_ms, onset)), press, np.nan)
    depth = parameters.pedal_depth if len(parameters.pedal_depth) else np.full(len(onset), 127)
    steps = [(sec, 0) for sec in lift.tolist()]
    steps += zip(press.tolist(), np.clip(depth, 1, FULLY_DOWN).tolist(), strict=True)
    return sorted(step for step in steps if np.isfinite(step[0]))


def _at(lag_ms: FloatColumn, onset_sec: FloatColumn) -> FloatColumn:
    if not len(lag_ms):
        return np.full(len(onset_sec), np.nan)
    return np.asarray(onset_sec + lag_ms / 1000)


def pedal_events(
    strokes: Sequence[Stroke], clock: Clock, channel: int, *, end_tick: int, continuous: bool
) -> list[NewEvent]:
    """Return the control changes of strokes on one channel.

    The pedal is let up a tick before it is pressed at least, and, where it is down in the end,
    only after ``end_tick``.

    Parameters
    ----------
    strokes : sequence of Stroke
    clock : Clock
        The time of the file that is written.
    channel : int
        0-15.
    end_tick : int
        Where the last note ends.
    continuous : bool
        Whether a pressed pedal is as deep as its stroke says, instead of 127.
    """
    events: list[NewEvent] = []
    free = 0
    end_sec = float(clock.sec(np.array([end_tick]))[0])
    presses = clock.tick(np.array([s.press_sec for s in strokes])).tolist()
    lifts = clock.tick(np.array([s.lift_sec for s in strokes])).tolist()
    for stroke, press, lift in zip(strokes, presses, lifts, strict=True):
        down = max(int(np.ceil(press)), free)
        held = stroke.lift_sec > end_sec - SHORTEST_SEC
        up = max(int(np.floor(lift)), end_tick + 1) if held else int(np.floor(lift))
        if up <= down:
            continue
        depth = stroke.depth if continuous else FULLY_DOWN
        events.append(_change(down, channel, depth))
        events.append(_change(up, channel, 0))
        free = up + 1
        if held:
            break
    return events


def _change(tick: int, channel: int, value: int) -> NewEvent:
    message = bytes([CONTROL | channel, DAMPER, value])
    return NewEvent(tick=tick, message=message, place="last" if value else "first")
