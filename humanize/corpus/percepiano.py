"""The PercePiano corpus: excerpts of four works, each played by some ten pianists.

Park et al., PercePiano: a benchmark for perceptual evaluation of piano performance, Scientific
Reports 14 (2024); MIT licence, with no separate word on the data. Its excerpts of 4, 8 and 16 bars
overlap, so a work is one composition, whatever is cut out of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from humanize.corpus.alignment import align_performance
from humanize.corpus.held_out import cleared
from humanize.corpus.indexed import Row, read_index
from humanize.corpus.markings import markings_at
from humanize.corpus.pieces import PIANO, Corpus, Origin, Performance, Piece, performance_of_file
from humanize.midi.reading import MidiPieces, pedal_controls, read_midi
from humanize.notes import NoteTable

ORIGIN = Origin("percepiano", "MIT", "PercePiano (Park et al. 2024)")

WORKS = {
    "Beethoven_WoO80": ("Beethoven", "Variations_WoO_80"),
    "Schubert_D935_no.3": ("Schubert", "Impromptu_D935_3"),
    "Schubert_D960_mv2": ("Schubert", "Sonata_D960_2"),
    "Schubert_D960_mv3": ("Schubert", "Sonata_D960_3"),
}
"""What a title begins with: the composer and the composition."""

MIN_SHARE = 0.8
"""Share of performed notes that must be found in the score; below it an excerpt is left out."""

_FLAT = 64


def load_scores(
    folder: Path, held_out: Sequence[Piece] = (), *, marked: bool = False, shortest: int = 4
) -> Corpus:
    """Load the excerpts' scores with every performance aligned to them.

    Parameters
    ----------
    folder : Path
        Where ``index.csv`` lies.
    held_out : sequence of Piece
        Compositions that must not be trained on.
    marked : bool
        Whether notes have the markings of the excerpt's MusicXML.
    shortest : int
        Measures; shorter excerpts are left out.

    Raises
    ------
    CorpusError
        If the folder is not laid out as the corpus is.
    """
    rows, left_out = _rows(folder, shortest)
    by_score: dict[str, list[Row]] = {}
    for row in rows:
        by_score.setdefault(row["score"], []).append(row)
    without = tuple((row["path"], "no score") for row in by_score.pop("", []))
    pieces = [_piece(folder, score, own, marked) for score, own in by_score.items()]
    poor = tuple(
        (row["path"], "too few notes found in the score")
        for piece, own in zip(pieces, by_score.values(), strict=True)
        for row in own
        if row["path"] not in {p.id for p in piece.performances}
    )
    played = tuple(piece for piece in pieces if piece.performances)
    return cleared(Corpus(ORIGIN.name, played, (*left_out, *without, *poor)), held_out)


def load_performed(folder: Path, held_out: Sequence[Piece] = (), *, shortest: int = 4) -> Corpus:
    """Load every performance as a piece of its own, in the player's timing, with the pedals."""
    rows, left_out = _rows(folder, shortest)
    pieces = tuple(_performed(folder, row) for row in rows)
    return cleared(Corpus(f"{ORIGIN.name}-performed", pieces, left_out), held_out)


def _rows(folder: Path, shortest: int) -> tuple[list[Row], tuple[tuple[str, str], ...]]:
    rows, left_out = read_index(folder, corpus="PercePiano", needed=("title", "bars", "score"))
    short = tuple((r["path"], "too short") for r in rows if int(r["bars"]) < shortest)
    return [row for row in rows if int(row["bars"]) >= shortest], (*left_out, *short)


def _performed(folder: Path, row: Row) -> Piece:
    reading = _read(folder, row["path"])
    notes = reading.pieces[0]
    performance = performance_of_file(row["path"], reading)
    return _made(row["path"], row, replace(notes, timing="performed"), [performance])


def _piece(folder: Path, score: str, rows: list[Row], marked: bool) -> Piece:
    notes = replace(_read(folder, score).pieces[0], pedals={}, timing="score")
    notes = replace(notes, velocity=np.full(len(notes), _FLAT, dtype=np.int64))
    performances = [_aligned(notes, folder, row) for row in rows]
    if marked:
        path = folder / "score_xml" / (Path(score).stem + ".musicxml")
        notes = replace(notes, markings=markings_at(notes, path) if path.is_file() else {})
    return _made(score, rows[0], notes, [p for p in performances if p.share >= MIN_SHARE])


def _aligned(notes: NoteTable, folder: Path, row: Row) -> Performance:
    reading = _read(folder, row["path"])
    performed = reading.pieces[0]
    rows = align_performance(notes, performed)
    found = rows >= 0
    return Performance(
        id=row["path"],
        rows=rows[found],
        velocity=performed.velocity[found].astype(np.float64),
        robust=True,
        share=float(found.mean()),
        onset_sec=performed.onset_sec[found],
        offset_sec=(performed.onset_sec + performed.duration_sec)[found],
        pedals=pedal_controls(reading.scan),
    )


def _read(folder: Path, path: str) -> MidiPieces:
    return read_midi((folder / path).read_bytes(), name=path, **PIANO)


def _made(name: str, row: Row, notes: NoteTable, performances: list[Performance]) -> Piece:
    title = row["title"].strip()
    known = [about for start, about in WORKS.items() if title.startswith(start)]
    composer, work = known[0] if known else (row.get("composer", ""), title)
    return Piece(
        id=name,
        origin=ORIGIN,
        composer=composer,
        title=work,
        split="train",
        notes=notes,
        performances=tuple(performances),
    )
