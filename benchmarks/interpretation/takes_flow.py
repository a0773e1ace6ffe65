"""A small flow that draws the residuals of all notes at once: matched flows over the whole field.

A network of dilated convolutions, open to both sides, reads noise on its way to the residuals of
velocity, tempo, asynchrony and articulation, the texture of every note and what the model expects
of it, and says where to go on; a few steps lead from normal numbers to residuals of a whole piece.

References
----------
Lipman et al., Flow matching for generative modeling, ICLR 2023 (the objective: straight ways).
Borovik & Viro, PianoFlow / SyMuPe, 2025 (flow matching for expressive performance).
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from takes_decoder import conditions_of, gated
from torch import Tensor, nn

from humanize.expression import ARTICULATION, TEMPO, TIMING, VELOCITY
from humanize.interpretation.sampling import standardised
from humanize.interpretation.texture import Chords, chords_of
from humanize.notes import FloatColumn, NoteTable
from humanize.training.residuals import Residuals

SCALE = {VELOCITY.name: 1.0, TEMPO.name: 1.0, TIMING.name: 10.0, ARTICULATION.name: 0.53}
"""Units of a target in one of the field's: standard deviations, those of the bank, as texture has."""

WIDTH, DILATIONS = 64, (1, 2, 4, 8, 16, 32) * 2
CONDITIONS, TIMES = 10, 8  # columns that a note is known by; sines and cosines of the way's place
STEPS = 8  # from noise to residuals
_STRETCH, _BATCH, _RATE, _KEPT = 256, 16, 2e-3, 0.998
_LARGEST = 5.0


@dataclass(frozen=True, kw_only=True)
class Field:
    """One performance: what is known of its notes, and its residuals.

    Attributes
    ----------
    given : (10, n) float32 array
    chord : (n,) int array
        Number of the chord of each note, lowest pitch first.
    target : (4, n) float32 array
    """

    given: NDArray[np.float32]
    chord: NDArray[np.int64]
    target: NDArray[np.float32]


