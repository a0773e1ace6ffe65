"""Performance parameters: all that a performance adds to the notes of a piece, ready to be written.

They come from a model, a rule or a pianist; ``humanize.midi.retiming`` writes them into a file.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, get_args

import numpy as np

from humanize.errors import InputError, OptionError
from humanize.notes import FloatColumn, IntColumn, NoteTable, starts

WriteMode = Literal["tempo", "notes"]
PedalWay = Literal["keep", "add", "replace", "none"]
PedalValues = Literal["switch", "continuous"]
HIGHEST_AMOUNT = 2.0


@dataclass(frozen=True, kw_only=True)
class PerformanceParameters:
    """What a performance adds to one note table.

    Attributes
    ----------
    onset_beat : (k,) FloatColumn
        Distinct onsets, increasing: those of the table, or any others that the tempo is known at.
    log_beat_period : (k,) FloatColumn
        Natural logarithm of performed over notated time from each onset to the next; above 0 is
        slower. The last holds to the end of the last note.
    asynchrony_ms : (n,) FloatColumn
        Onset of each note less the mean onset of its chord; below 0 is early.
    log_articulation : (n,) FloatColumn
        Natural logarithm of the key's duration over what its duration in the file lasts in
        performed time; below 0 is detached.
    velocity : (n,) IntColumn, optional
        1-127; without it velocities stay.
    pedal_lift_ms, pedal_press_ms : (k,) FloatColumn
        How long after an onset (before, if below 0) the damper pedal is let up, and pressed; NaN
        where it is not. Empty: no pedal.
    drum_lag_ms : (n,) FloatColumn
        How late each drum is struck (early, if below 0), whatever is struck together with it; NaN
        for other notes. Empty: no drum moves.
    pedal_depth : (k,) IntColumn
        How deep (1-127) the pedal is pressed, where continuous values are written. Empty: 127.

    Raises
    ------
    InputError
        If lengths do not fit, onsets do not increase, or a value is missing that must not be.
    """

    onset_beat: FloatColumn
    log_beat_period: FloatColumn
    asynchrony_ms: FloatColumn
    log_articulation: FloatColumn
    velocity: IntColumn | None = None
    pedal_lift_ms: FloatColumn = field(default_factory=lambda: np.zeros(0))
    pedal_press_ms: FloatColumn = field(default_factory=lambda: np.zeros(0))
    pedal_depth: IntColumn = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    drum_lag_ms: FloatColumn = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        onsets, notes = len(self.onset_beat), len(self.asynchrony_ms)
        _require_length("log_beat_period", len(self.log_beat_period), onsets)
        _require_length("log_articulation", len(self.log_articulation), notes)
        _require_length("velocity", notes if self.velocity is None else len(self.velocity), notes)
        _require_length("drum_lag_ms", len(self.drum_lag_ms) or notes, notes)
        for name in ("pedal_lift_ms", "pedal_press_ms", "pedal_depth"):
            _require_length(name, len(getattr(self, name)) or onsets, onsets)
        if not (np.diff(self.onset_beat) > 0).all():
            raise InputError("performance: onset_beat does not increase; expected it to")
        for name in ("onset_beat", "log_beat_period", "asynchrony_ms", "log_articulation"):
            if not np.isfinite(getattr(self, name)).all():
                raise InputError(f"performance: {name} has missing values; expected none")

    def __len__(self) -> int:
        return len(self.asynchrony_ms)

    @classmethod
    def neutral(cls, notes: NoteTable) -> PerformanceParameters:
        """Return the parameters that add nothing to a note table."""
        onset_beat = notes.onset_beat[starts(notes.onset_beat)]
        return cls(
            onset_beat=onset_beat,
            log_beat_period=np.zeros(len(onset_beat)),
            asynchrony_ms=np.zeros(len(notes)),
            log_articulation=np.zeros(len(notes)),
        )

    def scaled(self, amounts: Amounts) -> PerformanceParameters:
        """Return the parameters by these amounts: logarithms and milliseconds multiplied."""
        return replace(
            self,
            log_beat_period=self.log_beat_period * amounts.rubato,
            asynchrony_ms=self.asynchrony_ms * amounts.timing,
            log_articulation=self.log_articulation * amounts.articulation,
            drum_lag_ms=self.drum_lag_ms * amounts.timing,
        )

    def take_notes(self, rows: IntColumn) -> PerformanceParameters:
        """Return the parameters of these notes, in that order; those of onsets stay."""
        return replace(
            self,
            asynchrony_ms=self.asynchrony_ms[rows],
            log_articulation=self.log_articulation[rows],
            velocity=None if self.velocity is None else self.velocity[rows],
            drum_lag_ms=self.drum_lag_ms[rows] if len(self.drum_lag_ms) else self.drum_lag_ms,
        )


@dataclass(frozen=True, kw_only=True)
class Amounts:
    """How much of each is written: 0 nothing, 1 as it is, 2 exaggerated.

    Attributes
    ----------
    rubato, timing, articulation : float
        Factors of log beat period, of asynchrony in milliseconds, of log articulation.

    Raises
    ------
    OptionError
        If one is not between 0 and 2.
    """

    rubato: float = 1.0
    timing: float = 1.0
    articulation: float = 1.0

    def __post_init__(self) -> None:
        for name in ("rubato", "timing", "articulation"):
            value = getattr(self, name)
            if not 0 <= value <= HIGHEST_AMOUNT:
                raise OptionError(f"{name}: {value} found; expected 0 to {HIGHEST_AMOUNT:g}")


@dataclass(frozen=True, kw_only=True)
class Writing:
    """How a performance is written into a file.

    Attributes
    ----------
    mode : "tempo" or "notes"
        Whether rubato becomes tempo changes, or everything moves and the tempo track stays.
    pedal : "keep", "add", "replace" or "none"
        Leave pedals as they are; give channels without one a pedal; give all one, theirs removed;
        remove all.
    pedal_values : "switch" or "continuous"
        Whether a pressed pedal is always 127, or as deep as said.
    amounts : Amounts

    Raises
    ------
    OptionError
        For an unknown mode, way or kind of values.
    """

    mode: WriteMode = "tempo"
    pedal: PedalWay = "keep"
    pedal_values: PedalValues = "switch"
    amounts: Amounts = field(default_factory=Amounts)

    def __post_init__(self) -> None:
        for name, kind in (
            ("mode", WriteMode), ("pedal", PedalWay), ("pedal_values", PedalValues),
        ):  # fmt: skip
            if getattr(self, name) not in get_args(kind):
                known = ", ".join(get_args(kind))
                raise OptionError(f"{name}: {getattr(self, name)!r} found; expected one of {known}")


def _require_length(name: str, found: int, expected: int) -> None:
    if found != expected:
        raise InputError(f"performance: {name} has {found} values; expected {expected}")
