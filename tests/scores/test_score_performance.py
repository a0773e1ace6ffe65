"""Scores as performed MIDI files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from performed_smf import performance, read

from humanize.errors import InputError
from humanize.interpretation.parameters import PerformanceParameters, Writing
from humanize.midi.record import strip_performance
from humanize.score import read_score
from humanize.score.as_midi import rows_in_midi_order, score_to_midi
from humanize.score.as_performance import score_to_performance

WALTZ = Path(__file__).parents[2] / "examples" / "waltz.musicxml"
REPEATED = Path(__file__).parents[1] / "integrations" / "repeated.musicxml"


@pytest.mark.parametrize("path", [WALTZ, REPEATED])
def test_notes_keep_their_parameters(path: Path) -> None:
    reading = read_score(path)
    notes = reading.notes
    velocity = 1 + np.arange(len(notes)) % 127
    own = replace(PerformanceParameters.neutral(notes), velocity=velocity)
    plain = score_to_midi(reading, velocity)
    assert score_to_performance(reading, own) == plain
    table = read(plain).pieces[0]
    rows = rows_in_midi_order(reading)[table.source]
    np.testing.assert_array_equal(notes.pitch[rows], table.pitch)
    np.testing.assert_array_equal(velocity[rows], table.velocity)


def test_a_performed_score_can_be_had_as_written() -> None:
    reading = read_score(WALTZ)
    own = performance(reading.notes, 4)
    out = score_to_performance(reading, own, Writing(pedal="add"))
    assert own.velocity is not None
    assert strip_performance(out) == score_to_midi(reading, own.velocity)
    assert len(read(out).pieces[0]) == len(reading.notes)
    assert len(read(out).scan.tracks[0].tempos) > 10


def test_velocities_are_needed() -> None:
    reading = read_score(WALTZ)
    with pytest.raises(InputError, match="expected 159, with velocities"):
        score_to_performance(reading, PerformanceParameters.neutral(reading.notes))
