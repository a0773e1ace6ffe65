"""Is a render in the style of a take nearer to its pianist than to the others?

Of each piece that several pianists play, the score is performed once by the model. The style of each take
is read off its MIDI file without the score (``humanize.styles.reference``), and the render gets it as
``--style`` gives it. *Nearest*: how often, of all pianists of the piece, the render in A's style is nearest
to A; by chance one in so many. The model has habits of its own, which lie nearer to one pianist than to
others: *taken out* compares what renders and takes have beyond their means. *Pairs*: how often renders in
the styles of A and B are nearer to their own pianists than with the two exchanged; by chance half.
Distances are over the stable attributes (loudness, spread, melody, lead, legato, pedal depth), measured on
score-aligned performances, in standard deviations of pianists. Means over pieces, 95 % bootstrap intervals
over pieces.

*Another piece*: the style is read off takes of the same pianist (by the name in the file) of other
compositions, train and validation.

Run: python benchmarks/interpretation/styles.py ASAP [--split test [--same-alone]] (logs a look at test)
"""

from __future__ import annotations

import argparse
import csv
import datetime
import json
import re
import sys
from collections import defaultdict
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
from measure_pianists import expression_of

from humanize.corpus.asap import load_scores
from humanize.corpus.pieces import PIANO, Performance, Piece
from humanize.expression import ASPECTS
from humanize.interpretation.attributes import Expression, Ground, measured, spread_of
from humanize.interpretation.performing import perform
from humanize.interpretation.prediction import predict_notes
from humanize.interpretation.sliding import slide_performance, slide_velocity
from humanize.midi.reading import pedal_controls, read_midi
from humanize.models import Model, load_model
from humanize.styles.reference import STABLE, Reference, averaged, beyond

HERE = Path(__file__).parent
Vector = np.ndarray[Any, Any]


def vector(attributes: dict[str, float]) -> Vector:
    """Return the stable attributes in standard deviations; 0 where one is not known."""
    return np.array([np.nan_to_num(attributes[n]) / spread_of(n) for n in STABLE])


def reference(folder: Path, performance: Performance, model: Model) -> Reference:
    reading = read_midi((folder / performance.id).read_bytes(), name=performance.id, **PIANO)
    own = beyond(reading.pieces[0], pedal_controls(reading.scan), model)
    return Reference(name=performance.id, notes=len(reading.pieces[0]), beyond=own)


class Render:
    """A score as the model performs it, once."""

    def __init__(self, piece: Piece, model: Model) -> None:
        self.notes = piece.notes
        self.velocity = predict_notes(self.notes, model)
        self.parameters = perform(self.notes, model, ASPECTS)

    def styled(self, style: dict[str, float]) -> Vector:
        every = np.ones(len(self.notes), dtype=bool)
        expression = Expression(
            ground=Ground(self.notes),
            velocity=slide_velocity(self.notes, self.velocity, style),
            parameters=slide_performance(self.notes, self.parameters, style, ASPECTS, every),
        )
        return vector(measured(expression))


def retrieved(renders: list[Vector], takes: list[Vector]) -> dict[str, float]:
    """Return how often a render finds its pianist: nearest of all, and in pairs."""
    away = np.array([[float(np.linalg.norm(r - t)) for t in takes] for r in renders])
    count = len(takes)
    middles = np.mean(renders, axis=0), np.mean(takes, axis=0)
    centred = [
        [float(np.linalg.norm((r - middles[0]) - (t - middles[1]))) for t in takes] for r in renders
    ]
    pairs = [
        away[a, a] + away[b, b] < away[a, b] + away[b, a] for a, b in combinations(range(count), 2)
    ]
    return {
        "pianists": count,
        "nearest": float((away.argmin(axis=1) == np.arange(count)).mean()),
        "nearest_centred": float((np.argmin(centred, axis=1) == np.arange(count)).mean()),
        "nearest_by_chance": 1 / count,
        "pairs": float(np.mean(pairs)),
    }


def name_of(performance: Performance) -> str:
    found = re.match(r"[A-Za-z-]+", Path(performance.id).stem)
    return found.group(0).lower() if found else performance.id


