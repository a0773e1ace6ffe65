"""The scores of piano-midi.de: entered on a score grid, velocities and tempo shaped by hand.

Bernd Krueger, http://www.piano-midi.de, CC BY-SA 3.0 Germany. One musician's hand-made velocities
take the place of a pianist's. The tempo map of each file is his rubato, hundreds of changes; a flat
score has one tempo, the mean one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from humanize.corpus.held_out import cleared
from humanize.corpus.indexed import Row, read_index
from humanize.corpus.pieces import PIANO, Corpus, Origin, Piece, performance_of_file
from humanize.midi.reading import read_midi
from humanize.notes import NoteTable

ORIGIN = Origin(
    "piano-midi-de",
    "CC BY-SA 3.0 DE",
    "piano pieces of Bernd Krueger, source http://www.piano-midi.de, licensed under CC BY-SA 3.0 "
    "Germany (https://creativecommons.org/licenses/by-sa/3.0/de/)",
)

_FLAT = 64  # the velocity of every note of a score that says nothing


def load_scores(folder: Path, held_out: Sequence[Piece] = ()) -> Corpus:
    """Load every score at one tempo, its hand-made velocities as the one performance.

    Parameters
    ----------
    folder : Path
        Where ``index.csv`` lies.
    held_out : sequence of Piece
        Compositions that must not be trained on; see ``humanize.corpus.held_out``.

    Raises
    ------
    CorpusError
        If the folder is not laid out as the corpus is.
    """
    return _load(folder, held_out, performed=False)


def load_performed(folder: Path, held_out: Sequence[Piece] = ()) -> Corpus:
    """Load every file in its hand-made timing, with its hand-made pedals."""
    return _load(folder, held_out, performed=True)


def _load(folder: Path, held_out: Sequence[Piece], *, performed: bool) -> Corpus:
    rows, left_out = read_index(folder, corpus="piano-midi.de", needed=("composer", "title"))
    pieces = tuple(_piece(folder, row, performed) for row in rows)
    return cleared(Corpus(ORIGIN.name, pieces, left_out), held_out)


def _piece(folder: Path, row: Row, performed: bool) -> Piece:
    path = folder / row["path"]
    reading = read_midi(path.read_bytes(), name=row["path"], **PIANO)
    notes = reading.pieces[0]
    performance = performance_of_file(row["path"], reading)
    return Piece(
        id=row["path"],
        origin=ORIGIN,
        composer=row["composer"],
        title=row["title"],
        split="train",
        notes=replace(notes, timing="performed") if performed else at_one_tempo(notes),
        performances=(performance,),
    )


def at_one_tempo(notes: NoteTable) -> NoteTable:
    """Return a score at its mean tempo, without the velocities and pedals of a performance.

    The mean tempo plays the piece from its first to its last onset in the same time as its map.
    """
    beats = float(notes.onset_beat.max() - notes.onset_beat.min())
    seconds = float(notes.onset_sec.max() - notes.onset_sec.min())
    each = seconds / beats if beats > 0 and seconds > 0 else 0.5
    return replace(
        notes,
        onset_sec=notes.onset_beat * each,
        duration_sec=notes.duration_beat * each,
        velocity=np.full(len(notes), _FLAT, dtype=np.int64),
        pedals={},
        timing="score",
    )
