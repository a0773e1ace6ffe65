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
from humanize.options.choices import Aspects, Choice, FeelName, ModelName
from humanize.options.numbers import HIGHEST, LOWEST, Mean, Number, VelocityRange, WholeNumber
from humanize.options.option import Option
from humanize.options.selections import (
    Between,
    Channels,
    Drums,
    Measures,
    Tracks,
    TrackStrengths,
)
from humanize.options.sliders import PERFORM_SLIDERS, STYLE, VELOCITY_SLIDERS

Split = Literal["programs", "tracks", "none"]
SPLITS: tuple[Split, ...] = ("programs", "tracks", "none")
Dynamics = Literal["auto", "follow", "ignore"]
DYNAMICS: tuple[Dynamics, ...] = ("auto", "follow", "ignore")
DEFAULT_MODEL = "piano-1"
DEFAULT_SEED = 1
HIGHEST_SEED = 999_999_999_999_999
"""Every program reads a number of fifteen digits as it is."""


class Options(TypedDict, total=False):
    """Keyword options of every call, with the names and defaults of the command line.

    Attributes
    ----------
    strength : float, default 1.0
        0 leaves each note as it came, 1 gives it the model's velocity.
    mean : float, "keep" or "model", optional
        Mean velocity of the result; "keep" leaves each instrument the mean that it came with,
        "model" gives it the pianist's. By default a mix (several instruments, each track at one
        velocity) keeps its means, all else gets the model's.
    contrast : float, default 1.0
        Factor on the distance of each velocity from the mean.
    range : (int, int), default (1, 127)
        Lowest and highest velocity written.
    tracks : sequence of int or str, optional
        Tracks to write, 1-based numbers or names.
    channels : sequence of int, optional
        Channels to write, 1-16.
    measures : str, optional
        Measures to write, such as ``"5-12"``; of a score by their printed numbers, with ``0`` for
        an upbeat and ``II:5-12`` for measures of the second movement.
    pitches, velocities : str or (int, int), optional
        Pitches (MIDI numbers), and velocities as they came, to write: ``"36-84"``.
    track_strength : str or mapping, optional
        A strength for single tracks: ``"Bass=0.3,Lead=1"``; the others have ``strength``.
    drums : sequence of int or str, "none" or "groove", optional
        Tracks that are drums and left alone, instead of those that are taken for drums;
        "groove" plays the drums too. A file of drums alone is always played.
    key_switches : "keep" or "shape", default "keep"
        Whether notes that choose a sampler's articulation are left alone.
    split : "programs", "tracks" (or "parts") or "none", default "programs"
        What is taken for one instrument; of a score, parts are its tracks.
    dynamics : "auto", "follow" or "ignore", default "auto"
        What the velocities in the input are taken for.
    dynamics_amount : float, optional
        How literally written levels are kept: 0 as pianists do, 1 to the letter. By default 1
        with ``dynamics="follow"``, else 0.
    balance : float, default 0.5
        How far the levels of several instruments follow from hearing them together.
    ornaments : "played" or "written", default "played"
        Whether a score's trills, mordents, turns and tremolos are played out in MIDI.
    feel : str or Path, optional
        How drums are played: a style (funk, jazz, rock, latin, hiphop ...), or a file to take the
        feel of: a MIDI file with drums, or what ``humanize groove extract`` wrote. Plays drums
        beside other instruments too.
    seed : int, optional
        Which take: each seed gives another, the same on every machine. A seed without a freedom
        has freedom 1.
    freedom : float, default 0 (1 with a seed)
        How far a take leaves the model's mean: 0 not at all, 1 as far as two pianists are apart.
    loudness, spread, melody, phrasing : float, default 0.0
        How much more of each, or less, than the model has, in standard deviations of pianists.
    style : str, Path, mapping, or a sequence of these, optional
        Performances (MIDI) to play like, or what ``humanize style`` printed; of several the mean.
    model : str or Path, default "piano-1"
        Name of a model that ships, or a bundle's folder.
    """

    strength: float
    mean: float | str | None
    contrast: float
    range: tuple[int, int]
    tracks: Sequence[int | str] | None
    channels: Sequence[int] | None
    measures: str | None
    pitches: str | tuple[int, int] | None
    velocities: str | tuple[int, int] | None
    track_strength: str | Mapping[str, float] | None
    drums: Sequence[int | str] | str | None
    key_switches: Literal["keep", "shape"]
    split: Split
    dynamics: Dynamics
    dynamics_amount: float | None
    balance: float
    ornaments: Literal["played", "written"]
    feel: str | Path | None
    seed: int | None
    freedom: float | None
    loudness: float
    spread: float
    melody: float
    phrasing: float
    style: str | Path | Mapping[str, Any] | Sequence[str | Path | Mapping[str, Any]] | None
    model: str | Path


