"""Gradient-boosted trees (LightGBM) over the rows of the feature table.

Reference: Ke et al., LightGBM, NeurIPS 2017.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .training_set import Progress, TrainingSet

if TYPE_CHECKING:
    import lightgbm


@dataclass(frozen=True, kw_only=True)
class TreeOptions:
    """How the trees are grown; chosen by cross-validation over compositions.

    Attributes
    ----------
    rounds : int
        Number of trees.
    leaves, least : int
        Leaves of a tree, and notes in a leaf.
    rate : float
        Learning rate.
    columns, rows : float
        Share of columns and of rows drawn for each tree.
    penalty : float
        L2 penalty on leaf values.
    variants : int
        How many variants of each piece are heard (1: as written).
    keep : int
        Where above 0, only that many columns are kept: those with the largest gain in a first,
        short fit.
    seed, threads : int
        The result depends on both, and on nothing else.
    """

    rounds: int = 600
    leaves: int = 31
    least: int = 200
    rate: float = 0.04
    columns: float = 0.2
    rows: float = 0.25
    penalty: float = 20.0
    variants: int = 1
    keep: int = 0
    seed: int = 0
    threads: int = 2

    def parameters(self) -> dict[str, Any]:
        """Return LightGBM's parameters."""
        return {
            "objective": "l2",
            "num_leaves": self.leaves,
            "min_data_in_leaf": self.least,
            "learning_rate": self.rate,
            "feature_fraction": self.columns,
            "bagging_fraction": self.rows,
            "bagging_freq": 1,
            "lambda_l2": self.penalty,
            "max_bin": 127,
            "seed": self.seed,
            "num_threads": self.threads,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        }


def fit_trees(
    training: TrainingSet, options: TreeOptions, progress: Progress
) -> tuple[lightgbm.Booster, list[str]]:
    """Grow trees on every weighted note of the set; return them with the columns they read."""
    values, target, weight = training.rows(options.variants)
    weight /= weight.mean()
    names = list(training.feature_names)
    if options.keep:
        kept = _largest_gain(values, target, weight, options)
        values, names = values[:, kept], [names[i] for i in kept]
    grown = _grow(values, target, weight, options, options.rounds, progress)
    return grown, names


def _largest_gain(values: Any, target: Any, weight: Any, options: TreeOptions) -> list[int]:
    first = _grow(values, target, weight, options, max(options.rounds // 2, 1), None)
    gain = first.feature_importance("gain")
    return sorted(int(i) for i in gain.argsort()[::-1][: options.keep])


def _grow(
    values: Any,
    target: Any,
    weight: Any,
    options: TreeOptions,
    rounds: int,
    progress: Progress | None,
) -> lightgbm.Booster:
    import lightgbm

    every = max(rounds // 10, 1)

    def report(environment: Any) -> None:
        if progress is not None and (environment.iteration + 1) % every == 0:
            progress.advance(f"trees {environment.iteration + 1}/{rounds}", float("nan"))

    dataset = lightgbm.Dataset(values, target, weight=weight, free_raw_data=True)
    return lightgbm.train(options.parameters(), dataset, num_boost_round=rounds, callbacks=[report])
