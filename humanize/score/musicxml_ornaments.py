"""Ornaments over a MusicXML note, with the notes beside it in its key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from humanize.score.keys import Keys
from humanize.score.written import Realisation, WrittenNote

if TYPE_CHECKING:
    from lxml.etree import _Element

_KINDS = {
    "trill-mark": "trill", "wavy-line": "trill", "shake": "trill",
    "mordent": "mordent", "inverted-mordent": "inverted-mordent", "schleifer": "inverted-mordent",
    "turn": "turn", "vertical-turn": "turn", "delayed-turn": "turn",
    "inverted-turn": "inverted-turn", "delayed-inverted-turn": "inverted-turn",
    "inverted-vertical-turn": "inverted-turn", "haydn": "turn",
}  # fmt: skip
_MOST_STROKES = 5


def realisation_of(ornaments: _Element, note: WrittenNote, keys: Keys) -> Realisation | None:
    """Return how the ornaments over a note are played; None where they have no notes.

    Parameters
    ----------
    ornaments : _Element
    note : WrittenNote
        The latest one that ``keys`` heard.
    keys : Keys
    """
    signs: dict[str, str] = {}
    found: _Element | None = None
    for child in ornaments:
        if child.tag == "accidental-mark":
            signs[child.get("placement") or "above"] = (child.text or "").strip()
        elif child.tag == "tremolo":
            return _tremolo(child)
        elif child.tag in _KINDS and not (child.tag == "wavy-line" and child.get("type") == "stop"):
            found = child if found is None or found.tag == "wavy-line" else found
    if found is None or note.unpitched:
        return None
    return Realisation(
        kind=_KINDS[found.tag],
        upper=keys.neighbour(1, signs.get("above")),
        lower=keys.neighbour(-1, signs.get("below")),
        delayed=str(found.tag).startswith("delayed"),
    )


def _tremolo(element: _Element) -> Realisation | None:
    text = (element.text or "").strip()
    strokes = min(int(text), _MOST_STROKES) if text.isdecimal() and len(text) < 3 else 0
    kind = element.get("type") or "single"
    if kind in ("start", "stop"):
        return Realisation("fingered-tremolo", strokes=strokes or 3, delayed=kind == "stop")
    return Realisation("tremolo", strokes=strokes) if kind in ("single", "unmeasured") else None
