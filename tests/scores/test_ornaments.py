"""Ornaments and tremolos in the MIDI file: which notes, when and how loud."""

from __future__ import annotations

import numpy as np
import pytest
from musicxml_builder import attributes, direction, metre, note, solo

import humanize
from humanize.midi.reading import read_midi
from humanize.notes import NoteTable
from humanize.score import read_score, score_to_midi


def ornament(inside: str) -> str:
    return f"<ornaments>{inside}</ornaments>"


def tempo(bpm: int) -> str:
    return direction("<words>x</words>", sound=f'tempo="{bpm}"')


def struck(content: bytes, *, ornaments: str = "played", velocity: int = 100) -> NoteTable:
    reading = read_score(content, name="x.musicxml")
    velocities = np.full(len(reading.notes), velocity)
    return read_midi(score_to_midi(reading, velocities, ornaments=ornaments)).pieces[0]


def one(
    sign: str, *, bpm: int = 60, quarters: float = 2, pitch: str = "C5", key: str = ""
) -> NoteTable:
    """Return what is struck for a note with a sign, without the note behind it."""
    head = attributes(key) if key else ""
    content = solo(
        head + tempo(bpm) + note(pitch, quarters, notations=ornament(sign)) + note("C3", 1)
    )
    notes = struck(content)
    return notes.take(notes.pitch != 48)


@pytest.mark.parametrize("bpm", [30, 60, 240])
def test_a_trill_has_about_twelve_notes_a_second_at_any_tempo(bpm: int) -> None:
    notes = one("<trill-mark/>", bpm=bpm)
    seconds = 2 * 60 / bpm
    assert len(notes) % 2 == 1
    assert 10 < len(notes) / seconds < 15
    assert set(notes.pitch[::2].tolist()) == {72}
    assert set(notes.pitch[1::2].tolist()) == {74}
    gaps = np.diff(notes.onset_sec)
    assert gaps.max() - gaps.min() < 0.003
    assert notes.onset_sec[-1] + notes.duration_sec[-1] == pytest.approx(seconds, abs=0.002)


@pytest.mark.parametrize(
    ("sign", "key", "pitch", "upper"),
    [
        ("<trill-mark/>", "", "E5", 77),
        ("<trill-mark/>", "<key><fifths>2</fifths></key>", "E5", 78),
        ("<trill-mark/>", "<key><fifths>-3</fifths></key>", "D5", 75),
        ("<trill-mark/><accidental-mark>sharp</accidental-mark>", "", "E5", 78),
        ("<trill-mark/><accidental-mark>flat</accidental-mark>", "", "A4", 70),
        ("<trill-mark/>", "", "B4", 72),
    ],
)
def test_the_upper_note_is_that_of_the_key(sign: str, key: str, pitch: str, upper: int) -> None:
    assert set(one(sign, key=key, pitch=pitch).pitch[1::2].tolist()) == {upper}


def test_an_accidental_of_the_measure_counts_for_the_upper_note() -> None:
    content = solo(tempo(60) + note("F#5", 1) + note("E5", 2, notations=ornament("<trill-mark/>")))
    notes = struck(content)
    assert set(notes.pitch[notes.onset_beat >= 1][1::2].tolist()) == {78}


@pytest.mark.parametrize(
    ("sign", "pitches", "onsets"),
    [
        ("<mordent/>", [72, 71, 72], [0, 0.07, 0.14]),
        ("<inverted-mordent/>", [72, 74, 72], [0, 0.07, 0.14]),
        ("<turn/>", [74, 72, 71, 72], [0, 0.09, 0.18, 0.27]),
        ("<inverted-turn/>", [71, 72, 74, 72], [0, 0.09, 0.18, 0.27]),
        ("<delayed-turn/>", [72, 74, 72, 71, 72], [0, 1.64, 1.73, 1.82, 1.91]),
    ],
)
def test_mordents_and_turns(sign: str, pitches: list[int], onsets: list[float]) -> None:
    notes = one(sign)
    assert notes.pitch.tolist() == pitches
    assert notes.onset_sec.tolist() == pytest.approx(onsets, abs=0.002)
    assert notes.onset_sec[-1] + notes.duration_sec[-1] == pytest.approx(2, abs=0.002)


def test_a_note_that_is_too_short_is_played_plainly() -> None:
    assert len(one("<trill-mark/>", bpm=240, quarters=0.5)) == 1


@pytest.mark.parametrize(
    ("strokes", "bpm", "count"),
    [(1, 60, 4), (2, 60, 8), (3, 60, 16), (3, 120, 16), (3, 240, 8), (2, 30, 8)],
)
def test_a_tremolo_has_the_notes_of_its_beams_unless_nobody_could_play_them(
    strokes: int, bpm: int, count: int
) -> None:
    notes = one(f'<tremolo type="single">{strokes}</tremolo>', bpm=bpm)
    assert len(notes) == count
    assert set(notes.pitch.tolist()) == {72}
    assert notes.onset_beat.tolist() == pytest.approx(
        [2 * n / count for n in range(count)], abs=0.002
    )


def test_a_tremolo_between_two_notes() -> None:
    pair = note("C5", 1, notations=ornament('<tremolo type="start">3</tremolo>')) + note(
        "G5", 1, notations=ornament('<tremolo type="stop">3</tremolo>')
    )
    notes = struck(solo(tempo(60) + pair + note("C3", 2)))
    high = notes.take(notes.pitch != 48)
    assert high.pitch.tolist() == [72, 79] * 8
    assert high.onset_beat.tolist() == pytest.approx([n / 8 for n in range(16)], abs=0.002)


def test_an_ornament_is_one_gesture_whose_loudest_note_is_the_written_one() -> None:
    for sign in ("<trill-mark/>", "<mordent/>", "<turn/>", '<tremolo type="single">3</tremolo>'):
        velocity = one(sign).velocity
        assert velocity.max() == 100
        assert velocity.min() >= 78
        assert len(set(velocity.tolist())) > 1


def test_ornaments_can_be_left_as_their_main_notes() -> None:
    content = solo(tempo(60) + note("C5", 2, notations=ornament("<trill-mark/>")) + note("C3", 2))
    assert len(struck(content, ornaments="written")) == 2
    for ornaments, count in (("written", 2), ("played", 26)):
        result = humanize.humanize_bytes(
            content,
            name="x.musicxml",
            as_midi=True,
            ornaments=ornaments,  # type: ignore[typeddict-item]
        )
        assert len(read_midi(result.bytes).pieces[0]) == count
        assert len(result.notes[0]) == 2  # one note with one velocity for the model


def test_a_long_rest_is_written_so_that_every_reader_understands_it() -> None:
    rest = note(None, 4096).replace("<duration>", "<duration>")
    content = solo(note("C4", 1), *[rest] * 80, note("D4", 1), first=metre(4, 4))
    notes = struck(content)
    assert notes.pitch.tolist() == [60, 62]
    assert notes.onset_beat.tolist() == [0, 1 + 80 * 4096]


def test_an_ornament_without_end_is_its_main_note() -> None:
    trill = ornament("<trill-mark/>")
    assert len(struck(solo(tempo(5) + note("C5", 4000, notations=trill) + note("C3", 1)))) == 2
