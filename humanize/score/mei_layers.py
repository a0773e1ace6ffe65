"""The notes in the layers of an MEI measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from humanize.score.keys import Keys
from humanize.score.mei_names import ID, children, descendants, local_name, whole
from humanize.score.mei_staves import StaffDefinition
from humanize.score.written import LONGEST, Realisation, Repetition, WrittenNote

if TYPE_CHECKING:
    from lxml.etree import _Element

_STEPS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_LENGTHS = {"maxima": 32.0, "long": 16.0, "longa": 16.0, "breve": 8.0, "brevis": 8.0}
_ALTERS = {"s": 1, "f": -1, "n": 0, "ss": 2, "x": 2, "ff": -2, "xs": 3, "sx": 3, "ts": 3, "tf": -3,
           "nf": -1, "ns": 1, "su": 1, "sd": 1, "fu": -1, "fd": -1, "nu": 0, "nd": 0}  # fmt: skip
_ARTICULATIONS = {
    "acc": "accent", "marc": "marcato", "stacc": "staccato", "spicc": "staccato",
    "stacciss": "staccatissimo", "ten": "tenuto",
}  # fmt: skip
_WRAPPERS = ("beam", "beamSpan", "graceGrp", "ligature", "app", "lem", "choice", "orig", "corr",
             "supplied", "unclear", "add", "expan", "reg", "sic")  # fmt: skip
_MIDDLE_C = 60
_DRUM = 38
_STROKES = {8: 1, 16: 2, 32: 3, 64: 4, 128: 5}


class Metre(NamedTuple):
    """A time signature."""

    beats: int = 4
    unit: int = 4

    @property
    def quarters(self) -> float:
        """Quarter notes of a measure."""
        return self.beats * 4 / self.unit

    @property
    def beat(self) -> float:
        """Quarter notes of a beat; three units in compound metres."""
        compound = self.beats > 3 and self.beats % 3 == 0 and self.unit >= 8
        return 4 / self.unit * (3 if compound else 1)


@dataclass
class _Place:
    """Where a layer is being read.

    Attributes
    ----------
    measure, staff, voice : int
    definition : StaffDefinition
    now : float
        Quarters from the beginning of the measure.
    scale : float
        What tuplets make of written lengths.
    grace : bool
    """

    measure: int
    definition: StaffDefinition
    staff: int
    voice: int
    metre: Metre
    now: float = 0.0
    scale: float = 1.0
    grace: bool = False


class LayerReader:
    """Reads the staves of measures.

    Attributes
    ----------
    notes : dict of str to WrittenNote
        By their ids.
    chords : dict of str to list of WrittenNote
        The notes of what has an id: a chord, a tremolo.
    spelled : dict of str to (str, int, int, int)
        Of each note its step, octave, alteration and the sharps of its key.
    begins : dict of str to (int, float)
        Measure and quarter where what has an id begins.
    owners : dict of str to StaffDefinition
        The staff of each note.
    messages : list of str
    """

    def __init__(self, staves: Mapping[str, StaffDefinition], movement: _Element) -> None:
        self.staves = staves
        self.notes: dict[str, WrittenNote] = {}
        self.chords: dict[str, list[WrittenNote]] = {}
        self.spelled: dict[str, tuple[str, int, int, int]] = {}
        self.begins: dict[str, tuple[int, float]] = {}
        self.owners: dict[str, StaffDefinition] = {}
        self.messages: list[str] = []
        self.gestural = any(
            element.get("accid.ges") for element in descendants(movement, "note", "accid")
        )
        self._alters: dict[tuple[int, str, int], int] = {}
        self._sources: dict[int, int] = {}  # measures to those that they repeat
        self._lengths: list[float] = []
        self._first = 0

    def measure(self, element: _Element, number: int, metre: Metre) -> float:
        """Read the staves of a measure; return its length in quarter notes."""
        self._alters.clear()
        length, resting = 0.0, 0.0
        for staff in children(element, "staff"):
            definition = self.staves.get(staff.get("n", ""))
            if definition is None:
                continue
            for count, layer in enumerate(children(staff, "layer"), start=1):
                voice = whole(layer.get("n"), count) or count
                place = _Place(number, definition, definition.staff, voice, metre)
                rest = self._layer(layer, place, staff)
                length, resting = max(length, place.now), max(resting, rest)
        source = self._sources.get(number)
        repeated = self._lengths[source - self._first] if source is not None else 0.0
        self._first = number if not self._lengths else self._first
        self._lengths.append(length or resting or repeated or metre.quarters)
        return self._lengths[-1]

    def _layer(self, layer: _Element, place: _Place, staff: _Element) -> float:
        """Read a layer; return how long its rest of a whole measure is."""
        first = len(place.definition.part.notes)
        resting = 0.0
        for child in layer:
            kind = local_name(child)
            if kind in ("mRest", "mSpace"):
                resting = place.metre.quarters
            elif kind == "multiRest":
                resting = place.metre.quarters * min(max(whole(child.get("num"), 1), 1), 999)
            elif kind in ("mRpt", "mRpt2", "multiRpt"):
                self._repeat_measures(child, place, alone=_is_alone(layer, staff))
            else:
                self._read(child, place)
        for note in reversed(place.definition.part.notes[first:]):
            if not note.grace:
                break
            note.late = True
        return resting

    def _read(self, element: _Element, place: _Place) -> None:
        kind = local_name(element)
        act = _READERS.get(kind)
        if act is not None:
            act(self, element, place)
        elif kind in _WRAPPERS:
            self._read_all(element, place)

    def _read_all(self, element: _Element, place: _Place) -> None:
        for child in element:
            self._read(child, place)

    def _tuplet(self, element: _Element, place: _Place) -> None:
        count, base = whole(element.get("num")), whole(element.get("numbase"))
        before = place.scale
        place.scale *= base / count if count and base else 1.0
        self._read_all(element, place)
        place.scale = before

    def _graces(self, element: _Element, place: _Place) -> None:
        place.grace = True
        self._read_all(element, place)
        place.grace = False

    def _rest(self, element: _Element, place: _Place) -> None:
        self._begin(element, place)
        place.now += _length(element, element) * place.scale

    def _begin(self, element: _Element, place: _Place) -> None:
        if element.get(ID):
            self.begins[str(element.get(ID))] = (place.measure, place.now)

    def _note(self, element: _Element, place: _Place) -> None:
        self._sound([element], element, place)

    def _chord(self, element: _Element, place: _Place) -> None:
        self._sound(list(children(element, "note")), element, place)

    def _sound(self, notes: list[_Element], element: _Element, place: _Place) -> None:
        """Read notes that sound together, of a chord or one alone."""
        grace = place.grace or any(e.get("grace") for e in (element, *notes))
        length = min(_length(element, notes[0] if notes else element) * place.scale, LONGEST)
        self._begin(element, place)
        marks = _articulations(element)
        strokes = element.get("stem.mod", "")
        found = []
        for number, note in enumerate(notes):
            written = self._written(note, place, 0.0 if grace else length)
            written.grace, written.chord = grace, number > 0
            own = marks if note is element else marks + _articulations(note)
            written.marks += own
            stem = note.get("stem.mod") or strokes
            if stem.endswith("slash"):
                written.marks += ("ornament",)
                written.realisation = Realisation("tremolo", strokes=min(whole(stem[:-5]), 5))
            found.append(written)
            place.definition.part.notes.append(written)
        if element.get(ID):
            self.chords[str(element.get(ID))] = found
        place.now += 0.0 if grace else length

    def _written(self, element: _Element, place: _Place, length: float) -> WrittenNote:
        note_id = str(element.get(ID) or f"n{len(self.notes)}")
        written = WrittenNote(
            note_id=note_id,
            place=-1,
            measure=place.measure,
            onset=place.now,
            length=length,
            pitch=self._pitch(element, note_id, place),
            staff=self._staff(element, place),
            voice=place.voice,
            unpitched=place.definition.percussion or not element.get("pname"),
        )
        self.notes[note_id] = written
        self.owners[note_id] = place.definition
        self.begins[note_id] = (place.measure, place.now)
        return written

    def _staff(self, element: _Element, place: _Place) -> int:
        """Return the staff of a note, which may be another one of its part."""
        for holder in (element, element.getparent()):
            other = self.staves.get(holder.get("staff", "")) if holder is not None else None
            if other is not None and other.part is place.definition.part:
                return other.staff
        return place.staff

    def _pitch(self, element: _Element, note_id: str, place: _Place) -> int:
        given = whole(element.get("pnum"), -1)
        step = (element.get("pname") or "").lower()
        if step not in _STEPS:
            return (
                given if 0 <= given < 128 else _DRUM if place.definition.percussion else _MIDDLE_C
            )
        octave = whole(element.get("oct.ges") or element.get("oct"), 4)
        alter = self._alter(element, step, octave, place)
        self.spelled[note_id] = (step.upper(), octave, alter, place.definition.fifths)
        key = _STEPS[step] + alter + 12 * (octave + 1) + place.definition.semitones
        return min(max(key, 0), 127)

    def _alter(self, element: _Element, step: str, octave: int, place: _Place) -> int:
        signs = [element, *descendants(element, "accid")]
        written = next((s.get("accid") for s in signs if s.get("accid")), None)
        gesture = next((s.get("accid.ges") for s in signs if s.get("accid.ges")), None)
        key = (place.staff, step, octave)
        if written is not None or gesture is not None:
            alter = _ALTERS.get(str(gesture or written), 0)
            self._alters[key] = alter
            return alter
        if key in self._alters:
            return self._alters[key]
        return 0 if self.gestural else _alter_of_key(step, place.definition.fifths)

    def _tremolo(self, element: _Element, place: _Place) -> None:
        """Read a note that is struck again and again."""
        first = len(place.definition.part.notes)
        self._read_all(element, place)
        strokes = _STROKES.get(whole(element.get("unitdur")), 0)
        for note in place.definition.part.notes[first:]:
            stem = note.realisation.strokes if note.realisation else 0
            note.realisation = Realisation("tremolo", strokes=strokes or stem or 3)
            note.marks = tuple(dict.fromkeys((*note.marks, "ornament")))

    def _fingered_tremolo(self, element: _Element, place: _Place) -> None:
        """Read two notes in turn, which share the time that each of them has as written."""
        first, begin, before = len(place.definition.part.notes), place.now, place.scale
        place.scale /= 2
        self._read_all(element, place)
        place.scale = before
        strokes = whole(element.get("beams")) or _STROKES.get(whole(element.get("unitdur")), 3)
        middle = (begin + place.now) / 2 - 1e-6
        for note in place.definition.part.notes[first:]:
            second = note.onset > middle
            note.realisation = Realisation(
                "fingered-tremolo", strokes=min(strokes, 5), delayed=second
            )
            note.marks += ("ornament",)

    def _repeat_beat(self, element: _Element, place: _Place) -> None:
        self._repeat_within(place, place.metre.beat)

    def _repeat_half(self, element: _Element, place: _Place) -> None:
        self._repeat_within(place, place.metre.quarters / 2)

    def _repeat_within(self, place: _Place, length: float) -> None:
        source, first = place.measure, place.now - length
        if first < -1e-6:  # what stands before is at the end of the measure before
            source, first = place.measure - 1, place.metre.quarters - length + place.now
        if source >= 0:
            place.definition.part.repetitions.append(
                Repetition(
                    place.measure, place.now, source, first, first + length, place.staff,
                    place.voice,
                )
            )  # fmt: skip
        place.now += length

    def _repeat_measures(self, sign: _Element, place: _Place, *, alone: bool) -> None:
        count = {"mRpt": 1, "mRpt2": 2}.get(local_name(sign), whole(sign.get("num"), 2) or 2)
        if len(self._lengths) < count:
            self.messages.append(
                f"a sign in measure {place.measure + 1} repeats {count} measures, and fewer stand "
                "before it: left out"
            )
            return
        for offset in range(min(count, 64)):
            target = place.measure + offset
            self._sources[target] = target - count
            place.definition.part.repetitions.append(
                Repetition(
                    target, 0.0, target - count, 0.0, LONGEST, place.staff,
                    None if alone else place.voice,
                )
            )  # fmt: skip


_READERS = {
    "note": LayerReader._note,
    "chord": LayerReader._chord,
    "rest": LayerReader._rest,
    "space": LayerReader._rest,
    "tuplet": LayerReader._tuplet,
    "graceGrp": LayerReader._graces,
    "bTrem": LayerReader._tremolo,
    "fTrem": LayerReader._fingered_tremolo,
    "beatRpt": LayerReader._repeat_beat,
    "halfmRpt": LayerReader._repeat_half,
}


def _is_alone(layer: _Element, staff: _Element) -> bool:
    return sum(1 for _ in children(staff, "layer")) == 1 and layer.getparent() is staff


def _length(element: _Element, note: _Element) -> float:
    """Return the written length in quarter notes; that of a chord may stand at its notes."""
    text = element.get("dur") or note.get("dur") or element.get("dur.ges") or ""
    base = _LENGTHS.get(text) or (4 / whole(text) if whole(text) > 0 else 0.0)
    dots = whole(element.get("dots") or note.get("dots"))
    dots = max(dots, sum(1 for _ in children(element, "dot")))
    return base * (2 - 0.5 ** min(dots, 4))


def _articulations(element: _Element) -> tuple[str, ...]:
    kinds = (element.get("artic") or "").split()
    for child in children(element, "artic"):
        kinds += (child.get("artic") or "").split()
    return tuple(_ARTICULATIONS[kind] for kind in kinds if kind in _ARTICULATIONS)


def _alter_of_key(step: str, fifths: int) -> int:
    keys = Keys()
    keys.set(None, fifths)
    return keys.alter(step.upper(), 4)
