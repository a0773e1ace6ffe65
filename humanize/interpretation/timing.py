"""Performed time: the time map, and the codec of tempo, asynchrony and articulation.

A *time map* leads from beats (quarter notes) to seconds. Notation has one, made of its tempi; a
performance has another. Per distinct onset the *log beat period* is the natural logarithm of the
performed over the notated inter-onset interval; per note *asynchrony* is its onset less the mean
onset of its chord, and *log articulation* the natural logarithm of the key's duration over the
time that its notated duration lasts in the performed time map. ``encode`` reads the three off a
performance, ``decode`` plays them.

References
----------
Cancino-Chacon et al., Partitura: A Python Package for Symbolic Music Processing, Music Encoding
Conference 2022 (its performance codec has the same parameters).
Schensted, Longest increasing and decreasing subsequences, Canadian Journal of Mathematics 13, 1961.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from humanize.errors import InputError
from humanize.expression import ARTICULATION
from humanize.notes import FloatColumn, IntColumn, distinct, starts

LOWEST_LOG_ARTICULATION, HIGHEST_LOG_ARTICULATION = ARTICULATION.low, ARTICULATION.high
"""Beyond these a key's duration is an error of the alignment."""


@dataclass(frozen=True, kw_only=True)
class TimeMap:
    """Seconds as a function of beats: straight between knots, straight on beyond the ends.

    Attributes
    ----------
    beat, sec : (k,) FloatColumn
        Knots, both strictly increasing, at least two.

    Raises
    ------
    InputError
        If there are fewer than two knots, or time stands still or runs backwards.
    """

    beat: FloatColumn
    sec: FloatColumn

    def __post_init__(self) -> None:
        if len(self.beat) < 2 or len(self.beat) != len(self.sec):
            raise InputError(
                f"time map: {len(self.beat)} beats and {len(self.sec)} times found; expected two "
                "or more of each"
            )
        if not ((np.diff(self.beat) > 0).all() and (np.diff(self.sec) > 0).all()):
            raise InputError("time map: beats or times do not increase; expected them to")

    def at(self, beat: FloatColumn) -> FloatColumn:
        """Return the seconds of beats, (n,)."""
        return _follow(self.beat, self.sec, beat)

    def beat_at(self, sec: FloatColumn) -> FloatColumn:
        """Return the beats of seconds, (n,): the inverse of ``at``."""
        return _follow(self.sec, self.beat, sec)

    def ending_with(self, other: TimeMap, *, first_beat: float, last_beat: float) -> TimeMap:
        """Return the map scaled from ``first_beat`` to ``last_beat`` to fall on another's end.

        From ``last_beat`` on time is the other's. Loops and music that is synchronised with
        something else keep their length so.
        """
        start, own = self.at(np.array([first_beat, last_beat])).tolist()
        wanted = float(other.at(np.array([last_beat]))[0])
        factor = (wanted - start) / (own - start) if own > start else 1.0
        beat = distinct(self.beat, np.array([first_beat, last_beat, last_beat + 1.0]))
        sec = self.at(beat)
        sec = np.where(beat > first_beat, start + (sec - start) * factor, sec)
        return TimeMap(beat=beat, sec=np.where(beat >= last_beat, other.at(beat), sec))


def _follow(x: FloatColumn, y: FloatColumn, at: FloatColumn) -> FloatColumn:
    segment = np.clip(np.searchsorted(x, at, "right") - 1, 0, len(x) - 2)
    slope = np.diff(y) / np.diff(x)
    return np.asarray(y[segment] + slope[segment] * (at - x[segment]), dtype=np.float64)


ONE_SECOND_A_BEAT = TimeMap(beat=np.array([0.0, 1.0]), sec=np.array([0.0, 1.0]))
"""Notated time where a score says nothing: log beat periods are then those of seconds per beat."""


def perform_time_map(
    notated: TimeMap, onset_beat: FloatColumn, log_beat_period: FloatColumn, *, end_beat: float
) -> TimeMap:
    """Return the performed time map: notated time, each inter-onset interval stretched.

    Parameters
    ----------
    notated : TimeMap
    onset_beat : (k,) FloatColumn
        Distinct onsets, increasing. Before the first, time is as notated.
    log_beat_period : (k,) FloatColumn
        Natural logarithm of performed over notated time, from each onset to the next; the last
        holds to ``end_beat``, after which tempo is as notated again.
    end_beat : float
        Where the last note ends.
    """
    if not len(onset_beat):
        return notated
    end = max(end_beat, float(onset_beat[-1]))
    ends = np.array([min(float(onset_beat[0]), notated.beat[0]), end, end + 1.0])
    knots = distinct(notated.beat, onset_beat, ends)
    interval = np.searchsorted(onset_beat, knots[:-1], "right") - 1
    stretched = np.exp(log_beat_period)[np.maximum(interval, 0)]
    stretch = np.where((interval < 0) | (knots[:-1] >= end), 1.0, stretched)
    nominal = notated.at(knots)
    elapsed = np.concatenate([[0.0], np.cumsum(np.diff(nominal) * stretch)])
    return TimeMap(beat=knots, sec=nominal[0] + elapsed)


