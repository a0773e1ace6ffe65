"""What every corpus becomes: scores, and performances that point into them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from humanize.midi.pedals import Controls
from humanize.midi.reading import MidiPieces, pedal_controls
from humanize.notes import FloatColumn, IntColumn, NoteTable

SplitName = Literal["train", "validation", "test"]


_WHOLE = 0.9  # share of the notes that were played and matched


@dataclass(frozen=True)
class Origin:
    """Where pieces come from; a model that is trained on them carries its terms.

    Attributes
    ----------
    name : str
        Of the corpus.
    licence, attribution : str
    """

    name: str
    licence: str
    attribution: str


@dataclass(frozen=True, kw_only=True)
class Performance:
    """How one pianist plays the notes of a score.

    Attributes
    ----------
    id : str
        Path of the performance inside the corpus.
    rows : (m,) IntColumn
        Rows of the piece's note table that were played and matched, each at most once.
    velocity : (m,) FloatColumn
        Velocity units, 1-127.
    robust : bool
        Whether the alignment is good enough for figures.
    share : float
        Share of the aligned score notes that were found in the note table.
    onset_sec, offset_sec : (m,) FloatColumn
        When the key goes down and up, seconds by the performance's own clock; NaN where the
        corpus does not say.
    pedals : Controls
        What the feet do, by the same clock; no changes where the corpus does not say.
    """

    id: str
    rows: IntColumn
    velocity: FloatColumn
    robust: bool
    share: float
    onset_sec: FloatColumn
    offset_sec: FloatColumn
    pedals: Controls = field(default_factory=lambda: Controls.of_changes([]))


def performance_of_file(name: str, reading: MidiPieces, *, robust: bool = True) -> Performance:
    """Return a performed MIDI file as the performance of its own notes.

    Parameters
    ----------
    name : str
        Path of the file inside the corpus.
    reading : MidiPieces
        The first piece of it is taken.
    robust : bool
    """
    notes = reading.pieces[0]
    return Performance(
        id=name,
        rows=np.arange(len(notes), dtype=np.int64),
        velocity=notes.velocity.astype(np.float64),
        robust=robust,
        share=1.0,
        onset_sec=notes.onset_sec,
        offset_sec=notes.onset_sec + notes.duration_sec,
        pedals=pedal_controls(reading.scan),
    )


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A score, or one performed file, with its performances.

    Attributes
    ----------
    id : str
        Unique in the corpus.
    origin : Origin
    composer, title : str
    split : "train", "validation" or "test"
    notes : NoteTable
        The whole piece as it is played, repeats unfolded.
    performances : tuple of Performance
    note_ids : tuple of str
        Id of each row in the score's MusicXML, with ``-1``, ``-2`` for the times it is played;
        empty where no performance was aligned to the note.
    score : str
        Path of the score's MusicXML inside the corpus; empty where there is none.
    """

    id: str
    origin: Origin
    composer: str
    title: str
    split: SplitName
    notes: NoteTable
    performances: tuple[Performance, ...]
    note_ids: tuple[str, ...] = ()
    score: str = ""

    @property
    def composition(self) -> str:
        """Composer and title: what never stands in two splits."""
        return f"{self.composer}/{self.title}"

    def played_whole(self) -> list[Performance]:
        """Return the robustly aligned performances that have nine tenths of the notes or more."""
        least = _WHOLE * len(self.notes)
        return [own for own in self.performances if own.robust and len(own.rows) >= least]

    def with_notes(self, notes: NoteTable) -> Piece:
        """Return the piece with another table of the same rows."""
        return replace(self, notes=notes)

    def mean_velocity(self) -> tuple[FloatColumn, FloatColumn]:
        """Return the mean standardised velocity per note, and how many pianists it rests on.

        Velocities are standardised within each performance first, as pianists and pianos differ
        in level and spread. A performance whose alignment is not robust counts half. NaN where no
        pianist played the note.
        """
        total = np.zeros(len(self.notes))
        weight = np.zeros(len(self.notes))
        for performance in self.performances:
            share = 1.0 if performance.robust else 0.5
            total[performance.rows] += share * standardised(performance.velocity)
            weight[performance.rows] += share
        with np.errstate(invalid="ignore"):
            return np.where(weight > 0, total / weight, np.nan), weight


@dataclass(frozen=True)
class Corpus:
    """Pieces in a fixed order.

    Attributes
    ----------
    name : str
    pieces : tuple of Piece
    excluded : tuple of (str, str)
        What was left out, and why.
    """

    name: str
    pieces: tuple[Piece, ...]
    excluded: tuple[tuple[str, str], ...] = field(default=())


def standardised(velocity: NDArray[np.float64]) -> FloatColumn:
    """Return velocities less their mean, over their standard deviation (at least 3 units)."""
    return np.asarray((velocity - velocity.mean()) / max(float(velocity.std()), 3.0))


PIANO: dict[str, Any] = {"split": "none", "drums": (), "key_switches": False}
"""How the files of these corpora are read: every note is the one piano's."""
