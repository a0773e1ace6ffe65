"""The public calls of a whole performance: velocity, tempo, asynchrony, articulation, pedal.

They read, interpret and write as those of ``humanize.api`` do, and velocities are the very same.
A performance is written as MIDI, whatever came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Unpack

import numpy as np

from humanize.api import default_target, interpret_music
from humanize.errors import OptionError
from humanize.expression import ASPECTS
from humanize.files import read_input, require_two_files, starts_as_midi, write_atomically
from humanize.interpretation.interpret import Interpretation, Settings, messages_of
from humanize.interpretation.parameters import Amounts, PerformanceParameters, Writing
from humanize.interpretation.performing import perform, source_rows
from humanize.midi.reading import MidiPieces, read_midi
from humanize.midi.retiming import has_pedal, write_performance
from humanize.music import MidiMusic, ScoreMusic, read_music
from humanize.notes import NoteTable
from humanize.options import OPTIONS, PERFORM_OPTIONS, PerformOptions, checked
from humanize.results import Performed


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
    """

    velocity: Settings
    aspects: tuple[str, ...]
    pedal: str
    writing: Writing

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
        velocity = Settings.of({name: value for name, value in options.items() if name in OPTIONS})
        return cls(
            velocity=velocity,
            aspects=known["only"] or ASPECTS,
            pedal=known["pedal"],
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

    def writing_into(self, reading: MidiPieces) -> Writing:
        """Return how a file is written: a pedal of its own is kept, else one is added."""
        if self.pedal != "auto":
            return self.writing
        adds = "pedal" in self.aspects and not has_pedal(reading.scan) and not self.is_nothing
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
    interpretations = interpret_music(music, settings.velocity)
    parameters = tuple(_parameters(i, settings) for i in interpretations)
    data, reading, placed = _as_midi(music, interpretations[0], parameters, settings)
    written = write_performance(data, reading, placed, settings.writing_into(reading))
    kept = any(i.notes.timing == "performed" for i in interpretations)
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
        A MIDI file; ``<name>-humanized.mid`` beside the input by default.
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
    require_midi(source, target, data)
    write_atomically(target, perform_bytes(data, name=str(source), **options).bytes)
    return target


def require_midi(source: Path, target: Path, data: bytes) -> None:
    """Raise OptionError where a performance cannot be what the target's ending says."""
    ending = target.suffix.lower()
    same = starts_as_midi(data) and ending == source.suffix.lower()
    if ending not in (".mid", ".midi", ".smf", "") and not same:
        raise OptionError(
            f"{target}: a performance is written as MIDI; expected .mid. 'humanize' writes "
            "velocities into MusicXML, 'humanize render' writes sound"
        )


def perform_score(score: str | Path | Any, **options: Unpack[PerformOptions]) -> Performed:
    """Perform a score: a path, or an object of partitura.

    Raises
    ------
    HumanizeError
        If it cannot be read, has no notes, or an option makes no sense.
    """
    from humanize.music import read_score_music

    settings = PerformSettings.of(options)
    split = settings.velocity.split
    if isinstance(score, str | Path):
        music = read_score_music(read_input(Path(score)), name=str(score), split=split)
    else:
        music = read_score_music(score, name="score", split=split)
    return perform_music(music, settings)


def _parameters(interpretation: Interpretation, settings: PerformSettings) -> PerformanceParameters:
    """Return what is performed of one table, velocities among it where they are asked for."""
    notes = interpretation.notes
    timed = () if notes.timing == "performed" else settings.aspects
    own = perform(
        notes, settings.velocity.model, _needed(timed, settings), selected=interpretation.selected
    )
    velocity = interpretation.velocity if "velocity" in settings.aspects else notes.velocity
    return replace(own, velocity=velocity)


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


def _as_midi(
    music: MidiMusic | ScoreMusic,
    interpretation: Interpretation,
    parameters: tuple[PerformanceParameters, ...],
    settings: PerformSettings,
) -> tuple[bytes, MidiPieces, list[PerformanceParameters]]:
    """Return the MIDI file that the performance goes into, and parameters for its notes."""
    if isinstance(music, MidiMusic):
        return music.content, music.reading, list(parameters)
    own = parameters[0]
    velocity = interpretation.velocity if own.velocity is None else own.velocity
    data = music.to_midi(replace(interpretation, velocity=velocity))
    reading = read_midi(data, name=music.name, split="tracks", drums=(), key_switches=False)
    return data, reading, [_placed(own, interpretation.notes, reading.pieces[0])]


def _placed(
    own: PerformanceParameters, notes: NoteTable, written: NoteTable
) -> PerformanceParameters:
    """Return a score's parameters for the notes of the MIDI file that was written of it.

    Velocities stand in the file already. Notes that the score does not have, those of ornaments,
    have no moves of their own.
    """
    rows = source_rows(written, track=notes.track + 1, pitch=notes.pitch)  # track 1: the tempo
    known = rows >= 0
    return replace(
        own,
        asynchrony_ms=np.where(known, own.asynchrony_ms[np.maximum(rows, 0)], 0.0),
        log_articulation=np.where(known, own.log_articulation[np.maximum(rows, 0)], 0.0),
        velocity=None,
    )
