"""Fit tempo, timing, articulation and pedal for scores, and add them to a bundle.

What the bundle has already stays as it is, byte for byte. Flat scores are ASAP's and those of
maestro-aligned, which has no pedals; marked ones ASAP's. An interrupted run goes on from the
checkpoints beside OUTPUT.

Run: python scripts/add_performance_heads.py BUNDLE OUTPUT ASAP MAESTRO_ALIGNED [--fast]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from humanize.expression import TEMPO
from humanize.models.fitting.trainer import FittedMember
from humanize.training.added_heads import (
    NET_CONDITION,
    RECIPES,
    fit_heads,
    fit_nets,
    save_with_heads,
)
from humanize.training.checkpoints import Checkpoints
from humanize.training.datasets import prepare, with_one_block
from humanize.training.loaders import MoreMusic, load_training_pieces
from humanize.training.progress import ConsoleProgress


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("asap", type=Path)
    parser.add_argument("maestro_aligned", type=Path)
    parser.add_argument("--fast", action="store_true", help="fewer trees and no nets")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    recipe = RECIPES["fast" if options.fast else "whole"]
    store = Checkpoints(options.output.with_name(options.output.name + ".checkpoints"))
    more = MoreMusic(maestro_aligned=options.maestro_aligned)
    heads, music = [], {}
    nets: dict[str, FittedMember] = {}
    with ConsoleProgress(recipe.count_units()) as progress:
        for condition in recipe.parts:
            music[condition] = load_training_pieces(options.asap, condition, more=more)
            read = with_one_block(
                prepare(
                    music[condition],
                    condition=condition,
                    target=TEMPO,
                    variants=1,
                    workers=options.threads,
                )
            )
            if condition == NET_CONDITION:
                nets = fit_nets(read, recipe, progress, store)
            heads += list(fit_heads(read, condition, recipe, nets, progress, store))
    save_with_heads(options.bundle, options.output, heads, music)
    store.clear()


if __name__ == "__main__":
    main()
