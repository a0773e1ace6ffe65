"""What a marked score says of time: fermatas, *rit.* and *accel.*, slurs, graces ahead.

Missing (NaN) where the source has no such markings, as in the family ``markings``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from .context import Context, shared
from .feature import Feature
from .tempo import beats_since, beats_until
from .windows import Bools, Floats, Ints, Ranges, RangeStatistics

FAMILY = "cues"
_UNKNOWN = "where the source has no such markings"


@shared
def _marked(c: Context, name: str) -> Bools:
    """Return which onsets have a note that is marked so."""
    values = np.nan_to_num(c.notes.marking(name)) > 0
    return np.logical_or.reduceat(values, c.first)


@shared
def _marked_onsets(c: Context, name: str) -> Ints:
    return np.flatnonzero(_marked(c, name)).astype(np.int64)


@shared
def _beginnings(c: Context, name: str) -> Ints:
    """Return the onsets from which on a marking is in force that was not before."""
    marked = _marked(c, name)
    return np.flatnonzero(marked & ~np.concatenate(([False], marked[:-1]))).astype(np.int64)


@shared
def _endings(c: Context, name: str) -> Ints:
    """Return the onsets from which on a marking is no longer in force."""
    marked = _marked(c, name)
    return np.flatnonzero(~marked & np.concatenate(([False], marked[:-1]))).astype(np.int64)


def _known(c: Context, name: str, values: Floats) -> Floats:
    return np.where(np.isnan(c.notes.marking(name)), np.nan, values[c.group])


def _until(c: Context, name: str) -> Floats:
    return _known(c, name, beats_until(c, _marked_onsets(c, name)))


def _since(c: Context, name: str) -> Floats:
    return _known(c, name, beats_since(c, _marked_onsets(c, name)))


def _until_begins(c: Context, name: str) -> Floats:
    return _known(c, name, beats_until(c, _beginnings(c, name)))


def _since_began(c: Context, name: str) -> Floats:
    return _known(c, name, beats_since(c, _beginnings(c, name)))


def _share_over(c: Context, name: str) -> Floats:
    """How much of it is over, as the marking itself says; the same for all notes of an onset."""
    marking = c.notes.marking(name)
    return _known(c, name, np.fmax.reduceat(np.nan_to_num(marking), c.first))


def _since_ended(c: Context, name: str) -> Floats:
    return _known(c, name, beats_since(c, _endings(c, name)))


def _ahead(c: Context, name: str) -> Floats:
    """Number of notes after the onset and at most a beat on that are marked so."""
    marked = np.nan_to_num(c.notes.marking(name)) > 0
    counts = np.add.reduceat(marked.astype(np.float64), c.first)
    low = np.arange(c.groups) + 1
    high = np.searchsorted(c.group_beat, c.group_beat + 1.0 + 1e-6, "right")
    total = RangeStatistics(counts).over(Ranges(low, np.maximum(low, high)), "sum")
    return _known(c, name, np.round(total))


def _feature(name: str, unit: str, formula: str, compute: Callable[[Context], Floats]) -> Feature:
    return Feature(
        name=name,
        family=FAMILY,
        unit=unit,
        formula=formula,
        compute=compute,
        missing=_UNKNOWN,
    )


_PLACES = (
    ("fermata", "fermata", "a note with a fermata"),
    ("slur_start", "slur_start", "the start of a slur"),
    ("slur_end", "slur_end", "the end of a slur"),
)

_CHANGES = (("slowing", "a rit., rall. or the like"), ("hurrying", "an accel. or the like"))

FEATURES = (
    *(
        _feature(
            f"{name}_until_beat", "beats", f"beats until {text}, max 64", partial(_until, name=mark)
        )
        for mark, name, text in _PLACES
    ),
    *(
        _feature(
            f"{name}_since_beat", "beats", f"beats since {text}, max 64", partial(_since, name=mark)
        )
        for mark, name, text in _PLACES
    ),
    _feature(
        "fading_until_beat",
        "beats",
        "beats until a morendo, calando or the like begins, max 64",
        partial(_until_begins, name="word_fading"),
    ),
    _feature(
        "fading_since_beat",
        "beats",
        "beats since a morendo, calando or the like began, max 64",
        partial(_since_began, name="word_fading"),
    ),
    *(
        _feature(
            f"{mark}_next1beat_count",
            "notes",
            f"notes of the next beat that are marked: {mark}",
            partial(_ahead, name=mark),
        )
        for mark in ("grace", "arpeggio", "ornament")
    ),
    *(
        _feature(
            f"{name}_share",
            "0-1",
            f"how much of {text} is over, 0 outside",
            partial(_share_over, name=name),
        )
        for name, text in _CHANGES
    ),
    *(
        _feature(
            f"{name}_{place}_beat",
            "beats",
            f"beats {place} {text} {what}, max 64",
            partial(compute, name=name),
        )
        for name, text in _CHANGES
        for place, what, compute in (
            ("until", "begins", _until_begins),
            ("since", "began", _since_began),
        )
    ),
    *(
        _feature(
            f"{name}_ended_since_beat",
            "beats",
            f"beats since {text} ended, max 64",
            partial(_since_ended, name=name),
        )
        for name, text in _CHANGES
    ),
)
