"""Early stopping: how far training goes is read off held-out compositions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Predictor = Callable[[NDArray[np.float32]], NDArray[np.float64]]
Measure = Callable[[Predictor], float]


@dataclass(kw_only=True)
class Stopping:
    """Keeps the best epoch of a run on held-out compositions, or ends a run after so many epochs.

    Attributes
    ----------
    measure : callable, optional
        From a predictor (features of one piece to standardised values) to the mean r on held-out
        compositions. Without it the last epoch is kept.
    last : int, optional
        Ends the run after that many epochs. Without it all are run.
    curve : list of float
        What ``measure`` returned, epoch by epoch.
    kept : object
        The state of the best epoch so far.
    """

    measure: Measure | None = None
    last: int | None = None
    curve: list[float] = field(default_factory=list)
    kept: Any = None

    def epochs(self, most: int) -> int:
        """Return how many epochs to run."""
        return most if self.last is None else min(self.last, most)

    def after_epoch(self, predict: Predictor, state: Callable[[], Any]) -> None:
        """Measure an epoch, and keep its state if no earlier one was better."""
        if self.measure is None:
            return
        self.curve.append(self.measure(predict))
        if self.best == len(self.curve):
            self.kept = state()

    @property
    def best(self) -> int | None:
        """The number of epochs, from 1, after which r was highest; None where none was measured."""
        return best_epoch(self.curve)


def best_epoch(curve: list[float]) -> int | None:
    """Return the number of epochs, from 1, with the highest r; None for an empty curve."""
    return int(np.argmax(curve)) + 1 if curve else None
