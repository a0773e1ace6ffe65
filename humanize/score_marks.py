"""Markings that partitura leaves out of MEI and Humdrum scores, added to its parts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from humanize.score_markings import LEVELS

_IMPULSE = re.compile(r"^(s?f+z?p*|rfz?)$")
_HAIRPINS = {"cres": "IncreasingLoudnessDirection", "dim": "DecreasingLoudnessDirection"}


def add_text(
    parts: Sequence[Any],
    quarter: float,
    text: str,
    *,
    staff: int | None = None,
    end: float | None = None,
) -> None:
    """Add a dynamic, or words such as *cresc.*, to all parts of an instrument.

    Parameters
    ----------
    parts : sequence of partitura Part
    quarter : float
        Place in the parts' quarter notes.
    text : str
    staff : int or None
    end : float or None
        Where a *cresc.* or *dim.* ends.
    """
    from partitura.score import DynamicLoudnessDirection

    for part in parts:
        for mark in _directions(text.strip(), staff):
            spans = end is not None and isinstance(mark, DynamicLoudnessDirection)
            part.add(mark, _time(part, quarter), _time(part, end or 0.0) if spans else None)


def _directions(text: str, staff: int | None) -> list[Any]:
    from partitura import score
    from partitura.directions import parse_direction

    if text in LEVELS:
        return [score.ConstantLoudnessDirection(text, staff=staff)]
    if _IMPULSE.match(text):
        return [score.ImpulsiveLoudnessDirection(text, staff=staff)]
    return list(parse_direction(text)) if text else []


def add_hairpin(parts: Sequence[Any], start: float, end: float, form: str) -> None:
    """Add a hairpin, "cres" or "dim", to all parts of an instrument."""
    from partitura import score

    for part in parts:
        if form in _HAIRPINS and end > start:
            mark = getattr(score, _HAIRPINS[form])(form, wedge=True)
            part.add(mark, _time(part, start), _time(part, end))


def add_tempo(part: Any, quarter: float, bpm: float) -> None:
    """Add quarter notes a minute."""
    from partitura.score import Tempo

    if bpm > 0:
        part.add(Tempo(bpm), _time(part, quarter))


def add_articulation(note: Any, kind: str) -> None:
    """Add an articulation by its MusicXML name."""
    note.articulations = [*(note.articulations or ()), kind]


def add_ornament(note: Any, kind: str) -> None:
    """Add an ornament by its MusicXML name."""
    note.ornaments = [*(note.ornaments or ()), kind]


def add_fermata(part: Any, note: Any) -> None:
    """Add a fermata over a note."""
    from partitura.score import Fermata

    mark = Fermata(note)
    part.add(mark, note.start.t)
    note.fermata = mark


def add_slur(part: Any, first: Any, last: Any) -> None:
    """Add a slur from note to note."""
    from partitura.score import Slur

    if first.start.t <= last.start.t:
        part.add(Slur(first, last), first.start.t, last.end.t)


def _time(part: Any, quarter: float) -> int:
    return max(round(float(part.inv_quarter_map(quarter))), 0)
