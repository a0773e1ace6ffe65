"""Members at run time: ONNX graphs over rows or over the note sequence, and plain lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from .base import FloatColumn, Member
from .graphs import LazySession, require_finite
from .manifest import Entry
from .onsets import ONSET_COLUMN, first_rows, onset_names, onset_rows

_ROWS_AT_ONCE = 16_384
_SEQUENCE_AT_ONCE = 8_192
_ONSETS_AT_ONCE = 2_048  # their rows are wide
_MOST_CONTEXT = 1_000_000  # notes


@dataclass(frozen=True)
class Line:
    """A constant, or a straight line over a few columns: the floors.

    Attributes
    ----------
    intercept : float
    slopes : mapping of int to float
        Column index to standardised value per unit of the column.
    where : str
        What messages call it.
    """

    intercept: float
    slopes: Mapping[int, float]
    where: str = field(default="line", compare=False)

    def predict(self, values: NDArray[np.float32]) -> FloatColumn:
        """Return intercept plus slopes times columns; a missing value counts as 0."""
        total = np.full(len(values), self.intercept)
        for column, slope in self.slopes.items():
            total += slope * np.nan_to_num(values[:, column].astype(np.float64))
        require_finite(total, where=self.where)
        return total


@dataclass(frozen=True)
class OnnxRows:
    """A graph from (n, n_features) to (n,) or (n, 1), run in chunks of bounded memory."""

    session: LazySession
    columns: NDArray[np.int64]

    def predict(self, values: NDArray[np.float32]) -> FloatColumn:
        """Return the graph's output for every row."""
        parts = []
        for start in range(0, len(values), _ROWS_AT_ONCE):
            chunk = _chunk(values, start, start + _ROWS_AT_ONCE, self.columns)
            parts.append(self.session.run(chunk, size=len(chunk)).reshape(-1))
        return np.concatenate(parts).astype(np.float64)


@dataclass(frozen=True)
class OnnxSequence:
    """A graph from (1, n, n_features) to (1, n), in chunks that overlap by ``context`` notes."""

    session: LazySession
    columns: NDArray[np.int64]
    context: int
    at_once: int = 0  # rows of a chunk; the usual number at 0

    def predict(self, values: NDArray[np.float32]) -> FloatColumn:
        """Return the graph's output for every note, each read with its surroundings."""
        out = np.empty(len(values))
        size = self.at_once or _SEQUENCE_AT_ONCE
        for start in range(0, len(values), size):
            stop = min(start + size, len(values))
            first = max(start - self.context, 0)
            chunk = _chunk(values, first, stop + self.context, self.columns)
            predicted = self.session.run(chunk[None], size=len(chunk)).reshape(-1)
            out[start:stop] = predicted[start - first : stop - first]
        return out


@dataclass(frozen=True)
class PerOnset:
    """A member over one row for each onset; every note of the onset gets its value.

    Attributes
    ----------
    member : Member
        Over rows as ``onsets.onset_rows`` makes them.
    columns, chord : IntColumn
        Those read of the highest note; and which of these, by their place there, are read of the
        lowest and as a mean too.
    onset : int
        Where the notes' place in the piece stands.
    """

    member: Member
    columns: NDArray[np.int64]
    chord: NDArray[np.int64]
    onset: int

    def predict(self, values: NDArray[np.float32]) -> FloatColumn:
        """Return the member's output for the onset of every note."""
        first = first_rows(values[:, self.onset])
        own = _chunk(values, 0, len(values), self.columns)
        predicted = self.member.predict(onset_rows(own, first, self.chord))
        return np.repeat(predicted, np.diff(np.append(first, len(values))))


def _chunk(
    values: NDArray[np.float32], first: int, last: int, columns: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Return rows and columns of a table that stands column by column, row by row."""
    part = values[first:last]
    if len(columns) == values.shape[1] and (np.diff(columns) == 1).all():
        return np.ascontiguousarray(part)
    return np.ascontiguousarray(part.T[columns].T)


def make_member(
    spec: Entry, graph: bytes | None, columns: Mapping[str, int], *, where: str
) -> Member:
    """Return the run-time member that a manifest entry describes.

    Parameters
    ----------
    spec : Entry
    graph : bytes or None
        ONNX; None for a line.
    columns : mapping of str to int
        The columns that it reads, in their order, and where they stand among those of its head.
    where : str
        What messages call it.

    Raises
    ------
    ModelError
        For an unknown kind, or an entry that lacks what its kind needs.
    """
    kind = spec.field("kind").text()
    if kind == "line":
        return _line(spec, columns, where)
    if kind not in _OF_GRAPH:
        raise spec.field("kind").wrong("line, rows, sequence or pianoroll")
    if graph is None:
        raise spec.wrong("the name of its file")
    chord = spec.optional("chord_columns")
    if chord is not None:
        return _per_onset(spec, chord, graph, columns, where)
    return _OF_GRAPH[kind](spec, graph, columns, where)


def _per_onset(
    spec: Entry, chord: Entry, graph: bytes, columns: Mapping[str, int], where: str
) -> Member:
    """Return a member over onsets, which names the columns that it reads of whole chords."""
    names, differing = tuple(columns), chord.texts()
    if set(differing) - set(names) or ONSET_COLUMN not in names:
        raise chord.wrong(f"some of its columns, {ONSET_COLUMN} among these")
    read = onset_names(names, differing)
    made = _OF_GRAPH[spec.field("kind").text()]
    inner = made(spec, graph, {name: place for place, name in enumerate(read)}, where)
    if isinstance(inner, OnnxSequence):
        inner = replace(inner, at_once=_ONSETS_AT_ONCE)
    places = np.array([names.index(name) for name in differing], dtype=np.int64)
    return PerOnset(inner, _positions(columns), places, columns[ONSET_COLUMN])


def _line(spec: Entry, columns: Mapping[str, int], where: str) -> Line:
    slopes = {}
    for name, slope in spec.field("slopes").items():
        if name not in columns:
            raise slope.wrong("a slope for one of its columns")
        slopes[columns[name]] = slope.number()
    return Line(spec.field("intercept").number(), slopes, where)


def _rows(spec: Entry, graph: bytes, columns: Mapping[str, int], where: str) -> Member:
    session = LazySession(graph, where=where, shape=(None, len(columns)))
    return OnnxRows(session, _positions(columns))


def _sequence(spec: Entry, graph: bytes, columns: Mapping[str, int], where: str) -> Member:
    context = spec.field("context").whole(0, _MOST_CONTEXT)
    session = LazySession(graph, where=where, shape=(1, None, len(columns)))
    return OnnxSequence(session, _positions(columns), context)


def _pianoroll(spec: Entry, graph: bytes, columns: Mapping[str, int], where: str) -> Member:
    from .pianoroll import COLUMNS, ROWS, PianorollMember  # history: no bundle that ships has one

    if tuple(columns) != COLUMNS:
        raise spec.wrong(f"the columns {', '.join(COLUMNS)}")
    step = spec.field("options").field("step_sec").number(0.01, 10.0)
    session = LazySession(graph, where=where, shape=(1, None, ROWS))
    return PianorollMember(session, _positions(columns), step)


def _positions(columns: Mapping[str, int]) -> NDArray[np.int64]:
    return np.array(list(columns.values()), dtype=np.int64)


_OF_GRAPH: dict[str, Callable[[Entry, bytes, Mapping[str, int], str], Member]] = {
    "rows": _rows,
    "sequence": _sequence,
    "pianoroll": _pianoroll,
}
