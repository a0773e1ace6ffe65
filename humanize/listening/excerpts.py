"""Which stretch of a piece is heard."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from humanize.errors import OptionError
from humanize.listening.audio import RATE_HZ, Samples
from humanize.notes import FloatColumn

_FADE_SEC = 0.05
_LEAD_SEC = 0.1


@dataclass(frozen=True, kw_only=True)
class Excerpt:
    """The stretch of a piece that is heard.

    Attributes
    ----------
    start_sec, length_sec : float
    """

    start_sec: float
    length_sec: float

    @property
    def end_sec(self) -> float:
        """Where it ends."""
        return self.start_sec + self.length_sec

    def cut(self, samples: Samples) -> Samples:
        """Return the stretch, silent beyond the end of the piece, with its edges faded."""
        start, length = round(self.start_sec * RATE_HZ), round(self.length_sec * RATE_HZ)
        fade = round(_FADE_SEC * RATE_HZ)
        if start < 0 or length < 8 * fade or start >= len(samples):
            raise OptionError(
                f"excerpt of {self.length_sec} s from {self.start_sec} s found; expected 0.4 s or "
                "more, inside the piece"
            )
        cut = samples[start : start + length]
        cut = np.pad(cut, ((0, length - len(cut)), (0, 0)))
        ramp = np.ones(length)
        ramp[:fade] = np.linspace(0, 1, fade)
        ramp[-fade:] = ramp[:fade][::-1]
        return (cut * ramp[:, None]).astype(np.float32)


def draw_excerpt(onset_sec: FloatColumn, length_sec: float, draw: np.random.Generator) -> Excerpt:
    """Return a stretch drawn among those that begin with a note and are full of music.

    Full is at least half as many notes as the median stretch has. Velocities play no part.

    Parameters
    ----------
    onset_sec : (n,) float array
        Ascending.
    length_sec : float
    draw : Generator
    """
    fits = np.flatnonzero(onset_sec + length_sec <= onset_sec[-1] + 1)
    if not len(fits):
        return Excerpt(start_sec=max(float(onset_sec[0]) - _LEAD_SEC, 0.0), length_sec=length_sec)
    count = np.searchsorted(onset_sec, onset_sec[fits] + length_sec) - fits
    full = fits[count >= np.median(count) / 2]
    start = float(onset_sec[full[int(draw.integers(len(full)))]])
    return Excerpt(start_sec=max(round(start - _LEAD_SEC, 3), 0.0), length_sec=length_sec)
