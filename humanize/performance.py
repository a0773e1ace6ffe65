"""The public calls of a whole performance: velocity, tempo, asynchrony, articulation, pedal.

They read, interpret and write as those of ``humanize.api`` do, and velocities are the very same.
A performance is written as MIDI, whatever came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack, cast

import numpy as np

from humanize.api import default_target, interpret_music
from humanize.drums.wording import said_of_swing
from humanize.errors import OptionError
from humanize.expression import ASPECTS
from humanize.files import (
    MIDI_SUFFIXES,
    midi_endings,
    read_input,
    require_two_files,
    starts_as_midi,
    write_atomically,
)
from humanize.interpretation.interpret import Interpretation, Settings, messages_of
from humanize.interpretation.parameters import Amounts, PerformanceParameters, Writing
from humanize.interpretation.performing import perform
from humanize.music import (
    MidiMusic,
    ScoreMusic,
    read_music,
    read_pretty_midi,
    read_score_music,
    require_no_channels,
)
from humanize.objects import Held, library_of, through_bytes
from humanize.options import OPTIONS, PERFORM_OPTIONS, PerformOptions, checked
from humanize.options.selections import GROOVE, track_numbers
from humanize.options.sliders import PERFORM_SLIDERS
from humanize.results import Performed
from humanize.score.output import MUSICXML, in_format_of

if TYPE_CHECKING:
    from pretty_midi import PrettyMIDI

DAMPER, PEDAL_DOWN = 64, 64  # controller, and the value from which the pedal is down


@dataclass(frozen=True, kw_only=True)
class PerformSettings:
    """The options of a whole performance, checked.

    Attributes
    ----------
    velocity : Settings
        Those of every call.
    aspects : tuple of str
        What is performed.
    pedal : "auto", "keep", "add", "replace" or "none"
    writing : Writing
        Its pedal is "keep" where ``pedal`` is "auto", until the file is known.
    swing : float or None
        Of drums.
    feel_tracks : sequence of int or str, or None
        Tracks whose timing follows them.
    """

    velocity: Settings
    aspects: tuple[str, ...]
    pedal: str
    writing: Writing
    swing: float | None = None
    feel_tracks: Sequence[int | str] | None = None

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> PerformSettings:
        """Return the settings that options ask for.

        Raises
        ------
        OptionError
            For an unknown option, or one that makes no sense.
        ModelError
            For an unknown model.
        """
        known = checked(options, PERFORM_OPTIONS)
        amounts = Amounts(**{n: known[n] for n in ("rubato", "timing", "articulation")})
        own = {name: value for name, value in options.items() if name in OPTIONS}
        if known["swing"] is not None and known["drums"] is None:
            own["drums"] = GROOVE
        velocity = Settings.of(own)
        velocity = velocity.sliding({option.name: known[option.name] for option in PERFORM_SLIDERS})
        if known["feel_tracks"] is not None and known["swing"] is known["feel"] is None:
            raise OptionError(
                "feel_tracks: found without feel or swing; expected one that the tracks follow"
            )
        return cls(
            velocity=velocity,
            aspects=known["only"] or ASPECTS,
            pedal=known["pedal"],
            swing=known["swing"],
            feel_tracks=known["feel_tracks"],
            writing=Writing(
                mode=known["write"],
                pedal="keep" if known["pedal"] == "auto" else known["pedal"],
                pedal_values=known["pedal_values"],
                amounts=amounts,
            ),
        )

    @property
    def is_nothing(self) -> bool:
        """Whether every amount is 0, so that a file comes back as it was."""
        amounts = self.writing.amounts
        own = (amounts.rubato, amounts.timing, amounts.articulation)
        return not any((self.velocity.shaping.strength, *own))

    def writing_with(self, pedalled: bool) -> Writing:
        """Return how music is written that has a pedal, which is kept, or none: one is added."""
        if self.pedal != "auto":
            return self.writing
        adds = "pedal" in self.aspects and not pedalled and not self.is_nothing
        return replace(self.writing, pedal="add" if adds else "keep")


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
    parameters = tuple(_parameters(i, settings, music.track_names) for i in interpretations)
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
    parameters = _parameters(
        interpret_music(music, settings.velocity)[0], settings, music.track_names
    )
    pedalled = any(
        change.number == DAMPER and change.value >= PEDAL_DOWN
        for part in midi.instruments
        for change in part.control_changes
    )
    writing = settings.writing_with(pedalled)
    return perform_pretty_midi(midi, music.pieces[0], parameters, writing)


def _parameters(
    interpretation: Interpretation, settings: PerformSettings, names: Sequence[str]
) -> PerformanceParameters:
    """Return what is performed of one table, velocities among it where they are asked for."""
    notes = interpretation.notes
    timed = () if notes.timing == "performed" else settings.aspects
    needed = _needed(timed, settings)
    selected = interpretation.selected
    own = perform(
        notes,
        settings.velocity.model,
        needed,
        selected=selected,
        deviations=interpretation.deviations,
    )
    if settings.velocity.sliders:
        from humanize.interpretation.sliding import slide_performance

        own = slide_performance(notes, own, settings.velocity.sliders, needed, selected)
    if "timing" in needed:
        own = _with_groove(own, interpretation, settings, names)
    return replace(own, velocity=interpretation.velocity)


def _with_groove(
    own: PerformanceParameters,
    interpretation: Interpretation,
    settings: PerformSettings,
    names: Sequence[str],
) -> PerformanceParameters:
    """Return parameters with the lags of drums, and of the tracks that follow them."""
    notes, lag = interpretation.notes, interpretation.drum_lag_ms
    follow = np.zeros(len(notes), dtype=bool)
    if settings.feel_tracks is not None:
        numbers = track_numbers(settings.feel_tracks, names, option="feel_tracks")
        follow = np.isin(notes.track, numbers) & notes.pitched & interpretation.selected
    if not len(lag) and not follow.any():
        return own
    from humanize.drums.choosing import choose_feel  # few files have a groove
    from humanize.drums.swing import followed_lags, swing_lags

    lag = (
        np.where(interpretation.selected, lag, np.nan) if len(lag) else np.full(len(notes), np.nan)
    )
    if settings.swing is not None:
        lag = lag + swing_lags(notes, settings.swing)
    feel = settings.velocity.feel
    if follow.any():
        known = None if feel is None else choose_feel(feel)
        lag[follow] = followed_lags(notes, np.flatnonzero(follow), known, settings.swing)
    together = np.where(follow, 0.0, own.asynchrony_ms)
    return replace(own, drum_lag_ms=lag, asynchrony_ms=together)


def _needed(aspects: tuple[str, ...], settings: PerformSettings) -> tuple[str, ...]:
    """Return the aspects whose predictions reach the file."""
    amounts = settings.writing.amounts
    pedals = settings.pedal in ("auto", "add", "replace") and not settings.is_nothing
    factor = {
        "velocity": 0.0,
        "tempo": amounts.rubato,
        "timing": amounts.timing,
        "articulation": amounts.articulation,
        "pedal": float(pedals),
    }
    return tuple(aspect for aspect in aspects if factor[aspect] > 0)
