"""How far pianists agree with each other on the same notes: the ceiling of every figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np

from humanize.corpus.pieces import Performance, Piece, standardised
from humanize.evaluation.metrics import FloatColumn, pearson_r

_LEAST_NOTES = 20


def pair_agreement(pieces: Sequence[Piece]) -> list[tuple[str, float]]:
    """Return (composition, r) for every two robustly aligned pianists of a score."""
    found = []
    for piece in pieces:
        for first, second in combinations(_robust(piece), 2):
            a, b = _shared(first, second, len(piece.notes))
            if len(a) >= _LEAST_NOTES:
                found.append((piece.composition, pearson_r(a, b)))
    return found


def mean_agreement(pieces: Sequence[Piece]) -> list[tuple[str, float]]:
    """Return (composition, r) for every pianist against the mean of the others."""
    found = []
    for piece in pieces:
        played = _robust(piece)
        for one in played if len(played) > 1 else ():
            others = mean_of([p for p in played if p is not one], len(piece.notes))
            rows = one.rows[np.isfinite(others[one.rows])]
            velocity = one.velocity[np.isfinite(others[one.rows])]
            if len(rows) >= _LEAST_NOTES:
                found.append((piece.composition, pearson_r(velocity, others[rows])))
    return found


def mean_of(performances: Sequence[Performance], notes: int) -> FloatColumn:
    """Return the mean standardised velocity per note; NaN where nobody played it."""
    total, count = np.zeros(notes), np.zeros(notes)
    for performance in performances:
        total[performance.rows] += standardised(performance.velocity)
        count[performance.rows] += 1
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(count > 0, total / count, np.nan)


def _robust(piece: Piece) -> list[Performance]:
    return [p for p in piece.performances if p.robust and len(p.rows) >= _LEAST_NOTES]


def _shared(first: Performance, second: Performance, notes: int) -> tuple[FloatColumn, FloatColumn]:
    column = np.full(notes, np.nan)
    column[second.rows] = second.velocity
    both = np.isfinite(column[first.rows])
    return first.velocity[both], column[first.rows][both]


HUMAN_ROWS: dict[str, Callable[[Sequence[Piece]], list[tuple[str, float]]]] = {
    "two pianists": pair_agreement,
    "one pianist and the mean of the others": mean_agreement,
}
