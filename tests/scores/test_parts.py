"""Parts of scores: which notes are whose, on what instrument, and that they do not mix."""

from __future__ import annotations

import pytest
from musicxml_builder import (
    attributes,
    dynamic,
    metre,
    note,
    part,
    score,
)
from score_rows import read, rows

import humanize
from humanize.midi.reading import read_midi
from humanize.notes import DRUMS


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


def test_a_part_with_an_empty_measure_stays_with_the_others() -> None:
    upper = part([note("C5", 4), note("D5", 4), note("E5", 4)])
    lower = part([note("C3", 4), "", note("E3", 4)])
    content = score({"A": upper, "B": lower}).encode()
    assert rows(content, 2) == [(0, 4, 48), (8, 4, 52)]


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


def test_a_part_is_predicted_as_if_it_stood_alone_where_no_balance_is_asked_for() -> None:
    both = humanize.humanize_bytes(band(), name="x.musicxml", balance=0)
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
