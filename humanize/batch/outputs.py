"""What a run on shards finds in its output: how it was begun, and which files failed there."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from humanize.batch.report import NOT_DONE
from humanize.batch.settings import SETTINGS, require_fit
from humanize.batch.shards import make_place, read_shard
from humanize.errors import InputError, OutputError

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem


def settle_place(
    filesystem: FileSystem, folder: str, address: str, settings: str, *, resume: bool
) -> None:
    """Make the output, or check that it was begun with these settings; keep them there.

    Raises
    ------
    OptionError
        If it is not empty, or was begun with other options.
    OutputError
        If it cannot be made or written.
    """
    from pyarrow.fs import FileSelector

    path = f"{folder}/{SETTINGS}"
    make_place(filesystem, folder, address)
    there = [e.base_name for e in filesystem.get_file_info(FileSelector(folder))]
    made = [name for name in there if name != SETTINGS]
    began = None
    if SETTINGS in there:
        with filesystem.open_input_stream(path) as stream:
            began = stream.read().decode(errors="replace")
    require_fit(address, made=bool(made), began=began, settings=settings, resume=resume)
    if resume and began is not None:
        return
    try:
        with filesystem.open_output_stream(path) as stream:
            stream.write(f"{settings}\n".encode())
    except OSError as error:
        reason = str(error).splitlines()[0]
        raise OutputError(f"{address}: {reason}; expected a place that can be written") from None


def is_file(filesystem: FileSystem, path: str) -> bool:
    """Return whether there is a file."""
    from pyarrow.fs import FileType

    return bool(filesystem.get_file_info(path).type == FileType.File)


def failures_in(filesystem: FileSystem, path: str) -> int:
    """Return how many files of a finished output shard have no result.

    Raises
    ------
    InputError
        If it is no output shard.
    """
    if path.endswith(".parquet"):
        return _failures_in_parquet(filesystem, path)
    report = b""
    for item in read_shard(filesystem, path):
        is_report = item.name == "report.csv" and isinstance(item.source, bytes)
        report = bytes(item.source) if is_report else b""
    rows = csv.DictReader(io.StringIO(report.decode(errors="surrogateescape"), newline=""))
    return sum(row.get("outcome") in NOT_DONE for row in rows)


def _failures_in_parquet(filesystem: FileSystem, path: str) -> int:
    import pyarrow
    from pyarrow.parquet import ParquetFile

    try:
        with filesystem.open_input_file(path) as file:
            batches = ParquetFile(file).iter_batches(columns=["outcome"])
            return sum(str(v) in NOT_DONE for b in batches for v in b.column("outcome"))
    except (pyarrow.ArrowInvalid, KeyError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{path}: {reason}; expected a shard that a batch has made") from None
