"""The notes of one MusicXML part, as written."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from humanize.score.keys import Keys
from humanize.score.musicxml_bars import SignedMeasure
from humanize.score.musicxml_ornaments import realisation_of
from humanize.score.written import LONGEST, Arpeggio, Mark, Repetition, WrittenNote

if TYPE_CHECKING:
    from lxml.etree import _Element

FORTE = 90.0
"""The velocity that MusicXML calls 100 % (MusicXML 4.0, attribute ``dynamics`` of ``note``)."""
STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_TYPES = {"maxima": 32.0, "long": 16.0, "breve": 8.0, "whole": 4.0, "half": 2.0, "quarter": 1.0,
          "eighth": 0.5, "16th": 0.25, "32nd": 0.125, "64th": 0.0625, "128th": 1 / 32}  # fmt: skip
_ACCIDENTALS = {"sharp": 1, "flat": -1, "natural": 0, "double-sharp": 2, "sharp-sharp": 2,
                "flat-flat": -2, "natural-sharp": 1, "natural-flat": -1}  # fmt: skip
_ARTICULATIONS = {
    "accent": "accent", "strong-accent": "marcato", "staccato": "staccato", "spiccato": "staccato",
    "staccatissimo": "staccatissimo", "tenuto": "tenuto", "detached-legato": "tenuto",
}  # fmt: skip
_LONGEST_FORWARD = 64.0  # quarter notes; some programs write longer ones where nothing is meant
_FIRST_NAMED_VOICE = 1000  # for voices that are called by a name
_MIDDLE_C = 60
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d*)?")


def number(text: str | None, default: float = 0.0) -> float:
    """Return the number that a text begins with, or holds."""
    if text is None:
        return default
    try:
        value = float(text)
    except ValueError:
        found = _NUMBER.search(text)
        return float(found[0]) if found else default
    return value if math.isfinite(value) and abs(value) < 1e9 else default


@dataclass
class Slurs:
    """The slurs of a part; one may end, in the order of the file, before it begins."""

    pairs: list[tuple[WrittenNote, WrittenNote]] = field(default_factory=list)
    begun: dict[str, WrittenNote] = field(default_factory=dict)
    ended: dict[str, WrittenNote] = field(default_factory=dict)

    def read(self, signs: list[_Element], note: WrittenNote) -> tuple[str, ...]:
        """Read the slurs at a note; return the marks that they are for it."""
        marks: list[str] = []
        for sign in sorted(signs, key=lambda s: s.get("type", ""), reverse=True):
            key, kind = sign.get("number") or f"voice {note.voice}", sign.get("type")
            if kind == "stop":
                marks.append("slur_end")
                first = self.begun.pop(key, None)
                if first is None:
                    self.ended[key] = note
                else:
                    self.pairs.append((first, note))
            elif kind == "start":
                marks.append("slur_start")
                last = self.ended.pop(key, None)
                if last is not None and (last.measure, last.onset) >= (note.measure, note.onset):
                    self.pairs.append((note, last))
                else:
                    self.begun[key] = note
        return tuple(marks)


class PartReader:
    """Reads a part measure by measure.

    Parameters
    ----------
    drum_keys : mapping of str to int
        What the instruments of a drum kit play, by their ids.

    Attributes
    ----------
    notes : list of WrittenNote
    marks : list of Mark
        Metres, and dynamics that are notations of notes.
    slurs : Slurs
    signed : list of SignedMeasure
    staves : int
    tablatures : set of int
    """

    def __init__(self, drum_keys: Mapping[str, int]) -> None:
        self.drum_keys = drum_keys
        self.notes: list[WrittenNote] = []
        self.marks: list[Mark] = []
        self.slurs = Slurs()
        self.signed: list[SignedMeasure] = []
        self.staves = 1
        self.tablatures: set[int] = set()
        self.keys = Keys()
        self._divisions = 1.0
        self._transpositions: dict[int, int] = {}
        self._voices: dict[str, int] = {}
        self._repeats: list[tuple[int, str, int, int | None]] = []
        self._begun = False  # whether a chord may follow
        self._begin = 0.0
        self._length = 0.0

    def read(self, part: _Element) -> None:
        """Read all measures of a part."""
        for count, element in enumerate(part.iterfind("measure")):
            label = (element.get("number") or str(count + 1)).strip()
            self._measure(element, SignedMeasure(count, label))

    def _measure(self, element: _Element, measure: SignedMeasure) -> None:
        self.signed.append(measure)
        self.keys.new_measure()
        now, self._begun, behind = 0.0, False, len(measure.signs)
        first_note = len(self.notes)
        for child in element:
            tag = child.tag
            if tag == "note":
                now = self._note(child, measure.number, now)
                behind = len(measure.signs)
            elif tag == "backup":
                now = max(now - self._duration(child), 0.0)
                self._late_graces(first_note, measure.number)
            elif tag == "forward":
                length = self._duration(child)
                now += length if length <= _LONGEST_FORWARD else 0.0
            elif tag == "attributes":
                self._attributes(child, measure.number, now)
            elif tag in ("direction", "sound", "barline"):
                measure.signs.append((child, now, False))
            measure.length = max(measure.length, now)
        measure.signs[behind:] = [
            (sign, quarter, len(self.notes) > first_note or now > 0)
            for sign, quarter, _ in measure.signs[behind:]
        ]
        self._late_graces(first_note, measure.number)

    def _late_graces(self, first: int, measure: int) -> None:
        """Say of grace notes that no other note follows before the next voice."""
        for note in reversed(self.notes[first:]):
            if not note.grace:
                break
            note.late = True

    def _duration(self, element: _Element) -> float:
        value = number(element.findtext("duration")) / self._divisions
        return min(max(value, 0.0), LONGEST)

    def _attributes(self, element: _Element, measure: int, now: float) -> None:
        for child in element:
            act = _ATTRIBUTES.get(child.tag)
            if act is not None:
                act(self, child, measure, now)

    def _set_divisions(self, element: _Element, measure: int, now: float) -> None:
        value = number(element.text)
        self._divisions = value if value > 0 else self._divisions

    def _set_key(self, element: _Element, measure: int, now: float) -> None:
        fifths = element.findtext("fifths")
        if fifths is not None:
            self.keys.set(_staff(element), round(number(fifths)))

    def _set_metre(self, element: _Element, measure: int, now: float) -> None:
        beats, units = element.findall("beats"), element.findall("beat-type")
        same = len({unit.text for unit in units}) == 1
        texts = [beat.text or "" for beat in (beats if same else beats[:1])]
        count = sum(int(n) for n in re.findall(r"\d{1,4}", " ".join(texts)))
        unit = round(number(units[0].text)) if units else 0
        if count > 0 and unit > 0:
            self.marks.append(Mark("metre", measure, now, None, "", count, unit))

    def _set_staves(self, element: _Element, measure: int, now: float) -> None:
        self.staves = max(self.staves, min(round(number(element.text, 1.0)), 16))

    def _set_clef(self, element: _Element, measure: int, now: float) -> None:
        if (element.findtext("sign") or "").strip().upper() == "TAB":
            self.tablatures.add(_staff(element) or 1)

    def _set_transposition(self, element: _Element, measure: int, now: float) -> None:
        chromatic = number(element.findtext("chromatic"))
        octaves = number(element.findtext("octave-change"))
        self._transpositions[_staff(element) or 0] = round(chromatic + 12 * octaves)

    def _set_style(self, element: _Element, measure: int, now: float) -> None:
        sign = element.find("measure-repeat")
        if sign is not None:
            count = max(round(number(sign.text, 1.0)), 1)
            self._repeats.append((measure, sign.get("type", ""), count, _staff(element)))

    def _note(self, element: _Element, measure: int, now: float) -> float:
        """Read a note or rest; return where the next one stands."""
        found = {child.tag: child for child in element}
        grace, chord = "grace" in found, "chord" in found and self._begun
        length, step = (0.0, 0.0) if grace else self._note_length(found)
        onset = self._begin if chord else now
        if chord:
            length = min(length, self._length) if length > 0 else self._length
        note = self._sounding(element, found, measure, onset)
        if not chord:
            self._begin, self._length, self._begun = onset, length, True
        if note is None and "notations" in found:
            self._fermata(element, measure, onset)
        if note is not None:
            note.length, note.grace, note.chord = length, grace, chord
            self._notations(element, found, note)
            self.notes.append(note)
        return now if chord or grace else max(now + step, 0.0)

    def _fermata(self, rest: _Element, measure: int, onset: float) -> None:
        if rest.find("notations/fermata") is not None:
            self.marks.append(Mark("fermata", measure, onset))

    def _note_length(self, found: Mapping[str, _Element]) -> tuple[float, float]:
        """Return how long a note is, and how far behind it the next one stands.

        They differ where a program wrote a duration below nought.
        """
        duration, kind = found.get("duration"), found.get("type")
        step = number(duration.text) / self._divisions if duration is not None else 0.0
        step = min(max(step, -LONGEST), LONGEST)
        if step > 0:
            return step, step
        length = _TYPES.get((kind.text or "").strip(), 0.0) if kind is not None else 0.0
        return length, step if duration is not None else length

    def _sounding(
        self, element: _Element, found: Mapping[str, _Element], measure: int, onset: float
    ) -> WrittenNote | None:
        staff = max(min(round(number(_text(found, "staff"), 1.0)), 16), 1)
        pitch, unpitched = self._pitch(found, staff), "unpitched" in found
        if pitch is None:
            return None
        place = int(element.get("place", "-1"))
        given = element.get("dynamics")
        percent = number(given) if given is not None else 0.0
        return WrittenNote(
            note_id=element.get("id") or element.get("ID") or f"n{place}",
            place=place,
            measure=measure,
            onset=onset,
            length=0.0,
            pitch=pitch,
            staff=staff,
            voice=self._voice(_text(found, "voice")),
            unpitched=unpitched,
            velocity=min(max(round(percent * FORTE / 100), 1), 127) if percent > 0 else 0,
        )

    def _voice(self, text: str | None) -> int:
        text = (text or "1").strip()
        if text.isdecimal() and len(text) < 6:
            return int(text) or 1
        return self._voices.setdefault(text, _FIRST_NAMED_VOICE + len(self._voices))

    def _pitch(self, found: Mapping[str, _Element], staff: int) -> int | None:
        instrument = found.get("instrument")
        if instrument is not None and instrument.get("id") in self.drum_keys:
            sounds = "unpitched" in found or "pitch" in found
            return self.drum_keys[instrument.get("id", "")] if sounds else None
        pitch = found.get("pitch")
        if pitch is None:
            return _unpitched_key(found["unpitched"]) if "unpitched" in found else None
        own = {child.tag: child.text for child in reversed(pitch)}  # the first of a name counts
        step = (own.get("step") or "").strip().upper()
        if step not in STEPS:
            return None
        alter = number(own["alter"]) if "alter" in own else self._accidental(found)
        octave = round(number(own.get("octave"), 4.0))
        self.keys.heard(step, octave, round(alter))
        by = self._transpositions.get(staff, self._transpositions.get(0, 0))
        key = STEPS[step] + round(alter) + 12 * (octave + 1) + by
        return min(max(key, 0), 127)

    def _accidental(self, found: Mapping[str, _Element]) -> float:
        sign = found.get("accidental")
        return _ACCIDENTALS.get((sign.text or "").strip(), 0) if sign is not None else 0

    def _notations(
        self, element: _Element, found: Mapping[str, _Element], note: WrittenNote
    ) -> None:
        """Read what stands over a note; a ``tied`` alone is a tie."""
        ties = element.findall("tie") if "tie" in found else []
        if "notations" in found:
            for notations in element.iterfind("notations"):
                ties += notations.findall("tied")
                self._read_notations(notations, note)
        kinds = {tie.get("type") for tie in ties}
        note.tied_to = bool(kinds & {"start", "continue"})
        note.tied_from = bool(kinds & {"stop", "continue"})

    def _read_notations(self, notations: _Element, note: WrittenNote) -> None:
        for child in notations:
            tag = child.tag
            if tag == "articulations":
                note.marks += tuple(_ARTICULATIONS[a.tag] for a in child if a.tag in _ARTICULATIONS)
            elif tag == "fermata":
                self.marks.append(Mark("fermata", note.measure, note.onset))
            elif tag == "ornaments" and len(child):
                note.marks += ("ornament",)
                note.realisation = realisation_of(child, note, self.keys) or note.realisation
            elif tag == "arpeggiate":
                label, down = child.get("number") or "", child.get("direction") == "down"
                note.arpeggio = Arpeggio(label=label, down=down)
            elif tag == "dynamics":
                self.marks += [
                    Mark("level", note.measure, note.onset, note.staff, _dynamic(mark))
                    for mark in child
                ]
        slurs = notations.findall("slur")
        if slurs:
            note.marks += self.slurs.read(slurs, note)

    def repetitions(self) -> list[Repetition]:
        """Return what the signs that repeat measures stand for."""
        found: list[Repetition] = []
        for place, (first, kind, count, staff) in enumerate(self._repeats):
            if kind == "start" and first >= count:
                last = next(
                    (m for m, k, _, s in self._repeats[place + 1 :] if k == "stop" and s == staff),
                    len(self.signed),
                )
                found += [
                    Repetition(m, 0.0, m - count, 0.0, self.signed[m - count].length, staff)
                    for m in range(first, min(last, len(self.signed)))
                ]
        return found


_ATTRIBUTES: dict[str, Callable[[PartReader, _Element, int, float], None]] = {
    "divisions": PartReader._set_divisions,
    "key": PartReader._set_key,
    "time": PartReader._set_metre,
    "staves": PartReader._set_staves,
    "clef": PartReader._set_clef,
    "transpose": PartReader._set_transposition,
    "measure-style": PartReader._set_style,
}


def _text(found: Mapping[str, _Element], tag: str) -> str | None:
    element = found.get(tag)
    return element.text if element is not None else None


def _staff(element: _Element) -> int | None:
    text = element.get("number", "")
    return int(text) if text.isdecimal() and len(text) < 3 else None


def _unpitched_key(element: _Element) -> int:
    step, octave = element.findtext("display-step"), element.findtext("display-octave")
    if (step or "").strip().upper() not in STEPS or octave is None:
        return _MIDDLE_C
    key = STEPS[(step or "").strip().upper()] + 12 * (round(number(octave, 4.0)) + 1)
    return min(max(key, 0), 127)


def _dynamic(mark: _Element) -> str:
    return (mark.text or "").strip() if mark.tag == "other-dynamics" else str(mark.tag)
