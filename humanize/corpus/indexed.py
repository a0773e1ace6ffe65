"""The index of a corpus: a row a file, with what is left out and why."""

from __future__ import annotations

import csv
from pathlib import Path

from humanize.errors import CorpusError

Row = dict[str, str]


def read_index(
    folder: Path, *, corpus: str, needed: tuple[str, ...]
) -> tuple[list[Row], tuple[tuple[str, str], ...]]:
    """Return the rows that count, and the others with why they do not.

    Parameters
    ----------
    folder : Path
        Where ``index.csv`` lies.
    corpus : str
        What messages call it.
    needed : tuple of str
        Columns that the rows must have, beside ``path`` and ``exclude``.

    Raises
    ------
    CorpusError
        If there is no such file, or a column is missing.
    """
    path = folder / "index.csv"
    if not path.is_file():
        raise CorpusError(f"{folder}: no index.csv; expected the folder of the {corpus} corpus")
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    columns = {"path", "exclude", *needed}
    if not rows or not columns <= rows[0].keys():
        raise CorpusError(f"{path}: columns missing; expected {', '.join(sorted(columns))}")
    left_out = [(r["path"], r.get("why") or "left out") for r in rows if r["exclude"] == "1"]
    return [row for row in rows if row["exclude"] != "1"], tuple(left_out)
