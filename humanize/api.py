"""The public calls; the command line makes the same ones.

Each reads, interprets and writes, in that order. ``humanize_bytes`` is the heart: bytes in, bytes
out, no file touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Unpack, cast

import numpy as np

from humanize.drums.wording import named, unknown_drums
from humanize.errors import LimitError, MidiError, OptionError
from humanize.files import (
    MIDI_SUFFIXES,
    default_output,
    is_score,
    read_input,
    require_two_files,
    write_atomically,
)
from humanize.interpretation.interpret import Interpretation, Settings, interpret, messages_of
from humanize.music import (
    MidiMusic,
    Music,
    ScoreMusic,
    read_music,
    read_pretty_midi,
    read_score_music,
    require_no_channels,
)
from humanize.notes import MOST_INSTRUMENTS, FloatColumn, NoteTable, distinct
from humanize.objects import Held, humanized_stream, library_of, through_bytes
from humanize.options import DEFAULT_MODEL, Dynamics, Options, Split
from humanize.reporting.wording import counted
from humanize.results import Humanized, HumanizedScore
from humanize.score.output import in_format_of, require_writable

if TYPE_CHECKING:
    from partitura.score import Part, Score
    from pretty_midi import PrettyMIDI

_MOST_TRACKS = 8  # that a message names


def predict_velocities(
    notes: NoteTable | str | Path,
    *,
    model: str | Path = DEFAULT_MODEL,
    split: Split = "programs",
    dynamics: Dynamics = "auto",
) -> FloatColumn:
    """Predict the velocity of every note: what the other calls write, before it is rounded.

    Parameters
    ----------
    notes : NoteTable, or path of a MIDI file or a score
        A file's notes are predicted in canonical order (onset, pitch, duration), piece after
        piece.
    model : str or Path
        Name of a model that ships, or a bundle's folder.
    split : "programs", "tracks" or "none"
        What is taken for one instrument of a file.
    dynamics : "auto", "follow" or "ignore"
        What the velocities in the input are taken for.

    Returns
    -------
    (n,) float array
        Velocity units, not rounded; NaN for drums, unless there is nothing else.

    Raises
    ------
    HumanizeError
        If the file cannot be read or the model is unknown.
    """
    settings = Settings.of({"model": model, "split": split, "dynamics": dynamics})
    if isinstance(notes, NoteTable):
        return interpret(notes, settings).predicted
    path = Path(notes)
    music = read_music(read_input(path), name=str(path), **settings.reading)
    if music.plays_drums:
        settings = settings.playing_drums()
    return np.concatenate(
        [interpret(p, settings, track_names=music.track_names).predicted for p in music.pieces]
    )


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
    settings = Settings.of(options)
    return humanize_music(
        read_music(data, name=name, **settings.reading), settings, as_midi=as_midi
    )


def humanize_music(
    music: MidiMusic | ScoreMusic, settings: Settings, *, as_midi: bool = False
) -> Humanized:
    """Humanise what was read already, so that nothing is read twice.

    Raises
    ------
    OptionError
        For a selection without notes.
    """
    interpretations = interpret_music(music, settings)
    content, messages = music.written(
        interpretations, as_midi=as_midi, ornaments=settings.ornaments
    )
    return Humanized(
        bytes=content,
        music=music,
        interpretations=interpretations,
        messages=(*music.messages, *messages_of(interpretations, settings), *messages),
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


def humanize_midi(midi: Held, **options: Unpack[Options]) -> Held:
    """Return a copy of music in memory with new velocities; everything else is left as it is.

    Parameters
    ----------
    midi : PrettyMIDI, mido MidiFile, symusic Score or music21 stream
        The copy is of the same kind. Tracks of a PrettyMIDI are its instruments from 1; it has no
        channels to select by. A note of a stream that is played more than once gets the mean of
        its velocities.
    **options
        See ``Options``.

    Raises
    ------
    HumanizeError
        If it is another object, has no notes, or an option makes no sense.
    """
    library = library_of(midi)
    if library == "music21":
        return humanized_stream(midi, **options)
    if library != "pretty_midi":
        return through_bytes(midi, lambda content: humanize_bytes(content, **options).bytes)
    return cast(Held, _humanized_pretty_midi(cast("PrettyMIDI", midi), **options))


def _humanized_pretty_midi(midi: PrettyMIDI, **options: Unpack[Options]) -> PrettyMIDI:
    settings = Settings.of(options)
    require_no_channels(settings.selection.channels)
    music = read_pretty_midi(midi, **settings.reading)
    return music.copy_with(interpret_music(music, settings)[0])


def humanize_score(score: str | Path | Part | Score, **options: Unpack[Options]) -> HumanizedScore:
    """Humanise a score.

    Parameters
    ----------
    score : path, partitura Part or Score, or music21 stream
        A path of a .musicxml, .mxl, .mei, .krn or .abc file.
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
    settings = Settings.of(options)
    if isinstance(score, str | Path):
        content = read_input(Path(score))
        music = read_score_music(
            content, name=str(score), split=settings.split, drums=settings.drums
        )
    else:
        music = read_score_music(score, name="score", split=settings.split, drums=settings.drums)
    interpretation = interpret_music(music, settings)[0]
    return HumanizedScore(
        music=music,
        interpretation=interpretation,
        messages=music.messages,
        ornaments=settings.ornaments,
    )