def relative_to_notated(
    log_beat_period: FloatColumn, onset_beat: FloatColumn, notated: TimeMap
) -> FloatColumn:
    """Return deviations from a piece's own median as deviations from its notated tempi.

    A model that predicts log seconds per beat less the median of the piece predicts the notated
    changes of tempo too; written on top of a map that has them, they would count twice.

    Parameters
    ----------
    log_beat_period : (k,) FloatColumn
        Less the median of the performance.
    onset_beat : (k,) FloatColumn
        Distinct onsets, increasing.
    notated : TimeMap

    Returns
    -------
    (k,) FloatColumn
        What ``perform_time_map`` takes; the median tempo stays the notated one.
    """
    following = np.append(onset_beat[1:], onset_beat[-1] + 1.0)
    period = (notated.at(following) - notated.at(onset_beat)) / (following - onset_beat)
    notated_log = np.log(period)
    return np.asarray(log_beat_period - (notated_log - _median(notated_log)))


def _median(values: FloatColumn) -> float:
    """Return the median, as ``np.median`` does, which imports ``numpy.ma`` for it."""
    _, low, high = middles(np.zeros(len(values), dtype=np.int64), values)
    return float(low[0] + high[0]) / 2


@dataclass(frozen=True, kw_only=True)
class TimingParameters:
    """What a performance adds to notated time.

    Attributes
    ----------
    onset_beat : (k,) FloatColumn
        Distinct notated onsets, increasing.
    log_beat_period : (k,) FloatColumn
        Natural logarithm of performed over notated inter-onset interval; the last, where nothing
        is known of it, repeats the one before.
    asynchrony_ms : (n,) FloatColumn
        Onset less the mean onset of the chord.
    log_articulation : (n,) FloatColumn
        Natural logarithm of the key's duration over its notated duration in performed time; 0
        where the notated duration is 0.
    start_sec : float
        Performed time of the first onset.
    """

    onset_beat: FloatColumn
    log_beat_period: FloatColumn
    asynchrony_ms: FloatColumn
    log_articulation: FloatColumn
    start_sec: float

    def time_map(self, notated: TimeMap, *, end_beat: float) -> TimeMap:
        """Return the performed time map on top of a notated one."""
        played = perform_time_map(notated, self.onset_beat, self.log_beat_period, end_beat=end_beat)
        first = played.at(self.onset_beat[:1])[0]
        return TimeMap(beat=played.beat, sec=played.sec + (self.start_sec - first))


def encode(
    onset_beat: FloatColumn,
    duration_beat: FloatColumn,
    onset_sec: FloatColumn,
    duration_sec: FloatColumn,
    *,
    notated: TimeMap = ONE_SECOND_A_BEAT,
    on_the_beat: NDArray[np.bool_] | None = None,
    last_log_period: float | None = None,
) -> TimingParameters:
    """Read tempo, asynchrony and articulation off a performance.

    An onset is performed at the median of its notes; of these times the longest increasing
    subsequence is kept, and time is linear between.

    Parameters
    ----------
    onset_beat, duration_beat : (n,) FloatColumn
        Notated, in canonical order or any other.
    onset_sec, duration_sec : (n,) FloatColumn
        Performed.
    notated : TimeMap
        What log beat periods are relative to.
    on_the_beat : (n,) bool array, optional
        False for grace notes and arpeggiated ones, which say nothing of the beat.
    last_log_period : float, optional
        Log beat period from the last onset on, which no onset follows; by default the one before.

    Raises
    ------
    InputError
        If fewer than two onsets follow each other in performed time.
    """
    plain = np.ones(len(onset_beat), dtype=bool) if on_the_beat is None else on_the_beat
    onsets, chord = _distinct(onset_beat)
    known, low, high = middles(chord[plain], onset_sec[plain])
    median = (low + high) / 2
    kept = longest_increasing(median)
    played = TimeMap(beat=onsets[known][kept], sec=median[kept])
    at_onsets, nominal = played.at(onsets), notated.at(onsets)
    ratio = np.log(np.diff(at_onsets) / np.diff(nominal))
    last = float(ratio[-1]) if last_log_period is None else last_log_period
    if last_log_period is not None:
        beyond = onsets[-1] + 1.0
        lasts = float(notated.at(np.array([beyond]))[0] - nominal[-1]) * np.exp(last)
        played = TimeMap(
            beat=np.append(onsets, beyond), sec=np.append(at_onsets, at_onsets[-1] + lasts)
        )
    lasting = played.at(onset_beat + duration_beat) - at_onsets[chord]
    return TimingParameters(
        onset_beat=onsets,
        log_beat_period=np.append(ratio, last),
        asynchrony_ms=1000 * (onset_sec - _means(chord, onset_sec, plain, at_onsets)[chord]),
        log_articulation=_log_articulation(duration_sec, lasting),
        start_sec=float(at_onsets[0]),
    )


