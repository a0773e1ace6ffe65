"""Repeats and jumps in the middle of measures: expected orders are written out by hand."""

from __future__ import annotations

import re

import pytest
from musicxml_builder import (
    BACKWARD,
    FORWARD,
    barline,
    direction,
    metre,
    note,
    part,
    score,
    solo,
    words,
)

from humanize.notes import NoteTable
from humanize.score import read_score

AGAIN = barline("middle", '<repeat direction="backward"/>')
BEGIN = barline("middle", '<repeat direction="forward"/>')
DOUBLE = barline("middle", "<bar-style>light-light</bar-style>")
DASHED = barline("middle", "<bar-style>dashed</bar-style>")
FINE = words("Fine", sound='fine="yes"')
DA_CAPO = words("D.C. al Fine", sound='dacapo="yes"')
_PITCHES = {letter: pitch for pitch, letter in enumerate("abcdefghijklmnopqrst", start=60)}
_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_LETTERS = {pitch: letter for letter, pitch in _PITCHES.items()}


def bar(text: str, length: float = 1.0) -> str:
    """Return notes, a letter each; other elements stand in between as ``{name}``."""
    names = {"AGAIN": AGAIN, "BEGIN": BEGIN, "DOUBLE": DOUBLE, "DASHED": DASHED, "FINE": FINE,
             "DC": DA_CAPO, **SIGNS}  # fmt: skip
    pieces = re.findall(r"\{(.+?)\}|([a-t])", text)
    return "".join(names[name] if name else _note(letter, length) for name, letter in pieces)


def _note(letter: str, length: float) -> str:
    pitch = _PITCHES[letter]
    return note(f"{_NAMES[pitch % 12]}{pitch // 12 - 1}", length)


SIGNS = {
    "1": barline("middle", '<ending number="1" type="start"/>'),
    "1:2": barline("middle", '<ending number="1" type="stop"/><repeat direction="backward"/>'
                             '<ending number="2" type="start"/>'),
    "/2": barline("middle", '<ending number="2" type="stop"/>'),
    "segno": direction("<segno/>", sound='segno="s"'),
    "coda": direction("<coda/>", sound='coda="c"'),
    "to": words("To Coda", sound='tocoda="c"'),
    "DS": words("D.S. al Coda", sound='dalsegno="s"'),
    "3x": barline("middle", '<repeat direction="backward" times="3"/>'),
    "D.C.": words("D.C."),
    "words Fine": words("Fine"),
}  # fmt: skip


def notes_of(content: bytes) -> NoteTable:
    return read_score(content, name="x.musicxml").notes


def letters(notes: NoteTable) -> str:
    return "".join(_LETTERS[pitch] for pitch in notes.pitch.tolist())


@pytest.mark.parametrize(
    ("measures", "expected"),
    [
        (["abcd", "ef{AGAIN}gh", "ijkl"], "abcdef abcdef ghijkl"),
        (["abc{BEGIN}d", "efg{AGAIN}h", "ijkl"], "abc defg defg hijkl"),
        (["ab{BEGIN}cd", "ef{AGAIN}gh", "ij{AGAIN}kl"], "ab cdef cdef ghij ghij kl"),
        (["a{BEGIN}bc{AGAIN}d", "efgh"], "a bc bc defgh"),
        (["abcd", "ef{3x}gh"], "abcdef abcdef abcdef gh"),
        (["abcd", "ef{AGAIN}{BEGIN}gh", "ij{AGAIN}kl"], "abcdef abcdef ghij ghij kl"),
        (["abcd", "e{1}fg{1:2}h", "ij{/2}kl"], "abcdefg abcdehijkl"),
        (["abcd{AGAIN}", "{BEGIN}efgh", "ijkl{AGAIN}", "mnop"], "abcd abcd efghijkl efghijkl mnop"),
        (["abcd", "{AGAIN}efgh"], "abcd abcd efgh"),
        (["abcd{BEGIN}", "ef{AGAIN}gh"], "abcd ef ef gh"),
        (["ab{DASHED}cd", "ef{DOUBLE}gh"], "abcdefgh"),
    ],
)
def test_repeats_within_measures(measures: list[str], expected: str) -> None:
    notes = notes_of(solo(*map(bar, measures)))
    assert letters(notes) == expected.replace(" ", "")
    assert notes.onset_beat.tolist() == list(range(len(notes)))
    assert notes.duration_beat.tolist() == [1.0] * len(notes)


