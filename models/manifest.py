"""Reading a bundle's manifest: every value is of the kind that is expected, or a ModelError."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import ModelError
from ..expression import VELOCITY

FORMAT = 2
FORMATS = (1, 2)
NAME = "manifest.json"

_MOST_BYTES = 64 << 20
_AGAIN = "Install or train the model again"


class Entry:
    """A value of a manifest that knows where it stands, so that what is wrong with it is named.

    Parameters
    ----------
    value : object
        As JSON gives it.
    where : str
        What messages call it.
    """

    def __init__(self, value: Any, where: str) -> None:
        self._value, self.where = value, where

    @property
    def root(self) -> str:
        """The folder that the manifest stands in, as messages call it."""
        return self.where.partition("/")[0]

    def wrong(self, expected: str) -> ModelError:
        """Return the error that says what was expected instead."""
        return ModelError(
            f"{self.where}: {_short(self._value)} found; expected {expected}. {_AGAIN}"
        )

    def items(self) -> list[tuple[str, Entry]]:
        """Return the named entries of a mapping."""
        if not isinstance(self._value, Mapping):
            raise self.wrong("named entries")
        return [(str(name), self._inside(str(name), own)) for name, own in self._value.items()]

    def field(self, name: str) -> Entry:
        """Return an entry that must be there."""
        found = self.optional(name)
        if found is None:
            raise ModelError(f"{self.where}: no {name!r} found; expected one. {_AGAIN}")
        return found

    def optional(self, name: str) -> Entry | None:
        """Return an entry, or None where there is none."""
        if not isinstance(self._value, Mapping):
            raise self.wrong("named entries")
        return self._inside(name, self._value[name]) if name in self._value else None

    def elements(self) -> list[Entry]:
        """Return the elements of a list."""
        if not isinstance(self._value, list | tuple):
            raise self.wrong("a list")
        return [Entry(own, f"{self.where}[{i}]") for i, own in enumerate(self._value)]

    def texts(self) -> tuple[str, ...]:
        """Return a list of different texts."""
        found = tuple(own.text() for own in self.elements())
        if len(set(found)) < len(found):
            raise self.wrong("each name once")
        return found

    def text(self) -> str:
        """Return a text."""
        if not isinstance(self._value, str):
            raise self.wrong("a text")
        return self._value

    def number(self, low: float = -1e9, high: float = 1e9) -> float:
        """Return a number within bounds."""
        found = self._value
        known = isinstance(found, int | float) and not isinstance(found, bool)
        if not known or not low <= found <= high:  # a value that is no number is within none
            raise self.wrong(f"a number from {low:g} to {high:g}")
        return float(found)

    def whole(self, low: int, high: int) -> int:
        """Return a whole number within bounds."""
        if not math.isclose(self.number(low, high) % 1, 0.0):
            raise self.wrong("a whole number")
        return int(self._value)

    def _inside(self, name: str, value: Any) -> Entry:
        return Entry(value, f"{self.where}: {name if name.isidentifier() else ascii(name[:40])}")


def _short(value: Any) -> str:
    """Return what is found in a few characters, on one line."""
    if isinstance(value, Mapping):
        return "named entries"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    text = ascii(value[:40]) if isinstance(value, str) else ascii(value)
    return text[:42]


def read_manifest(folder: Path) -> tuple[dict[str, Any], str]:
    """Return the manifest of a bundle, in the terms of the newest format, and a hash of it.

    Raises
    ------
    ModelError
        If there is none, or none of a format that this version reads.
    """
    path = folder / NAME
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError("larger than any manifest")
        manifest = json.loads(path.read_text(encoding="utf-8"))
        found, own_hash = manifest["format"], short_hash(manifest)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise ModelError(
            f"{path}: not a manifest; expected JSON with a field 'format'. {_AGAIN}"
        ) from None
    if isinstance(found, bool) or found not in FORMATS:
        raise ModelError(
            f"{path}: bundle format {_short(found)}; expected "
            f"{' or '.join(map(str, FORMATS))}. Install the version of humanize-midi that the "
            "bundle was made with"
        )
    return upgraded(manifest), own_hash


def short_hash(manifest: Mapping[str, Any]) -> str:
    """Return a short hash of a manifest, which has the hashes of all files."""
    text = json.dumps(manifest, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def upgraded(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return a manifest in the terms of format 2; nothing of it is lost.

    A route of format 1 predicts velocity alone: it becomes the head of velocity.
    """
    if manifest["format"] == FORMAT:
        return dict(manifest)
    routes = manifest.get("routes")
    if not isinstance(routes, Mapping):
        raise ModelError(f"manifest of format 1: {_short(routes)} found; expected routes. {_AGAIN}")
    heads = {name: {"heads": {VELOCITY.name: route}} for name, route in routes.items()}
    return {**manifest, "format": FORMAT, "routes": heads}
