"""What sounds with a note: chords, voices, skyline, bass line, and streams of one register."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from .context import Context
from .registry import Feature
from .windows import Floats, Ints, SecondsWindow, Statistic

FAMILY = "texture"
_STREAM_SEMITONES = 4
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


def _rank(c: Context) -> tuple[Floats, Floats]:
    key = c.group * 128 + c.notes.pitch
    ordered = np.sort(key)
    lower = np.searchsorted(ordered, key, "left") - c.first[c.group]
    upto = np.searchsorted(ordered, key, "right") - c.first[c.group]
    return c.size[c.group] - upto, lower.astype(np.float64)


def onset_gap_above(c: Context) -> Floats:
    """Semitones to the next higher note of the onset."""
    return _onset_gap(c)[0]


def onset_gap_below(c: Context) -> Floats:
    """Semitones to the next lower note of the onset."""
    return _onset_gap(c)[1]


def _onset_gap(c: Context) -> tuple[Floats, Floats]:
    key = c.group * 128 + c.notes.pitch
    ordered = np.unique(key)
    at = np.searchsorted(ordered, key)
    over = ordered[np.minimum(at + 1, len(ordered) - 1)]
    under = ordered[np.maximum(at - 1, 0)]
    above = np.where((over // 128 == c.group) & (over > key), over - key, np.nan)
    below = np.where((under // 128 == c.group) & (under < key), key - under, np.nan)
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


def _line(c: Context, groups: Ints, pitches: Floats) -> dict[str, Floats]:
    """Intervals, times and contour along an outer voice, per note (of the line's last onset)."""
    at = np.searchsorted(groups, np.arange(c.groups), "right") - 1
    line, time = pitches[groups], c.group_sec[groups]
    step = np.append(np.diff(line), np.nan)
    wait = np.append(np.diff(time), np.nan)
    before, waited = np.roll(step, 1), np.roll(wait, 1)
    before[:1], waited[:1] = np.nan, np.nan
    here = np.clip(at, 0, len(groups) - 1)[c.group]
    peak = np.sign(np.nan_to_num(before)) - np.sign(np.nan_to_num(step))
    return {
        "interval_previous": before[here],
        "interval_next": step[here],
        "ioi_sec_previous": np.minimum(waited[here], _FAR_SEC),
        "ioi_sec_next": np.minimum(wait[here], _FAR_SEC),
        "peak": peak[here],
    }


def _skyline(c: Context, what: str) -> Floats:
    store = c.__dict__.setdefault("_skyline_line", {})
    if not store:
        store.update(_line(c, c.skyline_groups, c.top))
    column: Floats = store[what]
    return column


def _bass(c: Context, what: str) -> Floats:
    store = c.__dict__.setdefault("_bass_line", {})
    if not store:
        store.update(_line(c, c.bass_groups, c.bottom))
    column: Floats = store[what]
    return column


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


def _same_pitch_count(c: Context, back: float, ahead: float) -> Floats:
    time = np.round(c.onset_sec * 1e6).astype(np.int64)
    span = int(time[-1] + 64e6)
    key = c.notes.pitch * (2 * span) + time
    ordered = np.sort(key)
    low = np.searchsorted(ordered, key - round(back * 1e6), "left")
    high = np.searchsorted(ordered, key + round(ahead * 1e6), "right")
    return np.minimum(high - low - 1, 64).astype(np.float64)


def repeats_previous(c: Context) -> Floats:
    """1 where the onset before has the same pitch."""
    return (np.nan_to_num(c.nearest_in(-1), nan=99.0) == 0).astype(np.float64)


def repeats_two_before(c: Context) -> Floats:
    """1 where the onset two before has the same pitch (tremolo, Alberti bass)."""
    return (np.nan_to_num(c.nearest_in(-2), nan=99.0) == 0).astype(np.float64)


def _stream(c: Context) -> dict[str, Floats]:
    store: dict[str, Floats] = c.__dict__.setdefault("_stream", {})
    if not store:
        for word, direction in (("previous", -1), ("next", 1)):
            group, interval = _nearest_in_register(c, direction)
            found = (group >= 0) & (group < c.groups)
            place = np.clip(group, 0, c.groups - 1)
            seconds = np.abs(c.group_sec[place] - c.group_sec[c.group])
            store[f"sec_{word}"] = np.where(found, np.minimum(seconds, _FAR_SEC), _FAR_SEC)
            store[f"interval_{word}"] = np.where(found, interval, np.nan)
    return store


def _nearest_in_register(c: Context, direction: int) -> tuple[Ints, Floats]:
    """Return onset and interval of the nearest earlier (later) note within a major third."""
    span = c.groups + 2
    ordered = np.unique(c.notes.pitch * span + c.group + 1)
    best = np.full(c.length, -1 if direction < 0 else c.groups, dtype=np.int64)
    interval = np.zeros(c.length)
    for step in sorted(range(-_STREAM_SEMITONES, _STREAM_SEMITONES + 1), key=lambda s: (abs(s), s)):
        pitch = c.notes.pitch + step
        target = pitch * span + c.group + 1
        at = np.searchsorted(ordered, target, "left" if direction < 0 else "right")
        at = at - 1 if direction < 0 else at
        found = ordered[np.clip(at, 0, len(ordered) - 1)]
        valid = (at >= 0) & (at < len(ordered)) & (found // span == pitch) & (found != target)
        group = found % span - 1
        better = valid & ((group > best) if direction < 0 else (group < best))
        best[better], interval[better] = group[better], step
    return best, interval if direction > 0 else -interval


def _stream_column(c: Context, what: str) -> Floats:
    return _stream(c)[what]


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
    for line, column in (("skyline", _skyline), ("bass", _bass)):
        for what, (unit, formula, missing) in units.items():
            yield _feature(
                partial(column, what=what),
                unit,
                f"{formula} ({line}, at its last onset so far)",
                name=f"{line}_{what}",
                missing=missing,
                source=_SKYLINE_SOURCE if line == "skyline" else "",
            )


def _streams() -> Iterator[Feature]:
    for word in ("previous", "next"):
        which = f"nearest {'earlier' if word == 'previous' else 'later'} onset within a major third"
        yield _feature(
            partial(_stream_column, what=f"sec_{word}"),
            "seconds",
            f"time to the {which}, max 32",
            name=f"stream_sec_{word}",
            source="Bregman 1990, Auditory Scene Analysis (pitch proximity)",
        )
        yield _feature(
            partial(_stream_column, what=f"interval_{word}"),
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
