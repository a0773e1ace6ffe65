"""What more music is worth: a condition learnt from ASAP alone, and with another corpus beside it.

Question: does music of other corpora help on compositions of ASAP that no model was fitted to? Members
are fitted to the training split and what is added, each for as long as it agrees best with the pianists
of the validation split, on which they are compared; what is held out is cleared from every corpus. The
test split is not touched.
Run: python benchmarks/velocity_accuracy/extra_music.py ASAP --condition flat maestro_aligned=DIR
     python benchmarks/velocity_accuracy/extra_music.py ASAP --condition performed hannds=DIR maestro=DIR
Each corpus joins those before it. Writes extra_music_CONDITION.md beside this file.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from cross_validate import HERE, r_by_composition, scaled

from humanize.corpus.pieces import Piece
from humanize.evaluation.statistics import estimate, paired_difference
from humanize.models.base import Condition
from humanize.training.checkpoints import Checkpoints
from humanize.training.datasets import Prepared
from humanize.training.fit import prepared_for
from humanize.training.loaders import MoreMusic, load_training_pieces
from humanize.training.members import TrainingOptions, fit_members, run_head
from humanize.training.progress import SilentProgress
from humanize.training.recipes import RECIPES, HeadRecipe, MemberRecipe

Figures = dict[str, dict[str, float]]
"""r by composition, by member."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("asap", type=Path)
    parser.add_argument("corpora", nargs="+", metavar="NAME=DIR")
    parser.add_argument("--condition", default="performed", choices=["flat", "performed"])
    parser.add_argument("--members", nargs="+")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    import torch

    torch.set_num_threads(options.threads)
    (head,) = RECIPES["ensemble"].heads((options.condition,))
    chosen = [m for m in head.members if m.name in (options.members or [m.name])]
    sets = music(options.asap, options.condition, options.corpora, options.threads)
    pieces = next(iter(sets.values()))
    training = TrainingOptions(threads=options.threads)
    held = prepared_for(head, [p for p in pieces if p.split == "validation"], training)
    found: dict[str, Figures] = {}
    for label, own in sets.items():
        kept = [p for p in own if p.split != "validation"]
        read = prepared_for(head, kept, training)
        found[f"{label} ({len(read)})"] = figures(chosen, read, held, options)
        print(label, {name: str(estimate(r)) for name, r in list(found.values())[-1].items()})
    write(found, options.condition, len(held))


def music(
    asap: Path, condition: Condition, corpora: Sequence[str], threads: int
) -> dict[str, Sequence[Piece]]:
    """Return ASAP's pieces, then those with each corpus added to the ones before it."""
    given: dict[str, Path] = {}
    sets = {"ASAP": load_training_pieces(asap, condition, workers=threads)}
    for entry in corpora:
        name, folder = entry.split("=", 1)
        given[name] = Path(folder)
        label = " + ".join(["ASAP", *given]).replace("_", "-")
        sets[label] = load_training_pieces(
            asap, condition, more=MoreMusic(**given), workers=threads
        )
    return sets


def figures(
    chosen: list[MemberRecipe],
    fitted_to: list[Prepared],
    held: list[Prepared],
    options: argparse.Namespace,
) -> Figures:
    """Return r by composition of each member, and of their mixture."""
    pieces = [p.piece for p in held]
    made: dict[str, list[np.ndarray]] = {}
    training = TrainingOptions(threads=options.threads)
    for member in chosen:
        recipe = HeadRecipe(trained_on=options.condition, members=(member,))
        store = Checkpoints(HERE / ".checkpoints" / "extra")
        fitted = fit_members(recipe, fitted_to, training, SilentProgress(), store, held)
        store.clear()
        made[member.name] = [run_head(recipe, fitted, p) for p in held]
    if len(chosen) > 1:
        weights = [member.weight for member in chosen]
        made["mixture"] = [
            np.asarray(sum(w * scaled(v) for w, v in zip(weights, of_piece, strict=True)))
            for of_piece in zip(*made.values(), strict=True)
        ]
    return {name: r_by_composition(pieces, predicted) for name, predicted in made.items()}


def write(found: dict[str, Figures], condition: Condition, held: int) -> None:
    first, *others = found
    count = len(next(iter(found[first].values())))
    lines = [
        f"# What more music is worth, {condition} input",
        "",
        f"Pieces fitted to in brackets; compared on {held} pieces of the {count} validation "
        "compositions. Mean r with a 95 % bootstrap interval; the gain over ASAP alone is paired "
        "over compositions.",
        "",
        "| member | trained on | r | gain |",
        "|---|---|---|---|",
    ]
    for name, r in found[first].items():
        lines.append(f"| {name} | {first} | {estimate(r)} | |")
        for label in others:
            own = found[label][name]
            lines.append(f"| {name} | {label} | {estimate(own)} | {paired_difference(own, r)} |")
    (HERE / f"extra_music_{condition}.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
