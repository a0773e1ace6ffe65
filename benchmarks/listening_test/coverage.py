"""How often the 95 % interval of a preference share holds the truth: simulated studies.

Raters and pieces are drawn anew in each study. A rater hears one pair of conditions once per
piece; the log odds of preferring the second are a true effect plus a rater's and a piece's own
normal tilt. The truth is the mean over both populations. No person answered anything here.

    python benchmarks/listening_test/coverage.py -o benchmarks/listening_test/coverage.json
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import click
import numpy as np

from humanize.listening.analysis import clustered_share

TILTS = ((0.0, 0.0), (0.6, 0.0), (0.0, 0.6), (0.6, 0.6), (1.0, 1.0))
EFFECTS = (0.0, 0.5, 1.0)


def true_share(effect: float, tilt: float) -> float:
    x, weight = np.polynomial.hermite_e.hermegauss(60)
    return float((weight / (1 + np.exp(-(effect + tilt * x)))).sum() / weight.sum())


def simulate(
    draw: np.random.Generator, *, raters: int, pieces: int, studies: int, effect: float,
    sd_rater: float, sd_piece: float,
) -> dict[str, float]:  # fmt: skip
    truth = true_share(effect, math.hypot(sd_rater, sd_piece))
    rater, piece = (i.ravel().astype(str) for i in np.indices((raters, pieces)))
    covered, found = 0, 0
    for _ in range(studies):
        tilt = draw.normal(0, sd_rater, (raters, 1)) + draw.normal(0, sd_piece, (1, pieces))
        won = draw.random((raters, pieces)) < 1 / (1 + np.exp(-(effect + tilt)))
        share = clustered_share(won.ravel().astype(float), rater, piece)
        covered += share.low <= truth <= share.high
        found += share.low > 0.5 or share.high < 0.5
    return {
        "effect_log_odds": effect, "sd_rater": sd_rater, "sd_piece": sd_piece,
        "true_share": round(truth, 4), "coverage": covered / studies,
        "share_of_intervals_without_half": found / studies,
    }  # fmt: skip


@click.command()
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path))
@click.option("--raters", default=20, show_default=True)
@click.option("--pieces", default=8, show_default=True)
@click.option("--studies", default=2000, show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(output: Path, raters: int, pieces: int, studies: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    rows = [
        simulate(draw, raters=raters, pieces=pieces, studies=studies, effect=effect,
                 sd_rater=sd_rater, sd_piece=sd_piece)
        for effect in EFFECTS
        for sd_rater, sd_piece in TILTS
    ]  # fmt: skip
    result = {"raters": raters, "pieces": pieces, "studies": studies, "seed": seed, "designs": rows}
    output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    for row in rows:
        click.echo(json.dumps(row))


if __name__ == "__main__":
    main()
