"""The notes of a part as often as they are played, in played time."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from humanize.errors import ScoreError
from humanize.notes import FloatColumn, IntColumn, NoteTable, distinct
from humanize.score.axis import NEAR, Axis
from humanize.score.written import MOST_NOTES


@dataclass(frozen=True, kw_only=True)
class WrittenTable:
    """The notes of a part as written.

    Attributes
    ----------
    table : NoteTable
        In written time.
    place : FloatColumn
        Written time of the note itself, or of the note that a grace note leads to.
    """

    table: NoteTable
    place: FloatColumn


def played_table(written: WrittenTable, axis: Axis, name: str) -> NoteTable:
    """Return the notes as often as they are played, in played time.

    A note that a jump cuts off ends there; one that is held over the place where a jump lands is
    struck there.

    Parameters
    ----------
    written : WrittenTable
    axis : Axis
    name : str
        What messages call the score.

    Raises
    ------
    ScoreError
        If repeats make too many notes.
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
    )


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


def _rows_of_spans(written: WrittenTable, axis: Axis, name: str) -> tuple[IntColumn, IntColumn]:
    """Return the rows played, and the span that each is played in."""
    place, table = written.place, written.table
    stop = table.onset_beat + table.duration_beat
    order = np.argsort(place, kind="stable")
    placed = place[order]
    crossing = _crossing(table.onset_beat, stop, axis, name)
    rows: list[IntColumn] = []
    total = 0
    for number, (first, last) in enumerate(axis.spans):
        low, high = np.searchsorted(placed, [first - NEAR, last - NEAR])
        rows.append(order[low:high])
        if number and first in crossing:
            rows[-1] = np.concatenate([crossing[first], rows[-1]])
        total += len(rows[-1])
        _require_few(total, name)
    spans = np.repeat(np.arange(len(rows)), [len(own) for own in rows])
    return np.concatenate(rows).astype(np.int64), spans.astype(np.int64)


def _crossing(
    onset: FloatColumn, stop: FloatColumn, axis: Axis, name: str
) -> dict[float, IntColumn]:
    """Return the rows that are held over each place where a span begins."""
    starts = distinct(np.array([first for first, _ in axis.spans]))
    first, last = (np.searchsorted(starts, t) for t in (onset + NEAR, stop - NEAR))
    rows = np.flatnonzero(first < last)
    found: dict[float, list[int]] = {}
    total = 0
    for row in rows.tolist():
        total += int(last[row] - first[row])
        _require_few(total, name)
        for start in starts[first[row] : last[row]].tolist():
            found.setdefault(start, []).append(row)
    return {start: np.array(own, dtype=np.int64) for start, own in found.items()}


def _require_few(notes: int, name: str) -> None:
    if notes > MOST_NOTES:
        raise ScoreError(f"{name}: more than {MOST_NOTES:,} notes with all repeats; expected fewer")
