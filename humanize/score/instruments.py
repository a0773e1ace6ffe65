"""Which parts of a score are heard as one instrument.

Parts that are the hands of one keyboard are one: those of one name, of one brace, or of one program
where each has a single staff. Strings and winds stay apart, whatever their programs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from humanize.score.written import WrittenPart

Split = Literal["programs", "parts", "tracks", "none"]

_KEYBOARD = re.compile(
    r"piano|klavier|clavier|keyboard|fl[uü]gel|cembalo|harpsichord|clave[cs]|organ|orgel|orgue"
    r"|celesta|harp|harfe|arpa|pf\b|pno\b|rhodes|accordion|harmonium|fortepiano"
)
_HARMONICA = re.compile(r"harmonica|organo? di bocca|forte")
_HANDS = re.compile(
    r"\b(r\.?\s?h\.?|l\.?\s?h\.?|right|left|hand|rechte|linke|main|droite|gauche|mano|destra"
    r"|sinistra|m\.?\s?d\.?|m\.?\s?[gs]\.?|upper|lower|staff|treble|bass|i{1,2}|[12])\b|[()\[\],.:-]"
)
_KEYBOARD_PROGRAMS = (*range(8), 8, *range(16, 22), 46)


def is_keyboard_name(name: str) -> bool:
    """Return whether a part's name is that of a piano or its kin."""
    return "piano" in name.lower()


def instruments_of(parts: Sequence[WrittenPart], split: Split) -> list[int]:
    """Return for each part the first part of its instrument, 0-based.

    Parameters
    ----------
    parts : sequence of WrittenPart
    split : "programs", "parts" (or "tracks", as MIDI has it) or "none"
        Keyboards together and all else apart; each part apart; or all as one.
    """
    if split == "none":
        return [0] * len(parts)
    firsts: list[int] = []
    for place, part in enumerate(parts):
        same = range(place) if split == "programs" and not part.drums else ()
        firsts.append(
            next((firsts[i] for i in same if _is_one_keyboard(parts[i], part, place - i)), place)
        )
    return firsts


def _is_one_keyboard(first: WrittenPart, second: WrittenPart, distance: int) -> bool:
    """Return whether two parts are the hands of one keyboard."""
    if first.drums or not (_is_keyboard(first) and _is_keyboard(second)):
        return False
    names = [part.name.strip().lower() for part in (first, second)]
    if first.staves > 1 or second.staves > 1:
        return names[0] == names[1] and first.staves + second.staves <= 3 and distance == 1
    if first.brace and first.brace == second.brace:
        return True
    bare = [_HANDS.sub("", name).split() for name in names]
    if names[0] == names[1] or (bare[0] == bare[1] and bare[0]):
        return True
    return distance == 1 and first.program == second.program >= 0


def _is_keyboard(part: WrittenPart) -> bool:
    if part.program >= 0:
        return part.program in _KEYBOARD_PROGRAMS
    name = part.name.lower()
    named = bool(_KEYBOARD.search(name)) and not _HARMONICA.fullmatch(name)
    return named or part.brace != "" or not re.sub(r"part|staff|\d|\s", "", name)
