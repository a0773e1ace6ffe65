"""Swing: the second of two notes comes late, by one ratio throughout.

Sixteenths are swung where there are some (a tenth of the hits at least), else eighths. In triplets
the last of three is the second of two.
"""

from __future__ import annotations

import numpy as np

from humanize.drums.feel import Feel
from humanize.drums.hits import TICKS, DrumHits, hits_of, on_grid
from humanize.notes import DRUMS, FloatColumn, IntColumn, NoteTable

_ENOUGH = 0.1


def swing_lags(notes: NoteTable, swing: float) -> FloatColumn:
    """Return how many ms later each drum of a table comes; 0 for other notes.

    Parameters
    ----------
    notes : NoteTable
    swing : float
        Share of the pair that its first note gets, 0.5 to 0.75.
    """
    hits = hits_of(notes, np.flatnonzero(notes.instrument == DRUMS))
    lag_ms = np.zeros(len(notes))
    lag_ms[hits.row] = swung_by(hits, swing) * hits.beat_sec * 1000
    return lag_ms


def followed_lags(
    notes: NoteTable, rows: IntColumn, feel: Feel | None, swing: float | None
) -> FloatColumn:
    """Return how many ms later notes of other instruments come that follow the drums.

    Parameters
    ----------
    notes : NoteTable
    rows : (m,) IntColumn
        Those notes.
    feel : Feel, optional
        All its drums together, by place in the measure.
    swing : float, optional

    Returns
    -------
    (m,) FloatColumn
    """
    hits = on_grid(notes, rows, np.zeros(len(rows), dtype=np.int64))
    lag_ms = np.zeros(len(rows)) if feel is None else feel.lag_at(hits.position)
    if swing is not None:
        lag_ms = lag_ms + swung_by(hits, swing) * hits.beat_sec * 1000
    found = np.zeros(len(notes))
    found[hits.row] = lag_ms
    return found[rows]


def swung_by(hits: DrumHits, swing: float) -> FloatColumn:
    """Return how much later each hit comes, in quarter notes."""
    in_beat = hits.position % TICKS
    straight = hits.steps != 6
    second = straight & (in_beat % (TICKS // 2) == TICKS // 4)
    if second.sum() >= _ENOUGH * len(hits):
        later = np.where(second, (swing - 0.5) / 2, 0.0)
    else:
        later = np.where(straight & (in_beat == TICKS // 2), swing - 0.5, 0.0)
    last = ~straight & (in_beat == 2 * TICKS // 3)
    return np.where(last, swing - 2 / 3, later)
