"""What more music is worth: performed timing learnt with and without the hannds corpus.

Question: do performances of other pieces, with their players' timing, help on compositions of ASAP
that no model was fitted to? Trained on the training split, compared on the validation split, from which
everything on hannds' list of exclusions stays apart. The test split is not touched.
Run: python benchmarks/velocity_accuracy/extra_music.py ASAP HANNDS [--members trees]
Writes extra_music.md beside this file.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from cross_validate import HERE, r_by_composition, scaled

from humanize.corpus.pieces import Piece
from humanize.evaluation.statistics import estimate, paired_difference
from humanize.training.checkpoints import Checkpoints
from humanize.training.datasets import Prepared, prepare
from humanize.training.loaders import load_training_pieces
from humanize.training.members import TrainingOptions, fit_members, run_head
from humanize.training.progress import SilentProgress
from humanize.training.recipes import RECIPES, HeadRecipe, MemberRecipe


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("asap", type=Path)
    parser.add_argument("hannds", type=Path)
    members = [member.name for member in RECIPES["ensemble"].performed]
    parser.add_argument("--members", nargs="+", default=members, choices=members)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    import torch

    torch.set_num_threads(options.threads)
    chosen = [m for m in RECIPES["ensemble"].performed if m.name in options.members]
    own = load_training_pieces(options.asap, "performed", workers=options.threads)
    more = load_training_pieces(options.asap, "performed", extra=options.hannds)[len(own) :]
    heard_as = 1 if options.members == ["trees"] else 2
    held = prepared_of([p for p in own if p.split == "validation"], 1, heard_as)
    kept = prepared_of([p for p in own if p.split != "validation"], options.threads, heard_as)
    added = prepared_of(more, options.threads, heard_as)
    found: dict[str, dict[str, dict[str, float]]] = {}
    for label, pieces in (("ASAP", kept), ("ASAP and hannds", kept + added)):
        found[label] = figures(chosen, pieces, held, options.threads)
        print(label, {name: str(estimate(r)) for name, r in found[label].items()}, flush=True)
    write(found, len(kept), len(added), len(held))


def prepared_of(pieces: Sequence[Piece], workers: int, variants: int) -> list[Prepared]:
    return prepare(pieces, condition="performed", variants=variants, workers=workers)


def figures(
    chosen: list[MemberRecipe], fitted_to: list[Prepared], held: list[Prepared], threads: int
) -> dict[str, dict[str, float]]:
    """Return r by composition of each member, and of their mixture."""
    pieces = [p.piece for p in held]
    made: dict[str, list[np.ndarray]] = {}
    for member in chosen:
        recipe = HeadRecipe(trained_on="performed", members=(member,))
        store = Checkpoints(HERE / ".checkpoints" / "extra")
        fitted = fit_members(
            recipe, fitted_to, TrainingOptions(threads=threads), SilentProgress(), store
        )
        store.clear()
        made[member.name] = [run_head(recipe, fitted, p) for p in held]
    if len(chosen) > 1:
        weights = [member.weight for member in chosen]
        made["mixture"] = [
            np.asarray(sum(w * scaled(v) for w, v in zip(weights, of_piece, strict=True)))
            for of_piece in zip(*made.values(), strict=True)
        ]
    return {name: r_by_composition(pieces, predicted) for name, predicted in made.items()}


def write(found: dict[str, dict[str, dict[str, float]]], kept: int, added: int, held: int) -> None:
    without, with_it = found.values()
    lines = [
        "# What hannds adds, performed timing",
        "",
        f"Trained on {kept} performances of ASAP's training compositions, without and with {added} "
        f"of hannds; compared on {held} performances of the {len(next(iter(without.values())))} "
        "validation compositions. Mean r with a 95 % bootstrap interval; the gain is paired over "
        "compositions.",
        "",
        "| member | ASAP | ASAP and hannds | gain |",
        "|---|---|---|---|",
    ]
    for name, r in without.items():
        gain = paired_difference(with_it[name], r)
        lines.append(f"| {name} | {estimate(r)} | {estimate(with_it[name])} | {gain} |")
    (HERE / "extra_music.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
