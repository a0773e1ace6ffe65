"""Serve a packet to several raters and keep their answers, a file each."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from humanize.errors import InputError, MissingExtraError, OutputError
from humanize.listening.answers import Shown, chain_of, comparisons_of, parse_line
from humanize.listening.design import rater_digest
from humanize.listening.packet import MANIFEST

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

_LONGEST_LINE = 8192  # bytes
_LONGEST_SEC = 30.0
_MOST_LATER_BYTES = 1_000_000  # of a rater's answers that count nothing
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; "
    "media-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class AnswerStore:
    """Raters' answers in a folder: one file each, a line is on the disk before it is accepted.

    An answer is held against the packet when it arrives: it must be the next of its rater's trials.
    Another answer to a trial is kept apart, in a file that ends in ``.later``, and counts nothing.

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
        self._folder, self._key = folder, str(manifest["key_sha256"])
        self._trials = {
            digest: [Shown.listed(entry) for entry in trials]
            for digest, trials in manifest["raters"].items()
        }
        self._lock = Lock()

    def knows(self, rater: str) -> bool:
        """Whether a code is one of the packet's."""
        return rater_digest(self._key, rater) in self._trials

    def stored(self, rater: str) -> bytes:
        """Return what a rater has answered so far, whole lines alone."""
        path = self._path(rater)
        data = path.read_bytes() if path.exists() else b""
        return data[: data.rfind(b"\n") + 1]

    def append(self, rater: str, text: bytes) -> str:
        """Keep one line; return why it was refused, or nothing.

        A line that is stored may come again (its receipt was lost on the way).
        """
        with self._lock:
            before = self.stored(rater)
            lines = before.split(b"\n")[:-1]
            if text in lines:
                return ""
            try:
                self._require_next(rater, text, lines)
            except _AnsweredBeforeError as error:
                self._keep_apart(rater, text + b"\n")
                return str(error)
            except InputError as error:
                return str(error)
            self._write(rater, len(before), text + b"\n")
            return ""

    def _path(self, rater: str) -> Path:
        return self._folder / f"{rater}.jsonl"

    def _require_next(self, rater: str, text: bytes, lines: list[bytes]) -> None:
        """Raise InputError unless a text is the next answer of a rater."""
        line = parse_line(text, strict=True)
        if b"\n" in text or b"\r" in text:
            raise InputError("an answer of several lines; expected one")
        if (line["version"], line["packet"], line["rater"]) != (1, self._key, rater):
            raise InputError("an answer to another packet or of another rater")
        trials = self._trials[rater_digest(self._key, rater)]
        place = [trial.id for trial in trials].index(line["trial"]) if _is_of(line, trials) else -1
        if place < 0:
            raise InputError(f"trial {line['trial']!r}: none of this rater's")
        comparisons_of("the answer", line, trials[place])
        if place < len(lines):
            raise _AnsweredBeforeError(f"trial {place + 1}: answered before; reload the page")
        previous = json.loads(lines[-1])["chain"] if lines else self._key
        follows = place == len(lines) == line["place"]
        if not follows or line.get("chain") != chain_of(previous, line):
            raise InputError("does not follow from the last stored answer; reload the page")

    def _write(self, rater: str, length: int, line: bytes) -> None:
        with self._path(rater).open("ab") as file:
            file.truncate(length)  # the rest of a line that was cut off and never accepted
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    def _keep_apart(self, rater: str, line: bytes) -> None:
        with (self._folder / f"{rater}.later").open("ab") as file:
            if file.tell() + len(line) <= _MOST_LATER_BYTES:
                file.write(line)


class _AnsweredBeforeError(InputError):
    """The trial has an answer already, which counts."""


def _is_of(line: Mapping[str, Any], trials: Sequence[Shown]) -> bool:
    return any(trial.id == line["trial"] for trial in trials)


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
        _ = str(content["key_sha256"])
        _ = [Shown.listed(t) for trials in content["raters"].values() for t in trials]
    except OSError:
        raise InputError(
            f"{packet}: no {MANIFEST} found; expected a packet of 'listen build'"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError):
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
        from starlette.requests import ClientDisconnect
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
        if _kind_of(request) != "application/json":
            return PlainTextResponse("an answer is JSON", status_code=415)
        if not _is_of_this_site(request):
            return PlainTextResponse("an answer comes from the page itself", status_code=403)
        try:
            text = await _body(request)
        except (ClientDisconnect, TimeoutError):
            return PlainTextResponse("an answer comes at once", status_code=408)
        if len(text) > _LONGEST_LINE:
            return PlainTextResponse("an answer is shorter", status_code=413)
        why = await run_in_threadpool(store.append, rater, text)
        return PlainTextResponse(why, status_code=409) if why else Response(status_code=204)

    routes = [
        Route("/answers/{rater}", read, methods=["GET"]),
        Route("/answers/{rater}", keep, methods=["POST"]),
        Mount("/", StaticFiles(directory=packet, html=True)),
    ]
    return Starlette(routes=routes, middleware=[Middleware(_Headers)])


def _kind_of(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _is_of_this_site(request: Request) -> bool:
    """Whether a request is the page's own, as far as the browser says where it comes from.

    ``Sec-Fetch-Site`` holds behind any proxy, and browsers send it where there is TLS.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


async def _body(request: Request) -> bytes:
    """Return a body, or as much of it as is too long."""
    text = bytearray()
    async with asyncio.timeout(_LONGEST_SEC):
        async for part in request.stream():
            text += part
            if len(text) > _LONGEST_LINE:
                break
    return bytes(text)


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
