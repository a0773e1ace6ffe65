"""What comes of a call: the velocities, the notes they belong to, and pictures of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from humanize.errors import OptionError
from humanize.extras import require_package
from humanize.files import write_atomically
from humanize.interpretation.interpret import Interpretation
from humanize.interpretation.parameters import PerformanceParameters
from humanize.music import MidiMusic, ScoreMusic
from humanize.notes import FloatColumn, IntColumn, NoteTable
from humanize.reporting.wording import counted

if TYPE_CHECKING:
    import pandas as pd

    from humanize.reporting.plotting import Form
    from humanize.score import ScoreReading

PICTURES = (".png", ".pdf")
_Png = bytes  # by another name: a class below has an attribute ``bytes``


@dataclass(frozen=True, kw_only=True, repr=False)
class Humanized:
    """A humanised file.

    Attributes
    ----------
    bytes : bytes
        The file, equal to the input but for velocities.
    music : MidiMusic or ScoreMusic
        What was read, with the file as it came.
    interpretations : tuple of Interpretation
        One, or one per track of an SMF type 2.
    messages : tuple of str
        What a user should know, a line each.
    """

    bytes: bytes
    music: MidiMusic | ScoreMusic
    interpretations: tuple[Interpretation, ...]
    messages: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[NoteTable, ...]:
        """What the model read: the notes with their written dynamics as markings."""
        return tuple(i.notes for i in self.interpretations)

    @property
    def predicted(self) -> tuple[FloatColumn, ...]:
        """What the model said for each note, velocity units; NaN where it was not asked (drums)."""
        return tuple(i.predicted for i in self.interpretations)

    @property
    def velocities(self) -> tuple[IntColumn, ...]:
        """What stands in ``bytes``, 1-127."""
        return tuple(i.velocity for i in self.interpretations)

    @property
    def warnings(self) -> int:
        """How often the reader of a score complained."""
        return self.music.warnings

    def to_frame(self) -> pd.DataFrame:
        """Return a row per note: its columns, ``velocity_before`` and ``velocity_after``."""
        require_package("pandas", "pandas")
        import pandas as pd

        return pd.DataFrame(result_columns(self.interpretations))

    def plot(self, path: str | Path | None = None) -> _Png:
        """Return a PNG of the velocities before and after; with a path write it, or a PDF.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        return _plotted(self.interpretations, self.music.name, path, self.music.track_names)

    def _repr_png_(self) -> _Png:
        return self.plot()

    def __repr__(self) -> str:
        return _described("Humanized", self.music.name, self.interpretations)


