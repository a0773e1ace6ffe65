"""What the command ``humanize`` starts: Ctrl-C ends it with 130, even while modules are imported.

It stands outside the package, as importing anything of that already takes the longest.
"""

from __future__ import annotations

import os
import signal

INTERRUPTED = 130  # what shells say of a program that SIGINT has ended


def main() -> None:
    """Import the command line and run it."""
    # an exception in the middle of an import may be taken for something else; nothing is under
    # way yet that would have to be cleaned up
    waits = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if waits:
        signal.signal(signal.SIGINT, lambda number, frame: os._exit(INTERRUPTED))
    from humanize.cli import main as run

    if waits:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        run()
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
