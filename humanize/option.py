"""What an option is: a name, a default, a help line, and what its values look like.

An option knows four things of its values: how to check one (``checked``), how to read one from a
text field (``read``), how OpenAPI describes that field (``schema``), and one form that is the same
however the value was written (``settled``).
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from humanize.errors import OptionError

LOWEST, HIGHEST = 1, 127
"""Velocities that sound; a note-on of velocity 0 ends a note."""

_VELOCITY = r"(12[0-7]|1[01][0-9]|[1-9][0-9]|[1-9])"
_CHANNEL = r"(1[0-6]|[1-9])"
_MEASURE = r"[1-9][0-9]{0,5}"
_SPAN = rf"{_MEASURE}( *-( *{_MEASURE})?)?"
_LONGEST_NUMBER = 9  # digits


@dataclass(frozen=True, kw_only=True)
class Option(ABC):
    """One option.

    Attributes
    ----------
    name : str
    help : str
        One line; the command's.
    default : object
        None where nothing is asked.
    metavar : str or None
        What stands for a value in the command's help.
    """

    name: str
    help: str
    default: Any = None
    metavar: str | None = None

    @abstractmethod
    def checked(self, value: Any) -> Any:
        """Return a value as the calls use it.

        Raises
        ------
        OptionError
            If it makes no sense for any input.
        """

    @abstractmethod
    def read(self, text: str) -> Any:
        """Return the value that a text field says.

        Raises
        ------
        OptionError
            If it cannot be read.
        """

    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """Return the OpenAPI schema of the text field."""

    def settled(self, value: Any) -> Any:
        """Return one form of a value, of JSON types, however it was written."""
        return self.checked(value)

    def refuse(self, found: object, expected: str) -> OptionError:
        """Return the error that says what was found and what was expected."""
        return OptionError(f"{self.name}: {found} found; expected {expected}")

    def _require_pattern(self, text: str, pattern: str, expected: str) -> None:
        if re.fullmatch(pattern, text) is None:
            raise self.refuse(repr(text), expected)


@dataclass(frozen=True, kw_only=True)
class Number(Option):
    """A number between two bounds, both allowed."""

    low: float
    high: float

    def checked(self, value: Any) -> float | None:
        """Return the number as it was given."""
        if value is None and self.default is None:
            return None
        if not isinstance(value, int | float) or not self.low <= value <= self.high:
            raise self.refuse(value, f"a number from {self.low:g} to {self.high:g}")
        return value

    def read(self, text: str) -> float:
        """Return the number that a field says; its bounds are checked where it is used."""
        try:
            return float(text)
        except ValueError:
            raise self.refuse(repr(text), "a number") from None

    def schema(self) -> dict[str, Any]:
        """Return a bounded number."""
        found = {
            "type": "number",
            "minimum": self.low,
            "maximum": self.high,
            "description": self.help,
        }
        return found if self.default is None else {**found, "default": self.default}

    def settled(self, value: Any) -> float | None:
        """Return a float."""
        checked = self.checked(value)
        return None if checked is None else float(checked)


@dataclass(frozen=True, kw_only=True)
class VelocityRange(Option):
    """The lowest and the highest velocity written."""

    def checked(self, value: Any) -> tuple[int, int]:
        """Return the two velocities."""
        try:
            low, high = value
            fits = LOWEST <= low <= high <= HIGHEST
        except (TypeError, ValueError):
            raise self.refuse(value, "two velocities, 1 <= LO <= HI <= 127") from None
        if not fits:
            raise self.refuse(f"{low} {high}", "1 <= LO <= HI <= 127")
        return low, high

    def read(self, text: str) -> tuple[int, int]:
        """Return the two velocities of ``20,110``."""
        pattern = rf"{_VELOCITY}( +| *, *){_VELOCITY}"
        self._require_pattern(text, pattern, "two numbers from 1 to 127 such as 20,110")
        low, high = text.replace(",", " ").split()
        return int(low), int(high)

    def schema(self) -> dict[str, Any]:
        """Return a text of two velocities."""
        return _text(rf"^{_VELOCITY}( +| *, *){_VELOCITY}$", f"{self.help} 20,110")

    def settled(self, value: Any) -> list[int]:
        """Return a list of two."""
        return [int(velocity) for velocity in self.checked(value)]


@dataclass(frozen=True, kw_only=True)
class Tracks(Option):
    """Numbers from 1, or names; whether they are there the file alone can say."""

    def checked(self, value: Any) -> Sequence[int | str] | None:
        """Return the entries as they were given."""
        if value is None or (isinstance(value, Sequence) and not isinstance(value, str)):
            return value
        raise self.refuse(repr(value), "a list of numbers or names")

    def read(self, text: str) -> list[str]:
        """Return the numbers of ``1,3``, or one name."""
        parts = [part.strip() for part in text.split(",")]
        return parts if all(is_number(part) for part in parts) else [text]

    def schema(self) -> dict[str, Any]:
        """Return any text."""
        return _text(None, f"{self.help} 1,3, or a name")

    def settled(self, value: Any) -> list[str] | None:
        """Return the entries in order, as texts."""
        checked = self.checked(value)
        return None if checked is None else sorted({str(entry) for entry in checked})


@dataclass(frozen=True, kw_only=True)
class Channels(Option):
    """MIDI channels, 1-16."""

    def checked(self, value: Any) -> Sequence[int] | None:
        """Return the channels as they were given."""
        if value is None:
            return None
        for channel in value:
            if not isinstance(channel, int) or not 1 <= channel <= 16:
                raise self.refuse(channel, "numbers from 1 to 16")
        channels: Sequence[int] = value
        return channels

    def read(self, text: str) -> list[int]:
        """Return the channels of ``1,2``."""
        pattern = rf"{_CHANNEL}( *, *{_CHANNEL})*"
        self._require_pattern(text, pattern, "numbers from 1 to 16 such as 1 or 1,2")
        return [int(part) for part in text.split(",")]

    def schema(self) -> dict[str, Any]:
        """Return a text of channels."""
        return _text(rf"^{_CHANNEL}( *, *{_CHANNEL})*$", f"{self.help} 1,2")

    def settled(self, value: Any) -> list[int] | None:
        """Return the channels in order."""
        checked = self.checked(value)
        return None if checked is None else sorted(set(checked))


@dataclass(frozen=True, kw_only=True)
class Measures(Option):
    """Spans of measures: ``5-12``, ``5``, ``9-`` or ``1-4,9-12``."""

    def checked(self, value: Any) -> str | None:
        """Return the text, once its spans could be read."""
        if value is not None:
            self.spans(value)
        text: str | None = value
        return text

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return first and last measure of each span.

        Raises
        ------
        OptionError
            If a span is not a number or two numbers in order.
        """
        return [self._span(part, text) for part in str(text).split(",")]

    def _span(self, part: str, text: str) -> tuple[int, int]:
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        if not (is_number(first) and is_number(last or "1")):
            found = text if len(text) < 40 else f"{text[:40]}…"
            raise OptionError(
                f"{self.name} {found!r} found; expected such as 5-12, 5, 9- or 1-4,9-12"
            )
        low = int(first)
        high = int(last) if last else (2**31 if dash else low)
        if not 1 <= low <= high:
            raise self.refuse(part.strip(), "a first measure from 1, then the last")
        return low, high

    def read(self, text: str) -> str:
        """Return the text of a field, once its form fits."""
        pattern = rf"{_SPAN}( *, *{_SPAN})*"
        self._require_pattern(text, pattern, "such as 5-12, 5, 9- or 1-4,9-12")
        return text

    def schema(self) -> dict[str, Any]:
        """Return a text of spans."""
        return _text(rf"^{_SPAN}( *, *{_SPAN})*$", f"{self.help} or 1-4,9-12")

    def settled(self, value: Any) -> list[list[int]] | None:
        """Return the spans."""
        return None if value is None else [list(span) for span in self.spans(value)]


