"""Take the pictures of the web page: docs/page.png, which the README shows, and some states more.

Usage: python scripts/make_page_picture.py   (needs playwright and Debian's chromium)
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
START = "from humanize.cli import main\nif __name__ == '__main__':\n    main()\n"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def start(folder: str) -> tuple[subprocess.Popen[str], str]:
    """Start the service on a free port."""
    script = Path(folder) / "start.py"
    script.write_text(START)
    command = [sys.executable, str(script), "serve", "--port", "0", "--workers", "1"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    for line in process.stderr or ():
        if found := re.search(r"running on (http://\S+)", line):
            return process, found.group(1)
    raise SystemExit("the service did not start")


def take(address: str) -> None:
    """Show the waltz as a performance, with a passage marked and a note chosen."""
    with sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(address)
        page.wait_for_selector("#score g.note")
        page.wait_for_timeout(2000)
        page.click("#performed-field")
        page.fill("#passage-from", "9")
        page.fill("#passage-to", "12")
        page.keyboard.press("Tab")
        page.locator("#contrast").fill("160")
        page.locator("#seek").fill("5.2")
        page.locator("#v17 .notehead").click()
        page.mouse.move(0, 0)
        page.wait_for_timeout(500)
        page.screenshot(path=DOCS / "page.png")
        page.click("#tab-takes")
        page.locator("#takes button").nth(1).click()
        page.wait_for_timeout(3000)
        page.locator("#across").fill("60", force=True)
        page.locator("#down").fill("40", force=True)
        page.wait_for_timeout(6000)
        page.screenshot(path=DOCS / "page-takes.png")
        phone = browser.new_context(**PHONE, color_scheme="dark").new_page()
        phone.goto(address)
        phone.wait_for_selector("#score g.note")
        phone.wait_for_timeout(2500)
        phone.click("#performed-field")
        phone.wait_for_timeout(800)
        phone.screenshot(path=DOCS / "page-phone.png")
        browser.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        service, where = start(temporary)
        try:
            take(where)
        finally:
            service.terminate()
            service.wait()
