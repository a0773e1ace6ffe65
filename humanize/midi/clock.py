"""The time of a file in ticks and seconds, and tempo events that carry a performed time map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from humanize.interpretation.timing import TimeMap
from humanize.midi.smf import SmfScan, TrackScan
from humanize.notes import FloatColumn, IntColumn, distinct

DEFAULT_TEMPO = 500_000  # microseconds per quarter note: 120 beats per minute
SLOWEST_TEMPO = 2**24 - 1
WITHIN_BEAT_SEC = 0.010
"""Where an onset inside a beat would be further from its time, the beat gets a second tempo."""

_LEFT_ALONE_MICROS = 100.0  # a tempo that is this near by its next change is not written again
_SHORTEST_BEAT = 0.5  # quarter notes; shorter units of a metre are no beats of their own


@dataclass(frozen=True, kw_only=True)
class Clock:
    """Seconds of ticks, and ticks of seconds.

    Attributes
    ----------
    time_map : TimeMap
    ticks_per_beat : float
    """

    time_map: TimeMap
    ticks_per_beat: float

    def sec(self, tick: IntColumn) -> FloatColumn:
        """Return the seconds of ticks, (n,)."""
        return self.time_map.at(tick / self.ticks_per_beat)

    def tick(self, sec: FloatColumn) -> FloatColumn:
        """Return the ticks of seconds, (n,), not rounded."""
        return self.time_map.beat_at(sec) * self.ticks_per_beat


@dataclass(frozen=True, kw_only=True)
class Tempi:
    """Tempo changes in order, the first at tick 0.

    Attributes
    ----------
    tick, micros : (k,) IntColumn
        Micros are microseconds per quarter note.
    """

    tick: IntColumn
    micros: IntColumn

    def at(self, tick: IntColumn) -> IntColumn:
        """Return the tempo in force at ticks, (n,)."""
        return self.micros[np.searchsorted(self.tick, tick, "right") - 1]

    def clock(self, ticks_per_beat: int) -> Clock:
        """Return the time of a file that has these tempi."""
        beat = np.append(self.tick, self.tick[-1] + ticks_per_beat) / ticks_per_beat
        sec = np.cumsum(np.diff(beat) * self.micros / 1e6)
        return Clock(
            time_map=TimeMap(beat=beat, sec=np.concatenate([[0.0], sec])),
            ticks_per_beat=ticks_per_beat,
        )


def read_tempi(tracks: Sequence[TrackScan], *, factor: int = 1) -> Tempi:
    """Return the tempi of tracks that are played together, ticks multiplied by ``factor``."""
    changes = {0: DEFAULT_TEMPO} | dict(sorted(c for track in tracks for c in track.tempos))
    ticks = sorted(changes)
    return Tempi(
        tick=np.array(ticks, dtype=np.int64) * factor,
        micros=np.array([changes[t] for t in ticks], dtype=np.int64),
    )


def read_clock(smf: SmfScan, tracks: Sequence[TrackScan], *, factor: int = 1) -> Clock:
    """Return the time of tracks that are played together; SMPTE frames pass at 120 a minute."""
    if smf.ticks_per_quarter:
        return read_tempi(tracks, factor=factor).clock(smf.ticks_per_quarter * factor)
    numerator, denominator = smf.ticks_per_second
    return Clock(
        time_map=TimeMap(beat=np.array([0.0, 1.0]), sec=np.array([0.0, 0.5])),
        ticks_per_beat=numerator * factor / (2 * denominator),
    )


def beats_around(
    tick: IntColumn, metres: Sequence[tuple[int, int, int]], ticks_per_quarter: int
) -> IntColumn:
    """Return the beats of the metre at or next to ticks, in order.

    Beats of compound metres are dotted. Where there is no metre, a beat is a quarter note.

    Parameters
    ----------
    tick : (n,) IntColumn
    metres : sequence of (tick, numerator, denominator)
    ticks_per_quarter : int
    """
    changes = {0: (4, 4)} | {when: (above, below) for when, above, below in sorted(metres)}
    start = np.array(list(changes), dtype=np.int64)
    beat = np.array([_beat_length(*metre) for metre in changes.values()]) * ticks_per_quarter
    segment = np.searchsorted(start, tick, "right") - 1
    count = np.floor((tick - start[segment]) / beat[segment])
    near = [
        np.round(start[segment] + (count + step) * beat[segment]).astype(np.int64)
        for step in (0, 1)
    ]
    return distinct(*near)


def _beat_length(numerator: int, denominator: int) -> float:
    unit = 4 / denominator
    compound = numerator % 3 == 0 and numerator > 3 and denominator >= 8
    return max(3 * unit if compound else unit, _SHORTEST_BEAT)


def write_tempi(
    performed: TimeMap,
    tempi: Tempi,
    beats: IntColumn,
    span: tuple[int, int],
    ticks_per_quarter: int,
) -> Tempi:
    """Return the tempi that carry a performed time map.

    One for each beat, more where an onset inside a beat would be over ``WITHIN_BEAT_SEC`` off.
    Each is rounded to make up for what rounding has cost before, so that errors do not add up.

    Parameters
    ----------
    performed : TimeMap
        As notated before the first tick of the span and after its last.
    tempi : Tempi
        Those of the file.
    beats : (b,) IntColumn
        Ticks at which tempo may change.
    span : (first, last)
        Tick of the first onset, and of the end of the last note.
    ticks_per_quarter : int
    """
    knots = np.round(performed.beat * ticks_per_quarter).astype(np.int64)
    inside = [v[(v > span[0]) & (v < span[1])] for v in (knots, beats, tempi.tick)]
    fixed = distinct(np.array(span), *inside[1:])
    places = _refined(performed, fixed, distinct(inside[0], fixed), ticks_per_quarter)
    tick, micros = _rounded(performed, tempi, places, ticks_per_quarter)
    outside = (tempi.tick < span[0]) | (tempi.tick > span[1])
    ticks = np.concatenate([tempi.tick[outside], tick])
    order = np.argsort(ticks, kind="stable")
    return Tempi(tick=ticks[order], micros=np.concatenate([tempi.micros[outside], micros])[order])


def _refined(
    performed: TimeMap, places: IntColumn, knots: IntColumn, ticks_per_quarter: int
) -> IntColumn:
    """Return places with the worst knot added between any two where one is too far off."""
    times = performed.at(knots / ticks_per_quarter)
    while True:
        straight = np.interp(knots, places, performed.at(places / ticks_per_quarter))
        off = np.abs(times - straight)
        segment = np.searchsorted(places, knots, "right")
        order = np.lexsort((-off, segment))
        worst = order[np.diff(segment[order], prepend=-1) > 0]
        added = knots[worst[off[worst] > WITHIN_BEAT_SEC]]
        if not len(added):
            return places
        places = distinct(places, added)


def _rounded(
    performed: TimeMap, tempi: Tempi, places: IntColumn, ticks_per_quarter: int
) -> tuple[IntColumn, IntColumn]:
    """Return the tempo changes between places, and at the last the tempo of the file again."""
    due = performed.at(places / ticks_per_quarter)
    quarters = np.diff(places) / ticks_per_quarter
    notated = tempi.at(places)
    required = np.isin(places, tempi.tick).tolist()
    now, current = float(due[0]), int(tempi.at(places[:1] - 1)[0]) if places[0] else 0
    changes: list[tuple[int, int]] = []
    for index, length in enumerate(quarters.tolist()):
        exact = (float(due[index + 1]) - now) * 1e6 / length
        if required[index] or abs(exact - current) * length > _LEFT_ALONE_MICROS:
            current = min(max(round(exact), 1), SLOWEST_TEMPO)
            changes.append((int(places[index]), current))
        now += current * length / 1e6
    if required[-1] or int(notated[-1]) != current:
        changes.append((int(places[-1]), int(notated[-1])))
    tick, micros = np.array(changes, dtype=np.int64).reshape(-1, 2).T
    return tick, micros
