"""Which features a condition has for a target: what would give the target away is left out."""

from __future__ import annotations

from humanize.errors import OptionError
from humanize.expression import ASPECTS, PEDAL_LIFT, VELOCITY, Target
from humanize.features import all_features
from humanize.models.base import Condition

OPTIONAL_FAMILIES: dict[Condition, frozenset[str]] = {
    "flat": frozenset(),
    "marked": frozenset({"markings", "cues"}),
    "performed": frozenset({"pedals"}),
}
"""The families whose columns a condition may lack: training withholds them at random."""

_OF_TIME = frozenset({"tempo", "neighbours", "grouping", "cues"})
"""What timing, articulation and pedal read beside the columns of velocity."""

_FOREIGN_FAMILIES: dict[tuple[Condition, str], frozenset[str]] = {
    **{("flat", aspect): frozenset({"markings", "pedals", "touch", "cues"}) for aspect in ASPECTS},
    **{("marked", aspect): frozenset({"pedals", "touch"}) for aspect in ASPECTS},
    ("flat", VELOCITY.aspect): frozenset({"markings", "pedals", "touch"}) | _OF_TIME,
    ("marked", VELOCITY.aspect): frozenset({"pedals", "touch"}) | _OF_TIME,
    # a performance has its own tempo, timing and articulation: these are never predicted for it
    ("performed", VELOCITY.aspect): frozenset({"markings"}) | _OF_TIME,
    ("performed", PEDAL_LIFT.aspect): frozenset({"markings", "pedals"}) | _OF_TIME,
}


def is_predicted(condition: Condition, target: Target) -> bool:
    """Return whether a target can be predicted for a condition."""
    return (condition, target.aspect) in _FOREIGN_FAMILIES


def columns_of(condition: Condition, target: Target = VELOCITY) -> tuple[str, ...]:
    """Return the names of the features that a condition has for a target.

    Raises
    ------
    OptionError
        If the condition itself has what would be predicted.
    """
    if not is_predicted(condition, target):
        known = [aspect for own, aspect in _FOREIGN_FAMILIES if own == condition]
        raise OptionError(
            f"target {target.aspect!r} found for {condition} input, which has it already; expected "
            f"{' or '.join(known)}"
        )
    foreign = _FOREIGN_FAMILIES[condition, target.aspect]
    return tuple(f.name for f in all_features() if f.family not in foreign)
