"""Slow, vanished, huge and many clients against a real server on loopback."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from humanize.api import humanize_bytes
from humanize.commands.serve import command
from humanize.errors import OptionError

ROOT = Path(__file__).parents[2]
DATA = (ROOT / "humanize/service/static/examples/fugue.mid").read_bytes()
HEAD = b"POST /v1/humanize HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"


def humanize(address: str) -> int:
    return httpx.post(f"{address}/v1/humanize", files={"file": DATA}, timeout=60).status_code


def resident_bytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        pytest.skip("no /proc here to read a process's memory from")
    line = next(ln for ln in status.read_text().splitlines() if ln.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


def test_500_at_once_are_all_answered(server) -> None:
    async def many() -> Counter[int]:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(limits=limits, timeout=120) as client:
            url = f"{server.address}/v1/humanize"
            calls = [client.post(url, files={"file": DATA}) for _ in range(500)]
            answers = await asyncio.gather(*calls)
        for answer in answers:
            if answer.status_code == 503:
                assert int(answer.headers["retry-after"]) >= 1
                assert answer.headers["content-type"] == "application/problem+json"
        return Counter(answer.status_code for answer in answers)

    counts = asyncio.run(many())
    assert set(counts) <= {200, 503}
    assert counts[200] >= 64
    assert humanize(server.address) == 200


def test_a_hundred_megabytes_are_refused_without_being_kept(server) -> None:
    before = resident_bytes(server.process.pid)

    def body():
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
        for _ in range(1600):
            yield bytes(65_536)

    headers = {"content-type": "multipart/form-data; boundary=b"}
    answer = httpx.post(f"{server.address}/v1/humanize", content=body(), headers=headers)
    assert answer.status_code == 413
    assert resident_bytes(server.process.pid) - before < 60_000_000
    assert humanize(server.address) == 200


def test_slow_and_vanished_clients_are_given_up(start) -> None:
    server = start("--max-seconds", "1", "--max-requests", "2")
    slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(2)]
    for client in slow:
        client.sendall(HEAD + b"Content-Length: 1000\r\n\r\n--b\r\n")
    assert httpx.get(f"{server.address}/healthz").status_code == 200
    answers = [client.recv(65_536) for client in slow]
    assert all(answer.startswith(b"HTTP/1.1 408") for answer in answers)
    for client in slow:
        client.close()
    gone = socket.create_connection(("127.0.0.1", server.port))
    gone.sendall(HEAD + b"Content-Length: 1000\r\n\r\n--b\r\n")
    gone.close()
    assert _until_200(server.address) == 200


def _until_200(address: str) -> int:
    status = 0
    for _ in range(600):
        status = humanize(address)
        if status == 200:
            break
        time.sleep(0.05)
    return status


def test_a_client_that_does_not_read_loses_its_place(start) -> None:
    server = start("--max-seconds", "10", "--max-requests", "1")
    many = bytes([0, 0x90, 60, 64]) + b"".join(bytes([1, 40 + i % 50, 64]) for i in range(40_000))
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    fast = b'\r\n--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nfast'
    body = part + _midi(many) + fast + b"\r\n--b--\r\n"
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", server.port))
    head = HEAD.replace(b"humanize", b"velocities")
    client.sendall(head + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
    assert client.recv(12) == b"HTTP/1.1 200"
    assert humanize(server.address) == 503
    assert _until_200(server.address) == 200
    client.close()


def _midi(events: bytes) -> bytes:
    track = b"MTrk" + len(events).to_bytes(4, "big") + events
    return bytes.fromhex("4d54686400000006000000010060") + track


def test_a_file_that_takes_too_long_is_given_up_and_the_next_is_not(start) -> None:
    server = start("--max-seconds", "0.02", "--max-bytes", "4000000", "--workers", "1")
    many = bytes([0, 0x90, 60, 64]) + b"".join(bytes([1, 40 + i % 50, 64]) for i in range(60_000))
    answer = httpx.post(f"{server.address}/v1/humanize", files={"file": _midi(many)}, timeout=60)
    assert answer.status_code in {408, 413}
    assert "longer than 0.02 s" in answer.json()["detail"]
    assert httpx.get(f"{server.address}/healthz").status_code == 200


@pytest.mark.parametrize("kind", ["many short headers", "one long header", "one long target"])
def test_headers_without_end_are_cut_off_and_not_kept(server, kind: str) -> None:
    before = resident_bytes(server.process.pid)
    start, again = {
        "many short headers": (b"POST /v1/humanize HTTP/1.1\r\nHost: x\r\n", b"a: b\r\n" * 10_000),
        "one long header": (b"POST /v1/humanize HTTP/1.1\r\nHost: x\r\nA: ", b"a" * 65_536),
        "one long target": (b"GET /", b"a" * 65_536),
    }[kind]
    sent, answer = 0, b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        try:
            client.sendall(start)
            while sent < 30_000_000:
                client.sendall(again)
                sent += len(again)
            answer = client.recv(4096)
        except OSError:  # it has hung up
            answer = b"HTTP/1.1 4"
    assert not answer or answer.startswith(b"HTTP/1.1 4")
    assert sent < 30_000_000
    assert resident_bytes(server.process.pid) - before < 20_000_000
    assert httpx.get(f"{server.address}/healthz").status_code == 200


def _upload(data: bytes, *, route: bytes = b"humanize") -> bytes:
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    body = part + data + b"\r\n--b--\r\n"
    head = HEAD.replace(b"humanize", route)
    return head + f"Content-Length: {len(body)}\r\n\r\n".encode() + body


def _slow() -> bytes:
    """Return a file that takes some seconds and more than a second on any machine."""
    many = b"".join(bytes([1, 40 + i % 50, 64]) for i in range(180_000))
    return _midi(bytes([0, 0x90, 60, 64]) + many)


def test_clients_that_hang_up_free_their_places_and_their_workers(start) -> None:
    server = start("--max-requests", "16", "--workers", "1", "--max-seconds", "60")
    upload = _upload(_slow())
    gone = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(16)]
    for client in gone:
        client.sendall(upload)
    while humanize(server.address) != 503:  # all are taken up
        time.sleep(0.05)
    for client in gone:
        client.close()
    assert _until_200(server.address) == 200
    restarts = httpx.get(f"{server.address}/metrics").text
    (line,) = [ln for ln in restarts.splitlines() if ln.startswith("humanize_worker_restarts")]
    assert float(line.split()[1]) <= 2  # those that waited were never begun


def test_uploads_that_wait_when_the_service_stops_are_told_so(start) -> None:
    server = start("--workers", "1", "--max-seconds", "60")
    clients = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(4)]
    for client in clients:
        client.sendall(_upload(_slow()))
    while "under_way 4.0" not in httpx.get(f"{server.address}/metrics").text:
        time.sleep(0.02)
    time.sleep(0.5)  # the bodies are read by then
    server.process.send_signal(signal.SIGTERM)
    answers = []
    for client in clients:
        answer = b""
        while piece := client.recv(65_536):
            answer += piece
        answers.append(answer)
        client.close()
    assert Counter(answer[9:12] for answer in answers) == {b"200": 1, b"503": 3}
    for answer in answers:
        if answer[9:12] == b"503":
            assert b"application/problem+json" in answer
            assert b"about to stop" in answer
    assert server.process.wait(20) == 0


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_lets_a_running_request_finish(start, stop: signal.Signals) -> None:
    server = start()
    client = socket.create_connection(("127.0.0.1", server.port))
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n' + DATA
    body = part + b"\r\n--b--\r\n"
    client.sendall(HEAD + f"Content-Length: {len(body)}\r\n\r\n".encode() + body[:-10])
    assert humanize(server.address) == 200  # the first request has been taken up by now
    server.process.send_signal(stop)
    _until_refused(server.port)  # so it has taken the signal
    client.sendall(body[-10:])
    answer = b""
    while piece := client.recv(65_536):
        answer += piece
    client.close()
    head, _, file = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert file == humanize_bytes(DATA).bytes
    assert server.process.wait(20) == 0


def _until_refused(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            return
        time.sleep(0.05)
    pytest.fail("a stopped server went on taking connections")


def test_a_token_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    import subprocess
    import sys

    program = "from humanize.commands.serve import command as c; c(standalone_mode=False)"
    arguments = [sys.executable, "-c", program, "--token-file", str(tmp_path / "none")]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "expected a file with a token" in done.stderr


def test_a_blank_token_is_an_error_and_not_an_open_service(tmp_path: Path) -> None:
    blank = tmp_path / "token"
    blank.write_text(" \n")
    for arguments, env in ((["--token-file", str(blank)], {}), ([], {"HUMANIZE_TOKEN": "\n"})):
        done = CliRunner().invoke(command, arguments, env=env)
        assert isinstance(done.exception, OptionError)
        assert "empty; expected a token on one line" in str(done.exception)
