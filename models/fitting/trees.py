"""Gradient-boosted trees (LightGBM) over the rows of the feature table.

Reference: Ke et al., LightGBM, NeurIPS 2017.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .losses import Loss
from .stopping import Stopping
from .trainer import FittedMember, Progress
from .training_set import TrainingSet, VariantRows, targets_of, values_of
from .tree_graph import trees_to_onnx

if TYPE_CHECKING:
    import lightgbm

_OBJECTIVES: dict[Loss, str] = {"squared": "l2", "logistic": "cross_entropy"}

TENTHS = 10  # of the trees: what stands for an epoch
_MOST_AT_ONCE = 3_000_000  # notes, 4 GB of values; more are read piece by piece


@dataclass(frozen=True, kw_only=True)
class TreeOptions:
    """How the trees are grown; chosen by cross-validation over compositions.

    Attributes
    ----------
    rounds : int
        Number of trees, at most.
    leaves, least : int
        Leaves of a tree, and notes in a leaf.
    rate : float
        Learning rate.
    columns, rows : float
        Share of columns and of rows drawn for each tree.
    node_columns : float
        Share of a tree's columns drawn for each of its nodes.
    penalty : float
        L2 penalty on leaf values.
    variants : int
        How many variants of each piece are read (1: as written).
    share : float
        Of the notes that are read, drawn: notes of a piece are many and much alike.
    by_column : bool
        Whether histograms are made column by column, quicker where few columns are drawn.
    seed, threads : int
        The result depends on both, and on nothing else.
    """

    rounds: int = 600
    leaves: int = 31
    least: int = 200
    rate: float = 0.04
    columns: float = 0.2
    node_columns: float = 1.0
    rows: float = 0.25
    penalty: float = 20.0
    variants: int = 1
    share: float = 1.0
    by_column: bool = False
    seed: int = 0
    threads: int = 2

    def parameters(self, loss: Loss = "squared") -> dict[str, Any]:
        """Return LightGBM's parameters."""
        return {
            "objective": _OBJECTIVES[loss],
            "num_leaves": self.leaves,
            "min_data_in_leaf": self.least,
            "learning_rate": self.rate,
            "feature_fraction": self.columns,
            "feature_fraction_bynode": self.node_columns,
            "bagging_fraction": self.rows,
            "bagging_freq": 1,
            "lambda_l2": self.penalty,
            "max_bin": 127,
            "seed": self.seed,
            "num_threads": self.threads,
            "deterministic": True,
            "force_col_wise" if self.by_column else "force_row_wise": True,
            "verbosity": -1,
        }

    @property
    def reports(self) -> int:
        """How often one fit advances its progress."""
        return TENTHS

    def quick(self) -> TreeOptions:
        """Return the options of a tiny fit, to try the pipeline."""
        return replace(self, rounds=max(self.rounds // 100, 5), least=20)

    def columns_read(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the features that it reads."""
        return tuple(names)

    def variants_read(self, most: int) -> int:
        """Return how many variants of each piece it reads, of at most ``most``."""
        return self.variants

    def fit(
        self,
        training: TrainingSet,
        progress: Progress,
        stopping: Stopping,
        *,
        checkpoint: Path | None = None,
    ) -> FittedMember:
        """Fit a member; a fit that ends within minutes keeps no checkpoint."""
        trees = fit_trees(training, self, progress, stopping)
        spec = {"kind": "rows", "options": asdict(self)}
        return FittedMember(spec=spec, graph=trees_to_onnx([trees]), curve=stopping.curve)


def fit_trees(
    training: TrainingSet,
    options: TreeOptions,
    progress: Progress,
    stopping: Stopping | None = None,
) -> lightgbm.Booster:
    """Grow trees on every weighted note of the set.

    Parameters
    ----------
    training : TrainingSet
    options : TreeOptions
    progress : Progress
        Advanced after every tenth of the trees.
    stopping : Stopping, optional
        Its epochs are tenths of the trees.
    """
    return grow(_dataset(training, options), options, training.loss, progress, stopping)


def grow(
    dataset: lightgbm.Dataset,
    options: TreeOptions,
    loss: Loss,
    progress: Progress,
    stopping: Stopping | None = None,
) -> lightgbm.Booster:
    """Grow trees on rows that stand in bins; the other arguments as for ``fit_trees``."""
    import lightgbm

    stopping = stopping or Stopping()
    tenth = max(options.rounds // TENTHS, 1)

    def report(environment: Any) -> None:
        grown = environment.iteration + 1
        predict = partial(environment.model.predict, raw_score=True)
        if grown % tenth == 0:
            stopping.after_epoch(predict, lambda: grown)
            progress.advance(f"trees {grown}/{options.rounds}", float("nan"))

    rounds = min(options.rounds, stopping.epochs(TENTHS + 1) * tenth)
    trees = lightgbm.train(
        options.parameters(loss), dataset, num_boost_round=rounds, callbacks=[report]
    )
    return trees if stopping.kept is None else _first(trees, stopping.kept)


def _dataset(training: TrainingSet, options: TreeOptions) -> lightgbm.Dataset:
    """Return the notes in bins, a quarter of their memory; what they were made of is let go."""
    import lightgbm

    draw = np.random.default_rng(options.seed)
    every = training.variant_rows(options.variants)
    read = [rows for rows in (own.drawn(options.share, draw) for own in every) if len(rows)]
    target, weight = targets_of(read)
    values = _read_in_parts(read) if len(target) > _MOST_AT_ONCE else values_of(read)
    return lightgbm.Dataset(
        values, target, weight=weight / weight.mean(), params=options.parameters(training.loss)
    ).construct()


def _read_in_parts(variants: list[VariantRows]) -> list[lightgbm.Sequence]:
    import lightgbm

    class Rows(lightgbm.Sequence):  # type: ignore[misc]
        batch_size = 4096

        def __init__(self, variant: VariantRows) -> None:
            self.variant = variant

        def __len__(self) -> int:
            return len(self.variant)

        def __getitem__(self, which: Any) -> Any:
            return self.variant.values_at(which).astype(np.float64)

    return [Rows(variant) for variant in variants]


def _first(trees: lightgbm.Booster, count: int) -> lightgbm.Booster:
    import lightgbm

    return lightgbm.Booster(model_str=trees.model_to_string(num_iteration=count))
