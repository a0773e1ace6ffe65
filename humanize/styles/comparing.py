"""How two interpretations of the same notes differ, in numbers and in a musician's words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from humanize.files import write_atomically
from humanize.interpretation.attributes import (
    ATTRIBUTES,
    Expression,
    measured,
    spread_of,
)
from humanize.notes import FloatColumn, IntColumn, starts
from humanize.styles.matching import File, Matched, match, read_interpretation
from humanize.styles.waits import (
    STEADY_RUBATO_DEPTH,
    is_tempo,
    pace_around,
    steady_rubato_depth,
    without_waits,
)
from humanize.styles.wording import said

_MOST_PLACES = 3
_STILL = 1e-3  # what varies less does not move: it is what ticks round
_LEAST = {"velocity": 2.0, "tempo": 0.03}  # differences that can be heard
_STRIKING = 1.5
"""Standard deviations of measures' differences, from which on a measure is named."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A measure in which two interpretations are far apart.

    Attributes
    ----------
    measure : int
        Where beats are not known, of two seconds of the first file.
    aspect : "velocity" or "tempo"
    difference : float
        Second less first, the mean of the whole taken out: velocity, or natural logarithm of time.
    """

    measure: int
    aspect: str
    difference: float


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What ``compare`` found.

    Attributes
    ----------
    first, second : str
        Names of the files.
    notes : int
        How many both play.
    share : float
        Of the notes of the longer.
    attributes : dict of str to (float, float)
        Of the first and of the second, in the attribute's unit; NaN where the notes do not say.
        The rubato depth is that of what is neither a stop nor a slip (``humanize.styles.waits``).
    tempo_bpm : (float, float)
        Mean tempo without stops and slips of either, quarter notes a minute; of two performances
        without notation the first has about 120.
    correlation : dict of str to float
        Of velocity and, where beats are known, of tempo (log beat period) and articulation; NaN
        where one does not move.
    places : tuple of Place
        Measures that are furthest apart, stops and slips at the pace around them.
    waits : (tuple of int, tuple of int)
        Measures of the stops and slips of the first and of the second, one for each.
    notated : bool
        Whether beats were known; without, tempo is compared and not measured.
    matched : Matched
    """

    first: str
    second: str
    notes: int
    share: float
    attributes: dict[str, tuple[float, float]]
    tempo_bpm: tuple[float, float]
    correlation: dict[str, float]
    places: tuple[Place, ...]
    waits: tuple[tuple[int, ...], tuple[int, ...]]
    notated: bool
    matched: Matched

    def difference(self, name: str) -> float:
        """Return an attribute of the second less that of the first, in SDs of pianists."""
        one, two = self.attributes[name]
        return (two - one) / spread_of(STEADY_RUBATO_DEPTH if name == "rubato_depth" else name)

    def lines(self) -> list[str]:
        """Return what differs, a line each, in plain words."""
        return said(self)

    def to_json(self) -> dict[str, Any]:
        """Return everything that was found, of JSON types; null where it is not known."""
        return {
            "first": self.first,
            "second": self.second,
            "notes": self.notes,
            "share": round(self.share, 4),
            "beats_known": self.notated,
            "tempo_bpm": [_number(v) for v in self.tempo_bpm],
            "attributes": {
                name: {
                    "unit": ATTRIBUTES[name].unit,
                    "first": _number(one),
                    "second": _number(two),
                    "difference_in_sd_of_pianists": _number(self.difference(name)),
                }
                for name, (one, two) in self.attributes.items()
            },
            "correlation": {name: _number(r) for name, r in self.correlation.items()},
            "places": [
                {"measure": p.measure, "aspect": p.aspect, "difference": _number(p.difference)}
                for p in self.places
            ],
            "stops_and_slips": dict(zip(("first", "second"), map(list, self.waits), strict=True)),
        }

    def plot(self, path: str | Path | None = None) -> bytes:
        """Return a PNG of velocity, tempo and pedal of both over the bars; write it where asked.

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        OutputError
            If it cannot be written.
        """
        from humanize.reporting.comparison_plot import plot_interpretations

        one, two = self.matched.expressions()
        image = plot_interpretations(
            [one, two], [Path(self.first).name, Path(self.second).name], tempo_bpm=self.tempo_bpm
        )
        if path is not None:
            write_atomically(Path(path), image)
        return image


def compare(
    first: bytes,
    second: bytes,
    *,
    first_name: str = "first.mid",
    second_name: str = "second.mid",
    score: File | None = None,
) -> Comparison:
    """Compare two interpretations of the same notes in memory: MIDI files, ours or a pianist's.

    Raises
    ------
    InputError
        If one cannot be read, or they are not the same music.
    LimitError
        If notes differ and there are too many to find out which.
    """
    matched = match(
        read_interpretation(first, name=first_name),
        read_interpretation(second, name=second_name),
        score,
    )
    return compared_files(matched)


