"""MEI and Humdrum through Verovio, which makes one MEI of both.

Verovio runs in a process of its own: what it cannot bear ends there, and its memory is bounded.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from humanize.errors import ScoreError
from humanize.score.text import Format, parsed

_LONGEST_SEC = 300
_LEAST_SEC, _SEC_PER_MB = 8, 30
_TOO_LONG = (-24, -9)  # signals of the system's limit on seconds
_SPOKEN = {"mei": "MEI", "humdrum": "Humdrum"}
_CHILD = Path(__file__).with_name("verovio_child.py")
_MOST_SPINES = 200  # columns of Humdrum, for each of which Verovio takes memory without end
_NO_VEROVIO = 3  # exit code of the child


def as_mei(text: bytes, written: Format, name: str) -> bytes:
    """Return a score as the MEI that Verovio makes of it.

    Parameters
    ----------
    text : bytes
        UTF-8.
    written : "mei" or "humdrum"
    name : str
        What messages call it.

    Raises
    ------
    ScoreError
        If it cannot be read.
    """
    if written == "mei":
        _require_mei(text, name)
    elif written == "humdrum":
        _require_kern(text, name)
    try:
        done = subprocess.run(
            [sys.executable, str(_CHILD), written, str(_seconds_for(text))],
            input=text,
            capture_output=True,
            timeout=_LONGEST_SEC,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
    except subprocess.TimeoutExpired:
        raise ScoreError(
            f"{name}: still not read after {_LONGEST_SEC} s; expected a score of fewer notes"
        ) from None
    if done.returncode == _NO_VEROVIO:
        raise ScoreError(
            f"{name}: verovio is not installed; expected it for {_SPOKEN[written]}. Install it "
            "with: pip install verovio"
        )
    if done.returncode in _TOO_LONG:
        raise ScoreError(
            f"{name}: not read within {_seconds_for(text)} s of a core; expected a score of fewer "
            "notes. Split it, or export it as MusicXML"
        )
    if done.returncode or not done.stdout:
        raise ScoreError(_unreadable(name, written, done.stderr.decode("utf-8", "replace")))
    return done.stdout


def _seconds_for(text: bytes) -> int:
    """Return how many seconds of a core reading may take."""
    return _LEAST_SEC + len(text) * _SEC_PER_MB // 1_000_000


def _unreadable(name: str, written: Format, log: str) -> str:
    found = [line.strip() for line in log.splitlines() if line.strip()]
    reason = f" ({found[0][:120]})" if found else ""
    return (
        f"{name}: this {_SPOKEN[written]} cannot be read{reason}; expected a score that Verovio "
        "reads. Export it as MusicXML"
    )


def _require_mei(text: bytes, name: str) -> None:
    from lxml import etree

    found = etree.QName(parsed(text, name)).localname
    if found != "mei":
        raise ScoreError(f"{name}: <{found}> found; expected <mei>")


def _require_kern(text: bytes, name: str) -> None:
    """Raise ScoreError for Humdrum without notes, or with too few or too many columns."""
    count = 0
    kinds: list[str] = []
    for number, line in enumerate(text.decode("utf-8", "replace").splitlines(), start=1):
        if not line.strip() or line.startswith("!"):
            continue
        tokens = line.rstrip("\r\n").split("\t")
        if len(tokens) > _MOST_SPINES:
            raise ScoreError(
                f"{name}: line {number} has {len(tokens):,} columns; "
                f"expected at most {_MOST_SPINES}"
            )
        if count and len(tokens) != count:
            raise ScoreError(f"{name}: line {number} has {len(tokens)} columns; expected {count}")
        count = len(tokens)
        if line.startswith("*"):
            kinds += [token for token in tokens if token.startswith("**")]
            count = _columns_after(tokens)
    if not any(kind in ("**kern", "**recip") for kind in kinds):
        raise ScoreError(f"{name}: no **kern spine; expected a Humdrum score with notes")


def _columns_after(tokens: list[str]) -> int:
    """Return how many columns follow a line that may split, join, add or end them."""
    count, joining = 0, False
    for token in tokens:
        count += {"*^": 2, "*+": 2, "*-": 0}.get(token, 1)
        count -= token == "*v" and joining
        joining = token == "*v"
    return count
