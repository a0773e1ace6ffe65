"""An evaluation as a tidy table, a Markdown summary and an HTML page."""

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

from humanize.evaluation.run import COLUMNS, Evaluation
from humanize.evaluation.statistics import estimate
from humanize.files import make_folder, write_atomically
from humanize.models import Model
from humanize.models.bundle import bundle_hash
from humanize.reporting.markdown import html_page

_CAUGHT = 0.95  # AUC on shuffled velocities below which the discriminator is not cited

_NAMED = 5  # compositions

_LEGEND = [
    "- r, Spearman: correlation with what was played, of values and of ranks; shuffled r: the same "
    "r when the model's velocities are dealt out at random.",
    "- spread ratio: standard deviation of the model's velocities over the pianist's.",
    "- MAE: mean absolute error in velocities, levels made equal; constant's MAE: that of one "
    "velocity for all notes.",
    "- R² to mean pianist: variance explained of the mean over a score's pianists, where it has "
    "several.",
    "- agreement ratio: the model's r over that of two pianists with one another, on the "
    "compositions that have both.",
]


def write_report(folder: Path, evaluation: Evaluation, figures: Mapping[str, bytes]) -> None:
    """Write results.csv, summary.md, summary.json, report.html and the figures into a folder."""
    make_folder(folder)
    summary = summary_of(evaluation)
    write_atomically(folder / "results.csv", _csv(evaluation))
    write_atomically(folder / "summary.md", summary.encode())
    write_atomically(folder / "summary.json", _json(evaluation))
    page = html_page(summary, figures, title="Velocity accuracy")
    write_atomically(folder / "report.html", page.encode())
    for name, image in figures.items():
        write_atomically(folder / name, image)


def summary_of(evaluation: Evaluation) -> str:
    """Return the Markdown summary: models, human rows last, discriminator, what was left out."""
    compositions = len({p.composition for p in evaluation.pieces})
    played = sum(1 for p in evaluation.pieces for q in p.performances if q.robust)
    shares = [q.share for p in evaluation.pieces for q in p.performances if q.robust]
    lines = [
        f"# Velocity accuracy: {evaluation.condition} input, {evaluation.split} split",
        "",
        f"{compositions} compositions, {len(evaluation.pieces)} scores, {played} robustly aligned "
        f"performances; {100 * np.mean(shares):.1f} % of their notes compared. Means over "
        "performances, then compositions; 95 % bootstrap intervals over compositions.",
        "",
        "| model | r | Spearman | spread ratio | MAE | constant's MAE | R² to mean pianist "
        "| shuffled r | agreement ratio |",
        "|---|---|---|---|---|---|---|---|---|",
        *(_model_row(evaluation, name) for name in evaluation.predictions),
        *_human_rows(evaluation),
        "",
        *_seen(evaluation),
        *_LEGEND,
        "",
        *_differences(evaluation),
        *_discriminator(evaluation),
        *_left_out(evaluation),
    ]
    return "\n".join(lines) + "\n"


def _seen(evaluation: Evaluation) -> list[str]:
    lines = []
    for name, compositions in evaluation.seen.items():
        if compositions is None:
            lines += [f"**{name} does not say what it was trained on**; it may be this music.", ""]
        elif compositions:
            lines += [_trained_on(name, compositions), ""]
    return lines


def _trained_on(name: str, compositions: tuple[str, ...]) -> str:
    few = ", ".join(compositions[:_NAMED])
    named = f"{few} and others" if len(compositions) > _NAMED else few
    return (
        f"**{name} was trained on compositions of this split too: {len(compositions)} ({named}).** "
        "What is shown of them is how well it fits music that it knows; only other music tells how "
        "good it is."
    )


def _model_row(evaluation: Evaluation, name: str) -> str:
    r = evaluation.estimate(name, "pearson_r")
    others = [
        evaluation.estimate(name, metric).mean
        for metric in ("spearman_r", "spread_ratio", "mean_absolute_error", "constant_error",
                       "centred_r2_mean_pianist", "shuffled_r")
    ]  # fmt: skip
    cells = " | ".join("" if np.isnan(v) else f"{v:.3f}" for v in others)
    ratio = evaluation.agreement_ratio(name)
    return f"| {name} | {r} | {cells} | {'' if np.isnan(ratio) else f'{ratio:.2f}'} |"


def _human_rows(evaluation: Evaluation) -> list[str]:
    rows = []
    for name, means in evaluation.human.items():
        if means:
            found = estimate(means)
            rows.append(f"| *{name}* ({found.count} compositions) | {found} | | | | | | | |")
    return rows


def _differences(evaluation: Evaluation) -> list[str]:
    names = list(evaluation.predictions)
    if len(names) < 2:
        return []
    lines = [f"Paired over compositions, r of **{names[0]}** less that of:", ""]
    lines += [f"- {other}: {evaluation.difference(names[0], other)}" for other in names[1:]]
    return [*lines, ""]


def _discriminator(evaluation: Evaluation) -> list[str]:
    found = evaluation.discriminator
    if not found:
        return []
    caught = found["a pianist's velocities shuffled"][0]
    if caught < _CAUGHT:
        return [
            f"The discriminator catches shuffled velocities at AUC {caught:.3f} only, below "
            f"{_CAUGHT}: it is not cited.",
            "",
        ]
    lines = [
        "## Discriminator",
        "",
        "| against a pianist | AUC | within compositions |",
        "|---|---|---|",
    ]
    lines += [f"| {name} | {auc:.3f} | {within:.3f} |" for name, (auc, within) in found.items()]
    return [*lines, ""]


def _left_out(evaluation: Evaluation) -> list[str]:
    if not evaluation.excluded:
        return ["Nothing was left out."]
    lines = [f"Left out ({len(evaluation.excluded)}):", ""]
    return [*lines, *(f"- {name}: {reason}" for name, reason in evaluation.excluded)]


def _csv(evaluation: Evaluation) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((*row[:6], f"{row[6]:.6g}") for row in evaluation.rows)
    return text.getvalue().encode()


def _json(evaluation: Evaluation) -> bytes:
    metrics = sorted({row[5] for row in evaluation.rows})
    found = {
        "condition": evaluation.condition,
        "split": evaluation.split,
        "trained_on_this_split": {n: own and list(own) for n, own in evaluation.seen.items()},
        "models": {
            name: {metric: astuple(evaluation.estimate(name, metric)) for metric in metrics}
            | {"agreement_ratio": evaluation.agreement_ratio(name)}
            for name in evaluation.predictions
        },
        "human": {n: astuple(estimate(m)) for n, m in evaluation.human.items() if m},
        "discriminator": evaluation.discriminator,
    }
    return (json.dumps(_plain(found), indent=1, allow_nan=False) + "\n").encode()


def _plain(value: Any) -> Any:
    """Return nested values with None for what is not a number, which JSON does not know."""
    if isinstance(value, Mapping):
        return {key: _plain(own) for key, own in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(own) for own in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def append_log(path: Path, evaluation: Evaluation, models: Mapping[str, Model]) -> None:
    """Append one line for each model to the log of every look at the test split."""
    new = not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        if new:
            writer.writerow(
                ["date", "condition", "model", "bundle", "r", "low", "high", "compositions"]
            )
        now = datetime.now(UTC).isoformat(timespec="seconds")
        for name, model in models.items():
            r = evaluation.estimate(name, "pearson_r")
            figures = [f"{r.mean:.4f}", f"{r.low:.4f}", f"{r.high:.4f}", r.count]
            writer.writerow([now, evaluation.condition, name, bundle_hash(model), *figures])
