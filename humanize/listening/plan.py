"""The plan of a study: what is asked, of whom, and what would count, before the first answer."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from humanize.errors import InputError, OptionError
from humanize.files import read_input
from humanize.listening.checks import Rules
from humanize.listening.conditions import Hears
from humanize.listening.design import Design, Trial
from humanize.listening.simulate import caught, power

QUESTIONS = {
    "human": "Which sounds more as if a person had played it?",
    "preference": "Which do you prefer?",
    "timing": "Leave loud and soft aside. In which does the timing (the tempo, and when each note "
    "comes and goes) sound more as if a person had played it?",
    "dynamics": "Leave the timing aside. In which do loud and soft sound more as if a person had "
    "played it?",
}
QUESTIONS_MULTI = {
    "human": "How much does each sound as if a person had played it?",
    "preference": "How much do you like each?",
    "timing": "Leave loud and soft aside. How much does the timing of each (the tempo, and when "
    "each note comes and goes) sound as if a person had played it?",
    "dynamics": "Leave the timing aside. How much do loud and soft of each sound as if a person "
    "had played it?",
}
DEFAULT_QUESTIONS = {"velocities": ("human",), "performances": ("timing", "dynamics")}
_SAME = {"timing": "model-timing", "dynamics": "model-dynamics"}  # as the model in what is asked
_AGAINST = ("constant-matched", "constant", "shuffled", "written", "human")
_AGAINST_PERFORMANCES = {  # first what differs from the model in nothing but what is asked
    "timing": ("model-dynamics", "deadpan", "rule", "human", "model-timing"),
    "dynamics": ("model-timing", "deadpan", "rule", "human", "model-dynamics"),
}
_AGAINST_WHOLE = ("deadpan", "rule", "model-dynamics", "model-timing", "human")
_SHARES = (0.6, 0.65, 0.7, 0.75, 0.8)
_STUDIES = 200


@dataclass(frozen=True, kw_only=True)
class Hypothesis:
    """What is expected of two conditions.

    Attributes
    ----------
    question, condition, other : str
    primary : bool
        The study stands or falls with it; the others are reported beside it.
    """

    question: str
    condition: str
    other: str
    primary: bool

    @property
    def estimated(self) -> bool:
        """Whether no direction is predicted: against a pianist, or what is asked is the same."""
        return self.other in ("human", _SAME.get(self.question))

    def sentence(self) -> str:
        """Return it in words."""
        rank = "Primary" if self.primary else "Secondary"
        if self.estimated:
            alike = "" if self.other == "human" else f", which has the same {self.question},"
            return (
                f"{rank}, {self.question}: how often {self.condition} is chosen over {self.other}"
                f"{alike} is estimated; no direction is predicted."
            )
        return (
            f"{rank}, {self.question}: {self.condition} is chosen over {self.other} more than half "
            "of the time (95 % interval above 0.5; a tie counts half)."
        )


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything that is fixed before the first answer.

    Attributes
    ----------
    design : Design
    hypotheses : tuple of Hypothesis
    rules : Rules
    hears : "score" or "performance"
        What the model read.
    about : dict
        Model and its hash, length of the excerpts, engine, soundfont, timing of each piece.
    power : dict
        Of the primary hypothesis, by the true share of a typical rater and piece.
    excluded : dict
        How often the rules leave out simulated raters of each kind.
    """

    design: Design
    hypotheses: tuple[Hypothesis, ...]
    rules: Rules
    hears: Hears
    about: dict[str, Any]
    power: dict[str, float]
    excluded: dict[str, float]

    def to_bytes(self) -> bytes:
        """Return the plan as JSON; the same plan gives the same bytes."""
        content = {
            "version": 1,
            "design": asdict(self.design),
            "hypotheses": [{**asdict(h), "in_words": h.sentence()} for h in self.hypotheses],
            "exclusion": self.rules.to_json(self.design),
            "model_hears": self.hears,
            "about": self.about,
            "power": {
                "of": "the primary hypothesis",
                "raters_and_pieces": "tilts with a standard deviation of 0.6 log odds each",
                "simulated_studies": _STUDIES,
                "by_true_share": self.power,
            },
            "excluded_by_the_rules": self.excluded,
        }
        return (json.dumps(content, indent=1) + "\n").encode()


def make_plan(
    design: Design, trials: Sequence[Trial], *, hears: Hears, about: dict[str, Any]
) -> Plan:
    """Return the plan of a design, with its power and what its exclusion rules do, simulated."""
    hypotheses = _hypotheses(design)
    rules = Rules()
    one = [t for t in trials if t.rater == 0]
    return Plan(
        design=design,
        hypotheses=hypotheses,
        rules=rules,
        hears=hears,
        about=about,
        power=_power(trials, hypotheses[0], design.raters),
        excluded={k: round(v, 3) for k, v in caught(one, rules).items()},
    )


def read_plan(path: Path, sha256: str) -> dict[str, Any]:
    """Return a plan as it was written.

    Parameters
    ----------
    path : Path
    sha256 : str
        Of the file, as it stands in the key.

    Raises
    ------
    InputError
        If the file is no plan, or another packet's, or was changed.
    """
    data = read_input(path)
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise InputError(
            f"{path}: SHA-256 {found[:12]}… found; expected {sha256[:12]}… as in the key: "
            "the plan is another packet's or was changed after it was written"
        )
    try:
        content: dict[str, Any] = json.loads(data)
        _ = content["design"]["conditions"], content["hypotheses"], content["exclusion"]
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{path}: not a plan; expected what 'listen build' wrote") from None
    return content


def rules_of(plan: dict[str, Any]) -> Rules:
    """Return the exclusion rules of a plan that was read."""
    own = plan["exclusion"]
    return Rules(**{name: own[name] for name in ("least_answered", "least_points", "side_p")})


def hypotheses_of(plan: dict[str, Any]) -> tuple[Hypothesis, ...]:
    """Return the hypotheses of a plan that was read."""
    names = ("question", "condition", "other", "primary")
    return tuple(Hypothesis(**{n: h[n] for n in names}) for h in plan["hypotheses"])


def _hypotheses(design: Design) -> tuple[Hypothesis, ...]:
    condition = "model" if "model" in design.conditions else design.conditions[-1]
    pairs = [(q, other) for q in design.questions for other in _others(design, condition, q)]
    return tuple(
        Hypothesis(question=question, condition=condition, other=other, primary=place == 0)
        for place, (question, other) in enumerate(pairs)
    )


def _others(design: Design, condition: str, question: str) -> list[str]:
    """Return what a condition is held against, first what says most about the question."""
    against = _AGAINST
    if design.compared == "performances":
        against = _AGAINST_PERFORMANCES.get(question, _AGAINST_WHOLE)
    return [c for c in against if c in design.conditions and c != condition]


def _power(trials: Sequence[Trial], primary: Hypothesis, raters: int) -> dict[str, float]:
    if raters < 2:
        return {}  # no interval from one rater
    pair = (primary.condition, primary.other)
    if not any(t.question == primary.question and set(t.order) >= set(pair) for t in trials
               if t.kind == "main"):  # fmt: skip
        raise OptionError(
            f"{raters} raters with few trials each never compare {pair[0]} with {pair[1]}; "
            "expected more raters, more trials (--trials) or fewer conditions"
        )
    return {
        f"{share:.2f}": power(
            trials,
            pair,
            primary.question,
            log_odds=math.log(share / (1 - share)),
            studies=_STUDIES,
        )
        for share in _SHARES
    }
