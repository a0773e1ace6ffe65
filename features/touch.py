"""How the keys are struck and left, to the millisecond: what a player's hands tell of loudness.

A melody is struck before its chord, a soft repetition before the key is quite up, a loud one from
above; how far a finger overlaps the next says how it plays. Only a player's timing has any of it.

Source: Goebl 2001, JASA 110 (melody lead); Repp 1995, JASA 97 (overlap of legato notes).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from .context import Context, shared
from .feature import Feature
from .windows import Floats, Ints

FAMILY = "touch"
_MISSING = "in a score"
_AND_AT_ENDS = "in a score; at either end"
_AND_WHERE_NONE = "in a score; where there is no such note"
_LEAD = "Goebl 2001, JASA 110"
_OVERLAP = "Repp 1995, JASA 97"
_FAR_SEC, _OVERLAP_SEC = 4.0, 2.0
_REACH = 12  # rows on either side among which a neighbour is looked for


@shared
def _release(c: Context) -> Floats:
    return c.onset_sec + c.duration_sec


def _of_group(c: Context, values: Floats) -> Floats:
    return np.round(values[c.group], 6)


def chord_spread_sec(c: Context) -> Floats:
    """Seconds from the first to the last onset of the chord."""
    last = np.maximum.reduceat(c.onset_sec, c.first)
    return _of_group(c, last - c.group_sec)


def _lag_behind(c: Context, outermost: Floats) -> Floats:
    """Return seconds after the earliest onset of the chord's outermost pitch."""
    outer = c.pitch == outermost[c.group]
    struck = np.full(c.groups, np.inf)
    np.minimum.at(struck, c.group[outer], c.onset_sec[outer])
    return np.round(c.onset_sec - struck[c.group], 6)


def lag_behind_top_sec(c: Context) -> Floats:
    """Seconds after the onset of the chord's highest note; positive where the melody leads."""
    return _lag_behind(c, c.top)


def lag_behind_bottom_sec(c: Context) -> Floats:
    """Seconds after the onset of the chord's lowest note."""
    return _lag_behind(c, c.bottom)


def _note_gap_sec(c: Context, rows: int, ahead: bool) -> Floats:
    """Return seconds between a note and the one that many rows away, whatever their chords."""
    gap = np.full(c.length, np.nan)
    apart = np.minimum(c.onset_sec[rows:] - c.onset_sec[:-rows], _FAR_SEC)
    gap[slice(None, -rows) if ahead else slice(rows, None)] = apart
    return gap


def _same_pitch_gap(c: Context, other: Ints, ahead: bool) -> Floats:
    here = np.arange(c.length)
    early, late = (here, other) if ahead else (other, here)
    gap = np.clip(c.onset_sec[late] - _release(c)[early], -1.0, 10.0)
    return np.where(other >= 0, gap, np.nan)


def same_pitch_gap_sec_previous(c: Context) -> Floats:
    """Seconds that the key was up before the note."""
    return _same_pitch_gap(c, c.same_pitch[0], ahead=False)


def same_pitch_gap_sec_next(c: Context) -> Floats:
    """Seconds that the key is up until it is struck again."""
    return _same_pitch_gap(c, c.same_pitch[1], ahead=True)


@shared
def _pairs(c: Context) -> list[tuple[Floats, Floats]]:
    """Return interval and gap of every note and the one so many rows later, 1 to 12.

    The interval is infinite where the two are of one pitch or chord.
    """
    pairs = []
    for step in range(1, min(_REACH, c.length - 1) + 1):
        interval = np.abs(c.pitch[step:] - c.pitch[:-step])
        apart = (interval > 0) & (c.group[step:] > c.group[:-step])
        gap = np.clip(c.onset_sec[step:] - _release(c)[:-step], -_OVERLAP_SEC, _FAR_SEC)
        pairs.append((np.where(apart, interval, np.inf), gap))
    return pairs


def _neighbour_gap_sec(c: Context, semitones: int, ahead: bool) -> Floats:
    """Return seconds from the earlier note's release to the later one's onset.

    The other note is the first found among twelve rows that is not of the same chord and at most so
    many semitones away; negative seconds are an overlap.
    """
    gap = np.full(c.length, np.nan)
    for step, (interval, apart) in enumerate(_pairs(c), start=1):
        own = gap[:-step] if ahead else gap[step:]
        new = (interval <= semitones) & np.isnan(own)
        own[new] = apart[new]
    return gap


def _feature(
    compute: Callable[[Context], Floats],
    formula: str,
    *,
    name: str = "",
    source: str = "",
    missing: str = _MISSING,
) -> Feature:
    def in_performance(c: Context) -> Floats:
        return compute(c) if c.performed else np.full(c.length, np.nan)

    return Feature(
        name=name or getattr(compute, "__name__", ""),
        family=FAMILY,
        unit="seconds",
        formula=formula,
        compute=in_performance,
        source=source,
        missing=missing,
    )


def _gaps() -> tuple[Feature, ...]:
    features = []
    for ahead, side, other in ((False, "previous", "before"), (True, "next", "after")):
        for rows in (1, 2):
            features.append(
                _feature(
                    partial(_note_gap_sec, rows=rows, ahead=ahead),
                    f"time between the note and the {'' if rows == 1 else 'second '}note {other}, "
                    f"max {_FAR_SEC:g}",
                    name=f"note_gap{rows}_sec_{side}",
                    missing=_AND_AT_ENDS,
                )
            )
        for semitones in (3, 12):
            features.append(
                _feature(
                    partial(_neighbour_gap_sec, semitones=semitones, ahead=ahead),
                    f"release to onset, nearest note {other} within {semitones} semitones "
                    "(negative: overlap)",
                    name=f"neighbour{semitones}_gap_sec_{side}",
                    source=_OVERLAP,
                    missing=_AND_WHERE_NONE,
                )
            )
    return tuple(features)


FEATURES = (
    _feature(chord_spread_sec, "last onset - first onset of the chord"),
    _feature(lag_behind_top_sec, "onset - onset of the chord's highest note", source=_LEAD),
    _feature(lag_behind_bottom_sec, "onset - onset of the chord's lowest note", source=_LEAD),
    _feature(
        same_pitch_gap_sec_previous,
        "onset - release of the same pitch before, within -1 to 10",
        missing=_AND_WHERE_NONE,
    ),
    _feature(
        same_pitch_gap_sec_next,
        "onset of the same pitch after - release, within -1 to 10",
        missing=_AND_WHERE_NONE,
    ),
    *_gaps(),
)
