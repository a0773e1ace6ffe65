"""Sliders in standard deviations of pianists, and the style that sets them all."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from humanize.options.numbers import Number
from humanize.options.option import Option, text_schema

FURTHEST = 4.0
"""Standard deviations: further no pianist is."""


@dataclass(frozen=True, kw_only=True)
class Slider(Number):
    """How much more of an attribute, or less, in standard deviations of pianists."""

    low: float = -FURTHEST
    high: float = FURTHEST
    default: float = 0.0
    metavar: str | None = "SD"


LOUDNESS = Slider(name="loudness", help="Louder (or, below 0, softer), in SDs of pianists.")
SPREAD = Slider(name="spread", help="Wider contrasts, the melody and the phrases as they are.")
MELODY = Slider(name="melody", help="The melody further above the rest.")
PHRASING = Slider(name="phrasing", help="Larger arcs of loudness over phrases.")
LEAD = Slider(name="lead", help="The melody further ahead of the chord that it belongs to.")
LEGATO = Slider(name="legato", help="Keys held longer (or, below 0, more detached).")
PEDAL_DEPTH = Slider(name="pedal_depth", help="The pedal down for more of the time.")
RUBATO_DEPTH = Slider(name="rubato_depth", help="A tempo that varies more.")

VELOCITY_SLIDERS = (LOUDNESS, SPREAD, MELODY, PHRASING)
PERFORM_SLIDERS = (LEAD, LEGATO, PEDAL_DEPTH, RUBATO_DEPTH)
SLIDER_NAMES = tuple(option.name for option in (*VELOCITY_SLIDERS, *PERFORM_SLIDERS))

_ONE = rf"({'|'.join(SLIDER_NAMES)})=-?([0-3](\.[0-9]{{1,6}})?|4(\.0)?)"
_STYLE = f"{_ONE}(,{_ONE})*"


@dataclass(frozen=True, kw_only=True)
class Styles(Option):
    """Performances, or styles that were taken of some; only reading them tells what they are."""

    def checked(self, value: Any) -> tuple[str | Path | Mapping[str, Any], ...]:
        """Return paths and styles in their order."""
        if value is None:
            return ()
        several = value if _is_sequence(value) else [value]
        if not all(isinstance(one, str | Path | Mapping) and one != "" for one in several):
            raise self.refuse(repr(value), "a performance, or what 'humanize style' printed")
        return tuple(several)

    def read(self, text: str) -> Mapping[str, Any]:
        """Return the style that a field holds: ``loudness=0.5,lead=-1``, or what a file has."""
        if text.lstrip().startswith("{"):
            return self._read_json(text)
        self._require_pattern(text, _STYLE, "attributes such as loudness=0.5,lead=-1")
        parts = (part.split("=") for part in text.split(","))
        return {name: float(value) for name, value in parts}

    def _read_json(self, text: str) -> Mapping[str, Any]:
        try:
            style: dict[str, Any] = json.loads(text)
        except (ValueError, RecursionError):
            raise self.refuse(repr(text[:40]), "the JSON that 'humanize style' printed") from None
        return style

    def schema(self) -> dict[str, Any]:
        """Return a text of attributes with their values."""
        return text_schema(
            f"^{_STYLE}$",
            "Attributes in standard deviations of pianists: loudness=0.5,lead=-1; or what "
            "'humanize style' printed.",
        )

    def settled(self, value: Any) -> list[Any]:
        """Return a list of paths and styles."""
        return [dict(v) if isinstance(v, Mapping) else str(v) for v in self.checked(value)]


def _is_sequence(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


STYLE = Styles(
    name="style",
    metavar="FILE",
    help="Play as this performance is played (MIDI), or a style says; repeat to average.",
)
