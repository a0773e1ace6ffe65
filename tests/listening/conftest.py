"""The rater's page in a browser that is watched, its packets and its server."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer

import pytest
from rater_page import Complaints, Packet, Server, note_foreign, write_packet


@pytest.fixture
def make_packet(tmp_path) -> Callable[..., Packet]:
    return functools.partial(write_packet, tmp_path / "packet")


@pytest.fixture
def serve() -> Iterator[Callable[[Packet], Server]]:
    engines: list[ThreadingHTTPServer] = []

    def start(packet: Packet) -> Server:
        server = Server(packet.folder)
        engines.append(server.serve())
        return server

    yield start
    for engine in engines:
        engine.shutdown()
        engine.server_close()


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
    page.on("request", lambda request: note_foreign(request, complaints))
    yield page
    context.close()
    assert complaints.unexpected == []
