"""Quantities that several features share, each computed once and only when one asks for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np

from ..notes import NoteTable
from .windows import Bools, Floats, Ints, Ranges, RangeStatistics, SecondsWindow, Statistic

CHORD_SPREAD_SEC = 0.035
"""Performed onsets that follow each other within this time belong to one chord (a pianist's
notes of a chord spread over about 30 ms; Goebl 2001, JASA 110)."""

PERFORMED_BEATS_PER_SEC = 2.0
"""A performance has no known beat: 120 quarter notes a minute stand in for it."""

_BLOCK = 8192

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


def shared(
    compute: Callable[Concatenate[Context, _Arguments], _Result],
) -> Callable[Concatenate[Context, _Arguments], _Result]:
    """Make a function of a context keep what it returns, for each choice of its arguments.

    For what several features of one room read; nobody may write into it.
    """

    @wraps(compute)
    def once(c: Context, /, *arguments: _Arguments.args, **named: _Arguments.kwargs) -> _Result:
        key = (compute, arguments, *named.items())
        if key not in c.kept:
            c.kept[key] = compute(c, *arguments, **named)
        kept: _Result = c.kept[key]
        return kept

    return once


class Context:
    """Shared quantities of one instrument's notes, at note and at onset level.

    Parameters
    ----------
    notes : NoteTable
        Notes of one instrument in canonical order.
    """

    def __init__(self, notes: NoteTable) -> None:
        self.notes = notes
        self.length = len(notes)
        self.performed = notes.timing == "performed"
        self.kept: dict[Any, Any] = {}
        self._windows: dict[SecondsWindow, Ranges] = {}
        self._note_windows: dict[SecondsWindow, Ranges] = {}

    # notes -----------------------------------------------------------------------------------

    @cached_property
    def pitch(self) -> Floats:
        """Pitch as float."""
        return self.notes.pitch.astype(np.float64)

    @cached_property
    def onset_sec(self) -> Floats:
        """Onset in seconds."""
        return self.notes.onset_sec

    @cached_property
    def duration_sec(self) -> Floats:
        """Duration in seconds."""
        return self.notes.duration_sec

    @cached_property
    def onset_beat(self) -> Floats:
        """Onset in beats; in a performance, seconds at the stand-in tempo."""
        if self.performed:
            return self.notes.onset_sec * PERFORMED_BEATS_PER_SEC
        return self.notes.onset_beat

    @cached_property
    def duration_beat(self) -> Floats:
        """Duration in beats; in a performance, seconds at the stand-in tempo."""
        if self.performed:
            return self.notes.duration_sec * PERFORMED_BEATS_PER_SEC
        return self.notes.duration_beat

    # onsets ----------------------------------------------------------------------------------

    @cached_property
    def group(self) -> Ints:
        """Number of the onset (chord) each note belongs to."""
        if self.length == 0:
            return np.zeros(0, dtype=np.int64)
        if self.performed:
            new = np.diff(self.onset_sec) > CHORD_SPREAD_SEC
        else:
            new = np.diff(self.onset_beat) > 0
        return np.concatenate(([0], np.cumsum(new))).astype(np.int64)

    @cached_property
    def first(self) -> Ints:
        """First row of each onset."""
        return np.searchsorted(self.group, np.arange(self.groups), "left").astype(np.int64)

    @cached_property
    def groups(self) -> int:
        """Number of onsets."""
        return int(self.group[-1]) + 1 if self.length else 0

    @cached_property
    def size(self) -> Floats:
        """Number of notes of each onset."""
        return np.bincount(self.group, minlength=self.groups).astype(np.float64)

    @cached_property
    def group_sec(self) -> Floats:
        """Time of each onset in seconds."""
        return self.onset_sec[self.first]

    @cached_property
    def group_beat(self) -> Floats:
        """Time of each onset in beats."""
        return self.onset_beat[self.first]

    @cached_property
    def top(self) -> Floats:
        """Highest pitch that begins at each onset."""
        return np.maximum.reduceat(self.pitch, self.first)

    @cached_property
    def bottom(self) -> Floats:
        """Lowest pitch that begins at each onset."""
        return np.minimum.reduceat(self.pitch, self.first)

    @cached_property
    def group_pitch_mean(self) -> Floats:
        """Mean pitch of the notes of each onset."""
        return np.add.reduceat(self.pitch, self.first) / self.size

    @cached_property
    def group_duration_beat(self) -> Floats:
        """Longest duration that begins at each onset, in beats."""
        return np.maximum.reduceat(self.duration_beat, self.first)

    @cached_property
    def ioi_beat_after(self) -> Floats:
        """Beats from each onset to the next; NaN after the last."""
        return np.append(np.diff(self.group_beat), np.nan)

    @cached_property
    def ioi_beat_before(self) -> Floats:
        """Beats from the onset before to each onset; NaN at the first."""
        return np.insert(np.diff(self.group_beat), 0, np.nan)

    @cached_property
    def ioi_sec_after(self) -> Floats:
        """Seconds from each onset to the next; NaN after the last."""
        return np.append(np.diff(self.group_sec), np.nan)

    @cached_property
    def ioi_sec_before(self) -> Floats:
        """Seconds from the onset before to each onset; NaN at the first."""
        return np.insert(np.diff(self.group_sec), 0, np.nan)

    def of_previous_group(self, values: Floats) -> Floats:
        """Return an onset-level column shifted by one onset, per note; NaN at the first."""
        return np.concatenate(([np.nan], values[:-1]))[self.group]

    def of_next_group(self, values: Floats) -> Floats:
        """Return an onset-level column shifted back by one onset, per note; NaN at the last."""
        return np.concatenate((values[1:], [np.nan]))[self.group]

    # windows ---------------------------------------------------------------------------------

    @cached_property
    def pitch_over_notes(self) -> RangeStatistics:
        """Statistics of the pitch over rows."""
        return RangeStatistics(self.pitch)

    @cached_property
    def _top_over_groups(self) -> RangeStatistics:
        return RangeStatistics(self.top)

    @cached_property
    def _bottom_over_groups(self) -> RangeStatistics:
        return RangeStatistics(self.bottom)

    @cached_property
    def _duration_over_notes(self) -> RangeStatistics:
        return RangeStatistics(np.minimum(self.duration_beat, 64.0))

    @cached_property
    def _row_bound(self) -> Ints:
        return np.append(self.first, self.length)

    def window(self, window: SecondsWindow) -> Ranges:
        """Return the onsets inside a window at each onset."""
        if window not in self._windows:
            self._windows[window] = window.ranges(self.group_sec, self.group_sec)
        return self._windows[window]

    def notes_in(self, window: SecondsWindow) -> Ranges:
        """Return the notes inside a window at each onset."""
        if window not in self._note_windows:
            onsets, bound = self.window(window), self._row_bound
            self._note_windows[window] = Ranges(bound[onsets.low], bound[onsets.high])
        return self._note_windows[window]

    def pitch_in(self, window: SecondsWindow, statistic: Statistic) -> Floats:
        """Return a statistic of the pitches inside a window, one value per onset."""
        if statistic == "max":
            return self._top_over_groups.over(self.window(window), "max")
        if statistic == "min":
            return self._bottom_over_groups.over(self.window(window), "min")
        return self.pitch_over_notes.over(self.notes_in(window), statistic)

    def duration_in(self, window: SecondsWindow, statistic: Statistic) -> Floats:
        """Return a statistic of the durations (beats) inside a window, one value per onset."""
        return self._duration_over_notes.over(self.notes_in(window), statistic)

    def onsets_in(self, window: SecondsWindow) -> Floats:
        """Return the number of onsets inside a window, one value per onset."""
        return self.window(window).length.astype(np.float64)

    # sounding --------------------------------------------------------------------------------

    @cached_property
    def last_group(self) -> Ints:
        """First onset at which each note no longer sounds (at least the one after its own)."""
        offset = self.onset_beat + self.duration_beat
        if self.performed:
            offset = offset - np.minimum(0.05, self.duration_sec / 2) * PERFORMED_BEATS_PER_SEC
        ended = np.searchsorted(self.group_beat, offset - 1e-7, "left")
        return np.maximum(ended, self.group + 1).astype(np.int64)

    @cached_property
    def sounding(self) -> dict[str, Floats]:
        """What sounds at each onset, and around each note, held notes included.

        Per onset ``count``, ``highest``, ``lowest``, ``mean``, ``mask`` (bit c set where pitch
        class c sounds); per note ``above`` and ``below`` (number of other sounding pitches),
        ``gap_above`` and ``gap_below`` (semitones to the nearest one, NaN where none).
        """
        groups = {k: np.zeros(self.groups) for k in ("count", "highest", "lowest", "mean", "mask")}
        rows = {k: np.zeros(self.length) for k in ("above", "below", "gap_above", "gap_below")}
        ends = np.argsort(self.last_group, kind="stable")
        end_bound = np.searchsorted(self.last_group[ends], np.arange(self.groups + 1), "left")
        carry = np.zeros(len(self._keyboard), dtype=np.int32)
        for start in range(0, self.groups, _BLOCK):
            stop = min(start + _BLOCK, self.groups)
            change = self._changes(start, stop, ends[end_bound[start] : end_bound[stop]])
            change[0] += carry
            active = np.cumsum(change, axis=0, dtype=np.int32)
            carry = active[-1]
            block = _Sounding(active > 0, self._keyboard)
            block.describe_onsets(groups, slice(start, stop))
            self._describe_notes(block, rows, start, stop)
        return {**groups, **rows}

    @cached_property
    def _keyboard(self) -> Ints:
        """The pitches from one below the lowest to one above the highest."""
        pitch = self.notes.pitch
        return np.arange(pitch.min() - 1, pitch.max() + 2)

    def _changes(self, start: int, stop: int, ending: Ints) -> Ints:
        """Return how many notes of each pitch begin, less those that end, at each onset."""
        pitch, width = self.notes.pitch - self._keyboard[0], len(self._keyboard)
        begin, end = self._row_bound[start], self._row_bound[stop]
        on = (self.group[begin:end] - start) * width + pitch[begin:end]
        off = (self.last_group[ending] - start) * width + pitch[ending]
        size = (stop - start) * width
        change = np.bincount(on, minlength=size) - np.bincount(off, minlength=size)
        return change.reshape(stop - start, width)

    def _describe_notes(
        self, block: _Sounding, rows: dict[str, Floats], start: int, stop: int
    ) -> None:
        begin, end = self._row_bound[start], self._row_bound[stop]
        here, pitch = self.group[begin:end] - start, self.notes.pitch[begin:end]
        at = here * len(self._keyboard) + pitch - self._keyboard[0]
        upto = block.counted.take(at)
        under, over = block.highest_upto.take(at - 1), block.lowest_from.take(at + 1)
        rows["below"][begin:end] = upto - 1
        rows["above"][begin:end] = block.counted[here, -1] - upto
        rows["gap_below"][begin:end] = np.where(under >= 0, pitch - under, np.nan)
        rows["gap_above"][begin:end] = np.where(over < 128, over - pitch, np.nan)

    # skyline and bass line -------------------------------------------------------------------

    @cached_property
    def is_skyline(self) -> Floats:
        """1 where a note is the highest that sounds at its onset."""
        return (self.pitch >= self.sounding["highest"][self.group]).astype(np.float64)

    @cached_property
    def is_bass(self) -> Floats:
        """1 where a note is the lowest that sounds at its onset."""
        return (self.pitch <= self.sounding["lowest"][self.group]).astype(np.float64)

    @cached_property
    def skyline_groups(self) -> Ints:
        """Onsets at which a note of the skyline begins."""
        return np.flatnonzero(self.top >= self.sounding["highest"]).astype(np.int64)

    @cached_property
    def bass_groups(self) -> Ints:
        """Onsets at which a note of the bass line begins."""
        return np.flatnonzero(self.bottom <= self.sounding["lowest"]).astype(np.int64)

    # same pitch ------------------------------------------------------------------------------

    @cached_property
    def same_pitch(self) -> tuple[Ints, Ints]:
        """Row of the note before and after with the same pitch; -1 where there is none."""
        order = np.lexsort((np.arange(self.length), self.notes.pitch))
        before = np.full(self.length, -1, dtype=np.int64)
        after = np.full(self.length, -1, dtype=np.int64)
        equal = np.diff(self.notes.pitch[order]) == 0
        before[order[1:][equal]] = order[:-1][equal]
        after[order[:-1][equal]] = order[1:][equal]
        return before, after

    @cached_property
    def onset_key(self) -> Ints:
        """Onset and pitch of each note as one number: the onset times 128, and the pitch."""
        return self.group * 128 + self.notes.pitch

    @cached_property
    def onset_keys(self) -> Ints:
        """The numbers of ``onset_key`` in order."""
        return np.sort(self.onset_key)

    def nearest_in(self, shift: int) -> Floats:
        """Return the signed interval to the nearest pitch of another onset; NaN where none.

        Parameters
        ----------
        shift : int
            -1 for the onset before, 1 for the onset after.
        """
        key = self.onset_keys
        target = self.onset_key + shift * 128
        at = np.searchsorted(key, target, "left")
        over, under = key[np.minimum(at, self.length - 1)], key[np.maximum(at - 1, 0)]
        wanted = self.group + shift
        up = np.where(over // 128 == wanted, over - target, 1000)
        down = np.where(under // 128 == wanted, under - target, -1000)
        nearest = np.where(np.abs(up) <= np.abs(down), up, down).astype(np.float64)
        return np.where(np.abs(nearest) < 500, -nearest, np.nan)


class _Sounding:
    """Which pitches sound at each onset of a block.

    Parameters
    ----------
    on : (onsets, pitches) bool array
    keyboard : (pitches,) array
        The pitch of each column; the first and the last never sound.
    """

    def __init__(self, on: Bools, keyboard: Ints) -> None:
        self.on, self.keyboard = on, keyboard
        number = keyboard.astype(np.int16)
        self.counted = np.cumsum(on, axis=1, dtype=np.int16)
        self.highest_upto = np.maximum.accumulate(np.where(on, number, np.int16(-1)), axis=1)
        down = np.where(on, number, np.int16(128))[:, ::-1]
        self.lowest_from = np.minimum.accumulate(down, axis=1)[:, ::-1]

    def describe_onsets(self, groups: dict[str, Floats], rows: slice) -> None:
        """Write what each onset hears; at least one pitch sounds at each."""
        count = self.counted[:, -1]
        groups["count"][rows] = count
        groups["highest"][rows] = self.highest_upto[:, -1]
        groups["lowest"][rows] = self.lowest_from[:, 0]
        groups["mean"][rows] = (self.on @ self.keyboard.astype(np.float64)) / count
        bits = (1 << self.keyboard % 12).astype(np.int16)
        groups["mask"][rows] = np.bitwise_or.reduce(np.where(self.on, bits, np.int16(0)), axis=1)
