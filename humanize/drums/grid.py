"""The grid that drums are played on, found from their onsets: sixteenths, or triplets.

A file is straight or in triplets as a whole, as jazz and shuffles are; a single beat that clearly
is the other, as a triplet fill is, is taken so. Triplets have six steps to a quarter note, so that
a shuffled sixteenth has a place too. Within a file of triplets eighths are swung by 2/3; what a
file of sixteenths is swung by is measured.
"""

from __future__ import annotations

import numpy as np

from humanize.notes import FloatColumn, IntColumn

STRAIGHT, TRIPLETS = 4, 6
"""Steps of a quarter note."""

_PREFERRED = 0.8  # triplets must fit this much better: a step of theirs is narrower by itself
_CLEARLY = 0.4
_MISFIT = 0.05  # quarter notes
_BOTH = (0.0, 0.5)  # of a beat: on either grid, they tell nothing


def find_steps(onset_beat: FloatColumn) -> IntColumn:
    """Return the steps of the quarter note that each onset falls in, 4 or 6.

    Parameters
    ----------
    onset_beat : (n,) FloatColumn
        In any order.

    Returns
    -------
    (n,) IntColumn
    """
    if not len(onset_beat):
        return np.zeros(0, dtype=np.int64)
    straight, triplets = (np.abs(onset_beat - nearest(onset_beat, s)) for s in (STRAIGHT, TRIPLETS))
    telling = np.abs(onset_beat * 2 - np.round(onset_beat * 2)) > 2 * _MISFIT
    whole = STRAIGHT
    if telling.any() and _scaled(triplets[telling], TRIPLETS) < _PREFERRED * _scaled(
        straight[telling], STRAIGHT
    ):
        whole = TRIPLETS
    own, other = (straight, triplets) if whole == STRAIGHT else (triplets, straight)
    beat = np.floor(nearest(onset_beat, whole) + 1e-9).astype(np.int64)
    group = beat - beat.min()
    size = np.bincount(group)
    misfit, fit = (np.bincount(group, d) / np.maximum(size, 1) for d in (own, other))
    turned = (misfit > _MISFIT) & (fit < _CLEARLY * misfit)
    steps = np.where(turned, STRAIGHT + TRIPLETS - whole, whole)
    return np.asarray(steps[group], dtype=np.int64)


def _scaled(distance: FloatColumn, steps: int) -> float:
    """Return the mean distance in units of what onsets anywhere would have."""
    return float(distance.mean()) * 4 * steps


def nearest(onset_beat: FloatColumn, steps: IntColumn | int) -> FloatColumn:
    """Return the place on the grid that is nearest, quarter notes."""
    return np.asarray(np.round(onset_beat * steps) / steps)
