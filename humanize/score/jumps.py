"""Jumps in words: *D.C. al Fine*, *dal segno*, *To Coda*, *Fine*."""

from __future__ import annotations

import re

_BACK = r"(?:(?:[\w.]+ ){0,2}(?:%s))(?: (?:al|alla|ad|e|poi|fino|senza)\b.*)?"
_WORDS = (
    ("dacapo", re.compile(_BACK % r"d\.? ?c\.?|da capo")),
    ("dalsegno", re.compile(_BACK % r"d\.? ?s\.?|dal segno")),
    ("tocoda", re.compile(r"to coda|al coda|alla coda")),
    ("fine", re.compile(r"(il )?fine")),
)


_AT_ONCE = re.compile(r"d\.? ?[cs]\b|da capo|dal segno|to coda|al|il|fine")


def names_its_target(text: str) -> bool:
    """Return whether words of a jump begin with the name of what it leads to."""
    jump = read_words(text) in ("dacapo", "dalsegno")
    return jump and not _AT_ONCE.match(_plain(text))


def _plain(text: str) -> str:
    return " ".join(text.lower().split()).strip(".:()[] ")


def read_words(text: str) -> str:
    """Return which jump words are: "fine", "dacapo", "dalsegno", "tocoda", or "" for none.

    ``sound`` elements of MusicXML have these names for them.
    """
    plain = _plain(text)
    return next((jump for jump, form in _WORDS if form.fullmatch(plain)), "")
