"""Write humanize/interpretation/pianists.json: how far pianists of one composition differ.

*attributes*: for each attribute of ``humanize.interpretation.attributes`` the standard deviation over
pianists within a piece, pooled over the pieces of (n)ASAP's train split that two or more pianists play;
``steady_rubato_depth`` is what comparisons measure, stops and slips set aside.
*style*: lines over quantities of the notes that say what is expected of a performance without its score
(of velocity, less what ``piano-1-fast`` gives the same notes), by least squares over the same
performances; and how reliable one performance is, intraclass correlations from piece to piece of
a pianist, the mean of Vienna's 22 pianists and (n)ASAP by name.

Run: python scripts/measure_pianists.py ASAP
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from humanize.corpus.asap import load_scores
from humanize.corpus.pieces import PIANO, Performance, Piece
from humanize.interpretation.attributes import ATTRIBUTES, PIANISTS, Expression, measured
from humanize.midi.reading import pedal_controls, read_midi
from humanize.models import Model, load_model
from humanize.styles.expressing import express
from humanize.styles.reference import STABLE, asked_of_model, observed, quantities
from humanize.styles.waits import STEADY_RUBATO_DEPTH, steady_rubato_depth

DIGITS = 4
RELIABILITY = {
    "loudness": (0.59 + 0.41) / 2,
    "spread": (0.37 + 0.37) / 2,
    "melody": (0.58 + 0.35) / 2,
    "lead": (0.74 + 0.23) / 2,
    "legato": (0.63 + 0.38) / 2,
    "pedal_depth": (0.62 + 0.20) / 2,
}
"""Vienna 4x22 and (n)ASAP."""


def expression_of(piece: Piece, performance: Performance) -> Expression:
    """Return a performance of a corpus as an interpretation of the notes it plays."""
    order = np.argsort(performance.rows, kind="stable")
    return express(
        piece.notes.take(performance.rows[order]),
        performance.onset_sec[order],
        (performance.offset_sec - performance.onset_sec)[order],
        performance.velocity[order],
        performance.pedals,
    )


def attributes_of(expression: Expression) -> dict[str, float]:
    """Return every attribute of an interpretation, and the rubato depth of comparisons."""
    return measured(expression) | {STEADY_RUBATO_DEPTH: steady_rubato_depth(expression)}


def spreads(groups: Sequence[Sequence[dict[str, float]]]) -> dict[str, dict[str, float]]:
    """Return mean and pooled standard deviation of each attribute, and over how many pianists."""
    found: dict[str, dict[str, float]] = {}
    for name in (*ATTRIBUTES, STEADY_RUBATO_DEPTH):
        squares: list[float] = []
        values: list[float] = []
        freedom = 0
        for group in groups:
            own = np.array([a[name] for a in group if np.isfinite(a[name])])
            values += own.tolist()
            if len(own) > 1:
                squares.append(float(((own - own.mean()) ** 2).sum()))
                freedom += len(own) - 1
        found[name] = {
            "sd": round(float(np.sqrt(sum(squares) / freedom)), DIGITS),
            "mean": round(float(np.mean(values)), DIGITS),
            "performances": len(values),
        }
    return found


def expected(rows: Sequence[dict[str, Any]]) -> dict[str, list[float]]:
    """Return a line over the quantities of the notes for each attribute of a style."""
    known = np.array([row["quantities"] for row in rows])
    lines = {}
    for name in STABLE:
        own = np.array([row["observed"][name] - row["asked"].get(name, 0.0) for row in rows])
        said = np.isfinite(own)
        line = np.linalg.lstsq(known[said], own[said], rcond=None)[0]
        lines[name] = [round(float(value), DIGITS) for value in line]
    return lines


def without_score(folder: Path, performance: Performance, model: Model) -> dict[str, Any]:
    """Return what a performance is like as a reference is read."""
    reading = read_midi((folder / performance.id).read_bytes(), name=performance.id, **PIANO)
    notes = reading.pieces[0]
    return {
        "observed": observed(notes, pedal_controls(reading.scan)),
        "asked": asked_of_model(notes, model),
        "quantities": quantities(notes),
    }


def main(folder: Path) -> None:
    model = load_model("fast")
    rows: list[dict[str, Any]] = []
    groups: dict[str, list[dict[str, float]]] = defaultdict(list)
    for piece in load_scores(folder, "train").pieces:
        for performance in piece.performances:
            if performance.robust:
                groups[piece.id].append(attributes_of(expression_of(piece, performance)))
                rows.append(without_score(folder, performance, model))
    known = {
        "attributes": spreads([g for g in groups.values() if len(g) > 1]),
        "style": {
            "reliability": {name: round(value, DIGITS) for name, value in RELIABILITY.items()},
            "lines": expected(rows),
        },
        "source": f"(n)ASAP v2.1, train, {sum(len(g) > 1 for g in groups.values())} pieces",
    }
    PIANISTS.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
