"""Fit one route of a bundle once more, to the training music as it is now.

Every member stops where it stopped before (``stopped_after`` in the manifest) and the level and
spread stay, so that half of a whole training is saved. What the other routes were fitted to stays in
the manifest as a note of its own. An interrupted run goes on from the checkpoints beside OUTPUT.

Run: python scripts/refit_route.py BUNDLE OUTPUT ASAP --condition flat [--extra HANNDS]
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from humanize.corpus.pieces import Piece
from humanize.expression import VELOCITY
from humanize.models.base import Calibration
from humanize.models.bundle import save_bundle
from humanize.models.fitting.sequence import with_half_weights
from humanize.models.manifest import read_manifest
from humanize.training.checkpoints import Checkpoints
from humanize.training.datasets import prepare
from humanize.training.loaders import load_training_pieces
from humanize.training.members import TrainingOptions, fit_members, head_spec
from humanize.training.progress import ConsoleProgress, count_units
from humanize.training.provenance import training_music
from humanize.training.recipes import recipe


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("asap", type=Path)
    parser.add_argument("--condition", default="flat", choices=["flat", "marked", "performed"])
    parser.add_argument("--extra", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    import torch

    torch.set_num_threads(options.threads)
    manifest, _ = read_manifest(options.bundle)
    made = recipe(manifest["recipe"])
    (head,) = made.heads((options.condition,))
    old = manifest["routes"][options.condition]["heads"][VELOCITY.name]
    lasts = [entry["stopped_after"] for entry in old["members"]]
    pieces = load_training_pieces(
        options.asap, options.condition, extra=options.extra, workers=options.threads
    )
    variants = 2 if options.condition == "performed" else 4
    prepared = prepare(
        pieces, condition=options.condition, variants=variants, workers=options.threads
    )
    store = Checkpoints(options.output.with_name(options.output.name + ".checkpoints"))
    with ConsoleProgress(count_units(made, (options.condition,)) // 2) as progress:
        fitted = fit_members(
            head, prepared, TrainingOptions(threads=options.threads), progress, store, lasts=lasts
        )
    spec = head_spec(head, fitted, Calibration(**old["calibration"]))
    for entry, before in zip(spec["members"], old["members"], strict=True):
        entry |= {k: before[k] for k in ("validation_r_by_epoch", "stopped_after")}
    graphs = {file: (options.bundle / file).read_bytes() for file in manifest["sha256"]}
    for entry, member in zip(spec["members"], fitted, strict=True):
        graph = member.graph or b""
        graphs[entry["file"]] = with_half_weights(graph) if entry["kind"] == "sequence" else graph
    manifest["routes"][options.condition]["heads"][VELOCITY.name] = spec
    about = noted(manifest, options, pieces)
    dropped = ("format", "sha256", "trained_on")
    kept = {key: value for key, value in manifest.items() if key not in dropped}
    save_bundle(options.output, {**kept, **about}, graphs)
    store.clear()


def noted(
    manifest: dict[str, Any], options: argparse.Namespace, pieces: list[Piece]
) -> dict[str, Any]:
    """Return what the manifest says of the music: this route's now, the others' as it was."""
    own = training_music({options.condition: pieces})["training_music"]
    before = [without(music, options.condition) for music in manifest["training_music"]]
    return {"training_music": [*own, *(music for music in before if music["fingerprints"])]}


def without(music: dict[str, Any], condition: str) -> dict[str, Any]:
    """Return an entry without a condition."""
    kept = {c: hashed for c, hashed in music["fingerprints"].items() if c != condition}
    return {**music, "fingerprints": kept}


if __name__ == "__main__":
    main()
