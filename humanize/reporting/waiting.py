"""A line on the terminal while a long work goes on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_LONG = 2_000_000  # bytes of a file that is worked at for seconds
_LONG_PACKED = 150_000  # of a compressed one


@contextmanager
def said_while_it_lasts(text: str, data: bytes, *, quiet: bool = False) -> Iterator[None]:
    """Show a line on standard error while a large file is worked at, and take it away again.

    Only on a terminal, and only for a file of more than 2 MB (150 kB where it is compressed).

    Parameters
    ----------
    text : str
        What is done.
    data : bytes
        The file.
    quiet : bool
    """
    long = len(data) > (_LONG_PACKED if data[:2] == b"PK" else _LONG)
    if quiet or not long or not sys.stderr.isatty():
        yield
        return
    line = f"{text} ({len(data) / 1e6:,.1f} MB) ..."
    sys.stderr.write(line)
    sys.stderr.flush()
    try:
        yield
    finally:
        sys.stderr.write("\r" + " " * len(line) + "\r")
        sys.stderr.flush()
