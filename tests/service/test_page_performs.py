"""The page plays whole performances, several interpretations, and more than a piano."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import heard, perform, picture, settle, slide, until, upload, wait_for_notes, watched
from smf_builder import header, note, track

import humanize
from humanize.service.app import STATIC

FILE = STATIC / "examples/waltz.mid"
AXE = Path(humanize.__file__).parent / "service/page_src/node_modules/axe-core/axe.min.js"


@pytest.fixture
def page(browser, server) -> Iterator[Any]:
    with watched(browser, server.address) as page:
        yield page


def saved(page: Any) -> bytes:
    with page.expect_download() as waiting:
        page.click("#download")
    return Path(waiting.value.path()).read_bytes()


def test_a_performance_is_heard_drawn_and_saved_as_the_command_writes_it(page) -> None:
    upload(page, FILE)
    perform(page)
    assert saved(page) == humanize.perform_bytes(FILE.read_bytes()).bytes
    tempo = picture(page, "tempo")
    page.click("#tab-timing")
    slide(page, "rubato", 0)
    assert picture(page, "tempo") != tempo
    slide(page, "articulation", 50)
    page.uncheck("#pedal")
    options = {"rubato": 0.0, "articulation": 0.5, "pedal": "keep"}
    assert saved(page) == humanize.perform_bytes(FILE.read_bytes(), **options).bytes
    page.click("#play")
    until(page, "Number(document.querySelector('#play').dataset.level) > 0.001")


def test_another_interpretation_is_one_click_and_a_blend_needs_no_request(page) -> None:
    upload(page, FILE)
    perform(page)
    own = page.inner_text("#after-summary")
    page.click("#tab-takes")
    page.locator("#takes button", has_text="piano-free").click()
    until(page, "document.querySelector('#palette').getAttribute('aria-busy') === 'false'")
    settle(page)
    other = page.inner_text("#after-summary")
    assert other != own
    assert saved(page) != humanize.perform_bytes(FILE.read_bytes()).bytes
    page.locator("#corners select").nth(0).select_option("model")
    page.locator("#corners select").nth(1).select_option("piano-free")
    page.locator("#corners select").nth(2).select_option("model")
    page.locator("#corners select").nth(3).select_option("piano-free")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator("#across").fill("50", force=True)
    settle(page)
    assert page.inner_text("#after-summary") not in (own, other)
    page.locator("#across").fill("0", force=True)
    settle(page)
    assert page.inner_text("#after-summary") == own
    assert asked == []


def test_a_take_is_heard_in_the_same_spot_and_saved_as_the_command_writes_it(page) -> None:
    upload(page, FILE)
    perform(page)
    page.click("#tab-takes")
    page.locator("#seek").fill("6")
    page.locator("#takes button", has_text="Take 2").click()
    until(page, "document.querySelector('#palette').getAttribute('aria-busy') === 'false'")
    settle(page)
    assert page.input_value("#seek") == "6"
    assert saved(page) == humanize.perform_bytes(FILE.read_bytes(), seed=2).bytes


def test_a_blend_of_long_music_asks_the_service_nothing(page, tmp_path: Path) -> None:
    file = tmp_path / "long.mid"
    file.write_bytes(_scales(6_000))
    upload(page, file)
    page.click("#tab-takes")
    page.locator("#takes button", has_text="piano-1-fast").click()
    until(page, "document.querySelector('#palette').getAttribute('aria-busy') === 'false'")
    page.locator("#corners select").nth(0).select_option("model")
    page.locator("#corners select").nth(1).select_option("piano-1-fast")
    until(page, "document.querySelector('#palette').getAttribute('aria-busy') === 'false'")
    before, asked = picture(page, "roll"), []
    page.on("request", lambda request: asked.append(request.url))
    page.locator("#across").fill("40")
    settle(page)
    assert picture(page, "roll") != before
    assert not [url for url in asked if "/v1/" in url]


def _scales(count: int) -> bytes:
    events = [e for i in range(count) for e in note(i * 120, i * 120 + 100, 40 + (7 * i) % 48)]
    return header(0, 1, 480) + track(events)


def test_drums_are_drawn_changed_and_sound(page) -> None:
    beat = STATIC / "examples/rock_beat.mid"
    upload(page, beat)
    after = picture(page, "roll")
    heard(page, "before")
    assert picture(page, "roll") != after
    heard(page, "after")
    assert saved(page) == humanize.humanize_bytes(beat.read_bytes()).bytes
    page.click("#play")
    until(page, "Number(document.querySelector('#play').dataset.level) > 0.001")


def test_parts_are_muted_played_alone_and_shaped_apart(page) -> None:
    upload(page, FILE)
    page.click("#tab-parts")
    page.get_by_label("Amount of Track 3").fill("0")
    settle(page)
    got = saved(page)
    assert got == humanize.humanize_bytes(FILE.read_bytes(), track_strength={3: 0.0}).bytes
    for number in (2, 3):
        page.get_by_label(f"Mute Track {number}").check(force=True)
    page.click("#play")
    until(page, "Number(document.querySelector('#play').dataset.clock) > 0.5")
    assert page.evaluate("Number(document.querySelector('#play').dataset.level)") < 0.001
    page.get_by_label("Mute Track 2").uncheck(force=True)
    until(page, "Number(document.querySelector('#play').dataset.level) > 0.001")


STATES = ("landing", "performance", "takes", "parts")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page, state: str, scheme: str) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not here; run 'npm ci' in humanize/service/page_src")
    page.emulate_media(color_scheme=scheme)
    if scheme == "dark":
        page.set_viewport_size({"width": 390, "height": 844})  # a phone
    wait_for_notes(page)
    if state == "performance":
        perform(page)
        page.click("#tab-timing")
    elif state != "landing":
        page.click(f"#tab-{state}")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes[0].html]))")
    assert found == []


def test_a_dropped_performance_lends_its_style(page, tmp_path: Path) -> None:
    bach = (STATIC / "examples/bach_prelude.mid").read_bytes()
    reference = tmp_path / "teacher.mid"
    reference.write_bytes(humanize.perform_bytes(bach, seed=3).bytes)
    upload(page, FILE)
    perform(page)
    page.click("#tab-takes")
    page.set_input_files("#style", str(reference))
    page.wait_for_selector("#takes button:has-text('As teacher')")
    until(page, "document.querySelector('#palette').getAttribute('aria-busy') === 'false'")
    settle(page)
    style = humanize.style_of(reference)
    assert saved(page) == humanize.perform_bytes(FILE.read_bytes(), style=style).bytes


def test_sliders_of_character_are_heard_and_saved_as_the_command_writes_them(page) -> None:
    upload(page, FILE)
    perform(page)
    page.click("#tab-takes")
    page.click("summary")
    page.locator("#character-melody").fill("2")
    page.locator("#character-legato").fill("-1.5")
    page.wait_for_selector("#takes button:has-text('In character')")
    until(page, "document.querySelector('#palette').getAttribute('aria-busy') === 'false'")
    page.wait_for_timeout(1500)
    options = {"melody": 2.0, "legato": -1.5}
    assert saved(page) == humanize.perform_bytes(FILE.read_bytes(), **options).bytes
