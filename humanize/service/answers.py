"""Sending an answer so that a slow reader is felt, and given up in time."""

from __future__ import annotations

import asyncio

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

_PIECE = 65_536


class PackedFiles(StaticFiles):
    """The files of a folder; one that lies there packed (``x.js.gz``) is sent so as ``x.js``."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file, or what lies packed in its place.

        Raises
        ------
        HTTPException
            If there is neither.
        """
        try:
            return await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404 or path.endswith(".gz"):
                raise
            packed = await super().get_response(f"{path}.gz", scope)
            packed.headers["Content-Encoding"] = "gzip"
            packed.headers["Content-Type"] = "text/javascript; charset=utf-8"
            return packed


class PiecewiseResponse(Response):
    """A body sent in pieces: the server then waits while the client does not read.

    Parameters
    ----------
    content : bytes
    media_type : str
    seconds : float
        When this time is over, the rest is not sent and the connection is closed.
    """

    def __init__(self, content: bytes, *, media_type: str, seconds: float) -> None:
        super().__init__(content, media_type=media_type)
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the body."""
        start = {
            "type": "http.response.start",
            "status": self.status_code,
            "headers": self.raw_headers,
        }
        await send(start)
        try:
            async with asyncio.timeout(self.seconds):
                await self._send_pieces(send)
        except TimeoutError:
            return  # the server closes a connection whose answer is not complete

    async def _send_pieces(self, send: Send) -> None:
        body = self.body
        for start in range(0, max(len(body), 1), _PIECE):
            await send(
                {
                    "type": "http.response.body",
                    "body": bytes(body[start : start + _PIECE]),
                    "more_body": start + _PIECE < len(body),
                }
            )