@dataclass(frozen=True, kw_only=True, repr=False)
class Performed(Humanized):
    """A performed file; ``bytes`` are MIDI.

    Attributes
    ----------
    parameters : tuple of PerformanceParameters
        Tempo, asynchrony, articulation and pedal, by the notes and onsets of each piece.
    rubato : float
        How much of the tempo's deviations is written.
    """

    parameters: tuple[PerformanceParameters, ...] = ()
    rubato: float = 1.0

    def plot(self, path: str | Path | None = None) -> _Png:
        """Return a PNG of velocities, tempo and pedal by bars; with a path write it, or a PDF.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        from humanize.reporting.performance_plot import plot_performance

        title = Path(self.music.name).name
        image = plot_performance(
            self.interpretations,
            self.parameters,
            title=title,
            rubato=self.rubato,
            names=self.music.track_names,
            form=picture_form(path),
        )
        if path is not None:
            write_atomically(Path(path), image)
        return image

    def to_musicxml(self) -> _Png:
        """Return the MusicXML that came with velocities, and the tempo of each beat.

        Timing, articulation and pedal stay out of a notation.

        Raises
        ------
        ScoreError
            If what came was not MusicXML.
        """
        from humanize.errors import ScoreError
        from humanize.music import ScoreMusic
        from humanize.score.musicxml_tempo import beat_tempi

        if not isinstance(self.music, ScoreMusic) or not self.music.is_musicxml:
            raise ScoreError(f"{self.music.name}: not MusicXML; expected it to write MusicXML")
        tempi = beat_tempi(self.music.reading, self.parameters[0], rubato=self.rubato)
        return self.music.to_musicxml(self.interpretations[0], tempi)[0]

    def __repr__(self) -> str:
        return _described("Performed", self.music.name, self.interpretations)


@dataclass(frozen=True, kw_only=True, repr=False)
class HumanizedScore:
    """A score with velocities.

    Attributes
    ----------
    music : ScoreMusic
    interpretation : Interpretation
    messages : tuple of str
    ornaments : "played" or "written"
        In a MIDI file of it.
    """

    music: ScoreMusic
    interpretation: Interpretation = field(repr=False)
    messages: tuple[str, ...] = ()
    ornaments: str = "played"

    @property
    def reading(self) -> ScoreReading:
        """What was read of the score."""
        return self.music.reading

    @property
    def predicted(self) -> FloatColumn:
        """What the model said, velocity units; NaN for percussion."""
        return self.interpretation.predicted

    @property
    def velocities(self) -> IntColumn:
        """Velocities of the notes as they are played, 1-127."""
        return self.interpretation.velocity

    def to_midi(self) -> bytes:
        """Return a Standard MIDI File of the score as it is played."""
        return self.music.to_midi(self.interpretation, ornaments=self.ornaments)

    def to_musicxml(self) -> tuple[bytes, int]:
        """Return the file that came with ``dynamics`` set, and how many repeated notes got a mean.

        Raises
        ------
        ScoreError
            If what came was not MusicXML.
        """
        return self.music.to_musicxml(self.interpretation)

    def to_frame(self) -> pd.DataFrame:
        """Return a row per played note, as ``Humanized.to_frame`` does."""
        require_package("pandas", "pandas")
        import pandas as pd

        return pd.DataFrame(result_columns([self.interpretation]))

    def plot(self, path: str | Path | None = None) -> bytes:
        """Return a PNG, as ``Humanized.plot`` does."""
        return _plotted([self.interpretation], self.music.name, path, self.music.track_names)

    def _repr_png_(self) -> bytes:
        return self.plot()

    def __repr__(self) -> str:
        return _described("HumanizedScore", self.music.name, [self.interpretation])


def picture_form(path: str | Path | None, pictures: Sequence[str] = PICTURES) -> Form:
    """Return the format of a picture by the ending of its name: PNG where there is none.

    Parameters
    ----------
    path : path or None
    pictures : sequence of str
        The endings of what can be drawn.

    Raises
    ------
    OptionError
        If the ending is no picture's.
    """
    if path is None:
        return "png"
    suffix = Path(path).suffix.lower()
    if suffix not in pictures:
        found = suffix or "no ending"
        raise OptionError(f"{path}: {found} found; expected {' or '.join(pictures)} for a picture")
    return "png" if suffix == ".png" else "pdf"


def result_columns(interpretations: Sequence[Interpretation]) -> dict[str, np.ndarray[Any, Any]]:
    """Return named columns of all notes, piece after piece, velocities before and after last.

    A column that a piece does not have is NaN there.
    """
    pieces = [_columns_of(i) for i in interpretations]
    names = dict.fromkeys(name for piece in pieces for name in piece)
    last = ("velocity_before", "velocity_after")
    ordered = [*(n for n in names if n not in last), *last]
    missing = [np.full(len(i.velocity), np.nan) for i in interpretations]
    return {
        name: np.concatenate([p.get(name, m) for p, m in zip(pieces, missing, strict=True)])
        for name in ordered
    }


def _columns_of(interpretation: Interpretation) -> dict[str, np.ndarray[Any, Any]]:
    columns = interpretation.notes.columns()
    before = columns.pop("velocity")
    return {**columns, "velocity_before": before, "velocity_after": interpretation.velocity}


def _plotted(
    interpretations: Sequence[Interpretation],
    title: str,
    path: str | Path | None,
    names: Sequence[str],
) -> bytes:
    from humanize.reporting.plotting import plot_velocities

    image = plot_velocities(
        interpretations, title=Path(title).name, names=names, form=picture_form(path)
    )
    if path is not None:
        write_atomically(Path(path), image)
    return image


def _described(kind: str, name: str, interpretations: Sequence[Interpretation]) -> str:
    total = sum(len(i.velocity) for i in interpretations)
    changed = sum(int((i.velocity != i.notes.velocity).sum()) for i in interpretations)
    return f"<{kind} {name}: {changed:,} of {counted(total, 'note')} changed>"
