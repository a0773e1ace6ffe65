"""Fit what a bundle predicts beside velocity, and add it: its velocity stays as it is.

The heads of tempo, timing, articulation and pedal read the same rows, so features and bins are made
once for a condition. Each head is fitted twice, as those of velocity are: without the validation
compositions, which say when to stop and how to calibrate, and then to all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from humanize.corpus.pieces import Piece
from humanize.expression import TARGETS, VELOCITY, Target
from humanize.models.base import Condition
from humanize.models.bundle import save_bundle
from humanize.models.fitting.losses import Loss
from humanize.models.fitting.many_trees import BinnedRows, Labels
from humanize.models.fitting.stopping import Stopping, best_epoch
from humanize.models.fitting.trainer import FittedMember, Progress
from humanize.models.fitting.trees import TreeOptions
from humanize.models.manifest import read_manifest
from humanize.training.calibration import calibrate
from humanize.training.checkpoints import Checkpoints
from humanize.training.datasets import Prepared, training_set, with_target
from humanize.training.members import head_spec, measure_on
from humanize.training.provenance import training_music
from humanize.training.recipes import HeadRecipe, MemberRecipe

ADDED_TARGETS = tuple(target for target in TARGETS if target != VELOCITY)


@dataclass(frozen=True, kw_only=True)
class FittedHead:
    """One head that was fitted.

    Attributes
    ----------
    recipe : HeadRecipe
    spec : dict
        Its entry in the manifest.
    graphs : dict of str to bytes
        Its files.
    """

    recipe: HeadRecipe
    spec: dict[str, Any]
    graphs: dict[str, bytes]


def fit_tree_heads(
    prepared: Sequence[Prepared],
    condition: Condition,
    *,
    trees: Mapping[Target, TreeOptions],
    share: float = 1.0,
    progress: Progress,
    store: Checkpoints,
) -> Iterable[FittedHead]:
    """Yield a head of trees for each target, over rows that are put into bins once.

    Parameters
    ----------
    prepared : sequence of Prepared
        With the columns that the condition has for these targets; the split of a piece says
        whether it is held out at first.
    condition : "flat" or "marked"
    trees : mapping of Target to TreeOptions
    share : float
        Of the notes that are read, drawn.
    progress : Progress
    store : Checkpoints
    """
    rows = BinnedRows(training_set(prepared, condition), next(iter(trees.values())), share=share)
    for target, options in trees.items():
        own = [with_target(piece, target) for piece in prepared]
        member = MemberRecipe(name="trees", options=options)
        recipe = HeadRecipe(trained_on=condition, members=(member,), target=target)
        yield _fit_head(recipe, own, rows, progress, store.within(recipe.name))


def _fit_head(
    recipe: HeadRecipe,
    prepared: Sequence[Prepared],
    rows: BinnedRows,
    progress: Progress,
    store: Checkpoints,
) -> FittedHead:
    held_out = [p for p in prepared if p.piece.split == "validation"]
    first = Stopping(measure=measure_on(held_out, recipe.target))
    labels = [_labels(p, read=p.piece.split != "validation") for p in prepared]
    early = _fit_or_read(recipe, rows, labels, progress, store.within("held-out"), first)
    calibration = calibrate(recipe, [early], held_out)
    last = Stopping(last=best_epoch(early.curve))
    labels = [_labels(p, read=True) for p in prepared]
    whole = _fit_or_read(recipe, rows, labels, progress, store.within("all"), last)
    spec = head_spec(recipe, [replace(whole, curve=early.curve)], calibration)
    return FittedHead(
        recipe=recipe, spec=spec, graphs={spec["members"][0]["file"]: whole.graph or b""}
    )


def _labels(prepared: Prepared, *, read: bool) -> Labels:
    weight = prepared.sequence.weight
    return prepared.sequence.target, weight if read else np.zeros_like(weight)


def _fit_or_read(
    recipe: HeadRecipe,
    rows: BinnedRows,
    labels: Sequence[Labels],
    progress: Progress,
    store: Checkpoints,
    stopping: Stopping,
) -> FittedMember:
    (member,) = recipe.members
    options = cast(TreeOptions, member.options)
    known = store.read(options)
    if known is not None:
        return known
    loss: Loss = "logistic" if recipe.target.kind == "probability" else "squared"
    fitted = rows.fit(labels, options, loss, progress, stopping)
    store.write(options, fitted)
    return fitted


def save_with_heads(
    bundle: Path,
    folder: Path,
    heads: Iterable[FittedHead],
    music: Mapping[Condition, Sequence[Piece]],
) -> None:
    """Save a bundle with these heads added, or in the place of those of the same name.

    The files and entries of all other heads stay as they are.

    Parameters
    ----------
    bundle : Path
        A folder with a bundle.
    folder : Path
        Where the new one goes; may be the same.
    heads : iterable of FittedHead
    music : mapping of condition to sequence of Piece
        What the heads were fitted to.
    """
    manifest, _ = read_manifest(bundle)
    graphs = {file: (bundle / file).read_bytes() for file in manifest["sha256"]}
    for head in heads:
        own = manifest["routes"][head.recipe.trained_on]["heads"]
        own[head.recipe.target.name] = head.spec
        graphs |= head.graphs
    kept = {key: own for key, own in manifest.items() if key not in ("format", "sha256")}
    save_bundle(folder, _with_music(kept, training_music(music)), graphs)


def _with_music(manifest: dict[str, Any], added: Mapping[str, Any]) -> dict[str, Any]:
    """Return a manifest that names the corpora of added heads too."""
    known = list(manifest.get("training_music", []))
    names = {own["corpus"] for own in known}
    new = [own for own in added["training_music"] if own["corpus"] not in names]
    attribution = "; ".join([manifest["attribution"], *(own["attribution"] for own in new)])
    return {**manifest, "training_music": [*known, *new], "attribution": attribution}
