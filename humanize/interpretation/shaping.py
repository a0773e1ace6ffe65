"""From predicted to written velocity: contrast, mean, strength, range, and which notes change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from humanize.errors import OptionError
from humanize.notes import FloatColumn, IntColumn, NoteTable
from humanize.option import HIGHEST, LOWEST, is_number
from humanize.options import CHANNELS, CONTRAST, MEAN, MEASURES, RANGE, STRENGTH


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
    mean : float or None
        Mean velocity that the predictions are moved to, 1-127; None keeps the model's.
    contrast : float
        Factor on the distance from the mean: 0 is flat, 1 the model's, 2 twice as wide.
    range : (int, int)
        Lowest and highest velocity written.
    """

    strength: float = 1.0
    mean: float | None = None
    contrast: float = 1.0
    range: tuple[int, int] = (LOWEST, HIGHEST)

    def __post_init__(self) -> None:
        STRENGTH.checked(self.strength)
        MEAN.checked(self.mean)
        CONTRAST.checked(self.contrast)
        RANGE.checked(self.range)

    def apply(self, predicted: FloatColumn, original: IntColumn) -> IntColumn:
        """Return velocities from 1 to 127; notes without a prediction (NaN) stay as they came."""
        heard = np.isfinite(predicted)
        if self.strength == 0 or not heard.any():
            return original.copy()
        middle = float(predicted[heard].mean())
        target = middle if self.mean is None else self.mean
        wanted = target + self.contrast * (predicted[heard] - middle)
        mixed = original[heard] + self.strength * (wanted - original[heard])
        shaped = original.copy()
        shaped[heard] = round_velocity(mixed, *self.range)
        return shaped


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
    """

    tracks: Sequence[int | str] | None = None
    channels: Sequence[int] | None = None
    measures: str | None = None

    def mask(self, notes: NoteTable, track_names: Sequence[str]) -> NDArray[np.bool_]:
        """Return which notes are selected.

        Raises
        ------
        OptionError
            For a track or channel that is not there, or measures that cannot be read.
        """
        chosen = np.ones(len(notes), dtype=bool)
        if self.tracks is not None:
            chosen &= np.isin(notes.track, _track_numbers(self.tracks, track_names))
        if self.channels is not None:
            chosen &= np.isin(notes.channel, list(CHANNELS.checked(self.channels) or ()))
        if self.measures is not None:
            spans = MEASURES.spans(self.measures)
            chosen &= np.any(
                [(notes.measure >= a) & (notes.measure <= b) for a, b in spans], axis=0
            )
        return chosen


def _track_numbers(wanted: Sequence[int | str], names: Sequence[str]) -> list[int]:
    numbers: list[int] = []
    for entry in wanted:
        same = [i for i, name in enumerate(names, start=1) if name and name == entry]
        if same:
            numbers += same
        elif is_number(entry) and 1 <= int(entry) <= len(names):
            numbers.append(int(entry))
        else:
            known = ", ".join(f"{i} {name}".strip() for i, name in enumerate(names, start=1))
            raise OptionError(f"tracks: {entry!r} found; expected a number or name of: {known}")
    return numbers
