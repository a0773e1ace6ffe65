"""A rater takes the listening test in headless Chromium: Debian's, by its path."""

from __future__ import annotations

import functools
import hashlib
import json
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

import humanize

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed; it comes with [dev]"
)
soundfile = pytest.importorskip(
    "soundfile", reason="soundfile is not installed; it comes with [listen]"
)

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--mute-audio",
]
PAGE = Path(humanize.__file__).parent / "listening/page"
CODE = "0a1b2c3d"
KEY_SHA256 = "5" * 64
HUMAN = "Which sounds more as if a person had played it?"
PREFERENCE = "Which do you prefer?"
KEYS = [
    *["version", "packet", "rater", "place", "trial", "question", "order"],
    *["grade", "heard", "seconds", "at", "chain"],
]

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="the Debian package chromium is not installed"
)


@dataclass
class Packet:
    """A packet in a folder, as the page's format says it must be."""

    folder: Path
    trials: list[dict]
    suffix: str = ".flac"

    @property
    def sounds(self) -> list[Path]:
        return sorted(self.folder.glob(f"*{self.suffix}"))


@pytest.fixture
def packet(tmp_path) -> Callable[..., Packet]:
    return functools.partial(_write_packet, tmp_path / "packet")


def _write_packet(
    folder: Path, questions: str, *, sounds: int = 2, form: str = "pairs", suffix: str = ".flac"
) -> Packet:
    """One trial for each letter of ``questions``: h(uman) or p(reference)."""
    shutil.copytree(PAGE, folder)
    trials = [
        {
            "id": f"{place:016x}",
            "question": {"h": "human", "p": "preference"}[letter],
            "sounds": sounds,
        }
        for place, letter in enumerate(questions, 1)
    ]
    manifest = {
        "version": 1,
        "key_sha256": KEY_SHA256,
        "plan_sha256": "6" * 64,
        "form": form,
        "suffix": suffix,
        "seconds": 1.0,
        "questions": {"human": HUMAN, "preference": PREFERENCE},
        "practice": [f"practice-a{suffix}", f"practice-b{suffix}"],
        "raters": {CODE: trials, "ffffffff": trials},
    }
    (folder / "packet.js").write_text(f"window.PACKET = {json.dumps(manifest)};\n")
    names = ["practice-a", "practice-b"]
    names += [trial["id"] + letter for trial in trials for letter in "abcdefgh"[:sounds]]
    for place, name in enumerate(names):
        _write_sound(folder / f"{name}{suffix}", 220.0 * 2 ** (place / 12))
    return Packet(folder, trials, suffix)


def _write_sound(path: Path, frequency: float) -> None:
    if path.suffix == ".mid":
        path.write_bytes(b"MThd\0\0\0\6\0\0\0\1\0\x60MTrk\0\0\0\4\0\xff\x2f\0")
        return
    opus = path.suffix == ".opus"
    rate = 48000 if opus else 22050
    seconds = 0.2 if "practice" in path.name else 1.0
    samples = 0.3 * np.sin(2 * np.pi * frequency * np.arange(round(rate * seconds)) / rate)
    if opus:
        soundfile.write(path, samples, rate, format="OGG", subtype="OPUS")
    else:
        soundfile.write(path, samples, rate)


