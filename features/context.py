"""Quantities that several features share, each computed once and only when one asks for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np

from ..notes import NoteTable
from .sounding import describe_sounding
from .windows import (
    Floats,
    Ints,
    Ranges,
    RangeStatistics,
    SecondsWindow,
    Statistic,
    seconds_ranges,
)

CHORD_SPREAD_SEC = 0.035
"""Performed onsets that follow each other within this time belong to one chord (a pianist's
notes of a chord spread over about 30 ms; Goebl 2001, JASA 110)."""

PERFORMED_BEATS_PER_SEC = 2.0
"""A performance has no known beat: 120 quarter notes a minute stand in for it."""

WINDOWS = (
    *(SecondsWindow("past", seconds) for seconds in (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)),
    *(SecondsWindow("next", seconds) for seconds in (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)),
    *(SecondsWindow("around", seconds) for seconds in (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)),
)
"""Every window of seconds that a feature looks through; a context finds all of them together."""

_NUMBER = {window: number for number, window in enumerate(WINDOWS)}

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
        return np.concatenate((np.diff(self.group_beat), [np.nan]))

    @cached_property
    def ioi_beat_before(self) -> Floats:
        """Beats from the onset before to each onset; NaN at the first."""
        return np.concatenate(([np.nan], np.diff(self.group_beat)))

    @cached_property
    def ioi_sec_after(self) -> Floats:
        """Seconds from each onset to the next; NaN after the last."""
        return np.concatenate((np.diff(self.group_sec), [np.nan]))

    @cached_property
    def ioi_sec_before(self) -> Floats:
        """Seconds from the onset before to each onset; NaN at the first."""
        return np.concatenate(([np.nan], np.diff(self.group_sec)))

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
        return np.concatenate((self.first, [self.length]))

    @cached_property
    def _windows(self) -> Ranges:
        return seconds_ranges(WINDOWS, self.group_sec)

    @cached_property
    def _note_windows(self) -> Ranges:
        return self._notes_of(self._windows)

    def _notes_of(self, onsets: Ranges) -> Ranges:
        return Ranges(self._row_bound[onsets.low], self._row_bound[onsets.high])

    @shared
    def window(self, window: SecondsWindow) -> Ranges:
        """Return the onsets inside a window at each onset."""
        return self._windows.of_window(_NUMBER[window])

    @shared
    def notes_in(self, window: SecondsWindow) -> Ranges:
        """Return the notes inside a window at each onset."""
        return self._note_windows.of_window(_NUMBER[window])

    @shared
    def _pitch_in(self, statistic: Statistic) -> Floats:
        """Return a statistic of the pitches inside each window (row) at each onset (column)."""
        if statistic == "max":
            return self._top_over_groups.over(self._windows, "max")
        if statistic == "min":
            return self._bottom_over_groups.over(self._windows, "min")
        return self.pitch_over_notes.over(self._note_windows, statistic)

    def pitch_in(self, window: SecondsWindow, statistic: Statistic) -> Floats:
        """Return a statistic of the pitches inside a window, one value per onset."""
        return self._pitch_in(statistic)[_NUMBER[window]]

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
        """What sounds at each onset and around each note; see ``describe_sounding``."""
        return describe_sounding(self.notes.pitch, self.group, self.last_group)

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

    @shared
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
        up = np.where(over >> 7 == wanted, over - target, 1000)
        down = np.where(under >> 7 == wanted, under - target, -1000)
        nearest = np.where(np.abs(up) <= np.abs(down), up, down).astype(np.float64)
        return np.where(np.abs(nearest) < 500, -nearest, np.nan)
