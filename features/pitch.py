"""Pitch, alone and against its surroundings: the strongest family on a flat score."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from .context import Context, shared
from .feature import Feature
from .windows import Floats, Ranges, RowsWindow, SecondsWindow, Side, Statistic, rows_ranges

FAMILY = "pitch"
SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
ROWS = (4, 16, 64)
_ROWS_WINDOWS = (
    *(RowsWindow("past", rows) for rows in ROWS),
    *(RowsWindow("next", rows) for rows in ROWS),
)
_BLACK = np.array([0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0], dtype=np.float64)


def pitch(c: Context) -> Floats:
    """MIDI number."""
    return c.pitch


def pitch_class(c: Context) -> Floats:
    """Pitch class, C = 0."""
    return c.pitch % 12


def octave(c: Context) -> Floats:
    """Octave of the MIDI number."""
    return np.floor(c.pitch / 12)


def black_key(c: Context) -> Floats:
    """1 on a black key."""
    return _BLACK[c.notes.pitch % 12]


def pitch_piece_zscore(c: Context) -> Floats:
    """Pitch standardised within the piece."""
    return (c.pitch - c.pitch.mean()) / max(float(c.pitch.std()), 1.0)


def pitch_piece_quantile(c: Context) -> Floats:
    """Share of the notes of the piece that are lower (ties count half)."""
    count = np.bincount(c.notes.pitch, minlength=128)
    below = np.cumsum(count) - count / 2
    return below[c.notes.pitch] / c.length


def pitch_onset_interval_top(c: Context) -> Floats:
    """Interval up to the highest note of the same onset."""
    return c.top[c.group] - c.pitch


def pitch_onset_interval_bottom(c: Context) -> Floats:
    """Interval down to the lowest note of the same onset."""
    return c.pitch - c.bottom[c.group]


def pitch_onset_deviation(c: Context) -> Floats:
    """Pitch above the mean of its onset."""
    return c.pitch - c.group_pitch_mean[c.group]


def pitch_interval_previous_top(c: Context) -> Floats:
    """Pitch above the highest note of the onset before."""
    return c.pitch - c.of_previous_group(c.top)


def pitch_interval_previous_bottom(c: Context) -> Floats:
    """Pitch above the lowest note of the onset before."""
    return c.pitch - c.of_previous_group(c.bottom)


def pitch_interval_next_top(c: Context) -> Floats:
    """Highest note of the next onset above this pitch."""
    return c.of_next_group(c.top) - c.pitch


def pitch_interval_next_bottom(c: Context) -> Floats:
    """Lowest note of the next onset above this pitch."""
    return c.of_next_group(c.bottom) - c.pitch


def pitch_interval_previous_nearest(c: Context) -> Floats:
    """Interval from the nearest pitch of the onset before."""
    return c.nearest_in(-1)


def pitch_interval_next_nearest(c: Context) -> Floats:
    """Interval to the nearest pitch of the next onset."""
    return -c.nearest_in(1)


def pitch_hand_split(c: Context) -> Floats:
    """Pitch above the middle of what sounds around it: a stand-in for the hand that plays."""
    around = SecondsWindow("around", 2.0)
    middle = (c.pitch_in(around, "max") + c.pitch_in(around, "min")) / 2
    return c.pitch - middle[c.group]


def _deviation(c: Context, window: SecondsWindow) -> Floats:
    return c.pitch - c.pitch_in(window, "mean")[c.group]


def _zscore(c: Context, window: SecondsWindow) -> Floats:
    spread = np.maximum(c.pitch_in(window, "std")[c.group], 1.0)
    return (c.pitch - c.pitch_in(window, "mean")[c.group]) / spread


def _to_extreme(c: Context, window: SecondsWindow, statistic: Statistic) -> Floats:
    return c.pitch - c.pitch_in(window, statistic)[c.group]


def _level(c: Context, window: SecondsWindow, statistic: Statistic) -> Floats:
    return c.pitch_in(window, statistic)[c.group]


def _contrast(c: Context, seconds: float) -> Floats:
    ahead = c.pitch_in(SecondsWindow("next", seconds), "mean")
    return (ahead - c.pitch_in(SecondsWindow("past", seconds), "mean"))[c.group]


def _rows(c: Context, window: RowsWindow, statistic: Statistic) -> Floats:
    return _over_rows_of(c, statistic)[_ROWS_WINDOWS.index(window)]


@shared
def _over_rows_of(c: Context, statistic: Statistic) -> Floats:
    """Return a statistic of the pitches of each window of rows (a row each)."""
    return c.pitch_over_notes.over(_row_ranges(c), statistic)


@shared
def _row_ranges(c: Context) -> Ranges:
    return rows_ranges(_ROWS_WINDOWS, c.length)


def _plain(
    compute: Callable[[Context], Floats], unit: str, formula: str, **more: str | int
) -> Feature:
    return Feature(
        name=compute.__name__,
        family=FAMILY,
        unit=unit,
        formula=formula,
        compute=compute,
        **more,  # type: ignore[arg-type]
    )


_NONE_BEFORE = "at the first onset"
_NONE_AFTER = "at the last onset"


def _alone() -> Iterator[Feature]:
    yield _plain(pitch, "MIDI number", "the pitch")
    yield _plain(pitch_class, "category", "pitch mod 12", categories=12)
    yield _plain(octave, "octaves", "floor(pitch / 12)")
    yield _plain(black_key, "0/1", "1 where the pitch class is on a black key")
    yield _plain(pitch_piece_zscore, "standard deviations", "(pitch - mean) / max(std, 1) of piece")
    yield _plain(pitch_piece_quantile, "share", "share of the piece's notes below, ties half")
    yield _plain(pitch_onset_interval_top, "semitones", "highest pitch of the onset - pitch")
    yield _plain(pitch_onset_interval_bottom, "semitones", "pitch - lowest pitch of the onset")
    yield _plain(pitch_onset_deviation, "semitones", "pitch - mean pitch of the onset")
    yield _plain(pitch_hand_split, "semitones", "pitch - middle of extremes within 2 s around")


def _neighbours() -> Iterator[Feature]:
    before, after = {"missing": _NONE_BEFORE}, {"missing": _NONE_AFTER}
    text = "pitch - {} pitch of the onset before"
    yield _plain(
        pitch_interval_previous_top, "semitones", text.format("highest"), missing=_NONE_BEFORE
    )
    yield _plain(
        pitch_interval_previous_bottom, "semitones", text.format("lowest"), missing=_NONE_BEFORE
    )
    yield _plain(pitch_interval_previous_nearest, "semitones", text.format("nearest"), **before)
    text = "{} pitch of the next onset - pitch"
    yield _plain(pitch_interval_next_top, "semitones", text.format("highest"), **after)
    yield _plain(pitch_interval_next_bottom, "semitones", text.format("lowest"), **after)
    yield _plain(pitch_interval_next_nearest, "semitones", text.format("nearest"), **after)


def _windowed(
    window: SecondsWindow | RowsWindow,
    what: str,
    formula: str,
    compute: Callable[[Context], Floats],
    missing: str = "",
) -> Feature:
    return Feature(
        name=f"pitch_{window.name}_{what}",
        family="pitch windows",
        unit="standard deviations" if what == "zscore" else "semitones",
        formula=formula,
        compute=compute,
        missing=missing,
    )


def _over_seconds(window: SecondsWindow) -> Iterator[Feature]:
    where = f"notes with onset within {window.seconds:g} s {window.side}"
    yield _windowed(
        window, "deviation", f"pitch - mean of {where}", partial(_deviation, window=window)
    )
    yield _windowed(
        window, "std", f"std of {where}", partial(_level, window=window, statistic="std")
    )
    for extreme in ("min", "max"):
        compute = partial(_to_extreme, window=window, statistic=extreme)
        yield _windowed(window, f"interval_{extreme}", f"pitch - {extreme} of {where}", compute)


def _over_rows(window: RowsWindow) -> Iterator[Feature]:
    empty = "where the window is empty"
    statistics: tuple[Statistic, ...] = ("mean", "std", "min", "max")
    for statistic in statistics:
        compute = partial(_rows, window=window, statistic=statistic)
        formula = f"{statistic} of the {window.rows} notes {window.side}"
        yield _windowed(window, statistic, formula, compute, empty)


def _all() -> Iterator[Feature]:
    yield from _alone()
    yield from _neighbours()
    sides: tuple[Side, ...] = ("past", "next")
    for side in sides:
        for seconds in SECONDS:
            yield from _over_seconds(SecondsWindow(side, seconds))
        for rows in ROWS:
            yield from _over_rows(RowsWindow("past" if side == "past" else "next", rows))
    for seconds in (2.0, 8.0, 32.0):
        window = SecondsWindow("around", seconds)
        where = f"notes with onset within {seconds:g} s either side"
        yield _windowed(
            window,
            "zscore",
            f"(pitch - mean) / max(std, 1) of {where}",
            partial(_zscore, window=window),
        )
    for seconds in (1.0, 4.0, 16.0):
        yield Feature(
            name=f"pitch_around{seconds:g}s_contrast",
            family="pitch windows",
            unit="semitones",
            formula=f"mean pitch of the next {seconds:g} s - mean pitch of the past {seconds:g} s",
            compute=partial(_contrast, seconds=seconds),
        )
    for seconds in (4.0, 16.0):
        window = SecondsWindow("around", seconds)
        yield _windowed(
            window,
            "mean",
            f"mean pitch within {seconds:g} s either side",
            partial(_level, window=window, statistic="mean"),
        )


FEATURES = tuple(_all())
