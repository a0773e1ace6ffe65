"""Write humanize/interpretation/pianists.json: how far pianists of one composition differ.

For each attribute of ``humanize.interpretation.attributes`` the standard deviation over pianists
within a piece, pooled over the pieces of (n)ASAP's train split that two or more pianists play.

Run: python scripts/measure_pianists.py ASAP
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from humanize.corpus.asap import load_scores
from humanize.corpus.pieces import Performance, Piece
from humanize.interpretation.attributes import ATTRIBUTES, PIANISTS, Expression, measured
from humanize.styles.expressing import express

DIGITS = 4


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


def spreads(groups: Sequence[Sequence[dict[str, float]]]) -> dict[str, dict[str, float]]:
    """Return mean and pooled standard deviation of each attribute, and over how many pianists."""
    found: dict[str, dict[str, float]] = {}
    for name in ATTRIBUTES:
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


def main(folder: Path) -> None:
    groups: dict[str, list[dict[str, float]]] = defaultdict(list)
    for piece in load_scores(folder, "train").pieces:
        for performance in piece.performances:
            if performance.robust:
                groups[piece.id].append(measured(expression_of(piece, performance)))
    known = json.loads(PIANISTS.read_text(encoding="utf-8")) if PIANISTS.exists() else {}
    known["attributes"] = spreads([g for g in groups.values() if len(g) > 1])
    known["source"] = f"(n)ASAP v2.1, train, {sum(len(g) > 1 for g in groups.values())} pieces"
    PIANISTS.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
