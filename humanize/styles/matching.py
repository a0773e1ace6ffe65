"""Two files of the same notes: which note of one is which of the other.

A file that was performed by this package holds the notes as they were notated; they are what both
are read against. Otherwise the file on the grid is, or, of two performances, the first, whose time
then stands for the beat.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from humanize.corpus.alignment import align_performance
from humanize.errors import InputError, LimitError
from humanize.features.context import CHORD_SPREAD_SEC, PERFORMED_BEATS_PER_SEC
from humanize.files import holds_score
from humanize.interpretation.attributes import Expression
from humanize.interpretation.dynamics import UNMARKED
from humanize.interpretation.performing import notated_time_map
from humanize.interpretation.shaping import round_velocity
from humanize.interpretation.timing import ONE_SECOND_A_BEAT
from humanize.midi.pedals import Controls
from humanize.midi.reading import MidiPieces, pedal_controls, read_midi
from humanize.midi.record import find_performance, strip_performance
from humanize.notes import IntColumn, NoteTable, starts
from humanize.reporting.wording import counted
from humanize.styles.expressing import express

LEAST_SHARE = 0.6
"""Of the notes of either file that must be found in the other."""

LEAST_NOTES, LEAST_ONSETS = 8, 4
_MOST_CELLS = 16_000_000  # pairs of onsets that are compared where notes differ


@dataclass(frozen=True, kw_only=True)
class File:
    """A MIDI file that holds one interpretation.

    Attributes
    ----------
    name : str
    content : bytes
    reading : MidiPieces
    plain : bytes or None
        The file that it was made of, where it says.
    """

    name: str
    content: bytes
    reading: MidiPieces
    plain: bytes | None

    @property
    def notes(self) -> NoteTable:
        """All notes, canonical order."""
        return self.reading.pieces[0]

    @property
    def pedals(self) -> Controls:
        """What the feet do."""
        return pedal_controls(self.reading.scan)

    @property
    def on_the_grid(self) -> bool:
        """Whether its ticks are notation's."""
        return self.notes.timing == "score"


def read_interpretation(content: bytes, *, name: str) -> File:
    """Read a MIDI file as an interpretation of its notes.

    Raises
    ------
    MidiError
        If it is damaged or has no notes.
    InputError
        If it holds several pieces.
    """
    if holds_score(name, content):
        raise InputError(
            f"{name}: a score found; expected a MIDI file. 'humanize perform' makes one of it"
        )
    reading = read_midi(content, name=name)
    if len(reading.pieces) > 1:
        raise InputError(
            f"{name}: {counted(len(reading.pieces), 'piece')} found, one a track (type 2); "
            "expected one. Save each track as a file of its own"
        )
    plain = strip_performance(content, name=name) if find_performance(content) else None
    return File(name=name, content=content, reading=reading, plain=plain)


@dataclass(frozen=True, kw_only=True)
class Matched:
    """Two interpretations on the notes that both play.

    Attributes
    ----------
    base : File
        Whose notation both are read against.
    notes : NoteTable
        The notes that both play, as notated.
    rows : (n,) IntColumn
        Which of the base's (or of ``in_chords`` of it) they are.
    first_rows, second_rows : (n,) IntColumn
        Rows of each file's own notes.
    share : float
        Of the notes of the longer file.
    notated : bool
        Whether the base is notation, and not a performance whose time stands for the beat.
    first, second : File
    """

    base: File
    notes: NoteTable
    rows: IntColumn
    first_rows: IntColumn
    second_rows: IntColumn
    share: float
    notated: bool
    first: File
    second: File

    def expressions(self, *, relative: bool = False) -> tuple[Expression, Expression]:
        """Return both interpretations, of the same notes.

        Parameters
        ----------
        relative : bool
            To the notated tempi, as they are written, instead of to the beat.
        """
        notes = self.notes
        notated = notated_time_map(notes) if relative else ONE_SECOND_A_BEAT
        pairs = ((self.first, self.first_rows), (self.second, self.second_rows))
        one, two = (
            express(
                notes,
                file.notes.onset_sec[rows],
                file.notes.duration_sec[rows],
                file.notes.velocity[rows].astype(np.float64),
                file.pedals,
                notated=notated,
                own=notated_time_map(file.notes),
            )
            for file, rows in pairs
        )
        return one, two


