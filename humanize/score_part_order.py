"""The order in which partitura parts are played, where no file tells it.

A part knows its repeats, endings and jumps, but neither labels nor how often something is repeated,
and of a jump only when it comes: on a barline it belongs to the measure before, a segno or coda to
the measure after, as far as anyone can tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from humanize.notes import FloatColumn
from humanize.score_bars import NEAR, Bars
from humanize.score_order import Order, Place, playing_order

_SIGNS = {"segno": "Segno", "coda": "Coda"}
_BACK = {"da_capo": "DaCapo", "dal_segno": "DalSegno"}
_JUMPS = {**_SIGNS, **_BACK, "fine": "Fine", "to_coda": "ToCoda"}


def order_of_parts(parts: Sequence[Any], local: Sequence[FloatColumn]) -> Order:
    """Return the order that partitura parts are played in, all read together.

    Parameters
    ----------
    parts : sequence of partitura Part
    local : sequence of FloatColumn
        For each part where its measures begin, and where the last one ends, in its own quarter
        notes. Parts that have fewer measures than others are not read.
    """
    count = max(len(own) for own in local)
    read = [
        (part, _places(part, own))
        for part, own in zip(parts, local, strict=True)
        if len(own) == count
    ]
    splits = [
        place(time)
        for part, place in read
        for mark in [*_marks(part, "Repeat"), *_marks(part, "Ending")]
        for time in (mark.start.t, mark.end.t)
        if part.first_point.t < time < part.last_point.t
    ]
    bars = Bars.of(count - 1, (place for place in splits if place[1] > NEAR))
    for part, place in read:
        _read_repeats(part, place, bars)
        _read_jumps(part, place, bars)
    return playing_order(bars.bars)


def _places(part: Any, begins: FloatColumn) -> Callable[[float], Place]:
    """Return what gives the place of a time; the end of the part is in its last measure."""

    def place(time: float) -> Place:
        quarter = float(part.quarter_map(time))
        measure = int(np.searchsorted(begins, quarter + NEAR)) - 1
        measure = min(max(measure, 0), len(begins) - 2)
        return measure, max(quarter - float(begins[measure]), 0.0)

    return place


def _marks(part: Any, kind: str) -> list[Any]:
    """Return what begins and ends in a part."""
    from partitura import score

    found = part.iter_all(getattr(score, kind))
    return [mark for mark in found if mark.start is not None and mark.end is not None]


def _before(bars: Bars, place: Place) -> int:
    """Return the bar that ends at a place, or is under way there."""
    measure, quarter = place
    return bars.ending_at(measure, quarter) if quarter > NEAR else max(bars.firsts[measure] - 1, 0)


def _read_repeats(part: Any, place: Callable[[float], Place], bars: Bars) -> None:
    """Read repeats and endings; partitura lets a repeat without a sign begin where one ends."""
    repeats = _marks(part, "Repeat")
    ends = {mark.end.t for mark in repeats}
    for mark in repeats:
        bars.bars[_before(bars, place(mark.end.t))].times = 2
        if mark.start.t not in ends:
            bars.bars[bars.beginning_at(*place(mark.start.t))].forward = True
    for mark in _marks(part, "Ending"):
        first = bars.beginning_at(*place(mark.start.t))
        last = _before(bars, place(mark.end.t))
        for bar in bars.bars[first : last + 1]:
            bar.ending |= frozenset(int(n) for n in re.findall(r"\d+", str(mark.number)))


def _read_jumps(part: Any, place: Callable[[float], Place], bars: Bars) -> None:
    """Read jumps; one back from the beginning of the last measure is written in it."""
    from partitura import score

    last = bars.firsts[-2]
    for name, kind in _JUMPS.items():
        for mark in part.iter_all(getattr(score, kind)):
            where = place(mark.start.t)
            begins = bars.beginning_at(*where)
            index = begins if name in _SIGNS else _before(bars, where)
            if name in _BACK and begins == last and bars.bars[last].coda is None:
                index = last
            setattr(bars.bars[index], name, True if name in ("fine", "da_capo") else "")
