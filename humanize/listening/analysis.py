"""Preference shares, strengths and order bias of paired answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from humanize.errors import InputError, MissingExtraError

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answered trial.

    Attributes
    ----------
    rater, piece, first, second : str
        The conditions in the order of playing.
    grade : int
        -3 (first, clearly) to 3 (second, clearly); 0 is a tie.
    """

    rater: str
    piece: str
    first: str
    second: str
    grade: int

    def __post_init__(self) -> None:
        if self.grade not in range(-3, 4):
            raise InputError(f"rater {self.rater}: grade {self.grade} found; expected -3 to 3")


@dataclass(frozen=True, kw_only=True)
class Share:
    """A share with its 95 % interval.

    Attributes
    ----------
    value, low, high : float
        The interval is NaN with fewer than two raters or pieces: neither population is then seen
        to vary.
    count : int
        Answers.
    """

    value: float
    low: float
    high: float
    count: int


def preference(answers: Sequence[Answer], condition: str, other: str) -> Share:
    """Return how often a condition was preferred to another; a tie counts half.

    Raters and pieces are both taken as drawn from many; see ``clustered_share``.

    Raises
    ------
    InputError
        If the two were never compared.
    """
    own = [a for a in answers if {a.first, a.second} == {condition, other}]
    if not own:
        raise InputError(f"no answers found; expected {condition} compared with {other}")
    values = outcomes(own, condition)
    return clustered_share(values, [a.rater for a in own], [a.piece for a in own])


def outcomes(answers: Sequence[Answer], condition: str) -> list[float]:
    """Return for each answer 1 where a condition was preferred, 0 where not, 0.5 for a tie."""
    return [_won(a.grade if a.second == condition else -a.grade) for a in answers]


def order_bias(answers: Sequence[Answer]) -> Share:
    """Return how often the second-played side was preferred; 0.5 is no bias."""
    own = [a for a in answers if a.first != a.second]
    if not own:
        raise InputError("no answers found; expected two conditions compared")
    values = [_won(a.grade) for a in own]
    return clustered_share(values, [a.rater for a in own], [a.piece for a in own])


def clustered_share(values: Sequence[float], raters: Sequence[str], pieces: Sequence[str]) -> Share:
    """Return a mean with a 95 % interval for raters and pieces crossed.

    The variance is the two-way clustered one (Cameron, Gelbach and Miller 2011), each part with
    its own small-sample factor, never less than the larger of the two one-way parts; Student's t
    has Satterthwaite's degrees of freedom.

    Parameters
    ----------
    values, raters, pieces : sequences of one length

    Returns
    -------
    Share
    """
    value = np.asarray(values, dtype=np.float64)
    mean = float(value.mean())
    rest = value - mean
    by_rater, raters_seen = _cluster_variance(rest, np.asarray(raters))
    by_piece, pieces_seen = _cluster_variance(rest, np.asarray(pieces))
    if min(raters_seen, pieces_seen) < 2:
        return Share(value=mean, low=np.nan, high=np.nan, count=len(value))
    cells = np.array([f"{len(r)} {r} {p}" for r, p in zip(raters, pieces, strict=True)])
    by_cell, _ = _cluster_variance(rest, cells)
    variance = max(by_rater + by_piece - by_cell, by_rater, by_piece)
    spread = by_rater**2 / (raters_seen - 1) + by_piece**2 / (pieces_seen - 1)
    freedom = variance**2 / spread if spread > 0 else 1.0
    half = _student(max(freedom, 1.0)) * float(np.sqrt(variance))
    return Share(
        value=mean, low=max(0.0, mean - half), high=min(1.0, mean + half), count=len(value)
    )


def bradley_terry(answers: Sequence[Answer]) -> tuple[dict[str, float], float]:
    """Return log strengths (mean 0) and the log tie parameter of Davidson's model (1970).

    A half-answer each way and a half-tie are added to every pair that was compared, so that a
    condition that won every trial still has a strength.

    Returns
    -------
    dict of str to float, float

    Raises
    ------
    InputError
        If the comparisons do not connect all conditions.
    """
    names = sorted({c for a in answers for c in (a.first, a.second) if a.first != a.second})
    wins, ties = _tally(answers, names)
    _require_connected(wins + ties, names)
    optimize = _scipy("optimize")
    start = np.zeros(len(names) + 1)
    found = optimize.minimize(_loss, start, args=(wins, ties), method="BFGS").x
    strength = found[:-1] - found[:-1].mean()
    return dict(zip(names, strength.tolist(), strict=True)), float(found[-1])


def _won(grade: int) -> float:
    return 0.5 + 0.5 * float(np.sign(grade))


def _cluster_variance(rest: Floats, labels: NDArray[np.str_]) -> tuple[float, int]:
    _, group = np.unique(labels, return_inverse=True)
    totals = np.bincount(group, weights=rest)
    count = len(totals)
    factor = count / max(count - 1, 1)
    return float(factor * (totals**2).sum() / len(rest) ** 2), count


def _student(freedom: float) -> float:
    return float(_scipy("stats").t.ppf(0.975, freedom))


def _scipy(part: str) -> Any:
    import importlib

    try:
        return importlib.import_module(f"scipy.{part}")
    except ImportError:
        raise MissingExtraError("scipy", "listen") from None


def _tally(answers: Sequence[Answer], names: list[str]) -> tuple[Floats, Floats]:
    """Return wins of row over column, and ties (symmetric), with half-answers added."""
    wins = np.zeros((len(names), len(names)))
    ties = np.zeros_like(wins)
    for answer in answers:
        if answer.first == answer.second:
            continue
        first, second = names.index(answer.first), names.index(answer.second)
        if answer.grade == 0:
            ties[first, second] += 1
            ties[second, first] += 1
        else:
            winner, loser = (second, first) if answer.grade > 0 else (first, second)
            wins[winner, loser] += 1
    compared = (wins + wins.T + ties) > 0
    return wins + 0.5 * compared, ties + 0.5 * compared


def _require_connected(links: Floats, names: list[str]) -> None:
    reach = np.eye(len(names)) + links + links.T
    if len(names) < 2 or (np.linalg.matrix_power((reach > 0).astype(int), len(names)) == 0).any():
        raise InputError(
            f"conditions {', '.join(names) or 'none'} found; expected comparisons that connect all"
        )


def _loss(values: Floats, wins: Floats, ties: Floats) -> float:
    strength, tie = values[:-1], values[-1]
    total = 0.0
    for i, j in combinations(range(len(strength)), 2):
        tied = tie + (strength[i] + strength[j]) / 2
        norm = np.logaddexp(np.logaddexp(strength[i], strength[j]), tied)
        chosen = wins[i, j] * strength[i] + wins[j, i] * strength[j] + ties[i, j] * tied
        total += (wins[i, j] + wins[j, i] + ties[i, j]) * norm - chosen
    return float(total + 1e-9 * (strength**2).sum())
