"""What the tests of the page share: how it is opened, watched and used."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

FAILED = "Failed to load resource: the server responded with a status of"


@contextlib.contextmanager
def watched(browser: Any, address: str, refusal: int = 422, **options: Any) -> Iterator[Any]:
    """Open the page; a console error, or a request to elsewhere, fails at the end.

    That the service answers with the status ``refusal`` is no error.
    """
    size = {"width": 1100, "height": 900}
    context = browser.new_context(**{"viewport": size, "accept_downloads": True, **options})
    page = context.new_page()
    page.set_default_timeout(15_000)
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda r: _note_foreign(r.url, address, complaints))
    page.goto(address)
    yield page
    context.close()
    found = [c for c in complaints if not c.startswith(f"{FAILED} {refusal}")]
    assert not found, str(found)


def _note_foreign(url: str, address: str, complaints: list[str]) -> None:
    if not url.startswith((f"{address}/", "blob:", "data:")):
        complaints.append(f"asked for {url}")


def upload(page: Any, path: Path) -> None:
    page.set_input_files("#file", str(path))
    wait_for_notes(page, path.name)


def wait_for_notes(page: Any, name: str = "waltz.musicxml") -> None:
    """Wait for a file; the page opens an example by itself."""
    until(page, f"document.querySelector('#title').textContent === '{name}'")
    page.wait_for_selector("#work:not([hidden])")
    until(page, "document.querySelector('#status').textContent.includes('notes')")
    settle(page)


def perform(page: Any) -> None:
    """Choose the whole performance, and wait until it is worked out."""
    page.click("#performed-field")
    page.wait_for_selector("#tempo:not([hidden])")
    until(page, "document.querySelector('#download').textContent.includes('performance')")
    page.wait_for_timeout(300)
    settle(page)


def heard(page: Any, which: str) -> None:
    page.check(f"input[name=heard][value={which}]", force=True)
    settle(page)


def until(page: Any, condition: str) -> None:
    """Wait for a condition; the page's policy forbids the waiting that evaluates in the page."""
    for _ in range(400):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(25)
    pytest.fail(f"never came true: {condition}")


def settle(page: Any) -> None:
    """Wait for two frames, so that what was asked to be drawn is drawn."""
    page.evaluate("() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))")


def picture(page: Any, canvas: str) -> str:
    return page.evaluate(f"document.querySelector('#{canvas}').toDataURL()")


def slide(page: Any, slider: str, value: int) -> None:
    page.locator(f"#{slider}").fill(str(value))
    settle(page)


def focused(page: Any) -> str:
    """Return the id, or else the name, of what has the focus."""
    return page.evaluate("document.activeElement.id || document.activeElement.name || ''")


def downloaded(page: Any, name: str, key: str = "") -> bytes:
    """Press the button, or the key on whatever has the focus; return the file that comes."""
    with page.expect_download() as waiting:
        if key:
            page.keyboard.press(key)
        else:
            page.click("#download")
    assert waiting.value.suggested_filename == name
    return Path(waiting.value.path()).read_bytes()
