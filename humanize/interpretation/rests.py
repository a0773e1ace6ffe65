"""The damper pedal in written rests: what is to be silent is not held over.

Models say at which onsets a pianist moves the pedal, and in a rest there is none: a pedal that is
down would stay so until the next note. Pianists of (n)ASAP mostly let it up
(benchmarks/performance/rests.md).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from humanize.interpretation.parameters import PerformanceParameters
from humanize.interpretation.timing import TimeMap
from humanize.notes import FloatColumn, NoteTable

SHORTEST_REST_SEC = 0.6
"""As played. Most pianists hold a pedal that is down in shorter ones, and not in longer ones."""


def silences(notes: NoteTable, onset_beat: FloatColumn) -> FloatColumn:
    """Return for each onset when what was written before it has ended, in beats.

    The onset itself where something still sounds, at the first, and where no pitched note begins.

    Parameters
    ----------
    notes : NoteTable
    onset_beat : (k,) FloatColumn
        Distinct onsets of the table, increasing.
    """
    pitched = notes.pitched
    at = np.searchsorted(onset_beat, notes.onset_beat[pitched])
    ends = np.full(len(onset_beat), -np.inf)
    np.maximum.at(ends, at, (notes.onset_beat + notes.duration_beat)[pitched])
    before = np.concatenate(([np.inf], np.maximum.accumulate(ends)[:-1]))
    begins = np.bincount(at, minlength=len(onset_beat)) > 0
    known = begins & np.isfinite(before)
    return np.where(known, np.minimum(before, onset_beat), onset_beat)


def let_up_in_rests(
    parameters: PerformanceParameters,
    notes: NoteTable,
    played: TimeMap,
    written: NDArray[np.bool_],
    *,
    lift_ms: float,
    press_ms: float,
) -> PerformanceParameters:
    """Return the parameters with a pedal that is down in a rest let up where the rest begins.

    It is pressed again after the next note if it would have been held on.

    Parameters
    ----------
    parameters : PerformanceParameters
        With a pedal.
    notes : NoteTable
    played : TimeMap
        Performed time.
    written : (k,) bool array
        At which onsets the composer's own pedal marks are in force: what is held there stays.
    lift_ms, press_ms : float
        How long after the end of the sound, and after an onset, the foot moves.
    """
    onset = parameters.onset_beat
    rest = played.at(onset) - played.at(silences(notes, onset))
    lift, press = parameters.pedal_lift_ms.copy(), parameters.pedal_press_ms.copy()
    down = False
    for i in range(len(onset)):
        if down and rest[i] >= SHORTEST_REST_SEC and not written[i - 1]:
            if np.isnan(lift[i]) and np.isnan(press[i]):
                press[i] = press_ms
            lift[i] = lift_ms - 1000 * rest[i]
        down = bool(np.isfinite(press[i]) or (down and np.isnan(lift[i])))
    return replace(parameters, pedal_lift_ms=lift, pedal_press_ms=press)
