"""Small MIDI files for tests of batches."""

from __future__ import annotations

import random

from smf_builder import header, note, track


def midi(seed: int, notes: int = 40) -> bytes:
    """Return a flat file of chords of two, other notes for every seed."""
    rng = random.Random(seed)
    events = []
    for i in range(notes):
        onset = 240 * (i // 2)
        events += note(onset, onset + 240, rng.randint(40, 90))
    return header(0, 1, 480) + track(events)
