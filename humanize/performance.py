"""The public calls of a whole performance: velocity, tempo, asynchrony, articulation, pedal.

They read, interpret and write as those of ``humanize.api`` do, and velocities are the very same.
A performance is written as MIDI, whatever came.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack, cast

from humanize.api import default_target, interpret_music
from humanize.drums.wording import said_of_swing
from humanize.errors import OptionError
from humanize.files import (
    MIDI_SUFFIXES,
    midi_endings,
    read_input,
    require_two_files,
    starts_as_midi,
    write_atomically,
)
from humanize.interpretation.interpret import Interpretation, messages_of
from humanize.interpretation.parameters import PerformanceParameters
from humanize.interpretation.whole import PerformSettings, parameters_of
from humanize.music import (
    MidiMusic,
    ScoreMusic,
    read_music,
    read_pretty_midi,
    read_score_music,
    require_no_channels,
)
from humanize.objects import Held, library_of, through_bytes
from humanize.options import PerformOptions
from humanize.results import Performed
from humanize.score.output import MUSICXML, in_format_of

if TYPE_CHECKING:
    from pretty_midi import PrettyMIDI

DAMPER, PEDAL_DOWN = 64, 64  # controller, and the value from which the pedal is down


def perform_bytes(
    data: bytes, *, name: str = "input.mid", **options: Unpack[PerformOptions]
) -> Performed:
    """Perform a Standard MIDI File or a score in memory.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        What messages call it; the ending of a score tells its format.
    **options
        See ``PerformOptions``.

    Returns
    -------
    Performed
        Its ``bytes`` are a MIDI file; ``humanize strip`` takes out again what was put in.

    Raises
    ------
    InputError
        If the file is damaged or has no notes.
    OptionError
        For an option that makes no sense, or a selection without notes.
    ModelError
        For an unknown model, or one that predicts velocity alone.
    """
    settings = PerformSettings.of(options)
    return perform_music(read_music(data, name=name, **settings.velocity.reading), settings)


def perform_music(music: MidiMusic | ScoreMusic, settings: PerformSettings) -> Performed:
    """Perform what was read already.

    Raises
    ------
    OptionError
        For a selection without notes.
    ModelError
        If the model predicts velocity alone.
    """
    music, unbent = _unbent(music, settings)
    interpretations = interpret_music(music, settings.velocity)
    if "velocity" not in settings.aspects:
        interpretations = tuple(replace(i, velocity=i.notes.velocity) for i in interpretations)
    parameters = tuple(parameters_of(i, settings, music.track_names) for i in interpretations)
    written = write_music(music, interpretations, parameters, settings)
    return replace(written, messages=(*unbent, *written.messages))


def _unbent(
    music: MidiMusic | ScoreMusic, settings: PerformSettings
) -> tuple[MidiMusic | ScoreMusic, tuple[str, ...]]:
    """Return music without the tempi that an earlier performance wrote into MusicXML."""
    bends = "tempo" in settings.aspects and settings.writing.amounts.rubato > 0
    if isinstance(music, MidiMusic) or not music.is_musicxml or not bends:
        return music, ()
    from humanize.score.musicxml_tempo import without_tempi

    plain = without_tempi(music.content, name=music.name)
    if plain == music.content:
        return music, ()
    own: dict[str, Any] = {"split": settings.velocity.split, "drums": settings.velocity.drums}
    return read_score_music(plain, name=music.name, **own), (_BENT,)


_BENT = "tempi of an earlier performance found: they are taken out before the new ones are written"


def write_music(
    music: MidiMusic | ScoreMusic,
    interpretations: tuple[Interpretation, ...],
    parameters: tuple[PerformanceParameters, ...],
    settings: PerformSettings,
) -> Performed:
    """Write the performance of what was read, wherever its parameters come from."""
    if isinstance(music, MidiMusic):
        from humanize.midi.retiming import has_pedal, write_performance

        writing = settings.writing_with(has_pedal(music.reading.scan))
        written = write_performance(music.content, music.reading, parameters, writing)
    else:
        from humanize.score.as_performance import score_to_performance

        writing = settings.writing_with(False)
        written = score_to_performance(
            music.reading, parameters[0], writing, ornaments=settings.velocity.ornaments
        )
    kept = any(i.notes.timing == "performed" for i in interpretations)
    swung = "" if settings.swing is None else said_of_swing(music.pieces)
    return Performed(
        bytes=written,
        music=music,
        interpretations=interpretations,
        parameters=parameters,
        rubato=settings.writing.amounts.rubato,
        messages=(
            *music.messages,
            *messages_of(interpretations, settings.velocity),
            *((_ALREADY,) if kept else ()),
            *((swung,) if swung else ()),
        ),
    )


_ALREADY = "already a performance: its timing is kept, velocities alone are new"


def perform_file(
    input: str | Path, output: str | Path | None = None, **options: Unpack[PerformOptions]
) -> Path:
    """Perform a file and write the result beside it or where asked.

    Parameters
    ----------
    input : path
    output : path, optional
        A MIDI file, or of MusicXML one with velocities and tempi; ``<name>-humanized.mid`` beside
        the input by default.
    **options
        See ``PerformOptions``.

    Returns
    -------
    Path
        Where the result was written.

    Raises
    ------
    HumanizeError
        If the input cannot be read, or the result not written. Nothing is written then.
    """
    source = Path(input)
    target = Path(output) if output else default_target(source)
    require_two_files(source, target)
    data = read_input(source)
    require_target(source, target, data)
    result = perform_bytes(data, name=str(source), **options)
    write_atomically(target, in_target_format(result, source, target))
    return target


def require_target(source: Path, target: Path, data: bytes) -> None:
    """Raise OptionError where a performance cannot be what the target's ending says."""
    ending, midi = target.suffix.lower(), starts_as_midi(data)
    allowed = midi_endings(source, data) if midi else MIDI_SUFFIXES
    notation = ending in MUSICXML and source.suffix.lower() in MUSICXML and not midi
    if ending not in (*allowed, "") and not notation:
        raise OptionError(
            f"{target}: a performance is written as MIDI, and one of MusicXML as MusicXML too; "
            "expected .mid. 'humanize render' writes sound"
        )


