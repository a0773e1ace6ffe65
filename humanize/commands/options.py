"""Command-line options that several commands share; names and defaults are the API's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from humanize.api import DEFAULT_MODEL
from humanize.midi.reading import SPLITS

_SHAPING = (
    click.option(
        "--strength",
        type=float,
        default=1.0,
        show_default=True,
        help="0 leaves the velocities as they came, 1 takes the model's.",
    ),
    click.option("--mean", type=float, help="Mean velocity of the result, 1-127."),
    click.option(
        "--contrast",
        type=float,
        default=1.0,
        show_default=True,
        help="Factor on the distance from the mean: 0 flat, 2 twice as wide.",
    ),
    click.option(
        "--range",
        "range",
        type=int,
        nargs=2,
        default=(1, 127),
        show_default=True,
        metavar="LO HI",
        help="Lowest and highest velocity written.",
    ),
    click.option(
        "--tracks",
        multiple=True,
        metavar="N|NAME",
        help="Write these tracks only: 1-based numbers or names; repeat, or 1,3.",
    ),
    click.option("--channels", metavar="N[,N]", help="Write these channels only, 1-16."),
    click.option("--measures", metavar="A-B", help="Write these measures only: 5-12, 5, 9-."),
    click.option(
        "--split",
        type=click.Choice(SPLITS),
        default="programs",
        show_default=True,
        help="What is heard as one instrument.",
    ),
    click.option(
        "--dynamics",
        type=click.Choice(["auto", "follow", "ignore"]),
        default="auto",
        show_default=True,
        help="What written velocities mean: see the README.",
    ),
    click.option(
        "--model",
        default=DEFAULT_MODEL,
        show_default=True,
        metavar="NAME|FOLDER",
        help="A model that ships ('humanize models'), or a bundle.",
    ),
)


def shaping_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that ``humanize.api.Options`` lists."""
    for option in reversed(_SHAPING):
        function = option(function)
    return function


def to_api(options: dict[str, Any]) -> dict[str, Any]:
    """Return command-line values as the API's options."""
    converted = dict(options)
    converted["tracks"] = _tracks(options["tracks"])
    if options["channels"] is not None:
        parts = options["channels"].split(",")
        if not all(part.strip().isdecimal() and len(part) < 10 for part in parts):
            raise click.BadParameter("expected numbers such as 1 or 1,2", param_hint="--channels")
        converted["channels"] = [int(part) for part in parts]
    return converted


def _tracks(entries: tuple[str, ...]) -> list[str] | None:
    tracks: list[str] = []
    for entry in entries:
        parts = [part.strip() for part in entry.split(",")]
        tracks += parts if all(part.isdecimal() for part in parts) else [entry]
    return tracks or None


INPUT = click.argument("input", metavar="INPUT", type=click.Path(path_type=Path, allow_dash=True))
