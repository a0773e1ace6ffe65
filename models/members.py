"""Members at run time: ONNX graphs over rows or over the note sequence, and plain lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from .base import FloatColumn

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_ROWS_AT_ONCE = 16_384
_SEQUENCE_AT_ONCE = 8_192


@dataclass(frozen=True)
class Line:
    """A constant, or a straight line over a few columns: the floors.

    Attributes
    ----------
    intercept : float
    slopes : mapping of int to float
        Column index to standardised velocity per unit of the column.
    """

    intercept: float
    slopes: Mapping[int, float]

    def predict(self, values: NDArray[np.float32]) -> FloatColumn:
        """Return intercept plus slopes times columns; a missing value counts as 0."""
        total = np.full(len(values), self.intercept)
        for column, slope in self.slopes.items():
            total += slope * np.nan_to_num(values[:, column].astype(np.float64))
        return total


@dataclass(frozen=True)
class OnnxRows:
    """A graph from (n, n_features) to (n,) or (n, 1), run in chunks of bounded memory."""

    session: LazySession
    columns: NDArray[np.int64]

    def predict(self, values: NDArray[np.float32]) -> FloatColumn:
        """Return the graph's output for every row."""
        parts = [
            _run(self.session, _chunk(values, start, start + _ROWS_AT_ONCE, self.columns))
            for start in range(0, len(values), _ROWS_AT_ONCE)
        ]
        return np.concatenate([part.reshape(-1) for part in parts]).astype(np.float64)


@dataclass(frozen=True)
class OnnxSequence:
    """A graph from (1, n, n_features) to (1, n), in chunks that overlap by ``context`` notes."""

    session: LazySession
    columns: NDArray[np.int64]
    context: int

    def predict(self, values: NDArray[np.float32]) -> FloatColumn:
        """Return the graph's output for every note, each heard with its surroundings."""
        out = np.empty(len(values))
        for start in range(0, len(values), _SEQUENCE_AT_ONCE):
            stop = min(start + _SEQUENCE_AT_ONCE, len(values))
            first = max(start - self.context, 0)
            chunk = _chunk(values, first, stop + self.context, self.columns)
            heard = _run(self.session, chunk[None]).reshape(-1)
            out[start:stop] = heard[start - first : stop - first]
        return out


def _chunk(
    values: NDArray[np.float32], first: int, last: int, columns: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Return rows and columns of a table that stands column by column, row by row."""
    part = values[first:last]
    if len(columns) == values.shape[1] and (np.diff(columns) == 1).all():
        return np.ascontiguousarray(part)
    return np.ascontiguousarray(part.T[columns].T)


def _run(session: LazySession, values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(session.run(values), dtype=np.float32)


class LazySession:
    """A graph that is opened when it first runs, so that a run pays only for what it uses.

    Parameters
    ----------
    graph : bytes
        ONNX with one input and one output.
    where : str
        What messages call it.
    """

    def __init__(self, graph: bytes, *, where: str) -> None:
        self._graph, self._where = graph, where
        self._session: InferenceSession | None = None

    def run(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the output for one input.

        Raises
        ------
        ModelError
            If the bytes are not a graph that this onnxruntime runs.
        """
        if self._session is None:
            self._session = open_session(self._graph, where=self._where)
        name = self._session.get_inputs()[0].name
        output: NDArray[np.float32] = self._session.run(None, {name: values})[0]
        return output


def open_session(graph: bytes, *, where: str) -> InferenceSession:
    """Open an ONNX graph on one thread.

    Raises
    ------
    ModelError
        If the bytes are not a graph that this onnxruntime runs.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except (
        onnxruntime.capi.onnxruntime_pybind11_state.Fail,
        onnxruntime.capi.onnxruntime_pybind11_state.InvalidGraph,
        onnxruntime.capi.onnxruntime_pybind11_state.InvalidProtobuf,
        onnxruntime.capi.onnxruntime_pybind11_state.NotImplemented,
    ) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(
            f"{where}: {reason}; expected an ONNX graph of this format version"
        ) from None


def make_member(
    spec: Mapping[str, Any], graph: bytes | None, columns: NDArray[np.int64], *, where: str
) -> Any:
    """Return the run-time member that a manifest entry describes.

    Raises
    ------
    ModelError
        For an unknown kind.
    """
    if spec["kind"] == "line":
        slopes = spec["slopes"]  # their order in a manifest is that of the alphabet
        named = zip(spec["columns"], columns.tolist(), strict=True)
        return Line(spec["intercept"], {position: slopes[name] for name, position in named})
    if graph is not None and spec["kind"] == "rows":
        return OnnxRows(LazySession(graph, where=where), columns)
    if graph is not None and spec["kind"] == "sequence":
        return OnnxSequence(LazySession(graph, where=where), columns, int(spec["context"]))
    if graph is not None and spec["kind"] == "pianoroll":
        from .pianoroll import PianorollMember  # history: no bundle that ships has one

        step = float(spec["options"]["step_sec"])
        return PianorollMember(LazySession(graph, where=where), columns, step)
    raise ModelError(
        f"{where}: member kind {spec['kind']!r}; expected line, rows, sequence or pianoroll"
    )
