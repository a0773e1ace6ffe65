"""What every trainer reads: sequences of feature rows with targets and weights."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .losses import Loss

Values = NDArray[np.float32]
Batch = tuple[Values, Values, Values]


@dataclass(frozen=True, kw_only=True)
class TrainingSequence:
    """One piece, or one performance.

    Attributes
    ----------
    composition : str
        Never on both sides of a split.
    variants : sequence of (n, n_features) float32 arrays
        The same notes as written, at other tempi, in other keys; one is drawn for each window.
    optional_blocks : sequence of (n, n_optional) float32 arrays
        What may stand in the optional columns besides what ``variants`` hold there: of markings
        the level alone, of pedals the damper alone, or nothing.
    target : (n,) float32 array
        What is to be predicted, standardised; anything where the weight is 0.
    weight : (n,) float32 array
    """

    composition: str
    variants: Sequence[Values]
    target: Values
    weight: Values
    optional_blocks: Sequence[Values] = ()


@dataclass(frozen=True, kw_only=True)
class TrainingSet:
    """Sequences over the same columns.

    Attributes
    ----------
    feature_names : tuple of str
    sequences : sequence of TrainingSequence
    optional_columns : IntColumn
        Which columns the ``optional_blocks`` replace.
    categories : mapping of str to int
        Number of categories of the categorical columns.
    loss : "squared" or "logistic"
        Of a quantity, or of an event whose log odds are predicted.
    """

    feature_names: tuple[str, ...]
    sequences: Sequence[TrainingSequence]
    optional_columns: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    categories: dict[str, int] = field(default_factory=dict)
    loss: Loss = "squared"

    def without(self, compositions: set[str]) -> TrainingSet:
        """Return the set without these compositions."""
        kept = [s for s in self.sequences if s.composition not in compositions]
        return replace(self, sequences=kept)

    def centre_and_scale(self) -> tuple[Values, Values]:
        """Return the mean and standard deviation of each column, missing values left out."""
        total, squares, count = (np.zeros(len(self.feature_names)) for _ in range(3))
        for sequence in self.sequences:
            values = sequence.variants[0].astype(np.float64)
            known = np.isfinite(values)
            filled = np.where(known, values, 0.0)
            total += filled.sum(axis=0)
            squares += (filled**2).sum(axis=0)
            count += known.sum(axis=0)
        count = np.maximum(count, 1)
        centre = total / count
        scale = np.sqrt(np.maximum(squares / count - centre**2, 0)) + 1e-3
        return centre.astype(np.float32), scale.astype(np.float32)

    def window_count(self, length: int) -> int:
        """Return the most windows that one pass can have."""
        return sum(-(-len(s.target) // length) + 1 for s in self.sequences)

    def windows(self, length: int, generator: np.random.Generator) -> list[tuple[int, int, int]]:
        """Return (sequence, first, last) of every window of one pass, shuffled."""
        found = []
        for index, sequence in enumerate(self.sequences):
            count = len(sequence.target)
            for start in range(-int(generator.integers(0, length)), count, length):
                first, last = max(start, 0), min(start + length, count)
                if last - first >= min(16, count):
                    found.append((index, first, last))
        order = generator.permutation(len(found))
        return [found[i] for i in order]

    def batch(
        self, windows: list[tuple[int, int, int]], length: int, generator: np.random.Generator
    ) -> Batch:
        """Return values, targets and weights of these windows, padded with weight 0."""
        values = np.zeros((len(windows), length, len(self.feature_names)), dtype=np.float32)
        target = np.zeros((len(windows), length), dtype=np.float32)
        weight = np.zeros((len(windows), length), dtype=np.float32)
        for row, (index, first, last) in enumerate(windows):
            sequence, span = self.sequences[index], slice(0, last - first)
            variant = int(generator.integers(len(sequence.variants)))
            values[row, span] = sequence.variants[variant][first:last]
            block = int(generator.integers(len(sequence.optional_blocks) + 1))
            if block:
                marked = sequence.optional_blocks[block - 1][first:last]
                values[row][: last - first, self.optional_columns] = marked
            target[row, span] = sequence.target[first:last]
            weight[row, span] = sequence.weight[first:last]
        return values, target, weight

    def variant_rows(self, variants: int | None = None) -> list[VariantRows]:
        """Return every sequence as often as it is read, variant after variant.

        Where a sequence has optional blocks, each block is one more variant of the notes as
        written.
        """
        return [
            VariantRows(sequence, values, block, self.optional_columns)
            for sequence in self.sequences
            for values, block in _ways(sequence, variants)
        ]

    def rows(self, variants: int | None = None) -> Batch:
        """Return values, targets and weights of every weighted note of ``variant_rows``."""
        read = self.variant_rows(variants)
        return values_of(read), *targets_of(read)


class VariantRows:
    """The weighted notes of a sequence in one variant, put together when asked for.

    Parameters
    ----------
    sequence : TrainingSequence
    values : (n, n_features) float32 array
    block : (n, n_optional) float32 array, optional
        What stands in the optional columns instead.
    optional_columns : IntColumn
    """

    def __init__(
        self,
        sequence: TrainingSequence,
        values: Values,
        block: Values | None,
        optional_columns: NDArray[np.int64],
    ) -> None:
        self._values, self._block, self._columns = values, block, optional_columns
        self._rows = np.flatnonzero(sequence.weight > 0)
        self._sequence = sequence

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def columns(self) -> int:
        """How many features a note has."""
        return int(self._values.shape[1])

    def drawn(self, share: float, generator: np.random.Generator) -> VariantRows:
        """Return this share of the weighted notes, drawn; all of them, and no draw, at 1."""
        if share >= 1:
            return self
        kept = copy(self)
        kept._rows = self._rows[generator.random(len(self._rows)) < share]
        return kept

    def values_at(self, which: Any) -> Values:
        """Return the values of the chosen weighted notes."""
        rows = self._rows[which]
        block = None if self._block is None else self._block[rows]
        return _with_block(self._values[rows], block, self._columns)

    def target(self) -> Values:
        """Return the target of every weighted note."""
        return self._sequence.target[self._rows]

    def weight(self) -> Values:
        """Return the weight of every weighted note."""
        return self._sequence.weight[self._rows]


def values_of(variants: Sequence[VariantRows]) -> Values:
    """Return the values of the weighted notes of all variants, (n, n_features).

    They may be gigabytes: written once, in their place.
    """
    columns = variants[0].columns if variants else 0
    values = np.empty((sum(map(len, variants)), columns), dtype=np.float32)
    first = 0
    for rows in variants:
        values[first : first + len(rows)] = rows.values_at(slice(None))
        first += len(rows)
    return values


def targets_of(variants: Sequence[VariantRows]) -> tuple[Values, Values]:
    """Return the targets and the weights of the weighted notes of all variants."""
    target = np.concatenate([rows.target() for rows in variants])
    return target, np.concatenate([rows.weight() for rows in variants])


def every_variant(sequence: TrainingSequence, optional_columns: NDArray[np.int64]) -> list[Values]:
    """Return the variants of a sequence, and the notes as written with each block."""
    ways = _ways(sequence)
    return [_with_block(values, block, optional_columns) for values, block in ways]


def _ways(
    sequence: TrainingSequence, variants: int | None = None
) -> list[tuple[Values, Values | None]]:
    """Return values, and the block that stands in their optional columns, if any does."""
    return [
        *((values, None) for values in sequence.variants[:variants]),
        *((sequence.variants[0], block) for block in sequence.optional_blocks),
    ]


def _with_block(values: Values, block: Values | None, columns: NDArray[np.int64]) -> Values:
    if block is None:
        return values
    replaced = values.copy()
    replaced[..., columns] = block
    return replaced
