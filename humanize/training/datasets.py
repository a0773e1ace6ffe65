"""Corpus pieces to training sequences: features, variants, targets, weights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from humanize.corpus.markings import level_only
from humanize.corpus.performed import mean_performed, performed_values
from humanize.corpus.pieces import Performance, Piece
from humanize.expression import VELOCITY, Target
from humanize.features import FeatureTable, all_features, feature_table
from humanize.midi.pedals import fewer_pedals
from humanize.models.base import Condition, Head
from humanize.models.fitting.losses import Loss
from humanize.models.fitting.training_set import TrainingSequence, TrainingSet, every_variant
from humanize.notes import FloatColumn, IntColumn, NoteTable, starts
from humanize.training.columns import OPTIONAL_FAMILIES, columns_of

_TEMPO_SPREAD = 0.4  # natural logarithm: tempi from 0.67 to 1.5 times the written one
_KEYS = 6  # semitones up or down: all twelve keys


@dataclass(frozen=True, kw_only=True)
class Reference:
    """What one pianist did, to compare a prediction with.

    Attributes
    ----------
    rows : (m,) IntColumn
        Rows of the piece's note table, in no order.
    values : (m,) FloatColumn
        In the unit of the target.
    robust : bool
        Whether the alignment is good enough for figures.
    """

    rows: IntColumn
    values: FloatColumn
    robust: bool


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A piece with its training sequence.

    Attributes
    ----------
    piece : Piece
    sequence : TrainingSequence
    names : tuple of str
        The columns of the sequence.
    references : tuple of Reference
        One for each performance that has the target.
    """

    piece: Piece
    sequence: TrainingSequence
    names: tuple[str, ...]
    references: tuple[Reference, ...]


def prepare(
    pieces: Sequence[Piece],
    *,
    condition: Condition,
    target: Target = VELOCITY,
    names: Sequence[str] | None = None,
    variants: int = 4,
    seed: int = 0,
    workers: int = 1,
) -> list[Prepared]:
    """Compute the features of every piece that somebody played.

    Parameters
    ----------
    pieces : sequence of Piece
    condition : "flat", "marked" or "performed"
    target : Target
    names : sequence of str, optional
        The columns to compute, in the order of the feature table; by default all that the
        condition has for the target.
    variants : int
        How often each piece is read: as written, at 120 quarter notes a minute, then at drawn
        tempi and in drawn keys.
    seed : int
    workers : int
        Processes.
    """
    played = [piece for piece in pieces if piece.performances]
    work = partial(
        _prepare_one,
        condition=condition,
        target=target,
        names=columns_of(condition, target) if names is None else tuple(names),
        variants=variants,
        seed=seed,
    )
    if workers == 1:
        return [work(pair) for pair in enumerate(played)]
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(work, enumerate(played), chunksize=4))


def with_target(prepared: Prepared, target: Target) -> Prepared:
    """Return a piece with another target for the same columns."""
    mean, weight = _target_and_weight(prepared.piece, target)
    sequence = replace(prepared.sequence, target=mean, weight=weight)
    references = tuple(_references(prepared.piece, target))
    return replace(prepared, sequence=sequence, references=references)


def with_one_block(prepared: Sequence[Prepared]) -> list[Prepared]:
    """Return pieces with one optional block each, in turn: a piece is read twice, not thrice."""
    made = []
    for number, piece in enumerate(prepared):
        blocks = piece.sequence.optional_blocks
        chosen = blocks[number % len(blocks) :][:1] if blocks else ()
        made.append(replace(piece, sequence=replace(piece.sequence, optional_blocks=chosen)))
    return made


def training_set(
    prepared: Sequence[Prepared], condition: Condition, loss: Loss = "squared"
) -> TrainingSet:
    """Return the set that trainers read; all pieces have the same columns."""
    names = prepared[0].names if prepared else ()
    return TrainingSet(
        feature_names=names,
        sequences=[p.sequence for p in prepared],
        optional_columns=_optional_columns(condition, names),
        categories={f.name: f.categories for f in all_features() if f.categories},
        loss=loss,
    )


def _optional_columns(condition: Condition, names: Sequence[str]) -> NDArray[np.int64]:
    optional = set(_optional_names(condition, names))
    found = [i for i, name in enumerate(names) if name in optional]
    return np.array(found, dtype=np.int64)


def _optional_names(condition: Condition, names: Sequence[str]) -> list[str]:
    families = OPTIONAL_FAMILIES[condition]
    return [f.name for f in all_features() if f.family in families and f.name in set(names)]


