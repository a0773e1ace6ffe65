"""Scores with pianists of MAESTRO and the Saarland Music Data aligned to them, note by note.

Hawthorne et al., Enabling factorized piano music modeling and generation with the MAESTRO dataset,
ICLR 2019 (CC BY-NC-SA 4.0); Müller et al., Saarland Music Data, ISMIR 2011 (CC BY-NC-SA 3.0);
scores of piano-midi.de, DCML and the Fryderyk Chopin Institute. To be treated as non-commercial.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from humanize.corpus.held_out import cleared
from humanize.corpus.indexed import Row, read_index
from humanize.corpus.pieces import PIANO, Corpus, Origin, Performance, Piece
from humanize.midi.reading import read_midi
from humanize.notes import FloatColumn, IntColumn, NoteTable

ORIGIN = Origin(
    "maestro-aligned",
    "CC BY-NC-SA 4.0",
    "MAESTRO v3 (Hawthorne et al. 2019) and Saarland Music Data (Müller et al. 2011) on scores of "
    "piano-midi.de (Bernd Krueger), DCML and the Fryderyk Chopin Institute",
)

_PER_BEAT = 1000  # onsets of score.csv have five decimals, those of score.mid 3,360 ticks

ONE_WORK = {r"op42_\d+[a-z]?$": "op42"}
"""Endings of folders that are parts of one composition, and what stands for them."""


def load_scores(
    folder: Path, held_out: Sequence[Piece] = (), *, beyond_asap: bool = False
) -> Corpus:
    """Load every score with every performance aligned to it.

    Parameters
    ----------
    folder : Path
        Where ``index.csv`` lies.
    held_out : sequence of Piece
        Compositions that must not be trained on.
    beyond_asap : bool
        Leave out scores of compositions that ASAP has.

    Raises
    ------
    CorpusError
        If the folder is not laid out as the corpus is.
    """
    needed = ("score", "composer", "title", "in_asap")
    rows, left_out = read_index(folder, corpus="maestro-aligned", needed=needed)
    by_score: dict[str, list[Row]] = {}
    for row in rows:
        if not (beyond_asap and row["in_asap"]):
            by_score.setdefault(row["score"], []).append(row)
    pieces = tuple(_piece(folder, score, own) for score, own in by_score.items())
    return cleared(Corpus(ORIGIN.name, pieces, left_out), held_out)


def _piece(folder: Path, score: str, rows: list[Row]) -> Piece:
    notes = read_midi((folder / score).read_bytes(), name=score, **PIANO).pieces[0]
    row_of = _rows_of_score(notes, folder / Path(score).parent / "score.csv")
    return Piece(
        id=score,
        origin=ORIGIN,
        composer=rows[0]["composer"],
        title=_title(Path(score).parent.name, rows[0]["title"]),
        split="train",
        notes=notes,
        performances=tuple(_performance(folder, row, row_of) for row in rows),
    )


def _title(name: str, title: str) -> str:
    """Return what a composition is called: the folder's name, as titles of performances vary."""
    for ending, work in ONE_WORK.items():
        name = re.sub(ending, work, name)
    return f"{name} ({title})" if name.startswith("nifc") else name


def _rows_of_score(notes: NoteTable, path: Path) -> IntColumn:
    """Return the row of the note table for each row of ``score.csv``; -1 where there is none."""
    onset, pitch = _columns(path, "onset_beat", "pitch")
    waiting: dict[tuple[int, int], list[int]] = {}
    for row, key in enumerate(zip(_ticks(notes.onset_beat), notes.pitch.tolist(), strict=True)):
        waiting.setdefault(key, []).append(row)
    found = []
    for at, key in zip(_ticks(onset), pitch.astype(np.int64).tolist(), strict=True):
        near = (waiting.get((at + shift, key)) for shift in (0, -1, 1))
        rows = next((rows for rows in near if rows), None)
        found.append(rows.pop(0) if rows else -1)
    return np.array(found, dtype=np.int64)


def _ticks(onset: FloatColumn) -> list[int]:
    return np.round(onset * _PER_BEAT).astype(np.int64).tolist()


def _performance(folder: Path, row: Row, row_of: IntColumn) -> Performance:
    note, velocity, onset, duration = _columns(
        folder / row["path"], "note", "velocity", "onset_sec", "duration_sec"
    )
    rows = row_of[note.astype(np.int64)]
    known = rows >= 0
    return Performance(
        id=row["path"],
        rows=rows[known],
        velocity=velocity[known],
        robust=True,
        share=float(known.mean()),
        onset_sec=onset[known],
        offset_sec=(onset + duration)[known],
    )


def _columns(path: Path, *names: str) -> list[FloatColumn]:
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [np.array([float(row[name]) for row in rows]) for name in names]
