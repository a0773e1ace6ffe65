"""Serve a packet to several raters and keep their answers, a file each."""

from __future__ import annotations

import json
import os
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from humanize.errors import InputError, MissingExtraError, OutputError
from humanize.listening.answers import chain_of, parse_line
from humanize.listening.packet import MANIFEST

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

_LONGEST_LINE = 8192  # bytes
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; "
    "media-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class AnswerStore:
    """Raters' answers in a folder: one file each, a line is on the disk before it is accepted.

    Parameters
    ----------
    folder : Path
        Made if it is missing.
    manifest : dict
        Of the packet.
    """

    def __init__(self, folder: Path, manifest: dict[str, Any]) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{folder}: {error.strerror}; expected a folder to write") from None
        self._folder, self._manifest = folder, manifest
        self._lock = Lock()

    def knows(self, rater: str) -> bool:
        """Whether the packet has such a rater."""
        return rater in self._manifest["raters"]

    def stored(self, rater: str) -> bytes:
        """Return what a rater has answered so far, whole lines alone."""
        path = self._path(rater)
        data = path.read_bytes() if path.exists() else b""
        return data[: data.rfind(b"\n") + 1]

    def append(self, rater: str, text: bytes) -> str:
        """Keep one line; return why it was refused, or nothing.

        The line last stored may come again (its receipt was lost on the way).
        """
        with self._lock:
            before = self.stored(rater)
            last = before.splitlines()[-1] if before else b""
            if last and text == last:
                return ""
            why = self._why_not(rater, text, last)
            if not why:
                self._write(rater, len(before), text + b"\n")
            return why

    def _path(self, rater: str) -> Path:
        return self._folder / f"{rater}.jsonl"

    def _why_not(self, rater: str, text: bytes, last: bytes) -> str:
        try:
            line = parse_line(text)
        except InputError as error:
            return str(error)
        named = (line["packet"], line["rater"])
        if b"\n" in text or named != (self._manifest["key_sha256"], rater):
            return "an answer to another packet or of another rater"
        previous = json.loads(last)["chain"] if last else self._manifest["key_sha256"]
        if line.get("chain") != chain_of(previous, line):
            return "does not follow from the last stored answer; reload the page"
        return ""

    def _write(self, rater: str, length: int, line: bytes) -> None:
        with self._path(rater).open("ab") as file:
            file.truncate(length)  # the rest of a line that was cut off and never accepted
            file.write(line)
            file.flush()
            os.fsync(file.fileno())


def read_manifest(packet: Path) -> dict[str, Any]:
    """Return the manifest of a packet.

    Raises
    ------
    InputError
        If the folder is no packet.
    """
    path = packet / MANIFEST
    try:
        content: dict[str, Any] = json.loads(path.read_bytes())
        _ = content["raters"], content["key_sha256"]
    except OSError:
        raise InputError(
            f"{packet}: no {MANIFEST} found; expected a packet of 'listen build'"
        ) from None
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{path}: not a packet's manifest; build the packet again") from None
    return content


def make_app(packet: Path, store: AnswerStore) -> Starlette:
    """Return the application that serves a packet and keeps answers.

    Parameters
    ----------
    packet : Path
        As ``listen build`` wrote it, unpacked.
    store : AnswerStore
        Where answers go; outside the packet.

    Raises
    ------
    MissingExtraError
        Without the extra "listen".
    """
    try:
        from starlette.applications import Starlette
        from starlette.concurrency import run_in_threadpool
        from starlette.middleware import Middleware
        from starlette.responses import PlainTextResponse, Response
        from starlette.routing import Mount, Route
        from starlette.staticfiles import StaticFiles
    except ImportError:
        raise MissingExtraError("starlette", "listen") from None

    async def read(request: Request) -> Response:
        rater = request.path_params["rater"]
        if not store.knows(rater):
            return PlainTextResponse("no such rater", status_code=404)
        return PlainTextResponse(await run_in_threadpool(store.stored, rater))

    async def keep(request: Request) -> Response:
        rater = request.path_params["rater"]
        if not store.knows(rater):
            return PlainTextResponse("no such rater", status_code=404)
        text = bytearray()
        async for part in request.stream():
            text += part
            if len(text) > _LONGEST_LINE:
                return PlainTextResponse("an answer is shorter", status_code=413)
        why = await run_in_threadpool(store.append, rater, bytes(text))
        return PlainTextResponse(why, status_code=409) if why else Response(status_code=204)

    routes = [
        Route("/answers/{rater}", read, methods=["GET"]),
        Route("/answers/{rater}", keep, methods=["POST"]),
        Mount("/", StaticFiles(directory=packet, html=True)),
    ]
    return Starlette(routes=routes, middleware=[Middleware(_Headers)])


class _Headers:
    """Adds the security headers to every answer."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                extra = [(k.lower().encode(), v.encode()) for k, v in _HEADERS.items()]
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)
