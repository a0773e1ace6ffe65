"""A line while a large file is worked at, on a terminal alone."""

from __future__ import annotations

import io
import sys

import pytest

from humanize.reporting.waiting import said_while_it_lasts


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("size", "packed", "terminal", "quiet", "said"),
    [
        (3_000_000, False, True, False, True),
        (1_000_000, False, True, False, False),
        (200_000, True, True, False, True),
        (3_000_000, False, False, False, False),
        (3_000_000, False, True, True, False),
    ],
)
def test_a_line_is_shown_and_taken_away(
    monkeypatch: pytest.MonkeyPatch,
    size: int,
    packed: bool,
    terminal: bool,
    quiet: bool,
    said: bool,
) -> None:
    out = Terminal() if terminal else io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    data = (b"PK" if packed else b"<?") + bytes(size)
    with said_while_it_lasts("x.mxl: reading", data, quiet=quiet):
        assert ("x.mxl: reading" in out.getvalue()) == said
    if said:
        assert out.getvalue().endswith("\r")
