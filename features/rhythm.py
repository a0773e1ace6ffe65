"""Durations, inter-onset intervals, density and silence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from .context import Context, shared
from .feature import Feature
from .windows import (
    Floats,
    Ints,
    Ranges,
    RangeStatistics,
    RowsWindow,
    SecondsWindow,
    Side,
    Statistic,
)

FAMILY = "rhythm"
_LONGEST_BEAT = 64.0
_IOI_STATISTICS: tuple[tuple[int, tuple[Statistic, ...]], ...] = (
    (4, ("mean", "std")),
    (8, ("mean", "std", "min", "max", "sum")),
    (32, ("mean", "std")),
)
_GAP_WINDOWS = (
    *(RowsWindow("past", rows) for rows, _ in _IOI_STATISTICS),
    *(RowsWindow("next", rows) for rows, _ in _IOI_STATISTICS),
)


def _finite(values: Floats, otherwise: float) -> Floats:
    return np.where(np.isnan(values), otherwise, values)


def _median_ioi(c: Context) -> float:
    gaps = np.diff(c.group_beat)
    return _median(gaps) if len(gaps) else 1.0


def _median(values: Floats) -> float:
    # np.median costs five sorts of 300 values
    ordered, middle = np.sort(values), len(values) // 2
    return float((ordered[middle] + ordered[-1 - middle]) / 2)


def duration_beat(c: Context) -> Floats:
    """Notated (or pressed) duration in beats, at most 64."""
    return np.minimum(c.duration_beat, _LONGEST_BEAT)


def duration_sec(c: Context) -> Floats:
    """Duration in seconds, at most 60."""
    return np.minimum(c.duration_sec, 60.0)


def duration_piece_ratio(c: Context) -> Floats:
    """Binary logarithm of the duration against the piece's median."""
    middle = max(_median(c.duration_beat), 1e-3)
    return np.log2(np.clip(c.duration_beat / middle, 1 / 64, 64))


def duration_onset_ratio(c: Context) -> Floats:
    """Duration against the longest of the same onset."""
    return c.duration_beat / np.maximum(c.group_duration_beat[c.group], 1e-6)


def duration_local_ratio(c: Context) -> Floats:
    """Binary logarithm of the duration against the mean within 4 s either side."""
    mean = c.duration_in(SecondsWindow("around", 4.0), "mean")[c.group]
    return np.log2(np.clip(c.duration_beat / np.maximum(mean, 1e-3), 1 / 64, 64))


def ioi_beat_previous(c: Context) -> Floats:
    """Beats since the onset before."""
    return c.ioi_beat_before[c.group]


def ioi_beat_next(c: Context) -> Floats:
    """Beats until the next onset."""
    return c.ioi_beat_after[c.group]


def ioi_sec_previous(c: Context) -> Floats:
    """Seconds since the onset before."""
    return c.ioi_sec_before[c.group]


def ioi_sec_next(c: Context) -> Floats:
    """Seconds until the next onset."""
    return c.ioi_sec_after[c.group]


def ioi_piece_ratio(c: Context) -> Floats:
    """Binary logarithm of the IOI to the next onset against the piece's median."""
    ratio = c.ioi_beat_after[c.group] / max(_median_ioi(c), 1e-3)
    return np.log2(np.clip(ratio, 1 / 64, 64))


def ioi_change(c: Context) -> Floats:
    """Binary logarithm of the IOI after against the IOI before."""
    ratio = c.ioi_beat_after / np.maximum(c.ioi_beat_before, 1e-6)
    return np.log2(np.clip(ratio, 1 / 64, 64))[c.group]


def ioi_sec_log(c: Context) -> Floats:
    """Binary logarithm of the IOI to the next onset in seconds."""
    return np.log2(np.clip(c.ioi_sec_after[c.group], 1 / 128, 32))


def legato_ratio(c: Context) -> Floats:
    """Duration against the time to the next onset: below 1 detached, above 1 held on."""
    return np.clip(c.duration_beat / np.maximum(c.ioi_beat_after[c.group], 1e-6), 0, 16)


@shared
def rest_before_beat(c: Context) -> Floats:
    """Beats of silence before the onset; 0 where something still sounds."""
    ended = np.maximum.accumulate(np.maximum.reduceat(c.onset_beat + c.duration_beat, c.first))
    silence = np.concatenate(([0.0], c.group_beat[1:] - ended[:-1]))
    return np.clip(silence, 0, 16)[c.group]


def rest_after_beat(c: Context) -> Floats:
    """Beats of silence between the end of the note and the next onset."""
    return np.clip(_finite(c.ioi_beat_after[c.group], 0.0) - c.duration_beat, 0, 16)


