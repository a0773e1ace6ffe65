"""What each family of features is worth: trees trained without it, on held-out compositions.

Run: python benchmarks/velocity_accuracy/ablation.py ASAP [--condition marked] [--folds 0 1] [--families pedals]
Writes ablation_<condition>.md beside this file. The test split is not touched.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from cross_validate import FOLDS, HERE, fold_of, r_by_composition

from humanize.evaluation.statistics import estimate, paired_difference
from humanize.features import all_features
from humanize.models.fitting.training_set import TrainingSequence, TrainingSet
from humanize.models.fitting.trees import TreeOptions, fit_trees
from humanize.training.columns import columns_of
from humanize.training.datasets import Prepared, prepare
from humanize.training.loaders import load_training_pieces
from humanize.training.progress import SilentProgress

OPTIONS = TreeOptions(rounds=400, rate=0.08)
_TITLES = {"flat": "flat scores", "marked": "marked scores", "performed": "performed timing"}


def reduced(prepared: list[Prepared], columns: list[int], names: tuple[str, ...]) -> TrainingSet:
    sequences = [
        TrainingSequence(
            composition=p.piece.composition,
            variants=[p.sequence.variants[0][:, columns]],
            target=p.sequence.target,
            weight=p.sequence.weight,
        )
        for p in prepared
    ]
    return TrainingSet(feature_names=tuple(names[c] for c in columns), sequences=sequences)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--condition", default="marked", choices=["flat", "marked", "performed"])
    parser.add_argument("--folds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--families", nargs="+", help="leave out these alone, each at a time")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    pieces = load_training_pieces(options.corpus, options.condition, workers=options.threads)
    prepared = prepare(pieces, condition=options.condition, variants=1, workers=options.threads)
    folds = fold_of([p.piece for p in prepared])
    names = columns_of(options.condition)
    family_of = {f.name: f.family for f in all_features()}
    families = ["", *(options.families or dict.fromkeys(family_of[n] for n in names))]
    found: dict[str, dict[str, float]] = {}
    for left_out in families:
        columns = [i for i, n in enumerate(names) if family_of[n] != left_out]
        held, predicted = [], []
        for fold in options.folds:
            kept = [p for p in prepared if folds[p.piece.composition] != fold]
            out = [p for p in prepared if folds[p.piece.composition] == fold]
            trees = fit_trees(reduced(kept, columns, names), OPTIONS, SilentProgress())
            held += [p.piece for p in out]
            predicted += [
                np.asarray(trees.predict(p.sequence.variants[0][:, columns])) for p in out
            ]
        found[left_out] = r_by_composition(held, predicted)
        print(left_out or "all", estimate(found[left_out]), flush=True)
    write(options, names, family_of, found)


def write(
    options: argparse.Namespace, names: tuple[str, ...], family_of: dict[str, str], found: dict
) -> None:
    whole = estimate(found[""])
    lines = [
        f"# Ablation by feature family, {_TITLES[options.condition]}",
        "",
        f"{OPTIONS.rounds} trees on folds {', '.join(map(str, options.folds))} of {FOLDS} (compositions of train and "
        f"validation). All families: r = {whole}. Each row: one family left out; the loss is paired over compositions.",
        "",
        "| left out | columns | loss of r |",
        "|---|---|---|",
    ]
    rows = [(f, paired_difference(found[""], found[f])) for f in found if f]
    for family, loss in sorted(rows, key=lambda row: -row[1].mean):
        count = sum(1 for n in names if family_of[n] == family)
        lines.append(f"| {family} | {count} | {loss} |")
    (HERE / f"ablation_{options.condition}.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
