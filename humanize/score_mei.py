"""MEI made ready for partitura, and the markings that partitura leaves out of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from humanize.errors import ScoreError
from humanize.score_arpeggios import Arpeggio
from humanize.score_marks import (
    add_articulation,
    add_fermata,
    add_hairpin,
    add_ornament,
    add_slur,
    add_tempo,
    add_text,
)
from humanize.score_mei_layers import (
    ID,
    TREMOLO,
    all_of,
    expand_repeats,
    local_name,
    mend_layers,
)
from humanize.score_order import Bar, playing_order
from humanize.score_text import parsed
from humanize.score_xml import Prepared

if TYPE_CHECKING:
    from lxml.etree import _Element

_ARTICULATIONS = {
    "acc": "accent", "acc-soft": "soft-accent", "marc": "strong-accent", "stacc": "staccato",
    "stacciss": "staccatissimo", "spicc": "spiccato", "ten": "tenuto",
}  # fmt: skip
_ORNAMENTS = {"trill": "trill-mark", "mordent": "mordent", "turn": "turn"}


def prepare_mei(text: bytes, name: str) -> Prepared:
    """Return an MEI score ready for partitura, with the order it is played in.

    Raises
    ------
    ScoreError
        If it is not well-formed XML, or not MEI.
    """
    from lxml import etree

    root = parsed(text, name)
    if etree.QName(root).localname != "mei":
        raise ScoreError(f"{name}: <{etree.QName(root).localname}> found; expected <mei>")
    _name_elements(root)
    expand_repeats(root)
    mend_layers(root)
    _mend_barlines(root)
    _write_ties(root)
    return Prepared(
        text=etree.tostring(root, encoding="UTF-8"),
        order=playing_order(_bars(root)),
        arpeggios=_arpeggios(root),
        instruments=_instruments(root),
        finish=partial(_mark_parts, root),
    )


def _name_elements(root: _Element) -> None:
    for place, element in enumerate(root.iter()):
        if isinstance(element.tag, str) and not element.get(ID):
            element.set(ID, f"unnamed{place}")


def _mend_barlines(root: _Element) -> None:
    measures = all_of(root, "measure")
    for number, measure in enumerate(measures):
        if measure.get("right") == "rptboth":
            measure.set("right", "rptend")
            for following in measures[number + 1 : number + 2]:
                following.set("left", "rptstart")


def _write_ties(root: _Element) -> None:
    """Write ties that are attributes of notes as elements, which partitura reads.

    Those from or to a note that is not there are left out.
    """
    from lxml import etree

    known = {f"#{note.get(ID)}" for note in all_of(root, "note")}
    for tie in all_of(root, "tie"):
        parent = tie.getparent()
        if parent is not None and not {tie.get("startid"), tie.get("endid")} <= known:
            parent.remove(tie)
    opened: dict[tuple[str, ...], str] = {}
    for measure in all_of(root, "measure"):
        for note in all_of(measure, "note"):
            chord = note.getparent()
            kind = note.get("tie", "") or (chord.get("tie", "") if chord is not None else "")
            key = (_staff_of(note), note.get("pname", ""), note.get("oct", ""))
            if kind and kind[0] in "mt" and key in opened:
                tie = etree.SubElement(measure, measure.tag.replace("measure", "tie"))
                tie.set(ID, f"tie-{note.get(ID)}")
                tie.set("startid", "#" + opened.pop(key))
                tie.set("endid", f"#{note.get(ID)}")
            if kind and kind[0] in "im":
                opened[key] = str(note.get(ID))


def _staff_of(element: _Element) -> str:
    while (parent := element.getparent()) is not None:
        if local_name(parent) == "staff":
            return parent.get("n", "1")
        element = parent
    return "1"


def _bars(root: _Element) -> list[Bar]:
    bars = []
    for measure in all_of(root, "measure"):
        above = [e for e in measure.iterancestors() if local_name(e) == "ending"]
        numbers = re.findall(r"\d+", above[0].get("n", "")) if above else []
        bar = Bar(ending=frozenset(int(n) for n in numbers))
        bar.forward = measure.get("left") in ("rptstart", "rptboth")
        bar.times = 2 if measure.get("right") == "rptend" else 0
        for sign in [e for e in measure if local_name(e) in ("dir", "repeatMark")]:
            kind = (sign.get("func") or sign.get("type") or "").lower()
            bar.fine |= kind == "fine"
            bar.da_capo |= kind == "dacapo"
            bar.segno = "" if kind == "segno" else bar.segno
            bar.coda = "" if kind == "coda" else bar.coda
            bar.dal_segno = "" if kind == "dalsegno" else bar.dal_segno
        bars.append(bar)
    return bars


def _arpeggios(root: _Element) -> dict[str, Arpeggio]:
    named = {str(e.get(ID)): e for e in all_of(root, "note", "chord")}
    found: dict[str, Arpeggio] = {}
    for sign in all_of(root, "arpeg"):
        arpeggio = Arpeggio(label=str(sign.get(ID)), down=sign.get("order") == "down")
        for target in (sign.get("plist") or sign.get("startid") or "").split():
            element = named.get(target.lstrip("#"))
            if element is not None and sign.get("order") != "nonarp":
                found |= {str(note.get(ID)): arpeggio for note in all_of(element, "note")}
    return found


def _instruments(root: _Element) -> tuple[int, ...]:
    """Return for each staff the first one of its instrument.

    Staves in a brace are one; two staves without a name are the hands of a keyboard.
    """
    staves = _first_staves(root)
    if len(staves) == 2 and not any(_is_named(staff) for staff in staves):
        return (0, 0)
    firsts: list[int] = []
    for number, staff in enumerate(staves):
        group = staff.getparent()
        before = staves[number - 1].getparent() if number else None
        braced = group is not None and (
            group.get("symbol") == "brace"
            or any(local_name(e) == "grpSym" and e.get("symbol") == "brace" for e in group)
        )
        firsts.append(firsts[-1] if braced and group is before else number)
    return tuple(firsts)


def _is_named(staff: _Element) -> bool:
    return bool(staff.get("label")) or bool(all_of(staff, "label", "instrDef"))


def _first_staves(root: _Element) -> list[_Element]:
    groups = all_of(root, "staffGrp")
    return all_of(groups[0], "staffDef") if groups else []


def _mark_parts(root: _Element, parts: Sequence[Any]) -> None:
    """Add the markings of an MEI score to its parts, one for each staff."""
    marker = _Marker(root, parts)
    marker.number_staves()
    for number, measure in enumerate(all_of(root, "measure")):
        for element in measure:
            marker.control(element, number)
    for note in all_of(root, "note", "chord"):
        marker.articulate(note)
    for definition in all_of(root, "scoreDef")[:1]:
        if definition.get("midi.bpm"):
            add_tempo(parts[0], 0.0, float(definition.get("midi.bpm", "0")))


class _Marker:
    def __init__(self, root: _Element, parts: Sequence[Any]) -> None:
        from partitura.score import Note

        self.parts = parts
        self.firsts = _instruments(root)
        self.staves = [staff.get("n", str(n)) for n, staff in enumerate(_first_staves(root), 1)]
        self.notes = {
            str(note.id): (part, note)
            for part in parts
            for note in part.iter_all(Note, include_subclasses=True)
        }
        self.measures = [sorted(p.measures, key=lambda bar: bar.start.t) for p in parts]

    def number_staves(self) -> None:
        """Count the staves of every instrument from 1."""
        for index, part in enumerate(self.parts):
            for _, note in (entry for entry in self.notes.values() if entry[0] is part):
                written = str(note.staff)
                staff = self.staves.index(written) if written in self.staves else index
                note.staff = max(staff - self.firsts[index] + 1, 1)

    def control(self, element: _Element, measure: int) -> None:
        """Add what an element of a measure says."""
        kind = local_name(element)
        staff = self._staff(element)
        text = " ".join(" ".join(str(piece) for piece in element.itertext()).split())
        if kind in ("dynam", "dir", "hairpin"):
            start, end = self._start(element, measure, staff), self._end(element, measure, staff)
            if kind == "hairpin":
                add_hairpin(self._instrument(staff), start, end or start, element.get("form", ""))
            else:
                own = self._number_in_instrument(staff) if element.get("staff") else None
                add_text(self._instrument(staff), start, text, staff=own, end=end)
        elif kind == "tempo":
            self._tempo(element, self._start(element, measure, staff), text)
        elif kind in ("slur", "fermata", *_ORNAMENTS):
            self._over_notes(kind, element)

    def articulate(self, element: _Element) -> None:
        """Add articulations and the tremolo of a note, or of all notes of a chord."""
        if element.get(TREMOLO):
            for note in all_of(element, "note"):
                if str(note.get(ID)) in self.notes:
                    add_ornament(self.notes[str(note.get(ID))][1], "tremolo")
        kinds = element.get("artic", "").split()
        for child in element:
            if local_name(child) == "artic":
                kinds += child.get("artic", "").split()
        for note in all_of(element, "note") if kinds else []:
            known = self.notes.get(str(note.get(ID)))
            for kind in kinds:
                if known is not None and kind in _ARTICULATIONS:
                    add_articulation(known[1], _ARTICULATIONS[kind])

    def _over_notes(self, kind: str, element: _Element) -> None:
        first = self.notes.get(element.get("startid", "").lstrip("#"))
        last = self.notes.get(element.get("endid", "").lstrip("#"))
        if first is None:
            return
        if kind == "fermata":
            add_fermata(*first)
        elif kind == "slur" and last is not None and last[0] is first[0]:
            add_slur(first[0], first[1], last[1])
        elif kind in _ORNAMENTS:
            add_ornament(first[1], _ORNAMENTS[kind])

    def _tempo(self, element: _Element, start: float, text: str) -> None:
        mark, unit = element.get("mm"), element.get("mm.unit", "4")
        if element.get("midi.bpm"):
            add_tempo(self.parts[0], start, float(element.get("midi.bpm", "0")))
        elif mark and unit.isdecimal():
            dots = int(element.get("mm.dots", "0"))
            add_tempo(self.parts[0], start, float(mark) * 4 / int(unit) * (2 - 0.5**dots))
        else:
            add_text(self.parts[:1], start, text)

    def _staff(self, element: _Element) -> int:
        known = self.notes.get(element.get("startid", "").lstrip("#"))
        if not element.get("staff") and known is not None:
            return [part is known[0] for part in self.parts].index(True)
        number = element.get("staff", "").split(" ")[0]
        return self.staves.index(number) if number in self.staves else 0

    def _instrument(self, staff: int) -> list[Any]:
        first = self.firsts[staff]
        return [part for part, own in zip(self.parts, self.firsts, strict=True) if own == first]

    def _number_in_instrument(self, staff: int) -> int:
        return staff - self.firsts[staff] + 1

    def _start(self, element: _Element, measure: int, staff: int) -> float:
        known = self.notes.get(element.get("startid", "").lstrip("#"))
        if known is not None:
            return float(known[0].quarter_map(known[1].start.t))
        return self._at(measure, element.get("tstamp", "1"), staff)

    def _end(self, element: _Element, measure: int, staff: int) -> float | None:
        known = self.notes.get(element.get("endid", "").lstrip("#"))
        if known is not None:
            return float(known[0].quarter_map(known[1].end.t))
        found = re.fullmatch(r"(?:(\d+)m\+)?([\d.]+)", element.get("tstamp2", "").replace(" ", ""))
        return self._at(measure + int(found[1] or 0), found[2], staff) if found else None

    def _at(self, measure: int, stamp: str, staff: int) -> float:
        """Return the quarter of a beat in a measure, beats counted from 1 in the metre's unit."""
        part, bars = self.parts[staff], self.measures[staff]
        bar = bars[min(measure, len(bars) - 1)]
        unit = float(part.time_signature_map(bar.start.t)[1])
        return float(part.quarter_map(bar.start.t)) + max(float(stamp) - 1, 0.0) * 4 / unit
