"""MEI signs that stand for music: repeated measures and tremolos, expected notes by hand."""

from __future__ import annotations

import numpy as np
import pytest

from humanize.score import ScoreReading, read_score

_PITCH = {60: "c", 62: "d", 64: "e", 65: "f", 67: "g", 69: "a", 71: "b"}


def notes(letters: str, *, at: str, dur: int = 4, more: str = "") -> str:
    """Return notes a letter each, with ids such as m1c0."""
    return "".join(
        f'<note xml:id="{at}{p}{n}" pname="{p}" oct="4" dur="{dur}"{more}/>'
        for n, p in enumerate(letters)
    )


def layer(inside: str, number: int = 1) -> str:
    return f'<layer n="{number}">{inside}</layer>'


def mei(*measures: str | tuple[str, ...], controls: str = "") -> bytes:
    """Return a score of one staff; a measure is the content of its layers."""
    out = []
    for number, own in enumerate(measures, start=1):
        inside = own if isinstance(own, tuple) else (own,)
        layers = "".join(layer(content, n) for n, content in enumerate(inside, start=1))
        signs = controls if number == 1 else ""
        out.append(f'<measure n="{number}"><staff n="1">{layers}</staff>{signs}</measure>')
    return (
        '<mei xmlns="http://www.music-encoding.org/ns/mei"><music><body><mdiv><score>'
        '<scoreDef meter.count="4" meter.unit="4"><staffGrp>'
        '<staffDef n="1" lines="5" clef.shape="G" clef.line="2"/></staffGrp></scoreDef><section>'
        f"{''.join(out)}</section></score></mdiv></body></music></mei>"
    ).encode()


def read(content: bytes) -> ScoreReading:
    return read_score(content, name="x.mei")


def played(reading: ScoreReading) -> dict[float, str]:
    """Return what begins at each quarter."""
    found: dict[float, str] = {}
    table = reading.notes
    for onset, pitch in zip(table.onset_beat.tolist(), table.pitch.tolist(), strict=True):
        found[onset] = found.get(onset, "") + _PITCH[pitch]
    return found


def line(text: str) -> dict[float, str]:
    """Return the same for a line in quarters; a dash is a rest."""
    return {float(i): c for i, c in enumerate(text.replace(" ", "")) if c != "-"}


@pytest.mark.parametrize(
    ("measures", "expected"),
    [
        ((notes("cdef", at="m1"), "<mRpt/>"), "cdef cdef"),
        ((notes("cdef", at="m1"), "<mRpt/>", "<mRpt/>", notes("gaba", at="m4")),
         "cdef cdef cdef gaba"),
        ((notes("cdef", at="m1"), notes("gaba", at="m2"), "<mRpt2/>", ""), "cdef gaba cdef gaba"),
        ((notes("cdef", at="m1"), notes("gaba", at="m2"), '<multiRpt num="2"/>', "<mSpace/>",
          notes("bbbb", at="m5")), "cdef gaba cdef gaba bbbb"),
        ((notes("cd", at="a"), notes("ef", at="b"), notes("ga", at="c"), '<multiRpt num="3"/>', "",
          ""), "cd-- ef-- ga-- cd-- ef-- ga--"),
        ((notes("cdef", at="m1"), notes("gaba", at="m2"), "<mRpt2/>", notes("ffff", at="m4")),
         "cdef gaba cdef ffff"),
        ((f"<beam>{notes('cd', at='m1')}</beam><rest dur='2'/>", "<mRpt/>", notes("e", at="m3", dur=1)),
         "cd-- cd-- e"),
    ],
)  # fmt: skip
def test_repeated_measures(measures: tuple[str, ...], expected: str) -> None:
    reading = read(mei(*measures))
    if expected.startswith("cd-- ef"):  # short measures: the next one begins where they end
        expected = expected.replace("-", "")
    assert played(reading) == line(expected)
    assert len(set(reading.note_ids)) == len(reading.notes)


def test_a_sign_alone_in_its_staff_repeats_all_layers_else_its_own() -> None:
    two = (notes("cdef", at="x"), notes("gb", at="y", dur=2))
    assert played(read(mei(two, "<mRpt/>"))) == {
        0: "cg", 1: "d", 2: "eb", 3: "f", 4: "cg", 5: "d", 6: "eb", 7: "f",
    }  # fmt: skip
    assert played(read(mei(two, ("<mRpt/>", notes("a", at="z", dur=1))))) == {
        0: "cg", 1: "d", 2: "eb", 3: "f", 4: "ca", 5: "d", 6: "e", 7: "f",
    }  # fmt: skip


