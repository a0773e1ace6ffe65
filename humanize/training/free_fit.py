"""Fit the model that may be sold: few compositions, each of which must also say how good it is.

Every net is fitted without one fifth of the compositions, another fifth each, which shows when to
stop; trees, which are quick, are then fitted once more to all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from humanize.corpus import percepiano, piano_midi_de
from humanize.corpus.pieces import Piece
from humanize.expression import (
    ARTICULATION,
    PEDAL_DOWN,
    PEDAL_LIFT,
    PEDAL_PRESS,
    TEMPO,
    TIMING,
    VELOCITY,
    Target,
)
from humanize.models.base import Calibration, Condition
from humanize.models.bundle import save_bundle
from humanize.models.fitting.sequence import SequenceOptions, with_half_weights
from humanize.models.fitting.stopping import best_epoch
from humanize.models.fitting.trainer import FittedMember, Progress
from humanize.models.fitting.trees import TreeOptions
from humanize.training.calibration import calibrate, level_slope
from humanize.training.checkpoints import Checkpoints
from humanize.training.columns import columns_of
from humanize.training.datasets import Prepared, prepare
from humanize.training.free import FreeMusic, fold_of
from humanize.training.members import TrainingOptions, fit_members, head_spec, run_head
from humanize.training.provenance import training_music
from humanize.training.recipes import HeadRecipe, MemberRecipe

SUMMARY = "trees and dilated convolutions, trained on nothing that forbids commercial use"

LINE_COLUMNS = ("notated_level_deviation", "marking_accent", "marking_sforzando")
"""What a marked score adds to a flat one: a straight line over these, as PercePiano alone has
markings, of four works."""


@dataclass(frozen=True, kw_only=True)
class FoldedMember:
    """A member, and the fifth of the compositions that shows when it stops.

    Attributes
    ----------
    recipe : MemberRecipe
    fold : int
    again : bool
        Whether it is quick enough to be fitted once more, to all compositions.
    """

    recipe: MemberRecipe
    fold: int
    again: bool = False


def _net(number: int, **options: Any) -> FoldedMember:
    made = SequenceOptions(kind="convolution", seed=1, **options)
    return FoldedMember(
        recipe=MemberRecipe(name=f"convolution-{number}", options=made), fold=number - 1
    )


SCORE = (
    FoldedMember(
        recipe=MemberRecipe(name="trees", options=TreeOptions(rounds=1200), weight=3.0),
        fold=0,
        again=True,
    ),
    _net(1),
    _net(2),
    _net(3, epochs=5),  # the first two were best after five of their seven
)
PERFORMED = (
    FoldedMember(
        recipe=MemberRecipe(name="trees", options=TreeOptions(rounds=500, rate=0.08, least=500)),
        fold=0,
        again=True,
    ),
)

EXPRESSION: dict[Target, tuple[str, ...]] = {
    TEMPO: (percepiano.ORIGIN.name, piano_midi_de.ORIGIN.name),
    TIMING: (percepiano.ORIGIN.name,),
    ARTICULATION: (percepiano.ORIGIN.name,),
    PEDAL_LIFT: (percepiano.ORIGIN.name,),
    PEDAL_PRESS: (percepiano.ORIGIN.name,),
    PEDAL_DOWN: (percepiano.ORIGIN.name,),
}
"""What else is predicted of a score, and from which corpora: hands and feet are PercePiano's alone,
as notes that were entered on a grid say nothing of them; tempo was shaped by hand too."""

_EXPRESSION_TREES = FoldedMember(
    recipe=MemberRecipe(name="trees", options=TreeOptions(rounds=150, leaves=15, rate=0.08)),
    fold=0,
    again=True,
)


@dataclass(frozen=True, kw_only=True)
class _Fitted:
    """A head that was fitted: its parts for all music, and those that have not read a fold."""

    recipe: HeadRecipe
    members: list[FittedMember]
    without: dict[int, tuple[HeadRecipe, list[FittedMember]]]
    calibration: Calibration

    def spec(self) -> dict[str, Any]:
        """Return the head's entry in the manifest."""
        return head_spec(self.recipe, self.members, self.calibration)

    def graphs(self) -> dict[str, bytes]:
        """Return the graphs of its members by file, as they are stored."""
        entries = zip(self.spec()["members"], self.members, strict=True)
        return {
            entry["file"]: with_half_weights(member.graph)
            if entry["kind"] == "sequence"
            else member.graph
            for entry, member in entries
            if member.graph is not None
        }


