"""Sending an answer so that a slow reader is felt."""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

_PIECE = 65_536


class PiecewiseResponse(Response):
    """A body sent in pieces: the server then waits while the client does not read."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the body."""
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            }
        )
        body = self.body
        for start in range(0, max(len(body), 1), _PIECE):
            await send(
                {
                    "type": "http.response.body",
                    "body": bytes(body[start : start + _PIECE]),
                    "more_body": start + _PIECE < len(body),
                }
            )
