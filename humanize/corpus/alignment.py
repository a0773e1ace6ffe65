"""Notes of a performance to notes of its score, where nobody aligned them.

Onsets are aligned by dynamic time warping of their pitches; then each performed note takes the
nearest score note of its pitch near the path. Good where a performance follows its score.

Reference: Müller, Fundamentals of Music Processing (2nd ed., Springer 2021), section 3.2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from humanize.notes import FloatColumn, IntColumn, NoteTable

_TOGETHER_SEC = 0.035  # notes within it are one onset
_REACH = 2  # onsets on either side of the path in which a note is sought
_STEP = 0.3  # cost of an onset that one side has and the other has not


@dataclass(frozen=True)
class _Onsets:
    """Which onset each note belongs to, and which pitches sound in each."""

    number: IntColumn
    pitches: NDArray[np.bool_]


def align_performance(score: NoteTable, performed: NoteTable) -> IntColumn:
    """Return for each performed note its row of the score; -1 where there is none.

    Parameters
    ----------
    score : NoteTable
        In notated time, everything that was played.
    performed : NoteTable
        In a player's timing.

    Returns
    -------
    (m,) IntColumn
        Each row of the score at most once.
    """
    written = _onsets(score, score.onset_beat, 1e-3)
    played = _onsets(performed, performed.onset_sec, _TOGETHER_SEC)
    partner = _partners(_costs(written.pitches, played.pitches))
    rows = np.full(len(performed), -1, dtype=np.int64)
    free = np.ones(len(score), dtype=bool)
    for distance in range(_REACH + 1):
        for note in np.flatnonzero(rows < 0).tolist():
            found = _candidates(score, written, performed.pitch[note], free)
            away = np.abs(written.number[found] - partner[played.number[note]])
            if len(found) and away.min() == distance:
                rows[note] = found[int(away.argmin())]
                free[rows[note]] = False
    return rows


def _candidates(
    score: NoteTable, written: _Onsets, pitch: int, free: NDArray[np.bool_]
) -> IntColumn:
    return np.flatnonzero(free & (score.pitch == pitch)).astype(np.int64)


def _onsets(notes: NoteTable, onset: FloatColumn, together: float) -> _Onsets:
    order = np.argsort(onset, kind="stable")
    number = np.empty(len(notes), dtype=np.int64)
    number[order] = np.cumsum(np.diff(onset[order], prepend=onset[order][0]) > together)
    pitches = np.zeros((int(number.max()) + 1, 128), dtype=bool)
    pitches[number, notes.pitch] = True
    return _Onsets(number, pitches)


def _costs(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> FloatColumn:
    """Return for each pair of onsets the share of their pitches that is not common."""
    one, two = first.astype(np.float64), second.astype(np.float64)
    common = one @ two.T
    total = one.sum(axis=1)[:, None] + two.sum(axis=1)[None] - common
    return np.asarray(1.0 - common / total)


def _partners(cost: FloatColumn) -> IntColumn:
    """Return for each column the row that the cheapest path meets it in, the first of several."""
    total, came = _walk(cost)
    row, column = (n - 1 for n in total.shape)
    partner = np.zeros(cost.shape[1], dtype=np.int64)
    while row > 0 or column > 0:
        if row > 0 and column > 0:
            partner[column - 1] = row - 1
        step = came[row, column]
        row, column = row - (step != 2), column - (step != 1)
    return partner


def _walk(cost: FloatColumn) -> tuple[FloatColumn, IntColumn]:
    """Return the cost of the cheapest path to each cell, and its last step.

    A step is 0 along both, 1 along the rows, 2 along the columns.
    """
    rows, columns = cost.shape
    total = np.full((rows + 1, columns + 1), np.inf)
    came = np.zeros(total.shape, dtype=np.int64)
    total[0], total[:, 0] = np.arange(columns + 1) * _STEP, np.arange(rows + 1) * _STEP
    came[0, 1:], came[1:, 0] = 2, 1
    for diagonal in range(2, rows + columns + 1):
        i = np.arange(max(1, diagonal - columns), min(rows, diagonal - 1) + 1)
        j = diagonal - i
        own = cost[i - 1, j - 1]
        ways = np.stack([
            total[i - 1, j - 1] + own,
            total[i - 1, j] + np.minimum(own, _STEP),
            total[i, j - 1] + np.minimum(own, _STEP),
        ])  # fmt: skip
        came[i, j] = ways.argmin(axis=0)
        total[i, j] = ways.min(axis=0)
    return total, came
