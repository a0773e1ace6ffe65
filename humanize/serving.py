"""How this package's servers run under uvicorn: what one client can ask of them is bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import uvicorn

MOST_HEADER_BYTES = 65_536
MOST_CONNECTIONS = 2_048
_KEEP_ALIVE_SEC = 10


def bounded_config(app: Any, *, host: str, port: int, **more: Any) -> uvicorn.Config:
    """Return the configuration of a server.

    The headers of one request may have 64 KiB; the connection is then answered with an error and
    closed. h11 has such a limit, uvicorn's other parser has none. A client has 20 s for its
    headers, and 60 s to read some of its answer.

    Parameters
    ----------
    app : ASGI application
    host : str
    port : int
    **more
        Of ``uvicorn.Config``.
    """
    import uvicorn

    from humanize.connections import PatientConnection

    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=PatientConnection,
        h11_max_incomplete_event_size=MOST_HEADER_BYTES,
        ws="none",
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=_KEEP_ALIVE_SEC,
        server_header=False,
        **more,
    )
