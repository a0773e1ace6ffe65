"""What stands before every route: security headers, the token, and room for one more upload."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from humanize.service.drain import closing_headers
from humanize.service.problems import Problem
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
_RETRY_SEC = 1


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
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, send_with_headers)


class TokenCheck:
    """Refuse ``/v1`` and ``/metrics`` without the token, where there is one."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self.app = app
        self.expected = f"Bearer {token}".encode() if token else b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 401."""
        guarded = scope["type"] == "http" and scope["path"].startswith(("/v1", "/metrics"))
        if guarded and self.expected:
            found = Headers(scope=scope).get("authorization", "").encode("latin-1", "replace")
            if not hmac.compare_digest(found, self.expected):
                problem = Problem(
                    401,
                    "no valid token found; expected 'Authorization: Bearer TOKEN'",
                    headers={"WWW-Authenticate": "Bearer", **await closing_headers(receive)},
                )
                await problem.response()(scope, receive, send)
                return
        await self.app(scope, receive, send)


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
                headers={"Retry-After": str(_RETRY_SEC), **await closing_headers(receive)},
            )
            await problem.response()(scope, receive, send)
            return
        self.places -= 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.places += 1
