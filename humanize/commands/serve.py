"""``humanize serve``: the web service and its page."""

from __future__ import annotations

import os
from pathlib import Path

import click

from humanize.commands.options import FILE
from humanize.errors import InputError, MissingExtraError, OptionError

_TOKEN = "HUMANIZE_TOKEN"
_POSITIVE = click.IntRange(min=1)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="TCP port that it listens on.",
)
@click.option(
    "--workers",
    type=_POSITIVE,
    help="Processes that compute.  [default: one per core]",
)
@click.option(
    "--max-bytes", type=_POSITIVE, default=10_000_000, show_default=True, help="Largest upload."
)
@click.option(
    "--max-notes",
    type=_POSITIVE,
    default=200_000,
    show_default=True,
    help="Most notes of a file.",
)
@click.option(
    "--max-seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=30.0,
    show_default=True,
    help="Longest time to receive, to compute and to send, each.",
)
@click.option(
    "--max-requests",
    type=_POSITIVE,
    default=64,
    show_default=True,
    help="Most uploads at once; the next is answered 503.",
)
@click.option(
    "--max-memory",
    type=_POSITIVE,
    default=3_000_000_000,
    show_default=True,
    help="Address space of one worker, bytes.",
)
@click.option(
    "--token-file",
    type=FILE,
    help=f"Ask for the bearer token in this file (or in ${_TOKEN}).",
)
def command(
    host: str,
    port: int,
    workers: int | None,
    max_bytes: int,
    max_notes: int,
    max_seconds: float,
    max_requests: int,
    max_memory: int,
    token_file: Path | None,
) -> None:
    """Serve the page at / and the API at /v1; SIGTERM or Ctrl-C lets running requests finish."""
    token = _token(token_file)
    try:
        from humanize.service.server import serve
        from humanize.service.settings import ServiceSettings
    except ImportError as error:
        raise MissingExtraError(error.name or "fastapi", "serve") from None
    settings = ServiceSettings(
        workers=workers or os.cpu_count() or 1,
        max_bytes=max_bytes,
        max_notes=max_notes,
        max_seconds=max_seconds,
        max_requests=max_requests,
        max_memory_bytes=max_memory,
        token=token,
    )
    serve(settings, host=host, port=port)


def _token(token_file: Path | None) -> str:
    if token_file is None:
        return _one_token(_TOKEN, os.environ[_TOKEN]) if os.environ.get(_TOKEN) else ""
    try:
        return _one_token(str(token_file), token_file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{token_file}: {error.strerror}; expected a file with a token") from None


def _one_token(source: str, text: str) -> str:
    """Return the token; a blank one is an error, lest the service stand open by mistake."""
    token = text.strip()
    if not token:
        raise OptionError(f"{source}: empty; expected a token on one line")
    return token
