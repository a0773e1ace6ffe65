"""Which drum a note number plays, and which limb plays it.

The table is General MIDI's percussion map, with the numbers that Roland's V-Drums send besides
(22 and 26 for the edge of the hi-hat, 58 for the rim of the floor tom). Hand percussion is taken
for the part of the kit that does its work: what keeps time for a closed hi-hat, what rings for a
ride, what is tuned for toms. Blocks and claves, which sequencers click with, are nobody's.

References: General MIDI System Level 1 (1991); Roland TD-11 data list.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from humanize.notes import IntColumn

DRUMS_BY_NUMBER: dict[str, tuple[int, ...]] = {
    "kick": (35, 36),
    "snare": (38, 40),
    "side stick": (37,),
    "clap": (39,),
    "closed hi-hat": (42, 22, 54, 69, 70, 73, 74, 82),
    "pedal hi-hat": (44,),
    "open hi-hat": (46, 26),
    "ride": (51, 59, 56),
    "ride bell": (53,),
    "crash": (49, 57, 55, 52),
    "low tom": (41, 43, 58, 61, 64, 66),
    "middle tom": (45, 47, 63),
    "high tom": (48, 50, 60, 62, 65),
}
"""Note numbers of each drum; numbers that stand nowhere are unknown."""

DRUM_NAMES = tuple(DRUMS_BY_NUMBER)
"""Drums in the order of their numbers, from 0."""

UNKNOWN = -1
"""The drum of a note number that the table does not know."""

KICK, SNARE, SIDE_STICK, CLAP, CLOSED, PEDAL, OPEN, RIDE, BELL, CRASH, LOW, MIDDLE, HIGH = range(
    len(DRUM_NAMES)
)

RIGHT_FOOT, LEFT_FOOT, HANDS = range(3)
"""Limbs; which hand plays a drum no file says."""

VOICES: dict[str, tuple[int, ...]] = {
    "kick": (KICK,),
    "snare": (SNARE, SIDE_STICK, CLAP),
    "hat": (CLOSED, PEDAL, OPEN),
    "ride": (RIDE, BELL),
    "crash": (CRASH,),
    "tom": (LOW, MIDDLE, HIGH),
}
"""Drums that do one work in a groove, as its features see them."""


def _by_number() -> IntColumn:
    table = np.full(128, UNKNOWN, dtype=np.int64)
    for drum, numbers in enumerate(DRUMS_BY_NUMBER.values()):
        table[list(numbers)] = drum
    return table


_DRUM_OF_NUMBER = _by_number()
_LIMB = np.full(len(DRUM_NAMES), HANDS, dtype=np.int64)
_LIMB[KICK], _LIMB[PEDAL] = RIGHT_FOOT, LEFT_FOOT
_VOICE = np.array(
    [next(i for i, drums in enumerate(VOICES.values()) if d in drums) for d in range(len(_LIMB))]
)


def drums_of(number: IntColumn) -> IntColumn:
    """Return the drum of each note number (0-127), ``UNKNOWN`` where the table has none."""
    return np.asarray(_DRUM_OF_NUMBER[number])


def limbs_of(drum: IntColumn) -> IntColumn:
    """Return the limb that plays each known drum: a foot, or the hands."""
    return np.asarray(_LIMB[drum])


def voices_of(drum: IntColumn) -> IntColumn:
    """Return the place in ``VOICES`` of each known drum."""
    return np.asarray(_VOICE[drum])


def movers_of(pitch: IntColumn, track: IntColumn, drums: NDArray[np.bool_]) -> IntColumn:
    """Return who moves each note: the limb of a drum, else the player of its track.

    Parameters
    ----------
    pitch, track : (n,) IntColumn
    drums : (n,) bool array
    """
    return np.where(drums, limbs_of(drums_of(pitch)), HANDS + 1 + track)
