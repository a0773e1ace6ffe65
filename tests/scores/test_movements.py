"""Movements of a file, measures by their printed numbers, and measures that are never played."""

from __future__ import annotations

import re

import pytest
from musicxml_builder import BACKWARD, FORWARD, barline, direction, metre, note, part, score, words

from humanize.errors import OptionError
from humanize.score import ScoreReading, measure_mask, read_score

_LETTERS = {48: "c", 50: "d", 52: "e", 53: "f", 55: "g", 57: "a", 59: "b"}
FINAL = barline("right", "<bar-style>light-heavy</bar-style>")
DA_CAPO = words("D.C.", sound='dacapo="yes"')
FINE = words("Fine", sound='fine="yes"')


def bar(letter: str) -> str:
    return note(f"{letter.upper()}3", 4)


def numbered(*movements: list[str] | tuple[int, list[str]]) -> bytes:
    """Return movements whose measures are counted from 1 (or another number) in each."""
    labels: list[int] = []
    measures: list[str] = []
    for movement in movements:
        first, own = movement if isinstance(movement, tuple) else (1, movement)
        labels += range(first, first + len(own))
        measures += own
    text, count = part(measures), iter(labels)
    text = re.sub(r'<measure number="\d+"', lambda _: f'<measure number="{next(count)}"', text)
    return score({"Piano": text}).encode()


def read(content: bytes) -> ScoreReading:
    return read_score(content, name="x.musicxml")


def played(content: bytes) -> str:
    return "".join(_LETTERS[pitch] for pitch in read(content).notes.pitch.tolist())


@pytest.mark.parametrize(
    ("movements", "expected"),
    [
        # a da capo goes to the beginning of its movement, and the finale is played
        ([[bar("c"), bar("d") + FINAL], [bar("e"), bar("f") + FINE, bar("g") + DA_CAPO],
          [bar("a"), bar("b")]], "cd efgef ab"),
        # so does a repeat without a sign where it begins
        ([[bar("c"), bar("d") + FINAL], [bar("e"), bar("f") + BACKWARD, bar("g")]], "cd efefg"),
        # Fine ends a movement, not the piece
        ([[bar("c"), bar("d") + FINE, bar("e") + DA_CAPO], [bar("f"), bar("g")]], "cdecd fg"),
        # an upbeat is numbered 0
        ([[bar("c"), bar("d")], (0, [bar("e"), bar("f") + DA_CAPO])], "cd efef"),
        # a trio is no movement, nor is what needs a Fine before it
        ([[bar("c"), bar("d") + FINAL], [words("Trio") + bar("e"), bar("f") + DA_CAPO]], "cdefcd"),
        ([[bar("c"), bar("d") + FINE], [bar("e"), bar("f") + DA_CAPO]], "cdefcd"),
        # numbers that go on
        ([[bar("c"), bar("d")], (3, [bar("e"), bar("f") + DA_CAPO])], "cdefcdef"),
    ],
)  # fmt: skip
def test_jumps_stay_within_a_movement(movements: list, expected: str) -> None:
    assert played(numbered(*movements)) == expected.replace(" ", "")


def test_another_metre_and_tempo_behind_a_final_barline_begin_a_movement() -> None:
    first = [bar("c"), bar("d") + FINAL]
    change = f"<attributes>{metre(3, 4)}</attributes>" + direction("", sound='tempo="150"')
    second = [change + note("E3", 3), note("F3", 3) + DA_CAPO]
    content = numbered(first, (3, second))
    assert played(content) == "cdefef"
    assert read(content).movements == (0, 2)
    assert read(numbered(first, (3, [note("E3", 4), note("F3", 4)]))).movements == (0,)


TWO = [[bar("c"), bar("d"), bar("e")], [bar("f"), FORWARD + bar("g") + BACKWARD, bar("a")]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2", "dgg"), ("II:2", "gg"), ("I:2-3", "de"), ("II", "fgga"), ("II:2-", "gga"),
        ("1,II:3", "cfa"), ("I:-2", "cd"), ("3-", "ea"),
    ],
)  # fmt: skip
def test_measures_of_movements(text: str, expected: str) -> None:
    reading = read(numbered(*TWO))
    chosen = reading.notes.pitch[measure_mask(reading, text)].tolist()
    assert "".join(_LETTERS[pitch] for pitch in chosen) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("4", r"'4' found; expected measures of the score, which has 2 movements: 1-3, 1-3"),
        ("III:1", r"'III:1' found; expected measures of the score"),
        ("a-b-c", r"'a-b-c' found; expected such as 5-12, 5, 0, 9-, X1 or II:5-12"),
        ("3-2", r"'3-2' found; expected measures of the score"),
    ],
)
def test_measures_that_are_not_there(text: str, message: str) -> None:
    with pytest.raises(OptionError, match=f"^measures {message}"):
        measure_mask(read(numbered(*TWO)), text)


def test_measures_between_two_numbers_are_meant_whatever_theirs() -> None:
    text = part([bar("c"), bar("d"), bar("e"), bar("f")])
    for number, label in ((1, "0"), (2, "1"), (3, "X1"), (4, "2")):
        text = text.replace(f'<measure number="{number}"', f'<measure label="{label}"')
    reading = read(score({"Piano": text.replace("label=", "number=")}).encode())
    assert reading.measure_labels == ("0", "1", "X1", "2")
    for asked, expected in (("1-2", "def"), ("X1", "e"), ("0", "c"), ("1", "d"), ("0-1", "cd")):
        chosen = reading.notes.pitch[measure_mask(reading, asked)].tolist()
        assert "".join(_LETTERS[pitch] for pitch in chosen) == expected


def test_measures_that_are_never_played_are_always_said() -> None:
    segno, coda = (direction(f"<{s}/>", sound=f'{s}="x"') for s in ("segno", "coda"))
    to_coda = words("To Coda", sound='tocoda="x"')
    back = words("D.S. al Coda", sound='dalsegno="x"')
    left_out = [segno + bar("c"), bar("d") + to_coda, bar("e") + back, bar("f"), bar("g")]
    content = numbered([*left_out, coda + bar("a")])
    assert played(content) == "cdecda"
    assert read(content).messages == (
        "measures 4-5 are written and never played, by the repeats and jumps of the score",
    )
    one = [*left_out[:4], coda + bar("a")]
    assert read(numbered(one)).messages[0].startswith("measure 4 is written and never played")
    assert read(numbered([*left_out[:3], coda + bar("a")])).messages == ()


def test_what_follows_a_da_capo_al_fine_is_another_movement() -> None:
    content = numbered([bar("c"), bar("d") + FINE, bar("e") + DA_CAPO, bar("f"), bar("g")])
    assert played(content) == "cdecdfg"
    assert read(content).movements == (0, 3)
    assert read(content).messages == ()


def test_a_minuet_within_a_work_whose_measures_are_counted_on() -> None:
    """Its da capo leads to where its metre begins, and ends before the trio."""
    change = f"<attributes>{metre(3, 4)}</attributes>"
    back = f"<attributes>{metre(4, 4)}</attributes>"
    content = numbered(
        [
            bar("c"), bar("d"), change + note("E3", 3), note("F3", 3) + FINAL,
            words("Trio") + note("G3", 3), note("A3", 3) + words("Menuetto D.C."), note("B3", 3),
            back + bar("c"), bar("d"),
        ]
    )  # fmt: skip
    assert played(content) == "cd ef gab ef cd".replace(" ", "")
    assert read(content).movements == (0, 2, 7)
