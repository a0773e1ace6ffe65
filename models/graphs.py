"""ONNX graphs at run time: what may be in one, how it is opened, what it must answer.

A graph is arithmetic over the features and nothing else. Only the operators that training writes
may be in it: no loop, so that it ends; no function of its own; no weights in other files. That is
read off the bytes before onnxruntime sees them. Standard: ONNX IR specification, version 8.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

OPERATORS = frozenset({
    "Add", "BatchNormalization", "Cast", "Clip", "Concat", "Constant", "ConstantOfShape",
    "Conv", "Div", "Erf", "Gather", "Gemm", "IsNaN", "LSTM", "LayerNormalization", "MatMul",
    "Min", "Mul", "Relu", "Reshape", "Shape", "Sigmoid", "Split", "Squeeze", "Sub", "Transpose",
    "Unsqueeze", "Where",
    "TreeEnsembleRegressor",
})  # fmt: skip
"""What training writes: trees, convolutions, LSTMs, the tabular net and its normalisation."""

_DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml"})

# numbers of protobuf fields
_MODEL_GRAPH, _MODEL_FUNCTION = 7, 25
_GRAPH_NODE = 1
_NODE_OPERATOR, _NODE_DOMAIN = 4, 7

_ELSEWHERE = b"location"
"""Weights in another file are found under this key; it stands in no graph that training writes."""

_AGAIN = "Install or train the model again"


class LazySession:
    """A graph that is opened when it first runs, so that a run pays only for what it uses.

    Parameters
    ----------
    graph : bytes
        ONNX with one input and one output.
    where : str
        What messages call it.
    shape : tuple of int or None
        Of the input; None for a length that is not fixed.
    """

    def __init__(self, graph: bytes, *, where: str, shape: tuple[int | None, ...]) -> None:
        self._graph, self._where, self._shape = graph, where, shape
        self._session: InferenceSession | None = None

    def run(self, values: NDArray[np.float32], *, size: int) -> NDArray[np.float32]:
        """Return the output for one input.

        Parameters
        ----------
        values : float32 array
        size : int
            How many numbers the output must have.

        Raises
        ------
        ModelError
            If the bytes are not a graph that may and can be run, or it answers with anything but
            that many finite numbers.
        """
        if self._session is None:
            check_graph(self._graph, where=self._where)
            self._session = open_session(self._graph, where=self._where, shape=self._shape)
        try:
            output = self._session.run(None, {self._session.get_inputs()[0].name: values})[0]
            numbers = np.asarray(output, dtype=np.float32)
            fits = numbers.size == size
        except Exception:  # whatever the library raises: the border of the room
            raise ModelError(
                f"{self._where}: the graph fails on {values.shape[-2]} rows of "
                f"{values.shape[-1]} features; expected a value for each note. {_AGAIN}"
            ) from None
        if not fits:
            raise ModelError(
                f"{self._where}: the graph answers with {numbers.size} values for "
                f"{values.shape[-2]} rows; expected {size}. {_AGAIN}"
            )
        require_finite(numbers, where=self._where)
        return numbers


def open_session(graph: bytes, *, where: str, shape: tuple[int | None, ...]) -> InferenceSession:
    """Open an ONNX graph on one thread.

    Raises
    ------
    ModelError
        If the bytes are not a graph that this onnxruntime runs, or its input or output are others.
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # 1.32 writes to Microsoft otherwise
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    quiet = {"providers": ["CPUExecutionProvider"], "enable_fallback": 0}  # which is printed
    try:
        session = onnxruntime.InferenceSession(graph, options, **quiet)
        inputs = [(own.type, list(own.shape)) for own in session.get_inputs()]
        outputs = len(session.get_outputs())
    except Exception:  # whatever the library raises: the border of the room
        raise ModelError(
            f"{where}: not a graph that onnxruntime {onnxruntime.__version__} opens; expected one "
            f"as training writes it. {_AGAIN}"
        ) from None
    if len(inputs) != 1 or outputs != 1 or inputs[0][0] != "tensor(float)":
        raise ModelError(
            f"{where}: a graph with {len(inputs)} inputs and {outputs} outputs; expected one of "
            f"features and one of values, as single-precision numbers. {_AGAIN}"
        )
    _require_shape(inputs[0][1], shape, where)
    return session


def _require_shape(found: list[object], expected: tuple[int | None, ...], where: str) -> None:
    fits = len(found) == len(expected) and all(
        not isinstance(own, int) or wanted is None or own == wanted
        for own, wanted in zip(found, expected, strict=True)
    )
    if not fits:
        raise ModelError(
            f"{where}: a graph over {_last(found)} features; expected {expected[-1]}, as the "
            f"manifest names. {_AGAIN}"
        )


def _last(shape: list[object]) -> object:
    return shape[-1] if shape else "no"


def require_finite(values: NDArray[Any], *, where: str) -> None:
    """Raise ModelError if one of the values is missing or infinite."""
    if not np.isfinite(values).all():
        raise ModelError(
            f"{where}: the model answers with something that is no number; expected a finite value "
            f"for each note. {_AGAIN}"
        )


def check_graph(graph: bytes, *, where: str) -> None:
    """Check that a graph has only operators that training writes, and all its weights inside.

    Raises
    ------
    ModelError
        If it has others, or is no graph.
    """
    try:
        unknown = sorted(set(_operators(memoryview(graph))) - OPERATORS)
    except ValueError:
        raise ModelError(
            f"{where}: not a graph, or one that is cut off; expected one as training writes it. "
            f"{_AGAIN}"
        ) from None
    if _ELSEWHERE in graph:
        unknown.append("weights in another file")
    if unknown:
        raise ModelError(
            f"{where}: {unknown[0][:40]!a} found in the graph; expected only the operators "
            f"that training writes, which neither loop nor read files. {_AGAIN}"
        )


def _operators(model: memoryview) -> Iterator[str]:
    """Yield every operator, and what else training does not write."""
    graphs = 0
    for number, value in _fields(model):
        if number == _MODEL_FUNCTION:
            yield "a function"
        if number == _MODEL_GRAPH:
            graphs += 1
            nodes = (node for part, node in _fields(value) if part == _GRAPH_NODE)
            for node in nodes:
                yield from _operator_of(node)
    if graphs != 1:
        raise ValueError("not one graph")


def _operator_of(node: memoryview) -> Iterator[str]:
    for number, value in _fields(node):
        text = bytes(value[:80]).decode("ascii", "replace")
        if number == _NODE_OPERATOR or (number == _NODE_DOMAIN and text not in _DOMAINS):
            yield text


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Yield number and bytes of every field with a length; those of numbers are passed over.

    Raises
    ------
    ValueError
        If the bytes are no protobuf message.
    """
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        kind, number = key & 7, key >> 3
        if kind == 0:
            _, at = _varint(message, at)
        elif kind in _FIXED:
            at += _FIXED[kind]
        elif kind == 2:
            length, at = _varint(message, at)
            if at + length > len(message):
                raise ValueError("cut off")
            yield number, message[at : at + length]
            at += length
        else:
            raise ValueError("no such kind of field")
    if at > len(message):
        raise ValueError("cut off")


_FIXED = {1: 8, 5: 4}  # bytes of numbers of fixed length, by kind of field


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message) and shift < 70:
        byte = message[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
    raise ValueError("cut off")