def train_free(
    music: FreeMusic,
    folder: Path,
    *,
    options: TrainingOptions,
    progress: Progress,
) -> None:
    """Train on music that allows commercial use, and save the bundle.

    An interrupted run goes on from the checkpoints beside the bundle.

    Parameters
    ----------
    music : FreeMusic
    folder : Path
        Where the bundle goes.
    options : TrainingOptions
    progress : Progress
    """
    import torch

    torch.set_num_threads(options.threads)
    store = Checkpoints(folder.with_name(folder.name + ".checkpoints"))
    scores = _prepared(music, "flat", 4, options)
    played = _prepared(music, "performed", 1, options)
    marked = _prepared(music, "marked", 1, options)
    flat = _fit("flat", SCORE, scores, options, progress, store)
    performed = _fit("performed", PERFORMED, played, options, progress, store)
    more = _expression([p.piece for p in scores], options, progress, store)
    added = {fitted.recipe.target.name: fitted.spec() for fitted in more}
    heads = {
        "flat": {VELOCITY.name: flat.spec(), **added},
        "marked": {VELOCITY.name: _marked(flat, scores, marked), **added},
        "performed": {VELOCITY.name: performed.spec()},
    }
    graphs: dict[str, bytes] = {}
    for fitted in (flat, performed, *more):
        graphs |= fitted.graphs()
    read: dict[Condition, list[Prepared]] = {"flat": scores, "marked": marked, "performed": played}
    music_read = training_music({c: [p.piece for p in own] for c, own in read.items()})
    routes = {condition: {"heads": own} for condition, own in heads.items()}
    manifest = {"name": folder.name, "recipe": "free", "summary": SUMMARY, "seed": options.seed}
    save_bundle(folder, {**manifest, **music_read, "routes": routes}, graphs)
    store.clear()


def count_free_units() -> int:
    """Return how often training will report: trees are fitted twice, nets once."""
    members = (*SCORE, *PERFORMED, *[_EXPRESSION_TREES] * len(EXPRESSION))
    return sum(m.recipe.options.reports * (2 if m.again else 1) for m in members)


def _expression(
    pieces: Sequence[Piece], options: TrainingOptions, progress: Progress, store: Checkpoints
) -> list[_Fitted]:
    """Fit a head of flat scores for every target beside velocity that some performance has."""
    made = []
    for target, corpora in EXPRESSION.items():
        own = [piece for piece in pieces if piece.origin.name in corpora]
        prepared = prepare(
            own, condition="flat", target=target, variants=1, workers=options.threads
        )
        if any(piece.sequence.weight.any() for piece in prepared):
            members = [_EXPRESSION_TREES]
            made.append(_fit("flat", members, prepared, options, progress, store, target))
    return made


def _prepared(
    music: FreeMusic, condition: Condition, variants: int, options: TrainingOptions
) -> list[Prepared]:
    pieces = music.load(condition)
    if condition == "marked":
        pieces = [piece for piece in pieces if piece.notes.markings]
    return prepare(
        pieces, condition=condition, variants=variants, seed=options.seed, workers=options.threads
    )


def _fit(
    condition: Condition,
    members: Sequence[FoldedMember],
    prepared: Sequence[Prepared],
    options: TrainingOptions,
    progress: Progress,
    store: Checkpoints,
    target: Target = VELOCITY,
) -> _Fitted:
    """Fit every member without its fold, and trees to all music for as many rounds."""
    folds = fold_of([p.piece for p in prepared])
    made: list[FittedMember] = []
    without: dict[int, tuple[list[MemberRecipe], list[FittedMember]]] = {}
    for member in members:
        alone = HeadRecipe(trained_on=condition, members=(member.recipe,), target=target)
        kept = [p for p in prepared if folds[p.piece.composition] != member.fold]
        out = [p for p in prepared if folds[p.piece.composition] == member.fold]
        inside = store.within(str(member.fold))
        (first,) = fit_members(alone, kept, options, progress, inside, out)
        recipes, fitted = without.setdefault(member.fold, ([], []))
        recipes.append(member.recipe)
        fitted.append(first)
        if member.again:
            lasts = [best_epoch(first.curve)]
            again = fit_members(
                alone, prepared, options, progress, store.within("all"), lasts=lasts
            )
            first = replace(again[0], curve=first.curve)
        made.append(first)
    whole = HeadRecipe(
        trained_on=condition, members=tuple(m.recipe for m in members), target=target
    )
    without_fold = {
        fold: (replace(whole, members=tuple(recipes)), fitted)
        for fold, (recipes, fitted) in without.items()
    }
    held_out = [p for p in prepared if folds[p.piece.composition] == 0]
    calibration = calibrate(*without_fold[0], held_out)
    return _Fitted(recipe=whole, members=made, without=without_fold, calibration=calibration)


