"""Fit members, calibrate, and save a bundle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
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
    predict_with_net,
    with_half_weights,
)
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

    Each route is fitted twice: on the training split alone, to calibrate level and spread on the
    validation split, then on both. An interrupted run goes on from the checkpoints beside the
    bundle; they are removed at the end.

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
    held_out = [p for p in prepared if p.piece.split == "validation"]
    heard = _heard(prepared, recipe.trained_on, options, progress)
    kept = [p for p in heard if p.piece.split != "validation"]
    first = fit_members(recipe, kept, options, progress, store.within("held-out"), held_out)
    calibration = calibrate(recipe, first, held_out or prepared)
    members = fit_members(recipe, heard, options, progress, store.within("all"))
    spec = route_spec(recipe, members, calibration)
    for entry, fitted in zip(spec["members"], first, strict=True):
        if fitted.curve:
            entry["validation_r_by_epoch"] = [round(r, 4) for r in fitted.curve]
    graphs = {
        entry["file"]: _stored(entry["kind"], fitted.graph)
        for entry, fitted in zip(spec["members"], members, strict=True)
        if fitted.graph is not None
    }
    return spec, graphs


def _heard(
    prepared: Sequence[Prepared],
    condition: Condition,
    options: TrainingOptions,
    progress: Progress,
) -> list[Prepared]:
    """Return what members are fitted to: pianists, or the teacher where there is one."""
    teacher = options.teacher
    if teacher is None:
        return list(prepared)
    progress.advance("the teacher's predictions", float("nan"))
    teacher.route(condition)  # loaded once, before the threads ask for it
    with ThreadPoolExecutor(options.threads) as pool:
        made = pool.map(lambda p: lessons(p, teacher, condition), prepared)
        return [lesson for own in made for lesson in own]


def _stored(kind: str, graph: bytes) -> bytes:
    return with_half_weights(graph) if kind == "sequence" else graph


def fit_members(
    recipe: RouteRecipe,
    prepared: Sequence[Prepared],
    options: TrainingOptions,
    progress: Progress,
    store: Checkpoints,
    held_out: Sequence[Prepared] = (),
) -> list[FittedMember]:
    """Fit every member of a route on these pieces."""
    training = training_set(prepared, recipe.trained_on)
    fitted = []
    for member in recipe.members:
        chosen = _quick(member.options) if options.quick else member.options
        fitted.append(
            _fit_one(chosen, training, progress, store.within(recipe.trained_on), held_out)
        )
    return fitted


def _fit_one(
    options: MemberOptions,
    training: TrainingSet,
    progress: Progress,
    store: Checkpoints,
    held_out: Sequence[Prepared],
) -> FittedMember:
    width = len(training.feature_names)
    if isinstance(options, LineOptions):
        return FittedMember(spec=_fit_line(training, options))
    done = store.read(options)
    if done is not None:
        return done
    about = {"options": asdict(options)}
    if isinstance(options, TreeOptions):
        trees, names = fit_trees(training, options, progress)
        kept: dict[str, Any] = {"columns": names} if options.keep else {}
        made = FittedMember(spec={"kind": "rows", **about, **kept}, graph=trees_to_onnx([trees]))
    elif isinstance(options, TabularOptions):
        graph = rows_to_onnx(fit_tabular(training, options, progress), width)
        made = FittedMember(spec={"kind": "rows", **about}, graph=graph)
    elif isinstance(options, PianorollOptions):
        graph = pianoroll_to_onnx(fit_pianoroll(training, options, progress), options)
        roll = {"kind": "pianoroll", "columns": list(PIANOROLL_COLUMNS), **about}
        made = FittedMember(spec=roll, graph=graph)
    else:
        net, curve = fit_sequence(
            training, options, progress, checkpoint=store.path(options), listen=_listener(held_out)
        )
        spec: dict[str, Any] = {"kind": "sequence", "context": options.context, **about}
        made = FittedMember(spec=spec, graph=net_to_onnx(net, width), curve=curve)
    store.write(options, made)
    return made


def _listener(held_out: Sequence[Prepared]) -> Callable[[Any], float] | None:
    if not held_out:
        return None

    def listen(net: Any) -> float:
        heard = [predict_with_net(net, p.sequence.variants[0]) for p in held_out]
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
    from dataclasses import replace

    if isinstance(options, TreeOptions):
        return replace(options, rounds=max(options.rounds // 100, 5), least=20)
    if isinstance(options, LineOptions):
        return options
    return replace(options, epochs=1)


def _set_threads(threads: int) -> None:
    import torch

    torch.set_num_threads(threads)
