"""A rater takes the listening test in headless Chromium: Debian's, by its path."""

from __future__ import annotations

from pathlib import Path

import pytest
from rater_page import (
    CODE,
    HUMAN,
    PREFERENCE,
    answer,
    begin,
    code_of,
    download,
    heading,
    heard,
    listen,
    press_button,
    verify,
)


def test_the_whole_test_by_mouse_over_http_with_a_reload_on_the_way(
    make_packet, serve, page
) -> None:
    made = make_packet("hhp")
    server = serve(made)
    page.goto(server.address)
    press_button(page, "I agree and want to begin")
    page.fill("#code", CODE.upper())
    press_button(page, "Go on")
    heading(page, "The volume")
    assert page.is_disabled("text=Go on")
    listen(page, "")
    press_button(page, "Go on")
    heading(page, "Practice: this one does not count")
    listen(page, "A", "B")
    page.get_by_role("radio", name="A slightly").check()
    press_button(page, "Begin the test")
    assert page.inner_text(".question") == HUMAN
    answer(page, 1, 3, "A clearly", "ABA")
    heading(page, "Trial 2 of 3")
    page.reload()
    heading(page, "Welcome back")
    assert "Done: 1 of 3 trials." in page.inner_text("main")
    press_button(page, "Go on")
    answer(page, 2, 3, "No difference")
    heading(page, "Take a break")
    assert page.inner_text(".question") == PREFERENCE
    press_button(page, "Go on")
    answer(page, 3, 3, "B moderately")
    heading(page, "Thank you")
    page.get_by_text("Your answers have been sent.").wait_for()
    read = verify(server.lines, made.trials)
    assert [entry["grade"] for entry in read] == [-3, 0, 2]
    assert [entry["heard"] for entry in read] == [[2, 1], [1, 1], [1, 1]]
    assert page.inner_text(".code") == code_of(server.lines)
    assert download(page) == server.lines
    page.reload()
    heading(page, "Thank you")
    assert page.inner_text(".code") == code_of(server.lines)


def tab_to(page, name: str) -> None:
    """Press Tab until the focus is on a control of this name."""
    for _ in range(40):
        page.keyboard.press("Tab")
        element = page.locator(":focus")
        shown = element.get_attribute("aria-label") or element.inner_text()
        labels = element.evaluate("e => [...(e.labels ?? [])].map(l => l.innerText).join()")
        if name in (shown.strip(), labels.strip()):
            ring = element.evaluate("e => getComputedStyle(e).outlineStyle")
            assert ring == "solid", "the focus must be seen"
            return
    pytest.fail(f"Tab never reached {name}")


def test_the_whole_test_by_keyboard_alone_from_disk(make_packet, page) -> None:
    made = make_packet("hp")
    page.goto(f"{made.folder.as_uri()}/index.html")
    tab_to(page, "I agree and want to begin")
    page.keyboard.press("Enter")
    tab_to(page, "Code")
    page.keyboard.type(CODE)
    page.keyboard.press("Enter")
    tab_to(page, "Play")
    page.keyboard.press("Space")
    heard(page, "")
    tab_to(page, "Go on")
    page.keyboard.press("Enter")
    for title, digit, button in (
        ("Practice: this one does not count", "4", "Begin the test"),
        ("Trial 1 of 2", "2", "Next"),
    ):
        heading(page, title)
        page.keyboard.press("a")
        heard(page, "A")
        page.keyboard.press("b")
        heard(page, "B")
        page.keyboard.press(digit)
        tab_to(page, button)
        page.keyboard.press("Enter")
    heading(page, "Take a break")
    page.reload()  # the code is in the address now, the answer in this browser
    heading(page, "Welcome back")
    tab_to(page, "Go on")
    page.keyboard.press("Enter")
    heading(page, "Trial 2 of 2")
    for letter in "AB":
        tab_to(page, f"Play {letter}")
        page.keyboard.press("Space")
        heard(page, letter)
    page.keyboard.press("7")
    page.keyboard.press("ArrowLeft")
    tab_to(page, "Next")
    page.keyboard.press("Space")
    heading(page, "Thank you")
    tab_to(page, "Download my answers")
    with page.expect_download() as waiting:
        page.keyboard.press("Enter")
    lines = Path(waiting.value.path()).read_text().splitlines()
    assert [entry["grade"] for entry in verify(lines, made.trials)] == [-2, 2]
    assert page.inner_text(".code") == code_of(lines)


def test_several_sounds_are_rated_with_sliders(make_packet, serve, page) -> None:
    made = make_packet("h", sounds=3, form="multi")
    server = serve(made)
    page.goto(f"{server.address}/?rater={CODE}")
    press_button(page, "I agree and want to begin")
    listen(page, "")
    press_button(page, "Go on")
    listen(page, "A", "B")
    for letter in "AB":
        page.get_by_role("slider", name=f"Rating of {letter}").fill("30")
    press_button(page, "Begin the test")
    heading(page, "Trial 1 of 1")
    for letter in "abc":
        page.keyboard.press(letter)
        heard(page, letter.upper())
    sliders = [page.get_by_role("slider", name=f"Rating of {letter}") for letter in "ABC"]
    sliders[0].fill("80")
    sliders[1].focus()
    page.keyboard.press("ArrowRight")
    assert page.inner_text("#why") == "Set the slider of C."
    assert page.get_by_role("button", name="Next").is_disabled()
    sliders[2].click()  # in the middle, where it stands
    press_button(page, "Next")
    heading(page, "Thank you")
    page.get_by_text("Your answers have been sent.").wait_for()
    (entry,) = verify(server.lines, made.trials)
    assert (entry["grade"], entry["ratings"]) == (None, [80, 51, 50])
    assert list(entry)[7:10] == ["grade", "ratings", "heard"]