@pytest.mark.parametrize(
    ("measures", "expected"),
    [
        (["abcd", "ef{FINE}{DOUBLE}gh", "ijkl{DC}"], "abcdefghijkl abcdef"),
        (["abcd", "e{FINE}f{AGAIN}gh", "ijkl{DC}"], "abcdef abcdef ghijkl abcdef"),
        (["ab{segno}{DOUBLE}cd", "ef{to}{DOUBLE}gh", "ij{DS}{DOUBLE}{coda}kl", "mnop"],
         "abcdefghij cdef klmnop"),
        (["abcd", "ef{words Fine}{DOUBLE}gh", "ijkl{D.C.}"], "abcdefghijkl abcdef"),
        (["a{FINE}bcd", "efgh{DC}"], "abcdefgh abcd"),
    ],
)  # fmt: skip
def test_jumps_within_measures_act_at_the_double_barline(
    measures: list[str], expected: str
) -> None:
    assert letters(notes_of(solo(*map(bar, measures)))) == expected.replace(" ", "")


def test_all_parts_follow_a_sign_that_one_of_them_has() -> None:
    upper = part([bar("abcd"), bar("e{BEGIN}fgh"), bar("i{AGAIN}jkl"), bar("m", 4)])
    middle = part([bar("ab", 2), bar("cd", 2), bar("ef", 2), bar("g", 4)])
    lower = part([bar("a", 4), bar("b", 4), bar("c", 4), bar("d", 4)])
    fine = re.sub(
        r"<(duration|divisions)>(\d+)", lambda m: f"<{m[1]}>{3 * int(m[2])}", middle
    )  # another count of divisions
    names = {"Flute": upper, "Horn": middle, "Oboe": fine, "Bass": lower}
    notes = notes_of(score(names).encode())
    expected = {
        # quarters 0-9 as written, 5-9 again (written 5 stands at 9 then), the rest 4 later
        1: [*zip("abcdefghi", range(9), strict=True), *zip("fghijklm", range(9, 17), strict=True)],
        2: [*zip("abcde", range(0, 10, 2), strict=True),
            ("c", 9), ("d", 10), ("e", 12), ("f", 14), ("g", 16)],
        4: [("a", 0), ("b", 4), ("c", 8), ("b", 9), ("c", 12), ("d", 16)],
    }  # fmt: skip
    expected[3] = expected[2]
    for track, rows in expected.items():
        own = notes.take(notes.track == track)
        found = list(zip(letters(own), own.onset_beat.tolist(), strict=True))
        assert found == rows, track
    lengths = {track: notes.duration_beat[notes.track == track].tolist() for track in expected}
    # what the sign cuts off ends there, what is held where the repeat begins is struck there
    assert lengths[2] == [2, 2, 2, 2, 1, 1, 2, 2, 2, 4]
    assert lengths[4] == [4, 4, 1, 3, 4, 4]


def test_pieces_that_make_a_measure_together_are_counted_as_one() -> None:
    notes = notes_of(solo(bar("abc{BEGIN}d"), bar("efg{AGAIN}h"), bar("ijkl")))
    assert letters(notes) == "abcdefgdefghijkl"
    assert notes.measure.tolist() == [1] * 4 + [2] * 4 + [3] * 4 + [4] * 4
    assert notes.measure_position_beat.tolist() == [0, 1, 2, 3] * 4


def test_an_upbeat_and_repeats_before_upbeats() -> None:
    measures = [bar("a"), bar("bcd"), bar("ef{AGAIN}{BEGIN}g"), bar("hij"), bar("kl") + BACKWARD]
    notes = notes_of(solo(*measures, first=metre(3, 4), pickup=True))
    assert letters(notes) == "abcdef abcdef ghijkl ghijkl".replace(" ", "")
    assert notes.measure_position_beat.tolist() == [2, 0, 1, 2, 0, 1] * 4


def test_measures_split_in_two_are_played_alike() -> None:
    """Some programs write the halves as measures, the second with implicit="yes"."""
    halves = [
        bar("abcd"),
        bar("ef") + BACKWARD,
        FORWARD + bar("gh"),
        bar("ij") + BACKWARD,
        bar("kl"),
    ]
    low = [bar("a", 4), bar("b", 2), bar("c", 2), bar("d", 2), bar("e", 2)]

    def split(measures: list[str]) -> str:
        text = part(measures)
        for number in (3, 5):
            text = text.replace(f'number="{number}"', f'number="X{number}" implicit="yes"')
        assert text.count('implicit="yes"') == 2
        return text

    notes = notes_of(score({"A": split(halves), "B": split(low)}).encode())
    whole = solo(bar("abcd"), bar("ef{AGAIN}{BEGIN}gh"), bar("ij{AGAIN}kl"))
    upper = notes.take(notes.track == 1)
    assert letters(upper) == letters(notes_of(whole)) == "abcdefabcdefghijghijkl"
    assert upper.onset_beat.tolist() == list(range(22))
    lower = notes.take(notes.track == 2)
    assert letters(lower) == "abab" + "cdcd" + "e"
    assert lower.onset_beat.tolist() == [0, 4, 6, 10, 12, 14, 16, 18, 20]
