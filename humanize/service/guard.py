"""What stands before every route: security headers, the token, and room for one more upload."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from humanize.service.drain import closing_headers
from humanize.service.problems import RETRY_SEC, Problem
from humanize.service.settings import ServiceSettings

_CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",  # the synthesiser's Vorbis decoder is WebAssembly
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
SECURITY_HEADERS = {
    "Content-Security-Policy": _CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_ADDED = [(n.lower().encode(), v.encode()) for n, v in SECURITY_HEADERS.items()]
_ADDED.append((b"cache-control", b"no-store"))


class SecurityHeaders:
    """Add the security headers to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message["headers"]}
                added = [header for header in _ADDED if header[0] not in own]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await self.app(scope, receive, send_with_headers)


class WholeFiles:
    """Answer every request with the whole of what it asks for (RFC 9110 lets a server).

    Starlette says in plain text what is wrong with a range, and no file of the page is large.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on without its range."""
        if scope["type"] == "http":
            kept = [(name, value) for name, value in scope["headers"] if name != b"range"]
            scope = {**scope, "headers": kept}
        await self.app(scope, receive, send)


class TokenCheck:
    """Refuse ``/v1`` and ``/metrics`` without the token, where there is one."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self.app = app
        self.token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 401."""
        guarded = scope["type"] == "http" and scope["path"].startswith(("/v1", "/metrics"))
        if guarded and self.token:
            found = _bearer(Headers(scope=scope).get("authorization", ""))
            if not hmac.compare_digest(found, self.token):
                problem = Problem(
                    401,
                    "no valid token found; expected 'Authorization: Bearer TOKEN'",
                    headers={"WWW-Authenticate": "Bearer", **await closing_headers(receive)},
                )
                await problem.response()(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _bearer(authorization: str) -> bytes:
    """Return the token of a header; its scheme is of any case (RFC 9110)."""
    scheme, _, token = authorization.partition(" ")
    return token.strip(" ").encode("latin-1", "replace") if scheme.lower() == "bearer" else b""


class Interruption:
    """Answer a request that the end of the service cuts off, if it has no answer yet."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 503 when it is cut off."""
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except asyncio.CancelledError:
            if scope["type"] == "http" and not started:
                problem = Problem(503, "the service stopped before this was done; come again later")
                await problem.response()(scope, receive, send)
            raise


class Admission:
    """Let a stated number of uploads in; the next is told to come again.

    An upload holds its place until its answer is sent, so that slow readers are counted too.
    Receiving, computing and sending have each their own limit of ``max_seconds``.
    """

    def __init__(
        self, app: ASGIApp, settings: ServiceSettings, refused: Callable[[], None]
    ) -> None:
        self.app = app
        self.places = settings.max_requests
        self.refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 503."""
        if scope["type"] != "http" or scope.get("method") != "POST":
            await self.app(scope, receive, send)
            return
        if self.places <= 0:
            self.refused()
            problem = Problem(
                503,
                "as many uploads as the service takes are under way; come again in a second",
                headers={"Retry-After": str(RETRY_SEC), **await closing_headers(receive)},
            )
            await problem.response()(scope, receive, send)
            return
        self.places -= 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.places += 1
