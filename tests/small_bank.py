"""A bank of residuals of which every value is known: two performances of 70 chords each."""

from __future__ import annotations

from typing import Any

import numpy as np

from humanize.models.residuals import ResidualBank, bank_of

STEP = {"velocity": 0.1, "asynchrony_ms": 1.0, "log_articulation": 0.01, "log_beat_period": 0.1}
CHORDS = 70


def arrays(size: int = 2) -> dict[str, np.ndarray[Any, Any]]:
    """Chords of ``size`` notes; a note has its number in the chord, a chord its number."""
    chords = 2 * CHORDS
    place = np.tile(np.arange(size), chords)
    return {
        "chords": np.array([CHORDS, CHORDS]),
        "size": np.full(chords, size),
        "texture": np.repeat([[0] * 5, [50] * 5], CHORDS, axis=0),
        "velocity": place + 1,
        "asynchrony_ms": -place,
        "log_articulation": 10 * place,
        "log_beat_period": np.repeat([3, 7], CHORDS),
    }


def small_bank(size: int = 2) -> ResidualBank:
    return bank_of(arrays(size), name="small", manifest={}, step=STEP)
