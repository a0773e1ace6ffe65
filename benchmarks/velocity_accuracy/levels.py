"""What it costs to keep written levels in order.

Question: how much agreement with pianists does it cost that no clearly softer passage comes out the
louder, and that equal measures at one level are near each other? Marked scores of ASAP's validation
split, which piano-1 has heard: the difference counts, not the r.
Run: python benchmarks/velocity_accuracy/levels.py ASAP
Writes levels.md beside this file.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from unittest.mock import patch

import numpy as np
from cross_validate import HERE, r_by_composition

from humanize.corpus.asap import load_scores
from humanize.corpus.markings import mark_pieces
from humanize.evaluation.statistics import paired_difference
from humanize.interpretation import levels, prediction
from humanize.models import load_model

THRESHOLDS = {24.0: "p-mf and wider", 45.0: "p-f", 60.0: "pp-f, p-ff", 75.0: "ppp-f, pp-ff"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("asap", type=Path)
    options = parser.parse_args()
    pieces = [p for p in load_scores(options.asap, "validation").pieces if p.performances]
    pieces = mark_pieces(pieces, options.asap)
    model = load_model("piano-1")
    with patch.object(prediction, "with_levels_in_order", lambda velocity, notes: velocity):
        free = [prediction.predict_notes(piece.notes, model) for piece in pieces]
    base = r_by_composition(pieces, free)
    rows = []
    for threshold, text in {1000.0: "equal measures alone", **THRESHOLDS}.items():
        with patch.object(levels, "CLEARLY_SOFTER", threshold):
            kept = [
                levels.with_levels_in_order(own, piece.notes)
                for own, piece in zip(free, pieces, strict=True)
            ]
        change = paired_difference(r_by_composition(pieces, kept), base)
        moved = [np.abs(k - f) > 0.5 for k, f in zip(kept, free, strict=True)]
        share = float(np.mean([own.mean() for own in moved]))
        rows.append(f"| {text} | {change} | {share:.1%} |")
    lines = [
        "# Written levels kept in order",
        "",
        f"{len(base)} compositions; paired difference of mean r with a 95 % bootstrap interval.",
        "",
        "| in order | difference of r | notes moved |",
        "|---|---|---|",
        *rows,
    ]
    (HERE / "levels.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