class Flow(nn.Module):
    """Where noise goes on its way to residuals: (batch, 4, n) of (batch, 4, n), place, conditions."""

    def __init__(self) -> None:
        super().__init__()
        self.entered = nn.Conv1d(len(SCALE) + CONDITIONS, WIDTH, 3, padding=1)
        self.timed = nn.Linear(TIMES, 2 * WIDTH * len(DILATIONS))
        self.layers = nn.ModuleList(
            nn.Conv1d(WIDTH, 2 * WIDTH, 3, dilation=d, padding=d) for d in DILATIONS
        )
        self.out = nn.Conv1d(WIDTH, len(SCALE), 1)

    def forward(self, x: Tensor, place: Tensor, given: Tensor) -> Tensor:
        angle = torch.pi * place[:, None] * 2.0 ** torch.arange(TIMES // 2)
        times = self.timed(torch.cat([torch.sin(angle), torch.cos(angle)], 1))
        inside = self.entered(torch.cat([x, given], 1))
        for layer, time in zip(self.layers, times.chunk(len(DILATIONS), 1), strict=True):
            inside = inside + gated(layer(inside) + time[:, :, None])
        return self.out(inside)


def given_of(chords: Chords, mean: Mapping[str, FloatColumn]) -> NDArray[np.float32]:
    """Return what is known of each note, chord by chord from the lowest pitch: texture and mean."""
    order = np.lexsort((chords.rank, chords.of_note))
    chord, rank = chords.of_note[order], chords.rank[order]
    own = conditions_of(chords.texture, chords.size, rank, chord)
    expected = [standardised(mean[name])[order] for name in (VELOCITY.name, TEMPO.name)]
    return np.concatenate([own, np.clip(expected, -_LARGEST, _LARGEST)]).astype(np.float32)


def field_of(own: Residuals, mean: Mapping[str, FloatColumn]) -> Field:
    """Return the field of one performance's residuals."""
    chord = np.repeat(np.arange(len(own.chords)), own.chords.size)
    columns = [
        own.values[name][chord] if name == TEMPO.name else own.values[name] / scale
        for name, scale in SCALE.items()
    ]
    target = np.clip(columns, -_LARGEST, _LARGEST).astype(np.float32)
    return Field(given=given_of(own.chords, mean), chord=chord, target=target)


def fit(fields: Iterable[Field], *, steps: int, seed: int = 0) -> Flow:
    """Train a flow on performances; what is returned is a running mean of its weights."""
    torch.manual_seed(seed)
    draw = np.random.default_rng(seed)
    own = list(fields)
    model = Flow()
    kept = copy.deepcopy(model)
    optimiser = torch.optim.Adam(model.parameters(), lr=_RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, total_steps=steps)
    share = np.array([len(field.chord) for field in own], dtype=np.float64)
    for _ in range(steps):
        chosen = draw.choice(len(own), _BATCH, p=share / share.sum())
        given, noise, target, known = _batch([own[i] for i in chosen], draw)
        place = torch.from_numpy(draw.random(_BATCH, dtype=np.float32))
        between = noise + place[:, None, None] * (target - noise)
        missed = (model(between, place, given) - (target - noise)) ** 2
        loss = (missed * known).sum() / (len(SCALE) * known.sum())
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        with torch.no_grad():
            for mine, theirs in zip(kept.parameters(), model.parameters(), strict=True):
                mine.lerp_(theirs, 1 - _KEPT)
    return kept.eval()


def _batch(
    fields: Sequence[Field], draw: np.random.Generator
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return conditions, noise, residuals, and which notes there are, of stretches of fields."""
    shape = len(fields), len(SCALE), _STRETCH
    given = np.zeros((len(fields), CONDITIONS, _STRETCH), dtype=np.float32)
    noise, target = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32)
    known = np.zeros((len(fields), 1, _STRETCH), dtype=np.float32)
    for i, field in enumerate(fields):
        start = int(draw.integers(0, max(len(field.chord) - _STRETCH, 0) + 1))
        span = slice(start, start + _STRETCH)
        count = len(field.chord[span])
        given[i, :, :count], target[i, :, :count] = field.given[:, span], field.target[:, span]
        noise[i, :, :count] = noise_of(field.chord[span], draw)
        known[i, :, :count] = 1
    return tuple(torch.from_numpy(x) for x in (given, noise, target, known))


def noise_of(chord: NDArray[np.int64], draw: np.random.Generator) -> NDArray[np.float32]:
    """Return normal numbers, that of the tempo one for each chord."""
    noise = draw.normal(size=(len(SCALE), len(chord)))
    shared = draw.normal(size=int(chord[-1] - chord[0]) + 1)
    noise[list(SCALE).index(TEMPO.name)] = shared[chord - chord[0]]
    return noise.astype(np.float32)


@torch.no_grad()
def sample(
    model: Flow, notes: NoteTable, mean: Mapping[str, FloatColumn], seed: int
) -> dict[str, FloatColumn]:
    """Draw residuals of all targets for a piece at once, by the midpoint rule."""
    chords = chords_of(notes)
    order = np.lexsort((chords.rank, chords.of_note))
    given = torch.from_numpy(given_of(chords, mean))[None]
    noise = noise_of(chords.of_note[order], np.random.default_rng(seed))
    x = torch.from_numpy(noise)[None]
    for k in range(STEPS // 2):  # two readings each
        place, step = torch.tensor([2 * k / STEPS]), 2 / STEPS
        half = x + step / 2 * model(x, place, given)
        x = x + step * model(half, place + step / 2, given)
    laid = {}
    for name, values in zip(SCALE, x[0].numpy().astype(np.float64), strict=True):
        own = np.empty(len(notes))
        own[order] = SCALE[name] * values
        laid[name] = own
    tempo = np.bincount(chords.of_note, laid[TEMPO.name]) / chords.size
    return {**laid, TEMPO.name: tempo[chords.of_note]}
