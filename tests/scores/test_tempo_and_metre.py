"""Tempo marks and metres of scores: expected seconds are written out by hand."""

from __future__ import annotations

import pytest
from musicxml_builder import (
    BACKWARD,
    FORWARD,
    attributes,
    direction,
    metre,
    note,
    part,
    score,
    solo,
    words,
)
from score_rows import read

import humanize
from humanize.midi.reading import read_midi

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
