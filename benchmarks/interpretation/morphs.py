"""Is the middle of a morph a performance, as far as a classifier can tell?

Velocities of the notes that both ends play, given to the project's discriminator (it sees windows of 64
notes and is cross-validated over compositions; AUC 0.5 indistinguishable from pianists, 1.0 always
caught). Ends: two pianists of a piece; and the model's render and a pianist. Middle: ``blend`` at 0.5;
beside it the plain mean of the two. The human side is every other take of the same pieces.

Run: python benchmarks/interpretation/morphs.py ASAP [--split test] (logs a look at test)
"""

from __future__ import annotations

import argparse
import csv
import datetime
import json
import sys
from dataclasses import replace
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from humanize.corpus.asap import load_scores
from humanize.corpus.pieces import Performance, Piece
from humanize.evaluation.discriminator import Sample, discriminate, sample_of
from humanize.interpretation.attributes import Expression, Ground
from humanize.interpretation.parameters import PerformanceParameters
from humanize.interpretation.prediction import predict_notes
from humanize.interpretation.shaping import round_velocity
from humanize.models import load_model
from humanize.styles.blending import blend

HERE = Path(__file__).parent
MOST_TAKES = 6  # of a piece


def on_rows(piece: Piece, rows: Any, velocity: Any) -> Expression:
    notes = piece.notes.take(rows)
    return Expression(
        ground=Ground(notes), velocity=velocity, parameters=PerformanceParameters.neutral(notes)
    )


def sampled(piece: Piece, rows: Any, velocity: Any) -> Sample:
    own = replace(piece.performances[0], rows=rows)
    return sample_of(piece, own, round_velocity(np.clip(velocity, 1, 127)).astype(np.float64))


def between(piece: Piece, one: dict[int, float], two: dict[int, float]) -> dict[str, Sample]:
    """Return samples of both ends, of the middle and of the mean, on common notes."""
    rows = np.array(sorted(one.keys() & two.keys()), dtype=np.int64)
    ends = [np.array([own[row] for row in rows.tolist()]) for own in (one, two)]
    first, second = (on_rows(piece, rows, end) for end in ends)
    return {
        "first": sampled(piece, rows, ends[0]),
        "second": sampled(piece, rows, ends[1]),
        "middle": sampled(piece, rows, blend(first, second, 0.5).velocity),
        "mean": sampled(piece, rows, (ends[0] + ends[1]) / 2),
    }


def velocities(performance: Performance) -> dict[int, float]:
    return dict(zip(performance.rows.tolist(), performance.velocity.tolist(), strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--split", default="validation", choices=["train", "validation", "test"])
    parser.add_argument("--model", default="fast")
    asked = parser.parse_args()
    model = load_model(asked.model)
    human: list[Sample] = []
    kinds: dict[str, dict[str, list[Sample]]] = {"two pianists": {}, "model and pianist": {}}
    for piece in load_scores(asked.folder, asked.split).pieces:
        takes = [p for p in piece.performances if p.robust][:MOST_TAKES]
        if len(takes) < 2:
            continue
        half = len(takes) // 2  # ends are of one half, the human side is the other
        human += [sample_of(piece, take, take.velocity) for take in takes[half:]]
        predicted = dict(enumerate(predict_notes(piece.notes, model).tolist()))
        for number, take in enumerate(takes[:half]):
            other = takes[:half][(number + 1) % half] if half > 1 else None
            found = {"model and pianist": between(piece, predicted, velocities(take))}
            if other is not None:
                found["two pianists"] = between(piece, velocities(take), velocities(other))
            for kind, samples in found.items():
                for name, sample in samples.items():
                    kinds[kind].setdefault(name, []).append(sample)
    result: dict[str, Any] = {
        "split": asked.split,
        "model": asked.model,
        "human": len(human),
        "auc": {},
    }
    for kind, samples in kinds.items():
        result["auc"][kind] = {
            n: round(discriminate(human, own)[0], 4) for n, own in samples.items()
        }
        result["auc"][kind]["samples"] = len(samples["middle"])
        print(kind, result["auc"][kind], flush=True)
    (HERE / f"morphs_{asked.split}.json").write_text(json.dumps(result, indent=1) + "\n")
    (HERE / f"morphs_{asked.split}.md").write_text(table(result))
    if asked.split == "test":
        log(result)


def table(result: dict[str, Any]) -> str:
    lines = [
        f"AUC of telling velocities from pianists'; (n)ASAP, {result['split']}, model {result['model']}.",
        "",
        "| ends | morphs | first | second | mean of the ends | half way | middle of the morph "
        "| plain mean |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for kind, auc in result["auc"].items():
        ends = (auc["first"] + auc["second"]) / 2
        way = half_way(auc["first"], auc["second"])
        values = (auc["first"], auc["second"], ends, way, auc["middle"], auc["mean"])
        lines.append(f"| {kind} | {auc['samples']} | {' | '.join(f'{v:.2f}' for v in values)} |")
    return "\n".join(lines) + "\n"


def half_way(first: float, second: float) -> float:
    """Return the AUC of what is half as far from pianists as the two ends are together.

    An AUC is the normal distribution of a distance (d' over the square root of 2, Green & Swets,
    Signal detection theory, 1966); the middle of two distances has a higher AUC than the mean of
    theirs.
    """
    normal = NormalDist()
    return normal.cdf((normal.inv_cdf(first) + normal.inv_cdf(second)) / 2)


def log(result: dict[str, Any]) -> None:
    path = HERE / "styles_test_log.csv"
    new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(["date", "what", "figures"])
        today = datetime.datetime.now(datetime.UTC).date().isoformat()
        writer.writerow([today, f"morphs.py {result['model']}", json.dumps(result["auc"])])


if __name__ == "__main__":
    main()
