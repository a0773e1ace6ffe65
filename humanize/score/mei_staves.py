"""The staves of an MEI score, as parts: staves in a brace are one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from humanize.score.instruments import is_keyboard_name
from humanize.score.mei_names import children, descendants, local_name, whole, words_of
from humanize.score.written import WrittenPart

if TYPE_CHECKING:
    from lxml.etree import _Element

_DRUM_CHANNEL = 10


@dataclass
class StaffDefinition:
    """What holds for a staff.

    Attributes
    ----------
    part : WrittenPart
    staff : int
        Within the part, 1 the uppermost.
    fifths : int
        Sharps of the key, flats below 0.
    semitones : int
        Transposition.
    percussion : bool
    """

    part: WrittenPart
    staff: int = 1
    fifths: int = 0
    semitones: int = 0
    percussion: bool = False


def parts_of(movement: _Element) -> tuple[list[WrittenPart], dict[str, StaffDefinition]]:
    """Return the parts of a movement, and what holds for each of its staves at its beginning."""
    group = next(descendants(movement, "staffGrp"), None)
    parts: list[WrittenPart] = []
    staves: dict[str, StaffDefinition] = {}
    if group is None:
        return parts, staves
    found = list(descendants(group, "staffDef"))
    pair = len(found) == 2 and not any(_name(s) or _instrument(s) is not None for s in found)
    owners: dict[int, WrittenPart] = {}
    for place, definition in enumerate(found):
        parent = definition.getparent()
        owner = group if pair else parent
        braced = pair or (parent is not None and _is_braced(parent))
        key = id(owner) if braced and owner is not None else id(definition)
        if braced and not pair and _is_apart(definition, parent):
            key = id(definition)
        if key not in owners:
            owners[key] = _part(definition, parent if braced else None, len(parts) + 1)
            parts.append(owners[key])
        part = owners[key]
        part.staves = 1 + sum(known.part is part for known in staves.values())
        number = definition.get("n") or str(place + 1)
        staves[number] = StaffDefinition(part=part, staff=part.staves)
    for part in parts:
        if part.program < 0 and (is_keyboard_name(part.name) or part.staves == 2):
            part.program = 0
    return parts, staves


def change_staves(element: _Element, staves: Mapping[str, StaffDefinition]) -> None:
    """Read keys, transpositions and clefs of a score's or staff's definition."""
    if local_name(element) == "scoreDef":
        for known in staves.values():
            _change(known, element)
    for definition in descendants(element, "staffDef"):
        known_staff = staves.get(definition.get("n", ""))
        if known_staff is not None:
            _change(known_staff, definition)


def _change(staff: StaffDefinition, element: _Element) -> None:
    key = element.get("keysig") or element.get("key.sig")
    for sign in children(element, "keySig"):
        key = sign.get("sig") or key
    if key:
        staff.fifths = fifths_of(key)
    if element.get("trans.semi"):
        staff.semitones = whole(element.get("trans.semi"))
    shapes = [element.get("clef.shape"), *(c.get("shape") for c in children(element, "clef"))]
    if any(shapes):
        staff.percussion = "perc" in shapes


def fifths_of(signature: str) -> int:
    """Return the sharps (flats below 0) of a key signature such as ``"2s"``."""
    count, sign = whole(signature[:-1]), signature[-1:]
    return {"s": min(count, 7), "f": -min(count, 7)}.get(sign, 0)


def _is_braced(group: _Element) -> bool:
    return group.get("symbol") == "brace" or any(
        sign.get("symbol") == "brace" for sign in children(group, "grpSym")
    )


def _is_apart(definition: _Element, group: _Element | None) -> bool:
    """Return whether staves of a brace have names of their own that differ."""
    names = {_name(staff) for staff in children(group, "staffDef")} if group is not None else set()
    return len(names - {""}) > 1 and bool(_name(definition))


def _name(element: _Element) -> str:
    for label in children(element, "label"):
        return words_of(label)
    return " ".join((element.get("label") or "").split())


def _instrument(element: _Element) -> _Element | None:
    return next(children(element, "instrDef"), None)


def _part(definition: _Element, group: _Element | None, number: int) -> WrittenPart:
    name = (_name(group) if group is not None else "") or _name(definition)
    instrument = _instrument(definition)
    if instrument is None and group is not None:
        instrument = _instrument(group)
    program, channel = -1, 0
    if instrument is not None:
        program = whole(instrument.get("midi.instrnum"), -1)
        channel = whole(instrument.get("midi.channel"))
    return WrittenPart(
        name=name or f"Part {number}",
        program=program if 0 <= program < 128 else -1,
        drums=channel == _DRUM_CHANNEL,
        brace="" if group is None else f"brace{number}",
    )
