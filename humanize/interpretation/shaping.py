"""From predicted to written velocity: contrast, mean, strength, range, and which notes change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from humanize.errors import OptionError
from humanize.notes import FloatColumn, IntColumn, NoteTable

LOWEST, HIGHEST = 1, 127
_LONGEST_NUMBER = 9  # digits


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
        low, high = self.range
        _require(0 <= self.strength <= 1, "strength", self.strength, "a number from 0 to 1")
        _require(0 <= self.contrast <= 10, "contrast", self.contrast, "a number from 0 to 10")
        _require(LOWEST <= low <= high <= HIGHEST, "range", f"{low} {high}", "1 <= LO <= HI <= 127")
        if self.mean is not None:
            _require(LOWEST <= self.mean <= HIGHEST, "mean", self.mean, "a number from 1 to 127")

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
        # + 1e-9: a half rounds up whatever its last float digit
        shaped[heard] = np.clip(np.floor(mixed + 0.5 + 1e-9), *self.range).astype(np.int64)
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
            for channel in self.channels:
                _require(1 <= channel <= 16, "channels", channel, "numbers from 1 to 16")
            chosen &= np.isin(notes.channel, list(self.channels))
        if self.measures is not None:
            spans = measure_spans(self.measures)
            chosen &= np.any(
                [(notes.measure >= a) & (notes.measure <= b) for a, b in spans], axis=0
            )
        return chosen


def measure_spans(text: str) -> list[tuple[int, int]]:
    """Return first and last measure of each span in ``"1-4,9-"``.

    Raises
    ------
    OptionError
        If a span is not a number or two numbers in order.
    """
    spans = []
    for part in text.split(","):
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        numbers = (first, last or "1")
        if not all(n.isdecimal() and len(n) <= _LONGEST_NUMBER for n in numbers):
            found = text if len(text) < 40 else f"{text[:40]}…"
            raise OptionError(f"measures {found!r} found; expected such as 5-12, 5, 9- or 1-4,9-12")
        low = int(first)
        high = int(last) if last else (2**31 if dash else low)
        _require(
            1 <= low <= high, "measures", part.strip(), "a first measure from 1, then the last"
        )
        spans.append((low, high))
    return spans


def _is_number(entry: int | str) -> bool:
    return str(entry).isdecimal() and len(str(entry)) <= _LONGEST_NUMBER


def _track_numbers(wanted: Sequence[int | str], names: Sequence[str]) -> list[int]:
    numbers: list[int] = []
    for entry in wanted:
        same = [i for i, name in enumerate(names, start=1) if name and name == entry]
        if same:
            numbers += same
        elif _is_number(entry) and 1 <= int(entry) <= len(names):
            numbers.append(int(entry))
        else:
            known = ", ".join(f"{i} {name}".strip() for i, name in enumerate(names, start=1))
            raise OptionError(f"tracks: {entry!r} found; expected a number or name of: {known}")
    return numbers


def _require(holds: bool, option: str, found: object, expected: str) -> None:
    if not holds:
        raise OptionError(f"{option}: {found} found; expected {expected}")