def in_target_format(result: Performed, source: Path, target: Path) -> bytes:
    """Return a performance as MIDI, or as MusicXML where the target's ending says so."""
    if target.suffix.lower() in MUSICXML and isinstance(result.music, ScoreMusic):
        return in_format_of(result.to_musicxml(), source, target)
    return result.bytes


def perform_score(score: str | Path | Any, **options: Unpack[PerformOptions]) -> Performed:
    """Perform a score: a path, or an object of partitura.

    Raises
    ------
    HumanizeError
        If it cannot be read, has no notes, or an option makes no sense.
    """
    settings = PerformSettings.of(options)
    own: dict[str, Any] = {"split": settings.velocity.split, "drums": settings.velocity.drums}
    if isinstance(score, str | Path):
        music = read_score_music(read_input(Path(score)), name=str(score), **own)
    else:
        music = read_score_music(score, name="score", **own)
    return perform_music(music, settings)


def perform_midi(midi: Held, **options: Unpack[PerformOptions]) -> Held:
    """Return a copy of music in memory with a performance in it.

    Parameters
    ----------
    midi : PrettyMIDI, mido MidiFile or symusic Score
        The copy is of the same kind; the events of a PrettyMIDI move in seconds.
    **options
        See ``PerformOptions``.

    Raises
    ------
    HumanizeError
        If it is another object, has no notes, or an option makes no sense.
    """
    library = library_of(midi)
    if library == "music21":
        raise OptionError(
            "a music21 stream found; expected a PrettyMIDI, mido MidiFile or symusic Score, as a "
            "performance is MIDI. perform_score(stream).bytes is one of a stream"
        )
    if library != "pretty_midi":
        return through_bytes(midi, lambda content: perform_bytes(content, **options).bytes)
    return cast(Held, _performed_pretty_midi(cast("PrettyMIDI", midi), **options))


def _performed_pretty_midi(midi: PrettyMIDI, **options: Unpack[PerformOptions]) -> PrettyMIDI:
    from humanize.midi.pretty_midi_retiming import perform_pretty_midi

    settings = PerformSettings.of(options)
    require_no_channels(settings.velocity.selection.channels)
    music = read_pretty_midi(midi, **settings.velocity.reading)
    parameters = parameters_of(
        interpret_music(music, settings.velocity)[0], settings, music.track_names
    )
    pedalled = any(
        change.number == DAMPER and change.value >= PEDAL_DOWN
        for part in midi.instruments
        for change in part.control_changes
    )
    writing = settings.writing_with(pedalled)
    return perform_pretty_midi(midi, music.pieces[0], parameters, writing)
