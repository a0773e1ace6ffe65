"""An evaluation of tempo, timing, articulation or pedal as a table and a summary."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import astuple
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from humanize.evaluation.expression_run import COLUMNS, OTHERS, PAIR, ExpressionEvaluation
from humanize.files import make_folder, write_atomically
from humanize.models import Model
from humanize.models.bundle import bundle_hash

_LEGEND = [
    "- ratio: the model's value over that of two pianists, on the compositions that have both.",
    "- spread ratio: standard deviation of the prediction over the pianist's, within performances.",
    "- error over a constant's: mean absolute error over that of one value for all; below 1 the "
    "prediction is nearer to the pianist than no expression at all.",
    "- phi, AUC, F1 at the human rate: of a soft prediction of events; F1 with as many events as "
    "the pianist has.",
]


def write_expression_report(folder: Path, evaluation: ExpressionEvaluation) -> None:
    """Write results.csv, summary.md and summary.json into a folder."""
    make_folder(folder)
    write_atomically(folder / "results.csv", _csv(evaluation))
    write_atomically(folder / "summary.md", expression_summary(evaluation).encode())
    write_atomically(folder / "summary.json", _as_bytes(expression_json(evaluation)))


def expression_summary(evaluation: ExpressionEvaluation) -> str:
    """Return the Markdown summary: a table for each measure, models first, pianists last."""
    compositions = len({p.composition for p in evaluation.pieces})
    played = sum(1 for p in evaluation.pieces for q in p.performances if q.robust)
    name = evaluation.aspect.capitalize()
    lines = [
        f"# {name}: {evaluation.condition} input, {evaluation.split} split",
        "",
        f"{compositions} compositions, {len(evaluation.pieces)} scores, {played} robustly aligned "
        "performances. Means over performances, then compositions; 95 % bootstrap intervals over "
        "compositions.",
        "",
        "| | " + " | ".join(own.name for own in evaluation.measures) + " |",
        "|---" * (len(evaluation.measures) + 1) + "|",
        *(_row(evaluation, model) for model in (*evaluation.models, PAIR, OTHERS)),
        "",
        *_seen(evaluation),
        *_LEGEND,
    ]
    return "\n".join(lines) + "\n"


def _row(evaluation: ExpressionEvaluation, model: str) -> str:
    cells = [_cell(evaluation, model, own.name) for own in evaluation.measures]
    shown = f"*{model}*" if model in (PAIR, OTHERS) else model
    return f"| {shown} | " + " | ".join(cells) + " |"


def _cell(evaluation: ExpressionEvaluation, model: str, metric: str) -> str:
    found, ratio = evaluation.estimate(model, metric), evaluation.ratio(model, metric)
    if not found.count:
        return ""
    of_pianists = model != PAIR and np.isfinite(ratio) and "error" not in metric
    return f"{found}" + (f", ratio {ratio:.2f}" if of_pianists else "")


def _seen(evaluation: ExpressionEvaluation) -> list[str]:
    if not evaluation.seen:
        return []
    names = ", ".join(evaluation.seen)
    return [f"**Trained on compositions of this split too: {names}.**", ""]


def _as_bytes(found: dict[str, Any]) -> bytes:
    return (json.dumps(found, indent=1, allow_nan=False) + "\n").encode()


def _csv(evaluation: ExpressionEvaluation) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((*row[:5], f"{row[5]:.6g}") for row in evaluation.rows)
    return text.getvalue().encode()


def expression_json(evaluation: ExpressionEvaluation) -> dict[str, Any]:
    """Return the figures of every measure by model, pianists among them, as JSON knows them."""
    return {
        "target": evaluation.aspect,
        "condition": evaluation.condition,
        "split": evaluation.split,
        "trained_on_this_split": list(evaluation.seen),
        "measures": {
            own.name: {
                model: _known(evaluation, model, own.name)
                for model in (*evaluation.models, PAIR, OTHERS)
            }
            for own in evaluation.measures
        },
    }


def _known(evaluation: ExpressionEvaluation, model: str, metric: str) -> dict[str, Any] | None:
    found, ratio = evaluation.estimate(model, metric), evaluation.ratio(model, metric)
    if not found.count:
        return None
    mean, low, high, count = astuple(found)
    return {
        "mean": round(mean, 4),
        "low": round(low, 4),
        "high": round(high, 4),
        "compositions": count,
        "ratio": round(ratio, 4) if np.isfinite(ratio) else None,
    }


def append_expression_log(
    path: Path, evaluation: ExpressionEvaluation, models: Mapping[str, Model]
) -> None:
    """Append one line for each model and measure to the log of every look at the test split."""
    new = not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        if new:
            writer.writerow(["date", "target", "condition", "model", "bundle", "metric", "value",
                             "low", "high", "compositions"])  # fmt: skip
        now = datetime.now(UTC).isoformat(timespec="seconds")
        for name, model in models.items():
            for own in evaluation.measures:
                found = evaluation.estimate(name, own.name)
                figures = [f"{found.mean:.4f}", f"{found.low:.4f}", f"{found.high:.4f}"]
                about = [now, evaluation.aspect, evaluation.condition, name, bundle_hash(model)]
                writer.writerow([*about, own.name, *figures, found.count])
