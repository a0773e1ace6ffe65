"""The composer's markings for the pieces of a corpus, from the MusicXML of their scores."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from humanize.corpus.pieces import Piece
from humanize.interpretation.dynamics import WRITTEN, with_written_dynamics
from humanize.notes import MARKINGS, TIME_MARKINGS, FloatColumn, NoteTable
from humanize.score import read_score

_PER_BEAT = 24  # onsets are compared on this grid
_HELD = ("notated_level", "notated_level_slope", "voice", "staff")


def mark_pieces(pieces: Sequence[Piece], folder: Path, *, workers: int = 1) -> list[Piece]:
    """Return the pieces with the markings of their scores.

    A piece whose MusicXML is missing keeps what the velocities of its MIDI score tell.

    Parameters
    ----------
    pieces : sequence of Piece
    folder : Path
        Of the corpus.
    workers : int
        Processes.
    """
    work = partial(mark_piece, folder=folder)
    if workers == 1:
        return [work(piece) for piece in pieces]
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(work, pieces, chunksize=2))


def mark_piece(piece: Piece, *, folder: Path) -> Piece:
    """Return one piece with the markings of its score."""
    path = folder / piece.score
    if not piece.score or not path.is_file():
        return piece.with_notes(with_written_dynamics(piece.notes)[0])
    reading = read_score(path)
    row_of = {_base(note_id): row for row, note_id in enumerate(reading.note_ids)}
    rows = np.array([row_of.get(_base(note_id), -1) for note_id in piece.note_ids], dtype=np.int64)
    columns = {
        name: _mapped(name, reading.notes.marking(name), rows)
        for name in (*MARKINGS, *TIME_MARKINGS)
        if name in reading.notes.markings
    }
    return piece.with_notes(replace(piece.notes, markings=columns))


def markings_at(notes: NoteTable, path: Path) -> dict[str, FloatColumn]:
    """Return the markings of a score for notes that have no ids, met by onset and pitch.

    Parameters
    ----------
    notes : NoteTable
        Of the same music, in the same notated time.
    path : Path
        MusicXML.
    """
    written = read_score(path).notes
    row_of = {key: row for row, key in reversed(list(enumerate(_places(written))))}
    rows = np.array([row_of.get(key, -1) for key in _places(notes)], dtype=np.int64)
    found = [name for name in MARKINGS if name in written.markings]
    return {name: _mapped(name, written.marking(name), rows) for name in found}


def _places(notes: NoteTable) -> list[tuple[int, int]]:
    onset = np.round(notes.onset_beat * _PER_BEAT).astype(np.int64).tolist()
    return list(zip(onset, notes.pitch.tolist(), strict=True))


def level_only(notes: NoteTable) -> NoteTable:
    """Return the table with no markings but those that a MIDI file's velocities can tell.

    They are read from the velocities where these have plateaus, else from the score's markings.
    """
    written = with_written_dynamics(replace(notes, markings={}))[0]
    if written.markings:
        return written
    return replace(notes, markings={name: notes.marking(name) for name in WRITTEN})


def _base(note_id: str) -> str:
    """Return the id without the count of the repeat."""
    head, dash, tail = note_id.rpartition("-")
    return head if dash and tail.isdecimal() else note_id


def _mapped(name: str, column: FloatColumn, rows: np.typing.NDArray[np.int64]) -> FloatColumn:
    """Return a marking for each note; one that the score lacks has the level before it, no mark."""
    known = rows >= 0
    mapped = np.where(known, column[np.maximum(rows, 0)], np.nan if not known.any() else 0.0)
    if name in _HELD and known.any():
        latest = np.maximum.accumulate(np.where(known, np.arange(len(rows)), -1))
        latest = np.where(latest < 0, np.flatnonzero(known)[0], latest)
        mapped = mapped[latest]
    return mapped
