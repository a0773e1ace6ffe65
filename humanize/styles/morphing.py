"""From one interpretation of some notes to another, as files."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from humanize.errors import OptionError
from humanize.interpretation.attributes import Expression
from humanize.interpretation.parameters import PerformanceParameters, WriteMode, Writing
from humanize.interpretation.shaping import round_velocity
from humanize.interpretation.timing import TimingParameters, decode
from humanize.midi.pedalling import DAMPER, FULLY_DOWN, pedal_strokes
from humanize.midi.retiming import write_performance
from humanize.notes import FloatColumn, NoteTable
from humanize.styles.blending import blend
from humanize.styles.matching import File, Matched, match, read_interpretation

MOST_STEPS = 100


@dataclass(frozen=True, kw_only=True)
class Morph:
    """Two interpretations of the same notes, and all that lies between.

    Attributes
    ----------
    matched : Matched
    first, second : Expression
        Log beat periods relative to what is notated.
    mode : "tempo" or "notes"
        How what lies between is written.
    """

    matched: Matched
    first: Expression
    second: Expression
    mode: WriteMode = "tempo"

    def at(self, position: float) -> bytes:
        """Return the file at a position: the first as it came at 0, the second at 1.

        Raises
        ------
        OptionError
            If it is not from 0 to 1.
        """
        if not 0 <= position <= 1:
            raise OptionError(f"position: {position} found; expected a number from 0 to 1")
        if position in (0, 1):
            return (self.matched.second if position else self.matched.first).content
        between = blend(self.first, self.second, position)
        if self.matched.notated:
            return _written(self.matched, between, self.mode)
        return _played(between)

    def plot(self, positions: Sequence[float]) -> bytes:
        """Return a PNG of velocity, tempo and pedal at some positions over the bars.

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        """
        from humanize.reporting.comparison_plot import plot_interpretations

        found = [blend(self.first, self.second, position) for position in positions]
        return plot_interpretations(
            found, [f"{p:.2g}" for p in positions], tempo_bpm=[_tempo_bpm(e) for e in found]
        )

    def series(self, steps: int) -> list[bytes]:
        """Return files at even positions, both ends among them.

        Raises
        ------
        OptionError
            If they are not 2 to 100.
        """
        return [self.at(position) for position in even_positions(steps)]


def even_positions(steps: int) -> list[float]:
    """Return so many even positions from 0 to 1.

    Raises
    ------
    OptionError
        If they are not 2 to 100.
    """
    if not 2 <= steps <= MOST_STEPS:
        raise OptionError(f"steps: {steps} found; expected 2 to {MOST_STEPS}")
    return [step / (steps - 1) for step in range(steps)]


def morph(
    first: bytes,
    second: bytes,
    *,
    first_name: str = "first.mid",
    second_name: str = "second.mid",
    mode: WriteMode = "tempo",
    score: File | None = None,
) -> Morph:
    """Return what lies between two interpretations of the same notes, MIDI files in memory.

    Raises
    ------
    InputError
        If one cannot be read, or they are not the same music.
    LimitError
        If notes differ and there are too many to find out which.
    """
    matched = match(
        read_interpretation(first, name=first_name),
        read_interpretation(second, name=second_name),
        score,
    )
    one, two = matched.expressions(relative=True)
    return Morph(matched=matched, first=one, second=two, mode=mode)


def _tempo_bpm(expression: Expression) -> float:
    beats = expression.parameters.onset_beat[[0, -1]]
    seconds = expression.ground.time_map(expression.parameters).at(beats)
    return float(60 * np.ptp(beats) / np.ptp(seconds))


def _written(matched: Matched, between: Expression, mode: WriteMode) -> bytes:
    """Return the notated file with a performance in it."""
    base = matched.base
    parameters = _for_all(base.notes, matched.rows, between)
    writing = Writing(mode=mode, pedal="replace" if len(parameters.pedal_press_ms) else "none")
    return write_performance(base.content, base.reading, [parameters], writing)


def _for_all(
    notes: NoteTable, rows: Sequence[int] | np.ndarray, between: Expression
) -> PerformanceParameters:
    """Return parameters of every note: those that only one file plays go with their neighbours."""
    known = between.parameters
    early, held = np.zeros(len(notes)), np.zeros(len(notes))
    early[rows], held[rows] = known.asynchrony_ms, known.log_articulation
    velocity = np.interp(notes.onset_beat, between.ground.notes.onset_beat, between.velocity)
    velocity[rows] = between.velocity
    velocity = np.where(notes.pitched, velocity, notes.velocity)
    return replace(
        known, asynchrony_ms=early, log_articulation=held, velocity=round_velocity(velocity)
    )


def _played(between: Expression) -> bytes:
    """Return a file of a performance whose beats nobody knows: 120 a minute, as recorders write."""
    from pretty_midi import ControlChange, Instrument, Note, PrettyMIDI

    notes, parameters = between.ground.notes, between.parameters
    onset_sec, duration_sec = _decoded(between)
    piano = Instrument(program=0)
    piano.notes = [
        Note(velocity=v, pitch=p, start=start, end=start + max(length, 0.01))
        for v, p, start, length in zip(
            round_velocity(between.velocity).tolist(), notes.pitch.tolist(),
            onset_sec.tolist(), duration_sec.tolist(), strict=True,
        )
    ]  # fmt: skip
    end = float((onset_sec + duration_sec).max())
    played = between.ground.time_map(parameters)
    for stroke in pedal_strokes(parameters, played, end_sec=end):
        press = max(stroke.press_sec, 0.0)
        piano.control_changes.append(ControlChange(DAMPER, FULLY_DOWN, press))
        piano.control_changes.append(ControlChange(DAMPER, 0, max(stroke.lift_sec, press)))
    midi = PrettyMIDI(resolution=960)
    midi.instruments.append(piano)
    written = io.BytesIO()
    midi.write(written)
    return written.getvalue()


def _decoded(between: Expression) -> tuple[FloatColumn, FloatColumn]:
    notes, own = between.ground.notes, between.parameters
    notated = between.ground.notated
    timing = TimingParameters(
        onset_beat=own.onset_beat,
        log_beat_period=own.log_beat_period,
        asynchrony_ms=own.asynchrony_ms,
        log_articulation=own.log_articulation,
        start_sec=float(notated.at(own.onset_beat[:1])[0]),
    )
    onset, duration = decode(timing, notes.onset_beat, notes.duration_beat, notated=notated)
    return np.maximum(onset, 0.0), duration
