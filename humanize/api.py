"""The public calls; the command line makes the same ones.

``humanize_bytes`` is the heart: bytes in, bytes out, no file touched. Everything else reads,
calls it, and writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import numpy as np

from humanize.errors import MidiError, OptionError
from humanize.files import (
    default_output,
    holds_score,
    is_score,
    read_input,
    require_two_files,
    write_atomically,
)
from humanize.interpretation.dynamics import (
    DYNAMICS,
    Dynamics,
    Kind,
    taken_for,
    with_written_dynamics,
)
from humanize.interpretation.prediction import predict_notes
from humanize.interpretation.shaping import Selection, Shaping
from humanize.midi.reading import DRUM_CHANNEL, Split, notes_from_pretty_midi, read_midi
from humanize.midi.smf import patch
from humanize.models import load_model
from humanize.notes import FloatColumn, IntColumn, NoteTable
from humanize.score_output import in_format_of, require_writable

if TYPE_CHECKING:
    from partitura.score import Part, Score
    from pretty_midi import PrettyMIDI

    from humanize.scores import HumanizedScore

MIDI_SUFFIXES = (".mid", ".midi", ".smf")

DEFAULT_MODEL = "piano-1"


class Options(TypedDict, total=False):
    """Keyword options of every call; the command line's have the same names and defaults.

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
        What is heard as one instrument.
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


@dataclass(frozen=True, kw_only=True)
class Humanized:
    """A humanised file.

    Attributes
    ----------
    bytes : bytes
        The file, equal to the input but for velocities.
    notes : tuple of NoteTable
        What was read; one table, or one per track of an SMF type 2.
    predicted : tuple of FloatColumn
        What the model said for each note, velocity units; NaN where it was not asked (drums).
    velocities : tuple of IntColumn
        What stands in ``bytes``, 1-127.
    messages : tuple of str
        What a user should know, a line each.
    warnings : int
        How often the reader of a score complained.
    """

    bytes: bytes
    notes: tuple[NoteTable, ...]
    predicted: tuple[FloatColumn, ...]
    velocities: tuple[IntColumn, ...]
    messages: tuple[str, ...] = ()
    warnings: int = 0


def predict_velocities(
    notes: NoteTable | str | Path,
    *,
    model: str | Path = DEFAULT_MODEL,
    split: Split = "programs",
) -> FloatColumn:
    """Predict the velocity of every note.

    Parameters
    ----------
    notes : NoteTable, or path of a MIDI file
        A file's notes are predicted in canonical order (onset, pitch, duration).
    model : str or Path
        Name of a model that ships, or a bundle's folder.
    split : "programs", "tracks" or "none"
        What is heard as one instrument of a file.

    Returns
    -------
    (n,) float array
        Velocity units, not rounded; NaN for drums.

    Raises
    ------
    HumanizeError
        If the file cannot be read or the model is unknown.
    """
    if isinstance(notes, NoteTable):
        return predict_notes(notes, load_model(model))
    pieces = read_midi(Path(notes).read_bytes(), name=str(notes), split=split).pieces
    return np.concatenate([predict_notes(piece, load_model(model)) for piece in pieces])


