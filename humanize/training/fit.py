"""Fit members, calibrate, and save a bundle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from humanize.corpus.pieces import Piece
from humanize.models.base import Calibration, Condition, Model
from humanize.models.bundle import save_bundle
from humanize.models.fitting.sequence import SequenceOptions, with_half_weights
from humanize.models.fitting.stopping import best_epoch
from humanize.models.fitting.tabular import TabularOptions
from humanize.models.fitting.training_set import Progress
from humanize.models.fitting.trees import TreeOptions
from humanize.training.checkpoints import Checkpoints, FittedMember
from humanize.training.datasets import Prepared, lessons, prepare
from humanize.training.members import TrainingOptions, fit_members, route_spec, run_route
from humanize.training.recipes import Recipe, RouteRecipe

Loader = Callable[[Condition], Sequence[Piece]]


def train(
    recipe: Recipe,
    load: Loader,
    folder: Path,
    *,
    conditions: tuple[Condition, ...],
    options: TrainingOptions,
    progress: Progress,
    about: dict[str, Any],
) -> None:
    """Train a model and save its bundle.

    Each route is fitted twice: on the training split alone, to find on the validation split the
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
    options : TrainingOptions
    progress : Progress
    about : dict
        More entries for the manifest: licence, corpora.
    """
    _set_threads(options.threads)
    store = Checkpoints(folder.with_name(folder.name + ".checkpoints"))
    routes: dict[str, Any] = {}
    graphs: dict[str, bytes] = {}
    for route in recipe.routes(conditions):
        spec, made = _train_route(route, load(route.trained_on), options, progress, store)
        graphs |= made
        routes[route.trained_on] = spec
    manifest = {"name": folder.name, "summary": recipe.summary, "recipe": recipe.name, **about}
    save_bundle(folder, {**manifest, "routes": routes, "seed": options.seed}, graphs)
    store.clear()


def _train_route(
    recipe: RouteRecipe,
    pieces: Sequence[Piece],
    options: TrainingOptions,
    progress: Progress,
    store: Checkpoints,
) -> tuple[dict[str, Any], dict[str, bytes]]:
    progress.advance(f"features of {len(pieces)} pieces ({recipe.trained_on})", float("nan"))
    prepared = prepare(
        pieces,
        condition=recipe.trained_on,
        variants=_variants(recipe, options),
        seed=options.seed,
        workers=options.threads,
    )
    if options.teacher is not None:
        members, calibration = _distil(recipe, prepared, options.teacher, options, progress, store)
    else:
        members, calibration = _fit_twice(recipe, prepared, options, progress, store)
    spec = route_spec(recipe, members, calibration)
    graphs = {
        entry["file"]: _stored(entry["kind"], fitted.graph)
        for entry, fitted in zip(spec["members"], members, strict=True)
        if fitted.graph is not None
    }
    return spec, graphs


def _fit_twice(
    recipe: RouteRecipe,
    prepared: Sequence[Prepared],
    options: TrainingOptions,
    progress: Progress,
    store: Checkpoints,
) -> tuple[list[FittedMember], Calibration]:
    """Fit without the validation compositions, then with them, for as long as was best before."""
    held_out = [p for p in prepared if p.piece.split == "validation"]
    kept = [p for p in prepared if p.piece.split != "validation"]
    first = fit_members(recipe, kept, options, progress, store.within("held-out"), held_out)
    calibration = calibrate(recipe, first, held_out or prepared)
    lasts = [best_epoch(fitted.curve) for fitted in first]
    members = fit_members(recipe, prepared, options, progress, store.within("all"), lasts=lasts)
    told = [replace(m, curve=f.curve) for m, f in zip(members, first, strict=True)]
    return told, calibration


def _distil(
    recipe: RouteRecipe,
    prepared: Sequence[Prepared],
    teacher: Model,
    options: TrainingOptions,
    progress: Progress,
    store: Checkpoints,
) -> tuple[list[FittedMember], Calibration]:
    """Fit to what the teacher says of all the music, and take the teacher's level and spread.

    The first member learns what the teacher says, each further one what is then left to be said.
    """
    condition = recipe.trained_on
    progress.advance("the teacher's predictions", float("nan"))
    route = teacher.route(condition)  # loaded once, before the threads ask for it
    with ThreadPoolExecutor(options.threads) as pool:
        made = list(pool.map(lambda p: lessons(p, teacher, condition), prepared))
    heard = [lesson for own in made for lesson in own]
    members: list[FittedMember] = []
    left = sum(member.weight for member in recipe.members)
    for member in recipe.members:
        alone = replace(recipe, members=(member,))
        inside = store.within("all").within(member.name)
        fitted = fit_members(alone, heard, options, progress, inside)
        members += fitted
        left -= member.weight
        if left > 0:
            heard = _remainder(alone, fitted, heard, member.weight / (left + member.weight))
    wide = [float(own[0].sequence.target.std()) for own in made]
    own_wide = [float(run_route(recipe, members, p).std()) for p in prepared]
    spread = route.calibration.spread * float(np.mean(wide)) / max(float(np.mean(own_wide)), 0.05)
    return members, replace(route.calibration, spread=round(spread, 4))


def _remainder(
    recipe: RouteRecipe,
    fitted: Sequence[FittedMember],
    heard: Sequence[Prepared],
    share: float,
) -> list[Prepared]:
    """Return lessons whose mixture with what is fitted, at its share, is the lessons given."""
    made = []
    for lesson in heard:
        said = share * run_route(recipe, fitted, lesson)
        target = (lesson.sequence.target - said.astype(np.float32)) / np.float32(1 - share)
        made.append(replace(lesson, sequence=replace(lesson.sequence, target=target)))
    return made


def _stored(kind: str, graph: bytes) -> bytes:
    return with_half_weights(graph) if kind == "sequence" else graph


def calibrate(
    recipe: RouteRecipe, members: Sequence[FittedMember], prepared: Sequence[Prepared]
) -> Calibration:
    """Return the level and spread that give held-out pieces those of their pianists."""
    human, own, level, notated = [], [], [], []
    for piece in prepared:
        standard = run_route(recipe, members, piece)
        marked = piece.piece.notes.marking("notated_level")
        for performance in piece.piece.performances:
            human.append(performance.velocity.std())
            own.append(standard[performance.rows].std())
            level.append(performance.velocity.mean())
            known = np.isfinite(marked).any()
            notated.append(float(np.nanmean(marked)) if known else np.nan)
    spread = float(np.mean(human)) / max(float(np.mean(own)), 0.05)
    slope, centre = level_slope(np.array(notated), np.array(level))
    constant = float(np.mean(own)) < 1e-6
    return Calibration(
        level=round(float(np.mean(level)), 3),
        spread=0.0 if constant else round(spread, 4),
        marking_slope=slope,
        marking_centre=centre,
    )


def level_slope(notated: NDArray[np.float64], level: NDArray[np.float64]) -> tuple[float, float]:
    """Return how far the level of a piece follows its notated level, and the mean of the latter.

    Parameters
    ----------
    notated, level : (n,) arrays
        Mean notated level and mean velocity of each performance, in velocity units; NaN where
        nothing is notated. Fewer than ten that are known say nothing: slope 0.
    """
    known = np.isfinite(notated)
    if known.sum() < 10 or notated[known].std() < 1:
        return 0.0, 64.0
    slope = float(np.polyfit(notated[known], level[known], 1)[0])
    return round(min(max(slope, 0.0), 1.0), 4), round(float(notated[known].mean()), 3)


def _variants(recipe: RouteRecipe, options: TrainingOptions) -> int:
    """Return how many variants of each piece some member hears; performed music is plenty as is."""
    if not any(isinstance(m.options, SequenceOptions | TabularOptions) for m in recipe.members):
        return max(
            (m.options.variants for m in recipe.members if isinstance(m.options, TreeOptions)),
            default=1,
        )
    return min(options.variants, 2) if recipe.trained_on == "performed" else options.variants


def _set_threads(threads: int) -> None:
    import torch

    torch.set_num_threads(threads)
