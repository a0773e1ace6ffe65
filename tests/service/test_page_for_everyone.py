"""The page behind a token, by keyboard alone, on a phone in the dark, and with an odd file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import downloaded, focused, picture, settle, upload, wait_for_notes, watched
from smf_builder import header, note, track

from humanize.api import humanize_bytes
from humanize.service.app import STATIC

TOKEN = "a-token-of-the-tests"
FILE = STATIC / "examples/bach_prelude.mid"


@pytest.fixture(scope="module")
def guarded(start) -> Any:
    return start(env={**os.environ, "HUMANIZE_TOKEN": TOKEN})


@pytest.fixture
def page(browser, server) -> Iterator[Any]:
    with watched(browser, server.address) as page:
        yield page


def enter(page: Any, token: str) -> None:
    page.fill("#token", token)
    page.keyboard.press("Enter")


def test_a_token_is_asked_for_a_wrong_one_named_and_the_right_one_works(browser, guarded) -> None:
    with watched(browser, guarded.address, refusal=401) as page:
        page.wait_for_selector("#token-form:not([hidden])")
        assert "works only with its access token" in page.inner_text("#message")
        assert focused(page) == "token"
        enter(page, "wrong")
        page.wait_for_selector("#message:has-text('does not know this token')")
        assert page.is_visible("#token")
        enter(page, TOKEN)
        page.wait_for_selector("#token-form", state="hidden")
        wait_for_notes(page)
        page.wait_for_selector("#model option", state="attached")
        assert page.is_hidden("#message")
        upload(page, FILE)
        saved = downloaded(page, "bach_prelude-humanized.mid")
    assert saved == humanize_bytes(FILE.read_bytes()).bytes


def test_a_file_refused_without_a_token_is_read_once_it_is_there(browser, guarded) -> None:
    with watched(browser, guarded.address, refusal=401) as page:
        page.wait_for_selector("#token-form:not([hidden])")
        page.set_input_files("#file", str(FILE))
        page.wait_for_selector("#message:has-text('access token')")
        assert page.is_hidden("#work")
        enter(page, TOKEN)
        wait_for_notes(page, FILE.name)
        assert page.evaluate("[...Object.values(localStorage), document.cookie].join('')") == ""


def _type_2() -> bytes:
    scale = [
        [e for i in range(16) for e in note(i * 240, i * 240 + 200, low + i)] for low in (48, 72)
    ]
    return header(2, 2, 480) + b"".join(track(events) for events in scale)


def test_a_file_of_type_2_is_told_to_hold_several_pieces(page, tmp_path: Path) -> None:
    file = tmp_path / "patterns.mid"
    file.write_bytes(_type_2())
    upload(page, file)
    said = page.inner_text("#status")
    assert said.startswith("32 notes, ")
    assert "This MIDI file of type 2 holds 2 pieces; here they follow one another" in said
    assert page.inner_text("#time").split("/")[1].strip() == "0:08"  # 4 s, a second, 4 s; nearly
    assert downloaded(page, "patterns-humanized.mid") == humanize_bytes(_type_2()).bytes


def tab_to(page: Any, name: str, key: str = "Tab") -> None:
    """Press Tab until an element has the focus, as somebody without a mouse does."""
    for _ in range(60):
        if focused(page) == name:
            return
        page.keyboard.press(key)
    pytest.fail(f"{key} never reached {name}")


def choose(page: Any, file: Path) -> None:
    """Open the file that the system's own window would ask for."""
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(str(file))


def test_from_the_file_to_the_download_by_keyboard_alone(page) -> None:
    # the window is watched for from the start: a watch that begins with the key may come too late
    page.on("filechooser", lambda _: None)
    wait_for_notes(page)
    tab_to(page, "file")
    outlined = "getComputedStyle(document.querySelector('label[for=file]')).outlineStyle"
    assert page.evaluate(outlined) != "none"
    choose(page, FILE)
    wait_for_notes(page, FILE.name)
    before = picture(page, "roll")
    tab_to(page, "strength")
    for _ in range(40):
        page.keyboard.press("ArrowLeft")
    settle(page)
    assert page.inner_text("#strength-value") == "60 %"
    assert picture(page, "roll") != before
    tab_to(page, "download")
    saved = downloaded(page, "bach_prelude-humanized.mid", key="Enter")
    assert saved == humanize_bytes(FILE.read_bytes(), strength=0.6).bytes
    assert saved != humanize_bytes(FILE.read_bytes()).bytes
    tab_to(page, "file", key="Shift+Tab")
    choose(page, STATIC / "examples/waltz.mid")
    page.wait_for_selector("#title:has-text('waltz.mid')")


PHONE = {"viewport": {"width": 360, "height": 780}, "has_touch": True, "is_mobile": True}


def test_a_phone_in_the_dark_scrolls_nowhere(browser, server, tmp_path: Path) -> None:
    options = {**PHONE, "device_scale_factor": 2, "color_scheme": "dark"}
    with watched(browser, server.address, **options) as page:
        upload(page, FILE)
        wide = "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('[hidden], .hidden, .skip')).map(e => e.outerHTML.slice(0, 80))"
        assert page.evaluate("innerWidth") == 360
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert page.evaluate(wide) == []
        small = "[...document.querySelectorAll('button, .button, select, input[type=range]')].filter(e => e.offsetParent && e.getBoundingClientRect().height < 24).map(e => e.id)"
        assert page.evaluate(small) == []
        shot = tmp_path / "phone.png"
        page.screenshot(path=str(shot), full_page=True)
        assert shot.read_bytes()[:4] == b"\x89PNG"
        assert page.evaluate("() => { scrollTo(400, 0); return scrollX; }") == 0
