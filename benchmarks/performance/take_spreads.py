"""How wide the articulation and the asynchrony of a take should be.

The mean about its own mean, times a stretch, and a residual, times an amount: is it told from pianists, does
it agree with them, and do two takes agree as two pianists do? On the validation split, flat scores.
Writes ``take_spreads.json`` and ``.md``.

Run: python benchmarks/performance/take_spreads.py ASAP
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
from apart import Case, case_of
from numpy.typing import NDArray

from humanize.evaluation.run import load_condition
from humanize.evaluation.whole_discriminator import Whole, tell_apart
from humanize.expression import ARTICULATION, TIMING, Target
from humanize.interpretation.interpret import Settings, interpret
from humanize.interpretation.performing import perform
from humanize.interpretation.sampling import AMOUNT, STRETCH
from humanize.models import Model, load_model

FOLDER = Path(__file__).parent
MOST = 3  # pianists of a piece, and takes beside them
STRETCHES = (1.0, 1.25, 1.5, 2.0)
AMOUNTS = {ARTICULATION: (0.6, 0.8, 1.0), TIMING: (0.8, 1.0, 1.2)}
Values = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What the takes of a piece are made of: the mean, and the residual of each seed."""

    case: Case
    mean: Values
    residuals: tuple[Values, ...]

    def takes(self, stretch: float, amount: float) -> list[Values]:
        level = self.mean.mean()
        wider = level + stretch * (self.mean - level)
        return [wider + amount * own for own in self.residuals]


def parts_of(case: Case, model: Model, target: Target) -> Parts:
    notes = case.piece.notes
    silent = replace(notes, velocity=np.zeros(len(notes), dtype=np.int64))
    residuals = []
    for seed in range(1, MOST + 1):
        found = interpret(silent, Settings(model=model, seed=seed, freedom=1.0))
        assert found.deviations is not None
        laid = getattr(found.deviations, target.name)
        residuals.append(laid / AMOUNT[target.name])
    mean = getattr(perform(found.notes, model, (target.aspect,)), target.name)
    return Parts(case=case, mean=mean, residuals=tuple(residuals))


def figures(parts: list[Parts], target: Target, stretch: float, amount: float) -> dict[str, float]:
    pairs, with_pianists, of_takes = [], {}, {}
    for own in parts:
        takes = [np.clip(one, target.low, target.high) for one in own.takes(stretch, amount)]
        pianists = own.case.pianists
        name = own.case.piece.composition
        pairs += [
            (one, with_values(one, target, take))
            for one, take in zip(pianists[:MOST], takes, strict=False)
        ]
        found = [agreement(one.values[target.name], take) for one in pianists for take in takes]
        with_pianists.setdefault(name, []).append(np.mean(found))
        apart = [agreement(one, two) for one, two in combinations(takes, 2)]
        of_takes.setdefault(name, []).append(np.mean(apart))
    return {
        "AUC": tell_apart(pairs)[target.aspect].mean,
        "r with pianists": over_compositions(with_pianists),
        "r of two takes": over_compositions(of_takes),
    }


def with_values(one: Whole, target: Target, values: Values) -> Whole:
    return replace(one, values={**one.values, target.name: values})


def agreement(one: Values, two: Values) -> float:
    known = np.isfinite(one) & np.isfinite(two)
    return float(np.corrcoef(one[known], two[known])[0, 1])


def over_compositions(found: dict[str, list[float]]) -> float:
    return float(np.mean([np.mean(own) for own in found.values()]))


def of_pianists(parts: list[Parts], target: Target) -> float:
    found: dict[str, list[float]] = {}
    for own in parts:
        for one, two in combinations(own.case.pianists, 2):
            r = agreement(one.values[target.name], two.values[target.name])
            found.setdefault(own.case.piece.composition, []).append(r)
    return over_compositions(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    options = parser.parse_args()
    model = load_model("piano-1")
    corpus = load_condition(options.corpus, "validation", "flat")
    cases = [case for case in map(case_of, corpus.pieces) if case.pianists]
    lines = [
        "| | stretch | amount | AUC | r with pianists | r of two takes |",
        "|---|" + "---|" * 5,
    ]
    stored = []
    for target, amounts in AMOUNTS.items():
        parts = [parts_of(case, model, target) for case in cases]
        for stretch in STRETCHES:
            for amount in amounts:
                found = figures(parts, target, stretch, amount)
                ships = stretch == STRETCH and amount == AMOUNT[target.name]
                cells = " | ".join(f"{value:.3f}" for value in found.values())
                name = f"**{target.aspect}, ships**" if ships else target.aspect
                lines.append(f"| {name} | {stretch:g} | {amount:g} | {cells} |")
                own = {"aspect": target.aspect, "stretch": stretch, "amount": amount}
                stored.append({**own, **{k: round(v, 4) for k, v in found.items()}})
                print(lines[-1], flush=True)
        pianists = of_pianists(parts, target)
        lines.append(f"| *{target.aspect}, two pianists* | | | | | {pianists:.3f} |")
        stored.append({"aspect": target.aspect, "r of two pianists": round(pianists, 4)})
    path = FOLDER / "take_spreads.json"
    path.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