def interval(values: list[float]) -> list[float]:
    draw = np.random.default_rng(0)
    means = [np.mean(draw.choice(values, len(values))) for _ in range(2000)]
    return [float(np.mean(values)), *(float(q) for q in np.quantile(means, [0.025, 0.975]))]


def summary(found: list[dict[str, float]]) -> dict[str, Any]:
    names = ("nearest", "nearest_centred", "nearest_by_chance", "pairs")
    return {
        "pieces": len(found),
        "pianists": int(sum(f["pianists"] for f in found)),
        **{name: interval([f[name] for f in found]) for name in names},
    }


def elsewhere(
    folder: Path, wanted: set[str], model: Model
) -> dict[str, list[tuple[str, Reference]]]:
    """Return references by pianist's name, each with its composition."""
    known: dict[str, list[tuple[str, Reference]]] = defaultdict(list)
    for piece in load_scores(folder, "train", "validation").pieces:
        for performance in piece.performances:
            if performance.robust and name_of(performance) in wanted:
                known[name_of(performance)].append(
                    (piece.composition, reference(folder, performance, model))
                )
    return known


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--split", default="validation", choices=["validation", "test"])
    parser.add_argument("--model", default="fast")
    parser.add_argument("--same-alone", action="store_true", help="leave other pieces out")
    asked = parser.parse_args()
    model = load_model(asked.model)
    pieces = [
        p
        for p in load_scores(asked.folder, asked.split).pieces
        if sum(q.robust for q in p.performances) > 1
    ]
    names = {name_of(q) for p in pieces for q in p.performances if q.robust}
    others = {} if asked.same_alone else elsewhere(asked.folder, names, model)
    same, another = [], []
    for piece in pieces:
        robust = [p for p in piece.performances if p.robust]
        render = Render(piece, model)
        takes = [vector(measured(expression_of(piece, p))) for p in robust]
        styles = [averaged([reference(asked.folder, p, model)]) for p in robust]
        same.append(retrieved([render.styled(s) for s in styles], takes))
        known = [
            [r for composition, r in others.get(name_of(p), []) if composition != piece.composition]
            for p in robust
        ]
        chosen = [k for k, own in enumerate(known) if own]
        if len({name_of(robust[k]) for k in chosen}) > 1:
            renders = [render.styled(averaged(known[k])) for k in chosen]
            another.append(retrieved(renders, [takes[k] for k in chosen]))
        print(piece.id, same[-1], another[-1:] if chosen else "", flush=True)
    result = {"model": asked.model, "split": asked.split, "same_piece": summary(same)}
    if another:
        result["another_piece"] = summary(another)
    (HERE / f"styles_{asked.split}.json").write_text(json.dumps(result, indent=1) + "\n")
    (HERE / f"styles_{asked.split}.md").write_text(table(result))
    if asked.split == "test":
        log(result)


def table(result: dict[str, Any]) -> str:
    lines = [
        f"Retrieval of the pianist by renders in a take's style; {result['model']}, (n)ASAP, {result['split']}; "
        "95 % bootstrap intervals over pieces.",
        "",
        "| style read off | pieces | takes | nearest to its pianist | the model's own habits taken out | by chance "
        "| pairs (chance 0.5) |",
        "|---|---|---|---|---|---|---|",
    ]
    for key, label in (
        ("same_piece", "a take of the piece"),
        ("another_piece", "the pianist's other pieces"),
    ):
        if key in result:
            own = result[key]
            cells = [_shown(own["nearest"]), _shown(own["nearest_centred"])]
            cells += [f"{own['nearest_by_chance'][0]:.3f}", _shown(own["pairs"])]
            lines.append(f"| {label} | {own['pieces']} | {own['pianists']} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _shown(values: list[float]) -> str:
    return f"{values[0]:.3f} [{values[1]:.3f}, {values[2]:.3f}]"


def log(result: dict[str, Any]) -> None:
    path = HERE / "styles_test_log.csv"
    new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(["date", "what", "figures"])
        figures = {k: v for k, v in result.items() if k not in ("model", "split")}
        today = datetime.datetime.now(datetime.UTC).date().isoformat()
        writer.writerow([today, f"styles.py {result['model']}", json.dumps(figures)])


if __name__ == "__main__":
    main()
