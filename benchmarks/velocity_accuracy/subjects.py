"""What bringing out the subject of a fugue is worth, and by how much pianists do it.

Question: by how many standard deviations should the entries of a subject be raised above what trees
over the feature table say, on pieces that these have not heard? Two folds over the compositions of
train and validation; the pieces are those that humanize.interpretation.themes takes for fugues.
Run: python benchmarks/velocity_accuracy/subjects.py ASAP
Writes subjects.md beside this file.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from cross_validate import HERE, r_by_composition

from humanize.corpus.asap import load_scores
from humanize.corpus.pieces import Piece
from humanize.evaluation.statistics import estimate, paired_difference
from humanize.interpretation.themes import PLACES, bring_out, places_of, subject_entries
from humanize.models import load_model
from humanize.models.fitting.trees import TreeOptions
from humanize.training.checkpoints import Checkpoints
from humanize.training.datasets import prepare
from humanize.training.members import TrainingOptions, fit_members, run_head
from humanize.training.progress import SilentProgress
from humanize.training.recipes import HeadRecipe, MemberRecipe

AMOUNTS = (-0.4, -0.2, 0.2, 0.4, 0.6)  # standard deviations of a pianist


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("asap", type=Path)
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    pieces = [
        piece
        for piece in load_scores(options.asap, "train", "validation").pieces
        if piece.performances
    ]
    marks = {piece.id: subject_entries(piece.notes) for piece in pieces}
    fugues = [piece for piece in pieces if marks[piece.id].any()]
    kept = HERE / ".checkpoints" / "subjects.npz"
    if not kept.is_file():
        kept.parent.mkdir(exist_ok=True)
        np.savez(kept, **held_out_predictions(pieces, fugues, options))
    report(fugues, dict(np.load(kept)), marks)


def held_out_predictions(
    pieces: Sequence[Piece], fugues: Sequence[Piece], options: argparse.Namespace
) -> dict[str, np.ndarray]:
    """Return standardised predictions of each fugue by trees of the other fold."""
    prepared = prepare(pieces, condition="flat", variants=1, workers=options.threads)
    compositions = sorted({piece.composition for piece in fugues})
    named = {piece.id for piece in fugues}
    trees = TreeOptions(rounds=options.rounds, rate=0.06, threads=options.threads)
    recipe = HeadRecipe(trained_on="flat", members=(MemberRecipe(name="trees", options=trees),))
    found = {}
    for fold in (0, 1):
        out = set(compositions[fold::2])
        fitted = fit_members(
            recipe,
            [p for p in prepared if p.piece.composition not in out],
            TrainingOptions(threads=options.threads),
            SilentProgress(),
            Checkpoints(HERE / ".checkpoints" / "subjects" / f"{fold}"),
        )
        for p in prepared:
            if p.piece.id in named and p.piece.composition in out:
                found[p.piece.id] = run_head(recipe, fitted, p)
    return found


def report(
    pieces: list[Piece], predicted: dict[str, np.ndarray], marks: dict[str, np.ndarray]
) -> None:
    base = r_by_composition(pieces, [predicted[p.id] for p in pieces])
    spread = load_model("piano-1").head("flat").calibration.spread
    rows = []
    for place, name in enumerate(PLACES):
        for amount in AMOUNTS:
            raised = [
                predicted[p.id] + amount * (places_of(p.notes, marks[p.id]) == place)
                for p in pieces
            ]
            rows.append(gained(f"{name} {amount:+.1f}", pieces, raised, base))
    shipped = [bring_out(spread * predicted[p.id], p.notes) for p in pieces]
    rows.append(gained("as shipped", pieces, shipped, base))
    told = {p.id: own for p, own in zip(pieces, shipped, strict=True)}
    plain = {p.id: spread * predicted[p.id] for p in pieces}
    lines = [
        "# Subjects of fugues, brought out",
        "",
        f"{len(base)} pieces of ASAP's train and validation splits are taken for fugues; trees over the feature "
        "table of a flat score, fitted to the compositions of the other fold. Mean r over compositions with a "
        "95 % bootstrap interval; amounts in standard deviations of a pianist "
        f"({spread:.1f} velocities), for the notes of entries in one place.",
        "",
        "| subject raised in | r | gain | better |",
        "|---|---|---|---|",
        f"| nowhere | {estimate(base)} | | |",
        *rows,
        "",
        "Velocity of an entry's notes less the mean of what else begins within half a beat, by where the entry "
        "lies (velocities; mean over pieces):",
        "",
        "| | " + " | ".join(PLACES) + " |",
        "|---|---|---|---|",
        row("pianists", pieces, {p.id: mean_pianist(p) for p in pieces}, marks),
        row("trees", pieces, plain, marks),
        row("trees, subject brought out", pieces, told, marks),
        "",
        "Pieces: " + ", ".join(sorted(base)),
    ]
    (HERE / "subjects.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


def gained(name: str, pieces: list[Piece], raised: list[np.ndarray], base: dict[str, float]) -> str:
    now = r_by_composition(pieces, raised)
    better = sum(now[own] > base[own] for own in base)
    gain = paired_difference(now, base)
    return f"| {name} | {estimate(now)} | {gain} | {better} of {len(base)} |"


def mean_pianist(piece: Piece) -> np.ndarray:
    total, count = np.zeros(len(piece.notes)), np.zeros(len(piece.notes))
    for performance in piece.performances:
        total[performance.rows] += performance.velocity
        count[performance.rows] += 1
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def row(
    name: str, pieces: list[Piece], velocity: dict[str, np.ndarray], marks: dict[str, np.ndarray]
) -> str:
    found: dict[str, list[float]] = {place: [] for place in PLACES}
    for piece in pieces:
        for place, values in differences(piece, velocity[piece.id], marks[piece.id]).items():
            if values:
                found[place].append(float(np.mean(values)))
    shown = (f"{np.mean(found[p]):+.1f} ({len(found[p])} pieces)" for p in PLACES)
    return f"| {name} | " + " | ".join(shown) + " |"


def differences(piece: Piece, velocity: np.ndarray, marked: np.ndarray) -> dict[str, list[float]]:
    """Return the differences of each subject note to the others within half a beat, by place."""
    notes: Any = piece.notes
    found: dict[str, list[float]] = {place: [] for place in PLACES}
    place = places_of(notes, marked)
    low = np.searchsorted(notes.onset_beat, notes.onset_beat - 0.5 - 1e-6, "left")
    high = np.searchsorted(notes.onset_beat, notes.onset_beat + 0.5 + 1e-6, "right")
    for i in np.flatnonzero(place >= 0).tolist():
        near = np.arange(low[i], high[i])
        others = near[~marked[near] & np.isfinite(velocity[near])]
        if len(others) and np.isfinite(velocity[i]):
            found[PLACES[place[i]]].append(float(velocity[i] - velocity[others].mean()))
    return found


if __name__ == "__main__":
    main()
