"""Fit members, calibrate, and save a bundle."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from humanize.corpus.pieces import Piece
from humanize.errors import CorpusError
from humanize.expression import VELOCITY, Target
from humanize.features import feature_names
from humanize.models.base import Calibration, Condition, Head
from humanize.models.bundle import save_bundle
from humanize.models.fitting.sequence import with_half_weights
from humanize.models.fitting.stopping import best_epoch
from humanize.models.fitting.trainer import FittedMember, Progress
from humanize.training.calibration import calibrate
from humanize.training.checkpoints import Checkpoints
from humanize.training.datasets import Prepared, distilled, prepare, with_one_block
from humanize.training.members import (
    TrainingOptions,
    columns_read,
    fit_members,
    head_spec,
    run_head,
)
from humanize.training.provenance import training_music
from humanize.training.recipes import HeadRecipe, Recipe

Loader = Callable[[Condition], Sequence[Piece]]


def train(
    recipe: Recipe,
    load: Loader,
    folder: Path,
    *,
    conditions: tuple[Condition, ...],
    targets: Sequence[Target] = (VELOCITY,),
    options: TrainingOptions,
    progress: Progress,
    about: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Train a model and save its bundle.

    Each head is fitted twice: on the training split alone, to find on the validation split the
    best number of epochs, the level and the spread; then on both, for that many epochs. With a
    teacher it is fitted once and takes the teacher's level and spread. An interrupted run goes on
    from the checkpoints beside the bundle; they are removed at the end.

    Parameters
    ----------
    recipe : Recipe
    load : callable
        From a condition to the pieces of the training and validation splits.
    folder : Path
        Where the bundle goes.
    conditions : tuple of Condition
    targets : sequence of Target
    options : TrainingOptions
    progress : Progress
    about : mapping, optional
        Entries of the manifest to add or to replace.
    """
    _set_threads(options.threads)
    store = Checkpoints(folder.with_name(folder.name + ".checkpoints"))
    routes: dict[str, Any] = {}
    graphs: dict[str, bytes] = {}
    read: dict[Condition, Sequence[Piece]] = {}
    for head in recipe.heads(conditions, targets):
        if head.trained_on not in read:
            read[head.trained_on] = load(head.trained_on)
        spec, made = train_head(head, read[head.trained_on], options, progress, store)
        graphs |= made
        route = routes.setdefault(head.trained_on, {"heads": {}})
        route["heads"][head.target.name] = spec
    manifest: dict[str, Any] = {
        "name": folder.name,
        "summary": recipe.summary,
        "recipe": recipe.name,
    }
    manifest |= {"routes": routes, "seed": options.seed, **_music(read, options), **about}
    save_bundle(folder, manifest, graphs)
    store.clear()


