"""What sounds with a note: chords, voices, skyline, bass line, and streams of one register."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ..notes import distinct
from .context import Context, shared
from .feature import Feature
from .windows import Floats, Ints, SecondsWindow, Statistic

FAMILY = "texture"
_THIRD = 4
_REGISTER = np.array([0, -1, 1, -2, 2, -3, 3, -4, 4])  # within a major third, the nearest first
_FAR_SEC = 32.0


def onset_notes(c: Context) -> Floats:
    """Notes of the same onset."""
    return np.minimum(c.size, 32.0)[c.group]


def onset_rank_top(c: Context) -> Floats:
    """Notes of the same onset that are higher."""
    return np.minimum(_rank(c)[0], 16.0)


def onset_rank_bottom(c: Context) -> Floats:
    """Notes of the same onset that are lower."""
    return np.minimum(_rank(c)[1], 16.0)


@shared
def _rank(c: Context) -> tuple[Floats, Floats]:
    first = c.first[c.group]
    lower = np.searchsorted(c.onset_keys, c.onset_key, "left") - first
    upto = np.searchsorted(c.onset_keys, c.onset_key, "right") - first
    return c.size[c.group] - upto, lower.astype(np.float64)


def onset_gap_above(c: Context) -> Floats:
    """Semitones to the next higher note of the onset."""
    return _onset_gap(c)[0]


def onset_gap_below(c: Context) -> Floats:
    """Semitones to the next lower note of the onset."""
    return _onset_gap(c)[1]


@shared
def _onset_gap(c: Context) -> tuple[Floats, Floats]:
    key = c.onset_key
    ordered = distinct(key)
    at = np.searchsorted(ordered, key)
    over = ordered[np.minimum(at + 1, len(ordered) - 1)]
    under = ordered[np.maximum(at - 1, 0)]
    above = np.where((over >> 7 == c.group) & (over > key), over - key, np.nan)
    below = np.where((under >> 7 == c.group) & (under < key), key - under, np.nan)
    return above.astype(np.float64), below.astype(np.float64)


def sounding_notes(c: Context) -> Floats:
    """Pitches that sound at the onset, held ones included."""
    return c.sounding["count"][c.group]


def held_notes(c: Context) -> Floats:
    """Pitches that sound at the onset but began before it (pressed and not yet released)."""
    return np.clip(c.sounding["count"] - c.size, 0, 32)[c.group]


def sounding_above(c: Context) -> Floats:
    """Sounding pitches above."""
    return np.minimum(c.sounding["above"], 16.0)


def sounding_below(c: Context) -> Floats:
    """Sounding pitches below."""
    return np.minimum(c.sounding["below"], 16.0)


def sounding_gap_above(c: Context) -> Floats:
    """Semitones to the next higher sounding pitch."""
    return c.sounding["gap_above"]


def sounding_gap_below(c: Context) -> Floats:
    """Semitones to the next lower sounding pitch."""
    return c.sounding["gap_below"]


def sounding_pitch_mean(c: Context) -> Floats:
    """Mean of the sounding pitches."""
    return c.sounding["mean"][c.group]


def sounding_pitch_deviation(c: Context) -> Floats:
    """Pitch above the mean of the sounding pitches."""
    return c.pitch - c.sounding["mean"][c.group]


def sounding_spread(c: Context) -> Floats:
    """Highest less lowest sounding pitch."""
    return (c.sounding["highest"] - c.sounding["lowest"])[c.group]


def skyline_interval(c: Context) -> Floats:
    """Highest sounding pitch less the pitch."""
    return c.sounding["highest"][c.group] - c.pitch


def bass_interval(c: Context) -> Floats:
    """Pitch less the lowest sounding pitch."""
    return c.pitch - c.sounding["lowest"][c.group]


def is_skyline(c: Context) -> Floats:
    """1 on the skyline (Uitdenbogerd and Zobel 1999)."""
    return c.is_skyline


def is_bass(c: Context) -> Floats:
    """1 on the bass line."""
    return c.is_bass


def voice_kind(c: Context) -> Floats:
    """0 inner, 1 top, 2 bottom, 3 alone."""
    return c.is_skyline + 2 * c.is_bass


def outer_motion(c: Context) -> Floats:
    """1 parallel, -1 contrary motion of highest and lowest pitch since the onset before, else 0."""
    top = np.diff(c.top, prepend=c.top[:1])
    bottom = np.diff(c.bottom, prepend=c.bottom[:1])
    return (np.sign(top) * np.sign(bottom))[c.group]


@shared
def _line(c: Context, outer: str) -> dict[str, Floats]:
    """Intervals, times and contour along an outer voice, per note (of the line's last onset)."""
    skyline = outer == "skyline"
    groups, pitches = (c.skyline_groups, c.top) if skyline else (c.bass_groups, c.bottom)
    at = np.searchsorted(groups, np.arange(c.groups), "right") - 1
    line, time = pitches[groups], c.group_sec[groups]
    step = np.append(np.diff(line), np.nan)
    wait = np.append(np.diff(time), np.nan)
    before, waited = (np.concatenate(([np.nan], x[:-1])) for x in (step, wait))
    here = np.clip(at, 0, len(groups) - 1)[c.group]
    peak = np.sign(np.nan_to_num(before)) - np.sign(np.nan_to_num(step))
    return {
        "interval_previous": before[here],
        "interval_next": step[here],
        "ioi_sec_previous": np.minimum(waited[here], _FAR_SEC),
        "ioi_sec_next": np.minimum(wait[here], _FAR_SEC),
        "peak": peak[here],
    }


def _line_column(c: Context, outer: str, what: str) -> Floats:
    return _line(c, outer)[what]


def _same_pitch_sec(c: Context, direction: int) -> Floats:
    before, after = c.same_pitch
    other = before if direction < 0 else after
    distance = np.abs(c.onset_sec - c.onset_sec[other])
    return np.where(other >= 0, np.minimum(distance, _FAR_SEC), _FAR_SEC)


def same_pitch_sec_previous(c: Context) -> Floats:
    """Seconds since the last onset of the same pitch, at most 32."""
    return _same_pitch_sec(c, -1)


def same_pitch_sec_next(c: Context) -> Floats:
    """Seconds until the next onset of the same pitch, at most 32."""
    return _same_pitch_sec(c, 1)


def same_pitch_past8s_count(c: Context) -> Floats:
    """Onsets of the same pitch in the past 8 s, the note itself not counted."""
    return _same_pitch_count(c, 8.0, 0.0)


def same_pitch_next8s_count(c: Context) -> Floats:
    """Onsets of the same pitch in the next 8 s, the note itself not counted."""
    return _same_pitch_count(c, 0.0, 8.0)


@shared
def _pitch_times(c: Context) -> tuple[Ints, Ints]:
    """Return pitch and microsecond of each note as one number, in order of rows and of size."""
    time = np.round(c.onset_sec * 1e6).astype(np.int64)
    span = int(time[-1] + 64e6)
    key = c.notes.pitch * (2 * span) + time
    return key, np.sort(key)


def _same_pitch_count(c: Context, back: float, ahead: float) -> Floats:
    key, ordered = _pitch_times(c)
    low = np.searchsorted(ordered, key - round(back * 1e6), "left")
    high = np.searchsorted(ordered, key + round(ahead * 1e6), "right")
    return np.minimum(high - low - 1, 64).astype(np.float64)


def repeats_previous(c: Context) -> Floats:
    """1 where the onset before has the same pitch."""
    return (np.nan_to_num(c.nearest_in(-1), nan=99.0) == 0).astype(np.float64)


def repeats_two_before(c: Context) -> Floats:
    """1 where the onset two before has the same pitch (tremolo, Alberti bass)."""
    return (np.nan_to_num(c.nearest_in(-2), nan=99.0) == 0).astype(np.float64)


@shared
def _stream(c: Context, direction: int) -> tuple[Floats, Floats]:
    """Return time and interval to the nearest earlier (later) note within a major third."""
    group, interval = _nearest_in_register(c, direction)
    found = (group >= 0) & (group < c.groups)
    place = np.clip(group, 0, c.groups - 1)
    seconds = np.abs(c.group_sec[place] - c.group_sec[c.group])
    return (
        np.where(found, np.minimum(seconds, _FAR_SEC), _FAR_SEC),
        np.where(found, interval, np.nan),
    )


def _nearest_in_register(c: Context, direction: int) -> tuple[Ints, Ints]:
    """Return onset (or one beyond the ends) and interval of the nearest note in register.

    Of several at one onset, the nearest in pitch, and of two of these the lower.
    """
    table = _nearest_of_pitch(c, direction)
    column = c.notes.pitch - c.notes.pitch.min() + _THIRD
    at = c.group * table.shape[1] + column + _REGISTER[:, None]
    onset = table.take(at)
    best = onset.argmax(axis=0) if direction < 0 else onset.argmin(axis=0)
    return onset[best, np.arange(c.length)], direction * _REGISTER[best]


def _nearest_of_pitch(c: Context, direction: int) -> NDArray[np.int32]:
    """Return for each onset (row) and pitch (column) the last onset of it before, or first after.

    One beyond the ends where there is none. The columns reach a third beyond the piece's pitches.
    """
    pitch = c.notes.pitch - c.notes.pitch.min()
    shape = c.groups, int(pitch.max()) + 1 + 2 * _THIRD
    table = np.full(shape, -1 if direction < 0 else c.groups, dtype=np.int32)
    neighbour = c.group - direction
    inside = (neighbour >= 0) & (neighbour < c.groups)
    table[neighbour[inside], pitch[inside] + _THIRD] = c.group[inside]
    if direction < 0:
        np.maximum.accumulate(table, axis=0, out=table)
    else:
        np.minimum.accumulate(table[::-1], axis=0, out=table[::-1])
    return table


def _stream_column(c: Context, direction: int, what: int) -> Floats:
    return _stream(c, direction)[what]


def _around_top(c: Context, seconds: float, statistic: Statistic) -> Floats:
    return c.pitch_in(SecondsWindow("around", seconds), statistic)[c.group] - c.pitch


def _feature(
    compute: Callable[[Context], Floats],
    unit: str,
    formula: str,
    *,
    name: str = "",
    missing: str = "",
    categories: int = 0,
    source: str = "",
) -> Feature:
    return Feature(
        name=name or compute.__name__,
        family=FAMILY,
        unit=unit,
        formula=formula,
        compute=compute,
        missing=missing,
        categories=categories,
        source=source,
    )


_SKYLINE_SOURCE = "Uitdenbogerd and Zobel 1999, ACM Multimedia (skyline)"


def _lines() -> Iterator[Feature]:
    units = {
        "interval_previous": ("semitones", "interval from the line's onset before", "at its start"),
        "interval_next": ("semitones", "interval to the line's next onset", "at its end"),
        "ioi_sec_previous": ("seconds", "time since the line's onset before", "at its start"),
        "ioi_sec_next": ("seconds", "time to the line's next onset, max 32", "at its end"),
        "peak": ("-2 to 2", "sign of the interval before - sign of the interval after", ""),
    }
    for outer in ("skyline", "bass"):
        for what, (unit, formula, missing) in units.items():
            yield _feature(
                partial(_line_column, outer=outer, what=what),
                unit,
                f"{formula} ({outer}, at its last onset so far)",
                name=f"{outer}_{what}",
                missing=missing,
                source=_SKYLINE_SOURCE if outer == "skyline" else "",
            )


def _streams() -> Iterator[Feature]:
    for word, direction in (("previous", -1), ("next", 1)):
        which = f"nearest {'earlier' if word == 'previous' else 'later'} onset within a major third"
        yield _feature(
            partial(_stream_column, direction=direction, what=0),
            "seconds",
            f"time to the {which}, max 32",
            name=f"stream_sec_{word}",
            source="Bregman 1990, Auditory Scene Analysis (pitch proximity)",
        )
        yield _feature(
            partial(_stream_column, direction=direction, what=1),
            "semitones",
            f"interval to the {which}",
            name=f"stream_interval_{word}",
            missing="where there is none",
        )


def _extremes() -> Iterator[Feature]:
    for seconds in (0.25, 0.5, 1.0, 4.0):
        for statistic, word in (("max", "top"), ("min", "bottom")):
            chosen: Statistic = "max" if statistic == "max" else "min"
            yield _feature(
                partial(_around_top, seconds=seconds, statistic=chosen),
                "semitones",
                f"{word} pitch with onset within {seconds:g} s either side - pitch",
                name=f"pitch_around{seconds:g}s_{word}",
            )


FEATURES = (
    _feature(onset_notes, "notes", "notes of the same onset, max 32"),
    _feature(onset_rank_top, "notes", "notes of the same onset that are higher, max 16"),
    _feature(onset_rank_bottom, "notes", "notes of the same onset that are lower, max 16"),
    _feature(
        onset_gap_above, "semitones", "next higher pitch of the onset - pitch", missing="at the top"
    ),
    _feature(
        onset_gap_below,
        "semitones",
        "pitch - next lower pitch of the onset",
        missing="at the bottom",
    ),
    _feature(sounding_notes, "pitches", "pitches sounding at the onset, held ones included"),
    _feature(held_notes, "pitches", "pitches sounding that began before, within 0-32"),
    _feature(sounding_above, "pitches", "sounding pitches above, max 16"),
    _feature(sounding_below, "pitches", "sounding pitches below, max 16"),
    _feature(
        sounding_gap_above, "semitones", "next higher sounding pitch - pitch", missing="at the top"
    ),
    _feature(
        sounding_gap_below,
        "semitones",
        "pitch - next lower sounding pitch",
        missing="at the bottom",
    ),
    _feature(sounding_pitch_mean, "MIDI number", "mean sounding pitch"),
    _feature(sounding_pitch_deviation, "semitones", "pitch - mean sounding pitch"),
    _feature(sounding_spread, "semitones", "highest - lowest sounding pitch"),
    _feature(
        skyline_interval, "semitones", "highest sounding pitch - pitch", source=_SKYLINE_SOURCE
    ),
    _feature(bass_interval, "semitones", "pitch - lowest sounding pitch"),
    _feature(is_skyline, "0/1", "1 where no higher pitch sounds", source=_SKYLINE_SOURCE),
    _feature(is_bass, "0/1", "1 where no lower pitch sounds"),
    _feature(voice_kind, "category", "0 inner, 1 top, 2 bottom, 3 alone", categories=4),
    _feature(outer_motion, "-1 to 1", "sign(change of top) * sign(change of bottom)"),
    *_lines(),
    *_streams(),
    *_extremes(),
    _feature(same_pitch_sec_previous, "seconds", "time since the same pitch, max 32"),
    _feature(same_pitch_sec_next, "seconds", "time until the same pitch, max 32"),
    _feature(same_pitch_past8s_count, "notes", "onsets of the same pitch in the past 8 s"),
    _feature(same_pitch_next8s_count, "notes", "onsets of the same pitch in the next 8 s"),
    _feature(repeats_previous, "0/1", "1 where the onset before has the same pitch"),
    _feature(repeats_two_before, "0/1", "1 where the onset two before has the same pitch"),
)
