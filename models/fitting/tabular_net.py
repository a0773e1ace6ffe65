"""The torch side of the tabular learner. Imported only to train."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from .losses import Loss, weighted_loss
from .training_set import Batch


class RawTabular(nn.Module):  # type: ignore[misc]
    """Raw feature rows in: categories to embeddings, quantities standardised, then the net."""

    def __init__(
        self,
        net: Any,
        categorical: list[int],
        sizes: list[int],
        continuous: list[int],
        centre: Any,
        scale: Any,
        clip: float,
    ) -> None:
        super().__init__()
        self.net, self.clip = net, clip
        self.register_buffer("categorical", torch.tensor(categorical, dtype=torch.long))
        self.register_buffer("largest", torch.tensor([float(s - 1) for s in sizes]))
        self.register_buffer("continuous", torch.tensor(continuous, dtype=torch.long))
        self.register_buffer("centre", torch.from_numpy(np.asarray(centre)[continuous]))
        self.register_buffer("scale", torch.from_numpy(np.asarray(scale)[continuous]))

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Return standardised values, (n, 1)."""
        category = values[:, self.categorical] + 1.0  # 0 is for a missing value
        category = torch.where(torch.isnan(category), torch.zeros_like(category), category)
        codes = torch.minimum(category.clamp_min(0.0), self.largest).long()
        quantity = values[:, self.continuous]
        standard = ((quantity - self.centre) / self.scale).clamp(-self.clip, self.clip)
        standard = torch.where(torch.isnan(quantity), torch.zeros_like(standard), standard)
        out: torch.Tensor = self.net(codes, standard)
        return out


def packed_loss(loss: Loss) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    """Return the weighted loss; its second argument holds target and weight side by side."""
    mean = weighted_loss(loss)
    return lambda predicted, both: mean(predicted[:, 0], both[:, 0], both[:, 1])


class WeightedRows:
    """Shuffled batches of rows, as fastai's DataLoaders take any iterable with a length."""

    def __init__(self, rows: Batch, batch: int, seed: int, limit: int | None = None) -> None:
        self.rows, self.batch, self.seed, self.limit = rows, batch, seed, limit
        self.generator = np.random.default_rng(seed)
        self.device = torch.device("cpu")
        self.n_inp, self.bs = 1, batch

    def head(self) -> WeightedRows:
        """Return one batch as the validation loader that fastai wants; nothing is chosen by it."""
        return WeightedRows(self.rows, self.batch, self.seed, limit=1)

    def to(self, device: Any) -> WeightedRows:
        """Stay where it is: training runs on the CPU."""
        return self

    def __len__(self) -> int:
        whole = max(len(self.rows[1]) // self.batch, 1)
        return whole if self.limit is None else min(self.limit, whole)

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        values, target, weight = self.rows
        order = self.generator.permutation(len(target))
        for number in range(len(self)):
            chosen = order[number * self.batch : (number + 1) * self.batch]
            both = np.stack([target[chosen], weight[chosen]], axis=1)
            yield torch.from_numpy(values[chosen]), torch.from_numpy(both)
