"""An interpretation that comes with an upload: it is written instead of what a model would say.

The page shapes what ``/v1/interpretation`` told it, note by note and passage by passage, and sends
the numbers back to have them written. They are the client's: nothing of them is trusted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from humanize.errors import OptionError
from humanize.expression import ARTICULATION
from humanize.interpretation.interpret import Interpretation
from humanize.interpretation.parameters import PerformanceParameters
from humanize.interpretation.shaping import round_velocity
from humanize.music import Music
from humanize.notes import FloatColumn, NoteTable

FIELD = "interpretation"
_EXPECTED = "expected what /v1/interpretation lists, as JSON: a list of pieces with 'velocity'"
_LONGEST_LOG, _LONGEST_MS, _LONGEST_REST_MS = 3.0, 2000.0, 600_000.0
_BOUNDS = {
    "velocity": (1.0, 127.0),
    "log_beat_period": (-_LONGEST_LOG, _LONGEST_LOG),
    "asynchrony_ms": (-_LONGEST_MS, _LONGEST_MS),
    "log_articulation": (ARTICULATION.low, ARTICULATION.high),
    "pedal_lift_ms": (-_LONGEST_REST_MS, _LONGEST_MS),
    "pedal_press_ms": (-_LONGEST_MS, _LONGEST_MS),
    "drum_lag_ms": (-_LONGEST_MS, _LONGEST_MS),
}
_GAPS = ("pedal_lift_ms", "pedal_press_ms", "drum_lag_ms")  # null where nothing happens
Piece = Mapping[str, FloatColumn]


@dataclass(frozen=True)
class Given:
    """Columns of each piece: ``velocity`` always, of a performance its parameters too."""

    pieces: tuple[Piece, ...]

    @classmethod
    def read(cls, text: str) -> Given:
        """Return what a form's field says.

        Raises
        ------
        OptionError
            If it is not what ``/v1/interpretation`` lists.
        """
        try:
            pieces = json.loads(text)
        except (ValueError, RecursionError):
            raise OptionError(f"{FIELD}: no JSON found; {_EXPECTED}") from None
        if not isinstance(pieces, list) or not all(isinstance(piece, dict) for piece in pieces):
            raise OptionError(f"{FIELD}: something else found; {_EXPECTED}")
        return cls(tuple(_columns(piece) for piece in pieces))

    def interpretations(self, music: Music) -> tuple[Interpretation, ...]:
        """Return the notes of what was read with these velocities.

        Raises
        ------
        OptionError
            If they are not as many.
        """
        if len(self.pieces) != len(music.pieces):
            raise OptionError(
                f"{FIELD}: {len(self.pieces)} pieces found; expected {len(music.pieces)}"
            )
        return tuple(
            _interpretation(notes, own)
            for notes, own in zip(music.pieces, self.pieces, strict=True)
        )

    def parameters(
        self, interpretations: Sequence[Interpretation]
    ) -> tuple[PerformanceParameters, ...]:
        """Return the performance of each piece; neutral where a column is not given."""
        return tuple(
            _parameters(interpretation, own)
            for interpretation, own in zip(interpretations, self.pieces, strict=True)
        )


def taken_out(
    fields: Sequence[tuple[str, str]],
) -> tuple[list[tuple[str, str]], Given | None]:
    """Return the fields of a form without the interpretation, and the interpretation, if any.

    Raises
    ------
    OptionError
        If there are several, or it is not readable.
    """
    texts = [text for name, text in fields if name == FIELD]
    if len(texts) > 1:
        raise OptionError(f"{FIELD}: given twice; expected once")
    others = [(name, text) for name, text in fields if name != FIELD]
    return others, Given.read(texts[0]) if texts else None


def _columns(piece: Mapping[str, Any]) -> Piece:
    unknown = [name for name in piece if name not in _BOUNDS]
    if unknown or "velocity" not in piece:
        named = f"{str(unknown[0])[:40]!r}" if unknown else "a piece without velocity"
        raise OptionError(f"{FIELD}: {named} found; {_EXPECTED}")
    return {name: _column(name, values) for name, values in piece.items()}


def _column(name: str, values: Any) -> FloatColumn:
    known = isinstance(values, list) and all(
        (type(v) in (int, float)) or (v is None and name in _GAPS) for v in values
    )
    if not known:
        raise OptionError(f"{FIELD}: {name} is no list of numbers; {_EXPECTED}")
    low, high = _BOUNDS[name]
    if not all(v is None or low <= v <= high for v in values):  # before any is made a float
        raise OptionError(f"{FIELD}: {name} out of bounds; expected {low:g} to {high:g}")
    return np.array([np.nan if v is None else float(v) for v in values], dtype=np.float64)


def _require(name: str, found: int, expected: int) -> None:
    if found != expected:
        raise OptionError(f"{FIELD}: {found:,} of {name} found; expected {expected:,}")


def _interpretation(notes: NoteTable, own: Piece) -> Interpretation:
    _require("velocity", len(own["velocity"]), len(notes))
    velocity = round_velocity(own["velocity"])
    changed = velocity != notes.velocity
    return Interpretation(
        notes=notes,
        predicted=velocity.astype(np.float64),
        velocity=velocity,
        selected=np.ones(len(notes), dtype=bool),
        changed=changed,
    )


def _parameters(interpretation: Interpretation, own: Piece) -> PerformanceParameters:
    neutral = PerformanceParameters.neutral(interpretation.notes)
    onsets, notes = len(neutral.onset_beat), len(neutral)
    given = {name: column for name, column in own.items() if name != "velocity"}
    for name, column in given.items():
        per_onset = name in ("log_beat_period", "pedal_lift_ms", "pedal_press_ms")
        _require(name, len(column), onsets if per_onset else notes)
    columns: dict[str, Any] = {
        "log_beat_period": neutral.log_beat_period,
        "asynchrony_ms": neutral.asynchrony_ms,
        "log_articulation": neutral.log_articulation,
        **given,
    }
    return PerformanceParameters(
        onset_beat=neutral.onset_beat, velocity=interpretation.velocity, **columns
    )
