"""What an option is: a name, a default, a help line, and what its values look like.

An option knows four things of its values: how to check one (``checked``), how to read one from a
text field (``read``), how OpenAPI describes that field (``schema``), and one form that is the same
however the value was written (``settled``).
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from humanize.errors import OptionError

_LONGEST_NUMBER = 9  # digits
_NUMBER = r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?"


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


def is_number(entry: int | str) -> bool:
    """Return whether an entry is a whole number of at most nine plain digits."""
    text = str(entry)
    return text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER


def read_number(text: str) -> float:
    """Return the number that a text is, written as JSON writes numbers: no ``1_0``, no ``nan``.

    Raises
    ------
    ValueError
        If it is none.
    """
    if re.fullmatch(_NUMBER, text) is None:
        raise ValueError(text)
    return float(text)


def text_schema(pattern: str | None, text: str) -> dict[str, Any]:
    """Return the OpenAPI schema of a text that fits a pattern, or of any text."""
    schema = {"type": "string", "description": text, "minLength": 1}
    return schema if pattern is None else {**schema, "pattern": pattern}
