"""Fit members, calibrate, and save a bundle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from humanize.corpus.pieces import Piece
from humanize.features import FeatureTable
from humanize.models.base import Calibration, Condition, Model, Route
from humanize.models.bundle import save_bundle
from humanize.models.lgbm import TreeOptions, fit_trees
from humanize.models.members import make_member
from humanize.models.pianoroll import COLUMNS as PIANOROLL_COLUMNS
from humanize.models.pianoroll import PianorollOptions, fit_pianoroll, pianoroll_to_onnx
from humanize.models.sequence import (
    SequenceOptions,
    fit_sequence,
    net_to_onnx,
    with_half_weights,
)
from humanize.models.stopping import Listener, Predictor, Stopping, best_epoch
from humanize.models.tabular import TabularOptions, fit_tabular, rows_to_onnx
from humanize.models.training_set import Progress, TrainingSet
from humanize.models.trees import trees_to_onnx
from humanize.training.checkpoints import Checkpoints, FittedMember
from humanize.training.datasets import Prepared, columns_of, lessons, prepare, training_set
from humanize.training.recipes import LineOptions, MemberOptions, Recipe, RouteRecipe

_UNIT = Calibration(level=64, spread=1)
Loader = Callable[[Condition], Sequence[Piece]]


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """How a model is trained.

    Attributes
    ----------
    seed : int
    threads : int
        For torch, LightGBM and feature processes.
    variants : int
        How often each piece is heard (other tempi, other keys).
    teacher : Model or None
        Where given, its predictions are the targets: the model is distilled from it.
    quick : bool
        A hundredth of the trees and one epoch: to try the pipeline, not to ship.
    """

    seed: int = 0
    threads: int = 2
    variants: int = 4
    teacher: Model | None = None
    quick: bool = False


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


def fit_members(
    recipe: RouteRecipe,
    prepared: Sequence[Prepared],
    options: TrainingOptions,
    progress: Progress,
    store: Checkpoints,
    held_out: Sequence[Prepared] = (),
    *,
    lasts: Sequence[int | None] = (),
) -> list[FittedMember]:
    """Fit every member of a route on these pieces.

    Parameters
    ----------
    recipe : RouteRecipe
    prepared : sequence of Prepared
    options : TrainingOptions
    progress : Progress
    store : Checkpoints
    held_out : sequence of Prepared
        Each member keeps the epoch that agrees best with the pianists of these.
    lasts : sequence of int or None
        The epochs after which each member stops; none for all of its recipe's.
    """
    training = training_set(prepared, recipe.trained_on)
    fitted = []
    for member, last in zip_longest(recipe.members, lasts):
        chosen = _quick(member.options) if options.quick else member.options
        stopping = Stopping(listen=_listener(held_out), last=last)
        inside = store.within(recipe.trained_on)
        fitted.append(_fit_one(chosen, training, progress, inside, stopping))
    return fitted


def _fit_one(
    options: MemberOptions,
    training: TrainingSet,
    progress: Progress,
    store: Checkpoints,
    stopping: Stopping,
) -> FittedMember:
    if isinstance(options, LineOptions):
        return FittedMember(spec=_fit_line(training, options))
    done = store.read(options)
    if done is None:
        spec, graph = _fitted(options, training, progress, store, stopping)
        spec["options"] = asdict(options)
        done = FittedMember(spec=spec, graph=graph, curve=stopping.curve)
        store.write(options, done)
    return done


def _fitted(
    options: TreeOptions | SequenceOptions | TabularOptions | PianorollOptions,
    training: TrainingSet,
    progress: Progress,
    store: Checkpoints,
    stopping: Stopping,
) -> tuple[dict[str, Any], bytes]:
    width = len(training.feature_names)
    if isinstance(options, TreeOptions):
        return {"kind": "rows"}, trees_to_onnx([fit_trees(training, options, progress, stopping)])
    if isinstance(options, TabularOptions):
        net = fit_tabular(training, options, progress, stopping)
        return {"kind": "rows"}, rows_to_onnx(net, width)
    if isinstance(options, PianorollOptions):
        net = fit_pianoroll(training, options, progress, stopping)
        spec = {"kind": "pianoroll", "columns": list(PIANOROLL_COLUMNS)}
        return spec, pianoroll_to_onnx(net, options)
    path = store.path(options)
    net = fit_sequence(training, options, progress, stopping, checkpoint=path)
    return {"kind": "sequence", "context": options.context}, net_to_onnx(net, width)


def _listener(held_out: Sequence[Prepared]) -> Listener | None:
    if not held_out:
        return None

    def listen(predict: Predictor) -> float:
        heard = [predict(p.sequence.variants[0]) for p in held_out]
        return mean_correlation([p.piece for p in held_out], heard)

    return listen


def _fit_line(training: TrainingSet, options: LineOptions) -> dict[str, Any]:
    if not options.columns:
        return {"kind": "line", "intercept": 0.0, "slopes": {}, "columns": []}
    columns = [training.feature_names.index(name) for name in options.columns]
    known = [s.weight > 0 for s in training.sequences]
    pairs = list(zip(training.sequences, known, strict=True))
    values = np.concatenate([s.variants[0][k][:, columns] for s, k in pairs])
    target = np.concatenate([s.target[k] for s, k in pairs])
    root = np.sqrt(np.concatenate([s.weight[k] for s, k in pairs]))
    design = np.column_stack([np.ones(len(values)), values]) * root[:, None]
    solution = np.linalg.lstsq(design, target * root, rcond=None)[0]
    slopes = dict(zip(options.columns, map(float, solution[1:]), strict=True))
    return {
        "kind": "line",
        "intercept": float(solution[0]),
        "slopes": slopes,
        "columns": list(options.columns),
    }


def mean_correlation(pieces: Sequence[Piece], predicted: Sequence[NDArray[np.float64]]) -> float:
    """Return Pearson r per robust performance, averaged in pieces, then over compositions."""
    by_composition: dict[str, list[float]] = {}
    for piece, velocity in zip(pieces, predicted, strict=True):
        for performance in piece.performances:
            if performance.robust and len(performance.rows) > 2:
                a, b = velocity[performance.rows], performance.velocity
                r = 0.0 if a.std() < 1e-9 or b.std() < 1e-9 else float(np.corrcoef(a, b)[0, 1])
                by_composition.setdefault(piece.composition, []).append(r)
    return float(np.mean([np.mean(r) for r in by_composition.values()])) if by_composition else 0.0


def run_route(
    recipe: RouteRecipe, members: Sequence[FittedMember], prepared: Prepared
) -> NDArray[np.float64]:
    """Return the standardised mixture of fitted members for one piece."""
    names = columns_of(recipe.trained_on)
    spec = route_spec(recipe, members, _UNIT)
    positions = {n: i for i, n in enumerate(names)}
    made = []
    for entry, fitted in zip(spec["members"], members, strict=True):
        columns = np.array([positions[n] for n in entry.get("columns", names)], dtype=np.int64)
        made.append((make_member(entry, fitted.graph, columns, where="training"), entry["weight"]))
    route = Route(feature_names=tuple(names), members=made, calibration=_UNIT)
    return route.standardised(FeatureTable(names, prepared.sequence.variants[0]))


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
    slope, centre = _level_slope(np.array(notated), np.array(level))
    constant = float(np.mean(own)) < 1e-6
    return Calibration(
        level=round(float(np.mean(level)), 3),
        spread=0.0 if constant else round(spread, 4),
        marking_slope=slope,
        marking_centre=centre,
    )


def _level_slope(notated: NDArray[np.float64], level: NDArray[np.float64]) -> tuple[float, float]:
    known = np.isfinite(notated)
    if known.sum() < 10 or notated[known].std() < 1:
        return 0.0, 64.0
    slope = float(np.polyfit(notated[known], level[known], 1)[0])
    return round(min(max(slope, 0.0), 1.0), 4), round(float(notated[known].mean()), 3)


def route_spec(
    recipe: RouteRecipe, members: Sequence[FittedMember], calibration: Calibration
) -> dict[str, Any]:
    """Return a route's entry in the manifest."""
    total = sum(m.weight for m in recipe.members)
    entries = []
    for member, fitted in zip(recipe.members, members, strict=True):
        entry = {**fitted.spec, "weight": member.weight / total}
        if fitted.curve:
            entry["validation_r_by_epoch"] = [round(r, 4) for r in fitted.curve]
            entry["stopped_after"] = best_epoch(fitted.curve)
        if fitted.graph is not None:
            entry["file"] = f"{recipe.trained_on}-{member.name}.onnx"
        entries.append(entry)
    return {
        "features": _needed(entries, columns_of(recipe.trained_on)),
        "members": entries,
        "calibration": asdict(calibration),
    }


def _variants(recipe: RouteRecipe, options: TrainingOptions) -> int:
    """Return how many variants of each piece some member hears; performed music is plenty as is."""
    if not any(isinstance(m.options, SequenceOptions | TabularOptions) for m in recipe.members):
        return max(
            (m.options.variants for m in recipe.members if isinstance(m.options, TreeOptions)),
            default=1,
        )
    return min(options.variants, 2) if recipe.trained_on == "performed" else options.variants


def _needed(entries: Sequence[dict[str, Any]], names: Sequence[str]) -> list[str]:
    """Return the columns that some member reads, in the order of the feature table."""
    read = {column for entry in entries for column in entry.get("columns", names)}
    return [name for name in names if name in read]


def _quick(options: MemberOptions) -> MemberOptions:
    if isinstance(options, TreeOptions):
        return replace(options, rounds=max(options.rounds // 100, 5), least=20)
    if isinstance(options, LineOptions):
        return options
    return replace(options, epochs=1)


def _set_threads(threads: int) -> None:
    import torch

    torch.set_num_threads(threads)
