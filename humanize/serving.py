"""How this package's servers run under uvicorn: what one client can ask of them is bounded."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING, Any

from humanize.errors import AddressError

if TYPE_CHECKING:
    import uvicorn

MOST_HEADER_BYTES = 65_536
MOST_CONNECTIONS = 2_048
_KEEP_ALIVE_SEC = 10
_HIGHEST_PORT = 65_535


def require_free(host: str, port: int) -> None:
    """Check, before anything is started, that a server can listen there.

    Parameters
    ----------
    host : str
    port : int
        0 is any that is free.

    Raises
    ------
    AddressError
        If another program listens there, or the host is not this machine.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in found:
            with socket.socket(family, kind, protocol) as own:
                if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows lets two share one otherwise
                    own.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
                else:
                    own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                own.bind(address)
    except PermissionError:
        raise AddressError(
            f"{host}:{port}: not allowed to listen there; expected a port from 1024 on, as --port "
            "8000 is"
        ) from None
    except socket.gaierror:
        raise AddressError(
            f"{host}: no address of this machine; expected one, as 127.0.0.1 (this machine alone) "
            "or 0.0.0.0 (the network too)"
        ) from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise AddressError(
                f"{host}:{port}: another program listens there; expected a free port: --port "
                f"{port + 1 if port < _HIGHEST_PORT else port - 1}, or 0 for any"
            ) from None
        raise AddressError(
            f"{host}:{port}: {error.strerror}; expected an address of this machine"
        ) from None


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
