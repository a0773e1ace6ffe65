"""The shared options on the command line, made from ``humanize.options``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from humanize.options import OPTIONS, PERFORM_OPTIONS
from humanize.options.choices import Choice
from humanize.options.numbers import Mean, Number, VelocityRange, WholeNumber
from humanize.options.option import Option, is_number
from humanize.options.selections import Channels, Tracks
from humanize.options.sliders import Styles


def click_option(option: Option) -> Callable[..., Any]:
    """Return the option as click's decorator."""
    shown = option.default is not None
    common: dict[str, Any] = {"help": option.help, "default": option.default, "show_default": shown}
    if option.metavar:
        common["metavar"] = option.metavar
    flag = f"--{option.name.replace('_', '-')}"
    return click.option(flag, option.name, **{**common, **_type(option)})


def _type(option: Option) -> dict[str, Any]:
    if isinstance(option, WholeNumber):
        return {"type": int}
    if isinstance(option, Number) and not isinstance(option, Mean):
        return {"type": float}
    if isinstance(option, VelocityRange):
        return {"type": int, "nargs": 2}
    if isinstance(option, Choice):
        return {"type": click.Choice((*option.choices, *option.same))}
    several = isinstance(option, Tracks | Styles)
    return {"multiple": True, "default": ()} if several else {}


def shaping_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add every option of ``humanize.options``."""
    for option in reversed(tuple(OPTIONS.values())):
        function = click_option(option)(function)
    return function


def perform_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add every option of a whole performance."""
    for option in reversed(tuple(PERFORM_OPTIONS.values())):
        function = click_option(option)(function)
    return function


def to_api(options: dict[str, Any]) -> dict[str, Any]:
    """Return command-line values as the calls' options."""
    return {name: _value(PERFORM_OPTIONS[name], value) for name, value in options.items()}


def _value(option: Option, value: Any) -> Any:
    if isinstance(option, Tracks):
        return _tracks(option, value)
    if isinstance(option, Styles):
        return [Path(name) for name in value] or None
    if isinstance(option, Mean) and value is not None:
        return option.read(value)
    if isinstance(option, Channels) and value is not None:
        parts = value.split(",")
        if not all(is_number(part.strip()) for part in parts):
            raise click.BadParameter("expected numbers such as 1 or 1,2", param_hint="--channels")
        return [int(part) for part in parts]
    return value


def _tracks(option: Tracks, entries: tuple[str, ...]) -> list[str] | None:
    if not entries:
        return None
    return [track for entry in entries for track in option.read(entry)]


FILE = click.Path(path_type=Path, readable=False)
"""A path; that it cannot be read is said where it is read, and is no wrong use."""

_OR_DASH = click.Path(path_type=Path, allow_dash=True, readable=False)
INPUT = click.argument("input", metavar="INPUT", type=_OR_DASH)

SCORE = click.option(
    "--score",
    type=FILE,
    metavar="FILE",
    help="The notes that A and B are of, MIDI or a score; two recordings do not say themselves.",
)
