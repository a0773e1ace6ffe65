"""Choose members and mixture by cross-validation over the compositions of train and validation.

Question: which models, and which mixture of them, agree best with pianists on compositions that
they were not fitted to? The test split is not touched.
Run: python benchmarks/velocity_accuracy/cross_validate.py ASAP [--condition flat] [--folds 0 1 2 3 4]
Writes cross_validation_<condition>.json and .md beside this file.
"""

from __future__ import annotations

import argparse
import itertools
import json
from pathlib import Path

import numpy as np
from errors import write_errors

from humanize.corpus.pieces import Piece
from humanize.evaluation.metrics import pearson_r
from humanize.evaluation.statistics import by_composition, estimate
from humanize.training.checkpoints import Checkpoints
from humanize.training.datasets import Prepared, prepare
from humanize.training.loaders import load_training_pieces
from humanize.training.members import TrainingOptions, fit_members, run_head
from humanize.training.progress import SilentProgress
from humanize.training.recipes import RECIPES, HeadRecipe

HERE = Path(__file__).parent
FOLDS = 5
MODELS = ("pitch-line", "lgbm", "convolution", "bilstm", "tabular")


def fold_of(pieces: list[Piece]) -> dict[str, int]:
    """Return the fold of each composition, drawn once with a fixed seed."""
    names = sorted({p.composition for p in pieces})
    order = np.random.default_rng(0).permutation(len(names))
    return {names[i]: place % FOLDS for place, i in enumerate(order)}


def r_by_composition(pieces: list[Piece], predicted: list[np.ndarray]) -> dict[str, float]:
    found = [
        (piece.composition, pearson_r(q.velocity, velocity[q.rows]))
        for piece, velocity in zip(pieces, predicted, strict=True)
        for q in piece.performances
        if q.robust and len(q.rows) > 2
    ]
    return by_composition(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--condition", default="flat", choices=["flat", "marked"])
    parser.add_argument("--folds", type=int, nargs="+", default=list(range(FOLDS)))
    parser.add_argument("--models", nargs="+", default=list(MODELS))
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    import torch

    torch.set_num_threads(options.threads)
    pieces = load_training_pieces(options.corpus, options.condition, workers=options.threads)
    prepared = prepare(pieces, condition=options.condition, workers=options.threads)
    folds = fold_of([p.piece for p in prepared])
    held: list[Prepared] = []
    predicted: dict[str, list[np.ndarray]] = {name: [] for name in options.models}
    store = Checkpoints(HERE / ".checkpoints" / options.condition)
    for fold in options.folds:
        kept = [p for p in prepared if folds[p.piece.composition] != fold]
        out = [p for p in prepared if folds[p.piece.composition] == fold]
        held += out
        for name in options.models:
            recipe = HeadRecipe(trained_on=options.condition, members=RECIPES[name].score)
            members = fit_members(
                recipe,
                kept,
                TrainingOptions(threads=options.threads),
                SilentProgress(),
                store.within(f"{fold}"),
            )
            predicted[name] += [run_head(recipe, members, p) for p in out]
            print(fold, name, flush=True)
    report(options, [p.piece for p in held], predicted)
    store.clear()


def report(
    options: argparse.Namespace, pieces: list[Piece], predicted: dict[str, list[np.ndarray]]
) -> None:
    rows = []
    for size in range(1, len(predicted) + 1):
        for names in itertools.combinations(predicted, size):
            mixture = [sum(scaled(predicted[n][i]) for n in names) for i in range(len(pieces))]
            rows.append((" + ".join(names), estimate(r_by_composition(pieces, mixture))))
    rows.sort(key=lambda row: -row[1].mean)
    lines = [
        f"# Cross-validation over compositions, {options.condition} scores",
        "",
        f"Folds {', '.join(map(str, options.folds))} of {FOLDS}; {rows[0][1].count} compositions of train and "
        "validation; members mixed with equal spread; mean r with a 95 % bootstrap interval.",
        "",
        "| mixture | r |",
        "|---|---|",
        *(f"| {name} | {found} |" for name, found in rows),
    ]
    stem = HERE / f"cross_validation_{options.condition}"
    stem.with_suffix(".md").write_text("\n".join(lines) + "\n")
    figures = {name: [found.mean, found.low, found.high, found.count] for name, found in rows}
    stem.with_suffix(".json").write_text(
        json.dumps({"folds": options.folds, "r": figures}, indent=1) + "\n"
    )
    best = rows[0][0].split(" + ")
    mixture = [sum(scaled(predicted[n][i]) for n in best) for i in range(len(pieces))]
    title = f"{options.condition} scores, {rows[0][0]}"
    write_errors(HERE / f"errors_{options.condition}.md", title, pieces, mixture)
    print("\n".join(lines[6:16]))


def scaled(velocity: np.ndarray) -> np.ndarray:
    return velocity / max(float(velocity.std()), 1e-6)


if __name__ == "__main__":
    main()
