"""Scores as performed MIDI files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from musicxml_builder import note, solo
from performed_smf import performance, read

from humanize.errors import InputError
from humanize.interpretation.parameters import PerformanceParameters, Writing
from humanize.midi.record import strip_performance
from humanize.score import read_score
from humanize.score.as_midi import score_to_midi, struck_in_midi_order
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
    rows = struck_in_midi_order(reading, velocity).row[table.source]
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


TRILL = "<ornaments><trill-mark/></ornaments>"


def test_ornaments_are_played_out_and_move_with_their_note() -> None:
    content = solo(note("C4", 1) + note("E4", 2, notations=TRILL) + note("C4", 1))
    reading = read_score(content, name="x.musicxml")
    own = replace(
        PerformanceParameters.neutral(reading.notes),
        velocity=np.array([50, 80, 60]),
        asynchrony_ms=np.array([0.0, 0.0, 0.0]),
        log_articulation=np.full(3, np.log(0.5)),
    )
    played = read(score_to_performance(reading, own, Writing(mode="notes"))).pieces[0]
    plain = read(score_to_midi(reading, own.velocity)).pieces[0]
    assert len(played) > 10
    np.testing.assert_array_equal(played.velocity, plain.velocity)
    np.testing.assert_allclose(played.onset_beat, plain.onset_beat)
    # the plain notes are held half as long, those of the trill as they were
    ratio = played.duration_beat / plain.duration_beat
    np.testing.assert_allclose(ratio[[0, -1]], 0.5, atol=0.01)
    np.testing.assert_allclose(ratio[1:-1], 1.0, atol=0.02)
    written = read(score_to_performance(reading, own, ornaments="written")).pieces[0]
    assert len(written) == 3
