"""A fugue of three entries, the last under two other lines, and what is no fugue."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from by_hand import Row, performance, score

from humanize.features.context import Context
from humanize.features.voices import voice_of_note
from humanize.interpretation.themes import EMPHASIS, bring_out, places_of, subject_entries
from humanize.notes import NoteTable

SUBJECT = ((0, 1, 0), (1, 0.5, 2), (1.5, 0.5, 4), (2, 1, 5), (3, 1, 2))  # beats, semitones
ANSWER = ((0, 1, 0), (1, 0.5, 2), (1.5, 0.5, 4), (2, 1, 5), (3, 1, 3))  # one interval altered


def entry(line: tuple[tuple[float, float, int], ...], at: float, pitch: int) -> list[Row]:
    return [(at + onset, length, pitch + step) for onset, length, step in line]


def fugue(answer: tuple[tuple[float, float, int], ...] = ANSWER) -> tuple[NoteTable, np.ndarray]:
    """Return a fugue in canonical order, and which of its notes belong to an entry."""
    subject = [*entry(SUBJECT, 0, 60), *entry(answer, 4, 67), *entry(SUBJECT, 8, 48)]
    others: list[Row] = [
        (beat, 1, pitch) for beat, pitch in zip(range(4, 8), (64, 60, 62, 59), strict=True)
    ]
    others += [(8, 2, 62), (10, 2, 60), (8, 1, 71), (9, 2, 69), (11, 1, 71)]
    rows = sorted([*subject, *others], key=lambda row: (row[0], row[2], row[1]))
    return score(rows), np.array([row in subject for row in rows])


def test_lines_are_told_apart() -> None:
    notes, _ = fugue()
    voice = voice_of_note(Context(notes))
    lines = [notes.pitch[voice == line].tolist() for line in range(3)]
    assert lines[0] == [60, 62, 64, 65, 62, 64, 60, 62, 59, 62, 60]
    assert lines[1] == [67, 69, 71, 72, 70, 71, 69, 71]
    assert lines[2] == [48, 50, 52, 53, 50]


def test_a_line_has_one_note_at_a_time() -> None:
    notes = score([(0, 4, 60), (1, 1, 61), (2, 1, 60), (4, 1, 62)])
    assert voice_of_note(Context(notes)).tolist() == [0, 1, 1, 0]


def test_a_line_waits_sixteen_beats_and_leaps_sixteen_semitones() -> None:
    far = score([(0, 1, 60), (1, 1, 77), (2, 1, 60)])
    assert voice_of_note(Context(far)).tolist() == [0, 1, 0]
    late = score([(0, 1, 60), (18, 1, 60)])
    assert voice_of_note(Context(late)).tolist() == [0, 1]


def test_entries_are_found_in_every_line() -> None:
    notes, expected = fugue()
    np.testing.assert_array_equal(subject_entries(notes), expected)


def test_only_the_subject_is_brought_out() -> None:
    notes, expected = fugue()
    raised = bring_out(np.full(len(notes), 60.0), notes)
    lowest, _, highest, alone = EMPHASIS
    # the first entry begins alone, the second lies above the first line, the third below two
    entry = {60: alone, 62: alone, 64: alone, 67: highest, 48: lowest, 50: lowest, 52: lowest}
    first = [i for i in np.flatnonzero(expected) if notes.onset_beat[i] != 3]
    for row in first:
        if int(notes.pitch[row]) in entry and (notes.onset_beat[row] < 3 or notes.pitch[row] != 62):
            assert raised[row] == 60 + entry[int(notes.pitch[row])]
    assert (raised[~expected] == 60).all()


def test_places_of_an_entry() -> None:
    notes = score([(0, 1, 60), (2, 1, 48), (2, 1, 60), (4, 1, 60), (4, 1, 72), (6, 1, 48),
                   (6, 1, 60), (6, 1, 72), (6.5, 1, 60)])  # fmt: skip
    inside = notes.pitch == 60
    # alone, above another, below another, between two, and half a beat after them
    expected = [3, -1, 2, 0, -1, -1, 1, -1, 1]
    np.testing.assert_array_equal(places_of(notes, inside), expected)


def test_at_another_pitch_and_an_octave_of_time_it_is_the_same() -> None:
    notes, expected = fugue()
    moved = replace(
        notes,
        pitch=notes.pitch + 5,
        onset_beat=notes.onset_beat * 2,
        duration_beat=notes.duration_beat * 2,
    )
    np.testing.assert_array_equal(subject_entries(moved), expected)


@pytest.mark.parametrize("change", ["no answer", "two entries", "chords first", "another rhythm"])
def test_what_is_no_fugue_stays(change: str) -> None:
    notes, _ = fugue()
    if change == "no answer":
        notes, _ = fugue(tuple((onset, length, -step) for onset, length, step in SUBJECT))
    elif change == "two entries":
        notes = notes.take(np.flatnonzero(notes.onset_beat < 8))
    elif change == "chords first":
        notes = score([(beat, 1, pitch) for beat in range(8) for pitch in (48, 60, 64)])
    else:
        uneven = ((0, 0.5, 0), (0.5, 1, 2), (1.5, 0.5, 4), (2, 1, 5), (3, 1, 3))
        notes, _ = fugue(uneven)
    assert not subject_entries(notes).any()


def test_a_performance_stays() -> None:
    notes, _ = fugue()
    rows = zip(notes.onset_beat, notes.duration_beat, notes.pitch.tolist(), strict=True)
    played = performance(rows)
    np.testing.assert_array_equal(bring_out(np.zeros(len(played)), played), 0)


@pytest.mark.parametrize("count", [0, 1, 4, 5])
def test_a_few_notes(count: int) -> None:
    notes = score([(beat, 1, 60 + beat) for beat in range(8)]).take(np.arange(count))
    assert len(bring_out(np.zeros(count), notes)) == count


def test_what_has_too_many_lines_is_no_fugue() -> None:
    notes, expected = fugue()
    rows = list(zip(notes.onset_beat, notes.duration_beat, notes.pitch.tolist(), strict=True))
    rows += [(11.5, 4, 90 + more) for more in range(17)]
    crowded = score(rows)
    assert expected.any()
    np.testing.assert_array_equal(bring_out(np.zeros(len(crowded)), crowded), 0)


def test_what_begins_a_beat_away_is_no_neighbour() -> None:
    notes = score([(0, 1, 72), (1, 1, 60), (2, 1, 48)])
    inside = notes.pitch == 60
    np.testing.assert_array_equal(places_of(notes, inside), [-1, 3, -1])


def test_a_silent_line_is_farther_away() -> None:
    # 62 is two half-tones from a line that was silent for two beats (2 + 2.1 * .75), and four from one
    # that has just ended: it goes on with the first; after four beats (2 + 4.1 * .75) no longer
    near = score([(0, 1, 60), (1, 2, 66), (3, 1, 62)])
    assert voice_of_note(Context(near)).tolist() == [0, 0, 0]
    apart = [(0, 2, 60), (0, 4, 66), (4, 1, 62)]
    assert voice_of_note(Context(score(apart))).tolist() == [0, 1, 0]
    later = [(0, 2, 60), (0, 6, 66), (6, 1, 62)]
    assert voice_of_note(Context(score(later))).tolist() == [0, 1, 1]
