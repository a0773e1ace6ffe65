"""Match files: alignments of score notes with performed notes, versions 5.0 and 1.0.0.

Reference: Foscarin et al., The match file format, arXiv:2206.01104 (2022).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from humanize.errors import CorpusError
from humanize.midi.pedals import Controls
from humanize.notes import FloatColumn, IntColumn, NoteTable

_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ALTERATIONS = {"n": 0, "#": 1, "b": -1, "##": 2, "x": 2, "bb": -2}
_SCORE_NOTE = re.compile(
    r"snote\((?P<id>[^,]*),\[(?P<step>[A-Ga-g]),(?P<alter>[^\]]*)\],(?P<octave>-?\d+),"
    r"(?P<measure>-?\d+):(?P<beat>\d+),(?P<within>[^,]*),[^,]*,"
    r"(?P<onset>[-\d.]+),(?P<offset>[-\d.]+),\[[^\]]*\]\)-(?P<played>.*)"
)
_PLAYED = (
    # 1.0.0, in which the times are those of the keys
    re.compile(r"note\([^,]*,\d+,(?P<onset>-?\d+),(?P<offset>-?\d+),(?P<velocity>\d+),"),
    # 5.0, in which the time that the pedal lets a note sound to follows that of the key
    re.compile(
        r"note\([^,]*,\[[^\]]*\],-?\d+,(?P<onset>-?\d+),(?P<offset>-?\d+),-?\d+,"
        r"(?P<velocity>\d+)\)"
    ),
)
_PEDAL = re.compile(r"(?P<name>sustain|soft)\((?P<tick>-?\d+),(?P<value>\d+)\)")
_PEDAL_NUMBER = {"sustain": 64, "soft": 67}
_CLOCK = re.compile(r"info\(midiClock(?P<name>Units|Rate),(?P<number>\d+)\)")
_CLOCK_DEFAULTS = {"Units": 480, "Rate": 500_000}  # ticks and microseconds of a quarter note
_METRE = re.compile(
    r"(?:scoreprop\(timeSignature,(\d+)/(\d+),[^,]*,[^,]*,([-\d.]+)\)"
    r"|meta\(timeSignature,(\d+)/(\d+),[^,]*,([-\d.]+)\))"
)
_FIRST_METRE = re.compile(r"info\(timeSignature,.*?(\d+)/(\d+)")


@dataclass(frozen=True, kw_only=True)
class Match:
    """One match file, a row per score note.

    Attributes
    ----------
    note_id : tuple of str
        Ids as in the MusicXML, with ``-1``, ``-2`` for repeats.
    onset_beat, duration_beat : FloatColumn
        Quarter notes.
    pitch, measure : IntColumn
    measure_position_beat : FloatColumn
        Quarter notes since the downbeat.
    metre_numerator, metre_denominator : IntColumn
    velocity : IntColumn
        Performed velocity; 0 where the note was left out.
    onset_sec, offset_sec : FloatColumn
        When the key goes down and up, seconds by the clock of the performance; NaN where the note
        was left out.
    pedals : Controls
        What the feet do, by the same clock.
    """

    note_id: tuple[str, ...]
    onset_beat: FloatColumn
    duration_beat: FloatColumn
    pitch: IntColumn
    measure: IntColumn
    measure_position_beat: FloatColumn
    metre_numerator: IntColumn
    metre_denominator: IntColumn
    velocity: IntColumn
    onset_sec: FloatColumn
    offset_sec: FloatColumn
    pedals: Controls

    def to_notes(self, beats_per_minute: float) -> NoteTable:
        """Return the score as a note table at one tempo; ``source`` counts the match's rows."""
        count = len(self.pitch)
        start = min(float(self.onset_beat.min()), 0.0)
        onset, seconds = self.onset_beat - start, 60.0 / beats_per_minute
        ones = np.ones(count, dtype=np.int64)
        notes = NoteTable(
            onset_beat=onset,
            duration_beat=self.duration_beat,
            onset_sec=onset * seconds,
            duration_sec=self.duration_beat * seconds,
            pitch=self.pitch,
            measure=_playing_order(self.measure, onset),
            measure_position_beat=self.measure_position_beat,
            metre_numerator=self.metre_numerator,
            metre_denominator=self.metre_denominator,
            track=ones,
            channel=ones,
            program=0 * ones,
            instrument=0 * ones,
            velocity=64 * ones,
            source=np.arange(count, dtype=np.int64),
        )
        return notes.canonical()


