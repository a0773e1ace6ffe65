"""What a batch is made of: folders, globs, lists, archives and single files, one after another.

Nothing is held but the file at hand, so a million files cost no more memory than one.
"""

from __future__ import annotations

import glob
import os
import sys
import tarfile
import zipfile
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from humanize.batch.names import Claims, apart, inside
from humanize.errors import HumanizeError, InputError, OptionError
from humanize.reporting.wording import one_line

SUFFIXES = frozenset({".mid", ".midi", ".kar", ".smf", ".rmi", ".musicxml", ".mxl", ".mei", ".krn",
                      ".abc"})  # fmt: skip
"""Of the files that a folder or archive is searched for; ``.xml`` is not, as most are no scores."""
_LONGEST_LINE = 32_768  # bytes of a line of a list; no path is longer
_LONGEST_FIELD = 2**20  # bytes of a long name or a comment in a tar
_TAR_FIELDS = (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE,
               tarfile.SOLARIS_XHDTYPE)  # fmt: skip
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

    def _proc_member(self, tarfile_: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type in _TAR_FIELDS and self.size > _LONGEST_FIELD:
            raise tarfile.ReadError(f"a name of {self.size:,} bytes")
        return super()._proc_member(tarfile_)  # type: ignore[misc]


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


@dataclass(frozen=True)
class _Found:
    """An input that is not read yet."""

    name: str
    read: Callable[[], Item]


def _loose(name: str, path: Path) -> _Found:
    return _Found(name, partial(Item, name, path))


def _unread(name: str, error: str) -> _Found:
    return _Found(name, partial(Item, name, b"", error))


Wanted = Callable[[str, bool], bool]
"""Whether an input is wanted, by the name of its row and by whether its result is its own."""


def items(
    sources: Sequence[str],
    *,
    max_bytes: int,
    wanted: Wanted = lambda name, own: True,
    avoid: Path | None = None,
    own: Collection[str] = (),
    performed: bool = False,
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
        Inputs for which it is false are passed over unread.
    avoid : Path, optional
        A folder that is not searched: the output, where it stands inside a source.
    own : collection of str
        Names at the top of the output that no result may have; an input's gets a ``_`` in front.
    performed : bool
        Whether results are performances, and so MIDI files.

    Yields
    ------
    Item
        A damaged archive ends with an item of its own name, whose ``error`` says so; the sources
        after it follow. So has an input whose result an earlier one makes.

    Raises
    ------
    InputError
        If a source is not there.
    OptionError
        If two would share a folder.
    """
    require_sources(sources)
    claims = Claims(performed=performed)
    for found in _of_sources(sources, max_bytes, avoid):
        name, free = claims.claim(apart(found.name, own))
        if not wanted(name, free):
            continue
        item = found.read() if free else Item(name, b"", _second(name))
        yield Item(name, item.source, item.error)


def _second(name: str) -> str:
    return f"{name}: another input has the same result; expected inputs of different names"


def _of_sources(sources: Sequence[str], max_bytes: int, avoid: Path | None) -> Iterator[_Found]:
    several = len(sources) > 1
    for source in sources:
        prefix = f"{_stem(source)}/" if several and _is_container(source) else ""
        try:
            for found in _of_source(source, max_bytes, avoid):
                yield _Found(prefix + found.name, found.read)
        except InputError as error:
            yield _unread(inside(Path(source).name), str(error))


def require_sources(sources: Sequence[str]) -> None:
    """Raise InputError where a source is not there, OptionError where two would share a folder."""
    for source in sources:
        _require_there(source)
    _require_distinct(sources)


def count(sources: Sequence[str], *, avoid: Path | None = None) -> int | None:
    """Return how many inputs there are; None where only reading a whole archive would tell."""
    total = 0
    for source in sources:
        if _is_tar(source) or source == "@-":
            return None
        try:
            total += sum(1 for _ in _of_source(source, 0, avoid))
        except InputError:
            return None  # reading it will say why
    return total


def _of_source(source: str, max_bytes: int, avoid: Path | None) -> Iterator[_Found]:
    path = Path(source)
    if source.startswith("@"):
        return _of_list(source[1:])
    if _is_folder(source):
        return _of_folder(path, avoid)
    if _is_tar(source):
        return _of_tar(path, max_bytes)
    if _is_zip(source):
        return _of_zip(path, max_bytes)
    if _is_there(source):
        return _of_files([source])
    return _of_files([path for path in _matching(source) if not _is_below(path, avoid)])


def _matching(pattern: str) -> list[str]:
    """Return what a glob finds, sorted; ``**`` follows no links to folders, which may go round."""
    before, stars, after = pattern.partition("**")
    if not stars or (before and not before.endswith("/")) or after[:1] not in ("", "/"):
        return sorted(glob.glob(pattern))  # noqa: PTH207
    found: set[str] = set()
    for top in glob.glob(before) if before else ["."]:  # noqa: PTH207
        for parent, folders, files in os.walk(top):
            folders[:] = [folder for folder in folders if not folder.startswith(".")]
            here = "" if parent == "." else parent.removeprefix("./")
            if after.strip("/"):
                found.update(_matching(os.path.join(glob.escape(here), after.strip("/"))))  # noqa: PTH118
            else:
                found.update(os.path.join(here, f) for f in files if not f.startswith("."))  # noqa: PTH118
    return sorted(found)


def _is_below(path: str, folder: Path | None) -> bool:
    if folder is None:
        return False
    return Path(os.path.realpath(folder)) in Path(os.path.realpath(path)).parents


def _of_folder(folder: Path, avoid: Path | None) -> Iterator[_Found]:
    unread: list[OSError] = []
    passed = os.path.realpath(avoid) if avoid is not None else None
    for parent, folders, files in os.walk(folder, onerror=unread.append):
        folders[:] = sorted(f for f in folders if os.path.realpath(Path(parent) / f) != passed)
        for file in sorted(files):
            path = Path(parent) / file
            if _is_input(file):
                yield _loose(path.relative_to(folder).as_posix(), path)
    for error in unread:
        name = Path(error.filename).relative_to(folder).as_posix()
        yield _unread(name, f"{error.filename}: {error.strerror}; expected a folder to read")


def _of_files(paths: Sequence[str]) -> Iterator[_Found]:
    for text in paths:
        if "\0" in text:
            yield _unread(inside(text), f"{inside(text)}: a line of bytes; expected a path")
        elif not _is_folder(text):
            yield _loose(inside(text), Path(text))


def _of_list(path: str) -> Iterator[_Found]:
    try:
        with sys.stdin.buffer if path == "-" else Path(path).open("rb") as lines:
            for number, line in enumerate(iter(partial(lines.readline, _LONGEST_LINE), b""), 1):
                yield from _of_line(line, number, lines)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or one_line(str(error))
        raise OptionError(f"@{path}: {reason}; expected a list of paths") from None


def _of_line(line: bytes, number: int, rest: BinaryIO) -> Iterator[_Found]:
    if len(line) == _LONGEST_LINE and not line.endswith(b"\n"):
        while (more := rest.readline(_LONGEST_LINE)) and not more.endswith(b"\n"):
            pass
        name = f"line {number}"
        yield _unread(name, f"{name}: over {_LONGEST_LINE:,} bytes; expected a path")
        return
    mark = b"\xef\xbb\xbf" if number == 1 else b""
    text = os.fsdecode(line.removeprefix(mark).removesuffix(b"\n").removesuffix(b"\r"))
    if text:
        yield from _of_files([text])


def _of_tar(path: Path, max_bytes: int) -> Iterator[_Found]:
    try:
        with tarfile.open(path, "r|*", tarinfo=WholeTarInfo) as archive:
            for member in archive:
                archive.members.clear()  # type: ignore[attr-defined]  # it keeps all it has seen
                name = inside(member.name)
                if not member.isdir() and _is_input(name):
                    yield _Found(name, partial(_tar_member, archive, member, name, max_bytes))
    except HumanizeError:
        raise
    except Exception as error:  # as above
        reason = one_line(str(error) or type(error).__name__)
        raise InputError(f"{path}: {reason}; expected a whole tar archive") from None


def _tar_member(
    archive: tarfile.TarFile, member: tarfile.TarInfo, name: str, max_bytes: int
) -> Item:
    if not member.isfile():
        kind = f"a link to {member.linkname}" if member.linkname else "no file"
        return Item(name, b"", f"{name}: {kind} found; expected a file packed as itself")
    try:
        file = archive.extractfile(member)
        return Item(name, file.read(max_bytes + 1) if file else b"")
    except Exception as error:  # damage can raise anything here, also of zlib, lzma and struct
        reason = one_line(str(error) or type(error).__name__)
        return Item(name, b"", f"{name}: {reason}; expected a whole member")


def _of_zip(path: Path, max_bytes: int) -> Iterator[_Found]:
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                name = inside(member.filename)
                if not member.is_dir() and _is_input(name):
                    yield _Found(name, partial(_zip_member, archive, member, name, max_bytes))
    except HumanizeError:
        raise
    except Exception as error:  # names that are no UTF-8, versions that cannot be
        reason = one_line(str(error) or type(error).__name__)
        raise InputError(f"{path}: {reason}; expected a whole zip archive") from None


def _zip_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, max_bytes: int
) -> Item:
    try:
        with archive.open(member) as file:
            return Item(name, file.read(max_bytes + 1))
    except Exception as error:
        reason = one_line(str(error) or type(error).__name__)
        return Item(name, b"", f"{name}: {reason}; expected a member that can be unpacked")


def _is_there(path: str) -> bool:
    return os.path.exists(path)  # noqa: PTH110  # unlike pathlib false for a name too long


def _is_folder(path: str) -> bool:
    return os.path.isdir(path)  # noqa: PTH112  # as above


def _is_input(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in SUFFIXES


def _is_tar(source: str) -> bool:
    return source.lower().endswith(_TAR_ENDINGS)


def _is_zip(source: str) -> bool:
    return source.lower().endswith(".zip")


def _is_container(source: str) -> bool:
    return _is_tar(source) or _is_zip(source) or _is_folder(source)


def _stem(source: str) -> str:
    name = Path(os.path.realpath(source)).name
    for ending in (*_TAR_ENDINGS, ".zip"):
        name = name.removesuffix(ending)
    return name or "root"


def _require_there(source: str) -> None:
    there = _is_there(source) or glob.has_magic(source) or source.startswith("@")
    if not there or "\0" in source:
        raise InputError(
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
