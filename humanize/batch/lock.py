"""One batch at a time in an output: a lock that the system takes back when its holder ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from humanize.errors import OutputError


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of an output, which is on its file of settings.

    A run that was killed leaves none behind. Some network file systems have no locks; there
    nothing is held.

    Raises
    ------
    OutputError
        If another run holds it, or the file cannot be opened.
    """
    try:
        file = path.open("ab")
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror}; expected a file to write") from None
    with file:
        try:
            _lock(file)
        except (BlockingIOError, PermissionError):
            raise OutputError(
                f"{path.parent}: another batch is at work there; expected one at a time. "
                "Let it finish, or end it and --resume"
            ) from None
        except OSError:
            pass
        yield


def _lock(file: IO[bytes]) -> None:
    with suppress(ImportError):
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return
    import msvcrt

    file.seek(2**30)  # far behind the settings, which others may read
    msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
