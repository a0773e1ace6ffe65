"""Fit the members of one route, and run them before they are a bundle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from humanize.corpus.pieces import Piece
from humanize.features import FeatureTable
from humanize.models.base import Calibration, Model, Route
from humanize.models.fitting.pianoroll import PianorollOptions, fit_pianoroll, pianoroll_to_onnx
from humanize.models.fitting.sequence import SequenceOptions, fit_sequence, net_to_onnx
from humanize.models.fitting.stopping import Listener, Predictor, Stopping, best_epoch
from humanize.models.fitting.tabular import TabularOptions, fit_tabular, rows_to_onnx
from humanize.models.fitting.training_set import Progress, TrainingSet
from humanize.models.fitting.tree_graph import trees_to_onnx
from humanize.models.fitting.trees import TreeOptions, fit_trees
from humanize.models.members import make_member
from humanize.models.pianoroll import COLUMNS as PIANOROLL_COLUMNS
from humanize.training.checkpoints import Checkpoints, FittedMember
from humanize.training.datasets import Prepared, columns_of, training_set
from humanize.training.recipes import LineOptions, MemberOptions, RouteRecipe

_UNIT = Calibration(level=64, spread=1)


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
