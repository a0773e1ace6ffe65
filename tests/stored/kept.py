"""What is stored of a few pieces, and how it is made: note tables, feature tables, predictions.

The files are text, so that a change shows where it is: a line for each note of a note table, a line
for each column of a feature table, a line for each piece of the predictions of a model.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from humanize import NoteTable, humanize_bytes, predict_velocities, read_midi
from humanize.features import feature_table
from humanize.notes import MARKINGS, PEDALS
from humanize.score import read_score

FOLDER = Path(__file__).parent
EXAMPLES = FOLDER.parent.parent / "examples"
SMALL = ("two_hands.mid", "markings.musicxml", "exposition.mid")
SHIPPED = ("bach_prelude.mid", "waltz.mid", "waltz.musicxml", "fugue.mid")
MODELS = ("piano-1", "piano-1-fast", "piano-free")
PREDICTION_DECIMALS = 4
_LEVEL = 64
Row = list[str]


def content_of(piece: str) -> bytes:
    folder = FOLDER / "pieces" if piece in SMALL else EXAMPLES
    return (folder / piece).read_bytes()


def read_notes(piece: str) -> NoteTable:
    """Return what the reader makes of a piece."""
    content = content_of(piece)
    if piece.endswith(".mid"):
        return read_midi(content, name=piece).pieces[0]
    return read_score(content, name=piece).notes


def stored_notes(piece: str) -> NoteTable:
    rows = _read(FOLDER / "notes" / f"{piece}.csv")
    (timing, metre), names, *notes = rows
    columns = dict(zip(names, zip(*notes, strict=True), strict=True))
    markings = {n: _floats(columns.pop(n)) for n in MARKINGS if n in columns}
    pedals = {n: _floats(columns.pop(n)) for n in PEDALS if n in columns}
    own = {
        n: _floats(c) if n.endswith(("_beat", "_sec")) else np.array(c, dtype=np.int64)
        for n, c in columns.items()
    }
    return NoteTable(
        **own,
        markings=markings,
        pedals=pedals,
        timing="performed" if timing == "performed" else "score",
        metre_known=metre == "metre known",
    )


def rows_of_notes(notes: NoteTable) -> list[Row]:
    columns = notes.columns()
    names = [f.name for f in fields(notes) if f.name in columns]
    names += [name for name in (*MARKINGS, *PEDALS) if name in columns]
    head = [notes.timing, "metre known" if notes.metre_known else "metre unknown"]
    values = zip(*(columns[name].tolist() for name in names), strict=True)
    return [head, names, *([_shown(v) for v in row] for row in values)]


def stored_features(piece: str) -> dict[str, NDArray[np.float32]]:
    rows = _read(FOLDER / "features" / f"{piece}.csv")
    return {name: _floats(values).astype(np.float32) for name, *values in rows}


def rows_of_features(notes: NoteTable) -> list[Row]:
    table = feature_table(notes)
    return [
        [name, *("" if np.isnan(v) else str(v).removesuffix(".0") for v in column)]
        for name, column in zip(table.names, table.values.T, strict=True)
    ]


def stored_predictions(model: str) -> dict[tuple[str, str], NDArray[np.float64]]:
    rows = _read(FOLDER / "predictions" / f"{model}.csv")
    return {(piece, way): _floats(values) for piece, way, *values in rows}


def rows_of_predictions(model: str) -> list[Row]:
    return [
        [piece, way, *(f"{v:.{PREDICTION_DECIMALS}f}" for v in values)]
        for piece in (*SHIPPED, *SMALL)
        for way, values in predictions(piece, model).items()
    ]


def predictions(piece: str, model: str) -> dict[str, NDArray[np.float64]]:
    """Return what a model says of a piece in every condition, and what comes of the whole file.

    The notes of a small piece are those stored, so that no reader has a part in them.
    """
    notes = stored_notes(piece) if piece in SMALL else read_notes(piece)
    ways = {
        condition: predict_velocities(table, model=model)
        for condition, table in in_conditions(notes)
    }
    content = content_of(piece)
    for dynamics in ("auto", "follow"):
        result = humanize_bytes(content, name=piece, model=model, dynamics=dynamics)
        ways[f"file, dynamics {dynamics}"] = np.concatenate(result.predicted)
    return ways


def in_conditions(notes: NoteTable) -> Iterator[tuple[str, NoteTable]]:
    """Yield the notes as each route gets them; without markings none is marked."""
    level = np.full(len(notes), _LEVEL, dtype=np.int64)
    bare = replace(notes, markings={}, velocity=level)
    yield "flat", replace(bare, timing="score")
    if notes.markings:
        yield "marked", replace(notes, velocity=level, timing="score")
    yield "performed", replace(bare, timing="performed")


def differing(
    stored: Mapping[str, NDArray[np.float32]], names: tuple[str, ...], values: NDArray[np.float32]
) -> list[str]:
    """Return a line for each stored column that the values do not have, or have otherwise."""
    place = {name: i for i, name in enumerate(names)}
    lines = [f"{name} is stored and not registered" for name in stored if name not in place]
    for name, expected in stored.items():
        found = values[:, place[name]] if name in place else expected
        same = np.isclose(found, expected, rtol=1e-6, atol=1e-6, equal_nan=True)
        if not same.all():
            row = int(np.flatnonzero(~same)[0])
            lines.append(
                f"{name}: {(~same).sum()} notes differ; note {row} is {found[row]}, "
                f"stored {expected[row]}"
            )
    return lines


def _shown(value: float | int) -> str:
    return "" if value != value else repr(value).removesuffix(".0")


def _floats(values: tuple[str, ...] | list[str]) -> NDArray[np.float64]:
    return np.array([float(v) if v else np.nan for v in values])


def _read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def write(path: Path, rows: list[Row]) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
