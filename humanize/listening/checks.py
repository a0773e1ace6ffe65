"""Which raters are left out: rules fixed before the first answer, applied without looking at
what was preferred."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import comb
from typing import Any

from humanize.listening.design import Design, Trial, anchors_of

# by trial, for two places of it: how far the second was preferred, -3 to 3
Grades = dict[str, dict[tuple[int, int], float]]


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Thresholds of the exclusion rules.

    Attributes
    ----------
    least_answered : float
        Share of the trials that a rater must have answered.
    least_points : float
        Share of the catch trials that a rater must pass; see :func:`catch_points`.
    side_p : float
        A rater who takes one side so often that chance would do so with a smaller probability
        (two-sided binomial) is left out.
    """

    least_answered: float = 0.9
    least_points: float = 0.6
    side_p: float = 0.001

    def to_json(self, design: Design) -> dict[str, Any]:
        """Return the thresholds with the sentences that a plan prints."""
        return {**asdict(self), "in_words": self.sentences(design)}

    def sentences(self, design: Design) -> list[str]:
        """Return each rule that can leave out a rater of a design, as a sentence."""
        caught = _catches_in_words(design)
        points = f"passed under {self.least_points:.0%} of the catch trials: {caught}"
        return [
            f"answered under {self.least_answered:.0%} of the trials",
            *([points] if caught else []),
            "took the first, or the second, side so often that chance would do so with a "
            f"probability under {self.side_p:g}",
        ]


def _catches_in_words(design: Design) -> str:
    asked = len(design.conditions) > 2 if design.form == "multi" else design.catches.anchors > 0
    anchored = asked and anchors_of(design.conditions) is not None
    plain = {"velocities": "constant velocity", "performances": "the score to the letter"}
    kinds = {
        "an identical pair graded within one step of no difference": design.catches.identical > 0,
        f"the human performance graded above {plain[design.compared]}": anchored,
    }
    return ", ".join(words for words, used in kinds.items() if used)


def exclusion(
    trials: Sequence[Trial], grades: Mapping[str, Mapping[tuple[int, int], float]], rules: Rules
) -> str:
    """Return why a rater is left out, or nothing.

    Parameters
    ----------
    trials : sequence of Trial
        All of this rater's.
    grades : mapping of trial id to comparisons
        For two places of a trial how far the second was preferred, -3 to 3.
    rules : Rules
    """
    answered = sum(t.id in grades for t in trials) / len(trials)
    if answered < rules.least_answered:
        return (
            f"answered {answered:.0%} of the trials; the plan asks for {rules.least_answered:.0%}"
        )
    points = catch_points(trials, grades)
    if points and sum(points) / len(points) < rules.least_points:
        return (
            f"passed {sum(points)} of {len(points)} catch trials; the plan asks for "
            f"{rules.least_points:.0%}"
        )
    first, second = _sides(trials, grades)
    if side_probability(first, second) < rules.side_p:
        return (
            f"took the first side {first} times and the second {second} times; the plan asks for "
            f"a balance that chance would show with a probability of {rules.side_p:g}"
        )
    return ""


def catch_points(
    trials: Sequence[Trial], grades: Mapping[str, Mapping[tuple[int, int], float]]
) -> list[bool]:
    """Return for each answered catch trial whether the rater passed it."""
    passed = []
    for trial in trials:
        own = grades.get(trial.id)
        if own is None:
            continue
        if trial.kind == "identical":
            passed += [abs(own[pair]) <= 1 for pair in own if _same(trial, pair)]
        elif (pair := _anchors(trial)) is not None:
            passed.append(towards(trial, own, *pair) > 0)
    return passed


def repeats_agree(
    trials: Sequence[Trial], grades: Mapping[str, Mapping[tuple[int, int], float]]
) -> list[bool]:
    """Return for each comparison of a repeated trial whether it came out as the first time.

    It is reported and excludes nobody: where two versions are hardly different, an honest rater
    changes sides as well.
    """
    by_id = {t.id: t for t in trials}
    same = []
    for trial in trials:
        if trial.kind == "repeat" and trial.id in grades and trial.repeats in grades:
            earlier, before = by_id[trial.repeats], grades[trial.repeats]
            for (i, j), grade in grades[trial.id].items():
                again = towards(earlier, before, trial.order[j], trial.order[i])
                same.append(_sign(grade) == _sign(again))
    return same


def towards(
    trial: Trial, own: Mapping[tuple[int, int], float], condition: str, other: str
) -> float:
    """Return how far a condition was preferred to another in one trial, either way round."""
    i, j = trial.order.index(other), trial.order.index(condition)
    return own[i, j] if (i, j) in own else -own[j, i]


def side_probability(first: int, second: int) -> float:
    """Return how likely chance is to be at least so lopsided (exact binomial, two-sided)."""
    count, less = first + second, min(first, second)
    tail = sum(comb(count, k) for k in range(less + 1)) / 2**count
    return min(1.0, 2 * tail)


def _same(trial: Trial, pair: tuple[int, int]) -> bool:
    return trial.order[pair[0]] == trial.order[pair[1]]


def _anchors(trial: Trial) -> tuple[str, str] | None:
    asked = trial.kind == "anchor" or (trial.kind == "main" and len(trial.order) > 2)
    return anchors_of(trial.order) if asked else None


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _sides(
    trials: Sequence[Trial], grades: Mapping[str, Mapping[tuple[int, int], float]]
) -> tuple[int, int]:
    """Return how often the first and the second side of a pair was taken, identical pairs too."""
    pairs = [grades[t.id][0, 1] for t in trials if t.id in grades and len(t.order) == 2]
    return sum(g < 0 for g in pairs), sum(g > 0 for g in pairs)
