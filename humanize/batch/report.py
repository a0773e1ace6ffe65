"""The report of a batch: a CSV with a row per file, and what an earlier run has put there."""

from __future__ import annotations

import csv
import hashlib
import os
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import RawIOBase, StringIO
from pathlib import Path

import numpy as np

from humanize.batch.work import Outcome
from humanize.errors import OptionError, OutputError

REPORT_COLUMNS = ("path", "notes", "seconds", "outcome", "message")
NOT_DONE = ("failed", "given up")
_ESCAPE = "surrogateescape"  # names of files that are no UTF-8 stand in the report as on the disk


class Reported:
    """What a report of an earlier run holds, in little memory.

    Attributes
    ----------
    failed : frozenset of str
        Paths that failed or were given up.
    """

    def __init__(self, report: Path) -> None:
        failed: list[str] = []
        hashes = array("Q")
        if report.exists():
            with report.open(encoding="utf-8", errors=_ESCAPE, newline="") as file:
                for row in csv.DictReader(file):
                    hashes.append(_hash(row["path"]))
                    if row["outcome"] in NOT_DONE:
                        failed.append(row["path"])
        self.failed = frozenset(failed)
        self._hashes = np.sort(np.array(hashes, dtype=np.uint64))

    def __contains__(self, path: str) -> bool:
        """Return whether the report has a row for a path."""
        value = np.uint64(_hash(path))
        place = int(np.searchsorted(self._hashes, value))
        return place < len(self._hashes) and bool(self._hashes[place] == value)


def _hash(path: str) -> int:
    return int.from_bytes(
        hashlib.blake2b(path.encode(errors=_ESCAPE), digest_size=8).digest(), "big"
    )


def require_report(path: Path, folder: Path) -> None:
    """Check, before a batch is begun, that its report can stand where it should.

    Raises
    ------
    OptionError
        If a file stands there that is no report.
    OutputError
        If there is no folder for it, other than the output itself.
    """
    if path.parent != folder and not path.parent.is_dir():
        raise OutputError(f"{path}: no such folder; expected one that exists")
    if path.is_file() and not _is_report(path):
        raise OptionError(
            f"{path}: a file found that is no report of a batch; expected one, or a new name"
        )


def _is_report(path: Path) -> bool:
    header = f"{','.join(REPORT_COLUMNS)}\n".encode()
    try:
        with path.open("rb") as file:
            return header.startswith(file.read(len(header)))
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror}; expected a file to write") from None


@contextmanager
def open_report(path: Path, *, append: bool) -> Iterator[Callable[[Outcome], None]]:
    """Yield what writes a row; every row is on its way to the disk when the next file begins.

    Raises
    ------
    OutputError
        If the report cannot be written.
    """
    try:
        again = append and path.exists() and _cut_torn_row(path) > 0
        file = path.open("ab" if again else "wb", buffering=0)
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror}; expected a file to write") from None
    with file:
        if not again:
            _add_row(file, path, REPORT_COLUMNS)
        yield lambda outcome: _add_row(file, path, tuple(outcome.row().values()))


def _cut_torn_row(path: Path) -> int:
    """Drop what follows the last line end, which a killed run left; return the size."""
    with path.open("rb+") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 65_536))
        tail = file.read()
        size -= len(tail) - (tail.rfind(b"\n") + 1)
        return file.truncate(size)


def _add_row(file: RawIOBase, path: Path, row: Sequence[str]) -> None:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerow(row)
    data = text.getvalue().encode(errors=_ESCAPE)
    try:
        whole = file.write(data) == len(data)
        reason = "No space left on device"
    except OSError as error:
        whole, reason = False, str(error.strerror)
    if not whole:
        raise OutputError(f"{path}: {reason}; expected room for the report. Then --resume")
