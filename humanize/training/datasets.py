"""Corpus pieces to training sequences: features, variants, targets, weights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from humanize.corpus.markings import level_only
from humanize.corpus.pieces import Piece
from humanize.features import FeatureTable, all_features, feature_table
from humanize.midi.pedals import fewer_pedals
from humanize.models.base import Condition, Model
from humanize.models.fitting.training_set import TrainingSequence, TrainingSet, every_variant
from humanize.notes import NoteTable

_TEMPO_SPREAD = 0.4  # natural logarithm: tempi from 0.67 to 1.5 times the written one
_KEYS = 6  # semitones up or down: all twelve keys
_OPTIONAL_FAMILY = {"flat": "", "marked": "markings", "performed": "pedals"}
_FOREIGN_FAMILIES = {
    "flat": {"markings", "pedals", "touch"},
    "marked": {"pedals", "touch"},
    "performed": {"markings"},
}


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A piece with its training sequence.

    Attributes
    ----------
    piece : Piece
    sequence : TrainingSequence
    """

    piece: Piece
    sequence: TrainingSequence


def columns_of(condition: Condition) -> tuple[str, ...]:
    """Return the names of the features that a condition has."""
    foreign = _FOREIGN_FAMILIES[condition]
    return tuple(f.name for f in all_features() if f.family not in foreign)


def prepare(
    pieces: Sequence[Piece],
    *,
    condition: Condition,
    variants: int = 4,
    seed: int = 0,
    workers: int = 1,
) -> list[Prepared]:
    """Compute the features of every piece that somebody played.

    Parameters
    ----------
    pieces : sequence of Piece
    condition : "flat", "marked" or "performed"
    variants : int
        How often each piece is heard: as written, at 120 quarter notes a minute, then at drawn
        tempi and in drawn keys.
    seed : int
    workers : int
        Processes.
    """
    played = [piece for piece in pieces if piece.performances]
    work = partial(_prepare_one, condition=condition, variants=variants, seed=seed)
    if workers == 1:
        return [work(pair) for pair in enumerate(played)]
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(work, enumerate(played), chunksize=4))


def training_set(prepared: Iterable[Prepared], condition: Condition) -> TrainingSet:
    """Return the set that trainers read."""
    return TrainingSet(
        feature_names=columns_of(condition),
        sequences=[p.sequence for p in prepared],
        optional_columns=_optional_columns(condition),
        categories={f.name: f.categories for f in all_features() if f.categories},
    )


def _optional_columns(condition: Condition) -> NDArray[np.int64]:
    optional = set(_optional_names(condition))
    found = [i for i, name in enumerate(columns_of(condition)) if name in optional]
    return np.array(found, dtype=np.int64)


def _optional_names(condition: Condition) -> list[str]:
    return [f.name for f in all_features() if f.family == _OPTIONAL_FAMILY[condition]]


def lessons(prepared: Prepared, teacher: Model, condition: Condition) -> list[Prepared]:
    """Return each variant of a piece with what the teacher says of that very variant.

    Every note is a target. Where a piece has optional blocks, the notes as written are heard once
    more with each of them: the student learns what the teacher does without markings or pedals.
    """
    heard = every_variant(prepared.sequence, _optional_columns(condition))
    return [_lesson(prepared, values, teacher, condition) for values in heard]


def _lesson(
    prepared: Prepared, values: NDArray[np.float32], teacher: Model, condition: Condition
) -> Prepared:
    route = teacher.route(condition)
    target = route.standardised(FeatureTable(columns_of(condition), values)).astype(np.float32)
    weight = np.full(len(target), 1 / np.sqrt(len(target)), dtype=np.float32)
    sequence = replace(
        prepared.sequence, variants=[values], target=target, weight=weight, optional_blocks=()
    )
    return Prepared(piece=prepared.piece, sequence=sequence)


def _prepare_one(
    numbered: tuple[int, Piece], *, condition: Condition, variants: int, seed: int
) -> Prepared:
    number, piece = numbered
    names = columns_of(condition)
    generator = np.random.default_rng([seed, number])
    tables = [_variant(piece.notes, i, condition, generator) for i in range(variants)]
    target, pianists = piece.mean_velocity()
    known = pianists > 0
    weight = np.sqrt(pianists) / np.sqrt(max(int(known.sum()), 1))
    sequence = TrainingSequence(
        composition=piece.composition,
        variants=[feature_table(table, names).values for table in tables],
        target=np.nan_to_num(target).astype(np.float32),
        weight=weight.astype(np.float32),
        optional_blocks=_optional_blocks(piece.notes, condition),
    )
    return Prepared(piece=piece, sequence=sequence)


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


def _optional_blocks(notes: NoteTable, condition: Condition) -> list[NDArray[np.float32]]:
    """Return the optional columns with less in them: what many files of users have."""
    kept: list[NoteTable] = []
    if condition == "marked":
        kept = [replace(notes, markings={}), level_only(notes)]
    elif condition == "performed":
        kept = [replace(notes, pedals=pedals) for pedals in fewer_pedals(notes.pedals)]
    return [feature_table(table, _optional_names(condition)).values for table in kept]
