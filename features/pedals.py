"""What the pianist's feet do at a note and around it, in performed timing.

Control changes are part of a performance as its timing is; they are no velocities. A source that
never moves a pedal leaves its columns missing (NaN).
"""

from __future__ import annotations

from functools import partial

import numpy as np

from ..notes import PEDALS
from .context import Context, shared
from .feature import Feature
from .windows import Floats, RangeStatistics, SecondsWindow

FAMILY = "pedals"
_UNIT = "controller value"
_MISSING = "where the source never moves that pedal"
_SOURCE = "MIDI 1.0, controllers 64 (damper) and 67 (soft)"
_MOMENTS = {"": "at the onset", "_after": "0.1 s after the onset", "_release": "at the release"}
_WINDOWS = (
    *(SecondsWindow("around", seconds) for seconds in (1.0, 4.0, 16.0)),
    *(SecondsWindow(side, seconds) for side in ("past", "next") for seconds in (0.5, 2.0, 8.0)),
)


def _pedal(c: Context, name: str) -> Floats:
    return c.notes.pedal(name)


@shared
def _over_notes(c: Context, pedal: str) -> RangeStatistics:
    return RangeStatistics(_pedal(c, f"{pedal}_after"))


def _mean(c: Context, pedal: str, window: SecondsWindow) -> Floats:
    if f"{pedal}_after" not in c.notes.pedals:
        return np.full(c.length, np.nan)
    return _over_notes(c, pedal).over(c.notes_in(window), "mean")[c.group]


def _raw(name: str) -> Feature:
    pedal, _, _ = name.partition("_pedal")
    moment = _MOMENTS[name.removeprefix(f"{pedal}_pedal")]
    return Feature(
        name=name,
        family=FAMILY,
        unit=_UNIT,
        formula=f"value of the {pedal} pedal {moment}",
        compute=partial(_pedal, name=name),
        source=_SOURCE,
        missing=_MISSING,
    )


def _window(pedal: str, window: SecondsWindow) -> Feature:
    return Feature(
        name=f"{pedal}_{window.name}_mean",
        family=FAMILY,
        unit=_UNIT,
        formula=f"mean of {pedal}_after over the notes of {window.name}",
        compute=partial(_mean, pedal=pedal, window=window),
        source=_SOURCE,
        missing=_MISSING,
    )


FEATURES = (
    *(_raw(name) for name in PEDALS),
    *(_window(pedal, window) for pedal in ("sustain_pedal", "soft_pedal") for window in _WINDOWS),
)