def since_rest_sec(c: Context) -> Floats:
    """Seconds since the last onset after a silence, at most 32."""
    rested = rest_before_beat(c)[c.first] > 0.2
    rested[0] = True
    last = np.maximum.accumulate(np.where(rested, np.arange(c.groups), 0))
    return np.minimum(c.group_sec - c.group_sec[last], 32.0)[c.group]


def until_long_sec(c: Context) -> Floats:
    """Seconds until the next onset whose IOI is at least twice the local mean, at most 32."""
    return _to_long(c, 1)


def since_long_sec(c: Context) -> Floats:
    """Seconds since the end of the last such long IOI, at most 32."""
    return _to_long(c, -1)


@shared
def _long(c: Context) -> Ints:
    """Return the onsets whose IOI is at least twice the local mean."""
    ioi = _finite(c.ioi_beat_after, np.inf)
    local = c.window(SecondsWindow("around", 4.0))
    known = RangeStatistics(np.minimum(ioi, 16.0))
    return np.flatnonzero(ioi >= 2.0 * known.over(local, "mean"))


def _to_long(c: Context, direction: int) -> Floats:
    long = _long(c)
    here = np.arange(c.groups)
    if direction > 0:
        at = np.searchsorted(long, here, "left")
        found = at < len(long)
        place = long[np.minimum(at, len(long) - 1)] if len(long) else here
        distance = c.group_sec[place] - c.group_sec
    else:
        at = np.searchsorted(long, here, "left") - 1
        found = at >= 0
        place = np.minimum(long[np.maximum(at, 0)] + 1, c.groups - 1) if len(long) else here
        distance = c.group_sec - c.group_sec[place]
    return np.where(found, np.clip(distance, 0.0, 32.0), 32.0)[c.group]


def onset_lag_sec(c: Context) -> Floats:
    """Seconds after the first note of its chord; 0 in a score."""
    return c.onset_sec - c.group_sec[c.group]


def onset_deviation_sec(c: Context) -> Floats:
    """Seconds after the mean onset of its chord; 0 in a score."""
    mean = np.add.reduceat(c.onset_sec, c.first) / c.size
    return np.round(c.onset_sec - mean[c.group], 6)


def onset_sec_after_release(c: Context) -> Floats:
    """Seconds from the last release to the onset (negative: overlap), clipped to 4."""
    ended = np.maximum.accumulate(np.maximum.reduceat(c.onset_sec + c.duration_sec, c.first))
    gap = np.concatenate(([0.0], c.group_sec[1:] - ended[:-1]))
    return np.clip(gap, -4, 4)[c.group]


def _density(c: Context, window: SecondsWindow) -> Floats:
    return c.pitch_in(window, "count")[c.group]


def _density_change(c: Context, seconds: float) -> Floats:
    ahead = c.pitch_in(SecondsWindow("next", seconds), "count")
    behind = c.pitch_in(SecondsWindow("past", seconds), "count")
    return np.log2(ahead / behind)[c.group]


def _onset_share(c: Context, window: SecondsWindow) -> Floats:
    return (c.onsets_in(window) / c.pitch_in(window, "count"))[c.group]


def _duration_level(c: Context, window: SecondsWindow, statistic: Statistic) -> Floats:
    return c.duration_in(window, statistic)[c.group]


def _ioi_rows(c: Context, window: RowsWindow, statistic: Statistic) -> Floats:
    return _over_gaps(c, statistic)[_GAP_WINDOWS.index(window)][c.group]


@shared
def _over_gaps(c: Context, statistic: Statistic) -> Floats:
    """Return a statistic of the IOIs in each window of ``_GAP_WINDOWS`` (a row each)."""
    return _gaps(c).over(_gap_ranges(c), statistic)


@shared
def _gaps(c: Context) -> RangeStatistics:
    return RangeStatistics(np.minimum(np.diff(c.group_beat), 16.0))


@shared
def _gap_ranges(c: Context) -> Ranges:
    """Return the gaps before (or after) each onset; the first gap follows the first onset."""
    here = np.arange(c.groups)
    before = np.array([[w.rows if w.side == "past" else 0] for w in _GAP_WINDOWS])
    after = np.array([[w.rows if w.side == "next" else 0] for w in _GAP_WINDOWS])
    low = np.maximum(here - before, 0)
    return Ranges(low, np.maximum(np.minimum(here + after, c.groups - 1), here))


def _plain(
    compute: Callable[[Context], Floats], unit: str, formula: str, missing: str = ""
) -> Feature:
    return Feature(
        name=compute.__name__,
        family=FAMILY,
        unit=unit,
        formula=formula,
        compute=compute,
        missing=missing,
    )


