"""Numbers in what users read."""

from __future__ import annotations

import unicodedata

_DIRECTIONS = ("LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI")
_LONGEST = 400  # characters of a message


def counted(number: int, what: str) -> str:
    """Return a number with its noun, singular where it is one: ``1 note``, ``1,200 notes``."""
    return f"{number:,} {what}{'s' * (number != 1)}"


def one_line(text: str) -> str:
    """Return a text as one line of a message: not too long, and nothing a terminal would obey."""
    plain = " ".join(text.split())
    return printable(plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 1]}…")


def printable(text: str) -> str:
    """Return a text with what a terminal would obey spelt out: ``\\x1b`` for an escape."""
    if text.isprintable():
        return text
    return "".join(_spelt(c) if _commands(c) else c for c in text)


def _commands(character: str) -> bool:
    """Return whether a terminal obeys a character: control codes, line ends, directions."""
    kind = unicodedata.category(character)
    return kind in ("Cc", "Zl", "Zp") or unicodedata.bidirectional(character) in _DIRECTIONS


def _spelt(character: str) -> str:
    return character.encode("unicode_escape").decode()
