"""Training of the seed's first attempt: a bidirectional LSTM over piano rolls."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..pianoroll import COLUMNS, KEYS, ROWS, PianorollMember, make_roll
from .losses import weighted_loss
from .stopping import Stopping
from .trainer import FittedMember, Progress
from .training_set import TrainingSet


@dataclass(frozen=True, kw_only=True)
class PianorollOptions:
    """How the piano-roll net is built and trained.

    Attributes
    ----------
    step_sec : float
        Length of a time step, seconds.
    hidden, steps, epochs, seed : int
        Width of the LSTM, time steps in a training sequence, passes, seed.
    dropout, rate : float
    """

    step_sec: float = 0.125
    hidden: int = 128
    steps: int = 256
    epochs: int = 4
    seed: int = 0
    dropout: float = 0.3
    rate: float = 2e-3

    @property
    def reports(self) -> int:
        """How often one fit advances its progress."""
        return self.epochs

    def quick(self) -> PianorollOptions:
        """Return the options of a tiny fit, to try the pipeline."""
        return replace(self, epochs=1)

    def columns_read(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the features that it reads."""
        return tuple(name for name in names if name in COLUMNS)

    def variants_read(self, most: int) -> int:
        """Return how many variants of each piece it reads, of at most ``most``."""
        return 1

    def fit(
        self,
        training: TrainingSet,
        progress: Progress,
        stopping: Stopping,
        *,
        checkpoint: Path | None = None,
    ) -> FittedMember:
        """Fit a member; a fit that ends within minutes keeps no checkpoint."""
        net = fit_pianoroll(training, self, progress, stopping)
        spec = {"kind": "pianoroll", "columns": list(COLUMNS), "options": asdict(self)}
        return FittedMember(spec=spec, graph=pianoroll_to_onnx(net, self), curve=stopping.curve)


def fit_pianoroll(
    training: TrainingSet,
    options: PianorollOptions,
    progress: Progress,
    stopping: Stopping | None = None,
) -> Any:
    """Train the net on every sequence as written; return a torch module.

    Parameters
    ----------
    training : TrainingSet
    options : PianorollOptions
    progress : Progress
        Advanced after every epoch.
    stopping : Stopping, optional
    """
    import torch

    from .pianoroll_net import PianorollNet

    torch.manual_seed(options.seed)
    generator = np.random.default_rng(options.seed)
    net = PianorollNet(ROWS, KEYS, options.hidden, options.dropout)
    optimiser = torch.optim.AdamW(net.parameters(), lr=options.rate, weight_decay=0.05)
    stopping, loss_of = stopping or Stopping(), weighted_loss(training.loss)
    columns = np.array([training.feature_names.index(name) for name in COLUMNS])
    member = PianorollMember(_TorchSession(net), columns, options.step_sec)
    rolls = list(_rolls(training, options))
    for epoch in range(stopping.epochs(options.epochs)):
        net.train()
        losses = [
            _step(net, optimiser, loss_of, batch)
            for batch in _batches(rolls, options.steps, generator)
        ]
        loss = float(np.mean(losses)) if losses else float("nan")
        net.eval()
        stopping.after_epoch(member.predict, lambda: deepcopy(net.state_dict()))
        progress.advance(f"pianoroll epoch {epoch + 1}/{options.epochs}", loss)
    if stopping.kept is not None:
        net.load_state_dict(stopping.kept)
    return net


class _TorchSession:
    """A net that answers as a session does."""

    def __init__(self, net: Any) -> None:
        self.net = net

    def run(self, values: NDArray[np.float32], *, size: int) -> NDArray[np.float32]:
        import torch

        with torch.no_grad():
            return np.asarray(self.net(torch.from_numpy(values)).numpy())


def _rolls(training: TrainingSet, options: PianorollOptions) -> Any:
    columns = [training.feature_names.index(name) for name in COLUMNS]
    for sequence in training.sequences:
        roll, cells = make_roll(sequence.variants[0][:, columns], options.step_sec)
        target = np.zeros((len(roll), KEYS), dtype=np.float32)
        weight = np.zeros_like(target)
        target[cells], weight[cells] = sequence.target, sequence.weight
        yield roll, target, weight


def _batches(
    rolls: Sequence[Any], steps: int, generator: np.random.Generator, size: int = 16
) -> Any:
    spans = [(i, a) for i, (roll, _, _) in enumerate(rolls) for a in range(0, len(roll), steps)]
    order = generator.permutation(len(spans))
    for first in range(0, len(order), size):
        chosen = [spans[k] for k in order[first : first + size]]
        yield [
            np.stack([_padded(rolls[i][part][a : a + steps], steps) for i, a in chosen])
            for part in range(3)
        ]


def _padded(rows: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    return np.pad(rows, ((0, length - len(rows)), (0, 0)))


def _step(net: Any, optimiser: Any, loss_of: Any, batch: Sequence[NDArray[np.float32]]) -> float:
    import torch

    roll, target, weight = (torch.from_numpy(part) for part in batch)
    loss = loss_of(net(roll), target, weight)
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimiser.step()
    return float(loss.detach())


def pianoroll_to_onnx(net: Any, options: PianorollOptions) -> bytes:
    """Return a graph from (1, steps, 179) to (1, steps, 88)."""
    import torch

    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of constants that are meant as such
        torch.onnx.export(
            net,
            (torch.zeros(1, options.steps, ROWS),),
            buffer,
            input_names=["roll"],
            output_names=["velocities"],
            dynamic_axes={"roll": {1: "steps"}, "velocities": {1: "steps"}},
            opset_version=17,
            dynamo=False,
        )
    return buffer.getvalue()
