"""Fit one route of a bundle once more, to the training music as it is now.

Every member stops where it stopped before (``stopped_after`` in the manifest) and the level and
spread stay, so that half of a whole training is saved; with ``--whole`` they are found anew, as
``humanize train`` does, with ``--once`` too, but validation compositions are not learnt after they have
said when to stop. With a teacher the route is distilled from it. What the other routes were
fitted to stays in the manifest as an entry of its own. An interrupted run goes on from the checkpoints
beside OUTPUT.

Run: python scripts/refit_route.py BUNDLE OUTPUT ASAP --condition flat [--maestro-aligned FOLDER]
     [--extra HANNDS] [--maestro FOLDER] [--whole | --once | --teacher BUNDLE]
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from humanize.corpus.pieces import Piece
from humanize.expression import VELOCITY
from humanize.models import load_model
from humanize.models.base import Calibration, Condition
from humanize.models.bundle import graphs_read, save_bundle
from humanize.models.fitting.sequence import with_half_weights
from humanize.models.manifest import read_manifest
from humanize.models.provenance import TrainingMusic
from humanize.training.checkpoints import Checkpoints
from humanize.training.fit import prepared_for, train_head
from humanize.training.loaders import MoreMusic, load_training_pieces
from humanize.training.members import TrainingOptions, fit_members, head_spec
from humanize.training.progress import ConsoleProgress, count_units
from humanize.training.provenance import attribution_of, training_music
from humanize.training.recipes import HeadRecipe, recipe

Made = tuple[dict[str, Any], dict[str, bytes]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("asap", type=Path)
    parser.add_argument("--condition", default="flat", choices=["flat", "marked", "performed"])
    parser.add_argument("--extra", type=Path)
    parser.add_argument("--maestro", type=Path)
    parser.add_argument("--maestro-aligned", type=Path)
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--whole", action="store_true")
    way.add_argument("--once", action="store_true")
    way.add_argument("--teacher", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    import torch

    torch.set_num_threads(options.threads)
    manifest, _ = read_manifest(options.bundle)
    made = recipe(manifest["recipe"])
    (head,) = made.heads((options.condition,))
    old = manifest["routes"][options.condition]["heads"][VELOCITY.name]
    more = MoreMusic(
        hannds=options.extra,
        maestro=options.maestro,
        maestro_aligned=options.maestro_aligned,
    )
    pieces = load_training_pieces(
        options.asap, options.condition, more=more, workers=options.threads
    )
    store = Checkpoints(options.output.with_name(options.output.name + ".checkpoints"))
    teacher = load_model(options.teacher) if options.teacher else None
    with ConsoleProgress(
        count_units(made, (options.condition,)) // (1 if options.whole else 2)
    ) as progress:
        if teacher or options.whole or options.once:
            training = TrainingOptions(
                threads=options.threads, teacher=teacher, again=not options.once
            )
            spec, fitted = train_head(head, pieces, training, progress, store)
        else:
            spec, fitted = stopped_as_before(head, old, pieces, options, progress, store)
    graphs = {file: (options.bundle / file).read_bytes() for file in manifest["sha256"]}
    manifest["routes"][options.condition]["heads"][VELOCITY.name] = spec
    dropped = ("format", "sha256", "trained_on")
    kept = {key: value for key, value in manifest.items() if key not in dropped}
    heard = teacher.trained_on if teacher else ()
    music = noted(manifest["training_music"], options.condition, pieces, heard)
    told = {"training_music": music, "attribution": attribution_of(music)}
    graphs = graphs_read(manifest["routes"], graphs | fitted)
    save_bundle(options.output, kept | told, graphs)
    store.clear()


def stopped_as_before(
    head: HeadRecipe,
    old: dict[str, Any],
    pieces: Sequence[Piece],
    options: argparse.Namespace,
    progress: ConsoleProgress,
    store: Checkpoints,
) -> Made:
    """Fit the members for as many epochs as before, and keep the level and spread."""
    lasts = [entry["stopped_after"] for entry in old["members"]]
    training = TrainingOptions(threads=options.threads)
    prepared = prepared_for(head, pieces, training)
    members = fit_members(head, prepared, training, progress, store, lasts=lasts)
    spec = head_spec(head, members, Calibration(**old["calibration"]))
    graphs = {}
    for entry, before, member in zip(spec["members"], old["members"], members, strict=True):
        entry |= {k: before[k] for k in ("validation_r_by_epoch", "stopped_after")}
        graph = member.graph or b""
        graphs[entry["file"]] = with_half_weights(graph) if entry["kind"] == "sequence" else graph
    return spec, graphs


def noted(
    music: list[dict[str, Any]],
    condition: Condition,
    pieces: Sequence[Piece],
    teacher: Sequence[TrainingMusic] = (),
) -> list[dict[str, Any]]:
    """Return what the manifest says of the music: this route's now, the others' as it was."""
    own = training_music({condition: pieces}, teacher)["training_music"]
    now = {entry["corpus"] for entry in own}
    before = [without(entry, condition) if entry["corpus"] in now else entry for entry in music]
    return [*own, *(entry for entry in before if entry["fingerprints"])]


def without(entry: dict[str, Any], condition: str) -> dict[str, Any]:
    """Return an entry of the training music without a condition."""
    kept = {c: hashed for c, hashed in entry["fingerprints"].items() if c != condition}
    return {**entry, "fingerprints": kept}


if __name__ == "__main__":
    main()
