"""What a performance adds to the notes that it plays, as parameters that can be written again."""

from __future__ import annotations

import numpy as np

from humanize.corpus.performed import pedal_changes
from humanize.interpretation.attributes import Expression, Ground
from humanize.interpretation.parameters import PerformanceParameters
from humanize.interpretation.shaping import round_velocity
from humanize.interpretation.timing import ONE_SECOND_A_BEAT, TimeMap, encode
from humanize.midi.pedals import Controls
from humanize.notes import FloatColumn, NoteTable

_LIFT_LAG_SEC, _PRESS_LAG_SEC = 0.05, 0.15  # the foot follows the hands by about so much
_SAME_BEAT = 0.1  # of a quarter note, which asynchrony stays below in the median
_FURTHEST = 4.0  # log beat periods further from their median are none: notes that were not matched


def express(
    notes: NoteTable,
    onset_sec: FloatColumn,
    duration_sec: FloatColumn,
    velocity: FloatColumn,
    pedals: Controls,
    *,
    notated: TimeMap = ONE_SECOND_A_BEAT,
    own: TimeMap | None = None,
) -> Expression:
    """Return the interpretation that a performance is.

    Parameters
    ----------
    notes : NoteTable
        Notes that were played, in notated time and canonical order.
    onset_sec, duration_sec, velocity : (n,) FloatColumn
        How each was played.
    pedals : Controls
        By the clock of ``onset_sec``.
    notated : TimeMap
        What log beat periods are relative to; by default to the beat, less their median.
    own : TimeMap, optional
        Of the file that the performance is: where its beats are those of the notes, it says how
        fast the last onset is played.

    Raises
    ------
    InputError
        If fewer than two onsets follow each other.
    """
    plain = ~((_marked(notes, "grace") > 0) | (_marked(notes, "arpeggio") > 0))
    if not plain.any():
        plain = np.ones(len(notes), dtype=bool)
    last = None if own is None else _last_log_period(notes, onset_sec, notated, own)
    read = encode(
        notes.onset_beat, notes.duration_beat, onset_sec, duration_sec,
        notated=notated, on_the_beat=plain,
        last_log_period=last,
    )  # fmt: skip
    period = read.log_beat_period
    middle = float(np.median(period))
    period = np.clip(period, middle - _FURTHEST, middle + _FURTHEST)
    if notated is ONE_SECOND_A_BEAT:
        period = period - middle
    played = read.time_map(notated, end_beat=float(read.onset_beat[-1]) + 1.0)
    lift, press = _pedal(played.at(read.onset_beat), pedals)
    return Expression(
        ground=Ground(notes, notated),
        velocity=velocity.astype(np.float64),
        parameters=PerformanceParameters(
            onset_beat=read.onset_beat,
            log_beat_period=period,
            asynchrony_ms=read.asynchrony_ms,
            log_articulation=read.log_articulation,
            velocity=round_velocity(velocity),
            pedal_lift_ms=lift,
            pedal_press_ms=press,
        ),
    )


def _last_log_period(
    notes: NoteTable, onset_sec: FloatColumn, notated: TimeMap, own: TimeMap
) -> float | None:
    """Return the log beat period from the last onset to the end; None if beats are not its own."""
    own_beat = own.beat_at(onset_sec)
    if np.median(np.abs(own_beat - notes.onset_beat)) > _SAME_BEAT:
        return None
    last = float(notes.onset_beat[-1])
    start = max(last, float(own_beat[notes.onset_beat == last].max()))
    stop = min(float(own.beat[-1]), float((notes.onset_beat + notes.duration_beat).max()))
    span = np.array([start, stop if stop > start else start + 1.0])
    return float(np.log(np.ptp(own.at(span)) / np.ptp(notated.at(span))))


def _marked(notes: NoteTable, name: str) -> FloatColumn:
    return np.nan_to_num(notes.marking(name))


def _pedal(onset_sec: FloatColumn, pedals: Controls) -> tuple[FloatColumn, FloatColumn]:
    """Return when the pedal is let up and pressed, ms from an onset; empty without any pedal.

    An onset has one lift at most and a press after it; strokes that are more than onsets can have
    are left out.
    """
    down, up = pedal_changes(pedals)
    if not len(down):
        return np.zeros(0), np.zeros(0)
    middle = (onset_sec[1:] + onset_sec[:-1]) / 2
    near_down = np.searchsorted(middle, down - _PRESS_LAG_SEC).tolist()
    near_up = np.searchsorted(middle, up - _LIFT_LAG_SEC).tolist()
    lift, press = np.full(len(onset_sec), np.nan), np.full(len(onset_sec), np.nan)
    free = 0  # the first onset that may have a press
    for stroke, near in enumerate(near_down):
        at = max(near, free)
        if at >= len(onset_sec):
            break
        press[at] = 1000 * (down[stroke] - onset_sec[at])
        if stroke < len(up):
            free = max(near_up[stroke], at + 1)
        if stroke >= len(up) or free >= len(onset_sec):
            break  # it stays down to the end
        lift[free] = 1000 * (up[stroke] - onset_sec[free])
    return lift, press
