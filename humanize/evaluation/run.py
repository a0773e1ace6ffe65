"""Predict whole pieces, compare matched notes with what pianists played, gather every figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from humanize.corpus.asap import load_performed, load_scores
from humanize.corpus.markings import mark_pieces
from humanize.corpus.pieces import Corpus, Performance, Piece, SplitName
from humanize.evaluation.discriminator import Sample, discriminate, sample_of
from humanize.evaluation.human import HUMAN_ROWS, mean_of
from humanize.evaluation.metrics import FloatColumn, centred_r2, evaluate, pearson_r
from humanize.evaluation.statistics import Estimate, by_composition, estimate, paired_difference
from humanize.interpretation.interpret import Settings, interpret
from humanize.models import Model
from humanize.models.base import Condition
from humanize.models.provenance import seen_compositions

Row = tuple[str, str, str, str, str, str, float]
COLUMNS = ("model", "composition", "composer", "piece", "performance", "metric", "value")
_SHUFFLES = 3


@dataclass(frozen=True, kw_only=True)
class Predicted:
    """A piece with the velocities that a model gives its notes.

    Attributes
    ----------
    piece : Piece
    velocity : (n,) FloatColumn
        Whole numbers, 1-127, as they would be written.
    """

    piece: Piece
    velocity: FloatColumn


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Everything that was measured for one condition.

    Attributes
    ----------
    condition, split : str
    pieces : tuple of Piece
    predictions : dict of str to list of Predicted
        By model.
    rows : list of Row
        Tidy: one per model, performance and metric, in the order of ``COLUMNS``.
    human : dict of str to dict of str to float
        Agreement of pianists by composition.
    discriminator : dict of str to (float, float)
        AUC against pianists overall, and mean AUC within compositions.
    excluded : tuple of (str, str)
        What could not be compared, and why.
    seen : dict of str to tuple of str or None
        By model, the compositions among these that its manifest names as trained on; None where
        the manifest does not say what it was trained on.
    """

    condition: Condition
    split: SplitName
    pieces: Sequence[Piece]
    predictions: dict[str, list[Predicted]]
    rows: list[Row]
    human: dict[str, dict[str, float]]
    discriminator: dict[str, tuple[float, float]] = field(default_factory=dict)
    excluded: tuple[tuple[str, str], ...] = ()
    seen: dict[str, tuple[str, ...] | None] = field(default_factory=dict)

    def means(self, model: str, metric: str) -> dict[str, float]:
        """Return a metric of a model by composition."""
        return by_composition([(r[1], r[6]) for r in self.rows if r[0] == model and r[5] == metric])

    def estimate(self, model: str, metric: str) -> Estimate:
        """Return a metric of a model over compositions, with its interval."""
        return estimate(self.means(model, metric))

    def difference(self, first: str, second: str) -> Estimate:
        """Return by how much the r of the first model exceeds that of the second, paired."""
        return paired_difference(self.means(first, "pearson_r"), self.means(second, "pearson_r"))

    def agreement_ratio(self, model: str) -> float:
        """Return the model's r over that of two pianists, on compositions that have both."""
        own, pair = self.means(model, "pearson_r"), self.human.get("two pianists", {})
        shared = sorted(own.keys() & pair.keys())
        if not shared:
            return float("nan")
        return float(np.mean([own[c] for c in shared]) / np.mean([pair[c] for c in shared]))


def load_condition(
    corpus: Path, split: SplitName, condition: Condition, *, workers: int = 1
) -> Corpus:
    """Return the pieces of a split as a condition presents them."""
    if condition == "performed":
        return load_performed(corpus, split)
    loaded = load_scores(corpus, split)
    if condition == "flat":
        return loaded
    marked = tuple(mark_pieces(loaded.pieces, corpus, workers=workers))
    return Corpus(loaded.name, marked, loaded.excluded)


def unseen(corpus: Corpus, models: dict[str, Model], condition: Condition) -> Corpus:
    """Return a corpus without the compositions that a route of one of the models was fitted to."""
    seen = {
        name for model in models.values() for name in seen_by(model, corpus.pieces, condition) or ()
    }
    kept = tuple(piece for piece in corpus.pieces if piece.composition not in seen)
    left_out = tuple((name, "a model was fitted to it") for name in sorted(seen))
    return Corpus(corpus.name, kept, (*corpus.excluded, *left_out))


