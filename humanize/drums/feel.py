"""Feels: how a drummer departs from what the model expects, by drum and place in the measure.

A feel is taken from a performance, or from all takes of a style, and added to what the model
predicts for other music. A performance is compared with what the model expects of it, a style with
all takes of the corpus. What is known of a place leans on what is known of the drum, and that on
what is known of the whole, the more the fewer hits tell it (shrinkage towards the mean; Efron &
Morris, Scientific American 236, 1977).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from humanize.drums.hits import TICKS, DrumHits
from humanize.drums.kit import DRUM_NAMES
from humanize.errors import InputError
from humanize.notes import FloatColumn, IntColumn

FORMAT = "humanize feel 1"

LEANING = {"velocity": (20.0, 5.0, 3.0), "lag_ms": (20.0, 15.0, 3.0)}
"""Hits that what is expected counts for: of the whole, of a drum, of a place. Chosen on the
validation split of the Groove corpus."""

_LONGEST = 64 * TICKS  # of a measure
_MOST_PLACES = 20_000
_BOUNDS = {"velocity": 127.0, "lag_ms": 500.0, "mean_velocity": 127.0, "mean_lag_ms": 500.0}


@dataclass(frozen=True, kw_only=True)
class Feel:
    """Departures from the model by drum and place; a row per place.

    Attributes
    ----------
    drum, position, count : (n,) IntColumn
        Drum, place in the measure (24 to a quarter note), hits there.
    departure : mapping of str to (n,) FloatColumn
        Mean of velocity and of lag_ms less what the model expects.
    mean : mapping of str to (n,) FloatColumn
        Mean velocity and lag_ms themselves, for people.
    swing : float
        Where an eighth off the beat stands within the beat, 0.5 to 0.75.
    """

    drum: IntColumn
    position: IntColumn
    count: IntColumn
    departure: Mapping[str, FloatColumn]
    mean: Mapping[str, FloatColumn]
    swing: float = 0.5

    def expected(self, target: str, drum: IntColumn, position: IntColumn) -> FloatColumn:
        """Return the departure to add to each hit: of its place, its drum and the whole.

        Parameters
        ----------
        target : "velocity" or "lag_ms"
        drum, position : (m,) IntColumn
        """
        lean_all, lean_drum, lean_place = LEANING[target]
        own, count = self.departure[target], self.count.astype(np.float64)
        whole = float(np.sum(own * count) / (count.sum() + lean_all))
        drums = len(DRUM_NAMES)
        total = np.bincount(self.drum, count * (own - whole), minlength=drums)
        by_drum = total / (np.bincount(self.drum, count, minlength=drums) + lean_drum)
        rest = count * (own - whole - by_drum[self.drum]) / (count + lean_place)
        places = dict(zip(zip(self.drum.tolist(), self.position.tolist(), strict=True),
                          rest.tolist(), strict=True))  # fmt: skip
        there = [places.get(key, 0.0) for key in zip(drum.tolist(), position.tolist(), strict=True)]
        return np.asarray(whole + by_drum[drum] + np.array(there, dtype=np.float64))

    def lag_at(self, position: IntColumn) -> FloatColumn:
        """Return how late (ms) all drums together are at places in the measure.

        Parameters
        ----------
        position : (m,) IntColumn
            24 to a quarter note.
        """
        lean_all, lean_place, _ = LEANING["lag_ms"]
        own, count = self.mean["lag_ms"], self.count.astype(np.float64)
        whole = float(np.sum(own * count) / (count.sum() + lean_all))
        size = int(max(self.position.max(), position.max(initial=0))) + 1
        total = np.bincount(self.position, count * (own - whole), minlength=size)
        rest = total / (np.bincount(self.position, count, minlength=size) + lean_place)
        return np.asarray(whole + rest[position])

    def frequent(self, least: int) -> Feel:
        """Return the feel without places that have fewer hits."""
        rows = self.count >= least
        return Feel(
            drum=self.drum[rows], position=self.position[rows], count=self.count[rows],
            departure={name: column[rows] for name, column in self.departure.items()},
            mean={name: column[rows] for name, column in self.mean.items()},
            swing=self.swing,
        )  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """Return what a file of a feel holds."""
        columns = {
            "count": self.count, "position": self.position, **self.departure,
            **{f"mean_{name}": column for name, column in self.mean.items()},
        }  # fmt: skip
        return {
            "format": FORMAT,
            "swing": round(self.swing, 4),
            "drum": [DRUM_NAMES[d] for d in self.drum.tolist()],
            **{name: np.round(column, 2).tolist() for name, column in columns.items()},
        }


def feel_of(parts: Iterable[tuple[DrumHits, Mapping[str, FloatColumn]]]) -> Feel:
    """Return the feel of one or several performances.

    Parameters
    ----------
    parts : iterable of (DrumHits, mapping)
        Hits as they were played, and what the model expects of them.
    """
    known = list(parts)
    hits = [own for own, _ in known]
    drum = np.concatenate([own.drum for own in hits])
    position = np.concatenate([own.position for own in hits])
    played = {
        "velocity": np.concatenate([own.velocity for own in hits]).astype(np.float64),
        "lag_ms": np.concatenate([own.lag_ms for own in hits]),
    }
    places, which = np.unique(drum * _LONGEST + position, return_inverse=True)
    count = np.bincount(which)
    mean = {
        name: _bounded(name, np.bincount(which, column) / count) for name, column in played.items()
    }
    expected = {name: np.concatenate([p[name] for _, p in known]) for name in played}
    departure = {
        name: _bounded(name, mean[name] - np.bincount(which, expected[name]) / count)
        for name in played
    }
    return Feel(
        drum=places // _LONGEST, position=places % _LONGEST, count=count,
        departure=departure, mean=mean, swing=swing_of(hits),
    )  # fmt: skip


def _bounded(target: str, column: FloatColumn) -> FloatColumn:
    """Return what a feel may hold: off a slow grid a hit can be seconds."""
    return np.asarray(np.clip(column, -_BOUNDS[target], _BOUNDS[target]))


def swing_of(hits: Iterable[DrumHits]) -> float:
    """Return where the eighth off the beat stands within its beat, the median; 0.5 without one.

    In triplets the last of three stands for it.
    """
    places: list[FloatColumn] = []
    for own in hits:
        in_beat = own.position % TICKS
        late = np.where(own.steps == 6, in_beat == 2 * TICKS // 3, in_beat == TICKS // 2)
        shift = own.lag_ms / (own.beat_sec * 1000)
        places.append((in_beat / TICKS + shift)[late & ~own.again])
    found = np.concatenate([np.zeros(0), *places])
    return float(np.clip(np.median(found), 0.5, 0.75)) if len(found) else 0.5


def read_feel(content: bytes, *, name: str) -> Feel:
    """Read a feel that ``Feel.to_json`` has written.

    Raises
    ------
    InputError
        If the file holds something else.
    """
    try:
        found = json.loads(content)
        if found["format"] == FORMAT:
            return feel_from_json(found)
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
        pass
    raise InputError(
        f"{name}: not a feel; expected a MIDI file with drums, or JSON that "
        "'humanize groove extract' has written"
    )


def feel_from_json(found: Mapping[str, Any]) -> Feel:
    """Return the feel that a JSON value describes.

    Raises
    ------
    ValueError, KeyError, TypeError
        If it is none.
    """
    drum = np.array([DRUM_NAMES.index(word) for word in found["drum"]], dtype=np.int64)
    position, count = (np.array(found[n], dtype=np.int64) for n in ("position", "count"))
    columns = {name: np.array(found[name], dtype=np.float64) for name in _BOUNDS}
    everything = [position, count, *columns.values()]
    swing = float(found["swing"])
    fits = (
        0 < len(drum) <= _MOST_PLACES
        and all(own.shape == drum.shape for own in everything)
        and (position >= 0).all() and (position < _LONGEST).all() and (count > 0).all()
        and all((np.abs(columns[n]) <= most).all() for n, most in _BOUNDS.items())
        and 0.5 <= swing <= 0.75
    )  # fmt: skip
    if not fits:
        raise ValueError("no feel")
    return Feel(
        drum=drum, position=position, count=count, swing=swing,
        departure={n: columns[n] for n in ("velocity", "lag_ms")},
        mean={n: columns[f"mean_{n}"] for n in ("velocity", "lag_ms")},
    )  # fmt: skip