def read_notation(content: bytes, *, name: str) -> File:
    """Read the notes that interpretations are of: a MIDI file, or a score, played to the letter.

    Raises
    ------
    InputError
        If it cannot be read, or is a performance.
    """
    if holds_score(name, content):
        from humanize.score import read_score, score_to_midi

        score = read_score(content, name=name)
        level = round_velocity(np.full(len(score.notes), UNMARKED, dtype=np.float64))
        content = score_to_midi(score, level, ornaments="written")
        return File(name=name, content=content, reading=read_midi(content, name=name), plain=None)
    file = read_interpretation(content, name=name)
    if file.plain is not None:
        file = read_interpretation(file.plain, name=name)
    if not file.on_the_grid:
        raise InputError(f"{name}: a performance found; expected notes on the grid, or a score")
    return file


def match(first: File, second: File, score: File | None = None) -> Matched:
    """Return two files as interpretations of the same notes.

    Parameters
    ----------
    first, second : File
    score : File, optional
        What both are read against, instead of what they say themselves.

    Raises
    ------
    InputError
        If they are not the same music, with the share that matched.
    LimitError
        If notes differ and there are too many to find out which.
    """
    base, notated = (score, True) if score else _base(first, second)
    written = base.notes if notated else in_chords(base.notes)
    one, two = (_rows(written, file) for file in (first, second))
    common = np.flatnonzero((one >= 0) & (two >= 0) & written.pitched)
    for file in (first, second):
        if not file.notes.pitched.any():
            raise InputError(f"{file.name}: only drums found; expected notes with a pitch")
    share = len(common) / max(int(f.notes.pitched.sum()) for f in (first, second))
    if share < LEAST_SHARE or len(common) < LEAST_NOTES:
        raise InputError(
            f"{first.name} and {second.name}: {share:.0%} of the notes match "
            f"({counted(len(common), 'note')}); expected {LEAST_SHARE:.0%} or more, and at least "
            f"{LEAST_NOTES}: two interpretations of the same music, with the same repeats"
        )
    onsets = int(starts(written.onset_beat[common]).sum())
    if onsets < LEAST_ONSETS:
        raise InputError(
            f"{first.name} and {second.name}: {counted(onsets, 'onset')} in common; expected at "
            f"least {LEAST_ONSETS}: nothing can be said of the timing of fewer"
        )
    return Matched(
        base=base, notes=written.take(common), rows=common,
        first_rows=one[common], second_rows=two[common],
        share=share, notated=notated, first=first, second=second,
    )  # fmt: skip


def _base(first: File, second: File) -> tuple[File, bool]:
    for file in (first, second):
        if file.plain is not None:
            plain = read_interpretation(file.plain, name=file.name)
            return plain, plain.on_the_grid
    for file in (first, second):
        if file.on_the_grid:
            return file, True
    return first, False


def in_chords(played: NoteTable) -> NoteTable:
    """Return a performance as if it were its own notation: a chord's notes begin together.

    There are two beats to a second, as features have it (``humanize.features.context``).
    """
    order = np.argsort(played.onset_sec, kind="stable")
    group = np.empty(len(played), dtype=np.int64)
    new = np.diff(played.onset_sec[order], prepend=-np.inf) > CHORD_SPREAD_SEC
    group[order] = np.cumsum(new) - 1
    onset = (np.bincount(group, played.onset_sec) / np.bincount(group))[group]
    length = played.onset_sec + played.duration_sec - onset
    return replace(
        played,
        onset_sec=onset,
        duration_sec=length,
        onset_beat=onset * PERFORMED_BEATS_PER_SEC,
        duration_beat=length * PERFORMED_BEATS_PER_SEC,
    ).canonical()


def _rows(score: NoteTable, file: File) -> IntColumn:
    """Return for each note of a score its row in a file; -1 where it is not played."""
    played = file.notes
    same = _same_notes(score, played)
    if same is not None:
        return same
    cells = len(np.unique(score.onset_beat)) * len(np.unique(played.onset_sec))
    if cells > _MOST_CELLS:
        raise LimitError(
            f"{file.name}: not the very notes of the other file, and too many ({len(played):,}) to "
            "find out which are the same; expected a piece. Cut both into movements"
        )
    return _inverse(align_performance(score, played), len(score))


def _same_notes(score: NoteTable, played: NoteTable) -> IntColumn | None:
    """Return the rows of the same notes by the order of each key; None where keys differ."""
    if len(score) != len(played):
        return None
    one = np.lexsort((np.arange(len(score)), score.channel, score.pitch))
    two = np.lexsort((np.arange(len(played)), played.channel, played.pitch))
    for column in ("pitch", "channel"):
        if not np.array_equal(getattr(score, column)[one], getattr(played, column)[two]):
            return None
    rows = np.empty(len(score), dtype=np.int64)
    rows[one] = two
    return rows


def _inverse(rows: IntColumn, length: int) -> IntColumn:
    inverse = np.full(length, -1, dtype=np.int64)
    known = np.flatnonzero(rows >= 0)
    inverse[rows[known]] = known
    return inverse
