"""The versions of one piece that are compared: every event the same, only velocities differ.

Whole performances of a piece are versions too: ``humanize.listening.performances``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from humanize.api import predict_velocities
from humanize.errors import OptionError
from humanize.interpretation.shaping import round_velocity
from humanize.listening.alignment import align, transfer
from humanize.midi.reading import MidiPieces, read_midi
from humanize.midi.smf import patch
from humanize.notes import FloatColumn, NoteTable
from humanize.options import DEFAULT_MODEL

CONDITIONS = ("constant", "constant-matched", "shuffled", "model", "written", "human")
CONSTANT = 64
Hears = Literal["score", "performance"]


@dataclass(frozen=True, kw_only=True)
class Version:
    """One condition of one piece.

    Attributes
    ----------
    midi : bytes
        The file with this condition's velocities.
    mean_velocity : float
    tempo_ratio : float
        Of a whole performance: the tempo that it is heard in over its own.
    """

    midi: bytes
    mean_velocity: float
    tempo_ratio: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Source:
    """What a piece is made of.

    Attributes
    ----------
    name : str
    score : bytes
        A MIDI file, type 0 or 1: the notes as written.
    human : bytes or None
        A performance of them. Where given, and velocities are compared, its timing and pedal are
        those of every version.
    notation : bytes or None
        The piece as it came, where that was notation: what a model performs, markings and all.
    notation_name : str
        Its file's name, whose ending tells the format.
    """

    name: str
    score: bytes
    human: bytes | None = None
    notation: bytes | None = None
    notation_name: str = ""


@dataclass(frozen=True, kw_only=True)
class Versions:
    """All conditions of one piece.

    Attributes
    ----------
    by_condition : dict of str to Version
    onset_sec : (n,) float array
        Of the notes that are heard.
    aligned : float
        Share of the performed notes that the score has; 1 without a performance.
    """

    by_condition: dict[str, Version]
    onset_sec: FloatColumn
    aligned: float


def make_versions(
    source: Source,
    conditions: Sequence[str],
    *,
    model: str | Path = DEFAULT_MODEL,
    hears: Hears = "score",
    seed: int = 0,
) -> Versions:
    """Return each condition of a piece.

    The model reads the notes alone, no velocity. Where a performance is given it reads the score
    and its velocities are carried to the performed notes by alignment: heard in the performance's
    own timing it could read the pianist's hands.

    Parameters
    ----------
    source : Source
    conditions : sequence of str
        Some of ``CONDITIONS``; "written" has the score's velocities, "human" the performance's.
    model : str or Path
    hears : "score" or "performance"
        What the model reads; "performance" only where there is one.
    seed : int
        Of "shuffled".

    Raises
    ------
    OptionError
        For an unknown condition, "written" where all velocities are one, or "human" without a
        performance.
    HumanizeError
        If a file cannot be read, or the performance is of other notes.
    """
    name = source.name
    score_reading = one_piece(source.score, name)
    score = pitched(score_reading)
    require_known(conditions, CONDITIONS, source)
    _require_written(conditions, source, score)
    if source.human is None:
        reading, heard, rows = score_reading, score, np.arange(len(score))
    else:
        reading = one_piece(source.human, f"{name}: performance")
        heard = pitched(reading)
        rows = align(score, heard, name=f"{name}: performance")
    values = {"score": score, "performance": heard}[hears]
    predicted = predict_velocities(values, model=model, dynamics="ignore")
    if hears == "score":
        predicted = transfer(predicted, rows, heard.onset_sec)
    written = transfer(score.velocity.astype(np.float64), rows, heard.onset_sec)
    made = _velocities(predicted, written, heard, seed)
    data = source.score if source.human is None else source.human
    found = {c: with_velocity(data, reading, heard, made[c]) for c in conditions}
    return Versions(
        by_condition=found, onset_sec=heard.onset_sec, aligned=float((rows >= 0).mean())
    )


def one_piece(data: bytes, name: str) -> MidiPieces:
    """Read a MIDI file; raise OptionError where it has several pieces."""
    reading = read_midi(data, name=name)
    if len(reading.pieces) != 1:
        raise OptionError(f"{name}: {len(reading.pieces)} pieces found; expected one")
    return reading


def pitched(reading: MidiPieces) -> NoteTable:
    """Return the notes that have a pitch, neither drums nor key switches."""
    notes = reading.pieces[0]
    return notes.take(np.flatnonzero(notes.pitched))


def require_known(conditions: Sequence[str], known: Sequence[str], source: Source) -> None:
    """Raise OptionError for an unknown condition, or "human" without a performance."""
    unknown = [c for c in conditions if c not in known]
    if unknown:
        raise OptionError(f"condition {unknown[0]!r} found; expected {', '.join(known)}")
    if "human" in conditions and source.human is None:
        raise OptionError(
            f"{source.name}: no performance found; expected --human {source.name}=FILE for the "
            "condition 'human'"
        )


def _require_written(conditions: Sequence[str], source: Source, score: NoteTable) -> None:
    if "written" in conditions and len(np.unique(score.velocity)) < 2:
        raise OptionError(
            f"{source.name}: one velocity found; expected some to compare as 'written'"
        )


def _velocities(
    predicted: FloatColumn, written: FloatColumn, heard: NoteTable, seed: int
) -> dict[str, FloatColumn]:
    return {
        "constant": np.full(len(heard), float(CONSTANT)),
        "constant-matched": np.full(len(heard), predicted.mean()),
        "shuffled": np.random.default_rng(seed).permutation(predicted),
        "model": predicted,
        "written": written,
        "human": heard.velocity.astype(np.float64),
    }


def with_velocity(
    data: bytes, reading: MidiPieces, heard: NoteTable, velocity: FloatColumn
) -> Version:
    """Return a file as a version with these velocities for these of its notes."""
    whole = round_velocity(velocity)
    midi = patch(data, reading.positions[heard.source], whole)
    return Version(midi=midi, mean_velocity=float(whole.mean()))
