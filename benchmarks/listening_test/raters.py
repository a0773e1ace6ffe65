"""Power of the design, and whom the exclusion rules leave out: simulated studies.

Question: does a study of 20 raters and 8 pieces find a preference as often as its plan says, and are
raters caught who answer at random or always take one side, while those who listen stay? The power
in a plan comes from 200 studies of one seed; here it is held against 2,000 of another.

    python benchmarks/listening_test/raters.py -o benchmarks/listening_test/raters.json
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import click

from humanize.listening.checks import Rules
from humanize.listening.design import Design, Form, draw_trials
from humanize.listening.simulate import caught, power

CONDITIONS = ("constant", "shuffled", "model", "human")
SHARES = (0.5, 0.6, 0.65, 0.7, 0.75, 0.8)
FORMS: tuple[Form, ...] = ("pairs", "multi")


def simulated(form: Form, raters: int, pieces: int, studies: int) -> dict:
    design = Design(
        pieces=tuple(f"piece {i}" for i in range(pieces)),
        conditions=CONDITIONS,
        raters=raters,
        form=form,
    )
    trials = draw_trials(design, seed=1, nonce=bytes(16))
    pair = ("model", "constant")
    rows = []
    for share in SHARES:
        odds = math.log(share / (1 - share))
        rows.append(
            {
                "true_share": share,
                "stated": power(trials, pair, "human", log_odds=odds, studies=200),
                "found": power(trials, pair, "human", log_odds=odds, studies=studies, seed=99),
            }
        )
        click.echo(f"{form} {rows[-1]}")
    one = [t for t in trials if t.rater == 0]
    out = caught(one, Rules(), count=studies, seed=99)
    click.echo(f"{form} {out}")
    return {"form": form, "trials_per_rater": len(one), "power": rows, "left_out": out}


@click.command()
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path))
@click.option("--raters", default=20, show_default=True)
@click.option("--pieces", default=8, show_default=True)
@click.option("--studies", default=2000, show_default=True)
def main(output: Path, raters: int, pieces: int, studies: int) -> None:
    found = [simulated(form, raters, pieces, studies) for form in FORMS]
    result = {"raters": raters, "pieces": pieces, "studies": studies, "designs": found}
    output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
