"""The page in headless Chromium: Debian's, by its path."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import (
    downloaded,
    focused,
    heard,
    picture,
    settle,
    slide,
    until,
    upload,
    wait_for_notes,
    watched,
)

from humanize.api import humanize_bytes
from humanize.service.app import STATIC

FILE = STATIC / "examples/waltz.mid"
SCORE = STATIC / "examples/waltz.musicxml"


@pytest.fixture
def page(browser, server) -> Iterator[Any]:
    with watched(browser, server.address) as page:
        yield page


def download(page) -> bytes:
    return downloaded(page, f"{FILE.stem}-humanized.mid")


def test_the_page_opens_with_an_example_that_one_click_plays(page) -> None:
    wait_for_notes(page)
    page.wait_for_selector("#score g.note")
    page.click("#play")
    until(page, "Number(document.querySelector('#play').dataset.level) > 0.001")


def test_an_upload_is_drawn_before_and_after(page) -> None:
    upload(page, FILE)
    assert page.inner_text("#before-summary") == "all 64"
    after = picture(page, "roll")
    heard(page, "before")
    before = picture(page, "roll")
    assert before != after
    slide(page, "strength", 0)
    heard(page, "after")
    assert picture(page, "roll") == before


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
    page.wait_for_timeout(1500)  # the whole performance is asked for meanwhile
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    slide(page, "contrast", 150)
    assert asked == []


def test_tracks_and_dynamics_reach_the_download(page) -> None:
    upload(page, FILE)
    page.click("#tab-parts")
    page.uncheck("#track-list input[value='3']")
    page.click("#tab-dynamics")
    page.check("input[name=dynamics][value=ignore]")
    until(page, "document.querySelector('#status').textContent.includes('notes')")
    expected = humanize_bytes(FILE.read_bytes(), tracks=["2"], dynamics="ignore")
    assert download(page) == expected.bytes
    page.click("#tab-parts")
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


def test_a_score_is_engraved_and_saved_as_either(page) -> None:
    wait_for_notes(page)
    page.wait_for_selector("#score g.note")
    assert page.locator("#score g.note").count() > 100
    colours = (
        "new Set([...document.querySelectorAll('#score .notehead')].map(h => h.style.fill)).size"
    )
    until(page, f"{colours} > 20")
    score = SCORE.read_bytes()
    for button, as_midi in (("#download", False), ("#download-midi", True)):
        with page.expect_download() as waiting:
            page.click(button)
        expected = humanize_bytes(score, name="x.musicxml", as_midi=as_midi)
        assert Path(waiting.value.path()).read_bytes() == expected.bytes
        ending = ".mid" if as_midi else ".musicxml"
        assert waiting.value.suggested_filename == f"waltz-humanized{ending}"


def test_pages_are_turned_by_hand_and_stay(page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    wait_for_notes(page)
    page.wait_for_selector("#page-on:visible")
    page.click("#page-on")
    until(page, "document.querySelector('#page-number').textContent.startsWith('2 /')")
    page.wait_for_timeout(300)
    assert page.inner_text("#page-number").startswith("2 /")


def test_a_compressed_score_is_engraved_too(page, tmp_path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "waltz.mxl", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(
            "META-INF/container.xml",
            '<container><rootfiles><rootfile full-path="s.xml"/></rootfiles></container>',
        )
        packed.writestr("s.xml", SCORE.read_bytes())
    upload(page, tmp_path / "waltz.mxl")
    page.wait_for_selector("#score g.note")
    assert page.locator("#score g.note").count() > 100


def test_a_tune_of_abc_is_engraved_and_coloured(page, tmp_path) -> None:
    tune = tmp_path / "tune.abc"
    tune.write_text("X:1\nT:Tune\nM:4/4\nL:1/4\nK:G\nGABc|dedB|c2BA|G4|\n")
    upload(page, tune)
    page.wait_for_selector("#score g.note")
    until(page, "[...document.querySelectorAll('#score .notehead')].every(h => h.style.fill)")
    assert page.locator("#score g.note").count() == 12


def test_a_note_of_the_score_is_chosen_set_and_undone(page) -> None:
    wait_for_notes(page)
    page.wait_for_selector("#score g.note")
    page.locator("#v0 .notehead").click()
    assert page.inner_text("#note-name").startswith("G5, bar 1: 49 → ")
    was = page.inner_text("#note-name")
    page.locator("#note-velocity").fill("111")
    assert page.inner_text("#note-name") == "G5, bar 1: 49 → 111"
    with page.expect_download() as waiting:
        page.click("#download-midi")
    import mido

    midi = mido.MidiFile(file=io.BytesIO(Path(waiting.value.path()).read_bytes()))
    assert 111 in {m.velocity for t in midi.tracks for m in t if m.type == "note_on"}
    page.keyboard.press("Control+z")
    settle(page)
    assert page.inner_text("#note-name") == was
    assert page.is_disabled("#undo")


def test_a_passage_has_sliders_of_its_own(page) -> None:
    upload(page, FILE)
    page.fill("#passage-from", "5")
    page.fill("#passage-to", "8")
    page.keyboard.press("Tab")
    assert page.inner_text("#passage-text").strip() == "bars 5 to 8"
    slide(page, "contrast", 200)
    expected = humanize_bytes(
        humanize_bytes(FILE.read_bytes()).bytes, contrast=2.0, measures="5-8", dynamics="ignore"
    )
    saved = download(page)
    assert len(saved) == len(FILE.read_bytes()) and saved != humanize_bytes(FILE.read_bytes()).bytes
    assert expected.bytes == saved
    page.click("#passage-clear")
    assert page.inner_text("#contrast-value") == "× 1.00"


def test_a_bad_file_shows_the_library_s_message_and_leaves_the_page_usable(page, tmp_path) -> None:
    wait_for_notes(page)
    bad = tmp_path / "holiday.mid"
    bad.write_bytes(b"this is no music")
    page.set_input_files("#file", str(bad))
    page.wait_for_selector("#message:not([hidden])")
    assert page.inner_text("#message").startswith("holiday.mid: ")
    assert page.is_hidden("#work"), "the file before it is gone"
    upload(page, FILE)
    assert page.is_hidden("#message")


def test_everything_can_be_reached_and_used_by_keyboard(page) -> None:
    wait_for_notes(page)
    page.focus("#file")
    reached: set[str] = set()
    for _ in range(45):
        page.keyboard.press("Tab")
        reached.add(focused(page))
    assert {"play", "heard", "seek", "download", "strength", "contrast", "mean"} <= reached
    assert {
        "dynamics",
        "zoom-in",
        "zoom-all",
        "reset",
        "model",
        "note-on",
        "passage-from",
    } <= reached
    page.focus("#contrast")
    page.keyboard.press("ArrowRight")
    assert page.inner_text("#contrast-value") == "× 1.05"
    page.focus("#tab-dynamics")
    page.keyboard.press("ArrowRight")
    assert focused(page) == "tab-timing" and page.is_visible("#rubato")


ALWAYS = ("#play", ".switch", "#seek", "#download", "#roll", "#strength", "#contrast", "#mean")


@pytest.mark.parametrize("size", [(390, 844), (1280, 800)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_one_screen_in_light_and_dark(page, size: tuple[int, int], scheme: str) -> None:
    width, height = size
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": height})
    upload(page, FILE)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.documentElement.scrollHeight") <= height
    for part in ALWAYS:
        box = page.locator(part).bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= height, part
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    light = sum(int(part) for part in paper[4:-1].split(",")) > 382
    assert light == (scheme == "light")


def test_the_page_of_the_api_shows_every_route(page, server) -> None:
    page.goto(f"{server.address}/docs")
    page.wait_for_selector("text=POST /v1/humanize")
    for route in ("POST /v1/velocities", "GET /v1/models", "GET /healthz", "GET /metrics"):
        assert page.get_by_role("heading", name=route).count() == 1
