"""Reading and dropping what a refused client still sends, so that it can read its answer.

A connection that is closed while its client writes is reset, and the answer with it.
"""

from __future__ import annotations

import asyncio

from starlette.types import Receive

_MOST_BYTES = 200_000_000
_MOST_SEC = 5.0


async def drain(receive: Receive) -> bool:
    """Drop the rest of a body; return whether its end was reached within the limits."""
    dropped = 0
    try:
        async with asyncio.timeout(_MOST_SEC):
            while dropped <= _MOST_BYTES:
                message = await receive()
                if message["type"] != "http.request":
                    return False
                dropped += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return True
    except TimeoutError:
        return False
    return False


async def closing_headers(receive: Receive) -> dict[str, str]:
    """Drop the rest of a body; return the header that closes a connection with more to come."""
    return {} if await drain(receive) else {"Connection": "close"}
