"""A connection of this package's servers: a client that dribbles or does not read is given up."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SEC = 20.0
"""Longest time from a connection, or an answer, to the end of the next request's headers."""
READ_SEC = 60.0
"""Longest time in which a client reads nothing of an answer that waits for it."""
_TOO_SLOW = (
    b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"  # RFC 9110
)


class PatientConnection(H11Protocol):
    """uvicorn's connection with two limits of time that it has not.

    uvicorn closes a connection that is idle between two requests; one byte now and then, or none
    from the beginning, keeps it open for ever.
    """

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait(HEAD_SEC)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Read what came; where a request's headers are whole, their time is over."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self._wait_no_more()

    def on_response_complete(self) -> None:
        """Begin to wait for the next request, or for the client to read the end of this answer."""
        self._wait(HEAD_SEC)
        super().on_response_complete()  # may find that the next request is there

    def pause_writing(self) -> None:
        """Begin to wait for the client to read."""
        super().pause_writing()
        self._wait(READ_SEC)

    def resume_writing(self) -> None:
        """Wait no more: the client has read."""
        super().resume_writing()
        self._wait_no_more()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection at once, even where its last answer was never read."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        super().timeout_keep_alive_handler()

    def _wait(self, seconds: float) -> None:
        self._wait_no_more()
        self._deadline = self.loop.call_later(seconds, self._give_up)

    def _wait_no_more(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        if self.transport.is_closing() or self.transport.get_write_buffer_size():
            self.transport.abort()  # closing would wait for the client to read
            return
        self.transport.write(_TOO_SLOW)
        self.transport.close()
