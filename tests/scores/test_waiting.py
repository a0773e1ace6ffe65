"""A line while a long work goes on, on a terminal alone."""

from __future__ import annotations

import io
import sys
import time

import pytest

from humanize.reporting import waiting
from humanize.reporting.waiting import said_while_it_lasts


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("seconds", "terminal", "quiet", "said"),
    [
        (0.2, True, False, True),
        (0.0, True, False, False),
        (0.2, False, False, False),
        (0.2, True, True, False),
    ],
)
def test_a_line_is_shown_and_taken_away(
    monkeypatch: pytest.MonkeyPatch, seconds: float, terminal: bool, quiet: bool, said: bool
) -> None:
    out = Terminal() if terminal else io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    monkeypatch.setattr(waiting, "FIRST_SEC", 0.05 if seconds else 60.0)
    with said_while_it_lasts("x.mxl: reading", quiet=quiet):
        time.sleep(seconds)
    assert ("x.mxl: reading" in out.getvalue()) == said
    assert out.getvalue().endswith("\r") == said


def test_the_line_goes_where_the_work_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Terminal()
    monkeypatch.setattr(sys, "stderr", out)
    monkeypatch.setattr(waiting, "FIRST_SEC", 0.01)
    with pytest.raises(ValueError, match="broken"), said_while_it_lasts("x.mxl: reading"):
        time.sleep(0.1)
        raise ValueError("broken")
    assert out.getvalue().endswith("\r")


@pytest.mark.parametrize("terminal", [True, False])
def test_what_is_said_meanwhile_stays(monkeypatch: pytest.MonkeyPatch, terminal: bool) -> None:
    out = Terminal() if terminal else io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    monkeypatch.setattr(waiting, "FIRST_SEC", 0.01)
    with said_while_it_lasts("packing") as say:
        while terminal and "packing" not in out.getvalue():
            time.sleep(0.01)
        say("a.mid: damaged")
    lines = [line.rpartition("\r")[2] for line in out.getvalue().split("\n")]
    assert lines == ["a.mid: damaged", ""]
