"""Fit tempo to the onsets of scores, and put it into a bundle in the place of what was there.

What else the bundle has stays as it is, byte for byte; its convolution over notes stays a member of
tempo. Flat scores are ASAP's and, for one net, those of maestro-aligned; marked ones ASAP's. An
interrupted run goes on from the checkpoints beside OUTPUT.

Run: python scripts/add_tempo.py BUNDLE OUTPUT ASAP MAESTRO_ALIGNED [--fast]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from humanize.expression import TEMPO
from humanize.models.base import Condition
from humanize.training.added_heads import save_with_heads
from humanize.training.checkpoints import Checkpoints
from humanize.training.datasets import prepare, with_one_block
from humanize.training.loaders import MoreMusic, load_training_pieces
from humanize.training.onset_tempo import NET_CONDITION, RECIPES, fit_tempo
from humanize.training.progress import ConsoleProgress

CONDITIONS: tuple[Condition, ...] = ("flat", "marked")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("asap", type=Path)
    parser.add_argument("maestro_aligned", type=Path)
    parser.add_argument("--fast", action="store_true", help="fewer trees and one net")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    import torch

    torch.set_num_threads(options.threads)
    recipe = RECIPES["fast" if options.fast else "whole"]
    store = Checkpoints(options.output.with_name(options.output.name + ".checkpoints"))
    more = MoreMusic(maestro_aligned=options.maestro_aligned)
    music = {
        condition: load_training_pieces(options.asap, condition, more=more, workers=options.threads)
        for condition in CONDITIONS
    }
    prepared = {
        condition: with_one_block(
            prepare(own, condition=condition, target=TEMPO, variants=1, workers=options.threads)
        )
        for condition, own in music.items()
    }
    with ConsoleProgress(recipe.count_units(len(CONDITIONS))) as progress:
        heads = list(fit_tempo(prepared, recipe, options.bundle, progress, store))
    marked = (*music["marked"], *music[NET_CONDITION])
    heard = {NET_CONDITION: music[NET_CONDITION], "marked": marked}
    save_with_heads(options.bundle, options.output, heads, heard)
    store.clear()


if __name__ == "__main__":
    main()
