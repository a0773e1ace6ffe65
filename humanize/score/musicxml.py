"""MusicXML, partwise or timewise, as a written score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from humanize.errors import ScoreError
from humanize.score.instruments import is_keyboard_name
from humanize.score.movements import SectionEnds, first_measures
from humanize.score.musicxml_bars import SignedMeasure, bars_of_parts
from humanize.score.musicxml_marks import read_marks
from humanize.score.musicxml_notes import PartReader, number
from humanize.score.text import parsed
from humanize.score.written import WrittenPart, WrittenScore

if TYPE_CHECKING:
    from lxml.etree import _Element

_DRUM_BANKS = (120, 126, 127)  # most significant bytes: General MIDI 2; Yamaha XG: effects, kits
_DRUM_CHANNEL = 10
PLACE = "place"
"""An attribute that notes are given here: their place among the notes of the file."""


def read_musicxml(text: bytes, name: str) -> WrittenScore:
    """Return a MusicXML score as written.

    Parameters
    ----------
    text : bytes
        UTF-8.
    name : str
        What messages call it.

    Raises
    ------
    ScoreError
        If it is not well-formed XML, or not MusicXML.
    """
    root = _without_namespaces(parsed(text, name))
    for place, note in enumerate(root.iter("note")):
        note.set(PLACE, str(place))
    if root.tag == "score-timewise":
        root = _partwise(root)
    if root.tag != "score-partwise":
        raise ScoreError(
            f"{name}: <{root.tag}> found; expected <score-partwise> or <score-timewise>"
        )
    return _written(root)


def _written(root: _Element) -> WrittenScore:
    declared = _declared_parts(root)
    score = WrittenScore()
    signed: list[list[SignedMeasure]] = []
    for element in root.iterfind("part"):
        known = declared.get(element.get("id", ""), _Declared())
        reader = PartReader(known.drum_keys)
        reader.read(element)
        part = _part(known, reader)
        read_marks(part, reader.signed)
        score.parts.append(part)
        signed.append(reader.signed)
    longest = max(signed, key=len, default=[])
    score.labels = [measure.label for measure in longest]
    score.lengths = [
        max(part[n].length for part in signed if n < len(part)) for n in range(len(longest))
    ]
    score.bars = bars_of_parts(signed)
    score.movements = first_measures(score, _section_ends(signed))
    return score


def _part(known: _Declared, reader: PartReader) -> WrittenPart:
    program = known.program
    if program < 0 and (is_keyboard_name(known.name) or reader.staves == 2):
        program = 0
    return WrittenPart(
        name=known.name,
        program=program,
        drums=known.drums,
        staves=reader.staves,
        brace=known.brace,
        notes=reader.notes,
        slurs=reader.slurs.pairs,
        repetitions=reader.repetitions(),
        tablatures=reader.tablatures,
        marks=reader.marks,
    )


def _section_ends(parts: list[list[SignedMeasure]]) -> SectionEnds:
    final: set[int] = set()
    repeated: set[int] = set()
    double: set[int] = set()
    for measure in (measure for part in parts for measure in part):
        for barline, _ in measure.barlines():
            style = (barline.findtext("bar-style") or "").strip()
            if barline.get("location") in (None, "right"):
                if style == "light-heavy" or barline.find("repeat") is not None:
                    own = repeated if barline.find("repeat") is not None else final
                    own.add(measure.number)
                elif style in ("light-light", "heavy-heavy"):
                    double.add(measure.number)
    return SectionEnds(final=final - repeated, repeated=repeated, double=double)


def _without_namespaces(root: _Element) -> _Element:
    if not str(root.tag).startswith("{"):
        return root
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2]
    return root


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


@dataclass(frozen=True, kw_only=True)
class _Declared:
    """What the part list says of a part."""

    name: str = "Part"
    program: int = -1
    drums: bool = False
    brace: str = ""
    drum_keys: Mapping[str, int] = field(default_factory=dict)


def _declared_parts(root: _Element) -> dict[str, _Declared]:
    found: dict[str, _Declared] = {}
    braces: list[tuple[str, str]] = []  # number of a group and what its parts are given
    for place, element in enumerate(root.iterfind("part-list/*")):
        group = element.get("number", "1")
        if element.tag == "part-group" and element.get("type") == "start":
            if (element.findtext("group-symbol") or "").strip() == "brace":
                braces.append((group, f"brace{place}"))
        elif element.tag == "part-group":
            braces = [(own, brace) for own, brace in braces if own != group]
        elif element.tag == "score-part":
            brace = braces[-1][1] if braces else ""
            found[element.get("id", "")] = _declared(element, brace, len(found) + 1)
    return found


def _declared(element: _Element, brace: str, count: int) -> _Declared:
    programs = [round(number(e.text)) for e in element.iter("midi-program")]
    channels = {round(number(e.text)) for e in element.iter("midi-channel")}
    banks = [round(number(e.text)) for e in element.iter("midi-bank")]
    keys = {
        declared.get("id", ""): key - 1
        for declared in element.iter("midi-instrument")
        if 1 <= (key := round(number(declared.findtext("midi-unpitched")))) <= 128
    }
    return _Declared(
        name=" ".join((element.findtext("part-name") or "").split()) or f"Part {count}",
        program=next((p - 1 for p in programs if 1 <= p <= 128), -1),
        drums=channels == {_DRUM_CHANNEL}
        or any((bank - 1) // 128 in _DRUM_BANKS for bank in banks),
        brace=brace,
        drum_keys=keys,
    )
