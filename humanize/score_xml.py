"""MusicXML made ready for partitura: what that reader would refuse, lose or misread.

What is changed is a copy to be read and thrown away. Notes are known by their ids, which are
given where they are missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from humanize.errors import ScoreError
from humanize.score_arpeggios import Arpeggio
from humanize.score_bars import JUMPS, bars_of_parts
from humanize.score_order import Order, playing_order
from humanize.score_text import parsed

if TYPE_CHECKING:
    from lxml.etree import _Element

FORTE = 90.0
"""The velocity that MusicXML calls 100 % (MusicXML 4.0, attribute ``dynamics`` of ``note``)."""
_UNITS = {"long": 16.0, "breve": 8.0, "whole": 4.0, "half": 2.0, "quarter": 1.0, "eighth": 0.5,
          "16th": 0.25, "32nd": 0.125}  # fmt: skip
_LONGEST_MEASURE = 64.0  # quarter notes
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A score for partitura, and what partitura does not say.

    Attributes
    ----------
    text : bytes
        What partitura reads; MusicXML partwise, without repeats and jumps.
    order : sequence of (Place, Place)
        Stretches in the order they are played; empty where nobody has said.
    drum_pitch : mapping of str to int
        Id of an unpitched note to MIDI number.
    chord_graces : frozenset of str
        Ids of grace notes that sound together with the one before.
    late_graces : frozenset of str
        Ids of grace notes behind the last note of their measure, which they belong to.
    velocities : mapping of str to int
        Id of a note to the velocity that its ``dynamics`` say, 1-127.
    arpeggios : mapping of str to Arpeggio
        Id of a note to the arpeggio sign before it.
    programs : mapping of str to int
        Id of a part to its General MIDI program, 0-127.
    instruments : tuple of int
        For each part the first one of its instrument, 0-based, where parts are staves; empty
        where each is its own.
    finish : callable
        Adds to the parts what partitura leaves out of them.
    """

    text: bytes = b""
    order: Order = ()
    drum_pitch: Mapping[str, int] = field(default_factory=dict)
    chord_graces: frozenset[str] = frozenset()
    late_graces: frozenset[str] = frozenset()
    velocities: Mapping[str, int] = field(default_factory=dict)
    arpeggios: Mapping[str, Arpeggio] = field(default_factory=dict)
    programs: Mapping[str, int] = field(default_factory=dict)
    instruments: tuple[int, ...] = ()
    finish: Callable[[Sequence[Any]], None] | None = None


def prepare(text: bytes, name: str) -> Prepared:
    """Return a MusicXML score ready for partitura.

    Raises
    ------
    ScoreError
        If it is not well-formed XML, or not MusicXML.
    """
    root = parsed(text, name)
    if root.tag == "score-timewise":
        root = _partwise(root)
    if root.tag != "score-partwise":
        raise ScoreError(
            f"{name}: <{root.tag}> found; expected <score-partwise> or <score-timewise>"
        )
    return _prepared(root)


def _prepared(root: _Element) -> Prepared:
    from lxml import etree

    parts = root.findall("part")
    order = playing_order(bars_of_parts(parts))
    _mend_notes(root)
    for part in parts:
        _mend_forwards(part)
    _mend_directions(root)
    _mend_attributes(root)
    return Prepared(
        order=order,
        drum_pitch=_drum_pitches(root),
        chord_graces=frozenset(
            n.get("id", "") for n in _graces(root) if n.find("chord") is not None
        ),
        late_graces=frozenset(n.get("id", "") for n in _graces(root) if _is_late(n)),
        velocities=_velocities(root),
        arpeggios=_arpeggios(root),
        programs=_programs(root),
        text=etree.tostring(root, encoding="UTF-8"),
    )


def _graces(root: _Element) -> list[_Element]:
    return [note for note in root.iter("note") if note.find("grace") is not None]


def _is_late(grace: _Element) -> bool:
    """Return whether no other note follows in the measure before the next voice."""
    for element in grace.itersiblings():
        if element.tag == "backup":
            return True
        if element.tag == "note" and element.find("grace") is None:
            return False
    return True


def _partwise(root: _Element) -> _Element:
    """Return a timewise score with its measures inside parts."""
    from lxml import etree

    turned = etree.Element("score-partwise")
    turned.extend(e for e in root if e.tag != "measure")
    parts: dict[str, _Element] = {}
    for measure in root.findall("measure"):
        for part in measure.findall("part"):
            known = str(part.get("id"))
            if known not in parts:
                parts[known] = etree.SubElement(turned, "part", id=known)
            own = etree.SubElement(parts[known], "measure")
            own.attrib.update(measure.attrib)
            own.extend(list(part))
    return turned


def _mend_notes(root: _Element) -> None:
    taken = {note.get("id") for note in root.iter("note")}
    for place, note in enumerate(list(root.iter("note"))):
        if not note.get("id"):
            own = f"n{place}" if f"n{place}" not in taken else f"unnamed{place}"
            note.set("id", own)
        alter = note.find("pitch/alter")
        if alter is not None:
            alter.text = str(round(_number(alter.text, 0.0)))
        duration = note.find("duration")
        if duration is not None and "." in (duration.text or ""):
            duration.text = str(round(_number(duration.text, 0.0)))


