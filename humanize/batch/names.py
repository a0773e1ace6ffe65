"""What inputs are called in an output: paths that stay inside it, each with a result of its own."""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path, PurePosixPath

import numpy as np

from humanize.files import is_score

ESCAPE = "surrogateescape"  # names of files that are no UTF-8 stand in the report as on the disk
_AS_MIDI = (".mei", ".krn", ".abc")
_MERGED_AT = 65_536


def inside(path: str) -> str:
    """Return a path that stays below the output folder: no root, no drive, no ``..``."""
    pure = PurePosixPath(Path(path).as_posix())
    parts = [part for part in pure.parts if part not in ("/", "//", "..", ".")]
    if parts and len(parts[0]) == 2 and parts[0][1] == ":":
        del parts[0]
    return "/".join(parts).replace(":", "_").replace("\0", "_") or "unnamed"


def apart(name: str, own: Collection[str]) -> str:
    """Return a name that does not begin as one of the batch's own files, which are lower case."""
    first = name.partition("/")[0]
    return f"_{name}" if first.lower() in own else name


def result_name(name: str, *, performed: bool = False) -> str:
    """Return the path of a result: MEI, Humdrum and ABC come back as MIDI, all else as it was.

    A performance is always MIDI.
    """
    path = PurePosixPath(name)
    as_midi = is_score(name) if performed else path.suffix.lower() in _AS_MIDI
    return str(path.with_suffix(".mid")) if as_midi else name


class Hashes:
    """A set of texts in little memory: 8 bytes each, most of them in one sorted array."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._sorted = _in_order(array("Q", map(_hash, texts)))
        self._new: set[int] = set()

    def __contains__(self, text: str) -> bool:
        """Return whether a text was added."""
        return self._holds(_hash(text))

    def add(self, text: str) -> bool:
        """Add a text; return whether it is new."""
        value = _hash(text)
        if self._holds(value):
            return False
        self._new.add(value)
        if len(self._new) >= max(_MERGED_AT, len(self._sorted) // 8):
            self._sorted = _in_order(self._sorted + array("Q", self._new))
            self._new = set()
        return True

    def _holds(self, value: int) -> bool:
        if value in self._new:
            return True
        place = bisect_left(self._sorted, value)
        return place < len(self._sorted) and self._sorted[place] == value


def _in_order(values: array[int]) -> array[int]:
    return array("Q", np.sort(np.frombuffer(values, dtype=np.uint64)).tobytes())


class Claims:
    """Gives every input a row of its own, and every result to the first input that makes it."""

    def __init__(self, *, performed: bool = False) -> None:
        self._performed = performed
        self._rows, self._results = Hashes(), Hashes()
        self._again: Counter[str] = Counter()

    def claim(self, name: str) -> tuple[str, bool]:
        """Return the name of an input's row, and whether its result is its own.

        The second input of a name is called ``NAME (2)``; in the same order of inputs the answers
        are the same.
        """
        row = name
        while not self._rows.add(row):
            self._again[name] += 1
            row = f"{name} ({self._again[name] + 1})"
        result = result_name(name, performed=self._performed)
        return row, row == name and self._results.add(result)


def _hash(text: str) -> int:
    data = text.encode(errors="surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big")