def fits(page) -> bool:
    """Whether nothing goes over the right edge, and every target is large enough for a finger."""
    small = page.evaluate(
        "[...document.querySelectorAll('button, .button, label:has(input), input[type=range]')]"
        ".filter(e => e.getClientRects().length && e.getBoundingClientRect().height < 44)"
        ".map(e => e.outerHTML)"
    )
    assert small == []
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    ("form", "sounds", "suffix"), [("pairs", 2, ".flac"), ("multi", 5, ".opus")]
)
def test_a_phone_in_the_dark(make_packet, serve, page, form: str, sounds: int, suffix: str) -> None:
    made = make_packet("hh", form=form, sounds=sounds, suffix=suffix)
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme="dark")
    page.goto(f"{serve(made).address}/?rater={CODE}")
    heading(page, "A listening test")
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert sum(int(part) for part in paper[4:-1].split(",")) < 200
    assert fits(page)
    press_button(page, "I agree and want to begin")
    heading(page, "The volume")
    assert fits(page)
    listen(page, "")
    press_button(page, "Go on")
    heading(page, "Practice: this one does not count")
    listen(page, "A", "B")
    for slider in page.get_by_role("slider").all():
        slider.fill("20")
    page.keyboard.press("4")
    press_button(page, "Begin the test")
    heading(page, "Trial 1 of 2")
    assert page.get_by_role("region").count() == sounds
    assert fits(page)
    nameless = page.evaluate(
        "[...document.querySelectorAll('input, button')].filter("
        "e => !(e.labels?.length || e.textContent.trim() || e.ariaLabel)).map(e => e.outerHTML)"
    )
    assert nameless == []


def test_next_waits_until_all_was_heard_and_answered(make_packet, serve, page) -> None:
    made = make_packet("h")
    page.goto(f"{serve(made).address}/?rater={CODE}")
    begin(page)
    heading(page, "Trial 1 of 1")
    following = page.get_by_role("button", name="Next")
    why = page.locator("#why")
    assert why.inner_text() == "Listen to A and B to the end first."
    page.get_by_role("radio", name="A moderately").check()
    assert following.is_disabled()
    listen(page, "A")
    assert why.inner_text() == "Listen to B to the end first."
    assert following.is_disabled()
    listen(page, "B")
    assert why.inner_text() == ""
    assert following.is_enabled()


def test_one_sounds_at_a_time_and_a_jump_is_not_heard(make_packet, serve, page) -> None:
    page.add_init_script(
        "window.made = []; const Plain = Audio;"
        "window.Audio = function () { const audio = new Plain(); made.push(audio); return audio; };"
    )
    made = make_packet("h")
    page.goto(f"{serve(made).address}/?rater={CODE}")
    begin(page)
    heading(page, "Trial 1 of 1")
    playing = "made.filter(audio => !audio.paused).length"
    press_button(page, "Play A")
    page.get_by_role("button", name="Pause A").wait_for()
    press_button(page, "Play B")
    page.get_by_role("button", name="Pause B").wait_for()
    assert page.evaluate(playing) == 1
    page.get_by_role("button", name="Play A", exact=True).wait_for()
    press_button(page, "Pause B")
    assert page.evaluate(playing) == 0
    before = page.evaluate("made.at(-1).currentTime")
    page.evaluate(
        "new Promise(done => { made.at(-1).addEventListener('seeked', done, {once: true});"
        " made.at(-1).currentTime = 0.95; })"  # as a media key would
    )
    assert page.evaluate("made.at(-1).currentTime") <= before + 0.1
    press_button(page, "B from the start")
    heard(page, "B")
    assert page.inner_text("#why") == "Listen to A to the end first."


def test_a_packet_of_midi_files_is_heard_elsewhere(make_packet, serve, page) -> None:
    made = make_packet("h", suffix=".mid")
    server = serve(made)
    page.goto(f"{server.address}/?rater={CODE}")
    press_button(page, "I agree and want to begin")
    heading(page, "The volume")
    page.get_by_label("I have listened").check()
    press_button(page, "Go on")
    for title, button in (
        ("Practice: this one does not count", "Begin the test"),
        ("Trial 1 of 1", "Next"),
    ):
        heading(page, title)
        with page.expect_download() as waiting:
            page.get_by_role("link", name="A (MIDI)").click()
        assert Path(waiting.value.path()).read_bytes().startswith(b"MThd")
        page.get_by_label("I have listened to A").check()
        assert page.inner_text("#why") == "Listen to B to the end first."
        page.get_by_label("I have listened to B").check()
        page.keyboard.press("5")
        press_button(page, button)
    heading(page, "Thank you")
    page.get_by_text("Your answers have been sent.").wait_for()
    (entry,) = verify(server.lines, made.trials)
    assert (entry["grade"], entry["heard"]) == (1, [1, 1])


def test_a_long_block_has_a_break_half_way(make_packet, page) -> None:
    made = make_packet("h" * 14, suffix=".mid")
    page.goto(f"{made.folder.as_uri()}/index.html?rater={CODE}")
    press_button(page, "I agree and want to begin")
    page.get_by_label("I have listened").check()
    press_button(page, "Go on")
    titles = [page.inner_text("h1")]
    while titles[-1] != "Thank you":
        if titles[-1] == "Take a break":
            assert page.inner_text(".question") == HUMAN
        else:
            for letter in "AB":
                page.get_by_label(f"I have listened to {letter}").check()
            page.keyboard.press("4")
        page.locator("button.main").click()
        page.wait_for_function(f"document.querySelector('h1').innerText !== {titles[-1]!r}")
        titles.append(page.inner_text("h1"))
    assert titles.index("Take a break") == titles.index("Trial 7 of 14") + 1
    assert titles.count("Take a break") == 1
