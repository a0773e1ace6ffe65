"""Arpeggio signs: when the written MIDI strikes the notes, and what stays as it is."""

from __future__ import annotations

import numpy as np
import pytest
from musicxml_builder import BACKWARD, FORWARD, backup, direction, note, solo

import humanize
from humanize.midi.reading import read_midi
from humanize.notes import NoteTable
from humanize.score import read_score
from humanize.score.as_midi import score_to_midi

STEP = 1 / 15  # seconds
SIGN = "<arpeggiate/>"
DOWN = '<arpeggiate direction="down"/>'
ONE, TWO = '<arpeggiate number="1"/>', '<arpeggiate number="2"/>'


def chord(*pitches: str, quarters: float = 4, sign: str = SIGN, staff: int | None = None) -> str:
    return "".join(
        note(pitch, quarters, chord=number > 0, notations=sign, staff=staff)
        for number, pitch in enumerate(pitches)
    )


def tempo(bpm: int) -> str:
    return direction("<words>x</words>", sound=f'tempo="{bpm}"')


def written(content: bytes, name: str = "x.musicxml") -> NoteTable:
    reading = read_score(content, name=name)
    velocities = np.arange(1, len(reading.notes) + 1)
    return read_midi(score_to_midi(reading, velocities)).pieces[0]


def struck(notes: NoteTable) -> object:
    """Return pairs of pitch and second, to be compared to a tick."""
    return sorted(zip(notes.pitch.tolist(), notes.onset_sec.tolist(), strict=True))


def pairs(**seconds: float) -> object:
    """Return what ``struck`` gives: p60=0.5 for pitch 60 at half a second."""
    return [(int(p[1:]), pytest.approx(s, abs=0.001)) for p, s in sorted(seconds.items())]


@pytest.mark.parametrize("bpm", [40, 60, 180])
def test_notes_follow_each_other_by_a_fifteenth_of_a_second_at_any_tempo(bpm: int) -> None:
    notes = written(solo(tempo(bpm) + chord("E4", "C4", "C5", "G4")))
    assert struck(notes) == pairs(p60=0, p64=STEP, p67=2 * STEP, p72=3 * STEP)
    end = notes.onset_sec + notes.duration_sec
    assert end.tolist() == pytest.approx([4 * 60 / bpm] * 4, abs=0.001)


def test_a_sign_with_an_arrow_down_begins_above() -> None:
    notes = written(solo(tempo(60) + chord("C4", "E4", "G4", sign=DOWN)))
    assert struck(notes) == pairs(p60=2 * STEP, p64=STEP, p67=0)


def test_a_short_chord_is_spread_within_its_length() -> None:
    notes = written(solo(tempo(120) + chord("C4", "E4", "G4", quarters=0.25) + note("C5", 3.75)))
    assert struck(notes) == pairs(p60=0, p64=1 / 24, p67=2 / 24, p72=0.125)
    assert notes.duration_sec[:3].tolist() == pytest.approx([3 / 24, 2 / 24, 1 / 24], abs=0.001)


@pytest.mark.parametrize(
    ("upper", "lower", "expected"),
    [
        # a sign in each staff: both begin together; two numbers: the same
        (chord("C5", "E5", staff=1), chord("C3", "E3", staff=2),
         pairs(p48=0, p52=STEP, p72=0, p76=STEP)),
        (chord("C5", "E5", staff=1, sign=ONE), chord("C3", "E3", staff=2, sign=TWO),
         pairs(p48=0, p52=STEP, p72=0, p76=STEP)),
        # one number, or a note that alone would be no chord: one sign through both staves
        (chord("C5", "E5", staff=1, sign=ONE), chord("C3", "E3", staff=2, sign=ONE),
         pairs(p48=0, p52=STEP, p72=2 * STEP, p76=3 * STEP)),
        (chord("C5", "E5", staff=1), chord("C3", staff=2), pairs(p48=0, p72=STEP, p76=2 * STEP)),
        # no sign in the lower staff, and a bracket, which forbids it
        (chord("C5", "E5", staff=1), chord("C3", "E3", staff=2, sign="<non-arpeggiate/>"),
         pairs(p48=0, p52=0, p72=0, p76=STEP)),
        # a sign at a single note
        (chord("C5", staff=1), note("C3", 4, staff=2), pairs(p48=0, p72=0)),
    ],
)  # fmt: skip
def test_signs_in_two_staves(upper: str, lower: str, expected: object) -> None:
    content = solo(
        tempo(60) + upper + backup(4) + lower,
        first="<time><beats>4</beats><beat-type>4</beat-type></time><staves>2</staves>",
    )
    assert struck(written(content)) == expected