def decode(
    parameters: TimingParameters,
    onset_beat: FloatColumn,
    duration_beat: FloatColumn,
    *,
    notated: TimeMap = ONE_SECOND_A_BEAT,
    on_the_beat: NDArray[np.bool_] | None = None,
) -> tuple[FloatColumn, FloatColumn]:
    """Play notated notes with the parameters of a performance: the inverse of ``encode``.

    Returns
    -------
    onset_sec, duration_sec : (n,) FloatColumn
        The median of each chord's plain notes is at its onset in the time map, as when it is read.
    """
    plain = np.ones(len(onset_beat), dtype=bool) if on_the_beat is None else on_the_beat
    onsets, chord = _distinct(onset_beat)
    end_beat = float(np.max(onset_beat + duration_beat))
    played = parameters.time_map(notated, end_beat=end_beat)
    known, low, high = middles(chord[plain], parameters.asynchrony_ms[plain])
    middle = np.zeros(len(onsets))
    middle[known] = (low + high) / 2
    start = played.at(onset_beat)
    onset_sec = start + (parameters.asynchrony_ms - middle[chord]) / 1000
    lasting = played.at(onset_beat + duration_beat) - start
    return onset_sec, np.exp(parameters.log_articulation) * lasting


def chord_anchors(chord: IntColumn, asynchrony_ms: FloatColumn) -> FloatColumn:
    """Return for each note the asynchrony of its chord's middle note, of two the earlier, (n,).

    Where a note has none at all, as one that is not to be touched, it is that one's: 0.
    """
    known, low, _ = middles(chord, asynchrony_ms)
    place = np.searchsorted(known, chord)
    stays = np.bincount(place, asynchrony_ms == 0.0, minlength=len(known)) > 0
    return np.asarray(np.where(stays, 0.0, low)[place], dtype=np.float64)


def longest_increasing(values: FloatColumn) -> IntColumn:
    """Return the indices of the longest strictly increasing subsequence."""
    tails: list[float] = []
    last: list[int] = []
    before = np.full(len(values), -1, dtype=np.int64)
    for index, value in enumerate(values.tolist()):
        place = bisect_left(tails, value)
        before[index] = last[place - 1] if place else -1
        tails[place : place + 1] = [value]
        last[place : place + 1] = [index]
    kept, at = [], last[-1] if last else -1
    while at >= 0:
        kept.append(at)
        at = int(before[at])
    return np.array(kept[::-1], dtype=np.int64)


def _distinct(onset_beat: FloatColumn) -> tuple[FloatColumn, IntColumn]:
    onsets = np.sort(onset_beat)
    onsets = onsets[starts(onsets)]
    return onsets, np.searchsorted(onsets, onset_beat).astype(np.int64)


def middles(group: IntColumn, values: FloatColumn) -> tuple[IntColumn, FloatColumn, FloatColumn]:
    """Return the groups that have values, and the two middle values of each (one, where odd).

    Parameters
    ----------
    group : (n,) IntColumn
        Number of the group of each value.
    values : (n,) FloatColumn

    Returns
    -------
    groups : (k,) IntColumn
        Increasing.
    low, high : (k,) FloatColumn
        Their mean is the median.
    """
    order = np.lexsort((values, group))
    ordered = group[order]
    first = np.flatnonzero(starts(ordered)) if len(ordered) else np.zeros(0, dtype=np.int64)
    count = np.diff(np.append(first, len(ordered)))
    low, high = order[first + (count - 1) // 2], order[first + count // 2]
    return ordered[first], values[low], values[high]


def _means(
    chord: IntColumn, onset_sec: FloatColumn, plain: NDArray[np.bool_], otherwise: FloatColumn
) -> FloatColumn:
    """Return the mean onset of each chord's plain notes; the time map's where it has none."""
    count = np.bincount(chord, plain, minlength=len(otherwise))
    total = np.bincount(chord, np.where(plain, onset_sec, 0.0), minlength=len(otherwise))
    return np.where(count > 0, total / np.maximum(count, 1), otherwise)


def _log_articulation(duration_sec: FloatColumn, lasting_sec: FloatColumn) -> FloatColumn:
    notated = lasting_sec > 0
    ratio = np.where(notated, duration_sec, 1.0) / np.where(notated, lasting_sec, 1.0)
    shortest = np.exp(LOWEST_LOG_ARTICULATION)
    return np.asarray(np.minimum(np.log(np.maximum(ratio, shortest)), HIGHEST_LOG_ARTICULATION))
