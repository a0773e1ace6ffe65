"""Reading inputs and writing outputs: nothing is half-written and nothing overwritten unasked."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from humanize.errors import InputError, OptionError, OutputError

SCORE_SUFFIXES = (".musicxml", ".xml", ".mxl", ".mei", ".krn", ".abc")
MIDI_SUFFIXES = (".mid", ".midi", ".smf")
_KARAOKE, _RIFF_MIDI = ".kar", ".rmi"
_UNREAD_SUFFIXES = (
    ".mscz", ".mscx", ".sib", ".gp", ".gpx", ".gp3", ".gp4", ".gp5", ".musx", ".mus", ".dorico",
    ".ly", ".cap", ".capx",
)  # fmt: skip
"""Known, so that the message can say what to export."""

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
"""Numbers of the errors of a full disk, and of a quota that is used up."""

NO_ROOM_LEFT = "no room left; expected room for the result. Make some there, or write elsewhere"


def is_score(name: str) -> bool:
    """Return whether a file name has the ending of a score."""
    return Path(name).suffix.lower() in (*SCORE_SUFFIXES, *_UNREAD_SUFFIXES)


def starts_as_midi(data: bytes) -> bool:
    """Return whether bytes begin as a Standard MIDI File or a RIFF .rmi does."""
    return data[:4] in (b"MThd", b"RIFF")


def holds_score(name: str, data: bytes) -> bool:
    """Return whether a file is read as a score: by its name's ending, unless it is MIDI inside."""
    return is_score(name) and not starts_as_midi(data)


def read_input(path: Path) -> bytes:
    """Return the bytes of a file.

    Raises
    ------
    InputError
        If it is not there or cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; expected a MIDI file or a score") from None
    except OSError as error:
        if isinstance(error, IsADirectoryError | PermissionError) and path.is_dir():  # Windows: any
            raise InputError(f"{path}: a folder found; expected a file") from None
        raise InputError(f"{path}: {error.strerror}; expected a file that can be read") from None
    except ValueError as error:  # a NUL in the path
        raise InputError(f"{path}: {error}; expected the path of a file") from None


def read_regular(path: Path, most_bytes: int) -> bytes:
    """Return the first bytes of an ordinary file; pipes and devices, which may never end, are none.

    Raises
    ------
    InputError
        If it is not there, is no ordinary file or cannot be read.
    """
    try:
        handle = os.open(
            path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        )
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise InputError(f"{path}: no ordinary file; expected a MIDI file or a score")
            return file.read(most_bytes)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; expected a MIDI file or a score") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; expected a file that can be read") from None
    except ValueError as error:
        raise InputError(f"{path}: {error}; expected the path of a file") from None


def make_folder(path: Path) -> None:
    """Make a folder for results, or check that the one there takes files, before any long work.

    Raises
    ------
    OutputError
        If it cannot be made or written.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror}; expected a folder to write") from None


def require_writable(path: Path) -> None:
    """Check, before any long work, that a new file can be written; nothing is left of it.

    Raises
    ------
    OutputError
        If the folder is missing, cannot be written, or takes no such name.
    """
    try:
        with tempfile.TemporaryFile(dir=path.parent), suppress(FileNotFoundError):
            path.lstat()  # a name that is too long is an error
    except OSError as error:
        raise OutputError(f"{path}: {_unwritten(error)}") from None


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, through a temporary file beside it.

    A link is followed, so that it still points where it did, and the permissions of a file that
    is replaced are kept. What is no file (a pipe, a device) is written to as it is.

    Raises
    ------
    OutputError
        If the folder is missing or cannot be written, or there is no room.
    """
    temporary = None
    try:
        before = _mode(path)
        if before is not None and stat.S_ISDIR(before):
            raise OutputError(f"{path}: a folder found; expected the name of a file")
        if before is not None and not stat.S_ISREG(before):
            path.write_bytes(data)
            return
        target = Path(os.path.realpath(path))
        mode = 0o666 & ~_umask() if before is None else before & 0o777
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name[:32]}.", dir=target.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(temporary).chmod(mode)
        Path(temporary).replace(target)
        temporary = None
    except OSError as error:
        raise OutputError(f"{path}: {_unwritten(error)}") from None
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def _unwritten(error: OSError) -> str:
    """Return what is to be said where writing a file failed."""
    if error.errno in NO_ROOM:
        return NO_ROOM_LEFT
    return f"{error.strerror}; expected a folder that exists and can be written"


def midi_endings(source: Path, data: bytes) -> tuple[str, ...]:
    """Return the endings that a MIDI file may have which is made of another: its own among them."""
    own = source.suffix.lower()
    riff = (_RIFF_MIDI,) if data[:4] == b"RIFF" else ()
    known = (*MIDI_SUFFIXES, _KARAOKE, *riff)
    return known if own in known or not own else (*known, own)


def require_ending(target: Path, endings: Sequence[str], *, bare: bool = True) -> None:
    """Raise OptionError where a name's ending is none of those that can be written.

    Parameters
    ----------
    target : Path
    endings : sequence of str
        Lower case; a name may have them in capitals.
    bare : bool
        Whether a name without any ending will do.
    """
    ending = target.suffix.lower()
    if ending in endings or (bare and not ending):
        return
    found = f"no {ending} is written" if ending else "no ending found"
    raise OptionError(f"{target}: {found}; expected {either(endings)}")


def either(words: Sequence[str]) -> str:
    """Return words as a choice: ``.mid, .midi or .smf``."""
    return " or ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def require_two_files(source: Path, target: Path) -> None:
    """Raise OptionError where input and output are one file."""
    if one_file(source, target):
        raise OptionError(f"{target}: input and output are one file; expected two, or --in-place")


def one_file(first: Path, second: Path) -> bool:
    """Return whether two paths are, or would be, one file; links are followed."""
    try:
        return second.samefile(first)
    except OSError:  # one is not there yet, or reading or writing it will say why not
        return os.path.realpath(first) == os.path.realpath(second)


def default_output(path: Path, suffix: str | None = None) -> Path:
    """Return ``<name>-humanized<suffix>`` beside a file, numbered where that is taken.

    Raises
    ------
    InputError
        If the path has no name, as that of a folder may.
    """
    if not path.name:
        raise InputError(f"{path}: a folder found; expected a file")
    ending = path.suffix if suffix is None else suffix
    candidate = path.with_name(f"{path.stem}-humanized{ending}")
    number = 2
    while _is_there(candidate):
        candidate = path.with_name(f"{path.stem}-humanized-{number}{ending}")
        number += 1
    return candidate


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # such as a name too long; writing says so
        return False


def _mode(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
