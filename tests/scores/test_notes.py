"""Notes as played: expected onsets, lengths and pitches are written out by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest
from musicxml_builder import (
    BACKWARD,
    FORWARD,
    attributes,
    backup,
    barline,
    direction,
    dynamic,
    metre,
    note,
    part,
    score,
    solo,
    words,
)

import humanize
from humanize.midi import DRUMS, read_midi
from humanize.score import ScoreReading, read_score

Row = tuple[float, float, int]  # onset, length, pitch


def read(content: bytes) -> ScoreReading:
    return read_score(content, name="x.musicxml")


def rows(content: bytes, track: int = 1) -> list[Row]:
    notes = read(content).notes
    return [
        (onset, length, pitch)
        for onset, length, pitch, own in zip(
            notes.onset_beat.tolist(),
            notes.duration_beat.tolist(),
            notes.pitch.tolist(),
            notes.track.tolist(),
            strict=True,
        )
        if own == track
    ]


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


def test_transposing_instruments_are_read_as_they_sound() -> None:
    clarinet = part(
        [note("D4", 4)] * 2,
        first=metre(4, 4)
        + "<transpose><diatonic>-1</diatonic><chromatic>-2</chromatic></transpose>",
    )
    bass = part(
        [
            note("D3", 4),
            attributes("<transpose><chromatic>0</chromatic></transpose>") + note("D3", 4),
        ],
        first=metre(4, 4)
        + "<transpose><chromatic>0</chromatic><octave-change>-1</octave-change></transpose>",
    )
    content = score({"Clarinet": clarinet, "Bass": bass}).encode()
    assert rows(content, 1) == [(0, 4, 60), (4, 4, 60)]
    assert rows(content, 2) == [(0, 4, 38), (4, 4, 50)]


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


def test_a_part_with_an_empty_measure_stays_with_the_others() -> None:
    upper = part([note("C5", 4), note("D5", 4), note("E5", 4)])
    lower = part([note("C3", 4), "", note("E3", 4)])
    content = score({"A": upper, "B": lower}).encode()
    assert rows(content, 2) == [(0, 4, 48), (8, 4, 52)]


def test_a_step_forward_beyond_any_measure_is_left_out() -> None:
    forward = backup(1).replace("backup", "forward")
    measures = [note("C4", 2) + forward + note("E4", 1), note("G4", 4)]
    assert rows(solo(*measures)) == [(0, 2, 60), (3, 1, 64), (4, 4, 67)]
    broken = solo(*measures).replace(b"<forward><duration>12<", b"<forward><duration>7980<")
    assert rows(broken) == [(0, 2, 60), (2, 1, 64), (3, 4, 67)]


def test_timewise_scores_are_read() -> None:
    upper, lower = note("C5", 4), note("C3", 4)
    head = "<attributes><divisions>12</divisions>" + metre(4, 4) + "</attributes>"
    content = (
        '<score-timewise version="4.0"><part-list><score-part id="P1"><part-name>A</part-name>'
        '</score-part><score-part id="P2"><part-name>B</part-name></score-part></part-list>'
        f'<measure number="1"><part id="P1">{head}{upper}</part><part id="P2">{head}{lower}</part>'
        f'</measure><measure number="2"><part id="P1">{upper}</part><part id="P2">{lower}</part>'
        "</measure></score-timewise>"
    ).encode()
    assert rows(content, 1) == [(0, 4, 72), (4, 4, 72)]
    assert rows(content, 2) == [(0, 4, 48), (4, 4, 48)]
    result = humanize.humanize_bytes(content, name="x.musicxml")
    assert result.bytes.count(b"<note dynamics=") == 4


_METRONOME = "<metronome><beat-unit>quarter</beat-unit><beat-unit-dot/><per-minute>c. 40</per-minute></metronome>"


@pytest.mark.parametrize(
    ("marks", "seconds", "tempo"),
    [
        (("", ""), [0, 2, 4], ((0.0, 120.0),)),
        ((direction("", sound='tempo="60"'), ""), [0, 4, 8], ((0.0, 60.0),)),
        ((direction("", sound='tempo="60"'), direction("", sound='tempo="240"')), [0, 4, 5],
         ((0.0, 60.0), (4.0, 240.0))),
        ((direction(_METRONOME), ""), [0, 4, 8], ((0.0, 60.0),)),
        ((words("Adagio"), ""), [0, 240 / 66, 480 / 66], ((0.0, 66.0),)),
        (("", direction("", sound='tempo="0"')), [0, 2, 4], ((0.0, 120.0),)),
    ],
)  # fmt: skip
def test_tempo_marks(
    marks: tuple[str, str], seconds: list[float], tempo: tuple[tuple[float, float], ...]
) -> None:
    reading = read(solo(marks[0] + note("C4", 4), marks[1] + note("D4", 4), note("E4", 4)))
    assert reading.tempo == tempo
    assert reading.notes.onset_sec.tolist() == pytest.approx(seconds, abs=1e-5)


def test_a_repeat_goes_back_to_the_tempo_that_was_written_there() -> None:
    first = FORWARD + direction("", sound='tempo="60"') + note("C4", 4)
    reading = read(solo(first, direction("", sound='tempo="240"') + note("D4", 4) + BACKWARD))
    assert reading.tempo == ((0.0, 60.0), (4.0, 240.0), (8.0, 60.0), (12.0, 240.0))
    assert reading.notes.onset_sec.tolist() == [0, 4, 5, 9]


def test_a_tempo_mark_of_a_lower_part_counts_for_all() -> None:
    lower = part([direction("", sound='tempo="60"') + note("C3", 4), note("C3", 4)])
    reading = read(score({"A": part([note("C5", 4)] * 2), "B": lower}).encode())
    assert reading.notes.onset_sec.tolist() == [0, 0, 4, 4]


def test_metres_of_the_second_part_count_where_the_first_has_none() -> None:
    upper = part([note("C5", 3), note("D5", 3), note("E5", 2)], first="")
    lower = part([note("C3", 3), note("D3", 3), attributes(metre(2, 4)) + note("E3", 2)],
                 first=metre(3, 4))  # fmt: skip
    reading = read(score({"A": upper, "B": lower}).encode())
    assert reading.metres == ((0.0, 3, 4), (6.0, 2, 4))
    assert reading.notes.metre_numerator.tolist() == [3, 3, 3, 3, 2, 2]
    assert reading.notes.metre_known
    midi = read_midi(humanize.humanize_bytes(
        score({"A": upper, "B": lower}).encode(), name="x.musicxml", as_midi=True).bytes)  # fmt: skip
    assert midi.pieces[0].metre_numerator.tolist() == [3, 3, 3, 3, 2, 2]


def test_the_first_part_that_has_a_metre_at_a_point_gives_it() -> None:
    upper = part([note("C5", 3), note("D5", 3)], first=metre(3, 4))
    lower = part([note("C3", 3), attributes(metre(6, 8)) + note("D3", 3)], first=metre(6, 8))
    reading = read(score({"A": upper, "B": lower}).encode())
    assert reading.metres == ((0.0, 3, 4), (3.0, 6, 8))
    by_part = {1: [3, 3], 2: [6, 6]}
    for track, numerators in by_part.items():
        own = reading.notes.track == track
        assert reading.notes.metre_numerator[own].tolist() == numerators


def test_compound_metres_are_added_up() -> None:
    composed = "<time><beats>3+2</beats><beat-type>8</beat-type></time>"
    assert read(solo(note("C4", 2.5), first=composed)).metres == ((0.0, 5, 8),)


def test_a_score_without_a_metre_says_so() -> None:
    reading = read(solo(note("C4", 4), first=""))
    assert reading.metres == ((0.0, 4, 4),)
    assert not reading.notes.metre_known


_KIT = (
    '<score-instrument id="P2-I36"><instrument-name>Kick</instrument-name></score-instrument>'
    '<score-instrument id="P2-I43"><instrument-name>Hat</instrument-name></score-instrument>'
    '<midi-instrument id="P2-I36"><midi-channel>10</midi-channel>'
    "<midi-unpitched>37</midi-unpitched></midi-instrument>"
    '<midi-instrument id="P2-I43"><midi-channel>10</midi-channel>'
    "<midi-unpitched>43</midi-unpitched></midi-instrument>"
)
_FLUTE = '<midi-instrument id="P1-I1"><midi-program>74</midi-program></midi-instrument>'


def band(mark: str = "p", kit_attributes: str = "") -> bytes:
    flute = part([dynamic("f") + note("C5", 1) + note("E5", 1) + note("G5", 2)] * 4)
    beat = note("F4", 1, unpitched=True, instrument="P2-I36", attributes=kit_attributes)
    hat = note("G5", 1, unpitched=True, instrument="P2-I43", attributes=kit_attributes)
    kit = part([dynamic(mark) + (beat + hat) * 2] * 4)
    organ = part([dynamic("ff") + note("C3", 4)] * 4)
    return score(
        {"Flute": flute, "Kit": kit, "Organ": organ}, declared={"Flute": _FLUTE, "Kit": _KIT}
    ).encode()


def test_parts_are_instruments_apart() -> None:
    notes = read(band()).notes
    for track, instrument, program, channel, pitches in (
        (1, 0, 73, 1, {72, 76, 79}),
        (2, DRUMS, -1, 10, {36, 42}),
        (3, 2, -1, 3, {48}),
    ):
        own = notes.track == track
        assert set(notes.instrument[own].tolist()) == {instrument}
        assert set(notes.program[own].tolist()) == {program}
        assert set(notes.channel[own].tolist()) == {channel}
        assert set(notes.pitch[own].tolist()) == pitches


def test_a_part_is_predicted_as_if_it_stood_alone() -> None:
    both = humanize.humanize_bytes(band(), name="x.musicxml")
    flute = part([dynamic("f") + note("C5", 1) + note("E5", 1) + note("G5", 2)] * 4)
    alone = humanize.humanize_bytes(score({"Flute": flute}).encode(), name="x.musicxml")
    own = both.notes[0].track == 1
    assert both.velocities[0][own].tolist() == alone.velocities[0].tolist()


@pytest.mark.parametrize(("mark", "velocity"), [("p", 49), ("ff", 112)])
def test_unpitched_percussion_keeps_its_written_dynamics(mark: str, velocity: int) -> None:
    result = humanize.humanize_bytes(band(mark), name="x.musicxml", as_midi=True)
    drums = result.notes[0].instrument == DRUMS
    assert result.velocities[0][drums].tolist() == [velocity] * 16
    midi = read_midi(result.bytes).pieces[0]
    assert midi.velocity[midi.channel == 10].tolist() == [velocity] * 16
    assert sorted(set(midi.pitch[midi.channel == 10].tolist())) == [36, 42]
    assert set(midi.program[midi.channel == 1].tolist()) == {73}


def test_percussion_and_unselected_notes_keep_their_bytes_in_musicxml() -> None:
    content = band(kit_attributes=' dynamics="55"')
    result = humanize.humanize_bytes(content, name="x.musicxml", tracks=["Flute"])
    assert result.bytes.count(b'dynamics="55"') == 16
    assert result.bytes.count(b"dynamics=") == 16 + 12
    drums = result.notes[0].instrument == DRUMS
    assert set(result.velocities[0][drums].tolist()) == {50}


def test_barlines_inside_a_measure_do_no_harm() -> None:
    double = barline("middle", "<bar-style>light-light</bar-style>")
    assert rows(solo(note("C4", 2) + double + note("D4", 2))) == [(0, 2, 60), (2, 2, 62)]
