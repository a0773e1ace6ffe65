"""What the rater's page does when something fails: no answer is lost, and the rater is told."""

from __future__ import annotations

import json

from rater_page import (
    CODE,
    KEY_SHA256,
    PAGE,
    answer,
    begin,
    code_of,
    download,
    heading,
    listen,
    press_button,
    verify,
)


def test_a_server_that_forbids_copies_is_played_from_directly(
    make_packet, serve, page, complaints
) -> None:
    complaints.expected = "Content Security Policy"
    made = make_packet("h")
    server = serve(made)
    server.policy = "default-src 'self'"
    page.goto(f"{server.address}/?rater={CODE}")
    begin(page)
    answer(page, 1, 1, "A clearly")
    heading(page, "Thank you")
    page.get_by_text("Your answers have been sent.").wait_for()
    verify(server.lines, made.trials)
    assert any("blob:" in text for text in complaints.texts)


def test_a_missing_sound_is_named_and_can_be_tried_again(
    make_packet, serve, page, complaints
) -> None:
    complaints.expected = "404"
    made = make_packet("h")
    sound = made.folder / f"{made.trials[0]['id']}b.flac"
    content = sound.read_bytes()
    sound.unlink()
    page.goto(f"{serve(made).address}/?rater={CODE}")
    begin(page)
    heading(page, "Trial 1 of 1")
    page.get_by_text(f"Sound B ({sound.name}) could not be loaded.").wait_for()
    listen(page, "A")
    assert page.inner_text("#why") == "Listen to B to the end first."
    sound.write_bytes(content)
    press_button(page, "Try again")
    listen(page, "B")
    assert page.get_by_role("alert").filter(visible=True).count() == 0


def test_a_missing_sound_on_disk_is_named(make_packet, page, complaints) -> None:
    complaints.expected = "ERR_FILE_NOT_FOUND"
    made = make_packet("h")
    (made.folder / "practice-b.flac").unlink()
    page.goto(f"{made.folder.as_uri()}/index.html?rater={CODE}")
    press_button(page, "I agree and want to begin")
    page.get_by_text("The sound (practice-b.flac) could not be loaded.").wait_for()


def test_an_unknown_code_is_said_and_asked_for_again(make_packet, serve, page) -> None:
    made = make_packet("h")
    page.goto(f"{serve(made).address}/?rater=toString")
    wrong = page.get_by_role("alert")
    assert (
        wrong.inner_text()
        == "The code “tostring” is not one of this test's codes. Please check it."
    )
    page.fill("#code", "")
    press_button(page, "Try again")
    page.get_by_text("Please enter your code.").wait_for()
    page.fill("#code", f" {CODE}")
    press_button(page, "Try again")
    heading(page, "A listening test")


def test_a_failing_server_loses_no_answer(make_packet, serve, page, complaints) -> None:
    complaints.expected = "status of 500"
    made = make_packet("hhh")
    server = serve(made)
    page.goto(f"{server.address}/?rater={CODE}")
    begin(page)
    server.failing = 500
    answer(page, 1, 3, "A clearly")
    page.get_by_text("1 answer is not sent yet").wait_for()
    server.failing, server.losing_receipts = 0, True  # stored, but the page is not told
    answer(page, 2, 3, "B clearly")
    page.get_by_text("2 answers are not sent yet").wait_for()
    server.losing_receipts, server.failing = False, 500
    answer(page, 3, 3, "B slightly")
    page.get_by_text("answers are not sent yet: the server could not be reached").wait_for()
    server.failing = 0
    press_button(page, "Try again")
    page.get_by_text("Your answers have been sent.").wait_for()
    assert [entry["grade"] for entry in verify(server.lines, made.trials)] == [-3, 3, 1]


def test_a_server_that_fails_at_first_is_asked_again(make_packet, serve, page, complaints) -> None:
    complaints.expected = "status of 500"
    made = make_packet("hh")
    server = serve(made)
    page.goto(f"{server.address}/?rater={CODE}")
    begin(page)
    answer(page, 1, 2, "A clearly")
    heading(page, "Trial 2 of 2")
    server.failing = 500
    page.reload()
    page.get_by_text("The server answered with the error 500. Please try again.").wait_for()
    server.failing = 0
    press_button(page, "Try again")
    heading(page, "Welcome back")
    assert len(server.lines) == 1


def test_answers_in_two_windows_do_not_mix(make_packet, serve, page, complaints) -> None:
    complaints.expected = "status of 409"
    made = make_packet("hh")
    server = serve(made)
    page.goto(f"{server.address}/?rater={CODE}")
    begin(page)
    answer(page, 1, 2, "A clearly")
    heading(page, "Trial 2 of 2")
    other = page.context.browser.new_context().new_page()
    other.goto(f"{server.address}/?rater={CODE}")
    press_button(other, "Go on")
    answer(other, 2, 2, "B clearly")
    other.get_by_text("Your answers have been sent.").wait_for()
    other.context.close()
    answer(page, 2, 2, "A slightly")
    page.get_by_text("Other answers were stored under this code meanwhile").wait_for()
    page.reload()
    heading(page, "Thank you")
    assert page.inner_text(".code") == code_of(server.lines)
    assert [entry["grade"] for entry in verify(server.lines, made.trials)] == [-3, 3]
    aside = page.evaluate(f"localStorage.getItem('humanize-listen-{KEY_SHA256}-{CODE}-set-aside')")
    assert [entry["grade"] for entry in verify(aside.splitlines(), made.trials)] == [-3, -1]


def test_without_a_store_the_rater_is_warned_and_goes_on(make_packet, page) -> None:
    made = make_packet("h")
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no'); }})"
    )
    page.goto(f"{made.folder.as_uri()}/index.html?rater={CODE}")
    page.get_by_text("a reload would lose them").wait_for()
    begin(page)
    answer(page, 1, 1, "A clearly")
    heading(page, "Thank you")
    verify(download(page), made.trials)


def test_a_changed_answer_in_the_browser_is_not_built_upon(make_packet, page) -> None:
    made = make_packet("hh")
    address = f"{made.folder.as_uri()}/index.html?rater={CODE}"
    page.goto(address)
    begin(page)
    answer(page, 1, 2, "A clearly")
    heading(page, "Trial 2 of 2")
    name = f"humanize-listen-{KEY_SHA256}-{CODE}"
    kept = page.evaluate(f"localStorage.getItem('{name}')")
    assert '"grade":-3' in kept
    page.evaluate(f"localStorage.setItem('{name}', {json.dumps(kept.replace('-3', '3'))})")
    page.goto(address)
    heading(page, "A listening test")


def test_a_page_without_its_packet_says_so(page, complaints) -> None:
    complaints.expected = "ERR_FILE_NOT_FOUND"
    page.goto(f"{PAGE.as_uri()}/index.html")
    assert "packet.js is missing or damaged" in page.inner_text("main")
