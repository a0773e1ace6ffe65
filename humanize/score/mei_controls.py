"""What stands beside the staves of an MEI measure: dynamics, words, ties, slurs, ornaments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from humanize.score.keys import Keys
from humanize.score.mei_layers import LayerReader, Metre
from humanize.score.mei_names import ID, children, reference, whole, words_of
from humanize.score.mei_staves import StaffDefinition
from humanize.score.written import Arpeggio, Mark, Realisation, WrittenNote, WrittenPart

if TYPE_CHECKING:
    from lxml.etree import _Element

_ACCIDENTALS = {"s": "sharp", "f": "flat", "n": "natural", "ss": "double-sharp",
                "x": "double-sharp", "ff": "flat-flat"}  # fmt: skip
_LOWEST_TEMPO, _HIGHEST_TEMPO = 5, 1000  # quarter notes a minute
_TSTAMP = re.compile(r"(?:(\d{1,4})m\s*\+)?\s*(\d+(?:\.\d+)?)")
_MOST_MESSAGES = 3
_PEDALS = {"down": "start", "up": "stop", "bounce": "change", "half": "start"}


@dataclass
class ControlReader:
    """Reads control elements into the parts of their staves.

    Attributes
    ----------
    staves : mapping of str to StaffDefinition
    layers : LayerReader
        Which has read the notes of the same measures.
    messages : list of str
    """

    staves: Mapping[str, StaffDefinition]
    layers: LayerReader
    messages: list[str] = field(default_factory=list)
    metres: list[tuple[Metre, float]] = field(default_factory=list)
    first: int = -1
    later: list[tuple[_Element, int]] = field(default_factory=list)
    by_measure: dict[int, dict[int, list[WrittenNote]]] = field(default_factory=dict)

    def measure(self, element: _Element, number: int, metre: Metre, length: float) -> None:
        """Read the control elements of a measure; those that reach further wait for the end."""
        self.first = number if self.first < 0 else self.first
        self.metres.append((metre, length))
        names = ("dynam", "dir", "tempo", "hairpin", "tie", "slur", "fermata", "trill", "mordent",
                 "turn", "arpeg", "ornam", "pedal")  # fmt: skip
        self.later += [(child, number) for child in children(element, *names)]

    def finish(self) -> None:
        """Read what has been waiting."""
        for element, number in self.later:
            kind = str(element.tag).rpartition("}")[2]
            act = _CONTROLS.get(kind)
            if act is not None:
                act(self, element, number)

    def _text(self, element: _Element, measure: int) -> None:
        """Read a dynamic or words."""
        text = words_of(element)
        part, staff = self._staff(element)
        if not text or part is None:
            return
        place = self._start(element, measure)
        is_dynamic = str(element.tag).endswith("dynam")
        end = self._end(element, measure)
        part.marks.append(Mark("level" if is_dynamic else "words", *place, staff, text, end=end))

    def _tempo(self, element: _Element, measure: int) -> None:
        self._text(element, measure)
        part = self._staff(element)[0]
        unit = whole(element.get("mm.unit"), 4) or 4
        written = (
            _number(element.get("mm"))
            * 4
            / unit
            * (2 - 0.5 ** min(whole(element.get("mm.dots")), 3))
        )
        tempo = _number(element.get("midi.bpm")) or written
        if part is not None and _LOWEST_TEMPO <= tempo <= _HIGHEST_TEMPO:
            part.marks.append(Mark("tempo", *self._start(element, measure), value=tempo))

    def _hairpin(self, element: _Element, measure: int) -> None:
        part, staff = self._staff(element)
        end = self._end(element, measure)
        form = element.get("form")
        if part is not None and end is not None and form in ("cres", "dim"):
            kind: str = "cresc" if form == "cres" else "dim"
            part.marks.append(
                Mark(kind, *self._start(element, measure), staff, end=end)  # type: ignore[arg-type]
            )

    def _tie(self, element: _Element, measure: int) -> None:
        first = self.layers.notes.get(reference(element, "startid"))
        last = self.layers.notes.get(reference(element, "endid"))
        if first is None or last is None or first is last:
            return
        if (last.measure, last.onset) < (first.measure, first.onset) or first.pitch != last.pitch:
            where = f"measure {measure + 1}"
            what = "leads backwards" if first.pitch == last.pitch else "joins two pitches"
            if len(self.messages) < _MOST_MESSAGES:
                self.messages.append(f"a tie in {where} {what}: left out")
            return
        if first.continued is None and not last.tied_from:
            first.tied_to, last.tied_from = True, True
            first.continued = last

    def _slur(self, element: _Element, measure: int) -> None:
        first, last = self._note(element, "startid"), self._note(element, "endid")
        part = self._staff(element)[0]
        if first is None or last is None or part is None:
            return
        first.marks += ("slur_start",)
        last.marks += ("slur_end",)
        if (first.measure, first.onset) <= (last.measure, last.onset):
            part.slurs.append((first, last))

    def _fermata(self, element: _Element, measure: int) -> None:
        part = self._staff(element)[0]
        place = self.layers.begins.get(reference(element, "startid"))
        if part is not None and (place is not None or element.get("tstamp")):
            where = place or self._start(element, measure)
            part.marks.append(Mark("fermata", *where))

    def _pedal(self, element: _Element, measure: int) -> None:
        part, staff = self._staff(element)
        kind = _PEDALS.get(element.get("dir", ""))
        if part is not None and kind is not None and element.get("func") in (None, "sustain"):
            part.marks.append(Mark("pedal", *self._start(element, measure), staff, kind))

    def _ornament(self, element: _Element, measure: int) -> None:
        kind = str(element.tag).rpartition("}")[2]
        note = self._note(element, "startid") or self._note_at(element, measure)
        if note is None:
            return
        note.marks += ("ornament",)
        named = {"mordent": {"upper": "inverted-mordent"}, "turn": {"lower": "inverted-turn"}}
        own = named.get(kind, {}).get(element.get("form", ""), kind)
        upper, lower = (self._neighbour(note, by, element) for by in (1, -1))
        note.realisation = Realisation(own, upper, lower, delayed=element.get("delayed") == "true")

    def _neighbour(self, note: WrittenNote, by: int, element: _Element) -> int:
        if note.note_id not in self.layers.spelled:
            return 2
        step, octave, alter, fifths = self.layers.spelled[note.note_id]
        keys = Keys()
        keys.set(None, fifths)
        keys.last = (step, octave, alter)
        sign = element.get("accidupper" if by > 0 else "accidlower") or ""
        return keys.neighbour(by, _ACCIDENTALS.get(sign))

    def _arpeggio(self, element: _Element, measure: int) -> None:
        if element.get("order") == "nonarp":
            return
        sign = Arpeggio(label=str(element.get(ID)), down=element.get("order") == "down")
        for named in (element.get("plist") or element.get("startid") or "").split():
            own = named.lstrip("#")
            notes = self.layers.chords.get(own, [])
            single = self.layers.notes.get(own)
            for note in notes or ([single] if single is not None else []):
                note.arpeggio = sign

    def _note(self, element: _Element, attribute: str) -> WrittenNote | None:
        """Return the note that is referred to, the first one of a chord."""
        own = reference(element, attribute)
        chord = self.layers.chords.get(own)
        return self.layers.notes.get(own) or (chord[0] if chord else None)

    def _note_at(self, element: _Element, measure: int) -> WrittenNote | None:
        part, staff = self._staff(element)
        if part is None or not element.get("tstamp"):
            return None
        where, quarter = self._start(element, measure)
        near = [
            n
            for n in self._measures(part).get(where, ())
            if abs(n.onset - quarter) < 1e-3 and staff in (None, n.staff)
        ]
        return max(near, key=lambda n: n.pitch, default=None)

    def _measures(self, part: WrittenPart) -> dict[int, list[WrittenNote]]:
        """Return the notes of a part by their measures."""
        if id(part) not in self.by_measure:
            found: dict[int, list[WrittenNote]] = {}
            for note in part.notes:
                found.setdefault(note.measure, []).append(note)
            self.by_measure[id(part)] = found
        return self.by_measure[id(part)]

    def _staff(self, element: _Element) -> tuple[WrittenPart | None, int | None]:
        """Return the part of an element, and its staff where it says a single one."""
        numbers = (element.get("staff") or "").split()
        found = [self.staves[n] for n in numbers if n in self.staves]
        if found:
            alone = len(found) == 1
            return found[0].part, found[0].staff if alone else None
        note = self._note(element, "startid")
        if note is not None:
            return self.layers.owners[note.note_id].part, None
        first = next(iter(self.staves.values()), None)
        return (first.part if first is not None else None), None

    def _start(self, element: _Element, measure: int) -> tuple[int, float]:
        place = self.layers.begins.get(reference(element, "startid"))
        return place or self._at(measure, _number(element.get("tstamp")) or 1.0)

    def _end(self, element: _Element, measure: int) -> tuple[int, float] | None:
        note = self._note(element, "endid")
        if note is not None:
            return note.measure, note.onset + note.length
        found = _TSTAMP.fullmatch((element.get("tstamp2") or "").strip())
        return self._at(measure + whole(found[1]), float(found[2])) if found else None

    def _at(self, measure: int, stamp: float) -> tuple[int, float]:
        """Return the place of a beat, counted from 1 in units of the metre.

        The beats of an upbeat are those of a whole measure, if they are more than it has.
        """
        index = min(measure - self.first, len(self.metres) - 1)
        metre, length = self.metres[max(index, 0)]
        quarter = max(stamp - 1, 0.0) * 4 / metre.unit
        if quarter >= length - 1e-6 and quarter < metre.quarters - 1e-6:
            quarter = max(quarter - (metre.quarters - length), 0.0)
        return self.first + max(index, 0), min(quarter, length)


def _number(text: str | None) -> float:
    found = re.search(r"\d{1,6}(?:\.\d+)?", text or "")
    return float(found[0]) if found else 0.0


_CONTROLS = {
    "dynam": ControlReader._text,
    "dir": ControlReader._text,
    "tempo": ControlReader._tempo,
    "hairpin": ControlReader._hairpin,
    "tie": ControlReader._tie,
    "slur": ControlReader._slur,
    "fermata": ControlReader._fermata,
    "trill": ControlReader._ornament,
    "mordent": ControlReader._ornament,
    "turn": ControlReader._ornament,
    "ornam": ControlReader._ornament,
    "arpeg": ControlReader._arpeggio,
    "pedal": ControlReader._pedal,
}