def _windowed(
    name: str, unit: str, formula: str, compute: Callable[[Context], Floats], missing: str = ""
) -> Feature:
    return Feature(
        name=name,
        family="rhythm windows",
        unit=unit,
        formula=formula,
        compute=compute,
        missing=missing,
    )


_FIRST, _LAST = "at the first onset", "at the last onset"


def _alone() -> Iterator[Feature]:
    yield _plain(duration_beat, "beats", "min(duration, 64)")
    yield _plain(duration_sec, "seconds", "min(duration, 60)")
    yield _plain(duration_piece_ratio, "octaves", "log2(duration / median duration of the piece)")
    yield _plain(duration_onset_ratio, "ratio", "duration / longest duration of the onset")
    yield _plain(duration_local_ratio, "octaves", "log2(duration / mean duration within 4 s)")
    yield _plain(ioi_beat_previous, "beats", "onset - onset before", _FIRST)
    yield _plain(ioi_beat_next, "beats", "next onset - onset", _LAST)
    yield _plain(ioi_sec_previous, "seconds", "onset - onset before", _FIRST)
    yield _plain(ioi_sec_next, "seconds", "next onset - onset", _LAST)
    yield _plain(ioi_piece_ratio, "octaves", "log2(IOI / median IOI of the piece)", _LAST)
    yield _plain(ioi_sec_log, "octaves", "log2(IOI in seconds)", _LAST)
    yield _plain(ioi_change, "octaves", "log2(IOI after / IOI before)", "at either end")
    yield _plain(legato_ratio, "ratio", "min(duration / IOI, 16)", _LAST)
    yield _plain(rest_before_beat, "beats", "onset - latest release before it, within 0-16")
    yield _plain(rest_after_beat, "beats", "next onset - release, within 0-16")
    yield _plain(since_rest_sec, "seconds", "time since the last onset after a silence, max 32")
    yield _plain(until_long_sec, "seconds", "time to the next IOI >= 2 local means, max 32")
    yield _plain(since_long_sec, "seconds", "time since the last IOI >= 2 local means, max 32")
    yield _plain(onset_lag_sec, "seconds", "onset - first onset of the chord")
    yield _plain(onset_deviation_sec, "seconds", "onset - mean onset of the chord")
    yield _plain(onset_sec_after_release, "seconds", "onset - latest release before, within +-4")


def _density_features() -> Iterator[Feature]:
    sides: tuple[Side, ...] = ("past", "next")
    for side in sides:
        for seconds in (0.5, 1.0, 2.0, 4.0, 8.0, 16.0):
            window = SecondsWindow(side, seconds)
            yield _windowed(
                f"notes_{window.name}_count",
                "notes",
                f"notes with onset within {seconds:g} s {side}",
                partial(_density, window=window),
            )
    for seconds in (1.0, 4.0, 16.0):
        yield _windowed(
            f"notes_around{seconds:g}s_contrast",
            "octaves",
            f"log2(notes of the next {seconds:g} s / notes of the past {seconds:g} s)",
            partial(_density_change, seconds=seconds),
        )
    for seconds in (2.0, 8.0):
        window = SecondsWindow("around", seconds)
        yield _windowed(
            f"onset_share_{window.name}",
            "ratio",
            f"onsets / notes within {seconds:g} s either side",
            partial(_onset_share, window=window),
        )


def _length_features() -> Iterator[Feature]:
    sides: tuple[Side, ...] = ("past", "next")
    statistics: tuple[Statistic, ...] = ("mean", "std", "max")
    for side in sides:
        for seconds in (2.0, 8.0):
            window = SecondsWindow(side, seconds)
            for statistic in statistics:
                yield _windowed(
                    f"duration_beat_{window.name}_{statistic}",
                    "beats",
                    f"{statistic} duration of notes with onset within {seconds:g} s {side}",
                    partial(_duration_level, window=window, statistic=statistic),
                )


def _ioi_features() -> Iterator[Feature]:
    for side in ("past", "next"):
        for rows, statistics in _IOI_STATISTICS:
            window = RowsWindow("past" if side == "past" else "next", rows)
            for statistic in statistics:
                if (rows, statistic) == (8, "mean"):
                    continue  # the sum divided by a constant
                yield _windowed(
                    f"ioi_beat_{window.name}_{statistic}",
                    "beats",
                    f"{statistic} of the {rows} IOIs {side}",
                    partial(_ioi_rows, window=window, statistic=statistic),
                    "where the window is empty",
                )


def _all() -> Iterator[Feature]:
    yield from _alone()
    yield from _density_features()
    yield from _length_features()
    yield from _ioi_features()


FEATURES = tuple(_all())
