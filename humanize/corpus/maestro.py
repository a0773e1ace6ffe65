"""Performances without scores: MAESTRO and the Saarland Music Data, in the players' timing.

Hawthorne et al., Enabling factorized piano music modeling and generation with the MAESTRO dataset,
ICLR 2019 (CC BY-NC-SA 4.0); Müller et al., Saarland Music Data, ISMIR 2011 (CC BY-NC-SA 3.0).
A file may hold a whole sonata; the same work stands under several spellings, so compositions are
named by their music (``humanize.corpus.content.with_shared_compositions``).
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

MAESTRO = Origin(
    "maestro", "CC BY-NC-SA 4.0", "MAESTRO v3 (Hawthorne et al. 2019), performances without scores"
)
SMD = Origin("smd", "CC BY-NC-SA 3.0", "Saarland Music Data (Müller et al. 2011)")


def load_maestro(
    folder: Path, held_out: Sequence[Piece] = (), *, most: int | None = None
) -> Corpus:
    """Load MAESTRO's performances, one of each title where ASAP has not cut its own from the file.

    Parameters
    ----------
    folder : Path
        Where ``index.csv`` lies.
    held_out : sequence of Piece
        Compositions that must not be trained on, by name and by music.
    most : int, optional
        How many titles, drawn once with a fixed seed; all by default.

    Raises
    ------
    CorpusError
        If the folder is not laid out as the corpus is.
    """
    rows, left_out = read_index(folder, corpus="MAESTRO", needed=("composer", "title", "in_asap"))
    first: dict[tuple[str, str], Row] = {}
    for row in rows:
        if not row["in_asap"]:
            first.setdefault((row["composer"], row["title"]), row)
    chosen = list(first.values())
    if most is not None:
        order = np.random.default_rng(0).permutation(len(chosen))[:most]
        chosen = [chosen[i] for i in sorted(order.tolist())]
    return _corpus(MAESTRO, folder, chosen, left_out, held_out)


def load_smd(folder: Path, held_out: Sequence[Piece] = ()) -> Corpus:
    """Load the performances of the Saarland Music Data; see ``load_maestro``."""
    rows, left_out = read_index(folder, corpus="Saarland Music Data", needed=("composer", "title"))
    return _corpus(SMD, folder, rows, left_out, held_out)


def _corpus(
    origin: Origin,
    folder: Path,
    rows: Sequence[Row],
    left_out: tuple[tuple[str, str], ...],
    held_out: Sequence[Piece],
) -> Corpus:
    pieces = tuple(_piece(origin, folder, row) for row in rows)
    return cleared(Corpus(origin.name, pieces, left_out), held_out)


def _piece(origin: Origin, folder: Path, row: Row) -> Piece:
    path = folder / row["path"]
    reading = read_midi(path.read_bytes(), name=row["path"], **PIANO)
    notes = reading.pieces[0]
    performance = performance_of_file(row["path"], reading)
    return Piece(
        id=row["path"],
        origin=origin,
        composer=row["composer"],
        title=row["title"],
        split="train",
        notes=replace(notes, timing="performed"),
        performances=(performance,),
    )