def distilled(prepared: Prepared, teacher: Head, condition: Condition) -> list[Prepared]:
    """Return each variant of a piece with the teacher's prediction of that very variant as target.

    Every note is a target. Where a piece has optional blocks, the notes as written come once more
    with each of them: the student learns what the teacher does without markings or pedals.
    """
    optional = _optional_columns(condition, prepared.names)
    variants = every_variant(prepared.sequence, optional)
    return [_distilled_one(prepared, values, teacher) for values in variants]


def _distilled_one(prepared: Prepared, values: NDArray[np.float32], teacher: Head) -> Prepared:
    target = teacher.standardised(FeatureTable(prepared.names, values)).astype(np.float32)
    weight = np.full(len(target), 1 / np.sqrt(len(target)), dtype=np.float32)
    sequence = replace(
        prepared.sequence, variants=[values], target=target, weight=weight, optional_blocks=()
    )
    return replace(prepared, sequence=sequence)


def _prepare_one(
    numbered: tuple[int, Piece],
    *,
    condition: Condition,
    target: Target,
    names: tuple[str, ...],
    variants: int,
    seed: int,
) -> Prepared:
    number, piece = numbered
    generator = np.random.default_rng([seed, number])
    tables = [_variant(piece.notes, i, condition, generator) for i in range(variants)]
    mean, weight = _target_and_weight(piece, target)
    sequence = TrainingSequence(
        composition=piece.composition,
        variants=[feature_table(table, names).values for table in tables],
        target=mean,
        weight=weight,
        optional_blocks=_optional_blocks(piece.notes, condition, names),
    )
    references = tuple(_references(piece, target))
    return Prepared(piece=piece, sequence=sequence, names=names, references=references)


def _target_and_weight(
    piece: Piece, target: Target
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return what is learnt of each note, and how much each counts; an onset counts as one."""
    mean, pianists = mean_performed(piece, target)
    known = pianists > 0
    weight = np.sqrt(pianists) / np.sqrt(max(int(known.sum()), 1))
    if target.scope == "onset":
        group = np.cumsum(starts(piece.notes.onset_beat)) - 1
        weight = weight / np.bincount(group)[group]
    return np.nan_to_num(mean).astype(np.float32), weight.astype(np.float32)


def _references(piece: Piece, target: Target) -> Iterable[Reference]:
    for performance in piece.performances:
        rows, values = _known(piece, performance, target)
        yield Reference(rows=rows, values=values, robust=performance.robust)


def _known(piece: Piece, performance: Performance, target: Target) -> tuple[IntColumn, FloatColumn]:
    if target == VELOCITY:
        return performance.rows, performance.velocity
    values = performed_values(piece, performance, target)
    chosen = np.isfinite(values)
    if target.scope == "onset":
        chosen &= starts(piece.notes.onset_beat)
    return np.flatnonzero(chosen), values[chosen]


def _variant(
    notes: NoteTable, number: int, condition: Condition, generator: np.random.Generator
) -> NoteTable:
    """Return the notes as written (0), at 120 quarter notes a minute (1), or drawn (2 and up)."""
    if number == 0:
        return notes
    if number == 1 and condition != "performed":
        onset, duration = notes.onset_beat * 0.5, notes.duration_beat * 0.5
        return replace(notes, onset_sec=onset, duration_sec=duration)
    factor = float(np.exp(generator.uniform(-_TEMPO_SPREAD, _TEMPO_SPREAD)))
    if condition == "performed":
        factor = factor**0.5
    pitch = notes.pitch + int(generator.integers(-_KEYS, _KEYS + 1))
    if pitch.min() < 0 or pitch.max() > 127:
        pitch = notes.pitch
    onset, duration = notes.onset_sec * factor, notes.duration_sec * factor
    return replace(notes, onset_sec=onset, duration_sec=duration, pitch=pitch)


def _optional_blocks(
    notes: NoteTable, condition: Condition, names: Sequence[str]
) -> list[NDArray[np.float32]]:
    """Return the optional columns with less in them: what many files of users have."""
    optional = _optional_names(condition, names)
    kept: list[NoteTable] = []
    if condition == "marked" and optional:
        kept = [replace(notes, markings={}), level_only(notes)]
    elif condition == "performed" and optional:
        kept = [replace(notes, pedals=pedals) for pedals in fewer_pedals(notes.pedals)]
    return [feature_table(table, optional).values for table in kept]
