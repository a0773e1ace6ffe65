"""The Groove MIDI Dataset: drum performances to a click, with styles, tempi and a split of its own.

CC BY 4.0. Reference: Gillick, Roberts, Engel, Eck & Bamman, Learning to Groove with Inverse
Sequence Transformations, ICML 2019.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from humanize.corpus.pieces import Origin, SplitName
from humanize.errors import CorpusError
from humanize.midi.reading import read_midi
from humanize.notes import NoteTable

ORIGIN = Origin(
    "Groove",
    "CC BY 4.0",
    "Groove MIDI Dataset (Gillick, Roberts, Engel, Eck & Bamman 2019), Google LLC",
)

_SPLITS: tuple[SplitName, ...] = ("train", "validation", "test")
_COLUMNS = ("drummer", "id", "style", "time_signature", "midi_filename", "split")


@dataclass(frozen=True, kw_only=True)
class Take:
    """One performance of the corpus.

    Attributes
    ----------
    id : str
        Path inside the corpus, less its ending.
    drummer : str
    style : str
        The main style, such as ``funk``.
    metre : str
        Such as ``4-4``.
    split : "train", "validation" or "test"
    notes : NoteTable
        In performed time, which the beats of the click divide.
    """

    id: str
    drummer: str
    style: str
    metre: str
    split: SplitName
    notes: NoteTable


def load_groove(folder: Path, splits: Collection[str] = _SPLITS) -> tuple[Take, ...]:
    """Load the takes of some splits, in the order of the corpus' own table.

    Parameters
    ----------
    folder : Path
        Folder of the corpus, with ``info.csv``.
    splits : collection of str
        Some of train, validation and test, as that table says.

    Raises
    ------
    CorpusError
        If the table or a file of it is missing, or lacks a column.
    MidiError
        If a file is damaged.
    """
    return tuple(_takes(folder, splits))


def _takes(folder: Path, splits: Collection[str]) -> Iterator[Take]:
    for row in _rows(folder):
        if row["split"] not in splits:
            continue
        path = folder / row["midi_filename"]
        try:
            content = path.read_bytes()
        except OSError:
            raise CorpusError(
                f"{path}: missing; expected every file that info.csv names. Unpack the corpus again"
            ) from None
        yield Take(
            id=row["id"],
            drummer=row["drummer"],
            style=row["style"].partition("/")[0],
            metre=row["time_signature"],
            split=row["split"],  # type: ignore[arg-type]
            notes=read_midi(content, name=str(path)).pieces[0],
        )


def _rows(folder: Path) -> list[dict[str, str]]:
    path = folder / "info.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError:
        raise CorpusError(
            f"{folder}: no info.csv found; expected the folder of the Groove MIDI Dataset"
        ) from None
    lacking = [name for name in _COLUMNS if not rows or name not in rows[0]]
    if lacking:
        raise CorpusError(
            f"{path}: no column {lacking[0]!r} found; expected the table of the Groove MIDI Dataset"
        )
    return rows
