"""The engraved score on the page: notes that a tie continues, and Humdrum."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import settle, until, upload, watched

KERN = """**kern\t**kern
*clefF4\t*clefG2
*M4/4\t*M4/4
=1\t=1
4C\t4c
4D\t[4d
4E\t4d_
4F\t8d]L
.\t8gJ
=2\t=2
1C\t1cc
==\t==
*-\t*-
"""
TIED = """<score-partwise version="4.0"><part-list><score-part id="P"><part-name>Piano</part-name>
</score-part></part-list><part id="P"><measure number="1"><attributes><divisions>1</divisions>
<time><beats>4</beats><beat-type>4</beat-type></time></attributes>{first}</measure>
<measure number="2">{second}</measure></part></score-partwise>"""
NOTE = "<note><pitch><step>{step}</step><octave>5</octave></pitch><duration>{length}</duration>{tie}</note>"


def tied(kind: str) -> str:
    return f'<tie type="{kind}"/><notations><tied type="{kind}"/></notations>'


@pytest.fixture
def page(browser, server) -> Iterator[Any]:
    with watched(browser, server.address) as page:
        yield page


def fills(page: Any) -> list[str]:
    return page.evaluate(
        "[...document.querySelectorAll('#score .notehead')].map(h => h.style.fill)"
    )


def open_score(page: Any, path: Path, heads: int) -> None:
    upload(page, path)
    until(page, f"document.querySelectorAll('#score .notehead').length === {heads}")
    until(page, "[...document.querySelectorAll('#score .notehead')].every(h => h.style.fill)")


def test_a_note_that_a_tie_continues_is_its_note_s(page, tmp_path: Path) -> None:
    path = tmp_path / "tied.musicxml"
    first = NOTE.format(step="C", length=2, tie="") + NOTE.format(
        step="G", length=2, tie=tied("start")
    )
    second = NOTE.format(step="G", length=2, tie=tied("stop")) + NOTE.format(
        step="D", length=2, tie=""
    )
    path.write_text(TIED.format(first=first, second=second))
    open_score(page, path, 4)
    page.locator("#score g.note").nth(2).locator(".notehead").click()
    assert page.inner_text("#note-name").startswith("G5, bar 1: ")
    page.locator("#note-velocity").fill("127")
    settle(page)
    _, struck, held, last = fills(page)
    assert struck == held != last
    page.fill("#passage-from", "2")
    page.fill("#passage-to", "2")
    page.keyboard.press("Tab")
    settle(page)
    marked = "[...document.querySelectorAll('#score g.measure')].map(m => m.classList.contains('marked'))"
    assert page.evaluate(marked) == [False, True]


def test_humdrum_is_engraved_and_each_note_is_its_own(page, tmp_path: Path) -> None:
    path = tmp_path / "song.krn"
    path.write_text(KERN)
    open_score(page, path, 11)
    assert page.locator("#score g.note.picked").count() == 0
    page.locator("#score #note-L8F1 .notehead").click()
    assert page.inner_text("#note-name").startswith("F3, bar 1: ")
    settle(page)  # the score is painted with the next picture
    assert page.locator("#score g.note.picked").count() == 1
