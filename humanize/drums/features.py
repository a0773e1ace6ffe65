"""What is known of a drum hit before it is played: place, neighbours, pattern, style.

All columns are numbers; NaN means that there is no such neighbour. Places and distances are in
quarter notes, and velocities are never read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from humanize.drums.hits import TICKS, DrumHits
from humanize.drums.kit import HIGH, PEDAL, SNARE, VOICES, limbs_of, voices_of
from humanize.notes import FloatColumn, IntColumn

_FAR = 8.0  # quarter notes: neighbours further away are none
_AROUND = 4  # steps of the grid whose hits are columns of their own
_TOM = list(VOICES).index("tom")
_SNARE_VOICE = list(VOICES).index("snare")
_CRASH = list(VOICES).index("crash")
_UNLIKE = 0.6  # share of hits in common: below it a measure is another than the one before


@dataclass(frozen=True, kw_only=True)
class DrumFeatures:
    """Named columns of hits.

    Attributes
    ----------
    names : tuple of str
    values : (n, n_features) float32 array
    """

    names: tuple[str, ...]
    values: NDArray[np.float32]


def drum_features(hits: DrumHits) -> DrumFeatures:
    """Return every feature of every hit."""
    columns: dict[str, NDArray[np.generic]] = {}
    for family in _FAMILIES:
        columns.update(family(hits))
    values = np.column_stack([np.asarray(c, dtype=np.float32) for c in columns.values()])
    return DrumFeatures(names=tuple(columns), values=values.reshape(len(hits), len(columns)))


def drum_feature_names() -> tuple[str, ...]:
    """Return the names of all features, in their order."""
    none = np.zeros(0, dtype=np.int64)
    return drum_features(
        DrumHits(
            row=none, drum=none, tick=none, steps=none, lag_ms=np.zeros(0), velocity=none,
            measure=none, position=none, length=none, beat_sec=np.zeros(0),
            again=np.zeros(0, dtype=bool),
        )
    ).names  # fmt: skip


def position_columns(hits: DrumHits) -> dict[str, NDArray[np.generic]]:
    """Return where in the measure a hit stands, and how strong that place is."""
    in_beat = hits.position % TICKS
    return {
        "drum": hits.drum,
        "limb": limbs_of(hits.drum),
        "position_beat": hits.position / TICKS,
        "position_in_beat": in_beat / TICKS,
        "beat_number": hits.position // TICKS,
        "metrical_strength": metrical_strength(hits.position, hits.length),
        "is_backbeat": (in_beat == 0) & (hits.position // TICKS % 2 == 1),
        "grid_steps": hits.steps,
        "is_again": hits.again,
        "beat_ms": hits.beat_sec * 1000,
        "measure_length_beat": hits.length / TICKS,
    }


def metrical_strength(position: IntColumn, length: IntColumn) -> IntColumn:
    """Return 5 for a downbeat, 4 half a measure, 3 other beats, 2 eighths, 1 on the grid, 0 off it.

    Parameters
    ----------
    position, length : (n,) IntColumn
        24 to a quarter note.
    """
    levels = [
        position == 0,
        (2 * position == length),
        position % TICKS == 0,
        position % (TICKS // 2) == 0,
        (position % (TICKS // 4) == 0) | (position % (TICKS // 3) == 0),
    ]
    return np.asarray(np.select(levels, [5, 4, 3, 2, 1], default=0), dtype=np.int64)


def neighbour_columns(hits: DrumHits) -> dict[str, NDArray[np.generic]]:
    """Return the distances to the hits before and after: of the drum, of the hands, of any."""
    columns: dict[str, NDArray[np.generic]] = {}
    groups = {"drum": hits.drum, "voice": _voices(hits), "limb": limbs_of(hits.drum)}
    for name, group in groups.items():
        before, after = _gaps(group, hits.tick)
        columns[f"before_beat_{name}"], columns[f"after_beat_{name}"] = before, after
    columns["hits_together"] = _count_equal(hits.tick)
    for ahead in (1, 2, 3):
        columns[f"drum_{ahead}_before"] = _shifted(hits.drum, ahead)
        columns[f"drum_{ahead}_after"] = _shifted(hits.drum, -ahead)
    before, after = _runs(hits)
    columns["run_before"], columns["run_after"] = before, after
    return columns


def pattern_columns(hits: DrumHits) -> dict[str, NDArray[np.generic]]:
    """Return which parts of the kit are hit within four steps of the grid to either side."""
    columns: dict[str, NDArray[np.generic]] = {}
    step = TICKS // np.maximum(hits.steps, 1)
    voice = _voices(hits)
    for number, name in enumerate(VOICES):
        own = np.sort(hits.tick[voice == number])
        for offset in range(-_AROUND, _AROUND + 1):
            columns[f"{name}_at_{offset:+d}"] = _holds(own, hits.tick + offset * step)
    return columns


def repetition_columns(hits: DrumHits) -> dict[str, NDArray[np.generic]]:
    """Return how often the drum is hit at that place, and how the measure compares with others."""
    measure = hits.measure - hits.measure.min(initial=1)
    slot = (hits.drum * 4096) + hits.position
    code = measure * (1 << 20) + slot
    known = np.unique(code)
    count = int(measure.max(initial=0)) + 1
    slots, which = np.unique(known % (1 << 20), return_counts=True)
    recurrence = _lookup(slots, which / count, slot)
    before, after = _holds(known, code - (1 << 20)), _holds(known, code + (1 << 20))
    size = np.maximum(np.bincount(measure, minlength=count), 1)
    like = (np.bincount(measure, before, minlength=count) / size)[measure]
    usual = (np.bincount(measure, recurrence, minlength=count) / size)[measure]
    return {
        "recurrence": recurrence,
        "recurrence_ratio": recurrence / np.maximum(_centred_mean(recurrence, hits.tick), 1e-6),
        "recurrence_1_beat_mean": _centred_mean(recurrence, hits.tick),
        "is_in_measure_before": before,
        "is_in_measure_after": after,
        "measure_likeness": like,
        "measure_usualness": usual,
        "measures_since_change": _since_change(measure, like, count),
        "measures_before": measure,
        "measures_after": count - 1 - measure,
        "crash_follows": _holds(
            np.unique(measure[(_voices(hits) == _CRASH) & (hits.position == 0)]), measure + 1
        ),
    }


def density_columns(hits: DrumHits) -> dict[str, NDArray[np.generic]]:
    """Return how many hits stand around: of all drums, of the drum itself, of toms and snares."""
    columns: dict[str, NDArray[np.generic]] = {}
    voice = _voices(hits)
    sets = {
        "hit": np.ones(len(hits), dtype=bool),
        "tom": voice == _TOM,
        "snare": voice == _SNARE_VOICE,
    }
    for name, chosen in sets.items():
        own = np.sort(hits.tick[chosen])
        for beats in (1, 4):
            columns[f"{name}_count_{beats}_before"] = _between(
                own, hits.tick - beats * TICKS, hits.tick
            )
            columns[f"{name}_count_{beats}_after"] = _between(
                own, hits.tick + 1, hits.tick + beats * TICKS
            )
    for beats in (1, 2):
        columns[f"drum_count_{beats}_around"] = _same_around(hits, beats * TICKS)
    return columns


def style_columns(hits: DrumHits) -> dict[str, NDArray[np.generic]]:
    """Return what the whole file says of its style: density, drums used, places of the snare."""
    n = max(len(hits), 1)
    beats = max(float(np.ptp(hits.tick)) / TICKS if len(hits) else 1.0, 1.0)
    snare = hits.drum == SNARE
    off = hits.position % TICKS != 0
    backbeat = (hits.position // TICKS % 2 == 1) & ~off
    figures = {
        "style_hits_per_beat": n / beats,
        "style_triplets": float((hits.steps == 6).mean()) if len(hits) else 0.0,
        "style_snare_off_beat": float((snare & off).sum()) / max(int(snare.sum()), 1),
        "style_backbeat": float((snare & backbeat).sum()) / max(beats / 2, 1.0),
        "style_off_beat": float(off.sum()) / n,
        "style_measures": float(len(np.unique(hits.measure))),
    }
    voice = _voices(hits)
    for number, name in enumerate(VOICES):
        figures[f"style_{name}_share"] = float((voice == number).sum()) / n
    for drum, name in ((PEDAL, "pedal"), (HIGH, "high_tom")):
        figures[f"style_{name}_share"] = float((hits.drum == drum).sum()) / n
    return {name: np.full(len(hits), figure) for name, figure in figures.items()}


_FAMILIES: tuple[Callable[[DrumHits], dict[str, NDArray[np.generic]]], ...] = (
    position_columns,
    neighbour_columns,
    pattern_columns,
    repetition_columns,
    density_columns,
    style_columns,
)


def _voices(hits: DrumHits) -> IntColumn:
    return voices_of(hits.drum) if len(hits) else hits.drum


def _holds(ordered: IntColumn, wanted: IntColumn) -> NDArray[np.bool_]:
    """Return which of some numbers stand in an ordered column."""
    if not len(ordered):
        return np.zeros(len(wanted), dtype=bool)
    place = np.searchsorted(ordered, wanted).clip(max=len(ordered) - 1)
    return np.asarray(ordered[place] == wanted)


def _lookup(ordered: IntColumn, values: FloatColumn, wanted: IntColumn) -> FloatColumn:
    return values[np.searchsorted(ordered, wanted)]


def _between(ordered: IntColumn, low: IntColumn, high: IntColumn) -> IntColumn:
    """Return how many of an ordered column are from ``low`` to below ``high``."""
    return np.asarray(np.searchsorted(ordered, high) - np.searchsorted(ordered, low))


def _gaps(group: IntColumn, tick: IntColumn) -> tuple[FloatColumn, FloatColumn]:
    """Return the distance to the group's onset before and after each, in quarter notes."""
    code = group * (1 << 40) + tick
    known = np.unique(code)
    place = np.searchsorted(known, code)
    gap = np.diff(known).astype(np.float64) / TICKS
    gap[gap > _FAR] = np.nan
    gap = np.concatenate([[np.nan], gap, [np.nan]])
    return gap[place], gap[place + 1]


