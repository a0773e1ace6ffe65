"""Running the application under uvicorn."""

from __future__ import annotations

import uvicorn

from humanize.service.app import create_app
from humanize.service.settings import ServiceSettings

_MOST_CONNECTIONS = 2_048
_KEEP_ALIVE_SEC = 10


def serve(settings: ServiceSettings, *, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; requests that run are then finished, new ones refused."""
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
