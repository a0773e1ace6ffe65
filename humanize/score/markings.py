"""The composer's markings of an instrument, as marking columns.

A hairpin, or a *cresc.* or *dim.*, runs in a straight line from the level at its start to the next
dynamic that stands within four beats of its end and in its direction; without one, 16 units up or
down. Before the first dynamic the first one holds; an instrument without any has missing values. A
dynamic holds for all staves of the instrument, unless another stands at the same time in its own
staff.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from humanize.notes import FloatColumn, IntColumn
from humanize.score.axis import Axis
from humanize.score.dynamics import (
    WORDS,
    direction_of,
    is_sforzando,
    level_in_words,
    level_of,
    sforzando_in_words,
)
from humanize.score.table import PartRows
from humanize.score.time_marks import TimedMark, time_markings, timed_marks
from humanize.score.written import Mark, WrittenNote

_HAIRPIN = 16.0  # velocity units where no dynamic stands at its end
_LEVEL_RANGE = (20.0, 120.0)  # that hairpins without a dynamic at their end stay in
_NEAR = 4.0  # quarter notes from the end of a hairpin to its target
_OPEN_HAIRPIN = 8.0  # quarter notes of a "cresc." without an end
_WORD_BEATS = 32.0  # quarter notes that a word of expression holds at most
_FLAGS = ("accent", "marcato", "staccato", "staccatissimo", "tenuto", "ornament", "slur_start",
          "slur_end")  # fmt: skip

Event = tuple[float, int | None, float]  # written time, staff, level
Hairpin = tuple[float, float, int]  # written time of start and end, direction


@dataclass(frozen=True, kw_only=True)
class _Placed:
    """The notes and marks of an instrument in written time, its staves counted from 1."""

    notes: list[WrittenNote]
    onset: FloatColumn
    staff: FloatColumn
    marks: list[tuple[float, int | None, Mark]]
    part: FloatColumn


def instrument_markings(
    parts: Sequence[PartRows], axis: Axis, score: Sequence[TimedMark] | None = None
) -> list[dict[str, FloatColumn]]:
    """Return marking columns for each part of an instrument, one value for each note.

    Parameters
    ----------
    parts : sequence of PartRows
        The parts that are one instrument, the upper staves first.
    axis : Axis
    score : sequence of TimedMark, optional
        Marks of all parts: tempo is everybody's. Those of the instrument by default.
    """
    placed = _placed(parts, axis)
    columns: dict[str, FloatColumn] = {"staff": placed.staff, "voice": _voices(placed)}
    columns |= _levels(placed, axis)
    for name in _FLAGS:
        columns[name] = _flags(placed.notes, name)
    columns["sforzando"] = _sforzandi(placed)
    columns["fermata"] = _fermatas(placed)
    columns["grace"] = np.array([float(note.grace) for note in placed.notes])
    columns["slur"] = _slurs(parts, placed)
    columns |= _expression(placed)
    own = timed_marks([rows.part for rows in parts], axis)
    columns |= time_markings(own if score is None else score, own, placed.onset)
    return [
        {name: column[placed.part == place] for name, column in columns.items()}
        for place in range(len(parts))
    ]


def _placed(parts: Sequence[PartRows], axis: Axis) -> _Placed:
    above = 0  # staves of the parts before
    staff: list[float] = []
    marks: list[tuple[float, int | None, Mark]] = []
    for rows in parts:
        staff += [float(note.staff + above) for note in rows.notes]
        for mark in rows.part.marks:
            own = mark.staff if len(parts) == 1 or mark.staff is None else mark.staff + above
            if own is None and len(parts) > 1:
                own = above + 1
            marks.append((axis.written(mark.measure, mark.quarter), own, mark))
        above += rows.part.staves
    marks.sort(key=lambda entry: entry[0])
    return _Placed(
        notes=[note for rows in parts for note in rows.notes],
        onset=np.concatenate([rows.place for rows in parts]),
        staff=np.array(staff),
        marks=marks,
        part=np.repeat(np.arange(len(parts)), [len(rows.notes) for rows in parts]),
    )


def _flags(notes: Sequence[WrittenNote], name: str) -> FloatColumn:
    return np.array([float(name in note.marks) for note in notes])


def _voices(placed: _Placed) -> FloatColumn:
    """Return voices counted from 1 within each staff."""
    keys = list(zip(placed.staff.tolist(), (n.voice for n in placed.notes), strict=True))
    seen: dict[float, set[int]] = {}
    for staff, voice in keys:
        seen.setdefault(staff, set()).add(voice)
    rank = {(s, v): i for s, voices in seen.items() for i, v in enumerate(sorted(voices), start=1)}
    return np.array([float(rank[key]) for key in keys])


def _levels(placed: _Placed, axis: Axis) -> dict[str, FloatColumn]:
    events, hairpins = list(_events(placed)), _hairpins(placed, axis)
    level = np.full(len(placed.onset), np.nan)
    slope = np.full(len(placed.onset), np.nan)
    if events or hairpins:
        for number in sorted(set(placed.staff.tolist())):
            rows = placed.staff == number
            points = _timeline(_of_staff(events, int(number)), hairpins)
            level[rows], slope[rows] = _evaluate(points, placed.onset[rows])
    return {"notated_level": level, "notated_level_slope": slope}


def _events(placed: _Placed) -> Iterator[Event]:
    for when, staff, mark in placed.marks:
        level: float | None = None
        if mark.kind == "level":
            level = mark.value or level_of(mark.text)
            if level is None and not is_sforzando(mark.text):
                level = level_in_words(mark.text)
        elif mark.kind == "words":
            level = level_in_words(mark.text)
        if level is not None:
            yield when, staff, level


def _of_staff(events: Sequence[Event], staff: int) -> list[tuple[float, float]]:
    chosen: dict[float, tuple[bool, float]] = {}
    for quarter, where, level in events:
        own = where is None or where == staff
        if quarter not in chosen or (own and not chosen[quarter][0]):
            chosen[quarter] = (own, level)
    return [(quarter, level) for quarter, (_, level) in sorted(chosen.items())]


def _hairpins(placed: _Placed, axis: Axis) -> list[Hairpin]:
    found: set[Hairpin] = set()
    for start, _, mark in placed.marks:
        direction = {"cresc": 1, "dim": -1}.get(mark.kind, 0)
        if mark.kind in ("words", "level"):
            direction = direction_of(mark.text)
        if direction:
            end = axis.written(*mark.end) if mark.end else start + _OPEN_HAIRPIN
            if end > start:
                found.add((start, end, direction))
    return sorted(found)


def _timeline(
    events: Sequence[tuple[float, float]], hairpins: Sequence[Hairpin]
) -> list[tuple[float, float]]:
    """Return points (written time, level); between two points the level is a straight line."""
    points: list[tuple[float, float]] = []
    level = events[0][1] if events else 80.0
    times = np.array([when for when, _ in events])
    marks = sorted(
        [*((q, 1, v) for q, v in events), *((s, 2, i) for i, (s, _, _) in enumerate(hairpins))]
    )
    busy = -np.inf
    for quarter, kind, value in marks:
        if kind == 1:
            while quarter < busy and points and points[-1][0] >= quarter:
                points.pop()  # a dynamic inside a hairpin ends it
            points += [(quarter, points[-1][1] if points else level), (quarter, float(value))]
            level, busy = float(value), quarter
            continue
        start, end, direction = hairpins[int(value)]
        if start < busy:
            continue
        begun, ended = np.searchsorted(times, [start, end + _NEAR], side="right").tolist()
        target = level + direction * _HAIRPIN
        if begun < ended:
            following, wanted = events[begun]
            end = min(end, following)
            target = wanted if (wanted - level) * direction > 0 else target
        target = float(min(max(target, _LEVEL_RANGE[0]), _LEVEL_RANGE[1]))
        points += [(start, level), (end, target)]
        level, busy = target, end
    return points


def _evaluate(
    points: Sequence[tuple[float, float]], onset: FloatColumn
) -> tuple[FloatColumn, FloatColumn]:
    quarter = np.array([q for q, _ in points])
    value = np.array([v for _, v in points])
    right = np.searchsorted(quarter, onset + 1e-6, side="right")
    before = np.clip(right - 1, 0, len(points) - 1)
    after = np.clip(right, 0, len(points) - 1)
    length = quarter[after] - quarter[before]
    inside = (right > 0) & (length > 1e-6)
    slope = np.where(inside, (value[after] - value[before]) / np.maximum(length, 1e-6), 0.0)
    return value[before] + slope * np.maximum(onset - quarter[before], 0.0), slope


def _rows_at(placed: _Placed, order: IntColumn, when: float) -> IntColumn:
    """Return the rows of notes at a time; ``order`` sorts the onsets."""
    low, high = np.searchsorted(placed.onset[order], [when - 1e-6, when + 1e-6])
    return order[low:high]


def _sforzandi(placed: _Placed) -> FloatColumn:
    column = np.zeros(len(placed.onset))
    order = np.argsort(placed.onset, kind="stable")
    for when, own, mark in placed.marks:
        named = mark.kind == "level" and (is_sforzando(mark.text) or sforzando_in_words(mark.text))
        if named or (mark.kind == "words" and sforzando_in_words(mark.text)):
            here = _rows_at(placed, order, when)
            beside = here[placed.staff[here] == own] if own is not None else here
            column[beside if len(beside) else here] = 1.0
    return column


def _fermatas(placed: _Placed) -> FloatColumn:
    """Return which notes begin where a fermata stands, in whichever voice."""
    times = [round(when, 6) for when, _, mark in placed.marks if mark.kind == "fermata"]
    return np.isin(np.round(placed.onset, 6), times).astype(np.float64)


def _slurs(parts: Sequence[PartRows], placed: _Placed) -> FloatColumn:
    """Return which notes lie under a slur that begins and ends in their voice."""
    inside = np.zeros(len(placed.onset))
    row_of = {id(note): row for row, note in enumerate(placed.notes)}
    held = [note for rows in parts for note in rows.part.notes if note.continued is not None]
    heads = {id(note.continued): note for note in held}
    voice = placed.staff * 10_000 + np.array([n.voice for n in placed.notes])
    voices = {v: np.flatnonzero(voice == v) for v in sorted(set(voice.tolist()))}
    steps = {v: np.zeros(len(own) + 1) for v, own in voices.items()}
    for first, last in (slur for rows in parts for slur in rows.part.slurs):
        begin, end = row_of.get(id(first), -1), row_of.get(id(_head(last, heads)), -1)
        if begin >= 0 and end >= 0 and placed.onset[begin] <= placed.onset[end]:
            own = float(voice[begin])
            times = placed.onset[voices[own]]
            steps[own][np.searchsorted(times, placed.onset[begin], side="left")] += 1
            steps[own][np.searchsorted(times, placed.onset[end], side="right")] -= 1
    for own, rows in voices.items():
        inside[rows] = np.cumsum(steps[own])[:-1] > 0
    return inside


def _head(note: WrittenNote, heads: dict[int, WrittenNote]) -> WrittenNote:
    """Return the first note of a tie."""
    while id(note) in heads:
        note = heads[id(note)]
    return note


def _expression(placed: _Placed) -> dict[str, FloatColumn]:
    texts = [(when, mark.text.lower()) for when, _, mark in placed.marks if mark.text]
    columns = {name: np.zeros(len(placed.onset)) for name in WORDS}
    marked = sorted(
        {(q, name) for q, text in texts for name in WORDS if re.search(WORDS[name], text)}
    )
    times = np.array([quarter for quarter, _ in marked])
    order = np.argsort(placed.onset, kind="stable")
    onset = placed.onset[order]
    for quarter, name in marked:
        later = times[np.searchsorted(times, quarter, side="right") :][:1].tolist()
        end = min([quarter + _WORD_BEATS, *later])
        low, high = np.searchsorted(onset, [quarter - 1e-6, end - 1e-6])
        columns[name][order[low:high]] = 1.0
    return columns
