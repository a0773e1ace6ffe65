"""Every option once: name, default, bounds, help.

The Python calls, the command line, the form of the service and the settings of a batch are made
from ``OPTIONS``; a new option is one more entry here, and one more line in ``Options`` for people
and type checkers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypedDict

from humanize.errors import OptionError
from humanize.option import (
    HIGHEST,
    LOWEST,
    Channels,
    Choice,
    Measures,
    ModelName,
    Number,
    Option,
    Tracks,
    VelocityRange,
)

Split = Literal["programs", "tracks", "none"]
SPLITS: tuple[Split, ...] = ("programs", "tracks", "none")
Dynamics = Literal["auto", "follow", "ignore"]
DYNAMICS: tuple[Dynamics, ...] = ("auto", "follow", "ignore")
DEFAULT_MODEL = "piano-1"


class Options(TypedDict, total=False):
    """Keyword options of every call, with the names and defaults of the command line.

    Attributes
    ----------
    strength : float, default 1.0
        0 leaves each note as it came, 1 gives it the model's velocity.
    mean : float, optional
        Mean velocity of the result.
    contrast : float, default 1.0
        Factor on the distance of each velocity from the mean.
    range : (int, int), default (1, 127)
        Lowest and highest velocity written.
    tracks : sequence of int or str, optional
        Tracks to write, 1-based numbers or names.
    channels : sequence of int, optional
        Channels to write, 1-16.
    measures : str, optional
        Measures to write, such as ``"5-12"``.
    split : "programs", "tracks" or "none", default "programs"
        What is taken for one instrument.
    dynamics : "auto", "follow" or "ignore", default "auto"
        What the velocities in the input are taken for.
    model : str or Path, default "piano-1"
        Name of a model that ships, or a bundle's folder.
    """

    strength: float
    mean: float | None
    contrast: float
    range: tuple[int, int]
    tracks: Sequence[int | str] | None
    channels: Sequence[int] | None
    measures: str | None
    split: Split
    dynamics: Dynamics
    model: str | Path


STRENGTH = Number(
    name="strength",
    low=0,
    high=1,
    default=1.0,
    help="0 leaves the velocities as they came, 1 takes the model's.",
)
MEAN = Number(name="mean", low=1, high=127, help="Mean velocity of the result, 1-127.")
CONTRAST = Number(
    name="contrast",
    low=0,
    high=10,
    default=1.0,
    help="Factor on the distance from the mean: 0 flat, 2 twice as wide.",
)
RANGE = VelocityRange(
    name="range",
    default=(LOWEST, HIGHEST),
    metavar="LO HI",
    help="Lowest and highest velocity written.",
)
TRACKS = Tracks(
    name="tracks",
    metavar="N|NAME",
    help="Write these tracks only: 1-based numbers or names; repeat, or 1,3.",
)
CHANNELS = Channels(name="channels", metavar="N[,N]", help="Write these channels only, 1-16.")
MEASURES = Measures(name="measures", metavar="A-B", help="Write these measures only: 5-12, 5, 9-.")
SPLIT = Choice(
    name="split", choices=SPLITS, default="programs", help="What is taken for one instrument."
)
DYNAMICS_OPTION = Choice(
    name="dynamics",
    choices=DYNAMICS,
    default="auto",
    help="What written velocities mean: see the README.",
)
MODEL = ModelName(
    name="model",
    default=DEFAULT_MODEL,
    metavar="NAME|FOLDER",
    help="A model that ships ('humanize models'), or a bundle.",
)

OPTIONS: Mapping[str, Option] = {
    option.name: option
    for option in (
        STRENGTH, MEAN, CONTRAST, RANGE, TRACKS, CHANNELS, MEASURES, SPLIT, DYNAMICS_OPTION, MODEL
    )
}  # fmt: skip


def checked(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return every option, checked, defaults filled in.

    Raises
    ------
    OptionError
        For an unknown name, or a value that makes no sense for any input.
    """
    require_known(options)
    return {
        name: option.checked(options.get(name, option.default)) for name, option in OPTIONS.items()
    }


def settled(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return every option in one form, of JSON types, however it was written.

    Raises
    ------
    OptionError
        As ``checked`` does.
    """
    require_known(options)
    return {
        name: option.settled(options.get(name, option.default)) for name, option in OPTIONS.items()
    }


def require_known(options: Iterable[str]) -> None:
    """Raise OptionError where a name is no option."""
    unknown = sorted(set(options) - OPTIONS.keys())
    if unknown:
        raise OptionError(f"option {unknown[0]!r} found; expected one of {', '.join(OPTIONS)}")