def humanize_bytes(
    data: bytes, *, name: str = "input.mid", as_midi: bool = False, **options: Unpack[Options]
) -> Humanized:
    """Humanise a Standard MIDI File or a score in memory.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        What messages call it; the ending of a score tells its format.
    as_midi : bool
        Return MusicXML as a MIDI file; otherwise it comes back as it was, with the ``dynamics`` of
        its notes set. MEI and Humdrum always come back as MIDI.
    **options
        See ``Options``.

    Raises
    ------
    InputError
        If the file is damaged or has no notes.
    OptionError
        For an option that makes no sense, or a selection without notes.
    ModelError
        For an unknown model.
    """
    settings = _Settings.of(options)
    if holds_score(name, data):
        return _score_bytes(data, name, settings, as_midi)
    reading = read_midi(data, name=name, split=settings.split)
    model = load_model(settings.model)
    tables, predicted, velocities, chosen = [], [], [], []
    found: set[Kind] = set()
    for notes in reading.pieces:
        heard, kinds = settings.heard(notes)
        prediction = predict_notes(heard, model, follow=settings.dynamics == "follow")
        found |= set(kinds.values())
        selected = settings.selection.mask(notes, reading.track_names)
        shaped = settings.shaping.apply(np.where(selected, prediction, np.nan), notes.velocity)
        tables.append(heard)
        predicted.append(prediction)
        velocities.append(shaped)
        chosen.append(selected & np.isfinite(prediction))
    _require_some(chosen, name, reading.pieces)
    sources = np.concatenate([n.source[c] for n, c in zip(reading.pieces, chosen, strict=True)])
    values = np.concatenate([v[c] for v, c in zip(velocities, chosen, strict=True)])
    return Humanized(
        bytes=patch(data, reading.positions[sources], values),
        notes=tuple(tables),
        predicted=tuple(predicted),
        velocities=tuple(velocities),
        messages=settings.messages(found),
    )


def humanize_file(
    input: str | Path,
    output: str | Path | None = None,
    *,
    in_place: bool = False,
    **options: Unpack[Options],
) -> Path:
    """Humanise a file and write the result beside it or where asked.

    Parameters
    ----------
    input : path
    output : path, optional
        ``<name>-humanized<suffix>`` beside the input by default; an existing file of that name is
        not overwritten, a number is added.
    in_place : bool
        Write over the input.
    **options
        See ``Options``.

    Returns
    -------
    Path
        Where the result was written.

    Raises
    ------
    HumanizeError
        If the input cannot be read, the result cannot be written, or output and input are one
        file without ``in_place``. Nothing is written then.
    """
    source = Path(input)
    target = source if in_place else Path(output) if output else default_target(source)
    if in_place and output is not None:
        raise OptionError("in_place with an output found; expected one of them")
    if not in_place:
        require_two_files(source, target)
    as_midi = target.suffix.lower() in MIDI_SUFFIXES
    data = read_input(source)
    require_writable(source, target, data)
    result = humanize_bytes(data, name=str(source), as_midi=as_midi, **options)
    write_atomically(target, in_format_of(result.bytes, source, target))
    return target


def humanize_midi(midi: PrettyMIDI, **options: Unpack[Options]) -> PrettyMIDI:
    """Return a copy of a PrettyMIDI with new velocities; everything else is left as it is.

    Tracks count its instruments from 1; a selection by channel is not possible, as PrettyMIDI has
    no channels.

    Raises
    ------
    HumanizeError
        If it has no notes, or an option makes no sense.
    """
    import copy

    settings = _Settings.of(options)
    if settings.selection.channels is not None:
        raise OptionError("channels found; a PrettyMIDI has none: expected tracks instead")
    notes = notes_from_pretty_midi(midi, split=settings.split)
    heard, _ = settings.heard(notes)
    follow = settings.dynamics == "follow"
    prediction = predict_notes(heard, load_model(settings.model), follow=follow)
    selected = settings.selection.mask(notes, [part.name for part in midi.instruments])
    _require_some([selected & np.isfinite(prediction)], "PrettyMIDI", (notes,))
    shaped = settings.shaping.apply(np.where(selected, prediction, np.nan), notes.velocity)
    copied = copy.deepcopy(midi)
    flat = [note for part in copied.instruments for note in part.notes]
    for source, velocity in zip(notes.source.tolist(), shaped.tolist(), strict=True):
        flat[source].velocity = velocity
    return copied


