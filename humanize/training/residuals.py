"""Make a bank of residuals: what is left of performances once a model's mean is taken out.

The model must not have been fitted to the velocities, or it has taken too much of them out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from humanize.corpus.performed import performed_values
from humanize.corpus.pieces import Performance, Piece
from humanize.expression import ARTICULATION, TEMPO, TIMING, VELOCITY
from humanize.features import feature_table
from humanize.interpretation.prediction import predict_notes
from humanize.interpretation.texture import Chords, chords_of
from humanize.models import Model
from humanize.models.residuals import LEAST_CHORDS, OF_CHORDS, OF_NOTES
from humanize.notes import FloatColumn, IntColumn, NoteTable

STEP = {VELOCITY.name: 0.04, TIMING.name: 0.6, ARTICULATION.name: 0.02, TEMPO.name: 0.06}
"""Units of one whole number of the bank."""

_LONGEST = 127  # steps
_LEAST_SPREAD = 0.02  # of log beat periods
_FARTHEST = 3.0  # standard deviations of a tempo: beyond are pauses of that music, and errors
_TARGETS = (VELOCITY, TEMPO, TIMING, ARTICULATION)
_OTHERS = tuple(target.name for target in _TARGETS[1:])


@dataclass(frozen=True, kw_only=True)
class Residuals:
    """What is left of one performance.

    Attributes
    ----------
    composition, performance : str
    chords : Chords
        Of the score.
    values : mapping of str to FloatColumn
        Of each note in the order of the bank; log beat period of each chord.
    """

    composition: str
    performance: str
    chords: Chords
    values: Mapping[str, FloatColumn]


def residuals_of(piece: Piece, model: Model) -> list[Residuals]:
    """Return what is left of each performance of a piece that was matched well enough.

    Velocities are divided by the spread of the performance, their linear dependence on the mean is
    taken out, and what is left is brought to spread 1, as what is left of the tempo is. Notes that
    say nothing have 0, or what the rest of their chord has.
    """
    chords = chords_of(piece.notes)
    usable = piece.played_whole()
    if len(chords) < LEAST_CHORDS or not usable:
        return []
    mean = expected(piece.notes, model)
    return [
        Residuals(
            composition=piece.composition,
            performance=q.id,
            chords=chords,
            values=_values(piece, q, mean, chords),
        )
        for q in usable
    ]


def expected(notes: NoteTable, model: Model) -> dict[str, FloatColumn]:
    """Return a model's mean of each target for each note of a flat score."""
    names = model.feature_names("flat", _OTHERS)
    others = model.predict(feature_table(notes, names), "flat", _OTHERS)
    return {VELOCITY.name: predict_notes(notes, model), **others}


def _values(
    piece: Piece, performance: Performance, mean: Mapping[str, FloatColumn], chords: Chords
) -> dict[str, FloatColumn]:
    played = {t.name: performed_values(piece, performance, t) for t in _TARGETS}
    order = np.lexsort((chords.rank, chords.of_note))
    left = {VELOCITY.name: standard_residual(played[VELOCITY.name], mean[VELOCITY.name])}
    left |= {n: played[n] - mean[n] for n in _OTHERS}
    filled = {n: _filled(values, chords) for n, values in left.items()}
    tempo = np.bincount(chords.of_note, filled[TEMPO.name]) / chords.size
    tempo = np.clip(tempo / max(float(tempo.std()), _LEAST_SPREAD), -_FARTHEST, _FARTHEST)
    return {n: filled[n][order] for n in OF_NOTES} | dict.fromkeys(OF_CHORDS, tempo)


def standard_residual(played: FloatColumn, mean: FloatColumn) -> FloatColumn:
    """Return what a line over the mean leaves of what was played, at spread 1; NaN as it came."""
    known = np.isfinite(played)
    a, b = played[known] - played[known].mean(), mean - mean[known].mean()
    slope = float(a @ b[known]) / max(float(b[known] @ b[known]), 1e-9)
    left = played - played[known].mean() - slope * b
    return np.asarray(left / max(float(left[known].std()), 1e-9))


def _filled(values: FloatColumn, chords: Chords) -> FloatColumn:
    """Return values with the mean of the chord, or 0, where one is missing."""
    known = np.isfinite(values)
    count = np.bincount(chords.of_note, known)
    total = np.bincount(chords.of_note, np.where(known, values, 0.0))
    return np.where(known, values, (total / np.maximum(count, 1))[chords.of_note])


def bank_arrays(residuals: Iterable[Residuals]) -> dict[str, np.ndarray]:
    """Return the arrays of a bank, as ``humanize.models.residuals.save_bank`` takes them."""
    own = list(residuals)
    found: dict[str, IntColumn] = {
        "chords": np.array([len(r.chords) for r in own], dtype=np.int32),
        "size": np.concatenate([r.chords.size for r in own]).astype(np.uint8),
        "texture": np.concatenate([r.chords.texture for r in own]).astype(np.int8),
    }
    for name in (*OF_NOTES, *OF_CHORDS):
        steps = np.concatenate([r.values[name] for r in own]) / STEP[name]
        found[name] = np.clip(np.rint(steps), -_LONGEST, _LONGEST).astype(np.int8)
    return found
