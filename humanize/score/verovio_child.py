"""Reads a score from standard input and writes Verovio's MEI of it; run as a process of its own."""

from __future__ import annotations

import sys

_MOST_MEMORY = 900 * 2**20  # bytes
_MOST_TEXT = 128 * 2**20  # bytes of MEI
_NO_VEROVIO = 3


def main(written: str, seconds: int) -> int:
    """Return the exit code: 0, 1 where the score cannot be read, 3 without Verovio."""
    _bound(seconds)
    try:
        import verovio
    except ImportError:
        return _NO_VEROVIO
    verovio.enableLog(verovio.LOG_OFF)
    toolkit = verovio.toolkit()
    toolkit.setOptions(
        {"inputFrom": written, "breaks": "none", "mdivAll": True, "outputFormatRaw": True}
    )
    text = sys.stdin.buffer.read().decode("utf-8", errors="replace")
    if not toolkit.loadData(text):
        sys.stderr.write(toolkit.getLog())
        return 1
    mei = toolkit.getMEI({"ignoreHeader": True}).encode()
    if len(mei) > _MOST_TEXT:
        sys.stderr.write(f"{len(mei):,} bytes of MEI\n")
        return 1
    sys.stdout.buffer.write(mei)
    return 0


def _bound(seconds: int) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
