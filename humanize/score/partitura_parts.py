"""Parts and scores of partitura as a written score.

A part knows its repeats, endings and jumps, but neither labels nor how often something is repeated,
and of a jump only when it comes: on a barline it belongs to the measure before, a segno or coda to
the measure after, as far as anyone can tell.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from humanize.notes import FloatColumn
from humanize.score.instruments import is_keyboard_name
from humanize.score.musicxml_bars import NEAR, Bars
from humanize.score.order import Bar, Place
from humanize.score.written import LONGEST, Mark, MarkKind, WrittenNote, WrittenPart, WrittenScore

_UNITS = {"q": 1.0, "h": 2.0, "e": 0.5, "w": 4.0, "s": 0.25}
_ARTICULATIONS = {
    "accent": "accent", "strong-accent": "marcato", "staccato": "staccato", "spiccato": "staccato",
    "staccatissimo": "staccatissimo", "tenuto": "tenuto", "detached-legato": "tenuto",
}  # fmt: skip
_HAIRPINS: dict[str, MarkKind] = {
    "IncreasingLoudnessDirection": "cresc", "DecreasingLoudnessDirection": "dim",
}  # fmt: skip
_SIGNS = {"segno": "Segno", "coda": "Coda"}
_BACK = {"da_capo": "DaCapo", "dal_segno": "DalSegno"}
_JUMPS = {**_SIGNS, **_BACK, "fine": "Fine", "to_coda": "ToCoda"}


def import_partitura() -> None:
    """Import partitura without the soundfont that it fetches where FluidSynth is installed."""
    if "partitura" in sys.modules:
        return
    absent = object()
    found = sys.modules.get("fluidsynth", absent)
    sys.modules["fluidsynth"] = None  # type: ignore[assignment]  # what makes an import fail
    try:
        importlib.import_module("partitura")
    finally:
        del sys.modules["fluidsynth"]
        if found is not absent:
            sys.modules["fluidsynth"] = found  # type: ignore[assignment]


def written_of_partitura(source: Any) -> WrittenScore:
    """Return a partitura Part or Score as written.

    Parameters
    ----------
    source : partitura Part or Score
    """
    parts = list(getattr(source, "parts", [source]))
    local = [_measure_times(part) for part in parts]
    longest = max(local, key=len)
    lengths = [
        max(float(own[n + 1] - own[n]) for own in local if n + 1 < len(own))
        for n in range(len(longest) - 1)
    ]
    names = sorted(max(parts, key=lambda p: len(list(p.measures))).measures, key=_when)
    return WrittenScore(
        parts=[_part(part, own) for part, own in zip(parts, local, strict=True)],
        lengths=[min(length, LONGEST) for length in lengths],
        labels=[str(bar.name or bar.number) for bar in names] or ["1"],
        bars=_bars(parts, local),
    )


def _when(element: Any) -> int:
    return int(element.start.t)


def _measure_times(part: Any) -> FloatColumn:
    bars = sorted(part.measures, key=_when)
    times = [bar.start.t for bar in bars] or [part.first_point.t]
    last = max(part.last_point.t, times[-1])
    return np.array([float(part.quarter_map(t)) for t in [*times, last]])


def _part(part: Any, begins: FloatColumn) -> WrittenPart:
    from partitura import score

    place = _places(part, begins)
    written: dict[int, WrittenNote] = {}
    name = str(part.part_name or "")
    staves = int(getattr(part, "number_of_staves", 1) or 1)
    result = WrittenPart(
        name=name or "Part",
        program=0 if is_keyboard_name(name) or staves == 2 else -1,
        staves=staves,
    )
    shifts = sorted((m.start.t, int(m.chromatic or 0)) for m in part.iter_all(score.Transposition))
    kinds = (score.Note, score.GraceNote, score.UnpitchedNote)
    found = [note for kind in kinds for note in part.iter_all(kind)]
    for number, note in enumerate(sorted(found, key=_when)):
        written[id(note)] = _note(part, note, place, number, shifts)
    for note in found:
        following = written.get(id(note.tie_next)) if note.tie_next is not None else None
        if following is not None:
            own = written[id(note)]
            own.continued, own.tied_to, following.tied_from = following, True, True
    result.notes = list(written.values())
    _read_slurs(part, written, result)
    result.marks = _marks_of(part, place)
    return result


def _note(
    part: Any, note: Any, place: Callable[[float], Place], number: int, shifts: Sequence[Any]
) -> WrittenNote:
    measure, onset = place(note.start.t)
    grace = type(note).__name__ == "GraceNote"
    unpitched = type(note).__name__ == "UnpitchedNote"
    length = float(part.quarter_map(note.end.t)) - float(part.quarter_map(note.start.t))
    by = next((chromatic for when, chromatic in reversed(shifts) if when <= note.start.t), 0)
    marks = [_ARTICULATIONS[a] for a in note.articulations or () if a in _ARTICULATIONS]
    marks += ["ornament"] * bool(getattr(note, "ornaments", None))
    return WrittenNote(
        note_id=str(note.id or f"n{number}"),
        place=-1,
        measure=measure,
        onset=onset,
        length=0.0 if grace else length,
        pitch=min(max(int(getattr(note, "midi_pitch", 60)) + (0 if unpitched else by), 0), 127),
        staff=int(note.staff or 1),
        voice=int(note.voice or 1),
        grace=grace,
        unpitched=unpitched,
        marks=tuple(marks),
    )


def _read_slurs(part: Any, written: dict[int, WrittenNote], result: WrittenPart) -> None:
    from partitura import score

    for slur in part.iter_all(score.Slur):
        first, last = (written.get(id(note)) for note in (slur.start_note, slur.end_note))
        if first is not None:
            first.marks += ("slur_start",)
        if last is not None:
            last.marks += ("slur_end",)
        if first is not None and last is not None:
            result.slurs.append((first, last))


def _marks_of(part: Any, place: Callable[[float], Place]) -> list[Mark]:
    """Return dynamics, hairpins, words, fermatas, tempo and metres."""
    from partitura import score

    marks = [
        Mark("metre", *place(sign.start.t), None, "", int(sign.beats), int(sign.beat_type))
        for sign in part.time_sigs
    ]
    for tempo in part.iter_all(score.Tempo):
        per = _UNITS.get(str(tempo.unit or "q")[0], 1.0)
        per *= 1.5 if str(tempo.unit or "").endswith(".") else 1.0
        marks.append(Mark("tempo", *place(tempo.start.t), value=float(tempo.bpm) * per))
    for fermata in part.iter_all(score.Fermata):
        if fermata.ref is not None and not isinstance(fermata.ref, str):
            marks.append(Mark("fermata", *place(fermata.start.t)))
    for direction in part.iter_all(score.Direction, include_subclasses=True):
        marks += _mark_of(direction, place)
    for words in part.iter_all(score.Words):
        marks.append(Mark("words", *place(words.start.t), None, str(words.text or "")))
    return marks


def _mark_of(direction: Any, place: Callable[[float], Place]) -> list[Mark]:
    kind = type(direction).__name__
    text = str(direction.raw_text or direction.text or "")
    where = place(direction.start.t)
    if kind in _HAIRPINS and getattr(direction, "wedge", False):
        if direction.end is None:
            return []
        return [Mark(_HAIRPINS[kind], *where, None, end=place(direction.end.t))]
    dynamic = kind in ("ConstantLoudnessDirection", "ImpulsiveLoudnessDirection")
    return [Mark("level" if dynamic else "words", *where, direction.staff, text)] if text else []


def _bars(parts: Sequence[Any], local: Sequence[FloatColumn]) -> list[Bar]:
    """Return the bars of the parts, all read together; shorter parts are not read."""
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
    return bars.bars


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
