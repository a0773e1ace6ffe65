"""The torch module of the piano-roll net. Imported only to train."""

from __future__ import annotations

import torch
from torch import nn


class PianorollNet(nn.Module):  # type: ignore[misc]
    """Bidirectional LSTM over time steps, 88 velocities out of each."""

    def __init__(self, rows: int, keys: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.lstm = nn.LSTM(rows, hidden, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Linear(2 * hidden, keys)

    def forward(self, roll: torch.Tensor) -> torch.Tensor:
        """Return standardised values, (batch, steps, keys)."""
        state, _ = self.lstm(roll)
        out: torch.Tensor = self.out(self.dropout(state))
        return out
