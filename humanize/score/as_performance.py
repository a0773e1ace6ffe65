"""A read score as a performed MIDI file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from humanize.errors import InputError
from humanize.interpretation.parameters import PerformanceParameters, Writing
from humanize.midi.reading import read_midi
from humanize.midi.retiming import write_performance
from humanize.score.as_midi import score_to_midi, struck_in_midi_order
from humanize.score.reading import ScoreReading


def score_to_performance(
    reading: ScoreReading,
    parameters: PerformanceParameters,
    writing: Writing | None = None,
    *,
    ornaments: str = "played",
) -> bytes:
    """Return a type 1 file of a score as it is performed.

    ``humanize.midi.record.strip_performance`` leaves the score played to the letter, with the
    velocities of the performance. The notes of an ornament move with their main note, and are held
    as long as they are struck.

    Parameters
    ----------
    reading : ScoreReading
    parameters : PerformanceParameters
        With velocities; notes in the order of ``reading.notes``.
    writing : Writing, optional
        How; tempo events and no pedal by default.
    ornaments : "played" or "written"

    Raises
    ------
    InputError
        If the parameters do not fit the notes or have no velocities.
    """
    if parameters.velocity is None or len(parameters) != len(reading.notes):
        raise InputError(
            f"performance: parameters of {len(parameters)} notes; expected {len(reading.notes)}, "
            "with velocities"
        )
    plain = score_to_midi(reading, parameters.velocity, ornaments=ornaments)
    midi = read_midi(plain, split="none", key_switches=False)
    struck = struck_in_midi_order(reading, parameters.velocity, ornaments=ornaments)
    source = midi.pieces[0].source
    own = parameters.take_notes(struck.row[source])
    alone = np.bincount(struck.row)[struck.row[source]] == 1
    own = replace(
        own,
        velocity=struck.velocity[source],
        log_articulation=np.where(alone, own.log_articulation, 0.0),
    )
    return write_performance(plain, midi, [own], writing)
