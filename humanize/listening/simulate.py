"""Studies without people: raters with a known preference take a design as it will be given.

A rater's leaning from one version to another is the difference of the versions' strengths, plus a
tilt of the rater's and one of the piece's, plus noise of each answer (logistic; four tenths of it
where both are the same sound); the graded answer is that leaning cut at fixed steps. Raters and
pieces are drawn anew in each study.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from humanize.listening.analysis import preference
from humanize.listening.answers import Sheet, answers_of
from humanize.listening.checks import Grades, Rules, exclusion
from humanize.listening.design import Trial

_STEPS = np.array([-2.0, -1.2, -0.4, 0.4, 1.2, 2.0])  # of the answer's own noise (logistic)
_SAME = 0.4  # noise between identical sounds
_STUDIES = 300
_LIKED = (  # each in order; a design with both anchors has a wide spread of strengths
    ("constant", "shuffled", "constant-matched", "written", "model", "human"),
    ("deadpan", "rule", "model-dynamics", "model-timing", "model", "human"),
)


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What simulated raters think.

    Attributes
    ----------
    strength : mapping of str to float
        By condition, log odds.
    sd_rater, sd_piece : float
        Spread of the tilt of raters and pieces for each pair of conditions, log odds.
    """

    strength: Mapping[str, float]
    sd_rater: float = 0.6
    sd_piece: float = 0.6


Rater = Callable[[Trial, np.random.Generator], dict[tuple[int, int], float]]


def random_rater(trial: Trial, draw: np.random.Generator) -> dict[tuple[int, int], float]:
    """Answer anything."""
    return {p: float(draw.integers(-3, 4)) for p in combinations(range(len(trial.order)), 2)}


def second_side_rater(trial: Trial, draw: np.random.Generator) -> dict[tuple[int, int], float]:
    """Take the second side nine times of ten."""
    sign = 1 if draw.random() < 0.9 else -1
    size = float(draw.integers(1, 4))
    return dict.fromkeys(combinations(range(len(trial.order)), 2), sign * size)


class Listener:
    """A rater with leanings of his own, consistent over a study."""

    def __init__(
        self, truth: Truth, pieces: Mapping[tuple[str, str], float], draw: np.random.Generator
    ) -> None:
        self._truth, self._pieces = truth, pieces
        self._tilt = {c: float(draw.normal(0, truth.sd_rater / 2**0.5)) for c in truth.strength}

    def __call__(self, trial: Trial, draw: np.random.Generator) -> dict[tuple[int, int], float]:
        """Return the grades of a trial."""
        found = {}
        for i, j in combinations(range(len(trial.order)), 2):
            noise = draw.logistic(scale=_SAME if trial.order[i] == trial.order[j] else 1.0)
            lean = self._of(trial, j) - self._of(trial, i) + noise
            found[i, j] = float(np.searchsorted(_STEPS, lean) - 3)
        return found

    def _of(self, trial: Trial, place: int) -> float:
        condition = trial.order[place]
        piece = self._pieces[trial.piece, condition]
        return self._truth.strength[condition] + self._tilt[condition] + piece


def study(trials: Sequence[Trial], truth: Truth, draw: np.random.Generator) -> list[Sheet]:
    """Return the answers of every rater of one simulated study."""
    tilt = {
        (piece, condition): float(draw.normal(0, truth.sd_piece / 2**0.5))
        for piece in dict.fromkeys(t.piece for t in trials)
        for condition in truth.strength
    }
    own: dict[int, list[Trial]] = {}
    raters: dict[int, Rater] = {}
    grades: Grades = {}
    for trial in trials:
        rater = raters.setdefault(trial.rater, Listener(truth, tilt, draw))
        own.setdefault(trial.rater, []).append(trial)
        grades[trial.id] = rater(trial, draw)
    return [
        Sheet(rater=str(i), trials=tuple(heard), grades={t.id: grades[t.id] for t in heard})
        for i, heard in own.items()
    ]


def power(
    trials: Sequence[Trial],
    pair: tuple[str, str],
    question: str,
    *,
    log_odds: float,
    studies: int = _STUDIES,
    seed: int = 0,
) -> float:
    """Return the share of simulated studies whose 95 % interval leaves out one half.

    Parameters
    ----------
    trials : sequence of Trial
        The whole design.
    pair : (str, str)
        The condition that is preferred, and the other.
    question : str
    log_odds : float
        How far it is preferred by a typical rater in a typical piece.
    studies, seed : int
    """
    draw = np.random.default_rng(seed)
    strength = dict.fromkeys((c for t in trials for c in t.order), 0.0)
    truth = Truth(strength={**strength, pair[0]: log_odds})
    compared = [t for t in trials if set(pair) <= set(t.order) and t.kind == "main"]
    found = 0
    for _ in range(studies):
        share = preference(answers_of(study(compared, truth, draw), question), *pair)
        found += share.low > 0.5
    return found / studies


def caught(
    trials: Sequence[Trial], rules: Rules, *, count: int = _STUDIES, seed: int = 0
) -> dict[str, float]:
    """Return how often simulated raters of each kind are left out by the rules.

    Parameters
    ----------
    trials : sequence of Trial
        One rater's.
    rules : Rules
    count, seed : int
    """
    draw = np.random.default_rng(seed)
    conditions = list(dict.fromkeys(c for t in trials for c in t.order))
    place = {c: i for order in _LIKED for i, c in enumerate(order)}
    strength = {c: 0.4 * place.get(c, 0) for c in conditions}
    kinds: dict[str, Callable[[], Rater]] = {
        "a listener": lambda: Listener(
            Truth(strength=strength), _tilts(trials, conditions, draw), draw
        ),
        "answers at random": lambda: random_rater,
        "takes the second side nine times of ten": lambda: second_side_rater,
    }
    return {name: _share_out(trials, rules, make, count, draw) for name, make in kinds.items()}


def _tilts(
    trials: Sequence[Trial], conditions: Sequence[str], draw: np.random.Generator
) -> dict[tuple[str, str], float]:
    pieces = dict.fromkeys(t.piece for t in trials)
    return {(p, c): float(draw.normal(0, 0.6 / 2**0.5)) for p in pieces for c in conditions}


def _share_out(
    trials: Sequence[Trial],
    rules: Rules,
    make: Callable[[], Rater],
    count: int,
    draw: np.random.Generator,
) -> float:
    out: NDArray[np.bool_] = np.zeros(count, dtype=bool)
    for i in range(count):
        rater = make()
        out[i] = bool(exclusion(trials, {t.id: rater(t, draw) for t in trials}, rules))
    return float(out.mean())
