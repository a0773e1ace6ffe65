"""The notes of a part as often as they are played, in played time."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np

from humanize.errors import ScoreError
from humanize.notes import IntColumn, NoteTable
from humanize.score_table import WrittenPart
from humanize.score_time import NEAR, Axis

_MOST_NOTES = 1_000_000  # as played: more than any score has, few enough for memory


def played_part(written: WrittenPart, axis: Axis, name: str) -> tuple[NoteTable, list[str]]:
    """Return the notes as often as they are played, and their ids with the count of the time.

    A note that a jump cuts off ends there; one that is held over the place where a jump lands is
    struck there.

    Parameters
    ----------
    written : WrittenPart
    axis : Axis
    name : str
        What messages call the score.

    Raises
    ------
    ScoreError
        If repeats make more than a million notes.
    """
    rows, span = _rows_of_spans(written, axis, name)
    first, last = (np.array([s[side] for s in axis.spans])[span] for side in (0, 1))
    shift = axis.played_starts()[span] - first
    table = written.table.take(rows)
    held = (written.place[rows] < first - 3 * NEAR) & (span > 0)
    stop = np.minimum(table.onset_beat + table.duration_beat, last) + shift
    onset = np.maximum(np.where(held, first, table.onset_beat) + shift, 0.0)
    low, before = _measures_of_spans(axis)
    measure = before[span] + np.where(held, 1, table.measure - low[span])
    return replace(
        table,
        onset_beat=onset,
        duration_beat=np.maximum(stop - onset, 0.0),
        measure=np.maximum(measure, 1).astype(np.int64),
    ), _counted([written.ids[row] for row in rows.tolist()])


def _measures_of_spans(axis: Axis) -> tuple[IntColumn, IntColumn]:
    """Return the measure that each span begins in, and how many are played before that.

    Two pieces of measures, one after the other, count as one measure.
    """
    first, last = (np.array([span[side] for span in axis.spans]) for side in (0, 1))
    low, high = axis.measure_at(first), axis.measure_at(last - 2 * NEAR)
    inside = np.abs(axis.begins[low] - first) > NEAR
    broken = np.abs(axis.begins[high + 1] - last) > NEAR
    joined = np.concatenate([[False], broken[:-1] & inside[1:]])
    before = np.concatenate([[0], np.cumsum(high - low + 1)[:-1]]) - np.cumsum(joined)
    return low, before.astype(np.int64)


def _rows_of_spans(written: WrittenPart, axis: Axis, name: str) -> tuple[IntColumn, IntColumn]:
    """Return the rows played, and the span that each is played in."""
    place, table = written.place, written.table
    stop = table.onset_beat + table.duration_beat
    order = np.argsort(place, kind="stable")
    placed = place[order]
    starts = np.unique([first for first, _ in axis.spans])
    passed = [np.searchsorted(starts, t) for t in (table.onset_beat + NEAR, stop - NEAR)]
    crossing = np.flatnonzero(passed[0] < passed[1])
    rows: list[IntColumn] = []
    total = 0
    for number, (first, last) in enumerate(axis.spans):
        low, high = np.searchsorted(placed, [first - NEAR, last - NEAR])
        rows.append(order[low:high])
        if number:
            tied = (table.onset_beat[crossing] < first - NEAR) & (stop[crossing] > first + NEAR)
            rows[-1] = np.concatenate([crossing[tied], rows[-1]])
        total += len(rows[-1])
        if total > _MOST_NOTES:
            raise ScoreError(
                f"{name}: more than {_MOST_NOTES:,} notes with all repeats; expected fewer"
            )
    spans = np.repeat(np.arange(len(rows)), [len(own) for own in rows])
    return np.concatenate(rows).astype(np.int64), spans.astype(np.int64)


def _counted(ids: list[str]) -> list[str]:
    times: dict[str, int] = defaultdict(int)
    out = []
    for note_id in ids:
        times[note_id] += 1
        out.append(f"{note_id}-{times[note_id]}")
    return out
