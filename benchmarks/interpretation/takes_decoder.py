"""A small decoder that is trained to draw residuals: dilated causal convolutions over binned notes.

It reads the notes in order, the residuals of those before and the texture of its own, and says how
likely each bin of its velocity and of its tempo is; it is trained by teacher forcing and sampled.

References
----------
Kalchbrenner et al., Neural Machine Translation in Linear Time, arXiv:1610.10099, 2016 (ByteNet).
Oore et al., This time with feeling: learning expressive musical performance, Neural Computing and
Applications 32, 2020 (Performance RNN: binned velocity and timing, sampled).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from humanize.expression import ARTICULATION, TEMPO, TIMING, VELOCITY
from humanize.interpretation.texture import chords_of
from humanize.models.residuals import ResidualBank
from humanize.notes import FloatColumn, NoteTable

BINS, LIMIT = 33, 3.2  # of standard deviations, on either side
WIDTH, DILATIONS = 64, (1, 2, 4, 8, 16, 32)
CONDITIONS = 8
_STRETCH, _BATCH, _RATE = 512, 16, 2e-3


class Decoder(nn.Module):
    """Bins of velocity and tempo of each note, from those before it and from all conditions."""

    def __init__(self) -> None:
        super().__init__()
        self.before = nn.ModuleList(nn.Embedding(BINS + 1, WIDTH // 2) for _ in range(2))
        self.given = nn.Conv1d(CONDITIONS, WIDTH, 5, padding=2)
        self.mixed = nn.Conv1d(2 * WIDTH, WIDTH, 1)
        self.layers = nn.ModuleList(nn.Conv1d(WIDTH, 2 * WIDTH, 2, dilation=d) for d in DILATIONS)
        self.out = nn.Conv1d(WIDTH, 2 * BINS, 1)

    def entered(self, before: Tensor, given: Tensor) -> Tensor:
        """Return what the convolutions read, from (batch, 2, n) bins and conditions."""
        own = [e(before[:, i]) for i, e in enumerate(self.before)]
        return self.mixed(torch.cat([torch.cat(own, -1).transpose(1, 2), given], 1))

    def forward(self, before: Tensor, conditions: Tensor) -> Tensor:
        x = self.entered(before, self.given(conditions))
        for layer, dilation in zip(self.layers, DILATIONS, strict=True):
            x = x + gated(layer(nn.functional.pad(x, (dilation, 0))))
        return self.out(x).unflatten(1, (2, BINS))


def gated(x: Tensor) -> Tensor:
    a, b = x.chunk(2, 1)
    return torch.tanh(a) * torch.sigmoid(b)


def binned(values: FloatColumn) -> NDArray[np.int64]:
    """Return bins, 1 and above; 0 stands for nothing before."""
    steps = np.rint((np.clip(values, -LIMIT, LIMIT) + LIMIT) / (2 * LIMIT) * (BINS - 1))
    return steps.astype(np.int64) + 1


def unbinned(bins: NDArray[np.int64], draw: np.random.Generator) -> FloatColumn:
    """Return a value anywhere in each bin."""
    inside = draw.uniform(-0.5, 0.5, size=bins.shape)
    return (bins - 1 + inside) / (BINS - 1) * 2 * LIMIT - LIMIT


def conditions_of(
    texture: NDArray[np.int64], size: NDArray[np.int64], rank: NDArray[np.int64],
    chord: NDArray[np.int64],
) -> NDArray[np.float32]:  # fmt: skip
    """Return texture, whether a note is the highest or lowest, and whether its chord begins."""
    begins = np.diff(chord, prepend=-1) > 0
    columns = [*(texture[chord] / 32).T, rank == size[chord] - 1, rank == 0, begins]
    return np.stack(columns).astype(np.float32)


def fit(bank: ResidualBank, *, epochs: int, seed: int = 0) -> Decoder:
    """Train a decoder on a bank."""
    torch.manual_seed(seed)
    draw = np.random.default_rng(seed)
    sequences = [_sequence(bank, p) for p in range(len(bank.performance) - 1)]
    model = Decoder()
    optimiser = torch.optim.Adam(model.parameters(), lr=_RATE)
    steps = epochs * sum(c.shape[1] for c, _ in sequences) // (_STRETCH * _BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, total_steps=steps + 1)
    share = np.array([c.shape[1] for c, _ in sequences], dtype=np.float64)
    for _ in range(steps):
        chosen = draw.choice(len(sequences), _BATCH, p=share / share.sum())
        conditions, target = _batch([sequences[i] for i in chosen], draw)
        before = nn.functional.pad(target[:, :, :-1], (1, 0))
        loss = nn.functional.cross_entropy(
            model(before, conditions).transpose(1, 2), (target - 1).clamp(min=0)
        )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return model.eval()


def _sequence(bank: ResidualBank, number: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    first, last = bank.performance[number : number + 2]
    size = np.diff(bank.first)[first:last]
    chord = np.repeat(np.arange(last - first), size)
    rank = np.arange(len(chord)) - (bank.first[first:last] - bank.first[first])[chord]
    own = slice(bank.first[first], bank.first[last])
    velocity = bank.values[VELOCITY.name][own] * bank.step[VELOCITY.name]
    tempo = (bank.values[TEMPO.name][first:last] * bank.step[TEMPO.name])[chord]
    return (
        conditions_of(bank.texture[first:last], size, rank, chord),
        np.stack([binned(velocity), binned(tempo)]),
    )


def _batch(
    sequences: Sequence[tuple[NDArray[np.float32], NDArray[np.int64]]], draw: np.random.Generator
) -> tuple[Tensor, Tensor]:
    conditions = np.zeros((len(sequences), CONDITIONS, _STRETCH), dtype=np.float32)
    target = np.ones((len(sequences), 2, _STRETCH), dtype=np.int64)
    for i, (own, bins) in enumerate(sequences):
        start = int(draw.integers(0, max(own.shape[1] - _STRETCH, 0) + 1))
        part = own[:, start : start + _STRETCH]
        conditions[i, :, : part.shape[1]] = part
        target[i, :, : part.shape[1]] = bins[:, start : start + _STRETCH]
    return torch.from_numpy(conditions), torch.from_numpy(target)


@torch.no_grad()
def sample(model: Decoder, notes: NoteTable, seed: int) -> dict[str, FloatColumn]:
    """Draw residuals of velocity and tempo note by note; the others are 0."""
    chords = chords_of(notes)
    own = conditions_of(chords.texture, chords.size, chords.rank, chords.of_note)
    given = model.given(torch.from_numpy(own)[None])
    begins, draw = own[-1] > 0, np.random.default_rng(seed)
    bins = np.zeros((2, len(notes)), dtype=np.int64)
    past = [torch.zeros(1, WIDTH, d) for d in DILATIONS]
    before = torch.zeros(1, 2, 1, dtype=torch.int64)
    for i in range(len(notes)):
        x = model.entered(before, given[:, :, i : i + 1])
        for k, layer in enumerate(model.layers):
            both = torch.cat([past[k], x], 2)
            past[k] = both[:, :, 1:]
            x = x + gated(layer(both))
        chance = torch.softmax(model.out(x).reshape(2, BINS), 1).numpy().astype(np.float64)
        for k in range(2):
            bins[k, i] = np.searchsorted(np.cumsum(chance[k]), draw.random()) + 1
        if not begins[i]:
            bins[1, i] = bins[1, i - 1]
        bins[:, i] = np.minimum(bins[:, i], BINS)
        before = torch.from_numpy(bins[:, i : i + 1])[None]
    velocity, tempo = unbinned(bins[0], draw), unbinned(bins[1], draw)
    return {
        VELOCITY.name: velocity,
        TEMPO.name: tempo[np.flatnonzero(begins)][chords.of_note],
        TIMING.name: np.zeros(len(notes)),
        ARTICULATION.name: np.zeros(len(notes)),
    }
