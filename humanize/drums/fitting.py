"""Fit a drum model on the Groove corpus: trees for velocity and for lag.

Both are fitted by absolute error: velocities of a drum have two humps (ghosts and strokes), and
lags have long tails. Lags are fitted in milliseconds. A take counts by the root of its length, so
that the long ones do not drown the styles that are played in short ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from humanize.corpus.groove import ORIGIN, Take
from humanize.drums.bank import bank_arrays
from humanize.drums.bundle import DrumModel, save_drum_bundle
from humanize.drums.features import drum_feature_names, drum_features
from humanize.drums.feel import feel_of
from humanize.drums.hits import DrumHits, hits_of
from humanize.models.fitting.tree_graph import trees_to_onnx
from humanize.models.graphs import LazySession
from humanize.models.provenance import TrainingMusic
from humanize.models.residuals import packed_arrays
from humanize.notes import FloatColumn, IntColumn

if TYPE_CHECKING:
    import lightgbm

_LEAST_TAKES, _LEAST_PLACES, _LEAST_HITS = 10, 20, 10  # of a style; of its feel; of a place

METRE = "4-4"
"""Of the takes whose residuals are kept."""

SUMMARY = "trees over the grid of drum patterns; velocity and micro-timing of each hit"


@dataclass(frozen=True, kw_only=True)
class DrumTreeOptions:
    """How the trees are grown; chosen on the corpus' validation split.

    Attributes
    ----------
    rounds, leaves, least : int
        Trees, leaves of a tree, hits in a leaf.
    rate, penalty : float
        Learning rate, L2 penalty on leaf values.
    columns, rows : float
        Share of columns and of rows drawn for each tree.
    seed, threads : int
    """

    rounds: int = 300
    leaves: int = 15
    least: int = 400
    rate: float = 0.1
    penalty: float = 20.0
    columns: float = 0.3
    rows: float = 0.4
    seed: int = 0
    threads: int = 1

    def quick(self) -> DrumTreeOptions:
        """Return the options of a tiny fit, to try the pipeline."""
        return replace(self, rounds=3, least=20)

    def parameters(self) -> dict[str, Any]:
        """Return LightGBM's parameters."""
        return {
            "objective": "l1",
            "num_leaves": self.leaves,
            "min_data_in_leaf": self.least,
            "learning_rate": self.rate,
            "feature_fraction": self.columns,
            "bagging_fraction": self.rows,
            "bagging_freq": 1,
            "lambda_l2": self.penalty,
            "max_bin": 63,
            "seed": self.seed,
            "num_threads": self.threads,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        }


@dataclass(frozen=True, kw_only=True)
class DrumRows:
    """Hits of many takes with their features, weights and targets.

    Attributes
    ----------
    values : (n, n_features) float32 array
    targets : mapping of str to (n,) FloatColumn
        By head.
    weight : (n,) FloatColumn
    """

    values: NDArray[np.float32]
    targets: dict[str, FloatColumn]
    weight: FloatColumn


def drum_rows(hits: Sequence[DrumHits]) -> DrumRows:
    """Return the rows of the hits of some takes."""
    weight = np.concatenate([np.full(len(own), len(own) ** -0.5) for own in hits])
    return DrumRows(
        values=np.concatenate([drum_features(own).values for own in hits]),
        targets={
            "velocity": np.concatenate([own.velocity for own in hits]).astype(np.float64),
            "lag_ms": np.concatenate([own.lag_ms for own in hits]),
        },
        weight=weight / weight.mean(),
    )


def fit_drum_trees(rows: DrumRows, head: str, options: DrumTreeOptions) -> lightgbm.Booster:
    """Grow the trees of one head."""
    import lightgbm

    parameters = options.parameters()
    dataset = lightgbm.Dataset(
        rows.values, rows.targets[head], weight=rows.weight, params=parameters
    )
    return lightgbm.train(parameters, dataset, num_boost_round=options.rounds)


def train_drums(takes: Sequence[Take], folder: Path, options: DrumTreeOptions) -> None:
    """Fit a drum model to takes and save it as a bundle.

    Parameters
    ----------
    takes : sequence of Take
        Of the split train: validation chooses the options, test gives the figures.
    folder : Path
        Its last part is the model's name.
    options : DrumTreeOptions
    """
    hits = [hits_of(take.notes) for take in takes]
    rows = drum_rows(hits)
    trees = {head: fit_drum_trees(rows, head, options) for head in rows.targets}
    splits: dict[str, tuple[str, ...]] = {
        split: tuple(take.id for take in takes if take.split == split)
        for split in dict.fromkeys(take.split for take in takes)
    }
    music = TrainingMusic(
        corpus=ORIGIN.name, splits=splits, fingerprints={}, licence=ORIGIN.licence,
        attribution=ORIGIN.attribution,
    )  # fmt: skip
    manifest = {
        "name": folder.name,
        "summary": SUMMARY,
        "licence": ORIGIN.licence,
        "attribution": ORIGIN.attribution,
        "training_music": [music.entry()],
    }
    graphs = {head: trees_to_onnx([own]) for head, own in trees.items()}
    kept = residuals_of(takes, hits, graphs)
    bank = packed_arrays(kept) if len(kept["hits"]) else b""
    save_drum_bundle(folder, manifest, graphs, _feels(takes, hits), bank)


def residuals_of(
    takes: Sequence[Take], hits: Sequence[DrumHits], graphs: Mapping[str, bytes]
) -> dict[str, IntColumn]:
    """Return the arrays of the bank: takes in four quarters, less what graphs expect of them."""
    shape = (None, len(drum_feature_names()))
    sessions = {head: LazySession(own, where=head, shape=shape) for head, own in graphs.items()}
    model = DrumModel(name="fitted", manifest={}, graphs=sessions)
    chosen = [own for take, own in zip(takes, hits, strict=True) if take.metre == METRE]
    return bank_arrays(chosen, [model.predict(own) for own in chosen])


def place_means(hits: Sequence[DrumHits]) -> list[dict[str, FloatColumn]]:
    """Return the mean velocity and lag of each hit's drum and place over all takes, by take."""
    code = np.concatenate([own.drum * (1 << 20) + own.position for own in hits])
    _, which, count = np.unique(code, return_inverse=True, return_counts=True)
    ends = np.cumsum([len(own) for own in hits])[:-1]
    played = {
        "velocity": np.concatenate([own.velocity for own in hits]).astype(np.float64),
        "lag_ms": np.concatenate([own.lag_ms for own in hits]),
    }
    split = {
        name: np.split((np.bincount(which, column) / count)[which], ends)
        for name, column in played.items()
    }
    return [{name: parts[take] for name, parts in split.items()} for take in range(len(hits))]


def _feels(takes: Sequence[Take], hits: Sequence[DrumHits]) -> dict[str, Any]:
    """Return the feel of each style that has enough takes, places of few hits left out.

    What all takes have in common at a place stands for what is expected: the model itself tells a
    style by its patterns, and would leave little to say.
    """
    expected = place_means(hits)
    feels: dict[str, Any] = {}
    for style in sorted({take.style for take in takes}):
        rows = [i for i, take in enumerate(takes) if take.style == style]
        if len(rows) >= _LEAST_TAKES:
            feel = feel_of([(hits[i], expected[i]) for i in rows]).frequent(_LEAST_HITS)
            if len(feel.drum) >= _LEAST_PLACES:
                feels[style] = feel.to_json()
    return feels
