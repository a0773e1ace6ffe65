"""Notes as played: expected onsets, lengths and pitches are written out by hand."""

from __future__ import annotations

from fractions import Fraction

from musicxml_builder import (
    BACKWARD,
    FORWARD,
    backup,
    barline,
    metre,
    note,
    solo,
)
from score_rows import read, rows

START, BOTH, STOP = ("start",), ("stop", "start"), ("stop",)


def test_ties_across_bars_make_one_note() -> None:
    content = solo(
        note("C4", 2) + note("E4", 2, tie=START),
        note("E4", 4, tie=BOTH),
        note("E4", 1, tie=STOP) + note("E4", 3),
    )
    assert rows(content) == [(0, 2, 60), (2, 7, 64), (9, 3, 64)]


def test_a_tie_of_one_note_of_a_chord_leaves_the_others() -> None:
    content = solo(
        note("C4", 4, tie=START) + note("G4", 4, chord=True),
        note("C4", 4, tie=STOP) + note("G4", 4, chord=True),
    )
    assert rows(content) == [(0, 8, 60), (0, 4, 67), (4, 4, 67)]


def test_a_tie_into_what_a_repeat_leaves_out_ends_with_its_bar() -> None:
    content = solo(
        FORWARD + note("C4", 4, tie=START) + BACKWARD,
        note("C4", 4, tie=STOP),
    )
    assert rows(content) == [(0, 4, 60), (4, 8, 60)]


def test_a_tied_note_is_struck_where_a_repeat_lands_in_it() -> None:
    content = solo(
        note("C4", 4, tie=START),
        FORWARD + note("C4", 2, tie=STOP) + note("E4", 2) + BACKWARD,
    )
    assert rows(content) == [(0, 6, 60), (6, 2, 64), (8, 2, 60), (10, 2, 64)]
    measures = read(content).notes.measure.tolist()
    assert measures == [1, 2, 3, 3]


def test_a_grace_note_is_played_before_the_beat() -> None:
    content = solo(note("C4", 4), note("D4", grace=True) + note("E4", 4))
    assert rows(content) == [(0, 4, 60), (3.875, 0.125, 62), (4, 4, 64)]


def test_several_grace_notes_follow_one_another() -> None:
    graces = note("D4", grace=True) + note("E4", grace=True) + note("F4", grace=True)
    content = solo(note("C4", 4), graces + note("G4", 4))
    assert rows(content)[1:] == [
        (3.625, 0.125, 62),
        (3.75, 0.125, 64),
        (3.875, 0.125, 65),
        (4, 4, 67),
    ]


def test_a_chord_of_grace_notes_sounds_together() -> None:
    graces = (
        note("D4", grace=True) + note("F4", grace=True, chord=True) + note("E4", grace=True)
        + note("G4", grace=True, chord=True)
    )  # fmt: skip
    content = solo(note("C4", 4), graces + note("A4", 4))
    assert rows(content)[1:] == [
        (3.75, 0.125, 62),
        (3.75, 0.125, 65),
        (3.875, 0.125, 64),
        (3.875, 0.125, 67),
        (4, 4, 69),
    ]


def test_many_grace_notes_take_one_beat_together() -> None:
    run = "".join(note(f"{step}4", grace=True) for step in "CDEFGABCDEFGABCD")
    content = solo(note("C4", 4), run + note("E4", 4))
    assert [onset for onset, _, _ in rows(content)[1:]] == [3 + n / 16 for n in range(16)] + [4.0]
    assert {length for _, length, _ in rows(content)[1:-1]} == {0.0625}


def test_grace_notes_before_the_first_beat_take_their_time_from_the_main_note() -> None:
    graces = note("D5", grace=True) + note("E5", grace=True)
    upper = graces + note("F5", 2) + note("G5", 2)
    content = solo(upper + backup(4) + note("C3", 4, voice=2))
    assert rows(content) == [
        (0, 4, 48),
        (0, 0.125, 74),
        (0.125, 0.125, 76),
        (0.25, 1.75, 77),
        (2, 2, 79),
    ]


def test_grace_notes_before_a_short_first_note_leave_it_half_its_length() -> None:
    graces = note("D5", grace=True) + note("E5", grace=True)
    content = solo(graces + note("F5", 0.25) + note("G5", 3.75))
    assert rows(content) == [
        (0, 0.0625, 74),
        (0.0625, 0.0625, 76),
        (0.125, 0.125, 77),
        (0.25, 3.75, 79),
    ]


def test_grace_notes_with_little_time_before_them_share_it() -> None:
    graces = "".join(note(p, grace=True) for p in ("D4", "E4", "F4", "G4"))
    content = solo(note("C4", 0.25), graces + note("A4", 4), pickup=True)
    assert rows(content) == [
        (0, 0.25, 60),
        (0, 0.0625, 62),
        (0.0625, 0.0625, 64),
        (0.125, 0.0625, 65),
        (0.1875, 0.0625, 67),
        (0.25, 4, 69),
    ]


