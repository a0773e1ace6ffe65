"""Options whose values are words: one of a few, or the name of a model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from humanize.errors import OptionError
from humanize.options.option import Option, text_schema


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
        return {**text_schema(None, self.help), "default": self.default}

    def settled(self, value: Any) -> str:
        """Return the name or the folder as a text."""
        return str(self.checked(value))
