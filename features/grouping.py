"""Where phrases and figures end: boundaries, long notes, rests, and measures that come again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from ..notes import starts
from .context import Context, shared
from .feature import Feature
from .form import pattern_codes
from .tempo import beats_since, beats_until
from .windows import Bools, Floats, Ints, Ranges, RangeStatistics

FAMILY = "grouping"
_REACH = 8  # onsets on either side
_LONG = 2.0  # times the mean interval around
_REST_BEAT = 0.12
_WEIGHTS = (("pitch", 0.25), ("ioi", 0.5), ("rest", 0.25))
_LBDM = "Cambouropoulos 2001, ICMC (local boundary detection model)"
_PERFORMED = "in a performance, whose measures are unknown"


@shared
def boundary_strength(c: Context) -> Floats:
    """Return the strength of a boundary between each onset and the next, 0-1; 0 after the last.

    Of pitch (the highest notes), inter-onset interval and rest: how large a step is, times how far
    it differs from the steps beside it, over the largest of the piece; a weighted mean of the
    three.
    """
    total = np.zeros(c.groups)
    if c.groups > 1:
        steps = {"pitch": np.abs(np.diff(c.top)), "ioi": np.diff(c.group_beat), "rest": _rests(c)}
        for name, weight in _WEIGHTS:
            total[:-1] += weight * _local_change(steps[name])
    return total


def _local_change(step: Floats) -> Floats:
    both = step[1:] + step[:-1]
    change = np.where(both > 0, np.abs(np.diff(step)) / np.where(both > 0, both, 1.0), 0.0)
    strength = step * (np.concatenate(([0.0], change)) + np.concatenate((change, [0.0])))
    largest = float(strength.max())
    return strength / largest if largest > 0 else strength


@shared
def _rests(c: Context) -> Floats:
    """Beats of silence before each next onset."""
    ends = np.maximum.accumulate(c.group_beat + c.group_duration_beat)
    return np.maximum(c.group_beat[1:] - ends[:-1], 0.0)


@shared
def _boundaries(c: Context) -> Ints:
    """Onsets that begin a group: the boundary before them stands out of the piece's."""
    before = _before(boundary_strength(c))
    edge = float(before.mean() + before.std())
    highest = (before >= np.append(before[1:], 0.0)) & (before >= _before(before))
    return np.flatnonzero((before > edge) & highest).astype(np.int64)


def _before(values: Floats) -> Floats:
    return np.concatenate(([0.0], values[:-1]))


@shared
def _long(c: Context) -> Ints:
    """Onsets that last twice as long as those around, or longer."""
    ioi = np.nan_to_num(c.ioi_beat_after, nan=0.0)
    here = np.arange(c.groups)
    low, high = np.maximum(here - _REACH, 0), np.minimum(here + _REACH + 1, max(c.groups - 1, 1))
    mean = RangeStatistics(ioi).over(Ranges(np.minimum(low, high), high), "mean")
    with np.errstate(invalid="ignore"):
        return np.flatnonzero((ioi > 0) & (ioi >= _LONG * mean)).astype(np.int64)


@shared
def _after_rests(c: Context) -> Ints:
    """Onsets that a silence comes before."""
    if c.groups < 2:
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(_rests(c) >= _REST_BEAT).astype(np.int64) + 1


def _boundary(c: Context, shift: int) -> Floats:
    strength = np.concatenate((np.zeros(1), boundary_strength(c), np.zeros(1)))
    return strength[np.arange(c.groups) + 1 + shift][c.group]


def boundary_next_contrast(c: Context) -> Floats:
    """Strength of the boundary after the onset, less the mean of those around."""
    strength = boundary_strength(c)
    here = np.arange(c.groups)
    around = Ranges(np.maximum(here - _REACH, 0), np.minimum(here + _REACH + 1, c.groups))
    return (strength - RangeStatistics(strength).over(around, "mean"))[c.group]


def _until(c: Context, places: Callable[[Context], Ints], after: bool) -> Floats:
    return beats_until(c, places(c), after=after)[c.group]


def _since(c: Context, places: Callable[[Context], Ints]) -> Floats:
    return beats_since(c, places(c))[c.group]