def _count_equal(tick: IntColumn) -> IntColumn:
    ordered = np.sort(tick)
    return _between(ordered, tick, tick + 1)


def _shifted(values: IntColumn, by: int) -> FloatColumn:
    """Return the value of the hit ``by`` rows before; NaN at the border."""
    out = np.full(len(values), np.nan)
    if by > 0:
        out[by:] = values[:-by]
    else:
        out[:by] = values[-by:]
    return out


def _runs(hits: DrumHits) -> tuple[FloatColumn, FloatColumn]:
    """Return how many onsets of the limb follow each other within a third of a quarter note."""
    code = limbs_of(hits.drum) * (1 << 40) + hits.tick if len(hits) else hits.tick
    known = np.unique(code)
    joined = np.concatenate([[False], np.diff(known) <= TICKS // 3])[: len(known)]
    index = np.arange(len(known))
    first = np.maximum.accumulate(np.where(joined, 0, index)) if len(known) else index
    ends = np.concatenate([~joined[1:], [True]])[: len(known)]
    last = np.minimum.accumulate(np.where(ends, index, len(known))[::-1])[::-1]
    place = np.searchsorted(known, code)
    return (index - first)[place].astype(float), (last - index)[place].astype(float)


def _centred_mean(values: FloatColumn, tick: IntColumn) -> FloatColumn:
    """Return the mean over a quarter note to either side; ticks increase almost everywhere."""
    order = np.argsort(tick, kind="stable")
    ordered = tick[order]
    total = np.concatenate([[0.0], np.cumsum(values[order])])
    low = np.searchsorted(ordered, tick - TICKS)
    high = np.searchsorted(ordered, tick + TICKS, side="right")
    return np.asarray((total[high] - total[low]) / np.maximum(high - low, 1))


def _since_change(measure: IntColumn, likeness: FloatColumn, count: int) -> IntColumn:
    """Return the measures since one was unlike the measure before it."""
    changed = np.zeros(count, dtype=bool)
    changed[measure[likeness < _UNLIKE]] = True
    changed[:1] = True
    index = np.arange(count)
    return np.asarray((index - np.maximum.accumulate(np.where(changed, index, 0)))[measure])


def _same_around(hits: DrumHits, reach: int) -> IntColumn:
    """Return how many hits of the same drum stand within ``reach`` ticks to either side."""
    code = hits.drum * (1 << 40) + hits.tick
    ordered = np.sort(code)
    return _between(ordered, code - reach, code + reach + 1)
