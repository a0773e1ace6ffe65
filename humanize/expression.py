"""What a performance adds to a score, as ordered targets that a model can have a head for.

Each target is a column with its unit in its name. A column of scope ``note`` has a value for each
note; one of scope ``onset`` has one value for all notes that share an onset. NaN means that nothing
is known of it, as where a pianist left a note out.

References
----------
Grachten & Widmer, Linear basis models for prediction and analysis of musical expression, Journal
of New Music Research 41(4), 2012; Cancino-Chacon et al., Partitura, Music Encoding Conference 2022
(the parameters beat period, velocity, timing and articulation).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from humanize.errors import OptionError

Scope = Literal["note", "onset"]
Kind = Literal["quantity", "probability"]


@dataclass(frozen=True, kw_only=True)
class Target:
    """One thing that a pianist adds to a score.

    Attributes
    ----------
    name : str
        Of the column; a unit is its suffix.
    aspect : str
        What people call it, and options name it by; several columns may make one aspect.
    unit : str
    scope : "note" or "onset"
    kind : "quantity" or "probability"
        Whether a model predicts the value itself, or how likely an event is (0 to 1).
    neutral : float
        The value of a performance that adds nothing to the score, in ``unit``.
    low, high : float
        What a value is limited to.
    typical_spread : float
        Standard deviation within a performance, in ``unit``; 1 for a probability. Members learn in
        units of it. Velocity is divided by each performance's own instead, as pianos and
        microphones differ in it, and has 0 here.
    doc : str
        How it is defined, in one sentence.
    """

    name: str
    aspect: str
    unit: str
    scope: Scope
    neutral: float
    low: float
    high: float
    typical_spread: float
    doc: str
    kind: Kind = "quantity"


VELOCITY = Target(
    name="velocity",
    aspect="velocity",
    unit="MIDI velocity",
    scope="note",
    neutral=64.0,
    low=1.0,
    high=127.0,
    typical_spread=0.0,
    doc="How hard the key is struck.",
)
TEMPO = Target(
    name="log_beat_period",
    aspect="tempo",
    unit="natural logarithm",
    scope="onset",
    neutral=0.0,
    low=-1.6,
    high=1.6,
    typical_spread=0.25,
    doc="Logarithm of the time to the next onset over its notated length, less the median of the "
    "performance: above 0 is slower.",
)
TIMING = Target(
    name="asynchrony_ms",
    aspect="timing",
    unit="milliseconds",
    scope="note",
    neutral=0.0,
    low=-75.0,
    high=75.0,
    typical_spread=12.0,
    doc="Onset of a note less the mean onset of its chord; chords that are rolled are left out.",
)
ARTICULATION = Target(
    name="log_articulation",
    aspect="articulation",
    unit="natural logarithm",
    scope="note",
    neutral=0.0,
    low=-3.0,
    high=1.5,
    typical_spread=0.64,
    doc="Logarithm of how long the key is held over what its notated length lasts in the tempo "
    "played.",
)
PEDAL_LIFT = Target(
    name="pedal_lift",
    aspect="pedal",
    unit="probability",
    scope="onset",
    kind="probability",
    neutral=0.0,
    low=0.0,
    high=1.0,
    typical_spread=1.0,
    doc="Whether the damper pedal is let up around the onset: the lift, less 50 ms, is nearest to "
    "it.",
)
PEDAL_PRESS = Target(
    name="pedal_press",
    aspect="pedal",
    unit="probability",
    scope="onset",
    kind="probability",
    neutral=0.0,
    low=0.0,
    high=1.0,
    typical_spread=1.0,
    doc="Whether the damper pedal goes down after the onset: the press, less 150 ms, is nearest to "
    "it.",
)
PEDAL_DOWN = Target(
    name="pedal_down",
    aspect="pedal",
    unit="probability",
    scope="onset",
    kind="probability",
    neutral=0.0,
    low=0.0,
    high=1.0,
    typical_spread=1.0,
    doc="Share of the time from the onset to the next that the damper pedal is down.",
)

TARGETS = (VELOCITY, TEMPO, TIMING, ARTICULATION, PEDAL_LIFT, PEDAL_PRESS, PEDAL_DOWN)
"""Every target, in the order in which they are listed, predicted and stored."""

ASPECTS = tuple(dict.fromkeys(target.aspect for target in TARGETS))
"""What options name targets by, in the order of ``TARGETS``."""


def targets_of(aspects: Iterable[str]) -> tuple[Target, ...]:
    """Return the targets of these aspects, in the order of ``TARGETS``.

    Raises
    ------
    OptionError
        For an unknown aspect.
    """
    wanted = list(aspects)
    unknown = [aspect for aspect in wanted if aspect not in ASPECTS]
    if unknown:
        raise OptionError(f"target {unknown[0]!r} found; expected one of {', '.join(ASPECTS)}")
    return tuple(target for target in TARGETS if target.aspect in wanted)