class PerformOptions(Options, total=False):
    """Keyword options of a whole performance: those of every call, and these.

    Attributes
    ----------
    rubato, timing, articulation : float, default 1.0
        How much of tempo, of asynchrony within chords, and of articulation: 0 nothing, 2 twice.
    pedal : "auto", "keep", "add", "replace" or "none", default "auto"
        What becomes of the damper pedal; auto keeps one that is in the file, else adds one.
    pedal_values : "switch" or "continuous", default "switch"
        Whether the pedal is down or up, or anywhere between.
    only : str or sequence of str, optional
        Some of velocity, tempo, timing, articulation, pedal; all by default.
    write : "tempo" or "notes", default "tempo"
        Whether tempo events carry the rubato, or the notes move.
    lead, legato, pedal_depth, rubato_depth : float, default 0.0
        As loudness.
    swing : float, optional
        Where the second of two notes of drums begins, 0.5 straight to 0.75; ``timing`` scales it.
    feel_tracks : sequence of int or str, optional
        Tracks beside the drums whose timing follows ``feel`` and ``swing``.
    """

    rubato: float
    timing: float
    articulation: float
    pedal: Literal["auto", "keep", "add", "replace", "none"]
    pedal_values: Literal["switch", "continuous"]
    only: str | Sequence[str] | None
    write: Literal["tempo", "notes"]
    swing: float | None
    lead: float
    legato: float
    pedal_depth: float
    rubato_depth: float


STRENGTH = Number(
    name="strength",
    low=0,
    high=1,
    default=1.0,
    help="0 leaves the velocities as they came, 1 takes the model's.",
)
MEAN = Mean(
    name="mean",
    low=LOWEST,
    high=HIGHEST,
    metavar="V|keep|model",
    help="Mean velocity of the result, 1-127; keep: what came; model: the pianist's.",
)
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
MEASURES = Measures(
    name="measures", metavar="A-B", help="Write these measures only: 5-12, 5, 9-; printed numbers."
)
PITCHES = Between(
    name="pitches", metavar="LO-HI", help="Write these pitches only, MIDI numbers: 36-84."
)
VELOCITIES = Between(
    name="velocities",
    low=LOWEST,
    high=HIGHEST,
    metavar="LO-HI",
    help="Write notes that came with these velocities only: 20-127.",
)
TRACK_STRENGTH = TrackStrengths(
    name="track_strength",
    metavar="TRACK=X,...",
    help="A strength for single tracks: Bass=0.3,Lead=1.",
)
DRUMS_OPTION = Drums(
    name="drums",
    metavar="N|NAME|none|groove",
    help="Tracks that are drums, left alone, instead of those taken for drums; groove: play them.",
)
KEY_SWITCHES_OPTION = Choice(
    name="key_switches",
    choices=("keep", "shape"),
    default="keep",
    help="keep leaves alone what chooses a sampler's articulation and does not sound.",
)
SPLIT = Choice(
    name="split",
    choices=SPLITS,
    same={"parts": "tracks"},
    default="programs",
    help="What is taken for one instrument; of a score, parts are its tracks.",
)
DYNAMICS_OPTION = Choice(
    name="dynamics",
    choices=DYNAMICS,
    default="auto",
    help="What written velocities mean: see the README.",
)
DYNAMICS_AMOUNT = Number(
    name="dynamics_amount",
    low=0,
    high=1,
    metavar="X",
    help="How literally written levels are kept: 0 as pianists do, 1 to the letter.",
)
BALANCE = Number(
    name="balance",
    low=0,
    high=1,
    default=0.5,
    help="How far levels of several instruments follow from hearing them together.",
)
ORNAMENTS = Choice(
    name="ornaments",
    choices=("played", "written"),
    default="played",
    help="Trills, mordents, turns and tremolos of a score in MIDI: played, or the main note.",
)
FEEL = FeelName(
    name="feel",
    metavar="NAME|FILE",
    help="How drums are played: funk, jazz, rock ..., or a MIDI file or feel to take it from.",
)
SEED = WholeNumber(
    name="seed",
    low=0,
    high=HIGHEST_SEED,
    metavar="N",
    help="Which take: each seed gives another one, the same on every machine.",
)
FREEDOM = Number(
    name="freedom",
    low=0,
    high=1,
    metavar="X",
    help="How far a take leaves the model: 0 not, 1 as far as two pianists; 1 with a seed, else 0.",
)
MODEL = ModelName(
    name="model",
    default=DEFAULT_MODEL,
    metavar="NAME|FOLDER",
    help="A model that ships ('humanize models'), or a bundle.",
)

