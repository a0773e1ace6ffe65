"""What a batch is made of: folders, globs, lists, archives and single files, one after another.

Nothing is held but the file at hand, so a million files cost no more memory than one.
"""

from __future__ import annotations

import glob
import lzma
import os
import struct
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from humanize.errors import InputError, OptionError

SUFFIXES = frozenset({".mid", ".midi", ".kar", ".smf", ".rmi", ".musicxml", ".mxl", ".mei", ".krn"})
"""Of the files that a folder or archive is searched for; ``.xml`` is not, as most are no scores."""
# what ``zipfile`` raises at damaged or encrypted archives and members: names that are no UTF-8,
# versions and fields that cannot be are a ValueError, RuntimeError, IndexError or struct.error
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError,
            RuntimeError, ValueError, IndexError)  # fmt: skip
_TAR_ENDINGS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")


class WholeTarInfo(tarfile.TarInfo):
    """Members of a tar that must end with its end mark: ``tarfile`` takes a cut one for whole."""

    @classmethod
    def fromtarfile(cls, tarfile_: tarfile.TarFile) -> WholeTarInfo:
        """Return the next member."""
        try:
            return super().fromtarfile(tarfile_)
        except (tarfile.TruncatedHeaderError, tarfile.EmptyHeaderError) as error:  # type: ignore[attr-defined]
            raise tarfile.ReadError(f"it breaks off ({error})") from None


@dataclass(frozen=True)
class Item:
    """One input.

    Attributes
    ----------
    name : str
        Its path in the output, with ``/``.
    source : Path or bytes
        Where it stands, or what an archive holds; bytes are cut at ``max_bytes`` + 1.
    error : str
        What is wrong with it before it is even read.
    """

    name: str
    source: Path | bytes
    error: str = ""


def items(
    sources: Sequence[str],
    *,
    max_bytes: int,
    wanted: Callable[[str], bool] = lambda name: True,
    avoid: Path | None = None,
) -> Iterator[Item]:
    """Yield every input of the sources in order, folders and archives sorted or as packed.

    Parameters
    ----------
    sources : sequence of str
        A folder (every MIDI file or score below it), a ``.tar`` (also packed) or ``.zip``, a list
        (``@files.txt`` or ``@-``: one path a line), a glob, or a file. With several sources each
        folder and archive has a folder of its own name in the output.
    max_bytes : int
        Members of archives are read no further.
    wanted : callable
        Names for which it is false are passed over unread.
    avoid : Path, optional
        A folder that is not searched: the output, where it stands inside a source.

    Yields
    ------
    Item
        A damaged archive ends with an item of its own name, whose ``error`` says so; the sources
        after it follow.

    Raises
    ------
    OptionError
        If a source is not there, or two would share a folder.
    """
    require_sources(sources)
    several = len(sources) > 1
    for source in sources:
        prefix = f"{_stem(source)}/" if several and _is_container(source) else ""
        below = partial(_wanted_below, wanted, prefix)
        try:
            for item in _of_source(source, max_bytes, below, avoid):
                yield Item(prefix + item.name, item.source, item.error)
        except InputError as error:
            name = _inside(Path(source).name)
            if wanted(name):
                yield Item(name, b"", str(error))


def require_sources(sources: Sequence[str]) -> None:
    """Raise OptionError where a source is not there, or two would share a folder."""
    for source in sources:
        _require_there(source)
    _require_distinct(sources)


def _wanted_below(wanted: Callable[[str], bool], prefix: str, name: str) -> bool:
    return wanted(prefix + name)


def count(sources: Sequence[str], *, avoid: Path | None = None) -> int | None:
    """Return how many inputs there are; None where only reading a whole archive would tell."""
    total = 0
    for source in sources:
        if _is_tar(source) or source == "@-":
            return None
        try:
            total += sum(1 for _ in _names(source, avoid))
        except _DAMAGED:
            return None  # reading it will say why
    return total


def _names(source: str, avoid: Path | None) -> Iterator[object]:
    if not _is_zip(source):
        return _of_source(source, 0, lambda name: True, avoid)
    with zipfile.ZipFile(source) as archive:
        return iter([name for name in archive.namelist() if _is_input(name)])


def _of_source(
    source: str, max_bytes: int, wanted: Callable[[str], bool], avoid: Path | None
) -> Iterator[Item]:
    path = Path(source)
    if source.startswith("@"):
        return _of_list(source[1:], wanted)
    if path.is_dir():
        return _of_folder(path, wanted, avoid)
    if _is_tar(source):
        return _of_tar(path, max_bytes, wanted)
    if _is_zip(source):
        return _of_zip(path, max_bytes, wanted)
    if path.exists():
        return _of_files([source], wanted)
    found = sorted(glob.glob(source, recursive=True))  # noqa: PTH207
    return _of_files([path for path in found if not _is_below(path, avoid)], wanted)


