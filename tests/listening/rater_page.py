"""What the tests of the rater's page share: packets, a server, and the hands of a rater."""

from __future__ import annotations

import functools
import hashlib
import json
import re
import shutil
import threading
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

import humanize
from humanize.listening.design import rater_digest

PAGE = Path(humanize.__file__).parent / "listening/page"
CODE = "0a1b2c3d"
KEY_SHA256 = "5" * 64
HUMAN = "Which sounds more as if a person had played it?"
PREFERENCE = "Which do you prefer?"
KEYS = [
    *["version", "packet", "rater", "place", "trial", "question", "order"],
    *["grade", "heard", "seconds", "at", "chain"],
]


@dataclass
class Packet:
    """A packet in a folder, as the page's format says it must be."""

    folder: Path
    trials: list[dict]
    suffix: str = ".flac"

    @property
    def sounds(self) -> list[Path]:
        return sorted(self.folder.glob(f"*{self.suffix}"))


def write_packet(
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
        "raters": {rater_digest(KEY_SHA256, code): trials for code in (CODE, "ffffffff")},
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
    soundfile = pytest.importorskip(
        "soundfile", reason="soundfile is not installed; it comes with [listen]"
    )
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


@dataclass
class Complaints:
    """Console errors and requests to elsewhere; a test says which errors it provokes."""

    texts: list[str] = field(default_factory=list)
    expected: str = "$^"

    @property
    def unexpected(self) -> list[str]:
        return [text for text in self.texts if not re.search(self.expected, text)]


def note_foreign(request, complaints: Complaints) -> None:
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
