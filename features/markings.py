"""The composer's markings, centred on the notated level in force at a note.

They come from a score, or, for the level alone, from the velocity plateaus that a notation program
writes. What a source cannot say is missing (NaN); no other feature ever reads them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from ..notes import MARKINGS
from .context import Context
from .feature import Feature
from .windows import Floats, RangeStatistics, SecondsWindow

FAMILY = "markings"
_UNKNOWN = "where the source has no such markings"
_FAR_SEC = 60.0


def _marking(c: Context, name: str) -> Floats:
    return c.notes.marking(name)


def _level(c: Context) -> Floats:
    return c.notes.marking("notated_level")


def notated_level_deviation(c: Context) -> Floats:
    """Notated level above its mean in the piece."""
    level = _level(c)
    known = level[~np.isnan(level)]
    return level - (known.mean() if len(known) else 0.0)


def notated_level_zscore(c: Context) -> Floats:
    """Notated level standardised within the piece, spread at least 8."""
    level = _level(c)
    known = level[~np.isnan(level)]
    if not len(known):
        return level
    return (level - known.mean()) / max(float(known.std()), 8.0)


def notated_level_piece_std(c: Context) -> Floats:
    """Standard deviation of the notated level in the piece."""
    level = _level(c)
    known = level[~np.isnan(level)]
    value = float(known.std()) if len(known) else np.nan
    return np.full(c.length, value)


def _group_level(c: Context) -> Floats:
    """Mean known level of each onset; NaN where none is known."""
    level = _level(c)
    known = ~np.isnan(level)
    count = np.bincount(c.group, weights=known, minlength=c.groups)
    total = np.bincount(c.group, weights=np.where(known, level, 0.0), minlength=c.groups)
    with np.errstate(invalid="ignore"):
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _filled(level: Floats) -> Floats:
    known = ~np.isnan(level)
    at = np.maximum.accumulate(np.where(known, np.arange(len(level)), 0))
    return np.where(np.isnan(level[at]), 0.0, level[at])


def _changes(c: Context) -> tuple[Floats, Floats]:
    level = _filled(_group_level(c))
    changed = np.abs(np.diff(level, prepend=level[:1])) > 2.0
    return level, np.flatnonzero(changed).astype(np.float64)


def _masked(c: Context, values: Floats) -> Floats:
    return np.where(np.isnan(_level(c)), np.nan, values)


def notated_level_since_change_sec(c: Context) -> Floats:
    """Seconds since the notated level last moved by more than 2, at most 60."""
    _, changes = _changes(c)
    at = np.searchsorted(changes, np.arange(c.groups), "right") - 1
    place = changes.astype(np.int64)[np.maximum(at, 0)] if len(changes) else np.zeros(c.groups, int)
    since = np.where(at >= 0, c.group_sec - c.group_sec[place], _FAR_SEC)
    return _masked(c, np.minimum(since, _FAR_SEC)[c.group])


def notated_level_until_change_sec(c: Context) -> Floats:
    """Seconds until the notated level next moves by more than 2, at most 60."""
    _, changes = _changes(c)
    at = np.searchsorted(changes, np.arange(c.groups), "right")
    found = at < len(changes)
    place = changes.astype(np.int64)[np.minimum(at, len(changes) - 1)] if len(changes) else at
    place = np.where(found, place, 0)
    until = np.where(found, c.group_sec[place] - c.group_sec, _FAR_SEC)
    return _masked(c, np.minimum(until, _FAR_SEC)[c.group])


def _level_contrast(c: Context, seconds: float, ahead: bool) -> Floats:
    level = _filled(_group_level(c))
    window = SecondsWindow("next" if ahead else "past", seconds)
    mean = RangeStatistics(level, weights=c.size).over(c.window(window), "mean")
    return _masked(c, (mean - level)[c.group])


def _share(c: Context, name: str, seconds: float) -> Floats:
    marked = c.notes.marking(name)
    if np.isnan(marked).all():
        return marked
    values = np.nan_to_num(marked)
    around = c.notes_in(SecondsWindow("around", seconds))
    return RangeStatistics(values).over(around, "mean")[c.group]


def _feature(
    compute: Callable[[Context], Floats], unit: str, formula: str, name: str = ""
) -> Feature:
    return Feature(
        name=name or compute.__name__,
        family=FAMILY,
        unit=unit,
        formula=formula,
        compute=compute,
        missing=_UNKNOWN,
    )


_UNITS = {
    "notated_level": ("velocity", "dynamic in force, hairpins interpolated"),
    "notated_level_slope": ("velocity/beat", "slope of the hairpin in progress, else 0"),
    "voice": ("number", "voice within the staff, 1 first"),
    "staff": ("number", "staff within the part, 1 uppermost"),
}


def _raw() -> tuple[Feature, ...]:
    features = []
    for name in MARKINGS:
        unit, formula = _UNITS.get(name, ("0/1", f"1 where the note is marked: {name}"))
        features.append(_feature(partial(_marking, name=name), unit, formula, f"marking_{name}"))
    return tuple(features)


FEATURES = (
    *_raw(),
    _feature(notated_level_deviation, "velocity", "level - mean level of the piece"),
    _feature(notated_level_zscore, "standard deviations", "(level - mean) / max(std, 8) of piece"),
    _feature(notated_level_piece_std, "velocity", "standard deviation of the level in the piece"),
    _feature(notated_level_since_change_sec, "seconds", "time since the level moved, max 60"),
    _feature(notated_level_until_change_sec, "seconds", "time until the level moves, max 60"),
    *(
        _feature(
            partial(_level_contrast, seconds=seconds, ahead=ahead),
            "velocity",
            f"mean level of the {'next' if ahead else 'past'} {seconds:g} s - level",
            f"notated_level_{'next' if ahead else 'past'}{seconds:g}s_contrast",
        )
        for seconds in (2.0, 8.0)
        for ahead in (False, True)
    ),
    *(
        _feature(
            partial(_share, name=name, seconds=4.0),
            "share",
            f"share of notes marked {name} within 4 s either side",
            f"marking_{name}_around4s_mean",
        )
        for name in ("accent", "staccato", "slur")
    ),
)
