"""In which order measures are played: expected orders are written out by hand."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from musicxml_builder import BACKWARD, FORWARD, barline, direction, note, part, score, solo, words

import humanize
from humanize.errors import ScoreError
from humanize.score import read_score

_LETTERS = {48: "c", 50: "d", 52: "e", 53: "f", 55: "g", 57: "a", 59: "b"}


def bar(letter: str) -> str:
    return note(f"{letter.upper()}3", 4)


def played(content: bytes) -> str:
    """Return a letter for each measure as played; every note must stand on its downbeat."""
    notes = read_score(content, name="x.musicxml").notes
    assert notes.onset_beat.tolist() == [4.0 * i for i in range(len(notes))]
    assert notes.duration_beat.tolist() == [4.0] * len(notes)
    assert notes.measure.tolist() == [i + 1 for i in range(len(notes))]
    return "".join(_LETTERS[pitch] for pitch in notes.pitch.tolist())


def ending(number: str, measures: str, *, back: bool = False, kind: str = "stop") -> list[str]:
    """Return measures under a bracket, with a repeat at its end if wanted."""
    bars = [bar(letter) for letter in measures]
    bars[0] = barline("left", f'<ending number="{number}" type="start"/>') + bars[0]
    repeat = '<repeat direction="backward"/>' if back else ""
    bars[-1] += barline("right", f'<ending number="{number}" type="{kind}"/>{repeat}')
    return bars


FINE = words("Fine", sound='fine="yes"')
DA_CAPO = words("D.C. al Fine", sound='dacapo="yes"')


def segno(label: str = "segno") -> str:
    return direction("<segno/>", sound=f'segno="{label}"')


def coda(label: str = "coda") -> str:
    return direction("<coda/>", sound=f'coda="{label}"')


def to_coda(label: str = "coda") -> str:
    return words("To Coda", sound=f'tocoda="{label}"')


def dal_segno(label: str = "segno") -> str:
    return words("D.S. al Coda", sound=f'dalsegno="{label}"')


@pytest.mark.parametrize(
    ("measures", "expected"),
    [
        ([FORWARD + bar("c"), bar("d") + BACKWARD, bar("e")], "cdcde"),
        ([bar("c"), bar("d") + BACKWARD, bar("e")], "cdcde"),
        ([bar("c"), FORWARD + bar("d") + BACKWARD, bar("e")], "cdde"),
        ([bar("c") + BACKWARD, bar("d") + BACKWARD, bar("e")], "ccdde"),
        ([bar("c"), FORWARD + bar("d"), bar("e")], "cde"),
        ([bar("c") + barline("right", '<repeat direction="backward" times="3"/>'), bar("d")],
         "cccd"),
        ([bar("c"), words("Trio", sound='forward-repeat="yes"') + bar("d"), bar("e") + BACKWARD],
         "cdede"),
        ([FORWARD + bar("c") + BACKWARD] * 60, "c" * 120),
    ],
)  # fmt: skip
def test_repeats(measures: list[str], expected: str) -> None:
    assert played(solo(*measures)) == expected


@pytest.mark.parametrize(
    ("measures", "expected"),
    [
        ([FORWARD + bar("c"), *ending("1", "d", back=True), *ending("2", "e"), bar("f")],
         "cdcef"),
        ([bar("c"), *ending("1", "d", back=True), *ending("2", "e", kind="discontinue")],
         "cdce"),
        ([FORWARD + bar("c"), *ending("1", "de", back=True), *ending("2", "fg"), bar("a")],
         "cdecfga"),
        ([FORWARD + bar("c"), *ending("1, 2", "d", back=True), *ending("3", "e"), bar("f")],
         "cdcdcef"),
        ([FORWARD + bar("c"), *ending("1", "d", back=True), *ending("2", "e", back=True),
          *ending("3", "f")], "cdcecf"),
        ([FORWARD + bar("c"), *ending("1", "d", back=True), bar("e")], "cdce"),
        ([bar("c"), *ending("1", "d", back=True), *ending("2", "e", back=True), bar("f")],
         "cdcef"),
        ([FORWARD + bar("c"), bar("d") + BACKWARD, *ending("2", "e"), bar("f")], "cdcdef"),
        ([FORWARD + bar("c"), *ending("2", "d", back=True), bar("e")], "cdcde"),
        ([FORWARD + bar("c"), *ending("1", "d", back=True), *ending("2", "e"),
          FORWARD + bar("f"), *ending("1", "g", back=True), *ending("2", "a")], "cdcefgfa"),
    ],
)  # fmt: skip
def test_first_and_second_endings(measures: list[str], expected: str) -> None:
    assert played(solo(*measures)) == expected


@pytest.mark.parametrize(
    ("measures", "expected"),
    [
        ([bar("c"), bar("d") + FINE, bar("e"), bar("f") + DA_CAPO], "cdefcd"),
        ([bar("c"), FINE + bar("d"), bar("e"), DA_CAPO + bar("f")], "cdefcd"),
        ([bar("c"), bar("d") + words("D.C.", sound='dacapo="yes"')], "cdcd"),
        ([FORWARD + bar("c"), bar("d") + FINE + BACKWARD, FORWARD + bar("e"),
          bar("f") + DA_CAPO + BACKWARD], "cdcdefefcd"),
        ([FORWARD + bar("c"), *ending("1", "d", back=True), *ending("2", "e"), bar("f") + FINE,
          bar("g") + DA_CAPO], "cdcefgcef"),
        ([bar("c"), segno() + bar("d"), bar("e") + FINE, bar("f") + dal_segno()], "cdefde"),
    ],
)  # fmt: skip
def test_da_capo_and_dal_segno_al_fine(measures: list[str], expected: str) -> None:
    assert played(solo(*measures)) == expected


@pytest.mark.parametrize(
    ("measures", "expected"),
    [
        ([bar("c"), segno() + bar("d"), bar("e") + to_coda(), bar("f") + dal_segno(),
          coda() + bar("g")], "cdefdeg"),
        ([bar("c") + segno(), bar("d"), bar("e") + to_coda(), bar("f") + dal_segno() + coda(),
          bar("g")], "cdefdeg"),
        ([bar("c"), segno("1") + bar("d"), bar("e") + to_coda("coda"), bar("f") + dal_segno("1"),
          coda("codab") + bar("g")], "cdefdeg"),
        ([segno("a") + bar("c"), segno("b") + bar("d"), bar("e") + dal_segno("a"), bar("f")],
         "cdecdef"),
        ([bar("c"), segno() + FORWARD + bar("d"), bar("e") + BACKWARD, bar("f") + to_coda(),
          bar("g") + dal_segno(), coda() + bar("a")], "cdedefgdefa"),
        ([bar("c"), bar("d") + to_coda(), bar("e") + words("D.C.", sound='dacapo="yes"'),
          coda() + bar("f")], "cdecdf"),
        ([bar("c"), bar("d") + to_coda(), bar("e")], "cde"),
        ([bar("c"), bar("d") + to_coda(), bar("e") + dal_segno()], "cde"),
    ],
)  # fmt: skip
def test_dal_segno_al_coda(measures: list[str], expected: str) -> None:
    assert played(solo(*measures)) == expected


REPEATED = BACKWARD.replace("/>", ' after-jump="yes"/>')
ONCE = BACKWARD.replace("/>", ' after-jump="no"/>')
D_C = words("D.C.", sound='dacapo="yes"')


def ending_again(number: str, letters: str) -> list[str]:
    """Return measures under a bracket that are repeated after a jump, too."""
    return [
        b.replace("backward", 'backward" after-jump="yes')
        for b in ending(number, letters, back=True)
    ]


@pytest.mark.parametrize(
    ("measures", "expected"),
    [
        ([FORWARD + bar("c"), bar("d") + REPEATED, bar("e"), bar("f") + D_C], "cdcdef cdcdef"),
        ([FORWARD + bar("c"), bar("d") + ONCE, bar("e"), bar("f") + D_C], "cdcdef cdef"),
        ([bar("c") + REPEATED, bar("d") + ONCE, bar("e") + D_C], "ccdde ccde"),
        ([FORWARD + bar("c"), bar("d") + REPEATED, FORWARD + bar("e"), bar("f") + FINE + ONCE,
          bar("g") + DA_CAPO], "cdcd efef g cdcd ef"),
        ([FORWARD + bar("c"), bar("d") + FINE + REPEATED, bar("e"), bar("f") + DA_CAPO],
         "cdcd ef cdcd"),
        ([FORWARD + bar("c") + FINE, bar("d") + REPEATED, bar("e") + DA_CAPO], "cdcde cdc"),
        ([FORWARD + bar("c"), *ending_again("1", "d"), *ending("2", "e"), bar("f") + FINE,
          bar("g") + DA_CAPO], "cd ce fg cd ce f"),
        ([FORWARD + bar("c"), *ending_again("1,2", "d"), *ending("3", "e"), bar("f") + D_C],
         "cd cd ce f cd cd ce f"),
        ([FORWARD + bar("c"), *ending_again("1", "d"), segno() + ending("2", "e")[0],
          bar("f") + dal_segno()], "cd ce f e f"),
        ([FORWARD + bar("c"), segno() + bar("d"), bar("e") + REPEATED, bar("f") + dal_segno()],
         "cde cde f de cde f"),
        ([bar("c"), bar("d") + BACKWARD, bar("e"), segno() + bar("f") + REPEATED,
          bar("g") + dal_segno()], "cdcd efef g f ef g"),
        ([FORWARD + bar("c"), *ending("1", "d", back=True), *ending("2", "e"), bar("f"),
          segno() + bar("g") + REPEATED, bar("a") + dal_segno()], "cdce fg fg a g fg a"),
        ([FORWARD + bar("c"), bar("d") + to_coda(), bar("e") + REPEATED, bar("f") + D_C,
          coda() + bar("g")], "cde cde f cde cd g"),
        ([FORWARD + bar("c") + to_coda(), FORWARD + bar("d") + REPEATED, bar("e") + D_C,
          coda() + bar("f") + REPEATED, bar("g")], "cdde c f f g"),
        ([bar("c") + REPEATED.replace("/>", ' times="3"/>'), bar("d") + D_C], "cccd cccd"),
    ],
)  # fmt: skip
def test_repeats_after_a_jump_only_where_they_say_so(measures: list[str], expected: str) -> None:
    assert played(solo(*measures)) == expected.replace(" ", "")


def test_one_part_tells_all_that_a_repeat_is_taken_after_a_jump() -> None:
    upper = part([bar("c"), bar("d") + BACKWARD, bar("e") + D_C])
    lower = part([note("C2", 4), note("D2", 4) + REPEATED, note("E2", 4)])
    notes = read_score(score({"A": upper, "B": lower}).encode(), name="x.musicxml").notes
    for track, pitches in ((1, [48, 50, 48, 50, 52]), (2, [36, 38, 36, 38, 40])):
        assert notes.pitch[notes.track == track].tolist() == pitches * 2


@pytest.mark.parametrize(
    ("measures", "expected"),
    [
        ([bar("c"), bar("d") + words("Fine"), bar("e"), bar("f") + words("D.C. al Fine")], "cdefcd"),
        ([bar("c"), bar("d") + words("D. C.")], "cdcd"),
        ([bar("c"), bar("d") + words("Da Capo al Fine"), bar("e")], "cdcde"),
        ([bar("c"), direction("<segno/>") + bar("d"), bar("e") + direction("<coda/>"),
          bar("f") + words("D.S. al Coda"), direction("<coda/>") + bar("g")], "cdefdeg"),
        ([bar("c"), direction("<segno/>") + bar("d"), bar("e") + words("To Coda"),
          bar("f") + words("Dal Segno al Coda"), direction("<coda/>") + bar("g")], "cdefdeg"),
        ([bar("c"), bar("d") + words("fine legato")], "cd"),
        ([bar("c"), bar("d") + words("D.C. al Fine"), bar("e") + words("", sound='segno="x"')],
         "cdcde"),
        ([bar("c"), bar("d") + words("D.C. al Fine"), bar("e") + words("", sound='dacapo="no"')],
         "cde"),
        ([bar("c"), bar("d") + words("Menuetto D.C."), bar("e")], "cdecde"),
        ([bar("c"), bar("d") + words("Menuetto D.C."), bar("e"), bar("f")], "cdcdef"),
        ([bar("c"), bar("d") + words("Scherzo da capo al Fine")], "cdcd"),
    ],
)  # fmt: skip
def test_jumps_as_words_count_where_nothing_else_says_them(
    measures: list[str], expected: str
) -> None:
    assert played(solo(*measures)) == expected


def test_a_jump_in_the_first_part_moves_all_parts() -> None:
    upper = part([bar("c"), bar("d") + FINE, bar("e") + DA_CAPO])
    lower = part([note("C2", 4), note("D2", 4), note("E2", 4)])
    notes = read_score(score({"A": upper, "B": lower}).encode(), name="x.musicxml").notes
    for track, pitches in ((1, [48, 50, 52, 48, 50]), (2, [36, 38, 40, 36, 38])):
        assert notes.pitch[notes.track == track].tolist() == pitches
        assert notes.onset_beat[notes.track == track].tolist() == [0.0, 4.0, 8.0, 12.0, 16.0]


def test_repeats_cannot_be_used_to_fill_the_memory() -> None:
    again = barline("right", '<repeat direction="backward" times="1000000"/>')
    chord = bar("c") + "".join(note("E3", 4, chord=True) for _ in range(1000))
    with pytest.raises(ScoreError, match=r"^x\.musicxml: more than 250,000 notes with all repeats"):
        read_score(solo(*[FORWARD + chord + again] * 20), name="x.musicxml")
    assert played(solo(FORWARD + bar("c") + again)) == "c" * 64


def test_jumps_without_end_come_to_one() -> None:
    back = [bar("c") + DA_CAPO] * 30
    assert played(solo(*back)) == "".join("c" * n for n in range(1, 31)) + "c" * 30


def from_partitura(content: bytes, folder: Path) -> list[int]:
    from humanize.score.partitura_parts import import_partitura

    import_partitura()
    import partitura

    (folder / "x.musicxml").write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loaded = partitura.load_musicxml(str(folder / "x.musicxml"))
        result = humanize.humanize_score(loaded, model="piano-1-fast")
    assert len(result.velocities) == len(result.reading.notes)
    return result.reading.notes.pitch.tolist()


@pytest.mark.parametrize(
    ("measures", "expected"),
    [
        ([bar("c"), FORWARD + bar("d") + BACKWARD, bar("e")], "cdde"),
        ([bar("c") + BACKWARD, bar("d") + BACKWARD, bar("e")], "ccdde"),
        ([FORWARD + bar("c") + BACKWARD] * 60, "c" * 120),
        ([FORWARD + bar("c"), *ending("1", "d", back=True), *ending("2", "e"), bar("f")],
         "cdcef"),
        ([FORWARD + bar("c"), *ending("1, 2", "d", back=True), *ending("3", "e"), bar("f")],
         "cdcdcef"),
        ([FORWARD + bar("c"), *ending("1", "d", back=True), bar("e")], "cdce"),
        ([bar("c"), *ending("1", "d", back=True), *ending("2", "e", back=True), bar("f")],
         "cdcef"),
        ([bar("c"), bar("d") + FINE, bar("e"), bar("f") + DA_CAPO], "cdefcd"),
        ([bar("c"), bar("d") + FINE, bar("e"), DA_CAPO + bar("f")], "cdefcd"),
        ([FORWARD + bar("c"), *ending("1", "d", back=True), *ending("2", "e"), bar("f") + FINE,
          bar("g") + DA_CAPO], "cdcefgcef"),
        ([bar("c"), segno() + bar("d"), bar("e") + to_coda(), bar("f") + dal_segno(),
          coda() + bar("g")], "cdefdeg"),
        ([bar("c"), segno() + FORWARD + bar("d"), bar("e") + BACKWARD, bar("f") + to_coda(),
          bar("g") + dal_segno(), coda() + bar("a")], "cdedefgdefa"),
        ([bar("c"), bar("d") + to_coda(), bar("e") + dal_segno()], "cde"),
        ([bar("c"), bar("d")], "cd"),
    ],
)  # fmt: skip
def test_scores_of_partitura_are_played_alike(
    measures: list[str], expected: str, tmp_path: Path
) -> None:
    pitches = from_partitura(solo(*measures), tmp_path)
    assert "".join(_LETTERS[pitch] for pitch in pitches) == expected
    assert played(solo(*measures)) == expected


def test_signs_within_measures_of_a_partitura_score(tmp_path: Path) -> None:
    middle = barline("middle", '<repeat direction="{}"/>')
    content = solo(
        note("C3", 3) + middle.format("forward") + note("D3", 1),
        note("E3", 2) + middle.format("backward") + note("F3", 2),
    )
    assert from_partitura(content, tmp_path) == [48, 50, 52, 50, 52, 53]


def test_parts_of_partitura_share_their_jumps(tmp_path: Path) -> None:
    upper = part([bar("c"), bar("d") + FINE, bar("e") + DA_CAPO])
    lower = part([note("C2", 4), note("D2", 4), note("E2", 4)])
    pitches = from_partitura(score({"A": upper, "B": lower}).encode(), tmp_path)
    assert pitches == [36, 48, 38, 50, 40, 52, 36, 48, 38, 50]


def test_ids_count_how_often_a_note_is_played() -> None:
    content = solo(FORWARD + note("C3", 4, attributes=' id="a"') + BACKWARD, bar("d"))
    ids = read_score(content, name="x.musicxml").note_ids
    assert ids[:2] == ("a-1", "a-2")
    assert len(set(ids)) == 3