RUBATO = Number(
    name="rubato", low=0, high=2, default=1.0, help="How much the tempo breathes: 0 not, 2 twice."
)
TIMING = Number(
    name="timing",
    low=0,
    high=2,
    default=1.0,
    help="How far the notes of a chord are apart: 0 not, 2 twice.",
)
ARTICULATION = Number(
    name="articulation",
    low=0,
    high=2,
    default=1.0,
    help="How far keys are held other than written: 0 not, 2 twice.",
)
PEDAL = Choice(
    name="pedal",
    choices=("auto", "keep", "add", "replace", "none"),
    default="auto",
    help="The damper pedal; auto keeps one that is in the file and adds one where none is.",
)
PEDAL_VALUES = Choice(
    name="pedal_values",
    choices=("switch", "continuous"),
    default="switch",
    help="Whether the pedal is down or up, or anywhere between.",
)
ONLY = Aspects(
    name="only",
    metavar="A[,B]",
    help="Perform these only: velocity, tempo, timing, articulation, pedal.",
)
WRITE = Choice(
    name="write",
    choices=("tempo", "notes"),
    default="tempo",
    help="tempo: bars stay on the grid, tempo events breathe. notes: the notes move instead.",
)

SWING = Number(
    name="swing",
    low=0.5,
    high=0.75,
    metavar="X",
    help="Where the second of two drum notes begins: 0.5 straight, 0.67 triplets, 0.75 dotted.",
)

FEEL_TRACKS = Tracks(
    name="feel_tracks",
    metavar="N|NAME",
    help="Tracks beside the drums whose timing follows --feel and --swing: a bass, a piano.",
)

OPTIONS: Mapping[str, Option] = {
    option.name: option
    for option in (
        STRENGTH, MEAN, CONTRAST, RANGE, TRACKS, CHANNELS, MEASURES, PITCHES, VELOCITIES,
        TRACK_STRENGTH, DRUMS_OPTION, KEY_SWITCHES_OPTION, SPLIT, DYNAMICS_OPTION, DYNAMICS_AMOUNT,
        BALANCE, ORNAMENTS, FEEL, SEED, FREEDOM, *VELOCITY_SLIDERS, STYLE, MODEL,
    )
}  # fmt: skip


PERFORM_OPTIONS: Mapping[str, Option] = {
    **OPTIONS,
    **{
        option.name: option
        for option in (
            RUBATO,
            TIMING,
            ARTICULATION,
            PEDAL,
            PEDAL_VALUES,
            ONLY,
            WRITE,
            SWING,
            FEEL_TRACKS,
            *PERFORM_SLIDERS,
        )
    },
}
"""Those of a whole performance: all of the others, and how it is timed and pedalled."""


def checked(options: Mapping[str, Any], known: Mapping[str, Option] = OPTIONS) -> dict[str, Any]:
    """Return every known option, checked, defaults filled in.

    Raises
    ------
    OptionError
        For an unknown name, or a value that makes no sense for any input.
    """
    require_known(options, known)
    return {
        name: option.checked(options.get(name, option.default)) for name, option in known.items()
    }


def settled(options: Mapping[str, Any], known: Mapping[str, Option] = OPTIONS) -> dict[str, Any]:
    """Return every known option in one form, of JSON types, however it was written.

    Raises
    ------
    OptionError
        As ``checked`` does.
    """
    require_known(options, known)
    return {
        name: option.settled(options.get(name, option.default)) for name, option in known.items()
    }


def require_known(options: Iterable[str], known: Mapping[str, Option] = OPTIONS) -> None:
    """Raise OptionError where a name is no option."""
    unknown = sorted(set(options) - known.keys())
    if unknown:
        raise OptionError(f"option {unknown[0]!r} found; expected one of {', '.join(known)}")
