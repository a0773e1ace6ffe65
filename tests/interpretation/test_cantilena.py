"""A melody under repeated chords, and what is none; by hand."""

from __future__ import annotations

import numpy as np
import pytest
from by_hand import Row, performance, score

from humanize.interpretation.cantilena import (
    EMPHASIS,
    line_under_chords,
    repeated_chords,
    sing_out,
)

CHORD = (67, 71, 74)
MELODY = (47, 50, 52, 54, 52, 50, 48, 47)


def music(melody: tuple[int, ...] = MELODY, chord: tuple[int, ...] = CHORD) -> list[Row]:
    """Return a line in eighths off the beat, under a chord on each beat."""
    rows: list[Row] = []
    for beat, low in enumerate(melody):
        rows += [(beat, 1, pitch) for pitch in chord] + [(beat + 0.5, 0.5, low)]
    return rows


def test_the_line_under_repeated_chords_is_the_melody() -> None:
    notes = score(music())
    np.testing.assert_array_equal(repeated_chords(notes), notes.pitch > 60)
    np.testing.assert_array_equal(line_under_chords(notes), notes.pitch < 60)
    raised = sing_out(np.full(len(notes), 50.0), notes)
    np.testing.assert_allclose(raised, 50 + EMPHASIS * (notes.pitch < 60))


@pytest.mark.parametrize(
    "rows",
    [
        music(chord=(40, 43, 45)),  # the line is above
        music(melody=(47,) * 8),  # a pedal point
        music(melody=(36, 48, 36, 48, 36, 48, 36, 48)),  # leaps of a bass
        [row for row in music() if row[2] < 60 or row[0] % 4 == 0],  # chords far apart
        music()[:4] + [(beat, 1, pitch) for beat in range(1, 12) for pitch in CHORD],  # too small
    ],
)
def test_what_is_no_melody_stays(rows: list[Row]) -> None:
    notes = score(sorted(rows, key=lambda row: (row[0], row[2])))
    assert not line_under_chords(notes).any()


def test_a_performance_stays() -> None:
    played = performance(music())
    np.testing.assert_array_equal(sing_out(np.zeros(len(played)), played), 0)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_few_notes(count: int) -> None:
    notes = score(music()).take(np.arange(count))
    assert len(sing_out(np.zeros(count), notes)) == count


def test_a_line_among_the_notes_of_the_chords_is_no_melody() -> None:
    # the chords have 63.7 on average: the line lies less than three half-tones below
    among = music(melody=(62, 63, 62, 61, 62, 63, 62, 61), chord=(60, 64, 67))
    assert not line_under_chords(score(sorted(among, key=lambda row: (row[0], row[2])))).any()
    below = music(melody=(57, 58, 57, 56, 57, 58, 57, 56), chord=(60, 64, 67))
    assert line_under_chords(score(sorted(below, key=lambda row: (row[0], row[2])))).any()