@dataclass(frozen=True, kw_only=True)
class Choice(Option):
    """One of a few words."""

    choices: tuple[str, ...]

    def checked(self, value: Any) -> str:
        """Return the word."""
        if value not in self.choices:
            known = ", ".join(self.choices)
            raise OptionError(f"{self.name} {value!r} found; expected one of {known}")
        word: str = value
        return word

    def read(self, text: str) -> str:
        """Return the word; whether it is one of the choices is checked where it is used."""
        return text

    def schema(self) -> dict[str, Any]:
        """Return an enumeration."""
        return {
            "type": "string",
            "enum": list(self.choices),
            "default": self.default,
            "description": self.help,
        }


@dataclass(frozen=True, kw_only=True)
class ModelName(Option):
    """A model that ships, or the folder of a bundle; only loading it tells whether it is there."""

    def checked(self, value: Any) -> str | Path:
        """Return the name or the folder."""
        if not isinstance(value, str | Path):
            raise self.refuse(repr(value), "the name of a model, or the folder of a bundle")
        return value

    def read(self, text: str) -> str:
        """Return the name."""
        return text

    def schema(self) -> dict[str, Any]:
        """Return any text; who knows the models names them."""
        return {**_text(None, self.help), "default": self.default}

    def settled(self, value: Any) -> str:
        """Return the name or the folder as a text."""
        return str(self.checked(value))


def is_number(entry: int | str) -> bool:
    """Return whether an entry is a whole number of at most nine plain digits."""
    text = str(entry)
    return text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER


def _text(pattern: str | None, text: str) -> dict[str, Any]:
    schema = {"type": "string", "description": text, "minLength": 1}
    return schema if pattern is None else {**schema, "pattern": pattern}