def _is_below(path: str, folder: Path | None) -> bool:
    return folder is not None and folder.resolve() in Path(path).resolve().parents


def _of_folder(folder: Path, wanted: Callable[[str], bool], avoid: Path | None) -> Iterator[Item]:
    unread: list[OSError] = []
    passed = avoid.resolve() if avoid is not None else None
    for parent, folders, files in os.walk(folder, onerror=unread.append):
        folders[:] = sorted(f for f in folders if (Path(parent) / f).resolve() != passed)
        for file in sorted(files):
            path = Path(parent) / file
            name = path.relative_to(folder).as_posix()
            if _is_input(file) and wanted(name):
                yield Item(name, path)
    for error in unread:
        name = Path(error.filename).relative_to(folder).as_posix()
        if wanted(name):
            yield Item(name, b"", f"{error.filename}: {error.strerror}; expected a folder to read")


def _of_files(paths: Sequence[str], wanted: Callable[[str], bool]) -> Iterator[Item]:
    for text in paths:
        if Path(text).is_dir():
            continue
        name = _inside(text)
        if wanted(name):
            yield Item(name, Path(text))


def _of_list(path: str, wanted: Callable[[str], bool]) -> Iterator[Item]:
    try:
        with sys.stdin if path == "-" else Path(path).open(encoding="utf-8") as lines:
            for line in lines:
                yield from _of_files(line.rstrip("\n").splitlines(), wanted)
    except OSError as error:
        raise OptionError(f"@{path}: {error.strerror}; expected a list of paths") from None


def _of_tar(path: Path, max_bytes: int, wanted: Callable[[str], bool]) -> Iterator[Item]:
    try:
        with tarfile.open(path, "r|*", tarinfo=WholeTarInfo) as archive:
            for member in archive:
                archive.members.clear()  # type: ignore[attr-defined]  # it keeps all it has seen
                name = _inside(member.name)
                if not member.isdir() and _is_input(name) and wanted(name):
                    yield _tar_member(archive, member, name, max_bytes)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise InputError(f"{path}: {error}; expected a whole tar archive") from None


def _tar_member(
    archive: tarfile.TarFile, member: tarfile.TarInfo, name: str, max_bytes: int
) -> Item:
    if not member.isfile():
        kind = f"a link to {member.linkname}" if member.linkname else "no file"
        return Item(name, b"", f"{name}: {kind} found; expected a file packed as itself")
    file = archive.extractfile(member)
    return Item(name, file.read(max_bytes + 1) if file else b"")


def _of_zip(path: Path, max_bytes: int, wanted: Callable[[str], bool]) -> Iterator[Item]:
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                name = _inside(member.filename)
                if not member.is_dir() and _is_input(name) and wanted(name):
                    yield _zip_member(archive, member, name, max_bytes)
    except _DAMAGED as error:
        raise InputError(f"{path}: {error}; expected a whole zip archive") from None


def _zip_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, max_bytes: int
) -> Item:
    try:
        with archive.open(member) as file:
            return Item(name, file.read(max_bytes + 1))
    except _DAMAGED as error:
        return Item(name, b"", f"{name}: {error}; expected a member that can be unpacked")


def _inside(path: str) -> str:
    """Return a path that stays below the output folder: no root, no drive, no ``..``."""
    pure = PurePosixPath(Path(path).as_posix())
    parts = [part for part in pure.parts if part not in ("/", "//", "..", ".")]
    if parts and len(parts[0]) == 2 and parts[0][1] == ":":
        del parts[0]
    return "/".join(parts).replace(":", "_") or "unnamed"


def _is_input(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in SUFFIXES


def _is_tar(source: str) -> bool:
    return source.lower().endswith(_TAR_ENDINGS)


def _is_zip(source: str) -> bool:
    return source.lower().endswith(".zip")


def _is_container(source: str) -> bool:
    return _is_tar(source) or _is_zip(source) or Path(source).is_dir()


def _stem(source: str) -> str:
    name = Path(source).resolve().name
    for ending in (*_TAR_ENDINGS, ".zip"):
        name = name.removesuffix(ending)
    return name or "root"


def _require_there(source: str) -> None:
    there = Path(source).exists() or glob.has_magic(source) or source.startswith("@")
    if not there:
        raise OptionError(
            f"{source}: nothing there; expected a folder, a file, a glob, an archive or @LIST"
        )


def _require_distinct(sources: Sequence[str]) -> None:
    stems = [_stem(source) for source in sources if _is_container(source)]
    twice = sorted({stem for stem in stems if stems.count(stem) > 1})
    if twice:
        raise OptionError(
            f"two sources are named {twice[0]!r}; expected different names, as each gets a folder "
            "of its name in the output"
        )
