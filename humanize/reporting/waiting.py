"""A line on the terminal while a long work goes on; nothing where standard error is piped."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

FIRST_SEC = 1.0  # what is done sooner needs no word
_EVERY_SEC = 1.0


@contextmanager
def said_while_it_lasts(text: str, *, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """Show a line on standard error once a work takes over a second, and take it away again.

    Only on a terminal.

    Parameters
    ----------
    text : str
        What is done.
    quiet : bool

    Yields
    ------
    callable
        Says a line that stays, terminal or not.
    """
    if quiet or not sys.stderr.isatty():
        yield _say
        return
    line = _Line(text)
    teller = threading.Thread(target=line.keep, daemon=True)
    teller.start()
    try:
        yield line.say
    finally:
        line.done.set()
        teller.join()


class _Line:
    """The line that is shown: written by its own thread, made room for by what stays."""

    def __init__(self, text: str) -> None:
        self.done = threading.Event()
        self._text, self._shown, self._lock = text, "", threading.Lock()

    def keep(self) -> None:
        """Show the seconds that have passed until the work is done."""
        seconds, wait = 0.0, FIRST_SEC
        while not self.done.wait(wait):
            seconds, wait = seconds + wait, _EVERY_SEC
            with self._lock:
                self._shown = f"{self._text} ... {seconds:.0f} s"
                _write(f"\r{self._shown}")
        with self._lock:
            self._take_away()

    def say(self, text: str) -> None:
        """Say a line that stays."""
        with self._lock:
            self._take_away()
            _say(text)

    def _take_away(self) -> None:
        if self._shown:
            _write("\r" + " " * len(self._shown) + "\r")
            self._shown = ""


def _say(text: str) -> None:
    _write(f"{text}\n")


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
