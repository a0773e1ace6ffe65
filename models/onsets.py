"""One row for each onset: what all notes of a chord share is predicted once for it.

A member that reads onsets has the columns of an onset's highest note and, of columns in which the
notes of a chord differ, their mean and those of the lowest note.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

ONSET_COLUMN = "position_share"
"""Notes that stand side by side and agree in it share an onset."""

Values = NDArray[np.float32]
Ints = NDArray[np.int64]


def first_rows(position: NDArray[np.floating]) -> Ints:
    """Return the row of the first note of each onset.

    Parameters
    ----------
    position : (n,) array
        The column ``ONSET_COLUMN`` of notes in canonical order.
    """
    new = np.concatenate((np.ones(min(len(position), 1), np.bool_), np.diff(position) != 0))
    return np.flatnonzero(new).astype(np.int64)


def last_rows(first: Ints, length: int) -> Ints:
    """Return the row of the last note of each onset, which is its highest, of ``length`` notes."""
    return np.append(first[1:], length) - 1


def onset_rows(values: Values, first: Ints, chord: Ints) -> Values:
    """Return one row for each onset.

    Parameters
    ----------
    values : (n, n_features) array
        Notes in canonical order, the lowest of an onset first.
    first : (k,) array
        As ``first_rows`` returns it.
    chord : (m,) array
        Columns of which the mean and the lowest note's are read too.

    Returns
    -------
    (k, n_features + 2 m) array
        All columns of the highest note, then the means, then those of the lowest.
    """
    last = last_rows(first, len(values))
    if not len(chord):
        return values[last]
    differing = np.ascontiguousarray(values[:, chord])
    count = (last - first + 1).astype(np.float32)
    mean = np.add.reduceat(differing, first, axis=0) / count[:, None]
    return np.concatenate([values[last], mean, differing[first]], axis=1)


def onset_names(names: Sequence[str], chord: Sequence[str]) -> tuple[str, ...]:
    """Return what the columns of ``onset_rows`` are called."""
    return (*names, *(f"{name} (mean)" for name in chord), *(f"{name} (lowest)" for name in chord))
