"""Fit what a bundle predicts beside velocity, and add it: its velocity stays as it is.

The heads of tempo, timing, articulation and pedal read the same columns, so features and bins are
made once for a condition, and one net learns all targets. Trees are fitted twice, as those of
velocity are: without the validation compositions, which say when to stop and how to calibrate, and
then to all. The net is fitted once, to flat scores without them, and joins the trees of a target
where the two agree better with the held-out pianists than trees alone do; of marked scores it reads
what a flat score has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from humanize.corpus.pieces import Piece
from humanize.expression import (
    ARTICULATION,
    PEDAL_DOWN,
    PEDAL_LIFT,
    PEDAL_PRESS,
    TARGETS,
    TEMPO,
    TIMING,
    VELOCITY,
    Target,
)
from humanize.models.base import Condition
from humanize.models.bundle import graphs_read, save_bundle
from humanize.models.fitting.losses import Loss
from humanize.models.fitting.many_sequences import Predictions, Task, fit_jointly
from humanize.models.fitting.many_trees import BinnedRows, Labels
from humanize.models.fitting.sequence import SequenceOptions, with_half_weights
from humanize.models.fitting.stopping import Stopping, best_epoch
from humanize.models.fitting.trainer import FittedMember, Progress
from humanize.models.fitting.training_set import Values
from humanize.models.fitting.trees import TreeOptions
from humanize.models.manifest import read_manifest
from humanize.models.provenance import MUSIC_OF_ADDED_HEADS
from humanize.training.calibration import calibrate
from humanize.training.checkpoints import Checkpoints
from humanize.training.datasets import Prepared, training_set, with_target
from humanize.training.members import head_spec, mean_correlation, measure_on, run_head
from humanize.training.provenance import attribution_of, training_music
from humanize.training.recipes import HeadRecipe, MemberRecipe

ADDED_TARGETS = tuple(target for target in TARGETS if target != VELOCITY)
NET_CONDITION: Condition = "flat"
"""What nets are fitted to."""

_LEAST_GAIN = 0.002  # of r: what a net must add to be kept


@dataclass(frozen=True, kw_only=True)
class TreePart:
    """Trees of some targets over the same rows.

    Attributes
    ----------
    targets : tuple of Target
    options : TreeOptions
    share : float
        Of the notes that are read, drawn: notes of a piece are many and much alike.
    """

    targets: tuple[Target, ...]
    options: TreeOptions
    share: float


@dataclass(frozen=True, kw_only=True)
class AddedRecipe:
    """What added heads are made of.

    Attributes
    ----------
    parts : mapping of Condition to tuple of TreePart
    net : SequenceOptions or None
        One for all targets.
    """

    parts: Mapping[Condition, tuple[TreePart, ...]]
    net: SequenceOptions | None = None

    @property
    def net_targets(self) -> tuple[Target, ...]:
        """Every target of the net, in the order of its outputs."""
        return tuple(target for part in self.parts[NET_CONDITION] for target in part.targets)

    def count_units(self) -> int:
        """Return how often training will report."""
        parts = [part for own in self.parts.values() for part in own]
        trees = sum(2 * part.options.reports * len(part.targets) for part in parts)
        return trees + (self.net.reports if self.net else 0)


_TREES = TreeOptions(
    rounds=200, rate=0.12, least=100, rows=0.5, columns=0.2, by_column=True, threads=2
)
_MORE_TREES = replace(_TREES, rounds=600, rate=0.06)

_FEW = (TreePart(targets=ADDED_TARGETS, options=_TREES, share=0.4),)

RECIPES = {
    "fast": AddedRecipe(parts={"flat": _FEW, "marked": _FEW}),
    "whole": AddedRecipe(
        # more trees agree better for these; those of marked scores were tried for tempo alone
        parts={
            "flat": (
                TreePart(targets=(TEMPO, ARTICULATION, PEDAL_DOWN), options=_MORE_TREES, share=0.5),
                TreePart(targets=(PEDAL_LIFT, PEDAL_PRESS, TIMING), options=_TREES, share=0.4),
            ),
            "marked": (
                TreePart(targets=(TEMPO,), options=_MORE_TREES, share=0.5),
                TreePart(
                    targets=tuple(t for t in ADDED_TARGETS if t != TEMPO),
                    options=_TREES,
                    share=0.4,
                ),
            ),
        },
        net=SequenceOptions(kind="convolution", hidden=64, epochs=6, seed=1),
    ),
}


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
    graphs: dict[str, bytes] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class _Members:
    """The trees of a head, without the held-out pieces and with them, and a net or None."""

    early: FittedMember
    whole: FittedMember
    net: FittedMember | None = None


def fit_heads(
    prepared: Sequence[Prepared],
    condition: Condition,
    recipe: AddedRecipe,
    nets: Mapping[str, FittedMember],
    progress: Progress,
    store: Checkpoints,
) -> Iterator[FittedHead]:
    """Yield a head for each target of a recipe.

    Parameters
    ----------
    prepared : sequence of Prepared
        With the columns that the condition has for these targets; the split of a piece says
        whether it is held out at first.
    condition : "flat" or "marked"
    recipe : AddedRecipe
    nets : mapping of str to FittedMember
        What ``fit_nets`` returns.
    progress : Progress
    store : Checkpoints
    """
    inside = store.within(condition)
    for part in recipe.parts[condition]:
        rows = BinnedRows(training_set(prepared, condition), part.options, share=part.share)
        for target in part.targets:
            own = [with_target(piece, target) for piece in prepared]
            early, whole = _fit_trees(
                own, target, part.options, rows, progress, inside.within(target.name)
            )
            held_out = [p for p in own if p.piece.split == "validation"]
            members = _Members(early=early, whole=whole, net=nets.get(target.name))
            yield _head(condition, target, part.options, recipe.net, members, held_out)


def _fit_trees(
    prepared: Sequence[Prepared],
    target: Target,
    options: TreeOptions,
    rows: BinnedRows,
    progress: Progress,
    store: Checkpoints,
) -> tuple[FittedMember, FittedMember]:
    """Fit trees without the validation compositions, and to all for as long as was best then."""
    held_out = [p for p in prepared if p.piece.split == "validation"]

    def fit(labels: Sequence[Labels], stopping: Stopping, name: str) -> FittedMember:
        inside = store.within(name)
        known = inside.read(options)
        if known is None:
            known = rows.fit(labels, options, _loss(target), progress, stopping)
            inside.write(options, known)
        return known

    following = Stopping(measure=measure_on(held_out, target))
    kept = [_labels(p, read=p.piece.split != "validation") for p in prepared]
    early = fit(kept, following, "held-out")
    last = Stopping(last=best_epoch(early.curve))
    whole = fit([_labels(p, read=True) for p in prepared], last, "all")
    return early, replace(whole, curve=early.curve)


def _loss(target: Target) -> Loss:
    return "logistic" if target.kind == "probability" else "squared"


def _labels(prepared: Prepared, *, read: bool) -> Labels:
    weight = prepared.sequence.weight
    return prepared.sequence.target, weight if read else np.zeros_like(weight)


def fit_nets(
    prepared: Sequence[Prepared],
    recipe: AddedRecipe,
    progress: Progress,
    store: Checkpoints,
) -> dict[str, FittedMember]:
    """Return the net's part for each target, by its name; none where the recipe has no net.

    Parameters
    ----------
    prepared : sequence of Prepared
        Flat scores.
    recipe : AddedRecipe
    progress : Progress
    store : Checkpoints
    """
    if recipe.net is None:
        return {}
    targets, options = recipe.net_targets, recipe.net
    known = {t.name: store.within(t.name).within("net").read(options) for t in targets}
    found = {name: member for name, member in known.items() if member is not None}
    if len(found) < len(targets):
        kept = [p for p in prepared if p.piece.split != "validation"]
        held_out = [p for p in prepared if p.piece.split == "validation"]
        tasks = [
            Task(
                name=target.name,
                loss=_loss(target),
                labels=[_labels(with_target(p, target), read=True) for p in kept],
            )
            for target in targets
        ]
        measure = _joint_measure(held_out, targets)
        found = fit_jointly(training_set(kept, NET_CONDITION), tasks, options, progress, measure)
        for name, member in found.items():
            store.within(name).within("net").write(options, member)
    columns = list(prepared[0].names)
    return {
        name: replace(member, spec={**member.spec, "columns": columns})
        for name, member in found.items()
    }


def _joint_measure(
    held_out: Sequence[Prepared], targets: Sequence[Target]
) -> Callable[[Callable[[Values], Predictions]], Mapping[str, float]]:
    own = {target: [with_target(p, target) for p in held_out] for target in targets}

    def measure(predict: Callable[[Values], Predictions]) -> Mapping[str, float]:
        found = [predict(p.sequence.variants[0]) for p in held_out]
        return {
            target.name: mean_correlation(pieces, [f[target.name] for f in found], target)
            for target, pieces in own.items()
        }

    return measure


def _head(
    condition: Condition,
    target: Target,
    trees: TreeOptions,
    net: SequenceOptions | None,
    members: _Members,
    held_out: Sequence[Prepared],
) -> FittedHead:
    """Return the trees of a target, with the net where the two agree better with pianists."""
    alone = HeadRecipe(
        trained_on=condition, members=(MemberRecipe(name="trees", options=trees),), target=target
    )
    recipe, early, whole = alone, [members.early], [members.whole]
    if net is not None and members.net is not None:
        part = MemberRecipe(name=net.kind, options=net)
        mixed = replace(alone, members=(*alone.members, part))
        gain = _agreement(mixed, [members.early, members.net], held_out)
        gain -= _agreement(alone, early, held_out)
        if gain >= _LEAST_GAIN:
            recipe, early, whole = mixed, [*early, members.net], [*whole, members.net]
    spec = head_spec(recipe, whole, calibrate(recipe, early, held_out))
    for entry in spec["members"][1:]:
        entry["file"] = (
            f"{replace(recipe, trained_on=NET_CONDITION).name}-{entry['options']['kind']}.onnx"
        )
    graphs = {
        entry["file"]: _stored(entry["kind"], member.graph or b"")
        for entry, member in zip(spec["members"], whole, strict=True)
    }
    return FittedHead(recipe=recipe, spec=spec, graphs=graphs)


def _agreement(
    recipe: HeadRecipe, members: Sequence[FittedMember], held_out: Sequence[Prepared]
) -> float:
    predicted = [run_head(recipe, members, piece) for piece in held_out]
    return mean_correlation(held_out, predicted, recipe.target)


def _stored(kind: str, graph: bytes) -> bytes:
    return with_half_weights(graph) if kind == "sequence" else graph


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
    heard = dict(kept.get(MUSIC_OF_ADDED_HEADS, {}))
    for condition, own in music.items():
        known = heard.get(condition, [])
        heard[condition] = sorted({*known, *(piece.composition for piece in own)})
    kept[MUSIC_OF_ADDED_HEADS] = heard
    graphs = graphs_read(manifest["routes"], graphs)
    save_bundle(folder, _with_music(kept, training_music(music)), graphs)


def _with_music(manifest: dict[str, Any], added: Mapping[str, Any]) -> dict[str, Any]:
    """Return a manifest that names the corpora of added heads too."""
    known = list(manifest.get("training_music", []))
    names = {own["corpus"] for own in known}
    new = [own for own in added["training_music"] if own["corpus"] not in names]
    music = [*known, *new]
    return {**manifest, "training_music": music, "attribution": attribution_of(music)}
