"""Ways to draw what a take adds to the mean, side by side: the one that ships, and controls.

Each returns residuals for every note of a flat score, by target, as
``humanize.interpretation.sampling.lay`` does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from humanize.expression import ARTICULATION, TEMPO, TIMING, VELOCITY
from humanize.interpretation import sampling
from humanize.interpretation.texture import chords_of
from humanize.models.residuals import ResidualBank
from humanize.notes import FloatColumn, NoteTable

Residuals = Mapping[str, FloatColumn]
Sampler = Callable[[NoteTable, ResidualBank, int], Residuals]

ASYNCHRONY_MS, ARTICULATION_LOG = 10.0, 0.53  # standard deviations of the bank


def blocks(notes: NoteTable, bank: ResidualBank, seed: int) -> Residuals:
    """Phrases of real residuals, each the likest of 1,024: what ships."""
    return sampling.lay(notes, bank, seed)


def blocks_anywhere(notes: NoteTable, bank: ResidualBank, seed: int) -> Residuals:
    """Phrases of real residuals, from anywhere in the bank."""
    compared, sampling.CANDIDATES = sampling.CANDIDATES, 1
    try:
        return sampling.lay(notes, bank, seed)
    finally:
        sampling.CANDIDATES = compared


def iid(notes: NoteTable, bank: ResidualBank, seed: int) -> Residuals:
    """Independent normal numbers."""
    draw = np.random.default_rng(seed)
    chord = chords_of(notes).of_note
    return {
        VELOCITY.name: draw.normal(size=len(notes)),
        TEMPO.name: draw.normal(size=int(chord[-1]) + 1)[chord],
        TIMING.name: ASYNCHRONY_MS * draw.normal(size=len(notes)),
        ARTICULATION.name: ARTICULATION_LOG * draw.normal(size=len(notes)),
    }


def gaussian_field(notes: NoteTable, bank: ResidualBank, seed: int) -> Residuals:
    """Normal numbers correlated as residuals are: in chords, in voices, over some chords.

    Velocity: chords share .43 of the variance; autocorrelation over 1, 4 and 16 chords about .55,
    .37 and .09. Tempo: a slow curve of a seventh of the variance, the rest independent.
    """
    draw = np.random.default_rng(seed)
    chords = chords_of(notes)
    chord, count = chords.of_note, len(chords)
    shared = np.sqrt(0.43) * autoregressive(draw, count, 0.86)
    voices = np.stack([autoregressive(draw, count, 0.86) for _ in range(3)])
    voice = np.where(chords.rank == chords.size[chord] - 1, 2, np.where(chords.rank == 0, 0, 1))
    own = np.sqrt(0.25) * voices[voice, chord] + np.sqrt(0.32) * draw.normal(size=len(notes))
    slow = np.sqrt(1 / 7) * autoregressive(draw, count, 0.95)
    tempo = slow + np.sqrt(6 / 7) * draw.normal(size=count)
    velocity = shared[chord] + own
    early = -0.35 * velocity + np.sqrt(1 - 0.35**2) * draw.normal(size=len(notes))
    held = autoregressive(draw, len(notes), 0.5)
    return {
        VELOCITY.name: velocity,
        TEMPO.name: tempo[chord],
        TIMING.name: ASYNCHRONY_MS * early,
        ARTICULATION.name: ARTICULATION_LOG * held,
    }


def autoregressive(draw: np.random.Generator, count: int, keeps: float) -> NDArray[np.float64]:
    """Return a stationary first-order process of variance 1."""
    noise = draw.normal(size=count)
    noise[1:] *= np.sqrt(1 - keeps**2)
    for i in range(1, count):
        noise[i] += keeps * noise[i - 1]
    return noise


SAMPLERS: dict[str, Sampler] = {
    "blocks (ships)": blocks,
    "blocks from anywhere": blocks_anywhere,
    "Gaussian field": gaussian_field,
    "iid noise": iid,
}