@dataclass
class Server:
    """What the page talks to: the packet's files, and answers kept in a list."""

    folder: Path
    lines: list[str] = field(default_factory=list)
    failing: int = 0
    losing_receipts: bool = False
    policy: str = (
        "default-src 'self'; img-src 'self' data:; media-src 'self' blob:; frame-ancestors 'none'"
    )
    address: str = ""

    def serve(self) -> ThreadingHTTPServer:
        handler = functools.partial(_Handler, self, directory=str(self.folder))
        engine = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.address = f"http://127.0.0.1:{engine.server_port}"
        threading.Thread(target=engine.serve_forever, daemon=True).start()
        return engine


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, server: Server, *args: object, directory: str) -> None:
        self.store = server
        super().__init__(*args, directory=directory)

    def do_GET(self) -> None:
        if not self.path.startswith("/answers/"):
            super().do_GET()
        elif self.store.failing:
            self._reply(self.store.failing)
        else:
            self._reply(200, "".join(f"{line}\n" for line in self.store.lines).encode())

    def do_POST(self) -> None:
        line = self.rfile.read(int(self.headers["Content-Length"])).decode()
        assert self.path == f"/answers/{CODE}"
        assert self.headers["Content-Type"] == "application/json"
        if self.store.failing:
            self._reply(self.store.failing)
        elif json.loads(line)["place"] != len(self.store.lines):
            self._reply(409)
        else:
            self.store.lines.append(line)
            self._reply(500 if self.store.losing_receipts else 204)

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", self.store.policy)
        super().end_headers()

    def _reply(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def served() -> Iterator[Callable[[Packet], Server]]:
    engines: list[ThreadingHTTPServer] = []

    def serve(packet: Packet) -> Server:
        server = Server(packet.folder)
        engines.append(server.serve())
        return server

    yield serve
    for engine in engines:
        engine.shutdown()
        engine.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Complaints:
    """Console errors and requests to elsewhere; a test says which errors it provokes."""

    texts: list[str] = field(default_factory=list)
    expected: str = "$^"

    @property
    def unexpected(self) -> list[str]:
        return [text for text in self.texts if not re.search(self.expected, text)]


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


@pytest.fixture
def page(browser, complaints) -> Iterator[object]:
    context = browser.new_context(viewport={"width": 1000, "height": 800}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.on("console", lambda m: complaints.texts.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.texts.append(str(error)))
    page.on("request", lambda request: _note_foreign(request, complaints))
    yield page
    context.close()
    assert complaints.unexpected == []


def _note_foreign(request, complaints: Complaints) -> None:
    home = request.frame.page.main_frame.url
    origin = "file:///" if home.startswith("file:") else "/".join(home.split("/")[:3])
    if home != "about:blank" and not request.url.startswith((origin, "blob:", "data:")):
        complaints.texts.append(f"asked for {request.url}")


def heading(page, text: str) -> None:
    page.get_by_role("heading", name=text, exact=True, level=1).wait_for()


def press_button(page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def listen(page, *letters: str) -> None:
    """Hear sounds to their ends; the letter of a sound that stands alone is empty."""
    for place, letter in enumerate(letters):
        press_button(page, f"Play {letter}".strip())
        heard(page, letter, letters[: place + 1].count(letter))


def heard(page, letter: str, times: int = 1) -> None:
    """Wait until a sound was heard to its end."""
    text = "Heard to the end" if times == 1 else f"Heard to the end {times} times"
    card = page.locator(f"section[aria-label='{f'Sound {letter}'.strip()}']")
    card.locator(f".note:text-is('{text}')").wait_for()


def begin(page) -> None:
    """Go from the consent to the first trial."""
    press_button(page, "I agree and want to begin")
    heading(page, "The volume")
    listen(page, "")
    press_button(page, "Go on")
    heading(page, "Practice: this one does not count")
    listen(page, "A", "B")
    page.get_by_role("radio", name="No difference").check()
    press_button(page, "Begin the test")


def answer(page, place: int, total: int, grade: str, letters: str = "AB") -> None:
    heading(page, f"Trial {place} of {total}")
    listen(page, *letters)
    page.get_by_role("radio", name=grade, exact=True).check()
    press_button(page, "Next")


def verify(lines: list[str], trials: list[dict]) -> list[dict]:
    """Recompute the chain of answers from the bytes of their lines; return them."""
    chain, read = KEY_SHA256, [json.loads(line) for line in lines]
    for place, (line, entry, trial) in enumerate(zip(lines, read, trials, strict=True)):
        body, own = re.fullmatch(r'(.*),"chain":"([0-9a-f]{64})"\}', line).groups()
        chain = hashlib.sha256(f"{chain}\n{body}}}".encode()).hexdigest()
        assert own == chain
        assert line == json.dumps(entry, separators=(",", ":"))
        assert [key for key in entry if key != "ratings"] == KEYS
        assert (entry["version"], entry["packet"], entry["rater"]) == (1, KEY_SHA256, CODE)
        assert (entry["place"], entry["trial"]) == (place, trial["id"])
        assert entry["question"] == trial["question"]
        assert entry["order"] == [trial["id"] + letter for letter in "abcdefgh"[: trial["sounds"]]]
        assert len(entry["heard"]) == trial["sounds"] and min(entry["heard"]) >= 1
        assert entry["seconds"] > 0 and entry["seconds"] == round(entry["seconds"], 1)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", entry["at"])
    return read


def code_of(lines: list[str]) -> str:
    return json.loads(lines[-1])["chain"][:8].upper()


def download(page) -> list[str]:
    with page.expect_download() as waiting:
        press_button(page, "Download my answers")
    assert waiting.value.suggested_filename == f"answers-{CODE}.jsonl"
    return Path(waiting.value.path()).read_text().splitlines()


def test_the_whole_test_by_mouse_over_http_with_a_reload_on_the_way(packet, served, page) -> None:
    made = packet("hhp")
    server = served(made)
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


def test_the_whole_test_by_keyboard_alone_from_disk(packet, page) -> None:
    made = packet("hp")
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


def test_several_sounds_are_rated_with_sliders(packet, served, page) -> None:
    made = packet("h", sounds=3, form="multi")
    server = served(made)
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
def test_a_phone_in_the_dark(packet, served, page, form: str, sounds: int, suffix: str) -> None:
    made = packet("hh", form=form, sounds=sounds, suffix=suffix)
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme="dark")
    page.goto(f"{served(made).address}/?rater={CODE}")
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


def test_next_waits_until_all_was_heard_and_answered(packet, served, page) -> None:
    made = packet("h")
    page.goto(f"{served(made).address}/?rater={CODE}")
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


def test_one_sounds_at_a_time_and_a_jump_is_not_heard(packet, served, page) -> None:
    page.add_init_script(
        "window.made = []; const Plain = Audio;"
        "window.Audio = function () { const audio = new Plain(); made.push(audio); return audio; };"
    )
    made = packet("h")
    page.goto(f"{served(made).address}/?rater={CODE}")
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


def test_a_server_that_forbids_copies_is_played_from_directly(
    packet, served, page, complaints
) -> None:
    complaints.expected = "Content Security Policy"
    made = packet("h")
    server = served(made)
    server.policy = "default-src 'self'"
    page.goto(f"{server.address}/?rater={CODE}")
    begin(page)
    answer(page, 1, 1, "A clearly")
    heading(page, "Thank you")
    page.get_by_text("Your answers have been sent.").wait_for()
    verify(server.lines, made.trials)
    assert any("blob:" in text for text in complaints.texts)


def test_a_missing_sound_is_named_and_can_be_tried_again(packet, served, page, complaints) -> None:
    complaints.expected = "404"
    made = packet("h")
    sound = made.folder / f"{made.trials[0]['id']}b.flac"
    content = sound.read_bytes()
    sound.unlink()
    page.goto(f"{served(made).address}/?rater={CODE}")
    begin(page)
    heading(page, "Trial 1 of 1")
    page.get_by_text(f"Sound B ({sound.name}) could not be loaded.").wait_for()
    listen(page, "A")
    assert page.inner_text("#why") == "Listen to B to the end first."
    sound.write_bytes(content)
    press_button(page, "Try again")
    listen(page, "B")
    assert page.get_by_role("alert").filter(visible=True).count() == 0


def test_a_missing_sound_on_disk_is_named(packet, page, complaints) -> None:
    complaints.expected = "ERR_FILE_NOT_FOUND"
    made = packet("h")
    (made.folder / "practice-b.flac").unlink()
    page.goto(f"{made.folder.as_uri()}/index.html?rater={CODE}")
    press_button(page, "I agree and want to begin")
    page.get_by_text("The sound (practice-b.flac) could not be loaded.").wait_for()


def test_an_unknown_code_is_said_and_asked_for_again(packet, served, page) -> None:
    made = packet("h")
    page.goto(f"{served(made).address}/?rater=toString")
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


def test_a_failing_server_loses_no_answer(packet, served, page, complaints) -> None:
    complaints.expected = "status of 500"
    made = packet("hhh")
    server = served(made)
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


def test_a_server_that_fails_at_first_is_asked_again(packet, served, page, complaints) -> None:
    complaints.expected = "status of 500"
    made = packet("hh")
    server = served(made)
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


def test_answers_in_two_windows_do_not_mix(packet, served, page, complaints) -> None:
    complaints.expected = "status of 409"
    made = packet("hh")
    server = served(made)
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


def test_without_a_store_the_rater_is_warned_and_goes_on(packet, page) -> None:
    made = packet("h")
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no'); }})"
    )
    page.goto(f"{made.folder.as_uri()}/index.html?rater={CODE}")
    page.get_by_text("a reload would lose them").wait_for()
    begin(page)
    answer(page, 1, 1, "A clearly")
    heading(page, "Thank you")
    verify(download(page), made.trials)


def test_a_changed_answer_in_the_browser_is_not_built_upon(packet, page) -> None:
    made = packet("hh")
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


def test_a_packet_of_midi_files_is_heard_elsewhere(packet, served, page) -> None:
    made = packet("h", suffix=".mid")
    server = served(made)
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


def test_a_long_block_has_a_break_half_way(packet, page) -> None:
    made = packet("h" * 14, suffix=".mid")
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


def test_a_page_without_its_packet_says_so(page, complaints) -> None:
    complaints.expected = "ERR_FILE_NOT_FOUND"
    page.goto(f"{PAGE.as_uri()}/index.html")
    assert "packet.js is missing or damaged" in page.inner_text("main")


@pytest.mark.parametrize("name", ["index.html", "style.css"])
def test_the_page_that_ships_is_the_one_in_the_source(name) -> None:
    source = Path(__file__).parents[2] / "humanize/listening/page_src" / name
    if not source.exists():
        pytest.skip("the page's source is not here; it does not ship")
    assert (PAGE / name).read_bytes() == source.read_bytes()
