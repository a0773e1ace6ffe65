"""The torch modules of the sequence nets. Imported only to train."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

_CLIP = 4.0  # standard deviations of a feature
_HEAD = 64


class _Standardise(nn.Module):  # type: ignore[misc]
    """Centre and scale features, clip them, and read missing values as the centre."""

    def __init__(self, centre: Any, scale: Any) -> None:
        super().__init__()
        self.register_buffer("centre", torch.from_numpy(np.asarray(centre, dtype=np.float32)))
        self.register_buffer("scale", torch.from_numpy(np.asarray(scale, dtype=np.float32)))

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Return standardised features of the same shape."""
        standard = ((values - self.centre) / self.scale).clamp(-_CLIP, _CLIP)
        return torch.where(torch.isnan(values), torch.zeros_like(standard), standard)


class BidirectionalNet(nn.Module):  # type: ignore[misc]
    """Standardise, narrow, bidirectional LSTM, head."""

    def __init__(
        self, centre: Any, scale: Any, *, hidden: int, input_dropout: float, dropout: float
    ) -> None:
        super().__init__()
        narrow = hidden * 3 // 4
        self.standardise = _Standardise(centre, scale)
        self.narrow = nn.Sequential(
            nn.Dropout(input_dropout),
            nn.Linear(len(centre), narrow),
            nn.GELU(),
            nn.Dropout(dropout),
        )
        self.lstm = nn.LSTM(narrow, hidden, batch_first=True, bidirectional=True)
        self.head = nn.Sequential(
            nn.Dropout(dropout),
            nn.Linear(2 * hidden + narrow, _HEAD),
            nn.GELU(),
            nn.Dropout(dropout / 2),
            nn.Linear(_HEAD, 1),
        )

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Return standardised values, (batch, n), from features, (batch, n, n_features)."""
        narrow = self.narrow(self.standardise(values))
        state, _ = self.lstm(narrow)
        out: torch.Tensor = self.head(torch.cat([state, narrow], dim=-1))
        return out.squeeze(-1)


class ConvolutionalNet(nn.Module):  # type: ignore[misc]
    """Standardise, narrow, residual blocks of growing dilation, head."""

    def __init__(
        self,
        centre: Any,
        scale: Any,
        *,
        hidden: int,
        blocks: int,
        kernel: int,
        input_dropout: float,
        dropout: float,
    ) -> None:
        super().__init__()
        self.standardise = _Standardise(centre, scale)
        self.narrow = nn.Sequential(
            nn.Dropout(input_dropout),
            nn.Linear(len(centre), hidden),
            nn.GELU(),
            nn.Dropout(dropout),
        )
        self.blocks = nn.ModuleList(_block(hidden, kernel, 2**n, dropout) for n in range(blocks))
        self.head = nn.Sequential(
            nn.Linear(hidden, _HEAD), nn.GELU(), nn.Dropout(dropout / 2), nn.Linear(_HEAD, 1)
        )

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Return standardised values, (batch, n), from features, (batch, n, n_features)."""
        state = self.narrow(self.standardise(values)).transpose(1, 2)
        for block in self.blocks:
            state = state + block(state)
        out: torch.Tensor = self.head(state.transpose(1, 2))
        return out.squeeze(-1)


class GatedNet(nn.Module):  # type: ignore[misc]
    """Standardise, say what is missing, narrow, gated residual blocks of growing dilation, head.

    Reference: Dauphin et al., Language modeling with gated convolutional networks, ICML 2017.
    """

    def __init__(
        self,
        centre: Any,
        scale: Any,
        *,
        hidden: int,
        blocks: int,
        kernel: int,
        input_dropout: float,
        dropout: float,
    ) -> None:
        super().__init__()
        self.standardise = _Standardise(centre, scale)
        self.narrow = nn.Sequential(
            nn.Dropout(input_dropout),
            nn.Linear(2 * len(centre), hidden),
            nn.GELU(),
            nn.Dropout(dropout),
        )
        self.blocks = nn.ModuleList(
            _GatedBlock(hidden, kernel, 2**n, dropout) for n in range(blocks)
        )
        self.head = nn.Sequential(
            nn.LayerNorm(hidden),
            nn.Linear(hidden, hidden),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, 1),
        )

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Return standardised values, (batch, n), from features, (batch, n, n_features)."""
        missing = torch.isnan(values).to(torch.float32)
        state = self.narrow(torch.cat([self.standardise(values), missing], dim=-1))
        for block in self.blocks:
            state = block(state)
        out: torch.Tensor = self.head(state)
        return out.squeeze(-1)


class _GatedBlock(nn.Module):  # type: ignore[misc]
    """Normalise, convolve, let through by a gate, add."""

    def __init__(self, width: int, kernel: int, dilation: int, dropout: float) -> None:
        super().__init__()
        padding = (kernel - 1) // 2 * dilation
        self.norm = nn.LayerNorm(width)
        self.convolution = nn.Conv1d(width, 2 * width, kernel, padding=padding, dilation=dilation)
        self.dropout = nn.Dropout(dropout)

    def forward(self, state: torch.Tensor) -> torch.Tensor:
        """Return a state of the same shape, (batch, n, width)."""
        read = self.convolution(self.norm(state).transpose(1, 2))
        value, gate = torch.split(read, state.shape[-1], dim=1)
        return state + self.dropout((value * torch.sigmoid(gate)).transpose(1, 2))


def _block(width: int, kernel: int, dilation: int, dropout: float) -> nn.Module:
    return nn.Sequential(
        nn.Conv1d(width, width, kernel, padding=(kernel - 1) // 2 * dilation, dilation=dilation),
        nn.GELU(),
        nn.Dropout(dropout),
        nn.Conv1d(width, width, 1),
    )