def _mend_forwards(part: _Element) -> None:
    """Take out steps forward that are longer than any measure; some programs write them."""
    divisions = 1.0
    for element in list(part.iter("divisions", "forward")):
        if element.tag == "divisions":
            divisions = max(_number(element.text, 1.0), 1.0)
        elif _number(element.findtext("duration"), 0.0) / divisions > _LONGEST_MEASURE:
            _remove(element)


def _number(text: str | None, default: float) -> float:
    found = re.search(r"-?\d+(?:\.\d+)?", text or "")
    return float(found[0]) if found else default


def _mend_directions(root: _Element) -> None:
    """Take repeats and jumps out, and give metronome marks the tempo that they say."""
    for mark in [*root.iter("repeat"), *root.iter("ending")]:
        _remove(mark)
    for sound in root.iter("sound"):
        for jump in JUMPS:
            sound.attrib.pop(jump, "")
        tempo = sound.get("tempo")
        if tempo is not None and _number(tempo, 0.0) <= 0:
            del sound.attrib["tempo"]
    for empty in [e for e in root.iter("direction-type") if len(e) == 0]:
        _remove(empty)
    for direction in root.iter("direction"):
        _sound_metronome(direction)
    for kind in root.findall(".//direction-type"):
        _split_dynamics(kind)


def _split_dynamics(kind: _Element) -> None:
    """Give each of several dynamics in one place an element of its own; other ones are words."""
    from lxml import etree

    for together in kind.findall("dynamics"):
        for mark in list(together):
            own = etree.Element("words" if mark.tag == "other-dynamics" else "dynamics")
            if mark.tag == "other-dynamics":
                own.text = mark.text
                direction = etree.Element("direction-type")
                direction.append(own)
                kind.addprevious(direction)
            else:
                own.append(mark)
                together.addprevious(own)
        kind.remove(together)
    if len(kind) == 0:
        _remove(kind)


def _remove(element: _Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _sound_metronome(direction: _Element) -> None:
    from lxml import etree

    mark = direction.find("direction-type/metronome")
    if mark is None or any(s.get("tempo") for s in direction.findall("sound")):
        return
    units = mark.findall("beat-unit")
    found = _NUMBER.search(mark.findtext("per-minute") or "")
    if len(units) == 1 and found and (units[0].text or "").strip() in _UNITS:
        dots = len(mark.findall("beat-unit-dot"))
        quarters = _UNITS[(units[0].text or "").strip()] * (2 - 0.5**dots)
        sound = direction.find("sound")
        if sound is None:
            sound = etree.SubElement(direction, "sound")
        sound.set("tempo", f"{float(found[0]) * quarters:g}")


def _mend_attributes(root: _Element) -> None:
    """Write compound metres (3+2) as one number, and octaves of a transposition as half-tones."""
    for time in root.iter("time"):
        beats, unit = time.find("beats"), time.find("beat-type")
        if beats is not None and unit is not None:
            all_beats = [b.text or "" for b in time.findall("beats")]
            same = len({u.text for u in time.findall("beat-type")}) == 1
            chosen = all_beats if same else all_beats[:1]
            beats.text = str(sum(int(n) for n in re.findall(r"\d+", " ".join(chosen))))
    for transpose in root.iter("transpose"):
        octaves, chromatic = transpose.find("octave-change"), transpose.find("chromatic")
        if octaves is not None and chromatic is not None:
            total = _number(chromatic.text, 0.0) + 12 * _number(octaves.text, 0.0)
            chromatic.text = str(round(total))


def _drum_pitches(root: _Element) -> dict[str, int]:
    """Return what the instruments of unpitched notes play, by the ids of the notes."""
    sounds = {
        str(declared.get("id")): pitch - 1
        for declared in root.iter("midi-instrument")
        if 1 <= (pitch := round(_number(declared.findtext("midi-unpitched"), 0.0))) <= 128
    }
    named = {
        note.get("id", ""): instrument.get("id", "")
        for note in root.iter("note")
        if note.find("unpitched") is not None
        and (instrument := note.find("instrument")) is not None
    }
    return {note: sounds[own] for note, own in named.items() if own in sounds}


def _velocities(root: _Element) -> dict[str, int]:
    said = {
        note.get("id", ""): _number(note.get("dynamics"), 0.0) * FORTE / 100
        for note in root.iter("note")
        if note.get("dynamics")
    }
    return {note: min(max(round(value), 1), 127) for note, value in said.items() if value > 0}


def _arpeggios(root: _Element) -> dict[str, Arpeggio]:
    found: dict[str, Arpeggio] = {}
    for part in root.iterfind("part"):
        for note in part.iter("note"):
            sign = note.find("notations/arpeggiate")
            if sign is not None:
                label = f"{part.get('id')}-{sign.get('number')}" if sign.get("number") else ""
                found[note.get("id", "")] = Arpeggio(
                    label=label, down=sign.get("direction") == "down"
                )
    return found


def _programs(root: _Element) -> dict[str, int]:
    return {
        str(part.get("id")): program - 1
        for part in root.iter("score-part")
        if 1 <= (program := round(_number(part.findtext(".//midi-program"), 0.0))) <= 128
    }