def _marked(
    flat: _Fitted, scores: Sequence[Prepared], marked: Sequence[Prepared]
) -> dict[str, Any]:
    """Return the flat route with a line over the markings, fitted on music that no member was."""
    folds = fold_of([p.piece for p in scores])
    as_flat = {p.piece.id: p for p in scores}
    unseen = [p for p in marked if folds[p.piece.composition] in flat.without]
    plain = [
        run_head(*flat.without[folds[p.piece.composition]], as_flat[p.piece.id]) for p in unseen
    ]
    share, slopes = fit_line(unseen, plain)
    spec = flat.spec()
    names = columns_of("flat")
    members = [
        {**entry, "weight": entry["weight"] * share, "columns": list(names)}
        for entry in spec["members"]
    ]
    line = {
        "kind": "line",
        "intercept": 0.0,
        "slopes": {name: slope / (1 - share) for name, slope in slopes.items()},
        "columns": list(slopes),
        "weight": 1 - share,
    }
    read = {*names, *slopes, "marking_notated_level"}
    slope = np.array(list(slopes.values()))
    total = [share * v + _line_values(p) @ slope for p, v in zip(unseen, plain, strict=True)]
    return {
        "features": [name for name in columns_of("marked") if name in read],
        "members": [*members, line],
        "calibration": _marked_calibration(unseen, total, flat.calibration.level),
    }


def fit_line(
    prepared: Sequence[Prepared], plain: Sequence[NDArray[np.float64]]
) -> tuple[float, dict[str, float]]:
    """Return the share of what is predicted without markings, and the slopes of the markings.

    Weighted least squares of the standardised velocity on both; the share stays within .5 and .95.

    Parameters
    ----------
    prepared : sequence of Prepared
        Marked scores.
    plain : sequence of (n,) arrays
        Standardised velocity of each, predicted without markings.
    """
    rows, target, root = [], [], []
    for piece, velocity in zip(prepared, plain, strict=True):
        known = piece.sequence.weight > 0
        rows.append(np.column_stack([np.ones(len(velocity)), velocity, _line_values(piece)])[known])
        target.append(piece.sequence.target[known])
        root.append(np.sqrt(piece.sequence.weight[known]))
    weight = np.concatenate(root)
    design = np.concatenate(rows) * weight[:, None]
    solution = np.linalg.lstsq(design, np.concatenate(target) * weight, rcond=None)[0]
    scale = min(max(float(solution[1]), 0.5), 0.95) / float(solution[1])
    slopes = zip(LINE_COLUMNS, (solution[2:] * scale).tolist(), strict=True)
    return float(solution[1]) * scale, dict(slopes)


def _line_values(piece: Prepared) -> NDArray[np.float64]:
    """Return the columns of the line; a marking that the score cannot say is not there."""
    columns = [piece.names.index(name) for name in LINE_COLUMNS]
    return np.nan_to_num(piece.sequence.variants[0][:, columns].astype(np.float64))


def _marked_calibration(
    marked: Sequence[Prepared], made: Sequence[NDArray[np.float64]], level: float
) -> dict[str, float]:
    """Return the level and spread that give marked scores those of their pianists."""
    played = [(p, q, v) for p, v in zip(marked, made, strict=True) for q in p.piece.performances]
    human = float(np.mean([q.velocity.std() for _, q, _ in played]))
    own = float(np.mean([v[q.rows].std() for _, q, v in played]))
    notated = [float(np.nanmean(p.piece.notes.marking("notated_level"))) for p, _, _ in played]
    slope, centre = level_slope(
        np.array(notated), np.array([q.velocity.mean() for _, q, _ in played])
    )
    return {
        "level": level,
        "spread": round(human / max(own, 0.05), 4),
        "marking_slope": slope,
        "marking_centre": centre,
    }