def test_each_time_of_a_repeat_is_spread() -> None:
    content = solo(FORWARD + tempo(60) + chord("C4", "E4") + BACKWARD)
    notes = written(content)
    assert notes.onset_sec.tolist() == pytest.approx([0, STEP, 4, 4 + STEP], abs=0.001)


def test_a_note_held_over_from_before_is_not_struck_again() -> None:
    held = note("C4", 4, tie=["start"])
    after = (
        note("C4", 4, tie=["stop"], notations=SIGN)
        + note("E4", 4, chord=True, notations=SIGN)
        + note("G4", 4, chord=True, notations=SIGN)
    )
    notes = written(solo(tempo(60) + held, after))
    assert struck(notes) == pairs(p60=0, p64=4, p67=4 + STEP)


def test_what_is_heard_and_what_velocities_come_of_it_do_not_change() -> None:
    """The model hears chords as written, spread or not; every note keeps its one velocity."""

    def content(sign: str) -> bytes:
        return solo(*[chord("C4", "E4", "G4", "C5", sign=sign)] * 3)

    spread, together = (
        humanize.humanize_bytes(content(sign), name="x.musicxml", as_midi=True)
        for sign in (SIGN, "")
    )
    for name, column in together.notes[0].columns().items():
        np.testing.assert_array_equal(column, spread.notes[0].columns()[name], err_msg=name)
    np.testing.assert_array_equal(spread.velocities[0], together.velocities[0])
    midi = read_midi(spread.bytes).pieces[0]
    assert len(set(midi.onset_sec.tolist())) == 12
    assert midi.velocity.tolist() == spread.velocities[0].tolist()
    assert len(set(read_midi(together.bytes).pieces[0].onset_sec.tolist())) == 3


def _mei(controls: str) -> bytes:
    notes = "".join(
        f'<note xml:id="{name}" pname="{name}" oct="{octave}"/>'
        for name, octave in (("c", 4), ("e", 4), ("g", 4))
    )
    low = '<note xml:id="low" pname="c" oct="3" dur="1"/>'
    staves = "".join(f'<staffDef n="{n}" lines="5" clef.shape="G" clef.line="2"/>' for n in (1, 2))
    return (
        '<mei xmlns="http://www.music-encoding.org/ns/mei"><music><body><mdiv><score>'
        f'<scoreDef meter.count="4" meter.unit="4" midi.bpm="60"><staffGrp>{staves}</staffGrp>'
        '</scoreDef><section><measure n="1">'
        f'<staff n="1"><layer n="1"><chord xml:id="all" dur="1">{notes}</chord></layer></staff>'
        f'<staff n="2"><layer n="1">{low}</layer></staff>{controls}</measure></section>'
        "</score></mdiv></body></music></mei>"
    ).encode()


@pytest.mark.parametrize(
    ("sign", "expected"),
    [
        ('<arpeg startid="#all"/>', pairs(p48=0, p60=0, p64=STEP, p67=2 * STEP)),
        ('<arpeg plist="#low #all"/>', pairs(p48=0, p60=STEP, p64=2 * STEP, p67=3 * STEP)),
        ('<arpeg plist="#c #e" order="down"/>', pairs(p48=0, p60=STEP, p64=0, p67=0)),
        ('<arpeg plist="#all" order="nonarp"/>', pairs(p48=0, p60=0, p64=0, p67=0)),
    ],
)
def test_signs_of_mei(sign: str, expected: object) -> None:
    assert struck(written(_mei(sign), "x.mei")) == expected
