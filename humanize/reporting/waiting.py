"""A line on the terminal while a long work goes on."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

FIRST_SEC = 1.0  # what is done sooner needs no word
_EVERY_SEC = 1.0


@contextmanager
def said_while_it_lasts(text: str, *, quiet: bool = False) -> Iterator[None]:
    """Show a line on standard error once a work takes over a second, and take it away again.

    Only on a terminal.

    Parameters
    ----------
    text : str
        What is done.
    quiet : bool
    """
    if quiet or not sys.stderr.isatty():
        yield
        return
    done = threading.Event()
    teller = threading.Thread(target=_tell, args=(text, done), daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


def _tell(text: str, done: threading.Event) -> None:
    """Show the seconds that have passed until the work is done."""
    seconds, line = 0.0, ""
    while not done.wait(_EVERY_SEC if line else FIRST_SEC):
        seconds += _EVERY_SEC if line else FIRST_SEC
        line = f"{text} ... {seconds:.0f} s"
        _show(f"\r{line}")
    if line:
        _show("\r" + " " * len(line) + "\r")


def _show(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