def test_a_grace_note_is_played_each_time_of_a_repeat() -> None:
    content = solo(
        note("C4", 4), FORWARD + note("D4", grace=True) + note("E4", 4) + BACKWARD, note("C4", 4)
    )
    assert [row for row in rows(content) if row[2] != 60] == [
        (3.875, 0.125, 62),
        (4, 4, 64),
        (7.875, 0.125, 62),
        (8, 4, 64),
    ]


def test_a_grace_note_behind_the_last_note_is_not_lost() -> None:
    content = solo(note("C4", 4) + note("D4", grace=True))
    assert rows(content) == [(0, 4, 60), (3.875, 0.125, 62)]


def test_a_grace_note_behind_the_last_note_of_a_repeat_is_played_there() -> None:
    content = solo(FORWARD + note("C4", 4) + note("D4", grace=True) + BACKWARD, note("E4", 4))
    assert rows(content) == [
        (0, 4, 60),
        (3.875, 0.125, 62),
        (4, 4, 60),
        (7.875, 0.125, 62),
        (8, 4, 64),
    ]


def test_tuplets() -> None:
    triplet = "".join(note(p, 1 / 3, tuplet=(3, 2)) for p in ("C4", "D4", "E4"))
    quintuplet = "".join(note(p, 0.4, tuplet=(5, 4)) for p in ("C5", "D5", "E5", "F5", "G5"))
    content = solo(triplet + note("F4", 1) + quintuplet)
    content = content.replace(b"<divisions>12<", b"<divisions>60<")
    content = _scaled(content, {4: 20, 12: 60, 5: 24})
    thirds = [float(round(Fraction(n, 3), 6)) for n in range(3)]
    found = rows(content)
    assert [row[0] for row in found] == [*thirds, 1, 2, 2.4, 2.8, 3.2, 3.6]
    assert [row[2] for row in found] == [60, 62, 64, 65, 72, 74, 76, 77, 79]
    assert [row[1] for row in found] == [0.333333, 0.333333, 0.333333, 1, 0.4, 0.4, 0.4, 0.4, 0.4]


def _scaled(content: bytes, durations: dict[int, int]) -> bytes:
    for before, after in durations.items():
        content = content.replace(
            f"<duration>{before}</duration>".encode(), f"<duration >{after}</duration>".encode()
        )
    return content


def test_the_pickup_measure_ends_where_the_first_full_one_begins() -> None:
    content = solo(
        note("G4", 1), note("C5", 1) + note("D5", 2), note("E5", 3), first=metre(3, 4), pickup=True
    )
    notes = read(content).notes
    assert notes.onset_beat.tolist() == [0, 1, 2, 4]
    assert notes.measure.tolist() == [1, 2, 2, 3]
    assert notes.measure_position_beat.tolist() == [2, 0, 1, 0]
    assert set(notes.metre_numerator.tolist()) == {3}


def test_a_whole_first_measure_is_no_pickup() -> None:
    notes = read(solo(note("G4", 3) + note("A4", 1), note("C5", 4))).notes
    assert notes.measure_position_beat.tolist() == [0, 3, 0]


def test_cue_notes_sound_as_files_mean_them() -> None:
    """Notation programs write small notes as cues and play them."""
    content = solo(note("C4", 2) + note("E4", 1, cue=True) + note("G4", 1, cue=True, chord=True)
                   + note("F4", 1))  # fmt: skip
    assert rows(content) == [(0, 2, 60), (2, 1, 64), (2, 1, 67), (3, 1, 65)]


def test_quarter_tones_are_read_as_the_nearest_key() -> None:
    raised = (
        note("F4", 4)
        .replace("</step>", "</step><alter>1.5</alter>")
        .replace("</pitch>", "</pitch><accidental>three-quarters-sharp</accidental>")
    )
    assert rows(solo(raised)) == [(0, 4, 67)]


def test_a_step_forward_beyond_any_measure_is_left_out() -> None:
    forward = backup(1).replace("backup", "forward")
    measures = [note("C4", 2) + forward + note("E4", 1), note("G4", 4)]
    assert rows(solo(*measures)) == [(0, 2, 60), (3, 1, 64), (4, 4, 67)]
    broken = solo(*measures).replace(b"<forward><duration>12<", b"<forward><duration>7980<")
    assert rows(broken) == [(0, 2, 60), (2, 1, 64), (3, 4, 67)]


def test_barlines_inside_a_measure_do_no_harm() -> None:
    double = barline("middle", "<bar-style>light-light</bar-style>")
    assert rows(solo(note("C4", 2) + double + note("D4", 2))) == [(0, 2, 60), (2, 2, 62)]
