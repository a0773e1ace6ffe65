"""The onsets just before and just after: their weight in the measure, length, size and step.

Rubato is read ahead: how long an onset lasts hangs on what follows it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from .context import Context, shared
from .feature import Feature
from .metre import metrical_strength
from .windows import Floats, Ranges, RangeStatistics

FAMILY = "neighbours"
_QUICK_BEAT = 0.13  # an eighth of a beat and less: graces and ornaments that are written out
_SHORTEST_BEAT, _LONGEST_BEAT = 2.0**-6, 2.0**6


def _at(c: Context, values: Floats, shift: int) -> Floats:
    """Return an onset's value so many onsets on (or before, if below 0); NaN beyond the ends."""
    place = np.arange(c.groups) + shift
    inside = (place >= 0) & (place < c.groups)
    shifted = np.where(inside, values[np.clip(place, 0, c.groups - 1)], np.nan)
    return shifted[c.group]


@shared
def _ioi_log(c: Context) -> Floats:
    """Binary logarithm of the beats to the next onset; NaN at the last."""
    return np.log2(np.clip(c.ioi_beat_after, _SHORTEST_BEAT, _LONGEST_BEAT))


def _strength(c: Context, shift: int) -> Floats:
    return _at(c, metrical_strength(c)[c.first], shift)


def _ioi(c: Context, shift: int) -> Floats:
    return _at(c, _ioi_log(c), shift)


def _ioi_ratio(c: Context, shift: int) -> Floats:
    return np.asarray(_at(c, _ioi_log(c), shift) - _ioi_log(c)[c.group])


def _notes(c: Context, shift: int) -> Floats:
    return _at(c, c.size, shift)


def _step(c: Context, line: str, shift: int) -> Floats:
    """Semitones from an onset's highest (lowest) note to the next one's, so many onsets on."""
    edge = c.top if line == "top" else c.bottom
    return _at(c, np.append(np.diff(edge), np.nan), shift)


@shared
def _quick_onsets(c: Context) -> RangeStatistics:
    quick = np.nan_to_num(c.ioi_beat_after, nan=1.0) < _QUICK_BEAT
    return RangeStatistics(quick.astype(np.float64))


def _quick(c: Context, back: float, ahead: float) -> Floats:
    """Number of onsets near that are followed within an eighth of a beat."""
    low = np.searchsorted(c.group_beat, c.group_beat - back - 1e-6, "left")
    high = np.searchsorted(c.group_beat, c.group_beat + ahead + 1e-6, "right")
    return np.round(_quick_onsets(c).over(Ranges(low, high), "sum"))[c.group]


def _feature(
    compute: Callable[[Context], Floats], name: str, unit: str, formula: str, missing: str = ""
) -> Feature:
    return Feature(
        name=name, family=FAMILY, unit=unit, formula=formula, compute=compute, missing=missing
    )


def _named(shift: int) -> str:
    return f"next{shift}" if shift > 0 else f"past{-shift}"


def _said(shift: int) -> str:
    count, which = abs(shift), "after" if shift > 0 else "before"
    return f"the onset {which}" if count == 1 else f"{count} onsets {which}"


_ENDS = "beyond the first or last onset"

FEATURES = (
    *(
        _feature(
            partial(_strength, shift=shift),
            f"metrical_strength_{_named(shift)}",
            "levels",
            f"metrical_strength of {_said(shift)}",
            f"{_ENDS}, and in a performance",
        )
        for shift in (-1, 1, 2)
    ),
    _feature(partial(_ioi, shift=0), "ioi_beat_log", "log2 beats", "log2(IOI in beats)", _ENDS),
    *(
        _feature(
            partial(_ioi, shift=shift),
            f"ioi_beat_log_{_named(shift)}",
            "log2 beats",
            f"log2(IOI in beats) of {_said(shift)}",
            _ENDS,
        )
        for shift in (-2, -1, 1, 2, 3)
    ),
    *(
        _feature(
            partial(_ioi_ratio, shift=shift),
            f"ioi_beat_log_{_named(shift)}_ratio",
            "log2 ratio",
            f"log2(IOI of {_said(shift)} / IOI)",
            _ENDS,
        )
        for shift in (-1, 1)
    ),
    *(
        _feature(
            partial(_notes, shift=shift),
            f"onset_notes_{_named(shift)}",
            "notes",
            f"notes of {_said(shift)}",
            _ENDS,
        )
        for shift in (-1, 1, 2)
    ),
    *(
        _feature(
            partial(_step, line=line, shift=shift),
            f"{line}_step{'' if not shift else '_' + _named(shift)}",
            "semitones",
            f"{'highest' if line == 'top' else 'lowest'} pitch of the following onset - that of "
            + (_said(shift) if shift else "the onset"),
            _ENDS,
        )
        for line, shift in (("top", -1), ("top", 0), ("top", 1), ("bottom", -1), ("bottom", 0))
    ),
    _feature(
        partial(_quick, back=1.0, ahead=0.0),
        "quick_onsets_past1beat_count",
        "onsets",
        "onsets of the past beat that the next follows within an eighth of a beat",
    ),
    _feature(
        partial(_quick, back=0.0, ahead=1.0),
        "quick_onsets_next1beat_count",
        "onsets",
        "onsets of the next beat that the next follows within an eighth of a beat",
    ),
)
