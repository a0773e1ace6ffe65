"""Options whose values are numbers: amounts, velocities, a mean."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import Any

from humanize.options.option import Option, read_number, text_schema

LOWEST, HIGHEST = 1, 127
"""Velocities that sound; a note-on of velocity 0 ends a note."""

_WHOLE = r"0|[1-9][0-9]{0,17}"
_VELOCITY = r"(12[0-7]|1[01][0-9]|[1-9][0-9]|[1-9])"


@dataclass(frozen=True, kw_only=True)
class Number(Option):
    """A number between two bounds, both allowed."""

    low: float
    high: float

    def checked(self, value: Any) -> Any:
        """Return the number as it was given."""
        if value is None and self.default is None:
            return None
        if not isinstance(value, int | float) or not self.low <= value <= self.high:
            raise self.refuse(value, f"a number from {self.low:g} to {self.high:g}")
        return value

    def read(self, text: str) -> Any:
        """Return the number that a field says; its bounds are checked where it is used."""
        try:
            return read_number(text)
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

    def settled(self, value: Any) -> Any:
        """Return a float."""
        checked = self.checked(value)
        return None if checked is None else float(checked)


@dataclass(frozen=True, kw_only=True)
class WholeNumber(Number):
    """A whole number between two bounds, both allowed."""

    def checked(self, value: Any) -> Any:
        """Return the number, which is no truth value and has no fraction."""
        if value is None and self.default is None:
            return None
        known = isinstance(value, Integral) and not isinstance(value, bool)
        if not known or not self.low <= value <= self.high:
            raise self.refuse(
                repr(value), f"a whole number from {self.low:,.0f} to {self.high:,.0f}"
            )
        return int(value)

    def read(self, text: str) -> Any:
        """Return the whole number that a field says."""
        self._require_pattern(text, _WHOLE, "a whole number such as 7")
        return int(text)

    def schema(self) -> dict[str, Any]:
        """Return a bounded whole number."""
        return {**super().schema(), "type": "integer"}

    def settled(self, value: Any) -> Any:
        """Return an int."""
        return self.checked(value)


@dataclass(frozen=True, kw_only=True)
class Mean(Number):
    """A mean velocity, or one of two words: ``keep`` the one that came, or the ``model``'s."""

    words = ("keep", "model")

    def checked(self, value: Any) -> Any:
        """Return the number or the word."""
        if isinstance(value, str) and value in self.words:
            return value
        if value is None:
            return None
        if isinstance(value, bool | str) or not self.low <= value <= self.high:
            raise self.refuse(value, f"a number from {self.low:g} to {self.high:g}, keep or model")
        number: float = value
        return number

    def read(self, text: str) -> Any:
        """Return the word, or the number that a field says."""
        if text in self.words:
            return text
        try:
            return read_number(text)
        except ValueError:
            raise self.refuse(repr(text), "a number, keep or model") from None

    def schema(self) -> dict[str, Any]:
        """Return a number or a word."""
        bounded = {"type": "number", "minimum": self.low, "maximum": self.high}
        word = {"type": "string", "enum": list(self.words)}
        return {"anyOf": [bounded, word], "description": self.help}

    def settled(self, value: Any) -> Any:
        """Return a float or the word."""
        checked = self.checked(value)
        return checked if checked is None or isinstance(checked, str) else float(checked)


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
        return text_schema(rf"^{_VELOCITY}( +| *, *){_VELOCITY}$", f"{self.help} 20,110")

    def settled(self, value: Any) -> list[int]:
        """Return a list of two."""
        return [int(velocity) for velocity in self.checked(value)]
