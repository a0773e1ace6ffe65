"""The page in Firefox, Debian's, asked by WebDriver BiDi, which it speaks without any driver."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

FIREFOX = shutil.which("firefox-esr")
connect = pytest.importorskip(
    "websockets.sync.client", reason="websockets is not installed"
).connect


class Firefox:
    """One window: what it is told to evaluate, and the errors that its pages log."""

    def __init__(self, socket: Any) -> None:
        self.socket, self.numbers, self.errors = socket, itertools.count(1), []
        self.call("session.new", capabilities={})
        self.call("session.subscribe", events=["log.entryAdded"])
        (tree,) = self.call("browsingContext.getTree")["contexts"]
        self.window = tree["context"]
        size = {"width": 1280, "height": 800}
        self.call("browsingContext.setViewport", context=self.window, viewport=size)

    def call(self, method: str, **params: Any) -> Any:
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(self.socket.recv(timeout=60))
            if answer.get("method") == "log.entryAdded" and answer["params"]["level"] == "error":
                self.errors.append(answer["params"]["text"])
            if answer.get("id") == number:
                assert "result" in answer, answer
                return answer["result"]

    def open(self, address: str) -> None:
        self.call("browsingContext.navigate", context=self.window, url=address, wait="complete")

    def evaluate(self, expression: str) -> Any:
        target = {"context": self.window}
        options = {"target": target, "awaitPromise": True, "userActivation": True}
        result = self.call("script.evaluate", expression=expression, **options)["result"]
        return result.get("value")

    def until(self, condition: str) -> None:
        for _ in range(240):
            if self.evaluate(condition):
                return
            time.sleep(0.25)
        pytest.fail(f"never came true: {condition}; {self.errors}")


@pytest.fixture
def firefox(tmp_path: Path) -> Iterator[Firefox]:
    with started(tmp_path / "profile", "nothing") as window:
        yield window


@pytest.fixture
def sounding_firefox(tmp_path: Path) -> Iterator[Firefox]:
    """With a sound device whose sound goes nowhere."""
    pulse = shutil.which("pulseaudio")
    if pulse is None:
        pytest.skip("no sound for Firefox to play through; install pulseaudio")
    socket = tmp_path / "pulse"
    options = ["--daemonize=no", "--use-pid-file=no", "--disable-shm=yes", "--exit-idle-time=-1"]
    modules = [f"module-native-protocol-unix socket={socket} auth-anonymous=1", "module-null-sink"]
    command = [pulse, "-n", *options, *(f"--load={module}" for module in modules)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            if socket.exists():
                break
            time.sleep(0.1)
        with started(tmp_path / "profile", f"unix:{socket}") as window:
            yield window
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def started(profile: Path, sound: str) -> Iterator[Firefox]:
    if FIREFOX is None:
        pytest.skip("Firefox is not here; install firefox-esr")
    profile.mkdir()
    # what a user's own click is, a script's is not
    (profile / "user.js").write_text('user_pref("media.autoplay.default", 0);\n')
    own = {**os.environ, "PULSE_SERVER": sound}
    command = [FIREFOX, "--headless", "--no-remote", "--profile", str(profile)]
    process = subprocess.Popen(
        [*command, "--remote-debugging-port", "0"], stderr=subprocess.PIPE, text=True, env=own
    )
    try:
        with connect(f"{_address(process)}/session", max_size=None) as socket:
            yield Firefox(socket)
    finally:
        process.terminate()
        process.communicate(timeout=30)


def _address(process: subprocess.Popen[str]) -> str:
    for line in process.stderr or ():
        if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", line):
            return found.group(1)
    raise RuntimeError("Firefox did not start")


def test_firefox_engraves_performs_and_shapes(firefox: Firefox, server: Any) -> None:
    firefox.open(server.address)
    firefox.until("document.querySelectorAll('#score g.note').length > 50")
    colours = (
        "new Set([...document.querySelectorAll('#score .notehead')].map(h => h.style.fill)).size"
    )
    firefox.until(f"{colours} > 20")
    firefox.evaluate("document.querySelector('input[value=performed]').click()")
    firefox.until("!document.querySelector('#tempo').hidden")
    before = firefox.evaluate("document.querySelector('#after-summary').textContent")
    firefox.evaluate(
        "{ const slider = document.querySelector('#contrast'); slider.value = 0;"
        " slider.dispatchEvent(new Event('input', { bubbles: true })); }"
    )
    after = firefox.evaluate("document.querySelector('#after-summary').textContent")
    assert before != after and after.startswith("all ")
    assert firefox.evaluate("document.querySelector('#message').hidden")
    assert firefox.errors == []


def test_firefox_sounds_and_goes_on_in_the_same_spot(
    sounding_firefox: Firefox, server: Any
) -> None:
    firefox = sounding_firefox
    firefox.open(server.address)
    firefox.until("document.querySelectorAll('#score g.note').length > 50")
    firefox.evaluate("document.querySelector('#play').click()")
    firefox.until("Number(document.querySelector('#play').dataset.level) > 0.001")
    firefox.until("Number(document.querySelector('#seek').value) > 1")
    firefox.evaluate("document.querySelector('input[name=heard][value=before]').click()")
    assert firefox.evaluate("Number(document.querySelector('#seek').value)") > 1
    firefox.until("Number(document.querySelector('#play').dataset.level) > 0.001")
    firefox.evaluate("document.querySelector('#play').click()")
    assert firefox.evaluate("document.querySelector('#play').textContent") == "▶ Play"
    assert firefox.errors == []


def test_where_no_device_sounds_firefox_says_so(firefox: Firefox, server: Any) -> None:
    firefox.open(server.address)
    firefox.until("document.querySelectorAll('#score g.note').length > 50")
    firefox.evaluate("document.querySelector('#play').click()")
    firefox.until("!document.querySelector('#message').hidden")
    said = firefox.evaluate("document.querySelector('#message').textContent")
    assert said.startswith("No sound comes: this computer's sound device does not answer")
    assert firefox.evaluate("document.querySelector('#play').textContent") == "▶ Play"
