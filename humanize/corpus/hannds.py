"""The hannds corpus: piano performances with the hands on separate tracks, in the players' timing.

cemfi/hannds, MIT licence. It has neither scores nor a tempo map, so it serves performed
timing only, and training only.
"""

from __future__ import annotations

from pathlib import Path

from humanize.corpus.pieces import PIANO, Corpus, Origin, Piece, performance_of_file
from humanize.errors import CorpusError
from humanize.midi.reading import read_midi

ORIGIN = Origin("hannds", "MIT", "hannds (cemfi/hannds)")

EXCLUDED = {
    "BachJS-PraeludiumCDur_WTK2.mid": "BWV 870, whose fugue is held out for testing",
    "Haydn-Sonate47_HMoll": "two numberings of the sonatas are in use, and one is held out",
    "Haydn-Sonatine_CDur": "two numberings of the sonatas are in use, and one is held out",
    "Mozart-ThemaVariation_FDur": "the work is not named; sonatas are held out for others",
}
"""Files, less their ending, that may hold a composition of a validation or test split, or one that
is left to evaluations by others."""

HELD_OUT_MARKS = (
    "op10no3", "op38", "kv279", "kv280", "kv281", "kv282", "kv283", "kv284", "kv330",
    "kv331", "kv332", "kv333", "kv457", "kv533", "d783", "op10no5", "op10no8", "barcarolle",
    "scherzoop20", "op142no1", "toccata", "kreisleriana", "momentmusical_1", "moment musical 1",
)  # fmt: skip
"""Parts of file names, lower case, that would name a held-out composition."""


def load_hannds(folder: Path) -> Corpus:
    """Load every performance that is not excluded; all of them are for training.

    Raises
    ------
    CorpusError
        If the folder has no MIDI files.
    """
    paths = sorted(folder.rglob("*.mid"))
    if not paths:
        raise CorpusError(f"{folder}: no .mid files; expected the folder of the hannds corpus")
    kept = [path for path in paths if not is_excluded(path)]
    left_out = tuple((p.name, EXCLUDED.get(p.stem, "held out")) for p in paths if is_excluded(p))
    return Corpus(ORIGIN.name, tuple(_piece(path) for path in kept), left_out)


def is_excluded(path: Path) -> bool:
    """Return whether a file is on the list, or its name says a held-out composition."""
    name = path.stem.lower()
    return path.stem in EXCLUDED or any(mark.lower() in name for mark in HELD_OUT_MARKS)


def _piece(path: Path) -> Piece:
    reading = read_midi(path.read_bytes(), name=path.name, **PIANO)
    notes = reading.pieces[0]
    composer, _, title = path.stem.replace("_", "-", 1).partition("-")
    performance = performance_of_file(path.name, reading)
    return Piece(
        id=path.name,
        origin=ORIGIN,
        composer=composer,
        title=title,
        split="train",
        notes=notes,
        performances=(performance,),
    )
