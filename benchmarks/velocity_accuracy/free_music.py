"""Choose the members of piano-free by cross-validation over the compositions of its own corpora.

Question: what agrees best with the musicians of corpora that allow commercial use, on compositions
that it has not heard? No file of a non-commercial corpus is trained on or chosen by; ASAP, where it
is given, only says which compositions are held out.
Run: python benchmarks/velocity_accuracy/free_music.py PIANO_MIDI_DE PERCEPIANO [--hannds HANNDS]
     [--asap ASAP] [--condition flat] [--folds 0 1]
Writes free_music_<condition>.md beside this file.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import numpy as np
from cross_validate import HERE, r_by_composition, scaled

from humanize.corpus.pieces import Piece
from humanize.evaluation.statistics import estimate
from humanize.models.fitting.stopping import best_epoch
from humanize.training.checkpoints import Checkpoints
from humanize.training.datasets import Prepared, prepare
from humanize.training.free import FOLDS, FreeMusic, fold_of, held_out_of
from humanize.training.members import TrainingOptions, fit_members, run_head
from humanize.training.progress import SilentProgress
from humanize.training.recipes import RECIPES, HeadRecipe


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("piano_midi_de", type=Path)
    parser.add_argument("percepiano", type=Path)
    parser.add_argument("--hannds", type=Path)
    parser.add_argument("--asap", type=Path)
    parser.add_argument("--condition", default="flat", choices=["flat", "performed"])
    parser.add_argument("--folds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--models", nargs="+", default=["pitch-line", "lgbm", "convolution"])
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    import torch

    torch.set_num_threads(options.threads)
    held_out = held_out_of(options.asap) if options.asap else ()
    music = FreeMusic(
        piano_midi_de=options.piano_midi_de,
        percepiano=options.percepiano,
        hannds=options.hannds,
        held_out=held_out,
    )
    pieces = music.load(options.condition)
    variants = 2 if options.condition == "performed" else 4
    prepared = prepare(
        pieces, condition=options.condition, variants=variants, workers=options.threads
    )
    report(options, *cross_validated(options, prepared))


def cross_validated(
    options: argparse.Namespace, prepared: list[Prepared]
) -> tuple[list[Piece], dict[str, list[np.ndarray]], list[str]]:
    """Return the pieces of the chosen folds, what each model says of them, and its best epochs."""
    folds = fold_of([p.piece for p in prepared])
    held: list[Prepared] = []
    predicted: dict[str, list[np.ndarray]] = {name: [] for name in options.models}
    epochs = []
    for fold in options.folds:
        kept = [p for p in prepared if folds[p.piece.composition] != fold]
        out = [p for p in prepared if folds[p.piece.composition] == fold]
        held += out
        for name in options.models:
            own = RECIPES[name]
            members = own.performed if options.condition == "performed" else own.score
            recipe = HeadRecipe(trained_on=options.condition, members=members or own.score)
            fitted = fit_members(
                recipe,
                kept,
                TrainingOptions(threads=options.threads),
                SilentProgress(),
                Checkpoints(HERE / ".checkpoints" / f"free-{options.condition}" / f"{fold}"),
                out,
            )
            predicted[name] += [run_head(recipe, fitted, p) for p in out]
            curve = fitted[0].curve
            if curve:
                shown = ", ".join(f"{r:.3f}" for r in curve)
                epochs.append(f"{name}, fold {fold}: {shown}; best after {best_epoch(curve)}")
                print(epochs[-1], flush=True)
    return [p.piece for p in held], predicted, epochs


def report(
    options: argparse.Namespace,
    pieces: list[Piece],
    predicted: dict[str, list[np.ndarray]],
    epochs: list[str],
) -> None:
    rows = []
    for size in range(1, len(predicted) + 1):
        for names in itertools.combinations(predicted, size):
            mixture = [sum(scaled(predicted[n][i]) for n in names) for i in range(len(pieces))]
            rows.append((" + ".join(names), estimate(r_by_composition(pieces, mixture))))
    rows.sort(key=lambda row: -row[1].mean)
    lines = [
        f"# piano-free: cross-validation over its own compositions, {options.condition}",
        "",
        f"Folds {', '.join(map(str, options.folds))} of {FOLDS}; {rows[0][1].count} compositions of "
        "piano-midi.de, PercePiano and, for performed timing, hannds; members mixed with equal spread; mean r "
        "with a 95 % bootstrap interval. Each member stops at the epoch (for trees: tenth of the rounds) that "
        "is best on the fold, so that the figures flatter it a little.",
        "",
        "| mixture | r |",
        "|---|---|",
        *(f"| {name} | {found} |" for name, found in rows),
        "",
        "r after each epoch:",
        "",
        *(f"- {line}" for line in epochs),
    ]
    (HERE / f"free_music_{options.condition}.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
