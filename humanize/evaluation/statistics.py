"""Means over compositions, and how sure they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2000


@dataclass(frozen=True)
class Estimate:
    """A mean over compositions with its 95 % bootstrap interval.

    Attributes
    ----------
    mean, low, high : float
    count : int
        Compositions.
    """

    mean: float
    low: float
    high: float
    count: int

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


def by_composition(values: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Return the mean of each composition's values."""
    groups: dict[str, list[float]] = {}
    for composition, value in values:
        groups.setdefault(composition, []).append(value)
    return {composition: float(np.mean(own)) for composition, own in sorted(groups.items())}


def estimate(means: Mapping[str, float], *, seed: int = 0) -> Estimate:
    """Return the mean over compositions with a percentile bootstrap over them."""
    if not means:
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    values = np.array([means[name] for name in sorted(means)])
    low, high = np.quantile(_resampled(values, seed), [0.025, 0.975])
    return Estimate(float(values.mean()), float(low), float(high), len(values))


def paired_difference(
    first: Mapping[str, float], second: Mapping[str, float], *, seed: int = 0
) -> Estimate:
    """Return the mean of first less second over the compositions that both have."""
    shared = sorted(first.keys() & second.keys())
    return estimate({name: first[name] - second[name] for name in shared}, seed=seed)


def _resampled(values: np.typing.NDArray[np.float64], seed: int) -> np.typing.NDArray[np.float64]:
    draw = np.random.default_rng(seed)
    rows = draw.integers(0, len(values), (RESAMPLES, len(values)))
    return np.asarray(values[rows].mean(axis=1))
