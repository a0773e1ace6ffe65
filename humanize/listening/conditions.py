"""The versions of one piece that are compared: every event the same, only velocities differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from humanize.api import DEFAULT_MODEL, predict_velocities
from humanize.errors import OptionError
from humanize.midi import DRUM_CHANNEL, read_midi
from humanize.notes import FloatColumn, IntColumn, NoteTable
from humanize.smf import patch

CONDITIONS = ("constant", "constant-matched", "shuffled", "model", "written")
CONSTANT = 64


@dataclass(frozen=True, kw_only=True)
class Version:
    """One condition of one piece.

    Attributes
    ----------
    midi : bytes
        The file with this condition's velocities.
    mean_velocity : float
    """

    midi: bytes
    mean_velocity: float


def make_versions(
    data: bytes,
    conditions: Sequence[str],
    *,
    name: str = "input.mid",
    model: str | Path = DEFAULT_MODEL,
    seed: int = 0,
) -> dict[str, Version]:
    """Return each condition of a piece; the model reads the file's own notes.

    Parameters
    ----------
    data : bytes
        A Standard MIDI File of type 0 or 1.
    conditions : sequence of str
        Some of ``CONDITIONS``; "written" keeps the file's velocities.
    name : str
        What error messages call the file.
    model : str or Path
    seed : int
        Of "shuffled".

    Returns
    -------
    dict of str to Version

    Raises
    ------
    OptionError
        For an unknown condition, or "written" where all velocities are one.
    HumanizeError
        If the file cannot be read.
    """
    unknown = [c for c in conditions if c not in CONDITIONS]
    if unknown:
        raise OptionError(f"condition {unknown[0]!r} found; expected {', '.join(CONDITIONS)}")
    reading = read_midi(data, name=name)
    if len(reading.pieces) != 1:
        raise OptionError(f"{name}: {len(reading.pieces)} pieces found; expected one")
    notes = reading.pieces[0].take(np.flatnonzero(reading.pieces[0].channel - 1 != DRUM_CHANNEL))
    if "written" in conditions and len(np.unique(notes.velocity)) < 2:
        raise OptionError(f"{name}: one velocity found; expected some to compare as 'written'")
    predicted = np.clip(np.round(predict_velocities(notes, model=model)), 1, 127)
    versions = {}
    for condition in conditions:
        velocity = _velocities(condition, notes, predicted, seed)
        midi = patch(data, reading.positions[notes.source], velocity)
        versions[condition] = Version(midi=midi, mean_velocity=float(velocity.mean()))
    return versions


def _velocities(condition: str, notes: NoteTable, predicted: FloatColumn, seed: int) -> IntColumn:
    values = {
        "constant": np.full(len(notes), CONSTANT),
        "constant-matched": np.full(len(notes), np.round(predicted.mean())),
        "shuffled": np.random.default_rng(seed).permutation(predicted),
        "model": predicted,
        "written": notes.velocity,
    }
    return values[condition].astype(np.int64)
