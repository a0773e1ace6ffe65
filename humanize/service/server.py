"""Running the application under uvicorn."""

from __future__ import annotations

import signal

import uvicorn

from humanize.service.app import create_app
from humanize.service.settings import ServiceSettings

_MOST_CONNECTIONS = 2_048
_KEEP_ALIVE_SEC = 10


def serve(settings: ServiceSettings, *, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; requests that run are then finished, new ones refused.

    The process ends with 0 then: to be told to stop is no failure.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)  # uvicorn stops in its own way, then raises the signal again
    config = uvicorn.Config(
        create_app(settings),
        host=host,
        port=port,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_keep_alive=_KEEP_ALIVE_SEC,
        timeout_graceful_shutdown=int(settings.max_seconds) + 5,
        server_header=False,
        log_level="info",
        access_log=False,
    )
    uvicorn.Server(config).run()


def _end(*_: object) -> None:
    raise SystemExit(0)
