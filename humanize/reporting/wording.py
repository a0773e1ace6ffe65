"""Numbers in what users read."""

from __future__ import annotations


def counted(number: int, what: str) -> str:
    """Return a number with its noun, singular where it is one: ``1 note``, ``1,200 notes``."""
    return f"{number:,} {what}{'s' * (number != 1)}"