def humanize_score(score: str | Path | Part | Score, **options: Unpack[Options]) -> HumanizedScore:
    """Humanise a score.

    Parameters
    ----------
    score : path of a .musicxml, .mxl, .mei or .krn file, or a partitura Part or Score
    **options
        See ``Options``; tracks count parts.

    Returns
    -------
    HumanizedScore
        With ``to_midi()`` and, for MusicXML, ``to_musicxml()``.

    Raises
    ------
    HumanizeError
        If it cannot be read, has no notes, or an option makes no sense.
    """
    settings = _Settings.of(options)
    if isinstance(score, str | Path):
        return settings.humanized_score(read_input(Path(score)), str(score))
    return settings.humanized_score(score, "score")


def default_target(source: Path) -> Path:
    """Return where a file goes that has no output named: MIDI for scores, else the same ending."""
    return default_output(source, ".mid" if is_score(source.name) else None)


def _score_bytes(data: bytes, name: str, settings: _Settings, as_midi: bool) -> Humanized:
    result = settings.humanized_score(data, name)
    messages = list(result.messages)
    if as_midi or not result.is_musicxml:
        content = result.to_midi()
    else:
        content, uneven = result.to_musicxml()
        if uneven:
            messages.append(
                f"{uneven:,} note{'s are' if uneven > 1 else ' is'} played more than once with "
                "other velocities; the file has room for one each: their mean"
            )
    return Humanized(
        bytes=content,
        notes=(result.reading.notes,),
        predicted=(result.predicted,),
        velocities=(result.velocities,),
        messages=tuple(messages),
        warnings=result.reading.warnings,
    )


@dataclass(frozen=True, kw_only=True)
class _Settings:
    shaping: Shaping
    selection: Selection
    split: Split
    dynamics: Dynamics
    model: str | Path

    @classmethod
    def of(cls, options: Options) -> _Settings:
        known: dict[str, Any] = dict(options)
        unknown = sorted(set(known) - Options.__annotations__.keys())
        if unknown:
            expected = ", ".join(Options.__annotations__)
            raise OptionError(f"option {unknown[0]!r} found; expected one of {expected}")

        def given(*names: str) -> dict[str, Any]:
            return {name: known[name] for name in names if name in known}

        dynamics = known.get("dynamics", "auto")
        if dynamics not in DYNAMICS:
            expected = ", ".join(DYNAMICS)
            raise OptionError(f"dynamics {dynamics!r} found; expected one of {expected}")
        return cls(
            dynamics=dynamics,
            shaping=Shaping(**given("strength", "mean", "contrast", "range")),
            selection=Selection(**given("tracks", "channels", "measures")),
            split=known.get("split", "programs"),
            model=known.get("model", DEFAULT_MODEL),
        )

    def humanized_score(self, source: bytes | Part | Score, name: str) -> HumanizedScore:
        from humanize.scores import humanize_content

        return humanize_content(
            source,
            name=name,
            shaping=self.shaping,
            selection=self.selection,
            dynamics=self.dynamics,
            model=load_model(self.model),
        )

    def heard(self, notes: NoteTable) -> tuple[NoteTable, dict[int, Kind]]:
        """Return the notes with their written dynamics, and what each instrument's are."""
        if self.dynamics == "ignore":
            return notes, {}
        return with_written_dynamics(notes)

    def messages(self, found: set[Kind]) -> tuple[str, ...]:
        mixed = self.shaping.strength < 1
        line = taken_for(found - {"flat"}, follow=self.dynamics == "follow", mixed=mixed)
        return (line,) if line else ()


def _require_some(
    chosen: Sequence[np.typing.NDArray[np.bool_]], name: str, pieces: Sequence[NoteTable]
) -> None:
    if any(mask.any() for mask in chosen):
        return
    if all((piece.channel == DRUM_CHANNEL + 1).all() for piece in pieces):
        raise MidiError(
            f"{name}: only drums (channel 10), which are left alone; expected at least one "
            "pitched note"
        )
    raise OptionError(
        f"{name}: the selection has no notes; expected at least one. "
        "'humanize info' lists tracks, channels and measures"
    )