def read_match(path: Path) -> Match:
    """Read the score notes of a match file, how each was played, and the pedals.

    Raises
    ------
    CorpusError
        If the file has no score notes.
    """
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    found = [m for m in map(_SCORE_NOTE.match, lines) if m]
    if not found:
        raise CorpusError(f"{path}: no score notes; expected lines that start with 'snote('")
    onset = np.array([float(m["onset"]) for m in found])
    offset = np.array([float(m["offset"]) for m in found])
    start, numerator, denominator = _metres(lines, float(onset.min()))
    segment = np.maximum(np.searchsorted(start, onset + 1e-6, side="right") - 1, 0)
    quarter = _quarters(np.stack([onset, offset]), start, denominator)
    beat = np.array([int(m["beat"]) - 1 for m in found])
    within = np.array([_fraction(m["within"]) for m in found])
    tick_sec = _seconds_of_tick(lines)
    played = np.array([_played(m["played"]) for m in found])
    return Match(
        note_id=tuple(m["id"] for m in found),
        onset_beat=quarter[0],
        duration_beat=np.maximum(quarter[1] - quarter[0], 0.0),
        pitch=np.array([_pitch(m["step"], m["alter"], m["octave"]) for m in found]),
        measure=np.array([int(m["measure"]) for m in found]),
        measure_position_beat=beat * 4 / denominator[segment] + 4 * within,
        metre_numerator=numerator[segment],
        metre_denominator=denominator[segment],
        velocity=np.nan_to_num(played[:, 2]).astype(np.int64),
        onset_sec=played[:, 0] * tick_sec,
        offset_sec=played[:, 1] * tick_sec,
        pedals=_pedals(lines, tick_sec),
    )


def _pitch(step: str, alter: str, octave: str) -> int:
    return _STEPS[step.upper()] + _ALTERATIONS.get(alter, 0) + 12 * (int(octave) + 1)


def _played(text: str) -> tuple[float, float, float]:
    """Return ticks of onset and offset, and velocity; NaN where the note was left out."""
    for pattern in _PLAYED:
        if found := pattern.match(text):
            return float(found["onset"]), float(found["offset"]), float(found["velocity"])
    return np.nan, np.nan, np.nan


def _pedals(lines: list[str], tick_sec: float) -> Controls:
    found = [m for m in map(_PEDAL.match, lines) if m]
    return Controls.of_changes(
        [(int(m["tick"]) * tick_sec, _PEDAL_NUMBER[m["name"]], int(m["value"])) for m in found]
    )


def _seconds_of_tick(lines: list[str]) -> float:
    found = [m for m in map(_CLOCK.match, lines) if m]
    clock = {**_CLOCK_DEFAULTS, **{m["name"]: max(int(m["number"]), 1) for m in found}}
    return clock["Rate"] / 1e6 / clock["Units"]


def _fraction(text: str) -> float:
    """Return the value of ``0``, ``3/8``, ``1/4/3`` or a sum of such, in whole notes."""
    total = 0.0
    for part in text.split("+"):
        numbers = [float(n) for n in part.split("/")]
        value = numbers[0]
        for divisor in numbers[1:]:
            value /= divisor
        total += value
    return total


def _metres(lines: list[str], first: float) -> tuple[FloatColumn, IntColumn, IntColumn]:
    changes: dict[float, tuple[int, int]] = {}
    for line in lines:
        if found := _METRE.match(line):
            n, d, at = (x or y for x, y in zip(found.groups()[:3], found.groups()[3:], strict=True))
            changes[float(at)] = (int(n), int(d))
        elif found := _FIRST_METRE.match(line):
            changes.setdefault(first, (int(found[1]), int(found[2])))
    ordered = sorted(changes.items()) or [(first, (4, 4))]
    start = np.array([at for at, _ in ordered])
    start[0] = min(start[0], first)
    return start, np.array([m[0] for _, m in ordered]), np.array([m[1] for _, m in ordered])


def _quarters(beats: FloatColumn, start: FloatColumn, denominator: IntColumn) -> FloatColumn:
    """Return quarter notes from beats of the denominators in force, both 0 at the start."""
    elapsed = np.concatenate([[0.0], np.cumsum(np.diff(start) * 4 / denominator[:-1])])
    segment = np.maximum(np.searchsorted(start, beats + 1e-6, side="right") - 1, 0)
    return np.asarray(elapsed[segment] + (beats - start[segment]) * 4 / denominator[segment])


def _playing_order(measure: IntColumn, onset: FloatColumn) -> IntColumn:
    order = np.argsort(onset, kind="stable")
    number = np.empty(len(measure), dtype=np.int64)
    number[order] = np.cumsum(np.diff(measure[order], prepend=measure[order][0]) != 0) + 1
    return number
