"""What stands in the layers of an MEI score, in elements that partitura reads."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

ID = "{http://www.w3.org/XML/1998/namespace}id"
TREMOLO = "tremolo"
"""An attribute that notes and chords are given here."""
_UNWRAPPED = ("bTrem", "fTrem", "graceGrp")
_DROPPED = ("sb", "pb", "lb", "cb", "annot", "meterSigGrp")
_SOUNDS = ("note", "chord", "rest", "mRest")
_OVER_NOTES = ("tie", "slur", "fermata", "trill", "mordent", "turn", "arpeg")
_LONGER = {"maxima": "long", "long": "breve", "breve": "1"}


def all_of(root: _Element, *names: str) -> list[_Element]:
    """Return all elements of these names, in the order of the file, in any namespace."""
    wanted = set(names)
    return [e for e in root.iter() if local_name(e) in wanted]


def local_name(element: _Element) -> str:
    """Return the name of an element in any namespace; nothing for a comment."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def expand_repeats(root: _Element) -> None:
    """Put the music in the place of signs that repeat one or more measures.

    What is over the notes (ties, slurs, fermatas, ornaments, arpeggios) is repeated with them,
    dynamics and words are not.
    """
    measures = all_of(root, "measure")
    for number, measure in enumerate(measures):
        for staff in [e for e in measure if local_name(e) == "staff"]:
            for layer in [e for e in staff if local_name(e) == "layer"]:
                count = max((_measures_of(e) for e in layer), default=0)
                for offset in range(count if count <= number else 0):
                    _repeat(measures, number + offset, count, (staff, layer))


def _measures_of(sign: _Element) -> int:
    """Return how many measures a sign repeats; 0 for any other element."""
    kind, count = local_name(sign), sign.get("num", "2")
    if kind == "multiRpt":
        return int(count) if count.isdecimal() else 2
    return {"mRpt": 1, "mRpt2": 2}.get(kind, 0)


def _repeat(
    measures: list[_Element], number: int, back: int, place: tuple[_Element, _Element]
) -> None:
    """Write into a layer of a measure what stands in that layer some measures before."""
    staff, layer = place
    if number >= len(measures):
        return
    source, target = _same(measures[number - back], staff), _same(measures[number], staff)
    into = _same(target, layer) if target is not None else None
    if source is None or target is None or into is None or _has_music(into):
        return
    copies = [deepcopy(e) for e in _repeated(source, target, layer)]
    renamed = _renamed(copies, f".m{number}")
    for copy in copies:
        into.addprevious(copy)
    if copies:
        target.remove(into)
    _repeat_signs(measures[number - back], measures[number], renamed)


def _has_music(layer: _Element) -> bool:
    return any(local_name(e) in _SOUNDS for e in layer.iterdescendants())


def _repeated(source: _Element, target: _Element, layer: _Element) -> list[_Element]:
    """Return the layers that one sign repeats: all, where it stands alone in its staff."""
    layers = [e for e in source if local_name(e) == "layer"]
    if sum(local_name(e) == "layer" for e in target) == 1:
        return layers
    return [e for e in layers if e.get("n") == layer.get("n")]


def _same(parent: _Element, child: _Element) -> _Element | None:
    """Return the element that has the name and number of another."""
    own = [e for e in parent if local_name(e) == local_name(child)]
    return next((e for e in own if e.get("n") == child.get("n")), None)


def _renamed(copies: list[_Element], suffix: str) -> dict[str, str]:
    """Give copies ids of their own; return them by the old ones, both as references."""
    renamed: dict[str, str] = {}
    for element in (e for copy in copies for e in copy.iter() if isinstance(e.tag, str)):
        old = element.get(ID, "")
        element.set(ID, old + suffix)
        renamed["#" + old] = f"#{old}{suffix}"
    return renamed


def _repeat_signs(source: _Element, target: _Element, renamed: dict[str, str]) -> None:
    for sign in [e for e in source if local_name(e) in _OVER_NOTES]:
        references = {
            name: sign.get(name, "").split()
            for name in ("startid", "endid", "plist")
            if sign.get(name)
        }
        if references and all(r in renamed for own in references.values() for r in own):
            copy = deepcopy(sign)
            copy.set(ID, f"{sign.get(ID)}.{target.get(ID)}")
            for name, own in references.items():
                copy.set(name, " ".join(renamed[r] for r in own))
            target.append(copy)


def mend_layers(root: _Element) -> None:
    """Take out of layers what partitura does not know and what sounds the same without it."""
    for element in all_of(root, *_UNWRAPPED):
        parent = element.getparent()
        if parent is not None:
            for child in list(element):
                _unwrap(child, element)
                element.addprevious(child)
            parent.remove(element)
    for element in all_of(root, *_DROPPED):
        parent = element.getparent()
        if parent is not None and local_name(parent) in ("layer", "beam", "tuplet", "chord"):
            parent.remove(element)
    for element in all_of(root, "mSpace"):
        element.tag = element.tag.replace("mSpace", "mRest")


def _unwrap(child: _Element, wrapper: _Element) -> None:
    """Give a note or chord what the element around it says.

    The two notes of an fTrem are written as long as both together; each is played for half of that,
    one after the other.
    """
    kind = local_name(wrapper)
    if kind == "graceGrp" and not child.get("grace"):
        child.set("grace", wrapper.get("grace", "unknown"))
    if kind in ("bTrem", "fTrem"):
        child.set(TREMOLO, "yes")
    if kind == "fTrem" and child.get("dur"):
        written = child.get("dur", "")
        child.set("dur", _LONGER.get(written) or str(2 * int(written)))
        child.attrib.pop("dur.ppq", "")
