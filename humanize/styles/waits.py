"""Stops and slips: what lasts out of all proportion to its surroundings is no tempo.

A long stop, a fermata that is held on and on, or a note that was taken for another one makes one
interval many times as long, or as short, as those around it. A single one of them would rule every
mean and standard deviation, so that it is told apart from how the tempo bends.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from humanize.interpretation.attributes import ATTRIBUTES, SHORTEST_BEAT, Expression
from humanize.notes import FloatColumn

OUT_OF_PROPORTION = 3.0
"""Intervals that last over so many times as long as those around, or as short, are no tempo."""

STEADY_RUBATO_DEPTH = "steady_rubato_depth"
"""What ``pianists.json`` calls :func:`steady_rubato_depth`."""

_AROUND = 4  # intervals on either side


def pace_around(onset_beat: FloatColumn, log_beat_period: FloatColumn) -> FloatColumn:
    """Return for each interval the median log beat period of those around it.

    Parameters
    ----------
    onset_beat, log_beat_period : (n,) FloatColumn
        As in ``PerformanceParameters``; the last period is that of no interval.

    Returns
    -------
    (n - 1,) FloatColumn
        Of graces and ornaments (``SHORTEST_BEAT``) that of the interval before them.
    """
    period, known = log_beat_period[:-1], np.diff(onset_beat) >= SHORTEST_BEAT
    if not known.any():
        return period.copy()
    padded = np.pad(period[known], _AROUND, mode="reflect" if known.sum() > _AROUND else "edge")
    middle = np.median(sliding_window_view(padded, 2 * _AROUND + 1), axis=-1)
    return np.asarray(middle[np.maximum(np.cumsum(known) - 1, 0)])


def is_tempo(onset_beat: FloatColumn, log_beat_period: FloatColumn) -> NDArray[np.bool_]:
    """Return for each interval from onset to onset whether it is neither a stop nor a slip.

    Graces and ornaments may be as short as they like, and are stops where they last as if they
    were written ``SHORTEST_BEAT`` long and out of proportion.
    """
    beats, around = np.diff(onset_beat), pace_around(onset_beat, log_beat_period)
    longer = log_beat_period[:-1] - around
    longer = longer + np.minimum(np.log(np.maximum(beats, 1e-9) / SHORTEST_BEAT), 0.0)
    furthest = np.log(OUT_OF_PROPORTION)
    return np.asarray((longer <= furthest) & ((longer >= -furthest) | (beats < SHORTEST_BEAT)))


def without_waits(expression: Expression) -> Expression:
    """Return an interpretation whose stops and slips go at the pace around them."""
    parameters = expression.parameters
    onset, period = parameters.onset_beat, parameters.log_beat_period.copy()
    other = np.flatnonzero(~is_tempo(onset, period))
    period[other] = pace_around(onset, period)[other]
    return replace(expression, parameters=replace(parameters, log_beat_period=period))


def steady_rubato_depth(expression: Expression) -> float:
    """Return the rubato depth of what is neither a stop nor a slip; NaN where nobody can say."""
    return ATTRIBUTES["rubato_depth"].measure(without_waits(expression))
