"""From predicted to written velocity: contrast, mean, strength, range, and which notes change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from humanize.notes import FloatColumn, IntColumn, NoteTable, distinct
from humanize.options import (
    CHANNELS,
    CONTRAST,
    MEAN,
    MEASURES,
    PITCHES,
    RANGE,
    STRENGTH,
    VELOCITIES,
)
from humanize.options.numbers import HIGHEST, LOWEST
from humanize.options.selections import track_numbers


def round_velocity(velocity: FloatColumn, low: int = LOWEST, high: int = HIGHEST) -> IntColumn:
    """Return whole velocities between two bounds: the one rule of rounding; a half rounds up."""
    # + 1e-9: a half rounds up whatever its last float digit
    return np.clip(np.floor(velocity + 0.5 + 1e-9), low, high).astype(np.int64)


@dataclass(frozen=True, kw_only=True)
class Shaping:
    """How predictions become velocities.

    Attributes
    ----------
    strength : float
        0 leaves each note as it came, 1 gives it the model's velocity.
    mean : float, "keep", "model" or None
        Mean velocity that the predictions are moved to, 1-127; "keep" leaves each group of notes
        its own, "model" and None the model's.
    contrast : float
        Factor on the distance from the mean: 0 is flat, 1 the model's, 2 twice as wide.
    range : (int, int)
        Lowest and highest velocity written.
    """

    strength: float = 1.0
    mean: float | str | None = None
    contrast: float = 1.0
    range: tuple[int, int] = (LOWEST, HIGHEST)

    def __post_init__(self) -> None:
        STRENGTH.checked(self.strength)
        MEAN.checked(self.mean)
        CONTRAST.checked(self.contrast)
        RANGE.checked(self.range)

    def apply(
        self,
        predicted: FloatColumn,
        original: IntColumn,
        *,
        strength: FloatColumn | None = None,
        groups: IntColumn | None = None,
        louder: float = 0.0,
    ) -> IntColumn:
        """Return velocities from 1 to 127; notes without a prediction (NaN) stay as they came.

        Parameters
        ----------
        predicted : (n,) FloatColumn
        original : (n,) IntColumn
        strength : (n,) FloatColumn, optional
            Of each note, instead of one for all.
        groups : (n,) IntColumn, optional
            Notes of one number keep their mean together.
        louder : float
            What is added to the means that are kept.
        """
        known = np.isfinite(predicted)
        amount = np.full(len(predicted), self.strength) if strength is None else strength
        if not known.any() or not amount[known].any():
            return original.copy()
        if groups is None:
            wanted = self._at_mean(predicted[known])
        else:
            kept = np.asarray(original[known] + louder, dtype=np.float64)
            wanted = self._at_own_means(predicted[known], kept, groups[known])
        mixed = original[known] + amount[known] * (wanted - original[known])
        shaped = original.copy()
        shaped[known] = round_velocity(mixed, *self.range)
        return shaped

    def _at_mean(self, predicted: FloatColumn) -> FloatColumn:
        middle = float(predicted.mean())
        target = middle if self.mean is None or isinstance(self.mean, str) else self.mean
        return np.asarray(target + self.contrast * (predicted - middle))

    def _at_own_means(
        self, predicted: FloatColumn, original: FloatColumn, groups: IntColumn
    ) -> FloatColumn:
        wanted = np.empty(len(predicted))
        for group in distinct(groups):
            rows = groups == group
            wanted[rows] = self._around(float(original[rows].mean()), predicted[rows])
        return wanted

    def _around(self, mean: float, predicted: FloatColumn) -> FloatColumn:
        """Return a shape around a mean, narrowed where it would leave the range."""
        low, high = self.range
        away = self.contrast * (predicted - predicted.mean())
        above, below = max(high - mean, 1e-9), max(mean - low, 1e-9)
        needed = max(float(away.max()) / above, float(-away.min()) / below)
        return np.asarray(mean + away / max(needed, 1.0))


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which notes are written; every note is heard all the same.

    Attributes
    ----------
    tracks : sequence of int or str, or None
        1-based numbers or names.
    channels : sequence of int, or None
        1-16.
    measures : str or None
        Such as ``"5-12"``, ``"5"``, ``"9-"`` or ``"1-4,9-12"``.
    pitches, velocities : str, (int, int) or None
        Such as ``"36-84"``; velocities as they came.
    """

    tracks: Sequence[int | str] | None = None
    channels: Sequence[int] | None = None
    measures: str | None = None
    pitches: str | tuple[int, int] | None = None
    velocities: str | tuple[int, int] | None = None

    def mask(
        self,
        notes: NoteTable,
        track_names: Sequence[str],
        measures: Callable[[str], NDArray[np.bool_]] | None = None,
    ) -> NDArray[np.bool_]:
        """Return which notes are selected.

        Parameters
        ----------
        notes : NoteTable
        track_names : sequence of str
        measures : callable, optional
            Which notes a text of measures means, where they have printed numbers.

        Raises
        ------
        OptionError
            For a track or channel that is not there, or measures that cannot be read.
        """
        chosen = np.ones(len(notes), dtype=bool)
        if self.tracks is not None:
            chosen &= np.isin(notes.track, track_numbers(self.tracks, track_names))
        if self.channels is not None:
            chosen &= np.isin(notes.channel, list(CHANNELS.checked(self.channels) or ()))
        if self.measures is not None and measures is not None:
            chosen &= measures(self.measures)
        elif self.measures is not None:
            spans = MEASURES.spans(self.measures)
            chosen &= np.any(
                [(notes.measure >= a) & (notes.measure <= b) for a, b in spans], axis=0
            )
        for option, asked, column in (
            (PITCHES, self.pitches, notes.pitch),
            (VELOCITIES, self.velocities, notes.velocity),
        ):
            span = option.checked(asked)
            if span is not None:
                chosen &= (column >= span[0]) & (column <= span[1])
        return chosen
