"""A classifier that tries to tell a pianist's velocities from others for the same notes.

It sees windows of 64 notes, each as statistics that no piece's level or spread gives away: how
velocity moves from note to note, how it goes with pitch, within chords and over the window. It is
cross-validated over compositions. AUC 1.0 means always caught, 0.5 indistinguishable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from humanize.corpus.pieces import Performance, Piece
from humanize.evaluation.metrics import FloatColumn
from humanize.interpretation.shaping import round_velocity

WINDOW = 64
STATISTICS = 25
"""Numbers that one window of one value a note is described by."""
_FOLDS = 5


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One sequence of velocities for some notes of a piece.

    Attributes
    ----------
    composition : str
    onset_sec, pitch : (n,) columns
    velocity : (n,) FloatColumn
        Whole numbers, as they stand in a file.
    """

    composition: str
    onset_sec: FloatColumn
    pitch: FloatColumn
    velocity: FloatColumn


class OfComposition(Protocol):
    """A sample of whatever kind."""

    @property
    def composition(self) -> str:
        """Name of the composition, which lies in one fold whole."""


S = TypeVar("S", bound=OfComposition)
Describe = Callable[[S], NDArray[np.float64]]


@dataclass(frozen=True, kw_only=True)
class Scored:
    """What a classifier, cross-validated over compositions, makes of windows.

    Attributes
    ----------
    label : (w,) int array
        1 for a pianist's.
    score : (w,) float array
        Higher is more a pianist's.
    composition : (w,) str array
    """

    label: NDArray[np.int64]
    score: NDArray[np.float64]
    composition: NDArray[np.str_]


def sample_of(piece: Piece, performance: Performance, velocity: FloatColumn) -> Sample:
    """Return the sample of velocities given for the notes of a performance, in time order."""
    order = np.argsort(performance.rows, kind="stable")
    rows = performance.rows[order]
    return Sample(
        composition=piece.composition,
        onset_sec=piece.notes.onset_sec[rows],
        pitch=piece.notes.pitch[rows].astype(np.float64),
        velocity=round_velocity(velocity[order]).astype(np.float64),
    )


def discriminate(
    human: Sequence[Sample], other: Sequence[Sample], *, seed: int = 0
) -> tuple[float, dict[str, float]]:
    """Return the AUC of telling the two apart, and the AUC within each composition.

    Parameters
    ----------
    human, other : sequence of Sample
    seed : int

    Returns
    -------
    float, dict of str to float
    """
    from sklearn.metrics import roc_auc_score

    found = scored(human, other, describe_windows, seed=seed)
    label, score, groups = found.label, found.score, found.composition
    within = {
        str(name): float(roc_auc_score(label[groups == name], score[groups == name]))
        for name in np.unique(groups)
        if len(np.unique(label[groups == name])) == 2
    }
    return float(roc_auc_score(label, score)), within


def scored(
    human: Sequence[S], other: Sequence[S], describe: Describe[S], *, seed: int = 0
) -> Scored:
    """Return what a classifier says of the windows of each composition, fitted to the others.

    Parameters
    ----------
    human, other : sequences of samples
    describe : callable
        From a sample to a row of statistics for each of its windows; NaN where one is unknown.
    seed : int
    """
    return scored_rows(*described(human, other, describe), seed=seed)


def scored_rows(
    values: NDArray[np.float64],
    label: NDArray[np.int64],
    groups: NDArray[np.str_],
    *,
    seed: int = 0,
) -> Scored:
    """Return the same of windows that ``described`` has described."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    folds = _folds(groups, seed)
    score = np.zeros(len(label))
    for fold in range(_FOLDS):
        held = folds == fold
        if not held.any() or len(np.unique(label[~held])) < 2:
            continue
        model = HistGradientBoostingClassifier(
            max_iter=150, learning_rate=0.08, max_leaf_nodes=15, random_state=seed
        )
        model.fit(values[~held], label[~held])
        score[held] = model.predict_proba(values[held])[:, 1]
    return Scored(label=label, score=score, composition=groups)


def described(
    human: Sequence[S], other: Sequence[S], describe: Describe[S]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.str_]]:
    """Return a row of statistics, the label and the composition of every window."""
    values, label, groups = [], [], []
    for mark, samples in ((1, human), (0, other)):
        for sample in samples:
            rows = describe(sample)
            values.append(rows)
            label += [mark] * len(rows)
            groups += [sample.composition] * len(rows)
    return np.concatenate(values), np.array(label), np.array(groups)


def _folds(groups: NDArray[np.str_], seed: int) -> NDArray[np.int64]:
    names = np.unique(groups)
    order = np.random.default_rng(seed).permutation(len(names))
    fold_of = {name: int(order[i]) % _FOLDS for i, name in enumerate(names)}
    return np.array([fold_of[g] for g in groups])


def describe_windows(sample: Sample) -> NDArray[np.float64]:
    """Return one row of statistics for each window of 64 notes, half overlapping."""
    count = len(sample.velocity)
    starts = range(0, max(count - WINDOW, 0) + 1, WINDOW // 2)
    spans = (slice(s, s + WINDOW) for s in starts)
    return np.array(
        [describe(sample.velocity[s], sample.pitch[s], sample.onset_sec[s]) for s in spans]
    )


def describe(velocity: FloatColumn, pitch: FloatColumn, onset: FloatColumn) -> list[float]:
    """Return the statistics of one window: ``STATISTICS`` of them.

    Parameters
    ----------
    velocity : (n,) FloatColumn
        Or another value of each note, in whole steps that can just be told apart.
    pitch, onset : (n,) FloatColumn
        MIDI number; seconds.
    """
    spread = max(float(velocity.std()), 0.5)
    step = np.diff(velocity) / spread
    chord = np.diff(onset) < 0.03
    position = np.linspace(-1, 1, len(velocity))
    standard = (velocity - velocity.mean()) / spread
    return [
        float(velocity.std()),
        float(len(np.unique(velocity)) / len(velocity)),
        *(float(q) for q in np.quantile(step, [0.1, 0.25, 0.5, 0.75, 0.9])),
        float(np.abs(step).mean()),
        float((step == 0).mean()),
        _correlation(step[:-1], step[1:]),
        *(_correlation(standard[:-lag], standard[lag:]) for lag in (1, 2, 3, 4, 8)),
        _correlation(velocity, pitch),
        _correlation(np.diff(velocity), np.diff(pitch)),
        _correlation(velocity, position),
        _correlation(standard**2, position),
        _masked_mean(np.abs(step), chord),
        _masked_mean(np.abs(step), ~chord),
        _masked_mean(step, chord),
        float((standard**3).mean()),
        float((standard**4).mean()),
        _residual_share(velocity, pitch),
    ]


def _correlation(a: FloatColumn, b: FloatColumn) -> float:
    if len(a) < 3 or a.std() < 1e-9 or b.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def _masked_mean(values: FloatColumn, mask: NDArray[np.bool_]) -> float:
    return float(values[mask].mean()) if mask.any() else 0.0


def _residual_share(velocity: FloatColumn, pitch: FloatColumn) -> float:
    """Return how much of the velocity is neither pitch nor a slow curve."""
    position = np.linspace(-1, 1, len(velocity))
    design = np.column_stack([np.ones_like(pitch), pitch, position, position**2])
    fitted = design @ np.linalg.lstsq(design, velocity, rcond=None)[0]
    total = float(velocity.var())
    return float((velocity - fitted).var() / total) if total > 1e-9 else 0.0