def train_head(
    recipe: HeadRecipe,
    pieces: Sequence[Piece],
    options: TrainingOptions,
    progress: Progress,
    store: Checkpoints,
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Fit one head, from the teacher of the options where they have one.

    Returns
    -------
    spec : dict
        Its entry in the manifest.
    graphs : dict of str to bytes
        By file.
    """
    progress.advance(f"features of {len(pieces)} pieces ({recipe.name})", float("nan"))
    teacher = None
    if options.teacher is not None:
        teacher = options.teacher.head(recipe.trained_on, recipe.target.name)
    prepared = prepared_for(recipe, pieces, options, teacher)
    if teacher is None and not any((p.sequence.weight > 0).any() for p in prepared):
        raise CorpusError(
            f"{recipe.target.aspect} of {recipe.trained_on} input: none of {len(pieces)} pieces "
            f"has it ({recipe.target.name}); expected performances that do. Leave this target out"
        )
    if teacher is not None:
        members, calibration = _distil(recipe, prepared, teacher, options, progress, store)
    else:
        members, calibration = _fit_twice(recipe, prepared, options, progress, store)
    spec = head_spec(recipe, members, calibration)
    graphs = {
        entry["file"]: _stored(entry["kind"], fitted.graph)
        for entry, fitted in zip(spec["members"], members, strict=True)
        if fitted.graph is not None
    }
    return spec, graphs


def prepared_for(
    recipe: HeadRecipe,
    pieces: Sequence[Piece],
    options: TrainingOptions,
    teacher: Head | None = None,
) -> list[Prepared]:
    """Return pieces as the members of a head read them; performed music with one block each."""
    prepared = prepare(
        pieces,
        condition=recipe.trained_on,
        target=recipe.target,
        names=_columns(recipe, teacher),
        variants=_variants(recipe, options),
        seed=options.seed,
        workers=options.threads,
    )
    return with_one_block(prepared) if recipe.trained_on == "performed" else prepared


def _fit_twice(
    recipe: HeadRecipe,
    prepared: Sequence[Prepared],
    options: TrainingOptions,
    progress: Progress,
    store: Checkpoints,
) -> tuple[list[FittedMember], Calibration]:
    """Fit without the validation compositions, then with them, for as long as was best before.

    Where there is much other music they may stay unread: the first fit is kept then.
    """
    held_out = [p for p in prepared if p.piece.split == "validation"]
    kept = [p for p in prepared if p.piece.split != "validation"]
    first = fit_members(recipe, kept, options, progress, store.within("held-out"), held_out)
    calibration = calibrate(recipe, first, held_out or prepared)
    if not options.again:
        return first, calibration
    lasts = [best_epoch(fitted.curve) for fitted in first]
    members = fit_members(recipe, prepared, options, progress, store.within("all"), lasts=lasts)
    followed = [replace(m, curve=f.curve) for m, f in zip(members, first, strict=True)]
    return followed, calibration


def _distil(
    recipe: HeadRecipe,
    prepared: Sequence[Prepared],
    teacher: Head,
    options: TrainingOptions,
    progress: Progress,
    store: Checkpoints,
) -> tuple[list[FittedMember], Calibration]:
    """Fit to the teacher's predictions for all the music, and take its level and spread.

    The first member learns them whole, each further one what those before it leave.
    """
    progress.advance("the teacher's predictions", float("nan"))
    with ThreadPoolExecutor(options.threads) as pool:
        made = list(pool.map(lambda p: distilled(p, teacher, recipe.trained_on), prepared))
    wanted = [variant for own in made for variant in own]
    members: list[FittedMember] = []
    left = sum(member.weight for member in recipe.members)
    for member in recipe.members:
        alone = replace(recipe, members=(member,))
        inside = store.within("all").within(member.name)
        fitted = fit_members(alone, wanted, options, progress, inside)
        members += fitted
        left -= member.weight
        if left > 0:
            wanted = _remainder(alone, fitted, wanted, member.weight / (left + member.weight))
    teacher_spread = float(np.mean([float(own[0].sequence.target.std()) for own in made]))
    own_spread = float(np.mean([float(run_head(recipe, members, p).std()) for p in prepared]))
    spread = teacher.calibration.spread * teacher_spread / max(own_spread, 0.05)
    return members, replace(teacher.calibration, spread=round(spread, 4))


def _remainder(
    recipe: HeadRecipe,
    fitted: Sequence[FittedMember],
    wanted: Sequence[Prepared],
    share: float,
) -> list[Prepared]:
    """Return targets whose mixture with what is fitted, at its share, is the targets given."""
    made = []
    for piece in wanted:
        predicted = share * run_head(recipe, fitted, piece)
        target = (piece.sequence.target - predicted.astype(np.float32)) / np.float32(1 - share)
        made.append(replace(piece, sequence=replace(piece.sequence, target=target)))
    return made


def _columns(recipe: HeadRecipe, teacher: Head | None) -> tuple[str, ...]:
    """Return the features that the head or its teacher reads, in the order of the table."""
    needed = {*columns_read(recipe), *(teacher.feature_names if teacher else ())}
    return tuple(name for name in feature_names() if name in needed)


def _stored(kind: str, graph: bytes) -> bytes:
    return with_half_weights(graph) if kind == "sequence" else graph


def _variants(recipe: HeadRecipe, options: TrainingOptions) -> int:
    """Return how many variants of each piece some member reads; performed music is plenty as is."""
    most = 1 if recipe.trained_on == "performed" else options.variants
    return max(member.options.variants_read(most) for member in recipe.members)


def _music(read: Mapping[Condition, Sequence[Piece]], options: TrainingOptions) -> dict[str, Any]:
    return training_music(read, options.teacher.trained_on if options.teacher else ())


def _set_threads(threads: int) -> None:
    import torch

    torch.set_num_threads(threads)
