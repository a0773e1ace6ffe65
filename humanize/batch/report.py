"""The report of a batch: a CSV with a row per file, and what an earlier run has put there."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import RawIOBase, StringIO
from pathlib import Path

import numpy as np

from humanize.batch.names import ESCAPE, Hashes
from humanize.batch.work import Outcome
from humanize.errors import OptionError, OutputError

REPORT_COLUMNS = ("path", "notes", "seconds", "outcome", "message")
_CHUNK = 1 << 20
NOT_DONE = ("failed", "given up")
_FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "'",
)  # what a formula begins with, and the mark of one


class Reported:
    """What a report of an earlier run holds, in little memory.

    Attributes
    ----------
    failed : set of str
        Paths that failed or were given up.

    Raises
    ------
    OptionError
        If it is damaged.
    """

    def __init__(self, report: Path) -> None:
        self.failed: set[str] = set()
        self._paths = Hashes(self._read(report) if report.exists() else ())

    def _read(self, report: Path) -> Iterator[str]:
        with report.open(encoding="utf-8", errors=ESCAPE, newline="") as file:
            try:
                for row in csv.DictReader(file):
                    path = plain_text(row["path"] or "")
                    change = self.failed.add if row["outcome"] in NOT_DONE else self.failed.discard
                    change(path)  # of several rows the last counts
                    yield path
            except (csv.Error, KeyError) as error:
                raise OptionError(
                    f"{report}: {error}; expected the report as the batch wrote it"
                ) from None

    def __contains__(self, path: str) -> bool:
        """Return whether the report has a row for a path."""
        return path in self._paths


def row_text(values: Sequence[str]) -> str:
    """Return a row of CSV that no spreadsheet runs as a formula and no reader takes for two."""
    text = StringIO()
    escaped = [f"'{value}" if value[:1] in _FORMULA else value for value in values]
    csv.writer(text, lineterminator="\r\n").writerow(escaped)  # then both of them are quoted
    return text.getvalue().removesuffix("\r\n") + "\n"


def plain_text(cell: str) -> str:
    """Return a value of a row as it was given."""
    return cell.removeprefix("'")


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
    if _is_file(path) and not _is_report(path):
        raise OptionError(
            f"{path}: a file found that is no report of a batch; expected one, or a new name"
        )


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror}; expected a folder to write") from None


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
    """Drop what follows the last whole row, which a killed run left; return the size.

    A line end inside quotes ends no row.
    """
    end = offset = quotes = 0
    with path.open("rb+") as file:
        while chunk := file.read(_CHUNK):
            values = np.frombuffer(chunk, dtype=np.uint8)
            outside = (quotes + np.cumsum(values == ord('"'))) % 2 == 0
            ends = np.flatnonzero((values == ord("\n")) & outside)
            end = offset + int(ends[-1]) + 1 if len(ends) else end
            quotes += chunk.count(b'"')
            offset += len(chunk)
        return file.truncate(end)


def _add_row(file: RawIOBase, path: Path, row: Sequence[str]) -> None:
    data = row_text(row).encode(errors=ESCAPE)
    try:
        whole = file.write(data) == len(data)
        reason = "No space left on device"
    except OSError as error:
        whole, reason = False, str(error.strerror)
    if not whole:
        raise OutputError(f"{path}: {reason}; expected room for the report. Then --resume")
