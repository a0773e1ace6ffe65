"""The page in headless Chromium: Debian's, by its path."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import downloaded, focused, picture, settle, slide, until, upload, watched

from humanize.api import humanize_bytes
from humanize.service.app import STATIC

FILE = STATIC / "examples/waltz.mid"


@pytest.fixture
def page(browser, server) -> Iterator[Any]:
    with watched(browser, server.address) as page:
        yield page


def download(page) -> bytes:
    return downloaded(page, f"{FILE.stem}-humanized.mid")


def test_an_upload_is_drawn_before_and_after(page) -> None:
    upload(page, FILE)
    assert page.inner_text("#title") == FILE.name
    assert page.inner_text("#before-summary") == "all 64"
    before, after = picture(page, "before"), picture(page, "after")
    assert before != after
    slide(page, "strength", 0)
    assert picture(page, "after") == picture(page, "before") == before


def test_sliders_change_the_curve_at_once_and_the_download(page) -> None:
    upload(page, FILE)
    data = FILE.read_bytes()
    assert download(page) == humanize_bytes(data).bytes
    curve = picture(page, "curve")
    slide(page, "contrast", 200)
    assert picture(page, "curve") != curve
    slide(page, "mean", 90)
    slide(page, "strength", 80)
    expected = humanize_bytes(data, strength=0.8, contrast=2.0, mean=90.0)
    assert download(page) == expected.bytes
    shown = page.inner_text("#after-summary")
    velocities = expected.velocities[0]
    mean = f"{velocities.mean():.0f}"
    assert shown == f"{velocities.min()} to {velocities.max()}, mean {mean}"


def test_a_slider_needs_no_request(page) -> None:
    upload(page, FILE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    slide(page, "contrast", 150)
    assert asked == []


def test_tracks_and_dynamics_reach_the_download(page) -> None:
    upload(page, FILE)
    page.uncheck("#track-list input[value='3']")
    page.check("input[name=dynamics][value=ignore]")
    until(page, "document.querySelector('#status').textContent.includes('notes')")
    expected = humanize_bytes(FILE.read_bytes(), tracks=["2"], dynamics="ignore")
    assert download(page) == expected.bytes
    page.uncheck("#track-list input[value='2']")
    assert page.is_disabled("#download")
    assert "No track is chosen" in page.inner_text("#message")


def test_playback_sounds_and_goes_on_in_the_same_spot_when_switched(page) -> None:
    upload(page, FILE)
    page.click("#play")
    until(page, "Number(document.querySelector('#play').dataset.clock) > 0.5")
    until(page, "Number(document.querySelector('#play').dataset.level) > 0.001")
    page.keyboard.press("b")
    assert page.is_checked("input[name=heard][value=before]")
    at = page.evaluate("Number(document.querySelector('#seek').value)")
    assert at > 0
    until(page, f"Number(document.querySelector('#seek').value) > {at}")
    assert page.inner_text("#play").endswith("Pause")
    page.click("#play")
    assert page.inner_text("#play").endswith("Play")


def test_a_score_is_shown_played_and_saved_as_either(page) -> None:
    page.get_by_role("button", name="The waltz as a score").click()
    page.wait_for_selector("#download-midi")
    settle(page)
    assert picture(page, "before") != picture(page, "after")
    score = (STATIC / "examples/waltz.musicxml").read_bytes()
    for button, as_midi in (("#download", False), ("#download-midi", True)):
        with page.expect_download() as waiting:
            page.click(button)
        expected = humanize_bytes(score, name="x.musicxml", as_midi=as_midi)
        assert Path(waiting.value.path()).read_bytes() == expected.bytes
        ending = ".mid" if as_midi else ".musicxml"
        assert waiting.value.suggested_filename == f"waltz-humanized{ending}"
    page.click("#play")
    until(page, "Number(document.querySelector('#play').dataset.level) > 0.001")


def test_a_bad_file_shows_the_library_s_message_and_leaves_the_page_usable(page, tmp_path) -> None:
    bad = tmp_path / "holiday.mid"
    bad.write_bytes(b"this is no music")
    page.set_input_files("#file", str(bad))
    page.wait_for_selector("#message:not([hidden])")
    assert page.inner_text("#message").startswith("holiday.mid: ")
    upload(page, FILE)
    assert page.is_hidden("#message")


def test_everything_can_be_reached_and_used_by_keyboard(page) -> None:
    page.get_by_role("button", name="Bach, Prelude in C").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#work:not([hidden])")
    settle(page)
    reached: set[str] = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(focused(page))
    assert {"play", "heard", "seek", "download", "strength", "contrast", "mean"} <= reached
    assert {"dynamics", "zoom-in", "zoom-all", "reset", "model"} <= reached
    page.focus("#contrast")
    page.keyboard.press("ArrowRight")
    assert page.inner_text("#contrast-value") == "× 1.05"


@pytest.mark.parametrize("width", [360, 1100])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_phone_and_desk_in_light_and_dark(page, width: int, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    upload(page, FILE)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    light = sum(int(part) for part in paper[4:-1].split(",")) > 382
    assert light == (scheme == "light")
    nameless = page.evaluate(
        "[...document.querySelectorAll('input:not([hidden]),select,button')].filter("
        "e => !(e.labels?.length || e.textContent.trim() || e.ariaLabel)).map(e => e.outerHTML)"
    )
    assert nameless == []


def test_the_page_of_the_api_shows_every_route(page, server) -> None:
    page.goto(f"{server.address}/docs")
    page.wait_for_selector("text=POST /v1/humanize")
    for route in ("POST /v1/velocities", "GET /v1/models", "GET /healthz", "GET /metrics"):
        assert page.get_by_role("heading", name=route).count() == 1
