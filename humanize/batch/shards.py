"""Shards: many small files in few large ones, for engines and stores that want those.

A shard is a Parquet file with the columns ``name`` and ``bytes``, or a tar. Paths are folders of
this machine or addresses that ``pyarrow.fs`` knows (``s3://``, ``gs://``, ``hdfs://``).
"""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Literal

from humanize.batch.names import Claims, inside, result_name
from humanize.batch.report import row_text
from humanize.batch.sources import Item, WholeTarInfo, items
from humanize.errors import (
    HumanizeError,
    InputError,
    MissingExtraError,
    OptionError,
    OutputError,
)
from humanize.files import read_regular
from humanize.reporting.wording import one_line

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

ShardFormat = Literal["parquet", "tar"]
SHARD_BYTES = 64_000_000
_ROWS_AT_ONCE = 64
_PARTIAL = ".partial"
_MOST_BYTES = 2**31
_SECOND = "another file of the shard has the same result; expected different names"
_OUTPUT_FIELDS = ("notes", "seconds", "outcome", "message")


def locate(address: str) -> tuple[FileSystem, str]:
    """Return the file system of an address and the path on it.

    Raises
    ------
    MissingExtraError
        Without pyarrow.
    InputError
        For an address that pyarrow does not know.
    """
    try:
        import pyarrow
        from pyarrow.fs import FileSystem, LocalFileSystem
    except ImportError:
        raise MissingExtraError("pyarrow", "scale") from None
    if "://" not in address:
        return LocalFileSystem(), str(Path(address).resolve())
    try:
        filesystem, path = FileSystem.from_uri(address)
    except (pyarrow.ArrowInvalid, OSError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{address}: {reason}; expected such as s3://bucket/folder") from None
    return filesystem, str(path)


def shard_addresses(sources: Sequence[str]) -> list[str]:
    """Return the address of every shard of the sources: shards, or folders of them, sorted.

    Raises
    ------
    OptionError
        If a source holds none, or two shards have one name.
    """
    found: list[str] = []
    for source in sources:
        shards = _shards_of(source)
        if not shards:
            raise OptionError(
                f"{source}: no shards there; expected .parquet or .tar files. "
                "'humanize shard' packs loose files"
            )
        found += shards
    names = [PurePosixPath(address).name for address in found]
    twice = sorted({name for name in names if names.count(name) > 1}) if _repeats(names) else []
    if twice:
        raise OptionError(f"two shards are named {twice[0]}; expected different names")
    return found


def _repeats(names: Sequence[str]) -> bool:
    return len(set(names)) < len(names)


def _shards_of(source: str) -> list[str]:
    from pyarrow.fs import FileSelector, FileType

    filesystem, path = locate(source)
    info = filesystem.get_file_info(path)
    scheme = f"{source.split('://', 1)[0]}://" if "://" in source else ""
    if info.type == FileType.File:
        return [scheme + path] if is_shard(path) else []
    if info.type != FileType.Directory:
        return []
    entries = filesystem.get_file_info(FileSelector(path))
    return sorted(scheme + e.path for e in entries if e.is_file and is_shard(e.base_name))


def is_shard(name: str) -> bool:
    """Return whether a name is a finished shard's: ``.parquet`` or ``.tar``, no hidden file."""
    pure = PurePosixPath(name)
    return pure.suffix in (".parquet", ".tar") and not pure.name.startswith(".")


def write_shards(
    sources: Sequence[str],
    output: str,
    *,
    shard_bytes: int = SHARD_BYTES,
    shard_format: ShardFormat = "parquet",
    max_bytes: int = 50_000_000,
    unread: Callable[[str], None] = lambda message: None,
) -> tuple[int, int]:
    """Pack files into shards ``part-00000`` and on.

    Parameters
    ----------
    sources : sequence of str
        See ``humanize.batch.sources.items``.
    output : str
        A new or empty folder, or an address.
    shard_bytes : int
        A shard is closed when its files have this many bytes.
    shard_format : "parquet" or "tar"
    max_bytes : int
        A file larger than this is packed cut off, so that its row in the batch's report says so.
    unread : callable
        Called with one line for each file or archive that cannot be read; the rest is packed.

    Returns
    -------
    shards, files : int

    Raises
    ------
    HumanizeError
        If a source is not there or the output is not empty.
    """
    filesystem, folder = locate(output)
    require_empty(filesystem, folder, output)
    shards = files = 0
    entries = _read(sources, max_bytes, unread)
    for shards, group in enumerate(_grouped(entries, shard_bytes), start=1):
        path = f"{folder}/part-{shards - 1:05d}.{shard_format}"
        with writing(filesystem, path) as add:
            for name, data in group:
                add(as_utf_8(name), data, {})
                files += 1
    return shards, files


def _read(
    sources: Sequence[str], max_bytes: int, unread: Callable[[str], None]
) -> Iterator[tuple[str, bytes]]:
    for item in items(sources, max_bytes=max_bytes):
        if item.error:
            unread(item.error)
        elif isinstance(item.source, bytes):
            yield item.name, item.source
        else:
            try:
                yield item.name, read_regular(item.source, max_bytes + 1)
            except InputError as error:
                unread(str(error))


def _grouped(
    entries: Iterator[tuple[str, bytes]], shard_bytes: int
) -> Iterator[Iterator[tuple[str, bytes]]]:
    """Yield runs of entries of about one size; each run must be read before the next."""
    for first in entries:

        def run(first: tuple[str, bytes] = first) -> Iterator[tuple[str, bytes]]:
            yield first
            size = len(first[1])
            while size < shard_bytes and (entry := next(entries, None)) is not None:
                size += len(entry[1])
                yield entry

        yield run()


def make_place(filesystem: FileSystem, folder: str, address: str) -> None:
    """Make a folder where there is none.

    Raises
    ------
    OutputError
        If it cannot be made.
    """
    try:
        filesystem.create_dir(folder)
    except OSError as error:
        reason = str(error).splitlines()[0]
        raise OutputError(f"{address}: {reason}; expected a place that can be written") from None


def require_empty(filesystem: FileSystem, folder: str, address: str) -> None:
    """Make a folder that must be new or empty.

    Raises
    ------
    OptionError
        If it holds anything.
    OutputError
        If it cannot be made.
    """
    from pyarrow.fs import FileSelector

    make_place(filesystem, folder, address)
    if filesystem.get_file_info(FileSelector(folder)):
        raise OptionError(f"{address}: not empty; expected a new or empty folder, or --resume")


def read_shard(filesystem: FileSystem, path: str, max_bytes: int = _MOST_BYTES) -> Iterator[Item]:
    """Yield every file of a shard, a few at a time in memory.

    Names are cleaned as those of an archive are: nothing of them points outside of an output, and
    every one is a row of its own. A member without a name is called by its row.

    Parameters
    ----------
    filesystem : FileSystem
    path : str
    max_bytes : int
        Files are read no further than a byte more.

    Raises
    ------
    InputError
        If it is not a Parquet file with these columns, or not a tar.
    """
    reader = _read_parquet if path.endswith(".parquet") else _read_tar
    claims = Claims()
    try:
        for number, (name, data) in enumerate(reader(filesystem, path, max_bytes), start=1):
            said = f"row {number}" if name is None else as_utf_8(str(name))
            row, free = claims.claim(inside(said))
            yield _member(row, data) if free else Item(row, b"", f"{row}: {_SECOND}")
    except HumanizeError:
        raise
    except Exception as error:  # damage can raise anything here
        reason = one_line(str(error) or type(error).__name__)
        raise InputError(
            f"{path}: {reason}; expected Parquet with columns 'name' and 'bytes', or a tar"
        ) from None


def _member(name: str, data: object) -> Item:
    if data is None or isinstance(data, bytes):
        return Item(name, data or b"")
    return Item(name, b"", f"{name}: {type(data).__name__} found; expected bytes")


def _read_parquet(
    filesystem: FileSystem, path: str, max_bytes: int
) -> Iterator[tuple[object, object]]:
    from pyarrow.parquet import ParquetFile

    with filesystem.open_input_file(path) as file:
        for batch in ParquetFile(file).iter_batches(_ROWS_AT_ONCE, columns=["name", "bytes"]):
            names, values = batch.column("name"), batch.column("bytes")
            for name, value in zip(names, values, strict=True):
                data = value.as_py()
                yield name.as_py(), data[: max_bytes + 1] if isinstance(data, bytes) else data


def _read_tar(filesystem: FileSystem, path: str, max_bytes: int) -> Iterator[tuple[object, object]]:
    with (
        filesystem.open_input_stream(path) as stream,
        tarfile.open(fileobj=stream, mode="r|*", tarinfo=WholeTarInfo) as archive,
    ):
        for member in archive:
            archive.members.clear()  # type: ignore[attr-defined]  # it keeps all it has seen
            file = archive.extractfile(member) if member.isfile() else None
            if file is not None:
                yield member.name, file.read(max_bytes + 1)


def as_utf_8(name: str) -> str:
    """Return a name that a table can hold: bytes that are no UTF-8 as such as ``\\udcff``."""
    return name.encode(errors="backslashreplace").decode()


Add = Any  # (name, bytes or None, dict of further columns) -> None


@contextmanager
def writing(filesystem: FileSystem, path: str) -> Iterator[Add]:
    """Yield what adds a file to a shard, which appears under its name when it is whole.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    pure = PurePosixPath(path)
    partial = str(pure.with_name(f".{pure.name}.{os.getpid()}{_PARTIAL}"))
    opener = _parquet_writer if pure.suffix == ".parquet" else _tar_writer
    whole = False
    try:
        with filesystem.open_output_stream(partial) as stream, opener(stream) as add:
            yield add
        filesystem.move(partial, path)
        whole = True
    except OSError as error:
        raise OutputError(f"{path}: {error}; expected a place that can be written") from None
    finally:
        if not whole:
            _remove(filesystem, partial)


def _remove(filesystem: FileSystem, path: str) -> None:
    from pyarrow.fs import FileType

    if filesystem.get_file_info(path).type == FileType.File:
        filesystem.delete_file(path)


def remove_partial(filesystem: FileSystem, folder: str) -> None:
    """Remove what workers that were lost have begun."""
    from pyarrow.fs import FileSelector

    for entry in filesystem.get_file_info(FileSelector(folder)):
        if entry.base_name.startswith(".") and entry.base_name.endswith(_PARTIAL):
            filesystem.delete_file(entry.path)


@contextmanager
def _parquet_writer(stream: Any) -> Iterator[Add]:
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    fields = [("name", pa.string()), ("bytes", pa.binary())]
    further = [pa.int64(), pa.float64(), pa.string(), pa.string()]
    schema = pa.schema([*fields, *zip(_OUTPUT_FIELDS, further, strict=True)])
    rows: list[dict[str, Any]] = []
    with ParquetWriter(stream, schema, compression="zstd") as writer:

        def flush() -> None:
            if rows:
                writer.write_batch(pa.RecordBatch.from_pylist(rows, schema=schema))
                rows.clear()

        def add(name: str, data: bytes | None, columns: dict[str, Any]) -> None:
            rows.append({"name": name, "bytes": data, **columns})
            if len(rows) >= _ROWS_AT_ONCE:
                flush()

        yield add
        flush()


@contextmanager
def _tar_writer(stream: Any) -> Iterator[Add]:
    """Files as members; what became of each stands in a last member, ``report.csv``."""
    report = io.StringIO()
    report.write(row_text(("path", *_OUTPUT_FIELDS)))
    with tarfile.open(fileobj=stream, mode="w|") as archive:

        def add(name: str, data: bytes | None, columns: dict[str, Any]) -> None:
            if columns:
                report.write(row_text((name, *(str(columns[field]) for field in _OUTPUT_FIELDS))))
            if data is not None:
                member = tarfile.TarInfo(result_name(name) if columns else name)
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))

        yield add
        text = report.getvalue().encode()
        if text.count(b"\n") > 1:
            member = tarfile.TarInfo("report.csv")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))


def copy_rows(outcomes: Iterable[Any], add: Add) -> None:
    """Add outcomes of files to a shard."""
    for outcome in outcomes:
        columns = {
            "notes": outcome.notes,
            "seconds": round(outcome.seconds, 4),
            "outcome": outcome.outcome,
            "message": outcome.message,
        }
        add(outcome.path, outcome.data, columns)
