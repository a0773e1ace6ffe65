"""ABC, and the score objects of other libraries; expected notes by hand."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

import humanize
from humanize.errors import ScoreError
from humanize.score import read_score

WALTZ = Path(__file__).parents[2] / "examples" / "waltz.musicxml"
TUNE = b"X:1\nT:Tune\nM:3/4\nL:1/8\nQ:1/4=90\nK:D\n%s\n"


def rows(music: bytes) -> list[tuple[float, float, int]]:
    notes = read_score(TUNE % music, name="x.abc").notes
    return list(
        zip(
            notes.onset_beat.tolist(),
            notes.duration_beat.tolist(),
            notes.pitch.tolist(),
            strict=True,
        )
    )


@pytest.mark.parametrize(
    ("music", "expected"),
    [
        # the key's F sharp and C sharp, broken rhythm, an octave up
        (b"F2 c>d d'2|]", [(0, 1, 66), (1, 0.75, 73), (1.75, 0.25, 74), (2, 1, 86)]),
        (b"(3DEF A2 =c2|]",
         [(0, 1 / 3, 62), (1 / 3, 1 / 3, 64), (2 / 3, 1 / 3, 66), (1, 1, 69), (2, 1, 72)]),
        (b"A2 B4-|B6|]", [(0, 1, 69), (1, 5, 71)]),
        (b"|:D6:|E6|]", [(0, 3, 62), (3, 3, 62), (6, 3, 64)]),
        (b"|:D6|1 E6:|2 F6|]", [(0, 3, 62), (3, 3, 64), (6, 3, 62), (9, 3, 66)]),
        # the length of a chord may stand behind its bracket
        (b"[DFA]4 [D2F2]|]", [(0, 2, 62), (0, 2, 66), (0, 2, 69), (2, 1, 62), (2, 1, 66)]),
        (b"[DF]/2[DF]/2[DF] z4|]",
         [(0, 0.25, 62), (0, 0.25, 66), (0.25, 0.25, 62), (0.25, 0.25, 66), (0.5, 0.5, 62),
          (0.5, 0.5, 66)]),
    ],
)  # fmt: skip
def test_tunes(music: bytes, expected: list[tuple[float, float, int]]) -> None:
    found = rows(music)
    assert len(found) == len(expected)
    for row, wanted in zip(found, expected, strict=True):
        assert row == pytest.approx(wanted, abs=1e-5)


def test_tunes_of_a_book_are_movements_with_their_tempo() -> None:
    book = TUNE % b"D6|]" + b"\n" + (TUNE % b"E6|]").replace(b"X:1", b"X:2")
    reading = read_score(book, name="x.abc")
    assert reading.notes.pitch.tolist() == [62, 64]
    assert reading.movements == (0, 1)
    assert reading.tempo[0] == (0.0, 90.0)


def test_voices_are_parts_and_an_ampersand_is_another_layer() -> None:
    voices = b'V:1 name=Flute\nV:2 name="Cello" clef=bass\n[V:1] !f!d6|d6|]\n[V:2] D,6|D,3 A,3|]'
    reading = read_score(TUNE % voices, name="x.abc")
    assert reading.part_names == ("Flute", "Cello")
    assert reading.notes.pitch.tolist() == [50, 74, 50, 74, 57]
    assert reading.notes.onset_beat.tolist() == [0, 0, 3, 3, 4.5]
    assert set(reading.notes.instrument.tolist()) == {0, 1}
    both = read_score(TUNE % b"d6 & D3 E3|f6|]", name="x.abc").notes
    assert both.onset_beat.tolist() == [0, 0, 1.5, 3]


def test_markings_of_a_tune() -> None:
    notes = read_score(
        TUNE % b"!p!A2 (.B2 !accent!c2)|!<(!d2 e2 f2!<)!|!f!Tg6|]", name="x.abc"
    ).notes
    assert notes.marking("notated_level")[[0, 3, 6]].tolist() == [49, 49, 96]
    assert notes.marking("notated_level")[4] > 49
    for name, row in (("staccato", 1), ("accent", 2), ("ornament", 6)):
        assert notes.marking(name).nonzero()[0].tolist() == [row], name
    assert notes.marking("slur").tolist() == [0, 1, 1, 0, 0, 0, 0]


def test_graces_upbeats_and_rests() -> None:
    reading = read_score(TUNE % b"A2|{c}d4 z2|Z|d6|]", name="x.abc")
    assert reading.measure_labels == ("0", "1", "2", "3")
    notes = reading.notes
    assert notes.onset_beat.tolist() == [0, 0.875, 1, 7]
    assert notes.pitch.tolist() == [69, 73, 74, 74]


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"hello\n", "no X: or K: field"), (b"X:1\nK:C\n", "no notes in any tune")],
)
def test_what_is_no_tune_is_told(content: bytes, message: str) -> None:
    with pytest.raises(ScoreError, match=f"^x.abc: {message}"):
        read_score(content, name="x.abc")


@pytest.mark.skipif(not importlib.util.find_spec("music21"), reason="needs the package music21")
def test_a_stream_of_music21_is_read_by_way_of_musicxml() -> None:
    from music21 import converter

    found = humanize.humanize_score(converter.parse(str(WALTZ)))  # type: ignore[arg-type]
    expected = read_score(WALTZ).notes
    notes = found.reading.notes
    assert notes.pitch.tolist() == expected.pitch.tolist()
    assert notes.onset_beat.tolist() == pytest.approx(expected.onset_beat.tolist())
    with pytest.raises(ScoreError, match="not MusicXML"):
        found.to_musicxml()
