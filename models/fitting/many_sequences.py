"""One dilated convolution for several targets: they share all layers but the last.

What makes a pianist slow down makes the pedal change too, and one net is trained in the time of
one target. At run time each target has a graph of its own.

Reference: Caruana, Multitask learning, Machine Learning 28, 1997.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .losses import Loss, weighted_loss
from .sequence import SequenceOptions, build_net, net_to_onnx
from .trainer import FittedMember, Progress
from .training_set import TrainingSet, Values

Predictions = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, kw_only=True)
class Task:
    """One target of a joint net.

    Attributes
    ----------
    name : str
    loss : "squared" or "logistic"
    labels : sequence of (target, weight)
        Of each sequence of the training set, a value for each note.
    share : float
        How much its error counts beside those of the others.
    """

    name: str
    loss: Loss
    labels: Sequence[tuple[Values, Values]]
    share: float = 1.0


def fit_jointly(
    training: TrainingSet,
    tasks: Sequence[Task],
    options: SequenceOptions,
    progress: Progress,
    measure: Callable[[Callable[[Values], Predictions]], Mapping[str, float]] | None = None,
) -> dict[str, FittedMember]:
    """Train a net with an output for each task.

    Parameters
    ----------
    training : TrainingSet
        Its targets and weights are not read.
    tasks : sequence of Task
    options : SequenceOptions
    progress : Progress
        Advanced after every epoch.
    measure : callable, optional
        From a predictor (features of a piece to values by task) to r by task, on held-out pieces.
        The epoch with the highest mean is kept; without it the last.

    Returns
    -------
    dict of str to FittedMember
        By the name of its task; curves are those of the task.
    """
    run = _JointRun(training, tasks, options)
    curves: list[Mapping[str, float]] = []
    best = run.average
    for epoch in range(options.epochs):
        loss = run.epoch()
        if measure is None:
            best = run.average
        else:
            curves.append(measure(run.predictor()))
            means = [float(np.mean(list(own.values()))) for own in curves]
            best = run.copied() if means[-1] == max(means) else best
        progress.advance(f"{options.kind} epoch {epoch + 1}/{options.epochs}", loss)
    net = run.with_weights(best)
    return {
        task.name: FittedMember(
            spec={"kind": "sequence", "context": options.context, "options": asdict(options)},
            graph=net_to_onnx(_alone(net, number), len(training.feature_names)),
            curve=[own[task.name] for own in curves],
        )
        for number, task in enumerate(tasks)
    }


class _JointRun:
    """One training run."""

    def __init__(
        self, training: TrainingSet, tasks: Sequence[Task], options: SequenceOptions
    ) -> None:
        import torch

        torch.manual_seed(options.seed)
        self.training, self.tasks, self.options = training, tasks, options
        self.net = _with_outputs(build_net(options, *training.centre_and_scale()), len(tasks))
        self.generator = np.random.default_rng(options.seed)
        self.optimiser = torch.optim.AdamW(
            self.net.parameters(), lr=options.rate, weight_decay=options.decay
        )
        steps = math.ceil(training.window_count(options.window) / options.batch)
        self.steps_left = steps * options.epochs
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser, options.rate, total_steps=self.steps_left + 1, pct_start=0.15
        )
        self.average = {k: v.detach().clone() for k, v in self.net.state_dict().items()}

    def copied(self) -> dict[str, Any]:
        return {name: value.clone() for name, value in self.average.items()}

    def epoch(self) -> float:
        self.net.train()
        windows = self.training.windows(self.options.window, self.generator)
        size = self.options.batch
        losses = [self._step(windows[i : i + size]) for i in range(0, len(windows), size)]
        return float(np.mean(losses))

    def _step(self, windows: list[tuple[int, int, int]]) -> float:
        import torch

        length = self.options.window
        values = self.training.batch(windows, length, self.generator)[0]
        predicted = self.net(torch.from_numpy(values)).reshape(*values.shape[:2], -1)
        loss = torch.zeros(())
        for number, task in enumerate(self.tasks):
            target, weight = (torch.from_numpy(part) for part in _labels(task, windows, length))
            error = weighted_loss(task.loss)(predicted[..., number], target, weight)
            loss = loss + task.share * error
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimiser.step()
        if self.steps_left > 0:
            self.schedule.step()
            self.steps_left -= 1
        self._remember()
        return float(loss.detach()) / len(self.tasks)

    def _remember(self) -> None:
        keep = self.options.average
        for name, value in self.net.state_dict().items():
            if value.dtype.is_floating_point:
                self.average[name].mul_(keep).add_(value.detach(), alpha=1 - keep)

    def with_weights(self, weights: Mapping[str, Any]) -> Any:
        net = deepcopy(self.net)
        net.load_state_dict(weights)
        net.eval()
        return net

    def predictor(self) -> Callable[[Values], Predictions]:
        import torch

        net = self.with_weights(self.average)

        def predict(values: Values) -> Predictions:
            with torch.no_grad():
                out = net(torch.from_numpy(np.ascontiguousarray(values))[None])
            out = out.reshape(len(values), -1).numpy()
            return {
                task.name: out[:, number].astype(np.float64)
                for number, task in enumerate(self.tasks)
            }

        return predict


def _labels(
    task: Task, windows: Sequence[tuple[int, int, int]], length: int
) -> tuple[Values, Values]:
    target = np.zeros((len(windows), length), dtype=np.float32)
    weight = np.zeros((len(windows), length), dtype=np.float32)
    for row, (index, first, last) in enumerate(windows):
        own_target, own_weight = task.labels[index]
        target[row, : last - first] = own_target[first:last]
        weight[row, : last - first] = own_weight[first:last]
    return target, weight


def _with_outputs(net: Any, count: int) -> Any:
    """Return a net with so many outputs, (batch, n, count)."""
    from torch import nn

    last = net.head[-1]
    net.head[-1] = nn.Linear(last.in_features, count)
    return net


def _alone(net: Any, number: int) -> Any:
    """Return the net with one of its outputs, (batch, n)."""
    import torch
    from torch import nn

    own = deepcopy(net)
    joint = own.head[-1]
    own.head[-1] = nn.Linear(joint.in_features, 1)
    with torch.no_grad():
        own.head[-1].weight.copy_(joint.weight[number : number + 1])
        own.head[-1].bias.copy_(joint.bias[number : number + 1])
    own.eval()
    return own
