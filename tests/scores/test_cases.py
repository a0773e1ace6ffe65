"""Small files that show one kind of fault each, and what is right; values worked out by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import humanize
from humanize.commands.humanize import command
from humanize.errors import HumanizeError, OptionError
from humanize.midi.reading import read_midi
from humanize.notes import DRUMS, NoteTable
from humanize.score import ScoreReading, read_score

CASES = Path(__file__).parent / "cases"
_LETTERS = dict(zip(range(12), "c.d.ef.g.a.b", strict=True))


def read(name: str) -> ScoreReading:
    return read_score(CASES / name)


def notes_of(name: str) -> NoteTable:
    return read(name).notes


def letters(notes: NoteTable) -> str:
    return "".join(_LETTERS[pitch % 12] for pitch in notes.pitch.tolist())


def levels(notes: NoteTable) -> dict[float, float]:
    """Return the level from each onset at which it changes."""
    found: dict[float, float] = {}
    for onset, level in zip(
        notes.onset_beat.tolist(), notes.marking("notated_level").tolist(), strict=True
    ):
        if not found or next(reversed(found.values())) != level:
            found[onset] = level
    return found


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ending2_without_stop.musicxml", "cdcefgfa"),
        ("ending2_with_stop_control.musicxml", "cdcefgfa"),
        ("ending_without_dots.musicxml", "cde"),
        ("rep_nested_in_ending.musicxml", "cdeefcggab"),
        ("dc_sound_tocoda_words.musicxml", "cdefcdga"),
        ("measures_after_repeat.musicxml", "cdcdef"),
    ],
)
def test_the_order_of_whole_notes(name: str, expected: str) -> None:
    notes = notes_of(name)
    assert letters(notes) == expected
    assert notes.onset_beat.tolist() == [4.0 * n for n in range(len(expected))]


@pytest.mark.parametrize(
    "name",
    ["fingering_letter.musicxml", "harmony_alter_decimal.musicxml", "divisions_decimal.musicxml"],
)
def test_details_that_velocity_does_not_need(name: str) -> None:
    notes = notes_of(name)
    assert letters(notes) == "cdefcdef"
    assert notes.onset_beat.tolist() == list(range(8))
    assert notes.duration_beat.tolist() == [1.0] * 8


def test_a_blank_line_before_the_declaration_is_kept(tmp_path: Path) -> None:
    content = (CASES / "leading_blank_line.musicxml").read_bytes()
    assert letters(read_score(content, name="x.musicxml").notes) == "cdef"
    written = humanize.humanize_bytes(content, name="x.musicxml").bytes
    assert written.startswith(content[: content.index(b"<?xml")])
    assert written.count(b" dynamics=") == 4
    assert letters(read_score(written, name="x.musicxml").notes) == "cdef"


def test_percent_signs_are_played() -> None:
    reading = read("percent_repeat.musicxml")
    notes = reading.notes
    assert letters(notes) == "cdef" * 4
    assert notes.onset_beat.tolist() == list(range(16))
    # written back to the notes that they repeat; the rests between are notes of the file, too
    assert reading.places[notes.source].tolist() == [0, 1, 2, 3] * 3 + [6, 7, 8, 9]


def test_notation_and_tablature_are_one() -> None:
    reading = read("guitar_tab_twin.musicxml")
    assert len(reading.notes) == 16
    assert reading.notes.onset_beat.tolist() == list(range(16))
    (message,) = reading.messages
    assert "tablature" in message


def test_ties() -> None:
    arpeggio = notes_of("tie_arpeggio_into_chord.musicxml")
    assert arpeggio.onset_beat.tolist() == [1, 2, 3]
    assert arpeggio.duration_beat.tolist() == [7, 6, 5]
    held = notes_of("tied_without_tie.musicxml")
    assert (held.onset_beat.tolist(), held.duration_beat.tolist()) == ([0], [8])


@pytest.mark.parametrize(
    "name", ["dynamics_in_notations.musicxml", "sound_dynamics_words.musicxml"]
)
def test_dynamics_wherever_they_stand(name: str) -> None:
    found = levels(notes_of(name))
    assert list(found) == [0, 8]
    assert found[0] == pytest.approx(33, abs=1)
    assert found[8] == 112


def test_two_parts_of_one_name_are_the_hands_of_a_keyboard() -> None:
    parts, staves = (
        notes_of("hands_two_parts_same_name.musicxml"),
        notes_of("hands_two_staves.musicxml"),
    )
    for name in ("onset_beat", "pitch", "duration_beat", "instrument"):
        np.testing.assert_array_equal(parts.columns()[name], staves.columns()[name], err_msg=name)
    np.testing.assert_array_equal(parts.marking("staff"), staves.marking("staff"))
    heard = [
        humanize.humanize_bytes((CASES / name).read_bytes(), name=name).velocities[0].tolist()
        for name in ("hands_two_parts_same_name.musicxml", "hands_two_staves.musicxml")
    ]
    assert heard[0] == heard[1]


@pytest.mark.parametrize(
    ("split", "instruments"),
    [("programs", {0}), ("tracks", {0, 1}), ("parts", {0, 1}), ("none", {0})],
)
def test_split_means_for_scores_what_it_means_for_midi(split: str, instruments: set[int]) -> None:
    path = CASES / "hands_two_parts_same_name.musicxml"
    assert set(read_score(path, split=split).notes.instrument.tolist()) == instruments  # type: ignore[arg-type]
    result = humanize.humanize_score(path, split=split)  # type: ignore[arg-type]
    assert set(result.reading.notes.instrument.tolist()) == instruments


def test_a_kick_and_a_hat_together_refuse_nothing() -> None:
    content = (CASES / "band_drumset_chord.musicxml").read_bytes()
    result = humanize.humanize_bytes(content, name="x.musicxml", as_midi=True)
    drums = result.notes[0].instrument == DRUMS
    assert drums.sum() == 32
    assert len(set(result.velocities[0][~drums].tolist())) > 3
    assert len(set(result.velocities[0][drums].tolist())) == 1
    midi = read_midi(result.bytes).pieces[0]
    assert (midi.channel == 10).sum() == 32
    assert set(midi.pitch[midi.channel == 10].tolist()) == {36, 42}  # kick and closed hi-hat


def test_only_drums_are_told() -> None:
    with pytest.raises(HumanizeError, match="only percussion of no known drum"):
        humanize.humanize_bytes((CASES / "drums_only.musicxml").read_bytes(), name="x.musicxml")


@pytest.mark.parametrize(
    ("name", "measures", "changed"),
    [
        ("measures_after_repeat.musicxml", "3", [2]),
        ("measures_after_repeat.musicxml", "1", [0]),
        ("measures_after_repeat.musicxml", "2-3", [1, 2]),
        ("pickup_measures.musicxml", "0", [0]),
        ("pickup_measures.musicxml", "1", [1, 2, 3, 4]),
        ("pickup_measures.musicxml", "0-1", [0, 1, 2, 3, 4]),
    ],
)
def test_measures_are_those_with_the_printed_number(
    name: str, measures: str, changed: list[int]
) -> None:
    content = (CASES / name).read_bytes()
    written = humanize.humanize_bytes(content, name=name, measures=measures).bytes
    notes = written.split(b"<note")[1:]
    assert [n for n, note in enumerate(notes) if note.startswith(b" dynamics=")] == changed


@pytest.mark.parametrize(
    ("name", "onset", "first"),
    [
        ("krn_pickup.krn", 9.0, {0: 33.0, 9: 112.0}),
        ("krn_nopickup.krn", 8.0, {0: 33.0, 8: 112.0}),
        ("krn_pickup_ends_in_eighths.krn", 9.0, {0: 33.0, 9: 112.0}),
        ("mei_pickup.mei", 9.0, {0: 33.0, 9: 112.0}),
    ],
)
def test_upbeats_of_humdrum_and_mei(name: str, onset: float, first: dict[float, float]) -> None:
    notes = notes_of(name)
    assert levels(notes) == first
    last = {"krn_pickup_ends_in_eighths.krn": 16.5, "krn_nopickup.krn": 15.0}.get(name, 16.0)
    assert notes.onset_beat.max() == last


def test_a_chord_that_writes_its_length_once() -> None:
    short = notes_of("krn_chord_short_refused.krn")
    assert (letters(short), short.duration_beat.tolist()) == ("cegcdef", [4, 4, 4, 1, 1, 1, 1])
    full = notes_of("krn_chord_full_control.krn")
    assert len(full) == 19
    assert full.duration_beat[:3].tolist() == [0.5] * 3


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mei_key_change_staffdef.mei", "ccgdeegf" * 2),
        ("mei_measure_without_one_staff.mei", "ccgdeegfcdefccgdeegf"),
        ("mei_annot_in_section.mei", "ccgdeegf"),
    ],
)
def test_mei_that_was_refused(name: str, expected: str) -> None:
    assert letters(notes_of(name)) == expected


def test_a_tie_that_leads_backwards_is_said_and_left_out() -> None:
    reading = read("mei_tie_backwards.mei")
    assert len(reading.notes) == 6
    assert reading.messages == ("a tie in measure 1 leads backwards: left out",)


def test_messages_name_the_file_that_was_given(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        command, [str(CASES / "name_in_message.xml"), "-o", str(tmp_path / "o.mid")]
    )
    assert result.exit_code != 0
    message = str(result.exception) if result.exception else result.output
    assert "name_in_message.xml: " in message + result.output
    assert ".musicxml" not in message.replace("MusicXML", "")


def test_spaces_in_measures_say_nothing() -> None:
    data = (Path(__file__).parents[2] / "examples" / "waltz.musicxml").read_bytes()

    def chosen(measures: str) -> list[bool]:
        result = humanize.humanize_bytes(data, name="x.musicxml", measures=measures)
        return result.interpretations[0].selected.tolist()

    assert chosen("I : 2 - 3 , 5 - ") == chosen("I:2-3,5-")
    with pytest.raises(
        OptionError, match=r"found; expected measures of the score, which has 1-16$"
    ):
        chosen("X : 0 - ")
