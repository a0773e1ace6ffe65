"""A member over piano rolls at run time: the first attempt of all, kept as history.

A time step holds, for each of the 88 keys, whether a note begins and whether one sounds (176
states), and a few engineered rows; the net gives 88 values a step. It learns mostly the average.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

KEYS = 88
_LOWEST = 21  # MIDI number of the lowest key
ENGINEERED = ("metrical_strength", "measure_position_share", "position_share")
ROWS = 2 * KEYS + len(ENGINEERED)
COLUMNS = ("pitch", "since_start_sec", "duration_sec", *ENGINEERED)

Cells = tuple[NDArray[np.int64], NDArray[np.int64]]


def make_roll(values: NDArray[np.float32], step_sec: float) -> tuple[NDArray[np.float32], Cells]:
    """Return the roll of a piece and the cell (step, key) of each note.

    Parameters
    ----------
    values : (n, 6) float32 array
        The columns named in ``COLUMNS``.
    step_sec : float
        Length of a time step, seconds.

    Returns
    -------
    roll : (steps, 176 + 3) float32 array
    cells : two (n,) arrays
    """
    begin = np.floor(np.maximum(values[:, 1], 0) / step_sec + 1e-4).astype(np.int64)
    end = np.floor((values[:, 1] + values[:, 2]) / step_sec - 1e-4).astype(np.int64)
    key = np.clip(values[:, 0].astype(np.int64) - _LOWEST, 0, KEYS - 1)
    end = np.clip(end, begin, begin + int(30 / step_sec))
    roll = np.zeros((int(end.max()) + 1, ROWS), dtype=np.float32)
    for first, last, row in zip(begin.tolist(), end.tolist(), key.tolist(), strict=True):
        roll[first : last + 1, KEYS + row] = 1.0
    roll[begin, key] = 1.0
    for column in range(len(ENGINEERED)):
        roll[begin, 2 * KEYS + column] = np.nan_to_num(values[:, 3 + column]) / (
            4 if column == 0 else 1
        )
    return roll, (begin, key)


class Session(Protocol):
    """What runs a graph."""

    def run(self, values: NDArray[np.float32], *, size: int) -> NDArray[np.float32]:
        """Return the output for one input, which must have ``size`` numbers."""
        ...


@dataclass(frozen=True)
class PianorollMember:
    """Run time: roll, graph, and the value in each note's cell.

    Attributes
    ----------
    session : Session
        From (1, steps, 179) to (1, steps, 88).
    columns : IntColumn
        Where ``COLUMNS`` stand among the features.
    step_sec : float
    """

    session: Session
    columns: NDArray[np.int64]
    step_sec: float
    chunk: int = 4096

    def predict(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return a standardised value for each note, shape (n,)."""
        roll, (step, key) = make_roll(values[:, self.columns], self.step_sec)
        parts = [
            self._part(roll[first : first + self.chunk])
            for first in range(0, len(roll), self.chunk)
        ]
        return np.asarray(np.concatenate(parts)[step, key], dtype=np.float64)

    def _part(self, roll: NDArray[np.float32]) -> NDArray[np.float32]:
        predicted = self.session.run(roll[None], size=len(roll) * KEYS)
        return predicted.reshape(len(roll), KEYS)
