"""Fields of ABC: key, metre, unit length, tempo, voice."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction

_TONICS = {"C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5, "F#": 6, "C#": 7, "F": -1, "Bb": -2,
           "Eb": -3, "Ab": -4, "Db": -5, "Gb": -6, "Cb": -7, "G#": 8, "D#": 9, "A#": 10,
           "Fb": -8}  # fmt: skip
_MODES = {"": 0, "maj": 0, "ion": 0, "m": -3, "min": -3, "aeo": -3, "mix": -1, "dor": -2, "phr": -4,
          "lyd": 1, "loc": -5}  # fmt: skip
_KEY = re.compile(r"^([A-G])([#b]?)\s*([A-Za-z]*)")
_SIGNS = {"^": 1, "_": -1, "=": 0, "^^": 2, "__": -2}
_SHARPS = "FCGDAEB"


@dataclass
class Key:
    """A key signature.

    Attributes
    ----------
    alters : dict of str to int
        Half-tones by the letter of a note.
    """

    alters: dict[str, int] = field(default_factory=dict)


def key_of(text: str, before: Key) -> Key:
    """Return the key that a field names, with the accidentals that it adds."""
    plain = text.strip()
    alters: dict[str, int] = dict(before.alters)
    found = _KEY.match(plain)
    if plain.startswith(("HP", "Hp")):
        alters = {"F": 1, "C": 1}
    elif plain.lower().startswith("none"):
        alters = {}
    elif found:
        mode = found[3].lower()[:3]
        fifths = _TONICS.get(found[1] + found[2], 0) + _MODES.get(mode, 0)
        fifths = min(max(fifths, -7), 7)
        named = _SHARPS[:fifths] if fifths >= 0 else _SHARPS[fifths:]
        alters = dict.fromkeys(named, 1 if fifths >= 0 else -1)
    for sign, letter in re.findall(r"(?<![\w])(\^\^|__|\^|_|=)([A-Ga-g])\b", plain):
        alters[letter.upper()] = _SIGNS[sign]
    return Key(alters)


def metre_of(text: str) -> tuple[int, int] | None:
    """Return a time signature; None for free metre."""
    plain = text.strip()
    if plain in ("C", "C|"):
        return (4, 4) if plain == "C" else (2, 2)
    found = re.match(r"^\(?([\d+\s]+)\)?\s*/\s*(\d{1,3})", plain)
    count = sum(int(n) for n in re.findall(r"\d{1,3}", found[1])) if found else 0
    return (count, int(found[2])) if found and count and int(found[2]) else None


def default_length(metre: tuple[int, int] | None) -> float:
    """Return the quarter notes of a note without a length, where no field says them."""
    if metre is not None and metre[0] / metre[1] < 0.75:
        return 0.25
    return 0.5


def fraction(text: str, default: float) -> float:
    """Return the value of a text such as 1/8."""
    found = re.match(r"^\s*(\d{1,4})\s*(?:/\s*(\d{1,4}))?", text)
    if not found or (found[2] is not None and int(found[2]) == 0):
        return default
    return float(Fraction(int(found[1]), int(found[2] or 1))) or default


def tempo_of_field(text: str, metre: tuple[int, int] | None) -> float:
    """Return quarter notes a minute; 0 where the field says none."""
    plain = re.sub(r'"[^"]*"', "", text).strip()
    found = re.match(r"^([\d/\s]+)=\s*(\d{1,4}(?:\.\d+)?)", plain)
    if found:
        beats = sum(fraction(part, 0.25) for part in found[1].split())
        return _sane(4 * beats * float(found[2]))
    alone = re.match(r"^(?:C\s*=\s*)?(\d{1,4})$", plain)
    return _sane(4 * default_length(metre) / 4 * float(alone[1])) if alone else 0.0


def _sane(tempo: float) -> float:
    return tempo if 5 <= tempo <= 1000 else 0.0


def voice_of(text: str) -> tuple[str, str]:
    """Return the id of a voice, and its name if it has one."""
    plain = text.strip()
    named = re.search(r'\b(?:name|nm)\s*=\s*(?:"([^"]*)"|(\S+))', plain)
    own = re.match(r"^(\S+)", plain)
    return (own[1] if own else "1"), ((named[1] or named[2] or "") if named else "")
