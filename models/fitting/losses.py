"""Weighted errors of nets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import torch

Loss = Literal["squared", "logistic"]


def weighted_loss(
    loss: Loss,
) -> Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]:
    """Return the weighted mean of squared errors, or of logistic ones of log odds.

    Returns
    -------
    callable
        From predictions, targets and weights of one shape to a number.
    """

    def mean(predicted: torch.Tensor, target: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        error = _errors(loss, predicted, target)
        return (weight * error).sum() / weight.sum().clamp_min(1e-6)

    return mean


def _errors(loss: Loss, predicted: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    if loss == "squared":
        return (predicted - target) ** 2
    from torch.nn.functional import binary_cross_entropy_with_logits

    return binary_cross_entropy_with_logits(predicted, target, reduction="none")
