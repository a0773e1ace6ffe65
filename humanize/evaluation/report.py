"""An evaluation as a tidy table, a Markdown summary and an HTML page."""

from __future__ import annotations

import base64
import csv
import html
import io
import json
from collections.abc import Mapping
from dataclasses import astuple
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from humanize.evaluation.run import COLUMNS, Evaluation
from humanize.evaluation.statistics import estimate
from humanize.files import write_atomically
from humanize.models import Model
from humanize.models.bundle import bundle_hash

_CAUGHT = 0.95  # AUC on shuffled velocities below which the discriminator is not cited


def write_report(folder: Path, evaluation: Evaluation, figures: Mapping[str, bytes]) -> None:
    """Write results.csv, summary.md, summary.json, report.html and the figures into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    summary = summary_of(evaluation)
    write_atomically(folder / "results.csv", _csv(evaluation))
    write_atomically(folder / "summary.md", summary.encode())
    write_atomically(folder / "summary.json", _json(evaluation))
    write_atomically(folder / "report.html", _page(summary, figures).encode())
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
        *_differences(evaluation),
        *_discriminator(evaluation),
        *_left_out(evaluation),
    ]
    return "\n".join(lines) + "\n"


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
        "models": {
            name: {metric: astuple(evaluation.estimate(name, metric)) for metric in metrics}
            | {"agreement_ratio": evaluation.agreement_ratio(name)}
            for name in evaluation.predictions
        },
        "human": {n: astuple(estimate(m)) for n, m in evaluation.human.items() if m},
        "discriminator": evaluation.discriminator,
    }
    return (json.dumps(found, indent=1) + "\n").encode()


def _page(summary: str, figures: Mapping[str, bytes]) -> str:
    images = "".join(
        f"<h2>{html.escape(name.removesuffix('.png').replace('_', ' '))}</h2>"
        f'<img alt="{html.escape(name)}" src="data:image/png;base64,'
        f'{base64.b64encode(image).decode()}">'
        for name, image in figures.items()
    )
    style = (
        "body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;"
        "color:#222;background:#fff}table{border-collapse:collapse;font-size:14px}td,th{border-bottom:"
        "1px solid #ddd;padding:.3rem .6rem;text-align:left}img{max-width:100%}"
    )
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>Velocity accuracy</title>"
        f"<style>{style}</style><body>{_to_html(summary)}{images}</body></html>"
    )


def _to_html(markdown: str) -> str:
    """Return the little Markdown that summaries use as HTML."""
    blocks, table = [], []
    for line in [*markdown.splitlines(), ""]:
        if line.startswith("|"):
            table.append([cell.strip() for cell in line.strip("|").split("|")])
            continue
        if table:
            blocks.append(_html_table(table))
            table = []
        if line.startswith("#"):
            level = len(line) - len(line.lstrip("#"))
            blocks.append(f"<h{level}>{_inline(line.lstrip('# '))}</h{level}>")
        elif line.startswith("- "):
            blocks.append(f"<li>{_inline(line[2:])}</li>")
        elif line:
            blocks.append(f"<p>{_inline(line)}</p>")
    return "\n".join(blocks)


def _html_table(rows: list[list[str]]) -> str:
    head = "".join(f"<th>{_inline(cell)}</th>" for cell in rows[0])
    body = "".join(
        "<tr>" + "".join(f"<td>{_inline(cell)}</td>" for cell in row) + "</tr>" for row in rows[2:]
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def _inline(text: str) -> str:
    import re

    safe = html.escape(text)
    safe = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", safe)
    return re.sub(r"\*(.+?)\*", r"<em>\1</em>", safe)


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
