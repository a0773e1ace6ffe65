"""Receiving an upload in memory, within limits, without trusting a word of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive

from humanize.service.drain import closing_headers
from humanize.service.problems import Problem
from humanize.service.settings import ServiceSettings

_MAX_FIELDS = 64
_MAX_FIELD_BYTES = 8_000_000  # an interpretation of many notes


@dataclass(frozen=True)
class Upload:
    """A file (or two) and the other fields of a form; the client's file names are not kept."""

    data: bytes
    second: bytes = b""
    fields: list[tuple[str, str]] = field(default_factory=list)


class _InMemoryParser(MultiPartParser):
    spool_max_size = 1 << 62  # never to disk; the body is limited before it gets here

    async def parse(self) -> FormData:
        """Return the form; a file whose part has no end is in none, and closed."""
        form = await super().parse()
        parts = [one for _, one in form.multi_items() if isinstance(one, UploadFile)]
        whole: list[object] = [one.file for one in parts]
        for file in self._files_to_close_on_error:
            if not any(file is own for own in whole):
                file.close()
        return form


async def receive(request: Request, settings: ServiceSettings, *, files: int = 1) -> Upload:
    """Read a multipart form with one file, or with two: ``file`` and ``second``.

    Raises
    ------
    Problem
        413 for a body over the limit, 408 for one that comes too slowly, 415 for another
        content type, 400 for a form that cannot be read.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise Problem(415, "another content type found; expected multipart/form-data with a file")
    parser = _InMemoryParser(
        request.headers,
        _limited(request, settings.max_bytes),
        max_files=files,
        max_fields=_MAX_FIELDS,
        max_part_size=_MAX_FIELD_BYTES,
    )
    try:
        async with asyncio.timeout(settings.max_seconds):
            form = await parser.parse()
    except TimeoutError:
        raise Problem(
            408, f"the upload took longer than {settings.max_seconds:g} s; expected less"
        ) from None
    except (MultiPartException, KeyError, UnicodeError, ValueError) as error:
        reason = getattr(error, "message", "it is damaged")
        raise Problem(400, f"form: {reason}; expected multipart/form-data with a file") from None
    file = form.get("file")
    if not isinstance(file, UploadFile):
        await form.close()
        raise Problem(422, "form: no file found; expected one in the field 'file'")
    data = await file.read()
    other = form.get("second")
    second = await other.read() if isinstance(other, UploadFile) else b""
    fields = [(n, v) for n, v in form.multi_items() if isinstance(v, str)]
    await form.close()
    return Upload(data, second, fields)


async def _limited(request: Request, max_bytes: int) -> AsyncGenerator[bytes, None]:
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > max_bytes:
        raise _too_large(max_bytes, await closing_headers(request.receive))
    received, more = 0, True
    while more:
        message = await request.receive()
        if message["type"] != "http.request":
            raise ClientDisconnect
        more = message.get("more_body", False)
        received += len(message.get("body", b""))
        if received > max_bytes:
            raise _too_large(max_bytes, await closing_headers(request.receive) if more else {})
        yield message.get("body", b"")


async def until_gone(receive: Receive) -> None:
    """Return when the client has closed its connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _too_large(max_bytes: int, headers: dict[str, str]) -> Problem:
    detail = f"the body has more than {max_bytes:,} bytes; expected at most that"
    return Problem(413, detail, error="LimitError", headers=headers)
