"""The targets: their names, units and order, and that no room spells one for itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from humanize.errors import OptionError
from humanize.expression import ASPECTS, TARGETS, VELOCITY, targets_of

ROOT = Path(__file__).parent.parent
UNIT_SUFFIXES = ("_ms", "_period", "_articulation", "_lift", "_press", "_down")


def test_targets_are_ordered_and_their_aspects_are_what_options_take() -> None:
    assert ASPECTS == ("velocity", "tempo", "timing", "articulation", "pedal")
    assert TARGETS[0] is VELOCITY
    assert [t.name for t in targets_of(["pedal", "velocity"])] == [
        "velocity",
        "pedal_lift",
        "pedal_press",
        "pedal_down",
    ]
    assert targets_of(ASPECTS) == TARGETS
    with pytest.raises(OptionError, match="target 'colour' found; expected one of velocity, tempo"):
        targets_of(["tempo", "colour"])


@pytest.mark.parametrize("target", TARGETS, ids=lambda t: t.name)
def test_a_target_is_consistent(target) -> None:
    assert target.name == "velocity" or target.name.endswith(UNIT_SUFFIXES)
    assert target.low <= target.neutral <= target.high
    assert target.doc.endswith(".") and target.unit
    assert (target.typical_spread == 0) == (target == VELOCITY)
    assert (target.kind == "probability") == (target.aspect == "pedal")
    assert target.scope == ("onset" if target.aspect in ("tempo", "pedal") else "note")


def test_no_room_spells_a_target_for_itself() -> None:
    """Of names that mean nothing else; "velocity" is a column of a note table too."""
    own = [target.name for target in TARGETS if target != VELOCITY]
    spelled = re.compile("|".join(f"[\"']{name}[\"']" for name in own))
    for room in ("humanize/corpus", "humanize/training", "humanize/evaluation", "models"):
        for path in (ROOT / room).rglob("*.py"):
            assert not spelled.search(path.read_text(encoding="utf-8")), path