def test_what_stands_over_the_notes_is_repeated_with_them() -> None:
    first = notes("cd", at="m1") + notes("e", at="m1", more=' artic="acc"') + notes("f", at="m1")
    signs = (
        '<slur startid="#m1c0" endid="#m1d1"/><trill startid="#m1e0"/><fermata startid="#m1f0"/>'
        '<dynam tstamp="1" staff="1">p</dynam><tie startid="#m1f0" endid="#elsewhere"/>'
    )
    table = read(mei(first, "<mRpt/>", "<mRpt/>", controls=signs)).notes
    for name, row in (("slur_start", [1, 0, 0, 0]), ("slur", [1, 1, 0, 0]), ("accent", [0, 0, 1, 0]),
                      ("ornament", [0, 0, 1, 0]), ("fermata", [0, 0, 0, 1])):  # fmt: skip
        assert table.marking(name).tolist() == row * 3, name
    assert set(table.marking("notated_level").tolist()) == {49.0}


def test_ties_within_a_repeated_measure_and_out_of_it() -> None:
    first = "".join(
        notes(p, at=f"m1{n}", more=f' tie="{tie}"' if tie else "")
        for n, (p, tie) in enumerate((("c", "i"), ("c", "t"), ("d", ""), ("e", "i")))
    )
    table = read(mei(first, "<mRpt/>", notes("e", at="m3", more=' tie="t"'))).notes
    assert table.onset_beat.tolist() == [0, 2, 3, 4, 6, 7]
    assert table.duration_beat.tolist() == [2, 1, 1, 2, 1, 2]


@pytest.mark.parametrize("sign", ["<mRpt/>", "<mRpt2/>"])
def test_a_sign_without_enough_measures_before_it_is_said_and_left_out(sign: str) -> None:
    reading = read(mei(sign, notes("cdef", at="m2")))
    assert played(reading) == line("---- cdef")
    (message,) = reading.messages
    assert message.startswith("a sign in measure 1 repeats ")


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        (notes("cd", at="x") + "<halfmRpt/>", "cdcd"),
        (notes("c", at="x") + "<beatRpt/><beatRpt/>" + notes("d", at="y"), "cccd"),
        (notes("cd", at="x", dur=8) + "<beatRpt/>" + notes("e", at="y", dur=2), "c d c d e"),
    ],
)
def test_repeated_beats_and_halves_of_measures(measure: str, expected: str) -> None:
    found = played(read(mei(measure)))
    if " " in expected:
        assert found == {0: "c", 0.5: "d", 1: "c", 1.5: "d", 2: "e"}
    else:
        assert found == line(expected)


def test_the_two_notes_of_a_tremolo_share_its_time() -> None:
    tremolo = f"<fTrem beams='3' unitdur='32'>{notes('ce', at='t', dur=2)}</fTrem>"
    reading = read(mei(tremolo + notes("gf", at="m1"), notes("a", at="m2", dur=1)))
    assert played(reading) == {0: "c", 1: "e", 2: "g", 3: "f", 4: "a"}
    assert reading.notes.duration_beat.tolist() == [1, 1, 1, 1, 4]
    assert reading.notes.marking("ornament").tolist() == [1, 1, 0, 0, 0]


def test_tremolos_with_chords_and_dots() -> None:
    chord = '<chord xml:id="k" dur="2" dots="1">{}</chord>'.format(
        "".join(f'<note xml:id="k{p}" pname="{p}" oct="4"/>' for p in "ce")
    )
    single = notes("g", at="s", dur=2, more=' dots="1"')
    repeated = f"<bTrem unitdur='16'>{notes('b', at='r')}</bTrem>"
    reading = read(mei(f"<beam><fTrem beams='2'>{chord}{single}</fTrem></beam>{repeated}"))
    assert played(reading) == {0: "ce", 1.5: "g", 3: "b"}
    assert reading.notes.duration_beat.tolist() == [1.5, 1.5, 1.5, 1]
    np.testing.assert_array_equal(reading.notes.marking("ornament"), 1)
