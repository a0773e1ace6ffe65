"""The notated tempo against its piece, when it changes next, and how far either end is in beats.

A score's tempo map says where its composer slows down or begins anew. It is a hint, as pianists
differ from it and many files have one tempo throughout: then its columns are 0.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from .context import Context, shared
from .feature import Feature
from .windows import Floats, Ints, Ranges, RangeStatistics

FAMILY = "tempo"
_LEAST_CHANGE = 0.02  # natural logarithm: a fiftieth of the tempo
_LARGEST = 2.0  # natural logarithm
_FAR_BEAT, _FAR_MEASURES = 64.0, 32.0
_NEAR_BEAT = 4.0
_LOGARITHM = "natural logarithm"


@shared
def _period(c: Context) -> Floats:
    """Log seconds per beat from each onset to the next, less the median of the piece."""
    if c.groups < 2:
        return np.zeros(c.groups)
    ratio = np.maximum(np.diff(c.group_sec), 1e-6) / np.maximum(np.diff(c.group_beat), 1e-6)
    period = np.log(np.append(ratio, ratio[-1]))
    ordered = np.sort(period)
    middle = (ordered[len(period) // 2] + ordered[-1 - len(period) // 2]) / 2
    return np.clip(np.round(period - middle, 6), -_LARGEST, _LARGEST)


@shared
def _changes(c: Context) -> Ints:
    """Onsets at which the notated tempo is another than before."""
    return np.flatnonzero(np.abs(np.diff(_period(c))) > _LEAST_CHANGE).astype(np.int64) + 1


def notated_period_deviation(c: Context) -> Floats:
    """Notated log beat period, less the median of the piece."""
    return _period(c)[c.group]


def notated_period_next_change(c: Context) -> Floats:
    """By how much the notated log beat period moves at its next change; 0 where there is none."""
    changes, period = _changes(c), _period(c)
    at = _following(c, changes)
    found = at < len(changes)
    place = changes[np.minimum(at, len(changes) - 1)] if len(changes) else np.zeros_like(at)
    return np.where(found, period[place] - period, 0.0)[c.group]


def notated_period_last_change(c: Context) -> Floats:
    """By how much the notated log beat period moved at its last change; 0 where there was none."""
    changes, period = _changes(c), _period(c)
    at = _following(c, changes) - 1
    place = changes[np.maximum(at, 0)] if len(changes) else np.ones_like(at)
    return np.where(at >= 0, period - period[np.maximum(place - 1, 0)], 0.0)[c.group]


def _following(c: Context, places: Ints) -> Ints:
    """Return for each onset how many of some onsets are not after it."""
    return np.searchsorted(places, np.arange(c.groups), "right").astype(np.int64)


def notated_period_until_change_beat(c: Context) -> Floats:
    """Beats until the notated tempo changes, at most 64."""
    return beats_until(c, _changes(c), after=True)[c.group]


def notated_period_since_change_beat(c: Context) -> Floats:
    """Beats since the notated tempo changed, at most 64."""
    return beats_since(c, _changes(c))[c.group]


def beats_until(c: Context, places: Ints, *, after: bool = False) -> Floats:
    """Return the beats from each onset to the first of some onsets at or after it, at most 64.

    With ``after`` the onset itself does not count.
    """
    at = np.searchsorted(places, np.arange(c.groups), "right" if after else "left")
    beats = np.append(c.group_beat[places], np.inf)
    return np.minimum(beats[at] - c.group_beat, _FAR_BEAT)


def beats_since(c: Context, places: Ints) -> Floats:
    """Return the beats to each onset from the last of some onsets at or before it, at most 64."""
    beats = np.concatenate(([-np.inf], c.group_beat[places]))
    return np.minimum(c.group_beat - beats[_following(c, places)], _FAR_BEAT)


def _near(c: Context, back: float, ahead: float) -> Floats:
    """Mean notated log beat period of the onsets near each, less its own."""
    low = np.searchsorted(c.group_beat, c.group_beat - back - 1e-6, "left")
    high = np.searchsorted(c.group_beat, c.group_beat + ahead + 1e-6, "right")
    mean = RangeStatistics(_period(c)).over(Ranges(low, high), "mean")
    return (mean - _period(c))[c.group]


def piece_notated_period_std(c: Context) -> Floats:
    """Standard deviation of the notated log beat period over the onsets of the piece."""
    return np.full(c.length, float(_period(c).std()))


def since_start_beat(c: Context) -> Floats:
    """Beats since the first onset, at most 64."""
    return np.minimum(c.group_beat - c.group_beat[0], _FAR_BEAT)[c.group]


def until_end_beat(c: Context) -> Floats:
    """Beats until the last onset, at most 64."""
    return np.minimum(c.group_beat[-1] - c.group_beat, _FAR_BEAT)[c.group]


def since_start_measure(c: Context) -> Floats:
    """Measures since the first, at most 32."""
    measure = c.notes.measure.astype(np.float64)
    return _of_score(c, np.minimum(measure - measure[0], _FAR_MEASURES))


def until_end_measure(c: Context) -> Floats:
    """Measures until that of the last onset, at most 32."""
    measure = c.notes.measure.astype(np.float64)
    return _of_score(c, np.minimum(measure[-1] - measure, _FAR_MEASURES))


def _of_score(c: Context, values: Floats) -> Floats:
    return np.full(c.length, np.nan) if c.performed else values


def _feature(
    compute: Callable[[Context], Floats],
    unit: str,
    formula: str,
    name: str = "",
    missing: str = "",
) -> Feature:
    return Feature(
        name=name or compute.__name__,
        family=FAMILY,
        unit=unit,
        formula=formula,
        compute=compute,
        missing=missing,
    )


_PERFORMED = "in a performance, whose measures are unknown"

FEATURES = (
    _feature(
        notated_period_deviation, _LOGARITHM, "log(seconds / beats to the next onset) - median"
    ),
    _feature(
        notated_period_next_change, _LOGARITHM, "its value at its next change - value; 0 if none"
    ),
    _feature(
        notated_period_last_change, _LOGARITHM, "value - that before its last change; 0 if none"
    ),
    _feature(notated_period_until_change_beat, "beats", "beats until it changes, max 64"),
    _feature(notated_period_since_change_beat, "beats", "beats since it changed, max 64"),
    _feature(
        partial(_near, back=_NEAR_BEAT, ahead=0.0),
        _LOGARITHM,
        "its mean over the past 4 beats - value",
        "notated_period_past4beat_contrast",
    ),
    _feature(
        partial(_near, back=0.0, ahead=_NEAR_BEAT),
        _LOGARITHM,
        "its mean over the next 4 beats - value",
        "notated_period_next4beat_contrast",
    ),
    _feature(piece_notated_period_std, _LOGARITHM, "its standard deviation in the piece"),
    _feature(since_start_beat, "beats", "onset - first onset, max 64"),
    _feature(until_end_beat, "beats", "last onset - onset, max 64"),
    _feature(since_start_measure, "measures", "measure - first measure, max 32", "", _PERFORMED),
    _feature(until_end_measure, "measures", "last measure - measure, max 32", "", _PERFORMED),
)
