"""One file of a batch, in a worker: read, humanise, write. Every engine calls ``humanize_one``."""

from __future__ import annotations

import errno
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from humanize.api import humanize_bytes
from humanize.batch.names import result_name
from humanize.errors import HumanizeError, InputError, LimitError, OutputError
from humanize.files import read_regular
from humanize.models import load_model, model_names
from humanize.options import DEFAULT_MODEL
from humanize.performance import perform_bytes

Ending = Literal["done", "failed", "given up", "skipped"]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Where a file is given up.

    Attributes
    ----------
    seconds : float
        For one file.
    max_bytes : int
        Size of one file.
    memory_bytes : int
        Address space of one worker.
    """

    seconds: float = 120.0
    max_bytes: int = 50_000_000
    memory_bytes: int = 4_000_000_000


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one file; a row of the report, and the bytes where they are passed on.

    Attributes
    ----------
    path : str
    notes : int
    seconds : float
    outcome : "done", "failed", "given up" or "skipped"
    message : str
        The error, one line; what a user should know otherwise.
    data : bytes or None
        The humanised file, where it was not written already.
    halts : bool
        The output takes no more files, whatever they are: there is no use in going on.
    """

    path: str
    notes: int = 0
    seconds: float = 0.0
    outcome: Ending = "done"
    message: str = ""
    data: bytes | None = None
    halts: bool = False

    def row(self) -> dict[str, str]:
        """Return the row of the report."""
        return {
            "path": self.path,
            "notes": str(self.notes),
            "seconds": f"{self.seconds:.4f}",
            "outcome": self.outcome,
            "message": self.message,
        }


@dataclass(frozen=True, kw_only=True)
class BatchJob:
    """One file to humanise.

    Attributes
    ----------
    name : str
        Its path in the output, with ``/``; messages and the report use it.
    source : Path or bytes
        Where it stands, or what stood in an archive.
    folder : Path or None
        Where the result is written; with None it is passed back.
    options : dict
        Of ``humanize_bytes``.
    max_bytes : int
        Files larger than this are given up.
    """

    name: str
    source: Path | bytes
    folder: Path | None
    options: dict[str, Any]
    max_bytes: int


PERFORM = "perform"
"""Among the options of a job: whether files are performed, or given velocities alone."""

PARTIAL = ".humanize-batch.partial"
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


class NoRoomError(OutputError):
    """The output is full or can no longer be written at all."""


def prepare() -> None:
    """Load the default model once per process; another is loaded by its first file."""
    if DEFAULT_MODEL in model_names():
        load_model(DEFAULT_MODEL)


def run_job(job: BatchJob) -> Outcome:
    """Read, humanise and write one file; an error of the library becomes its outcome."""
    started = time.perf_counter()
    outcome = _read_and_humanize(job)
    if job.folder is not None and outcome.data is not None:
        outcome = _written(job.folder, outcome, performed=bool(job.options.get(PERFORM)))
    return replace(outcome, seconds=time.perf_counter() - started)


def _read_and_humanize(job: BatchJob) -> Outcome:
    try:
        data = _bounded(job)
    except LimitError as error:
        return Outcome(path=job.name, outcome="given up", message=str(error))
    except InputError as error:
        return Outcome(path=job.name, outcome="failed", message=str(error))
    return humanize_one(job.name, data, job.options)


def humanize_one(name: str, data: bytes, options: dict[str, Any]) -> Outcome:
    """Humanise bytes; the result or the error, never an exception of the library.

    Parameters
    ----------
    name : str
        What messages call it.
    data : bytes
    options : dict
        Of ``humanize_bytes``; of ``perform_bytes`` where ``PERFORM`` is among them and true.
    """
    own = {key: value for key, value in options.items() if key != PERFORM}
    call = perform_bytes if options.get(PERFORM) else humanize_bytes
    try:
        result = call(data, name=name, **own)
    except HumanizeError as error:
        return Outcome(path=name, outcome="failed", message=" ".join(str(error).split()))
    notes = sum(map(len, result.notes))
    return Outcome(path=name, notes=notes, message="; ".join(result.messages), data=result.bytes)


def _bounded(job: BatchJob) -> bytes:
    data = job.source
    if not isinstance(data, bytes):
        data = read_regular(data, job.max_bytes + 1)
    if len(data) > job.max_bytes:
        size = len(data) if isinstance(job.source, bytes) else _size(job.source)
        found = f"{size:,} bytes" if size > len(data) else f"over {job.max_bytes:,} bytes"
        raise LimitError(
            f"{job.name}: {found}; expected at most {job.max_bytes:,} (see --max-bytes)"
        )
    return data


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _written(folder: Path, outcome: Outcome, *, performed: bool) -> Outcome:
    try:
        name = result_name(outcome.path, performed=performed)
        write_result(folder, name, outcome.data or b"")
    except OutputError as error:
        return replace(
            outcome,
            outcome="failed",
            message=str(error),
            data=None,
            halts=isinstance(error, NoRoomError),
        )
    return replace(outcome, data=None)


def write_result(folder: Path, name: str, data: bytes) -> None:
    """Write one result whole or not at all, and never over another of this batch.

    Raises
    ------
    OutputError
        If it cannot be written or something stands there already; a NoRoomError where nothing
        else could be written either.
    """
    target = folder / name
    partial = folder / PARTIAL / str(os.getpid())
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(data)
        _move_new(partial, target)
    except FileExistsError:
        if _holds(target, data):
            return  # an earlier run had done it when it was killed
        raise OutputError(
            f"{name}: the output holds a file of that name; expected different names of inputs"
        ) from None
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise NoRoomError(f"{target}: {error.strerror}") from None
        raise OutputError(f"{name}: {error.strerror}; expected a folder to write to") from None


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.is_file() and path.read_bytes() == data
    except OSError:
        return False


def _move_new(source: Path, target: Path) -> None:
    """Move a file; unlike a rename it fails where something stands."""
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if target.exists():
            raise FileExistsError(target) from None
        source.replace(target)
    else:
        source.unlink()
