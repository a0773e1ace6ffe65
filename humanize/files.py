"""Reading inputs and writing outputs: nothing is half-written and nothing overwritten unasked."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from humanize.errors import InputError, OptionError, OutputError

SCORE_SUFFIXES = (".musicxml", ".xml", ".mxl", ".mei", ".krn")
_UNREAD_SUFFIXES = (".mscz", ".mscx")  # known, so that the message can say what to export


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
        raise InputError(f"{path}: {error.strerror}; expected a file that can be read") from None


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, through a temporary file beside it.

    A link is followed, so that it still points where it did, and the permissions of a file that
    is replaced are kept.

    Raises
    ------
    OutputError
        If the folder is missing or cannot be written.
    """
    target = path.resolve()
    temporary = None
    try:
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(temporary).chmod(mode)
        Path(temporary).replace(target)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise OutputError(
            f"{path}: {error.strerror}; expected a folder that exists and can be written"
        ) from None


def require_two_files(source: Path, target: Path) -> None:
    """Raise OptionError where input and output are one file."""
    if target.exists() and source.exists() and target.samefile(source):
        raise OptionError(f"{target}: input and output are one file; expected two, or --in-place")


def default_output(path: Path, suffix: str | None = None) -> Path:
    """Return ``<name>-humanized<suffix>`` beside a file, numbered where that is taken."""
    ending = path.suffix if suffix is None else suffix
    candidate = path.with_name(f"{path.stem}-humanized{ending}")
    number = 2
    while candidate.exists():
        candidate = path.with_name(f"{path.stem}-humanized-{number}{ending}")
        number += 1
    return candidate


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
