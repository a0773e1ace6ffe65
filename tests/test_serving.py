"""What one client can ask of this package's servers, whatever they serve."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from humanize.commands.listen import command as listen
from humanize.serving import MOST_HEADER_BYTES, bounded_config

uvicorn = pytest.importorskip("uvicorn", reason="needs uvicorn (extra: serve or listen)")
from humanize import connections  # noqa: E402
from humanize.connections import PatientConnection  # noqa: E402


async def hello(scope, receive, send) -> None:
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]}
    )
    await send({"type": "http.response.body", "body": b"hi"})


@contextlib.contextmanager
def running(app):
    """The port of a server that runs an application."""
    config = bounded_config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def port():
    with running(hello) as found:
        yield found


def sent_until_closed(port: int, start: bytes, again: bytes, most: int = 30_000_000) -> int:
    """Return how many bytes a server took before it hung up."""
    sent = 0
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        try:
            client.sendall(start)
            while sent < most:
                client.sendall(again)
                sent += len(again)
        except OSError:
            pass
    return sent


@pytest.mark.parametrize(
    ("start", "again"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n", b"a: b\r\n" * 1000),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: ", b"a" * 8192),
        (b"GET /", b"a" * 8192),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"a" * 8192),
    ],
    ids=["many headers", "a long header", "a long target", "a long chunk extension"],
)
def test_headers_without_end_close_their_connection(port: int, start: bytes, again: bytes) -> None:
    assert sent_until_closed(port, start, again) < 20_000_000  # what the system holds of it


@pytest.mark.parametrize("size", [1000, MOST_HEADER_BYTES // 2])
def test_headers_of_a_common_size_are_read(port: int, size: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * size + b"\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 200")


def test_the_raters_server_is_bounded_too(tmp_path: Path, monkeypatch) -> None:
    pytest.importorskip("starlette", reason="needs starlette (extra: listen)")
    (tmp_path / "packet").mkdir()
    (tmp_path / "packet/packet.json").write_text(json.dumps({"key_sha256": "5", "raters": {}}))
    (tmp_path / "codes").write_text("0a1b\n2c3d\n")
    seen = []
    monkeypatch.setattr(uvicorn.Server, "run", lambda server: seen.append(server.config))
    arguments = [
        "serve",
        tmp_path / "packet",
        "-o",
        tmp_path / "answers",
        "--codes",
        tmp_path / "codes",
    ]
    done = CliRunner().invoke(listen, [*map(str, arguments)], catch_exceptions=False)
    assert "/?rater=0a1b" in done.output
    assert "/?rater=2c3d" in done.output
    (config,) = seen
    assert (config.http, config.h11_max_incomplete_event_size) == (
        PatientConnection,
        MOST_HEADER_BYTES,
    )


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(connections, "HEAD_SEC", 0.6)
    monkeypatch.setattr(connections, "READ_SEC", 0.6)


def seconds_until_closed(port: int, start: bytes, byte: bytes = b"") -> tuple[float, bytes]:
    """Return after how long a server hangs up on a client that sends a byte now and then."""
    begun, came = time.monotonic(), b""
    with socket.create_connection(("127.0.0.1", port), timeout=0.05) as client:
        client.sendall(start)
        while time.monotonic() < begun + 10:
            try:
                client.sendall(byte)
                new = client.recv(100)
                came += new
                if not new:
                    break
            except TimeoutError:
                continue
            except OSError:
                break
    return time.monotonic() - begun, came


WHOLE = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    ("start", "byte"),
    [
        (b"", b""),
        (b"", b"G"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: ", b"a"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n", b"a"),
        (WHOLE, b"G"),
    ],
    ids=["nothing", "a method", "a header", "a body that nobody wants", "a second request"],
)
def test_a_client_that_dribbles_is_given_up(port, impatient, start: bytes, byte: bytes) -> None:
    spent, came = seconds_until_closed(port, start, byte)
    assert 0.5 < spent < 3
    assert came.startswith(b"HTTP/1.1 200" if b"\r\n\r\n" in start else b"HTTP/1.1 408")


def test_a_client_that_comes_again_in_time_is_served(port, impatient) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        for _ in range(4):
            time.sleep(0.3)
            client.sendall(WHOLE)
            assert client.recv(500).startswith(b"HTTP/1.1 200")


async def gone(receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def test_a_client_that_does_not_read_is_given_up(impatient) -> None:
    ended = threading.Event()

    async def endless(scope, receive, send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        left = asyncio.ensure_future(gone(receive))
        while not left.done():
            await send({"type": "http.response.body", "body": b"a" * 65_536, "more_body": True})
        ended.set()

    with running(endless) as port, socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", port))
        client.sendall(WHOLE)
        assert ended.wait(5)
