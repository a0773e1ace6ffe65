"""Where a note stands in the piece, what the piece is like, and what repeats."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from ..notes import starts
from .context import Context, shared
from .feature import Feature
from .windows import Floats, Ints

FAMILY = "form"


def _span(c: Context) -> float:
    return max(float(c.group_sec[-1] - c.group_sec[0]), 1e-6)


def position_share(c: Context) -> Floats:
    """Time since the first onset, as a share of the piece."""
    return ((c.group_sec - c.group_sec[0]) / _span(c))[c.group]


def nearness_start(c: Context) -> Floats:
    """1 at the first onset, falling to 0 over 8 s."""
    return np.clip(1 - (c.group_sec - c.group_sec[0]) / 8.0, 0, 1)[c.group]


def nearness_middle(c: Context) -> Floats:
    """1 in the middle of the piece, 0 at either end."""
    return 1 - np.abs(2 * position_share(c) - 1)


def nearness_end(c: Context) -> Floats:
    """1 at the last onset, falling to 0 back over 8 s."""
    return np.clip(1 - (c.group_sec[-1] - c.group_sec) / 8.0, 0, 1)[c.group]


def since_start_sec(c: Context) -> Floats:
    """Seconds since the first onset, at most 120."""
    return np.minimum(c.group_sec - c.group_sec[0], 120.0)[c.group]


def until_end_sec(c: Context) -> Floats:
    """Seconds until the last onset, at most 120."""
    return np.minimum(c.group_sec[-1] - c.group_sec, 120.0)[c.group]


def tempo_beat_per_min(c: Context) -> Floats:
    """Quarter notes per minute while the note sounds, 5 to 600 (a performance's is a stand-in)."""
    n = c.notes
    beats = c.duration_beat.clip(1e-3)
    return np.clip(60.0 * beats / np.maximum(n.duration_sec, 1e-3), 5.0, 600.0)


def _constant(c: Context, value: float) -> Floats:
    return np.full(c.length, value)


def _length_sec(c: Context) -> float:
    return min(_span(c), 3600.0)


def _length_beat(c: Context) -> float:
    return float(np.log2(1 + max(c.group_beat[-1] - c.group_beat[0], 0.0)))


def _notes(c: Context) -> float:
    return float(np.log2(c.length))


def _density(c: Context) -> float:
    return min(c.length / max(_span(c), 1.0), 100.0)


def _pitch_mean(c: Context) -> float:
    return float(c.pitch.mean())


def _pitch_std(c: Context) -> float:
    return float(c.pitch.std())


def _pitch_min(c: Context) -> float:
    return float(c.pitch.min())


def _pitch_max(c: Context) -> float:
    return float(c.pitch.max())


def _duration_mean(c: Context) -> float:
    return min(float(c.duration_beat.mean()), 16.0)


def _duration_std(c: Context) -> float:
    return min(float(c.duration_beat.std()), 16.0)


def _duration_sec_mean(c: Context) -> float:
    return min(float(c.duration_sec.mean()), 16.0)


def _ioi_mean(c: Context) -> float:
    return min(_span(c) / max(c.groups - 1, 1), 16.0)


def _ioi_variation(c: Context) -> float:
    gaps = np.diff(c.group_sec)
    if not len(gaps):
        return 0.0
    return min(float(gaps.std() / max(gaps.mean(), 1e-6)), 8.0)


def _onset_notes_mean(c: Context) -> float:
    return min(c.length / c.groups, 32.0)


def _onset_notes_std(c: Context) -> float:
    return min(float(c.size.std()), 32.0)


def _sounding_mean(c: Context) -> float:
    return float(c.sounding["count"].mean())


def _skyline_share(c: Context) -> float:
    return float(c.is_skyline.mean())


def _pitch_time_correlation(c: Context) -> float:
    """Correlation of pitch and duration: high where a slow melody lies over quick notes."""
    held = np.minimum(c.duration_beat, 8.0)
    pitch, held = c.pitch - c.pitch.mean(), held - held.mean()
    scale = np.sqrt((pitch @ pitch) * (held @ held))
    return float(pitch @ held / scale) if scale > 1e-9 else 0.0


@shared
def pattern_codes(c: Context, with_pitch: bool, onsets: int) -> Ints:
    """Return one number per onset, equal where the next ``onsets`` onsets are alike.

    ``onsets`` is a power of two: a pattern is its first half and its second.
    """
    if onsets == 1:
        return _step_codes(c, with_pitch)
    half = onsets // 2
    codes = pattern_codes(c, with_pitch, half)
    ahead = np.concatenate((codes[half:], np.full(min(half, len(codes)), -1)))
    return _numbered(codes * (len(codes) + 2) + ahead + 1)


@shared
def _step_codes(c: Context, with_pitch: bool) -> Ints:
    """Return one number per onset, equal where the IOI (and the step of the top) is."""
    if with_pitch:
        rising = np.append(np.diff(c.top), 0).astype(np.int64)
        return _numbered(_step_codes(c, False) * 512 + rising + 256)
    step = np.round(np.nan_to_num(c.ioi_beat_after) * 24).astype(np.int64)
    return _numbered(np.minimum(step, 10_000))


def _numbered(values: Ints) -> Ints:
    """Return 0, 1, ... in the order of the values, equal for equal ones."""
    order = np.argsort(values, kind="stable")
    numbers = np.empty(len(values), dtype=np.int64)
    numbers[order] = np.cumsum(starts(values[order])) - 1
    return numbers


def _times_before(codes: Ints) -> Floats:
    order = np.argsort(codes, kind="stable")
    start = np.searchsorted(codes[order], codes[order], "left")
    count = np.empty(len(codes))
    count[order] = np.arange(len(codes)) - start
    return count


def _pattern_before(c: Context, with_pitch: bool, onsets: int) -> Floats:
    return np.minimum(_times_before(pattern_codes(c, with_pitch, onsets)), 32.0)[c.group]


def _pattern_total(c: Context, with_pitch: bool, onsets: int) -> Floats:
    codes = pattern_codes(c, with_pitch, onsets)
    return np.log2(np.bincount(codes)[codes])[c.group]


def _feature(
    compute: Callable[[Context], Floats], unit: str, formula: str, name: str = ""
) -> Feature:
    return Feature(
        name=name or compute.__name__,
        family=FAMILY,
        unit=unit,
        formula=formula,
        compute=compute,
    )


def _piece(measure: Callable[[Context], float], unit: str, formula: str) -> Feature:
    def column(c: Context) -> Floats:
        return _constant(c, measure(c))

    return Feature(
        name=f"piece{measure.__name__}",
        family="piece",
        unit=unit,
        formula=f"{formula} of the piece",
        compute=column,
    )


FEATURES = (
    _feature(position_share, "share", "(onset - first onset) / (last - first), in seconds"),
    _feature(nearness_start, "0-1", "max(0, 1 - seconds since the first onset / 8)"),
    _feature(nearness_middle, "0-1", "1 - |2 * position_share - 1|"),
    _feature(nearness_end, "0-1", "max(0, 1 - seconds until the last onset / 8)"),
    _feature(since_start_sec, "seconds", "onset - first onset, max 120"),
    _feature(until_end_sec, "seconds", "last onset - onset, max 120"),
    _feature(tempo_beat_per_min, "beats/min", "60 * duration in beats / duration in seconds"),
    _piece(_length_sec, "seconds", "first to last onset, max 3,600,"),
    _piece(_length_beat, "log2 beats", "log2(1 + first to last onset)"),
    _piece(_notes, "log2 notes", "log2(number of notes)"),
    _piece(_density, "notes/s", "notes per second"),
    _piece(_pitch_mean, "MIDI number", "mean pitch"),
    _piece(_pitch_std, "semitones", "standard deviation of pitch"),
    _piece(_pitch_min, "MIDI number", "lowest pitch"),
    _piece(_pitch_max, "MIDI number", "highest pitch"),
    _piece(_duration_mean, "beats", "mean duration, max 16,"),
    _piece(_duration_std, "beats", "standard deviation of durations, max 16,"),
    _piece(_duration_sec_mean, "seconds", "mean duration, max 16,"),
    _piece(_ioi_mean, "seconds", "mean IOI, max 16,"),
    _piece(_ioi_variation, "ratio", "std / mean of the IOIs"),
    _piece(_onset_notes_mean, "notes", "mean notes per onset"),
    _piece(_onset_notes_std, "notes", "standard deviation of notes per onset"),
    _piece(_sounding_mean, "pitches", "mean number of sounding pitches"),
    _piece(_skyline_share, "share", "share of notes on the skyline"),
    _piece(_pitch_time_correlation, "correlation", "correlation of pitch and duration"),
    *(
        _feature(
            partial(compute, with_pitch=with_pitch, onsets=onsets),
            unit,
            f"{text}, next {onsets} onsets, {'rhythm and top line' if with_pitch else 'rhythm'}",
            f"{'melody' if with_pitch else 'rhythm'}_next{onsets}_{word}",
        )
        for with_pitch, onsets in ((False, 4), (False, 16), (True, 4), (True, 16))
        for compute, unit, text, word in (
            (_pattern_before, "times", "earlier occurrences of the pattern (max 32)", "before"),
            (_pattern_total, "log2 times", "log2 of all occurrences of the pattern", "total"),
        )
    ),
)
