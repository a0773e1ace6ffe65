"""The composer's markings of a partitura part, as marking columns.

Levels are those that MuseScore plays: ppp 16, pp 33, p 49, mp 64, mf 80, f 96, ff 112, fff 126.
A hairpin, or a *cresc.* or *dim.*, runs in a straight line from the level at its start to the next
dynamic that stands within four beats of its end and in its direction; without one, 16 units up or
down. Before the first dynamic the first one holds; a part without any has missing values. A
dynamic holds for all staves of the part, unless another stands at the same time in its own staff.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from humanize.notes import FloatColumn

LEVELS = {
    "n": 1.0, "pppppp": 1.0, "ppppp": 3.0, "pppp": 5.0, "ppp": 16.0, "pp": 33.0, "p": 49.0,
    "mp": 64.0, "mf": 80.0, "f": 96.0, "ff": 112.0, "fff": 126.0, "ffff": 127.0, "fffff": 127.0,
    "ffffff": 127.0, "pianissimo": 33.0, "piano": 49.0, "mezzopiano": 64.0, "mezzoforte": 80.0,
    "forte": 96.0, "fortissimo": 112.0,
}  # fmt: skip
_HAIRPIN = 16.0  # velocity units where no dynamic stands at its end
_LEVEL_RANGE = (20.0, 120.0)  # that hairpins without a dynamic at their end stay in
_NEAR = 4.0  # quarter notes from the end of a hairpin to its target
_OPEN_HAIRPIN = 8.0  # quarter notes of a "cresc." without an end
_WORD_BEATS = 32.0  # quarter notes that a word of expression holds at most
_WORDS = {
    "word_soft": r"dolc|sotto voce|legg|tranq|teneram|delicat|mezza voce|una corda|calm|dolent",
    "word_strong": r"agitat|marcat|fuoco|pesant|appassion|energic|risolut|con forza|feroc|brio"
    r"|strepit|martell|vigor|maest|tre corde",
    "word_singing": r"cantab|espress|cantando|con anima|lyric|ben tenuto|con espr",
    "word_fading": r"morend|caland|smorz|perdend|mancand|diluend|estint",
}
_LEVEL_WORD = re.compile(r"(?<![\w.])(p{1,6}|mp|mf|f{1,6})(?![\w.])")
_SFORZANDO_WORD = re.compile(r"(?<![\w.])(sf+z?p*|fz|rfz?)(?![\w])")
_FEW_WORDS = 4  # in which a dynamic is looked for
_ARTICULATIONS = {
    "accent": ("accent",),
    "marcato": ("strong-accent",),
    "staccato": ("staccato", "spiccato"),
    "staccatissimo": ("staccatissimo",),
    "tenuto": ("tenuto", "detached-legato"),
}

Event = tuple[float, int | None, float]  # quarter, staff, level
Hairpin = tuple[float, float, int]  # quarter of start and end, direction


def part_markings(part: Any, played: Sequence[Any]) -> dict[str, FloatColumn]:
    """Return marking columns, one value for each note of ``played`` (ties joined)."""
    quarter = part.quarter_map
    onset = np.array([float(quarter(n.start.t)) for n in played])
    staff = np.array([float(n.staff or 1) for n in played])
    columns: dict[str, FloatColumn] = {"staff": staff, "voice": _voices(played)}
    columns |= _levels(part, onset, staff)
    for name, kinds in _ARTICULATIONS.items():
        columns[name] = _flags(played, lambda n, k=kinds: bool(set(n.articulations or ()) & set(k)))
    columns["sforzando"] = _sforzandi(part, onset, staff)
    columns["fermata"] = _fermatas(part, played, onset)
    columns["grace"] = _flags(played, lambda n: type(n).__name__ == "GraceNote")
    columns["ornament"] = _flags(played, lambda n: bool(n.ornaments))
    columns |= _slurs(played, onset)
    columns |= _expression(part, onset)
    return columns


def _flags(played: Sequence[Any], test: Any) -> FloatColumn:
    return np.array([float(test(n)) for n in played])


def _voices(played: Sequence[Any]) -> FloatColumn:
    """Return voices counted from 1 within each staff."""
    seen: dict[int, set[int]] = {}
    for n in played:
        seen.setdefault(int(n.staff or 1), set()).add(int(n.voice or 1))
    rank = {(s, v): i for s, voices in seen.items() for i, v in enumerate(sorted(voices), start=1)}
    return np.array([float(rank[int(n.staff or 1), int(n.voice or 1)]) for n in played])


def _levels(part: Any, onset: FloatColumn, staff: FloatColumn) -> dict[str, FloatColumn]:
    events, hairpins = _dynamics(part), _hairpins(part)
    level = np.full(len(onset), np.nan)
    slope = np.full(len(onset), np.nan)
    if events or hairpins:
        for number in np.unique(staff):
            rows = staff == number
            points = _timeline(_of_staff(events, int(number)), hairpins)
            level[rows], slope[rows] = _evaluate(points, onset[rows])
    return {"notated_level": level, "notated_level_slope": slope}


def _dynamics(part: Any) -> list[Event]:
    from partitura.score import ConstantLoudnessDirection, ImpulsiveLoudnessDirection

    events: list[Event] = []
    kinds = (ConstantLoudnessDirection, ImpulsiveLoudnessDirection)
    for kind in kinds:
        for mark in part.iter_all(kind, include_subclasses=True):
            text = str(mark.text or "").lower().strip(". ")
            after = re.sub(r"^(s?f+z?|p)(p+|f)$", r"\2", text) if kind is kinds[1] else text
            if after in LEVELS:
                events.append((float(part.quarter_map(mark.start.t)), mark.staff, LEVELS[after]))
    for quarter, staff, text in _short_words(part):
        found = _LEVEL_WORD.search(text)
        if found:
            events.append((quarter, staff, LEVELS[found[1]]))
    return sorted(events, key=lambda event: event[0])


def _short_words(part: Any) -> list[tuple[float, int | None, str]]:
    """Return quarter, staff and text of what is not known as a direction, as *subito p*."""
    from partitura.score import Direction, Words

    found = [
        (float(part.quarter_map(w.start.t)), w.staff, str(getattr(w, "raw_text", "") or w.text))
        for w in [*part.iter_all(Words), *part.iter_all(Direction)]
    ]
    return [entry for entry in found if len(entry[2].split()) <= _FEW_WORDS]


def _of_staff(events: Sequence[Event], staff: int) -> list[tuple[float, float]]:
    chosen: dict[float, tuple[bool, float]] = {}
    for quarter, where, level in events:
        own = where is None or where == staff
        if quarter not in chosen or (own and not chosen[quarter][0]):
            chosen[quarter] = (own, level)
    return [(quarter, level) for quarter, (_, level) in sorted(chosen.items())]


def _hairpins(part: Any) -> list[Hairpin]:
    from partitura.score import DecreasingLoudnessDirection, IncreasingLoudnessDirection

    found: list[Hairpin] = []
    for kind, direction in ((IncreasingLoudnessDirection, 1), (DecreasingLoudnessDirection, -1)):
        for mark in part.iter_all(kind, include_subclasses=True):
            start = float(part.quarter_map(mark.start.t))
            end = float(part.quarter_map(mark.end.t)) if mark.end else start + _OPEN_HAIRPIN
            if end > start:
                found.append((start, end, direction))
    return sorted(found)


def _timeline(
    events: Sequence[tuple[float, float]], hairpins: Sequence[Hairpin]
) -> list[tuple[float, float]]:
    """Return points (quarter, level); between two points the level is a straight line."""
    points: list[tuple[float, float]] = []
    level = events[0][1] if events else 80.0
    marks = sorted(
        [*((q, 1, v) for q, v in events), *((s, 2, i) for i, (s, _, _) in enumerate(hairpins))]
    )
    busy = -np.inf
    for quarter, kind, value in marks:
        if kind == 1:
            if quarter < busy:  # a dynamic inside a hairpin ends it
                points = [p for p in points if p[0] < quarter]
            points += [(quarter, _last_level(points, level)), (quarter, float(value))]
            level, busy = float(value), quarter
            continue
        start, end, direction = hairpins[int(value)]
        if start < busy:
            continue
        following = [(q, v) for q, v in events if start < q <= end + _NEAR]
        end = min([end, *(q for q, _ in following)])
        target = following[0][1] if following else level + direction * _HAIRPIN
        if (target - level) * direction <= 0:
            target = level + direction * _HAIRPIN
        target = float(np.clip(target, *_LEVEL_RANGE))
        points += [(start, level), (end, target)]
        level, busy = target, end
    return points


def _last_level(points: Sequence[tuple[float, float]], level: float) -> float:
    return points[-1][1] if points else level


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


def _sforzandi(part: Any, onset: FloatColumn, staff: FloatColumn) -> FloatColumn:
    from partitura.score import ImpulsiveLoudnessDirection

    column = np.zeros(len(onset))
    places = [
        (float(part.quarter_map(mark.start.t)), mark.staff)
        for mark in part.iter_all(ImpulsiveLoudnessDirection, include_subclasses=True)
        if str(mark.text or "") != "pf"
    ]
    places += [(q, own) for q, own, text in _short_words(part) if _SFORZANDO_WORD.search(text)]
    for quarter, own in places:
        here = np.abs(onset - quarter) < 1e-6
        if own is not None and (here & (staff == own)).any():
            here &= staff == own
        column[here] = 1.0
    return column


def _fermatas(part: Any, played: Sequence[Any], onset: FloatColumn) -> FloatColumn:
    from partitura.score import Fermata

    column = _flags(played, lambda n: n.fermata is not None)
    for mark in part.iter_all(Fermata):
        if mark.ref is None or isinstance(mark.ref, str):  # over a barline, not over a note
            continue
        column[np.abs(onset - float(part.quarter_map(mark.start.t))) < 1e-6] = 1.0
    return column


def _slurs(played: Sequence[Any], onset: FloatColumn) -> dict[str, FloatColumn]:
    inside, begins, ends = (np.zeros(len(played)) for _ in range(3))
    row_of = {id(n): row for row, n in enumerate(played)}
    voice = np.array([(n.staff or 1) * 100 + (n.voice or 1) for n in played])
    for row, n in enumerate(played):
        begins[row] = float(bool(n.slur_starts))
        ends[row] = float(bool(n.slur_stops))
        for slur in n.slur_starts or ():
            last = row_of.get(id(_tie_start(slur and slur.end_note)), -1)
            if last >= 0:
                span = (onset >= onset[row]) & (onset <= onset[last]) & (voice == voice[row])
                inside[span] = 1.0
    return {"slur": inside, "slur_start": begins, "slur_end": ends}


def _tie_start(note: Any) -> Any:
    """Return the first note of a tie; None where unfolding has lost the note."""
    while note is not None and note.tie_prev is not None:
        note = note.tie_prev
    return note


def _expression(part: Any, onset: FloatColumn) -> dict[str, FloatColumn]:
    from partitura.score import Direction, Words

    texts = [
        (float(part.quarter_map(mark.start.t)), str(mark.raw_text or mark.text or "").lower())
        for mark in part.iter_all(Direction, include_subclasses=True)
        if not hasattr(mark, "end") or mark.text
    ]
    texts += [
        (float(part.quarter_map(w.start.t)), str(w.text or "").lower())
        for w in part.iter_all(Words)
    ]
    columns = {name: np.zeros(len(onset)) for name in _WORDS}
    marked = sorted(
        (q, name) for q, text in texts for name in _WORDS if re.search(_WORDS[name], text)
    )
    for index, (quarter, name) in enumerate(marked):
        later = [q for q, _ in marked[index + 1 :] if q > quarter]
        end = min([quarter + _WORD_BEATS, *later])
        columns[name][(onset >= quarter - 1e-6) & (onset < end - 1e-6)] = 1.0
    return columns