def _pattern_around(c: Context, with_pitch: bool, onsets: int) -> Floats:
    """Log2 of how often the pattern that an onset stands in the middle of comes in the piece."""
    codes = pattern_codes(c, with_pitch, onsets)
    total = np.log2(np.bincount(codes)[codes])
    back = np.maximum(np.arange(c.groups) - onsets // 2, 0)
    return total[back][c.group]


@shared
def _measure_codes(c: Context, with_pitch: bool) -> tuple[Ints, Ints]:
    """Return one number for each measure, equal for equal ones, and the measure of each note."""
    n = c.notes
    new = starts(n.measure)
    of_note = np.cumsum(new) - 1
    place = np.round(n.measure_position_beat * 24).astype(np.int64)
    keys = place * 128 + n.pitch if with_pitch else place
    known: dict[bytes, int] = {}
    codes = []
    for own in np.split(keys, np.flatnonzero(new)[1:]):
        codes.append(known.setdefault(own[starts(own)].tobytes(), len(known)))
    return np.array(codes, dtype=np.int64), of_note


def _measure_total(c: Context, with_pitch: bool) -> Floats:
    codes, of_note = _measure_codes(c, with_pitch)
    return _of_score(c, np.log2(np.bincount(codes)[codes])[of_note])


def measure_rhythm_before(c: Context) -> Floats:
    """How many earlier measures have the same onsets, at most 32."""
    codes, of_note = _measure_codes(c, False)
    order = np.argsort(codes, kind="stable")
    first = np.searchsorted(codes[order], codes[order], "left")
    count = np.empty(len(codes))
    count[order] = np.arange(len(codes)) - first
    return _of_score(c, np.minimum(count, 32.0)[of_note])


def measure_rhythm_as_previous(c: Context) -> Floats:
    """1 where the measure before has the same onsets."""
    codes, of_note = _measure_codes(c, False)
    return _of_score(c, _as_previous(codes).astype(np.float64)[of_note])


def measure_rhythm_as_next(c: Context) -> Floats:
    """1 where the measure after has the same onsets."""
    codes, of_note = _measure_codes(c, False)
    following = np.append(_as_previous(codes)[1:], False)
    return _of_score(c, following.astype(np.float64)[of_note])


def _as_previous(codes: Ints) -> Bools:
    return ~starts(codes)


def _of_score(c: Context, values: Floats) -> Floats:
    return np.full(c.length, np.nan) if c.performed else values


def _feature(
    compute: Callable[[Context], Floats],
    unit: str,
    formula: str,
    name: str = "",
    source: str = "",
    missing: str = "",
) -> Feature:
    return Feature(
        name=name or compute.__name__,
        family=FAMILY,
        unit=unit,
        formula=formula,
        compute=compute,
        source=source,
        missing=missing,
    )


FEATURES = (
    *(
        _feature(
            partial(_boundary, shift=shift),
            "0-1",
            f"strength of the boundary {text}; of pitch, IOI and rest",
            f"boundary_{name}",
            _LBDM,
        )
        for shift, name, text in (
            (-1, "previous", "before the onset"),
            (0, "next1", "after the onset"),
            (1, "next2", "after the next onset"),
        )
    ),
    _feature(boundary_next_contrast, "0-1", "boundary_next1 - its mean over 8 onsets each side"),
    *(
        _feature(
            partial(_since, places=places),
            "beats",
            f"beats since {text}, max 64",
            f"{name}_since_beat",
        )
        for places, name, text in (
            (_boundaries, "group", "a group began (boundary above mean + std of the piece)"),
            (_long, "long", "an onset at least twice as long as 8 on each side"),
            (_after_rests, "rest", "the end of a silence"),
        )
    ),
    *(
        _feature(
            partial(_until, places=places, after=after),
            "beats",
            f"beats until {text}, max 64",
            f"{name}_until_beat",
        )
        for places, after, name, text in (
            (_boundaries, True, "group", "the next group begins"),
            (_long, False, "long", "an onset at least twice as long as 8 on each side"),
            (_after_rests, True, "rest", "the end of the next silence"),
        )
    ),
    *(
        _feature(
            partial(_pattern_around, with_pitch=with_pitch, onsets=onsets),
            "log2 times",
            f"log2 of all occurrences of the pattern of {onsets} onsets around, "
            + ("rhythm and top line" if with_pitch else "rhythm"),
            f"{'melody' if with_pitch else 'rhythm'}_around{onsets}_total",
        )
        for with_pitch, onsets in ((False, 4), (False, 16), (True, 4), (True, 16))
    ),
    _feature(
        partial(_measure_total, with_pitch=False),
        "log2 times",
        "log2 of all measures with the same onsets",
        "measure_rhythm_total",
        "",
        _PERFORMED,
    ),
    _feature(
        partial(_measure_total, with_pitch=True),
        "log2 times",
        "log2 of all measures with the same onsets and pitches",
        "measure_music_total",
        "",
        _PERFORMED,
    ),
    _feature(measure_rhythm_before, "times", "earlier such measures, max 32", "", "", _PERFORMED),
    _feature(
        measure_rhythm_as_previous,
        "0/1",
        "1 where the last has the same",
        "",
        "",
        _PERFORMED,
    ),
    _feature(measure_rhythm_as_next, "0/1", "1 where the next has the same", "", "", _PERFORMED),
)
