"""Nets over the sequence of notes or onsets: a bidirectional LSTM and dilated convolutions.

Trained with torch, run without it. Both read a window of notes in canonical order and return one
standardised value per note. The first layers are narrow and the dropout is heavy, as there are
few compositions and many notes.

References: Hochreiter & Schmidhuber, Long short-term memory, Neural Computation 9(8), 1997; Bai,
Kolter & Koltun, An empirical evaluation of generic convolutional and recurrent networks for
sequence modeling, arXiv:1803.01271 (2018).
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .losses import weighted_loss
from .stopping import Stopping
from .trainer import FittedMember, Progress
from .training_set import TrainingSet

if TYPE_CHECKING:
    import torch

_LARGE_WEIGHT = 1024  # numbers


@dataclass(frozen=True, kw_only=True)
class SequenceOptions:
    """How a sequence net is built and trained; chosen by cross-validation over compositions.

    Attributes
    ----------
    kind : str
        ``"bilstm"``, ``"convolution"`` or ``"gated"``: a convolution with gates, which also reads
        what is missing.
    hidden : int
        Width of the net.
    blocks, kernel : int
        Residual blocks of a convolution, the n-th with dilation 2 ** n, and their kernel size.
    input_dropout, dropout : float
    epochs : int
        Passes over the training notes, at most.
    window : int
        Notes in one training sequence.
    batch : int
        Windows in one step.
    rate, decay : float
        Largest learning rate of the one-cycle schedule, and weight decay.
    average : float
        Decay of the moving average of the weights that is kept.
    seed : int
    """

    kind: str
    hidden: int = 128
    blocks: int = 6
    kernel: int = 5
    input_dropout: float = 0.3
    dropout: float = 0.4
    epochs: int = 7
    window: int = 384
    batch: int = 24
    rate: float = 2e-3
    decay: float = 0.05
    average: float = 0.98
    seed: int = 0

    @property
    def context(self) -> int:
        """Notes on either side that a note's prediction may read."""
        if self.kind == "bilstm":
            return 256
        return (self.kernel - 1) // 2 * (2**self.blocks - 1) + 1

    @property
    def reports(self) -> int:
        """How often one fit advances its progress."""
        return self.epochs

    def quick(self) -> SequenceOptions:
        """Return the options of a tiny fit, to try the pipeline."""
        return replace(self, epochs=1)

    def columns_read(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the features that it reads."""
        return tuple(names)

    def variants_read(self, most: int) -> int:
        """Return how many variants of each piece it reads, of at most ``most``."""
        return most

    def fit(
        self,
        training: TrainingSet,
        progress: Progress,
        stopping: Stopping,
        *,
        checkpoint: Path | None = None,
    ) -> FittedMember:
        """Fit a member; its state is kept after every epoch."""
        net = fit_sequence(training, self, progress, stopping, checkpoint=checkpoint)
        spec = {"kind": "sequence", "context": self.context, "options": asdict(self)}
        graph = net_to_onnx(net, len(training.feature_names))
        return FittedMember(spec=spec, graph=graph, curve=stopping.curve)


def build_net(options: SequenceOptions, centre: Any, scale: Any) -> Any:
    """Return the untrained net as a torch module, (batch, n, n_features) to (batch, n)."""
    from .sequence_nets import BidirectionalNet, ConvolutionalNet, GatedNet

    kinds = {"bilstm": BidirectionalNet, "convolution": ConvolutionalNet, "gated": GatedNet}
    return kinds[options.kind](centre, scale, **_shape(options))


def _shape(options: SequenceOptions) -> dict[str, Any]:
    names = ["hidden", "input_dropout", "dropout"]
    names += [] if options.kind == "bilstm" else ["blocks", "kernel"]
    return {name: getattr(options, name) for name in names}


def fit_sequence(
    training: TrainingSet,
    options: SequenceOptions,
    progress: Progress,
    stopping: Stopping | None = None,
    *,
    checkpoint: Path | None = None,
) -> torch.nn.Module:
    """Train a net; the result is in evaluation mode with averaged weights.

    Parameters
    ----------
    training : TrainingSet
    options : SequenceOptions
    progress : Progress
        Advanced after every epoch; may raise to stop.
    stopping : Stopping, optional
    checkpoint : Path, optional
        Written after every epoch; where it exists, training goes on from it.
    """
    import torch

    torch.manual_seed(options.seed)
    centre, scale = training.centre_and_scale()
    stopping = stopping or Stopping()
    run = _Run(build_net(options, centre, scale), training, options)
    if checkpoint is not None and checkpoint.is_file():
        run.restore(torch.load(checkpoint, weights_only=True), stopping)
    while run.done < stopping.epochs(options.epochs):
        run.epoch()
        run.measure(stopping)
        if checkpoint is not None:
            torch.save(run.state(stopping), checkpoint)
        progress.advance(f"{options.kind} epoch {run.done}/{options.epochs}", run.last_loss)
    return run.with_weights(run.average if stopping.kept is None else stopping.kept)


class _Run:
    """One training run."""

    def __init__(self, net: Any, training: TrainingSet, options: SequenceOptions) -> None:
        import torch

        self.net, self.training, self.options = net, training, options
        self.loss = weighted_loss(training.loss)
        self.generator = np.random.default_rng(options.seed)
        self.optimiser = torch.optim.AdamW(
            net.parameters(), lr=options.rate, weight_decay=options.decay
        )
        steps = math.ceil(training.window_count(options.window) / options.batch)
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser, options.rate, total_steps=steps * options.epochs + 1, pct_start=0.15
        )
        self.steps_left = steps * options.epochs
        self.average = _copied(net.state_dict())
        self.last_loss = math.nan
        self.done = 0

    def state(self, stopping: Stopping) -> dict[str, Any]:
        import torch

        return {
            "net": self.net.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "average": self.average,
            "generator": self.generator.bit_generator.state,
            "torch": torch.get_rng_state(),
            "progress": [self.done, self.steps_left],
            "stopping": [stopping.curve, stopping.kept],
        }

    def restore(self, state: dict[str, Any], stopping: Stopping) -> None:
        import torch

        self.net.load_state_dict(state["net"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.schedule.load_state_dict(state["schedule"])
        self.average = state["average"]
        self.generator.bit_generator.state = state["generator"]
        torch.set_rng_state(state["torch"])
        self.done, self.steps_left = state["progress"]
        stopping.curve, stopping.kept = state["stopping"]

    def epoch(self) -> None:
        self.net.train()
        losses = []
        windows = self.training.windows(self.options.window, self.generator)
        for first in range(0, len(windows), self.options.batch):
            losses.append(self._step(windows[first : first + self.options.batch]))
        self.last_loss = float(np.mean(losses))
        self.done += 1

    def _step(self, windows: list[tuple[int, int, int]]) -> float:
        import torch

        batch = self.training.batch(windows, self.options.window, self.generator)
        values, target, weight = (torch.from_numpy(part) for part in batch)
        loss = self.loss(self.net(values), target, weight)
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimiser.step()
        if self.steps_left > 0:
            self.schedule.step()
            self.steps_left -= 1
        self._remember()
        return float(loss.detach())

    def _remember(self) -> None:
        keep = self.options.average
        for name, value in self.net.state_dict().items():
            if value.dtype.is_floating_point:
                self.average[name].mul_(keep).add_(value.detach(), alpha=1 - keep)

    def measure(self, stopping: Stopping) -> None:
        current = _copied(self.net.state_dict())
        net = self.with_weights(self.average)
        stopping.after_epoch(partial(predict_with_net, net), lambda: _copied(self.average))
        self.net.load_state_dict(current)

    def with_weights(self, weights: dict[str, Any]) -> Any:
        self.net.load_state_dict(weights)
        self.net.eval()
        return self.net


def _copied(weights: dict[str, Any]) -> dict[str, Any]:
    return {name: value.detach().clone() for name, value in weights.items()}


def predict_with_net(net: Any, values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return standardised values, shape (n,), from a trained torch net."""
    import torch

    with torch.no_grad():
        out = net(torch.from_numpy(np.ascontiguousarray(values))[None])[0]
    return np.asarray(out.numpy(), dtype=np.float64)


def net_to_onnx(net: Any, columns: int) -> bytes:
    """Return a graph from (1, n, columns) to (1, n), any n."""
    import torch

    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of constants that are meant as such
        torch.onnx.export(
            net,
            (torch.zeros(1, 64, columns),),
            buffer,
            input_names=["features"],
            output_names=["velocity"],
            dynamic_axes={"features": {1: "notes"}, "velocity": {1: "notes"}},
            opset_version=17,
            dynamo=False,
        )
    return buffer.getvalue()


def with_half_weights(graph: bytes) -> bytes:
    """Return the graph with its large weights stored in 16 bits and cast to 32 when it is loaded.

    It computes in 32 bits; the weights lose what lies beyond eleven bits, which is far below what
    training leaves to chance.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load_from_string(graph)
    casts = []
    for weight in model.graph.initializer:
        if weight.data_type != TensorProto.FLOAT or np.prod(weight.dims) < _LARGE_WEIGHT:
            continue
        name = weight.name
        half = numpy_helper.to_array(weight).astype(np.float16)
        weight.CopyFrom(numpy_helper.from_array(half, f"{name}_half"))
        casts.append(helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT))
    for place, cast in enumerate(casts):
        model.graph.node.insert(place, cast)
    return bytes(model.SerializeToString())
