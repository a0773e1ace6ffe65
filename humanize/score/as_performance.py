"""A read score as a performed MIDI file."""

from __future__ import annotations

from humanize.errors import InputError
from humanize.interpretation.parameters import PerformanceParameters, Writing
from humanize.midi.reading import read_midi
from humanize.midi.retiming import write_performance
from humanize.score.as_midi import rows_in_midi_order, score_to_midi
from humanize.score.reading import ScoreReading


def score_to_performance(
    reading: ScoreReading, parameters: PerformanceParameters, writing: Writing | None = None
) -> bytes:
    """Return a type 1 file of a score as it is performed, ornaments as their main notes.

    ``humanize.midi.record.strip_performance`` leaves the score played to the letter, with the
    velocities of the performance.

    Parameters
    ----------
    reading : ScoreReading
    parameters : PerformanceParameters
        With velocities; notes in the order of ``reading.notes``.
    writing : Writing, optional
        How; tempo events and no pedal by default.

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
    plain = score_to_midi(reading, parameters.velocity, ornaments="written")
    midi = read_midi(plain, split="none", key_switches=False)
    rows = rows_in_midi_order(reading)[midi.pieces[0].source]
    return write_performance(plain, midi, [parameters.take_notes(rows)], writing)