def compared_files(matched: Matched) -> Comparison:
    """Return how the second of two matched interpretations is, against the first."""
    one, two = matched.expressions()
    found = zip(_measured(one).values(), _measured(two).values(), strict=True)
    flowing = without_waits(one), without_waits(two)
    return Comparison(
        first=matched.first.name,
        second=matched.second.name,
        notes=len(matched.notes),
        share=matched.share,
        attributes=dict(zip(ATTRIBUTES, found, strict=True)),
        tempo_bpm=_tempi(matched, one, two),
        correlation=_correlations(*flowing, matched.notated),
        places=_places(matched, *flowing),
        waits=_waits(one, two, matched.notated),
        notated=matched.notated,
        matched=matched,
    )


def _measured(expression: Expression) -> dict[str, float]:
    return measured(expression) | {"rubato_depth": steady_rubato_depth(expression)}


def _is_tempo(expression: Expression) -> NDArray[np.bool_]:
    parameters = expression.parameters
    return is_tempo(parameters.onset_beat, parameters.log_beat_period)


def _waits(
    one: Expression, two: Expression, notated: bool
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the measures of the stops and slips of each."""
    if notated:
        return _measures(one, ~_is_tempo(one)), _measures(two, ~_is_tempo(two))
    parameters = two.parameters  # against the first, whose stops make the second hurry
    hurries = parameters.log_beat_period[:-1] < pace_around(
        parameters.onset_beat, parameters.log_beat_period
    )
    other = ~_is_tempo(two)
    return _measures(two, other & hurries), _measures(two, other & ~hurries)


def _measures(expression: Expression, chosen: NDArray[np.bool_]) -> tuple[int, ...]:
    ground = expression.ground
    return tuple(ground.notes.measure[ground.top][:-1][chosen].tolist())


def _tempi(matched: Matched, one: Expression, two: Expression) -> tuple[float, float]:
    """Return the mean tempo from the first to the last onset that both play, without waits."""
    keeps, chord = _is_tempo(one) & _is_tempo(two), one.ground.chord
    first, second = (
        np.bincount(chord, file.notes.onset_sec[rows]) / one.ground.size
        for file, rows in (
            (matched.first, matched.first_rows), (matched.second, matched.second_rows),
        )
    )  # fmt: skip
    beats = np.diff(one.parameters.onset_beat)
    if min(np.diff(sec)[keeps].sum() for sec in (first, second)) <= 0:
        keeps = np.ones(len(beats), dtype=bool)  # odd files: nothing of them is a tempo
    return _bpm(beats, first, keeps), _bpm(beats, second, keeps)


def _bpm(beats: FloatColumn, onset_sec: FloatColumn, keeps: NDArray[np.bool_]) -> float:
    lasting = float(np.diff(onset_sec)[keeps].sum())
    return 60 * float(beats[keeps].sum()) / (lasting if lasting > 0 else float(np.ptp(onset_sec)))


def _correlations(one: Expression, two: Expression, notated: bool) -> dict[str, float]:
    def pairs(name: str) -> tuple[FloatColumn, FloatColumn]:
        return getattr(one.parameters, name), getattr(two.parameters, name)

    velocity = {"velocity": _correlation(one.velocity, two.velocity)}
    if not notated:
        return velocity
    return velocity | {
        "tempo": _correlation(*(v[:-1] for v in pairs("log_beat_period"))),
        "articulation": _correlation(*pairs("log_articulation")),
    }


def _correlation(one: FloatColumn, two: FloatColumn) -> float:
    if len(one) < 3 or min(float(one.std()), float(two.std())) < _STILL:
        return np.nan
    return float(np.corrcoef(one, two)[0, 1])


def _places(matched: Matched, one: Expression, two: Expression) -> tuple[Place, ...]:
    """Return the measures that are furthest apart, in order of how far."""
    measure = matched.notes.measure
    aspects = {
        "velocity": _by_measure(measure, two.velocity - one.velocity),
        "tempo": _centred(_measure_lengths(two) - _measure_lengths(one)),
    }
    numbers = np.unique(measure).tolist()
    found = [
        (abs(value) / float(values.std()), Place(measure=number, aspect=aspect, difference=value))
        for aspect, values in aspects.items()
        for number, value in zip(numbers, values.tolist(), strict=False)
        if abs(value) > max(_STRIKING * float(values.std()), _LEAST[aspect])
    ]
    found.sort(key=lambda pair: (-pair[0], pair[1].measure))
    return tuple(place for _, place in found[:_MOST_PLACES])


def _by_measure(measure: IntColumn, difference: FloatColumn) -> FloatColumn:
    """Return the mean difference of each measure less that of the whole."""
    group = np.unique(measure, return_inverse=True)[1]
    return _centred(np.bincount(group, difference) / np.bincount(group))


def _measure_lengths(expression: Expression) -> FloatColumn:
    """Return the logarithm of how long each measure but the last is, from its first onset on."""
    ground, parameters = expression.ground, expression.parameters
    passed = np.diff(parameters.onset_beat) * np.exp(parameters.log_beat_period[:-1])
    at = np.concatenate([[0.0], np.cumsum(passed)])
    first = np.flatnonzero(starts(ground.notes.measure[ground.top]))
    return np.log(np.diff(at[first]))


def _centred(values: FloatColumn) -> FloatColumn:
    return values - values.mean() if len(values) else values


def _number(value: float) -> float | None:
    return round(value, 4) if np.isfinite(value) else None
