"""Running the application under uvicorn."""

from __future__ import annotations

import signal
from socket import socket

import uvicorn

from humanize.service.app import create_app
from humanize.service.pool import Pool
from humanize.service.settings import ServiceSettings
from humanize.serving import bounded_config, require_free


class _Server(uvicorn.Server):
    """Tells the pool first when it stops, so that what waits there is answered at once."""

    def __init__(self, config: uvicorn.Config, pool: Pool) -> None:
        super().__init__(config)
        self._pool = pool

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        self._pool.stop()
        await super().shutdown(sockets)


def serve(settings: ServiceSettings, *, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT.

    Uploads that are computed are then finished; those that wait, and new ones, are refused. The
    process ends with 0: to be told to stop is no failure.

    Raises
    ------
    AddressError
        If it cannot listen there.
    """
    require_free(host, port)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)  # uvicorn stops in its own way, then raises the signal again
    pool = Pool(settings)
    config = bounded_config(
        create_app(settings, pool),
        host=host,
        port=port,
        timeout_graceful_shutdown=int(settings.max_seconds) + 5,
        log_level="info",
        access_log=False,
    )
    _Server(config, pool).run()


def _end(*_: object) -> None:
    raise SystemExit(0)