def evaluate_models(
    corpus: Corpus,
    models: dict[str, Model],
    *,
    condition: Condition,
    split: SplitName,
    report: Callable[[str], None] = lambda text: None,
) -> Evaluation:
    """Compare every model with every robustly aligned performance.

    Parameters
    ----------
    corpus : Corpus
        As ``load_condition`` returns it.
    models : dict of str to Model
    condition, split : str
    report : callable
        Called with what is being done.
    """
    pieces = [p for p in corpus.pieces if any(_usable(q) for q in p.performances)]
    left_out = [
        (q.id, "alignment not robust")
        for p in corpus.pieces
        for q in p.performances
        if not q.robust
    ]
    predictions: dict[str, list[Predicted]] = {}
    rows: list[Row] = []
    for name, model in models.items():
        report(f"{name}: {len(pieces)} pieces ({condition}, {split})")
        predictions[name] = [_predicted(piece, model) for piece in pieces]
        for predicted in predictions[name]:
            rows += _rows(name, predicted)
    human = {name: by_composition(agreement(pieces)) for name, agreement in HUMAN_ROWS.items()}
    report("discriminator")
    return Evaluation(
        condition=condition,
        split=split,
        pieces=pieces,
        predictions=predictions,
        rows=rows,
        human=human,
        discriminator=_discriminator(pieces, predictions),
        excluded=(*corpus.excluded, *left_out),
        seen={name: seen_by(model, pieces, condition) for name, model in models.items()},
    )


def seen_by(model: Model, pieces: Sequence[Piece], condition: Condition) -> tuple[str, ...] | None:
    """Return what of these a route was fitted to; None if the model does not say."""
    if not model.trained_on:
        return None
    wanted: dict[str, set[str]] = {}
    for piece in pieces:
        wanted.setdefault(piece.origin.name, set()).add(piece.composition)
    found = [seen_compositions(model.trained_on, *own, condition) for own in wanted.items()]
    return tuple(name for own in found for name in own)


def _usable(performance: Performance) -> bool:
    return performance.robust and len(performance.rows) > 2


def _predicted(piece: Piece, model: Model) -> Predicted:
    silent = replace(piece.notes, velocity=np.zeros(len(piece.notes), dtype=np.int64))
    written = interpret(silent, Settings(model=model)).velocity
    return Predicted(piece=piece, velocity=written.astype(np.float64))


def _rows(model: str, predicted: Predicted) -> list[Row]:
    piece, rows = predicted.piece, []
    draw = np.random.default_rng(0)
    for performance in filter(_usable, piece.performances):
        estimated = predicted.velocity[performance.rows]
        values = evaluate(performance.velocity, estimated)
        shuffled = [
            pearson_r(performance.velocity, draw.permutation(estimated)) for _ in range(_SHUFFLES)
        ]
        values["shuffled_r"] = float(np.mean(shuffled))
        values["notes"] = float(len(performance.rows))
        values["share_of_notes"] = performance.share
        if len(piece.performances) > 1:
            values["centred_r2_mean_pianist"] = _against_mean(piece, predicted.velocity)
        about = (model, piece.composition, piece.composer, piece.id, performance.id)
        rows += [(*about, metric, value) for metric, value in values.items()]
    return rows


def _against_mean(piece: Piece, velocity: FloatColumn) -> float:
    """Return the centred R2 against the mean pianist, both standardised in spread."""
    mean = mean_of([p for p in piece.performances if _usable(p)], len(piece.notes))
    known = np.isfinite(mean)
    own = velocity[known]
    scale = max(float(own.std()), 1e-9)
    fitted = (own - own.mean()) / scale * float(mean[known].std())
    return centred_r2(mean[known], fitted * pearson_r(mean[known], own))


def _discriminator(
    pieces: Sequence[Piece], predictions: dict[str, list[Predicted]]
) -> dict[str, tuple[float, float]]:
    draw = np.random.default_rng(0)
    played = [(p, q) for p in pieces for q in p.performances if _usable(q)]
    human = [sample_of(p, q, q.velocity) for p, q in played]
    others: dict[str, list[Sample]] = {
        "a pianist's velocities shuffled": [
            sample_of(p, q, draw.permutation(q.velocity)) for p, q in played
        ],
        "constant velocity": [sample_of(p, q, np.full(len(q.rows), 64.0)) for p, q in played],
    }
    for name, predicted in predictions.items():
        of_piece = {x.piece.id: x.velocity for x in predicted}
        others[name] = [sample_of(p, q, of_piece[p.id][q.rows]) for p, q in played]
    found = {name: _auc(human, samples) for name, samples in others.items()}
    halves = _two_pianists(played, draw)
    if halves[0]:
        found["another pianist"] = _auc(*halves)
    return found


def _two_pianists(
    played: Sequence[tuple[Piece, Performance]], draw: np.random.Generator
) -> tuple[list[Sample], list[Sample]]:
    by_piece: dict[str, list[Sample]] = {}
    for piece, performance in played:
        sample = sample_of(piece, performance, performance.velocity)
        by_piece.setdefault(piece.id, []).append(sample)
    first, second = [], []
    for samples in by_piece.values():
        if len(samples) > 1:
            one, two = draw.permutation(len(samples))[:2]
            first.append(samples[one])
            second.append(samples[two])
    return first, second


def _auc(human: Sequence[Sample], other: Sequence[Sample]) -> tuple[float, float]:
    overall, within = discriminate(human, other)
    return overall, float(np.mean(list(within.values()))) if within else float("nan")
