"""Are whole performances told from pianists'? Each aspect, and all together.

A classifier of windows of 64 notes, cross-validated over compositions, tells pianists from each way to
play: the model's mean, a take, another pianist, the mean of other pianists, the score to the letter, a
pianist's own values dealt out again. Writes ``apart_SPLIT.json`` and ``.md``; each look at the test
split is written into ``test_log.csv``.

Run: python benchmarks/performance/apart.py ASAP [--split test] [--condition flat] [--model piano-1]
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from humanize.corpus.pieces import Piece
from humanize.evaluation.run import load_condition, unseen
from humanize.evaluation.statistics import Estimate
from humanize.evaluation.whole_discriminator import (
    ALL,
    Whole,
    mean_whole,
    shuffled,
    tell_apart,
    whole_of,
    whole_of_pianist,
)
from humanize.expression import ASPECTS
from humanize.interpretation.interpret import Settings, interpret
from humanize.interpretation.parameters import PerformanceParameters
from humanize.interpretation.performing import perform
from humanize.models import Model, load_model
from humanize.models.bundle import bundle_hash

FOLDER = Path(__file__).parent
MOST_PIANISTS, LEAST_OTHERS = 3, 3
CONSTANT = 64


@dataclass(frozen=True, kw_only=True)
class Case:
    """A piece and its pianists, the first of whom are compared with each way to play."""

    piece: Piece
    pianists: tuple[Whole, ...]


Way = Callable[[Case, int], Whole | None]


def case_of(piece: Piece) -> Case:
    pianists = tuple(whole_of_pianist(piece, q) for q in piece.played_whole())
    return Case(piece=piece, pianists=pianists)


def performed(case: Case, model: Model, *, seed: int = 0, freedom: float = 0.0) -> Whole:
    """Return what ``humanize perform`` makes of the notes, with freedom a take of it."""
    notes = case.piece.notes
    silent = replace(notes, velocity=np.zeros(len(notes), dtype=np.int64))
    found = interpret(silent, Settings(model=model, seed=seed, freedom=freedom))
    own = perform(found.notes, model, ASPECTS, deviations=found.deviations)
    return whole_of(case.piece.composition, notes, replace(own, velocity=found.velocity))


def deadpan(case: Case) -> Whole:
    notes = case.piece.notes
    even = np.full(len(notes), CONSTANT)
    neutral = replace(PerformanceParameters.neutral(notes), velocity=even)
    return whole_of(case.piece.composition, notes, neutral)


def another(case: Case, number: int) -> Whole | None:
    count = len(case.pianists)
    return case.pianists[(number + 1) % count] if count > 1 else None


def mean_of_others(case: Case, number: int) -> Whole | None:
    rest = [own for place, own in enumerate(case.pianists) if place != number]
    return mean_whole(rest) if len(rest) >= LEAST_OTHERS else None


def ways(model: Model) -> dict[str, Way]:
    means: dict[str, Whole] = {}

    def mean(case: Case, number: int) -> Whole:
        return means.setdefault(case.piece.id, performed(case, model))

    def dealt_out(case: Case, number: int) -> Whole:
        return shuffled(case.pianists[number], np.random.default_rng(number))

    return {
        f"{model.name}, the mean": mean,
        "another pianist": another,
        f"{model.name}, a take": lambda case, number: performed(
            case, model, seed=number + 1, freedom=1.0
        ),
        f"mean of {LEAST_OTHERS} or more other pianists": mean_of_others,
        "deadpan": lambda case, number: deadpan(case),
        "a pianist's own, dealt out again": dealt_out,
    }


def pairs_of(cases: list[Case], way: Way) -> list[tuple[Whole, Whole]]:
    found = []
    for case in cases:
        for number, own in enumerate(case.pianists[:MOST_PIANISTS]):
            other = way(case, number)
            if other is not None:
                found.append((own, other))
    return found


def markdown(found: dict[str, dict[str, Estimate]]) -> str:
    columns = (ALL, *ASPECTS)
    lines = [
        f"| | compositions | {' | '.join(columns)} |",
        "|---" * (len(columns) + 2) + "|",
    ]
    for name, areas in found.items():
        cells = " | ".join(str(areas[column]) for column in columns)
        lines.append(f"| {name} | {areas[ALL].count} | {cells} |")
    return "\n".join(lines) + "\n"


def log_looks(path: Path, found: dict[str, dict[str, Estimate]], condition: str, model: Model):
    """Append a line for each figure of the model to the log of every look at the test split."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        for name, areas in found.items():
            if name.startswith(model.name):
                for column, own in areas.items():
                    figures = [f"{value:.4f}" for value in (own.mean, own.low, own.high)]
                    about = [now, "told apart", condition, name, bundle_hash(model)]
                    writer.writerow([*about, f"AUC, {column}", *figures, own.count])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--split", default="validation", choices=["validation", "test"])
    parser.add_argument("--condition", default="flat", choices=["flat", "marked"])
    parser.add_argument("--model", default="piano-1")
    options = parser.parse_args()
    model = load_model(options.model)
    corpus = load_condition(options.corpus, options.split, options.condition)
    if options.split == "test":
        corpus = unseen(corpus, {model.name: model}, options.condition)
    cases = [case for case in map(case_of, corpus.pieces) if case.pianists]
    found: dict[str, dict[str, Estimate]] = {}
    for name, way in ways(model).items():
        pairs = pairs_of(cases, way)
        if len({one.composition for one, _ in pairs}) > 1:
            found[name] = tell_apart(pairs)
            print(name, {k: str(v) for k, v in found[name].items()}, flush=True)
    path = FOLDER / f"apart_{options.split}_{options.condition}.json"
    stored = {
        name: {k: {n: round(x, 4) for n, x in asdict(v).items()} for k, v in areas.items()}
        for name, areas in found.items()
    }
    path.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text(markdown(found), encoding="utf-8")
    if options.split == "test":
        log_looks(FOLDER / "test_log.csv", found, options.condition, model)


if __name__ == "__main__":
    main()
