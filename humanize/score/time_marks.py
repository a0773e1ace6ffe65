"""What a score says of time and pedal: *rit.*, *accel.*, *a tempo* and pedal marks, as columns.

They hold for all staves. A *rit.* or *accel.* lasts as far as its dashes, or to the next word or
sign of tempo, or eight quarter notes, or to the end of the music where that is within sixteen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from humanize.notes import FloatColumn
from humanize.score.axis import Axis
from humanize.score.dynamics import tempo_of
from humanize.score.written import Mark, WrittenPart

_SLOWING = re.compile(
    r"\b(rit|ritard|ritardando|riten|ritenuto|ritenente|rall|rallent|rallentando|allarg"
    r"|allargando|slarg|slargando|slent|slentando|lentando|trattenuto"
    r"|c[eé]dez|retenu|retenez|ralentir|en retenant|zur[uü]ckhalten\w*|verlangsamen|langsamer"
    r"|slower|slowing|broaden\w*|hold back)\b"
)
_AT_ONCE = re.compile(r"\b(riten|ritenuto|ritenente|trattenuto|retenu|slower|langsamer)\b")
_HURRYING = re.compile(
    r"\b(accel|accelerando|string|stringendo|affrett|affrettando|stretto|incalz|incalzando"
    r"|animando|pressez|en pressant|en animant|serrez|dr[aä]ngend|beschleunigen\w*|eilend\w*"
    r"|schneller|faster|hurrying)\b"
)
_AGAIN = re.compile(r"\b(a tempo|au? (1er )?mouvement|im tempo|tempo (i|1|primo)|in tempo)\b")
_MOST_WORDS = 6
_LASTS, _LASTS_TO_END = 8.0, 16.0  # quarter notes
_FIRST_SHARE, _AT_ONCE_SHARE = 0.15, 0.6
_NEAR_PEDAL = 16.0  # quarter notes from a pedal mark in which it is known what is pedalled
_PRESSES = ("start", "change", "resume")
_LIFTS = ("stop", "change", "discontinue")
PEDAL_TYPES = (*_PRESSES, *_LIFTS)


class TimedMark(NamedTuple):
    """A mark with its written time, and that of its end where it says one, in quarter notes."""

    when: float
    end: float | None
    mark: Mark


def timed_marks(parts: Sequence[WrittenPart], axis: Axis) -> list[TimedMark]:
    """Return the marks of some parts in order of time."""
    marks = [
        TimedMark(
            axis.written(mark.measure, mark.quarter),
            axis.written(*mark.end) if mark.end else None,
            mark,
        )
        for part in parts
        for mark in part.marks
    ]
    return sorted(marks, key=lambda timed: timed.when)


def time_markings(
    score: Sequence[TimedMark], own: Sequence[TimedMark], onset: FloatColumn
) -> dict[str, FloatColumn]:
    """Return the columns of ``humanize.notes.TIME_MARKINGS``.

    Parameters
    ----------
    score, own : sequence of TimedMark
        Marks of the whole score, as tempo is everybody's, and of the instrument.
    onset : (n,) FloatColumn
        Written time of each note.
    """
    return {**_changes_of_tempo(score, onset), **_pedal(own, onset)}


def _changes_of_tempo(marks: Sequence[TimedMark], onset: FloatColumn) -> dict[str, FloatColumn]:
    slowing, hurrying = np.zeros(len(onset)), np.zeros(len(onset))
    stops = sorted({timed.when for timed in marks if _says_tempo(timed.mark)})
    last = float(onset.max()) if len(onset) else 0.0
    for when, end, mark in marks:
        column = _column_of(mark, slowing, hurrying)
        if column is not None:
            following = [stop for stop in stops if stop > when + 1e-6][:1]
            stop = end if end is not None and end > when else _end(when, following, last)
            least = _AT_ONCE_SHARE if _AT_ONCE.search(mark.text.lower()) else _FIRST_SHARE
            inside = (onset >= when - 1e-6) & (onset < stop - 1e-6)
            share = (onset - when) / max(stop - when, 1e-6)
            column[inside] = np.clip(share, least, 1.0)[inside]
    return {"slowing": slowing, "hurrying": hurrying}


def _end(when: float, following: Sequence[float], last: float) -> float:
    """Return where a word of tempo ends that does not say so itself."""
    if last - when <= _LASTS_TO_END:
        return min([*following, last + 1.0])
    return min([*following, when + _LASTS])


def _column_of(mark: Mark, slowing: FloatColumn, hurrying: FloatColumn) -> FloatColumn | None:
    text = mark.text.lower()
    if mark.kind not in ("words", "level") or len(text.split()) > _MOST_WORDS:
        return None
    if _SLOWING.search(text):
        return slowing
    return hurrying if _HURRYING.search(text) else None


def _says_tempo(mark: Mark) -> bool:
    """Return whether what was slowing or hurrying before ends here."""
    if mark.kind == "tempo":
        return True
    text = mark.text.lower()
    if mark.kind != "words" or len(text.split()) > _MOST_WORDS:
        return False
    known = (_SLOWING, _HURRYING, _AGAIN)
    return any(pattern.search(text) for pattern in known) or tempo_of(text) is not None


def _pedal(marks: Sequence[TimedMark], onset: FloatColumn) -> dict[str, FloatColumn]:
    names = ("pedal_pressed", "pedal_lifted", "pedal_known")
    columns = {name: np.zeros(len(onset)) for name in names}
    signs = [(timed.when, timed.mark.text) for timed in marks if timed.mark.kind == "pedal"]
    if not signs or not len(onset):
        return columns
    onsets = np.unique(onset)
    for when, kind in signs:
        at = np.abs(onset - _nearest(onsets, when)) < 1e-6
        columns["pedal_pressed"][at & (kind in _PRESSES)] = 1.0
        columns["pedal_lifted"][at & (kind in _LIFTS)] = 1.0
    for first, second in _between([when for when, _ in signs]):
        columns["pedal_known"][(onset >= first - 1e-6) & (onset <= second + 1e-6)] = 1.0
    return columns


def _nearest(onsets: FloatColumn, when: float) -> float:
    """Return the onset that is nearest to a time; of two, the later."""
    at = int(np.searchsorted(onsets, when - 1e-6))
    after = onsets[min(at, len(onsets) - 1)]
    before = onsets[max(at - 1, 0)]
    return float(after if abs(after - when) <= abs(when - before) else before)


def _between(times: Sequence[float]) -> Iterator[tuple[float, float]]:
    """Yield the stretches in which the pedal is known: between marks that are near each other."""
    for first, second in zip(times, [*times[1:], times[-1]], strict=True):
        if second - first <= _NEAR_PEDAL:
            yield first, second
        else:
            yield first, first + 4.0
