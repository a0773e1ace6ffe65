"""What it is worth to sing a melody that lies under repeated chords.

Question: where a line of steps under repeated chords makes up a good part of a piece, how loud do
pianists play it against the chords, and piano-1 before and after the rule? Flat scores of
maestro-aligned, whose velocities piano-1 never heard; compositions that ASAP has are left out.
Run: python benchmarks/velocity_accuracy/left_hand.py MAESTRO_ALIGNED
Writes left_hand.md beside this file.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from cross_validate import HERE

from humanize.corpus.maestro_aligned import load_scores
from humanize.evaluation.metrics import pearson_r
from humanize.features import feature_table
from humanize.interpretation import cantilena
from humanize.interpretation.cantilena import line_under_chords, repeated_chords, sing_out
from humanize.models import load_model

SHARES = (0.08, 0.18)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    options = parser.parse_args()
    pieces = load_scores(options.corpus, beyond_asap=True).pieces
    head = load_model("piano-1").head("flat")
    rows: list[str] = []
    count = 0
    cantilena.LEAST_SHARE = min(SHARES)  # type: ignore[misc]
    for piece in pieces:
        if not piece.performances:
            continue
        count += 1
        line = line_under_chords(piece.notes)
        if not line.any():
            continue
        chords = repeated_chords(piece.notes)
        plain = head.predict(feature_table(piece.notes, head.feature_names))
        sung = sing_out(plain, piece.notes)
        played = []
        for performance in piece.performances:
            own = np.full(len(piece.notes), np.nan)
            own[performance.rows] = performance.velocity
            played.append(np.nanmean(own[line]) - np.nanmean(own[chords]))
        told = [plain[line].mean() - plain[chords].mean(), sung[line].mean() - sung[chords].mean()]
        fits = [
            np.mean([pearson_r(p.velocity, own[p.rows]) for p in piece.performances])
            for own in (plain, sung)
        ]
        rows.append(
            f"| {piece.composer}: {Path(piece.id).parent.name} | {line.mean():.2f} | {np.mean(played):+.1f} | "
            f"{told[0]:+.1f} | {told[1]:+.1f} | {fits[0]:.3f} | {fits[1]:.3f} |"
        )
    lines = [
        "# A melody under repeated chords",
        "",
        f"{count} scores; those in which such a line has {min(SHARES):.0%} of the notes. The rule holds from "
        f"{max(SHARES):.0%} on: below it, a moving bass is meant as often as a melody. Differences in velocities, "
        "line less chords.",
        "",
        "| piece | share of the line | pianists | piano-1 | sung | r | r, sung |",
        "|---|---|---|---|---|---|---|",
        *sorted(rows, key=lambda row: -float(row.split("|")[2])),
    ]
    (HERE / "left_hand.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
