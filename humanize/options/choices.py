"""Options whose values are words: one of a few, or the name of a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from humanize.errors import OptionError
from humanize.expression import ASPECTS
from humanize.options.option import Option, text_schema


@dataclass(frozen=True, kw_only=True)
class Choice(Option):
    """One of a few words."""

    choices: tuple[str, ...]
    same: Mapping[str, str] = field(default_factory=dict)  # words that mean one of the choices

    def checked(self, value: Any) -> str:
        """Return the word."""
        value = self.same.get(value, value) if isinstance(value, str) else value
        if value not in self.choices:
            known = ", ".join((*self.choices, *self.same))
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
            "enum": [*self.choices, *self.same],
            "default": self.default,
            "description": self.help,
        }


@dataclass(frozen=True, kw_only=True)
class Aspects(Option):
    """Some aspects of a performance: ``tempo,pedal``."""

    def checked(self, value: Any) -> tuple[str, ...] | None:
        """Return the aspects in their order."""
        if value is None:
            return None
        wanted = value.split(",") if isinstance(value, str) else list(value)
        wanted = [str(word).strip() for word in wanted]
        unknown = [word for word in wanted if word not in ASPECTS]
        if unknown or not wanted:
            found = repr(unknown[0]) if unknown else "nothing"
            raise self.refuse(found, f"some of {', '.join(ASPECTS)}")
        return tuple(aspect for aspect in ASPECTS if aspect in wanted)

    def read(self, text: str) -> str:
        """Return the text of a field, once it could be read."""
        self.checked(text)
        return text

    def schema(self) -> dict[str, Any]:
        """Return a text of aspects."""
        one = f"({'|'.join(ASPECTS)})"
        return text_schema(f"^{one}(,{one})*$", self.help)

    def settled(self, value: Any) -> list[str] | None:
        """Return a list."""
        checked = self.checked(value)
        return None if checked is None else list(checked)


@dataclass(frozen=True, kw_only=True)
class FeelName(Option):
    """A feel that ships, or a file to take one from; only reading it tells whether it is there."""

    def checked(self, value: Any) -> str | Path | None:
        """Return the name or the path."""
        if value is not None and (not isinstance(value, str | Path) or not str(value)):
            raise self.refuse(repr(value), "the name of a feel, or a file")
        return value

    def read(self, text: str) -> str:
        """Return the name."""
        return text

    def schema(self) -> dict[str, Any]:
        """Return any text; who knows the feels names them."""
        return text_schema(None, self.help)

    def settled(self, value: Any) -> str | None:
        """Return the name or the path as a text."""
        checked = self.checked(value)
        return None if checked is None else str(checked)


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
