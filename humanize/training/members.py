"""Fit the members of one head, and run them before they are a bundle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import zip_longest
from typing import Any

import numpy as np

from humanize.expression import Target
from humanize.features import FeatureTable
from humanize.models.base import Calibration, Head, Model
from humanize.models.fitting.stopping import Measure, Predictor, Stopping, best_epoch
from humanize.models.fitting.trainer import FittedMember, Progress, Trainer
from humanize.models.fitting.training_set import TrainingSet
from humanize.models.manifest import Entry
from humanize.models.members import make_member
from humanize.notes import FloatColumn, NoteTable, starts
from humanize.training.checkpoints import Checkpoints
from humanize.training.columns import columns_of
from humanize.training.datasets import Prepared, training_set
from humanize.training.recipes import HeadRecipe

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
        How often each piece is read (other tempi, other keys).
    teacher : Model or None
        Where given, its predictions are the targets: the model is distilled from it.
    again : bool
        Whether members are fitted again to the validation compositions too, once these have said
        when to stop.
    quick : bool
        A hundredth of the trees and one epoch: to try the pipeline, not to ship.
    """

    seed: int = 0
    threads: int = 2
    variants: int = 4
    teacher: Model | None = None
    again: bool = True
    quick: bool = False


def columns_read(recipe: HeadRecipe) -> tuple[str, ...]:
    """Return the features that some member of a head reads, in the order of the feature table."""
    names = columns_of(recipe.trained_on, recipe.target)
    read = {name for member in recipe.members for name in member.options.columns_read(names)}
    return tuple(name for name in names if name in read)


def fit_members(
    recipe: HeadRecipe,
    prepared: Sequence[Prepared],
    options: TrainingOptions,
    progress: Progress,
    store: Checkpoints,
    held_out: Sequence[Prepared] = (),
    *,
    lasts: Sequence[int | None] = (),
) -> list[FittedMember]:
    """Fit every member of a head on these pieces.

    Parameters
    ----------
    recipe : HeadRecipe
    prepared : sequence of Prepared
    options : TrainingOptions
    progress : Progress
    store : Checkpoints
    held_out : sequence of Prepared
        Each member keeps the epoch that agrees best with the pianists of these.
    lasts : sequence of int or None
        The epochs after which each member stops; none for all of its recipe's.
    """
    events = recipe.target.kind == "probability" and options.teacher is None
    training = training_set(prepared, recipe.trained_on, "logistic" if events else "squared")
    fitted = []
    for member, last in zip_longest(recipe.members, lasts):
        chosen = member.options.quick() if options.quick else member.options
        stopping = Stopping(measure=measure_on(held_out, recipe.target), last=last)
        inside = store.within(recipe.name)
        fitted.append(_fit_one(chosen, training, progress, inside, stopping))
    return fitted


def _fit_one(
    options: Trainer,
    training: TrainingSet,
    progress: Progress,
    store: Checkpoints,
    stopping: Stopping,
) -> FittedMember:
    done = store.read(options)
    if done is None:
        done = options.fit(training, progress, stopping, checkpoint=store.path(options))
        store.write(options, done)
    return done


def measure_on(held_out: Sequence[Prepared], target: Target) -> Measure | None:
    """Return the mean r on held-out pieces, from a predictor; None without any."""
    if not held_out:
        return None

    def measure(predict: Predictor) -> float:
        predicted = [predict(p.sequence.variants[0]) for p in held_out]
        return mean_correlation(held_out, predicted, target)

    return measure


def mean_correlation(
    prepared: Sequence[Prepared], predicted: Sequence[FloatColumn], target: Target
) -> float:
    """Return Pearson r per robust performance, averaged in pieces, then over compositions."""
    by_composition: dict[str, list[float]] = {}
    for piece, values in zip(prepared, predicted, strict=True):
        scoped = in_scope(values, piece.piece.notes, target)
        for reference in piece.references:
            if reference.robust and len(reference.rows) > 2:
                a, b = scoped[reference.rows], reference.values
                r = 0.0 if a.std() < 1e-9 or b.std() < 1e-9 else float(np.corrcoef(a, b)[0, 1])
                by_composition.setdefault(piece.piece.composition, []).append(r)
    return float(np.mean([np.mean(r) for r in by_composition.values()])) if by_composition else 0.0


def in_scope(values: FloatColumn, notes: NoteTable, target: Target) -> FloatColumn:
    """Return predictions for each note; of an onset's target, their mean over the onset."""
    if target.scope == "note":
        return values
    group = np.cumsum(starts(notes.onset_beat)) - 1
    return np.asarray((np.bincount(group, values) / np.bincount(group))[group])


def run_head(
    recipe: HeadRecipe, members: Sequence[FittedMember], prepared: Prepared
) -> FloatColumn:
    """Return the standardised mixture of fitted members for one piece."""
    spec = head_spec(recipe, members, _UNIT)
    names = prepared.names
    made = []
    for entry, fitted in zip(spec["members"], members, strict=True):
        columns = {name: names.index(name) for name in entry.get("columns", names)}
        member = make_member(Entry(entry, "training"), fitted.graph, columns, where="training")
        made.append((member, entry["weight"]))
    head = Head(target=recipe.target, feature_names=names, members=made, calibration=_UNIT)
    return head.standardised(FeatureTable(names, prepared.sequence.variants[0]))


def head_spec(
    recipe: HeadRecipe, members: Sequence[FittedMember], calibration: Calibration
) -> dict[str, Any]:
    """Return a head's entry in the manifest."""
    total = sum(m.weight for m in recipe.members)
    entries = []
    for member, fitted in zip(recipe.members, members, strict=True):
        entry = {**fitted.spec, "weight": member.weight / total}
        if fitted.curve:
            entry["validation_r_by_epoch"] = [round(r, 4) for r in fitted.curve]
            entry["stopped_after"] = best_epoch(fitted.curve)
        if fitted.graph is not None:
            entry["file"] = f"{recipe.name}-{member.name}.onnx"
        entries.append(entry)
    return {
        "features": list(columns_read(recipe)),
        "members": entries,
        "calibration": asdict(calibration),
    }