def interpret_music(music: Music, settings: Settings) -> tuple[Interpretation, ...]:
    """Interpret every piece of what was read.

    Raises
    ------
    LimitError
        If there are more instruments than any ensemble has.
    MidiError
        If there are unknown drums alone.
    OptionError
        If the selection has no notes.
    """
    _require_few(music)
    if music.plays_drums:
        settings = settings.playing_drums()
    interpretations = tuple(
        interpret(piece, settings, track_names=music.track_names, measures=music.measures)
        for piece in music.pieces
    )
    _require_some(music, interpretations)
    return interpretations


def _require_few(music: Music) -> None:
    """Raise LimitError for more instruments than are predicted in reasonable time, one by one."""
    count = sum(len(distinct(piece.instrument)) for piece in music.pieces)
    if count > MOST_INSTRUMENTS:
        raise LimitError(
            f"{music.name}: {counted(count, 'instrument')} found; expected at most "
            f"{MOST_INSTRUMENTS:,}. Split the file, or take all for one with --split none"
        )


def _nothing_to_play(music: Music) -> str:
    unknown = unknown_drums(music.pieces)
    if music.plays_drums and isinstance(music, ScoreMusic):
        return (
            f"{music.name}: only percussion of no known drum ({named(unknown)}, as the score "
            "numbers it or as it stands on the staff); expected the General MIDI number of a drum "
            "for each instrument of the kit (<midi-unpitched> in MusicXML), or the score exported "
            "as MIDI"
        )
    if music.plays_drums and len(unknown):
        return (
            f"{music.name}: only drums of unknown note numbers ({named(unknown)}); expected those "
            "of General MIDI (35 kick, 38 snare, 42 hi-hat ...) or Roland's. Map the track to them"
        )
    return (
        f"{music.name}: only drums and key switches, left alone; expected at least one other note. "
        "--drums groove plays drums"
    )


def default_target(source: Path) -> Path:
    """Return where a file goes that has no output named: MIDI for scores, else the same ending."""
    return default_output(source, ".mid" if is_score(source.name) else None)


def _require_some(music: Music, interpretations: Sequence[Interpretation]) -> None:
    if any(i.selected.any() for i in interpretations):
        return
    if all(np.isnan(i.predicted).all() for i in interpretations):
        raise MidiError(_nothing_to_play(music))
    raise OptionError(
        f"{music.name}: the selection has no notes; expected some of {_there_is(music)}. "
        "'humanize info' lists tracks, channels and measures"
    )


def _there_is(music: Music) -> str:
    """Return which tracks have notes, by their numbers and names, and how many measures."""
    names = music.track_names
    numbers = distinct(*(piece.track for piece in music.pieces)).tolist()
    shown = ", ".join(f"{n} {names[n - 1]}".strip() for n in numbers[:_MOST_TRACKS])
    more = " ..." if len(numbers) > _MOST_TRACKS else ""
    last = max(int(piece.measure.max()) for piece in music.pieces)
    return f"track{'s' * (len(numbers) != 1)} {shown}{more} and {counted(last, 'measure')}"
