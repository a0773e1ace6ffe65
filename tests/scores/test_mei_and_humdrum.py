"""Scores in MEI and Humdrum: notes, markings and order, written by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import humanize
from humanize.commands.humanize import command
from humanize.errors import ScoreError
from humanize.interpretation.interpret import Settings, interpret
from humanize.midi.reading import read_midi
from humanize.music import read_score_music
from humanize.score import ScoreReading, read_score

_UPPER = ["4c 4e 4g 4cc", "4d 4f 4a 4dd", "4e 4g 4b 4ee", "2cc 2g"] * 2
_LOWER = ["2C 2G", "2D 2A", "2E 2B", "1C"] * 2
_DYNAMICS = {1: "p", 4: "<", 5: "f"}
_PITCHES = [
    48, 60, 64, 55, 67, 72, 50, 62, 65, 57, 69, 74, 52, 64, 67, 59, 71, 76, 48, 72, 67,
]  # fmt: skip
_ONSETS = [0, 0, 1, 2, 2, 3, 4, 4, 5, 6, 6, 7, 8, 8, 9, 10, 10, 11, 12, 12, 14]


def kern(
    *, dynamics: bool = True, head: str = "", upper: list[str] = _UPPER, bars: dict[int, str] | None = None
) -> bytes:  # fmt: skip
    """Return eight measures for two hands, of which the upper one may be given."""
    lines = ["**kern\t**kern\t**dynam", "*staff2\t*staff1\t*staff1", "*clefF4\t*clefG2\t*"]
    lines += [head] if head else []
    lines += ["*M4/4\t*M4/4\t*", "*MM90\t*MM90\t*"]
    for number, (high, low) in enumerate(zip(upper, _LOWER, strict=True), start=1):
        sign = (bars or {}).get(number, f"={number}")
        lines.append(f"{sign}\t{sign}\t{sign}")
        high_at, low_at = places(high), places(low)
        for place in sorted({*high_at, *low_at}):
            mark = _DYNAMICS.get(number, ".") if place == 0 else "."
            lines.append(f"{low_at.get(place, '.')}\t{high_at.get(place, '.')}\t{mark}")
    last = (bars or {}).get(9, "==")
    lines += [f"{last}\t{last}\t{last}", "*-\t*-\t*-"]
    if not dynamics:
        lines = ["\t".join(line.split("\t")[:2]) for line in lines]
    return "\n".join(["!!!OTL: By hand", *lines, ""]).encode()


def places(measure: str) -> dict[float, str]:
    """Return the tokens of a measure by their quarter; plus signs join the notes of a chord."""
    out, now = {}, 0.0
    for token in measure.split(" "):
        out[now] = token.replace("+", " ")
        now += 4 / int("".join(c for c in token.split("+")[0] if c.isdigit()))
    return out


def read(content: bytes, name: str = "x.krn") -> ScoreReading:
    return read_score(content, name=name)


def expected_levels(reading: ScoreReading) -> list[float]:
    """Return p, a crescendo through the fourth measure, then f."""
    onset = reading.notes.onset_beat
    rising = 49 + (onset - 12) * (96 - 49) / 4
    return np.where(onset < 12, 49.0, np.where(onset < 16, rising, 96.0)).tolist()


def test_humdrum_notes_and_dynamics() -> None:
    reading = read(kern())
    notes = reading.notes
    assert notes.pitch.tolist() == _PITCHES * 2
    assert notes.onset_beat.tolist() == [*_ONSETS, *(o + 16 for o in _ONSETS)]
    assert notes.measure.tolist()[::21] == [1, 5]
    assert reading.tempo == ((0.0, 90.0),)
    assert reading.metres == ((0.0, 4, 4),)
    assert notes.marking("notated_level").tolist() == pytest.approx(expected_levels(reading))


def test_two_humdrum_spines_are_the_hands_of_one_keyboard() -> None:
    notes = read(kern()).notes
    assert set(notes.instrument.tolist()) == {0}
    assert set(notes.program.tolist()) == {0}
    assert set(zip(notes.pitch >= 60, notes.marking("staff"), strict=True)) == {
        (True, 1),
        (False, 2),
    }


@pytest.mark.parametrize(
    ("head", "instruments", "marked"),
    [
        ('*I"Cello\t*I"Flute\t*', 2, {1}),
        ("*part1\t*part1\t*part1", 1, {1, 2}),
        ('*I"Piano\t*I"Piano\t*', 1, {1, 2}),
    ],
)
def test_humdrum_instruments(head: str, instruments: int, marked: set[int]) -> None:
    notes = read(kern(head=head)).notes
    assert len(set(notes.instrument.tolist())) == instruments
    level = notes.marking("notated_level")
    if instruments == 2:  # dynamics belong to the spine on their left
        assert np.isfinite(level[notes.pitch >= 60]).all()
        assert np.isnan(level[notes.pitch < 60]).all()
    else:
        assert np.isfinite(level).all()


def test_humdrum_articulations_ties_and_chords() -> None:
    upper = [*_UPPER]
    upper[0] = "4c^ 4e' 4g~ 4cc;"
    upper[1] = "4d^^ 4fT [2a+[2cc"
    upper[2] = "4a]+4cc] 4r 4(c 4d)"
    notes = read(kern(upper=upper)).notes
    high = notes.take(notes.pitch >= 60)
    marks = ("accent", "staccato", "tenuto", "fermata", "marcato", "ornament")
    for row, name in enumerate(marks):
        assert np.flatnonzero(high.marking(name)).tolist() == [row], name
    tied = (high.onset_beat == 6).nonzero()[0]
    assert high.pitch[tied].tolist() == [69, 72]
    assert high.duration_beat[tied].tolist() == [3, 3]
    assert not (high.onset_beat == 8).any()
    slurred = high.marking("slur")
    assert slurred[(high.onset_beat == 10) | (high.onset_beat == 11)].tolist() == [1, 1]


def test_humdrum_repeats() -> None:
    notes = read(kern(bars={1: "=1", 3: "=3:|!|:", 5: "=5:|!"})).notes
    high = notes.pitch[notes.pitch >= 60]
    first, second = high[:8].tolist(), [64, 67, 71, 76, 72, 67]
    assert high.tolist() == [*first, *first, *second, *second, *([60, 64, 67, 72, 62, 65, 69, 74]),
                             *second]  # fmt: skip


def test_humdrum_sections_in_the_order_of_their_list() -> None:
    lines = kern(dynamics=False).decode().split("\n")
    lines.insert(1 + lines.index("**kern\t**kern"), "*>[A,A,B]\t*>[A,A,B]")
    lines.insert(lines.index("=1\t=1"), "*>A\t*>A")
    lines.insert(lines.index("=5\t=5"), "*>B\t*>B")
    notes = read("\n".join(lines).encode()).notes
    assert notes.pitch.tolist() == _PITCHES * 3
    assert notes.onset_beat.max() == 32 + 14


def test_humdrum_spines_that_split_and_join() -> None:
    lines = ["**kern\t**kern\t**dynam", "*clefF4\t*clefG2\t*", "*M4/4\t*M4/4\t*", "=1\t=1\t=1",
             "*\t*^\t*", "2C\t4e\t2c\tp", ".\t4f\t.\t.", "2G\t2g\t2d\t.", "*\t*v\t*v\t*",
             "=2\t=2\t=2", "1C\t1e\t.", "==\t==\t==", "*-\t*-\t*-"]  # fmt: skip
    notes = read("\n".join(lines).encode()).notes
    found = list(zip(notes.onset_beat.tolist(), notes.pitch.tolist(), strict=True))
    assert found == [
        (0, 48),
        (0, 60),
        (0, 64),
        (1, 65),
        (2, 55),
        (2, 62),
        (2, 67),
        (4, 48),
        (4, 64),
    ]
    assert notes.marking("notated_level").tolist() == [49.0] * 9
    assert set(notes.instrument.tolist()) == {0}


def _mei_measure(number: int, controls: str, attributes: str, upper: str | None) -> str:
    high = upper or "".join(
        f'<note xml:id="u{number}n{i}" pname="{p}" oct="{o}" dur="4"/>'
        for i, (p, o) in enumerate((("c", 4), ("e", 4), ("g", 4), ("c", 5)))
    )
    low = "".join(
        f'<note xml:id="l{number}n{i}" pname="{p}" oct="3" dur="2"/>' for i, p in enumerate("cg")
    )
    return (
        f'<measure n="{number}"{attributes}><staff n="1"><layer n="1">{high}</layer></staff>'
        f'<staff n="2"><layer n="1">{low}</layer></staff>{controls}</measure>'
    )


_MEI_DYNAMICS = {
    1: '<dynam staff="1" tstamp="1">p</dynam>',
    4: '<hairpin form="cres" staff="1" tstamp="1" tstamp2="1m+1"/>',
    5: '<dynam staff="1" tstamp="1">f</dynam>',
}


def mei(
    *,
    controls: dict[int, str] = _MEI_DYNAMICS,
    attributes: dict[int, str] | None = None,
    uppers: dict[int, str] | None = None,
    group: str = ' symbol="brace"',
    labels: tuple[str, str] = ("", ""),
    body: str = "",
) -> bytes:
    """Return eight measures for two staves."""
    measures = [
        _mei_measure(n, controls.get(n, ""), (attributes or {}).get(n, ""), (uppers or {}).get(n))
        for n in range(1, 9)
    ]
    staves = "".join(
        f'<staffDef n="{n}" lines="5" clef.shape="{clef}" clef.line="{line}"{label}/>'
        for n, clef, line, label in ((1, "G", 2, labels[0]), (2, "F", 4, labels[1]))
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<mei xmlns="http://www.music-encoding.org/ns/mei" meiversion="4.0.0">'
        "<meiHead><fileDesc><titleStmt><title/></titleStmt><pubStmt/></fileDesc></meiHead>"
        '<music><body><mdiv><score><scoreDef meter.count="4" meter.unit="4" midi.bpm="90">'
        f"<staffGrp{group}>{staves}</staffGrp></scoreDef><section>"
        f"{body or ''.join(measures)}</section></score></mdiv></body></music></mei>"
    ).encode()


_MEI_PITCHES = [48, 60, 64, 55, 67, 72]


def test_mei_notes_and_dynamics() -> None:
    reading = read(mei(), "x.mei")
    notes = reading.notes
    assert notes.pitch.tolist() == _MEI_PITCHES * 8
    assert notes.onset_beat[:6].tolist() == [0, 0, 1, 2, 2, 3]
    assert notes.onset_beat[-6:].tolist() == [28, 28, 29, 30, 30, 31]
    assert reading.tempo == ((0.0, 90.0),)
    assert reading.metres == ((0.0, 4, 4),)
    assert notes.marking("notated_level").tolist() == pytest.approx(expected_levels(reading))


@pytest.mark.parametrize(
    ("group", "labels", "instruments"),
    [
        (' symbol="brace"', ("", ""), 1),
        (' symbol="brace"', (' label="Piano"', ""), 1),
        ("", ("", ""), 1),
        (' symbol="bracket"', (' label="Flute"', ' label="Cello"'), 2),
    ],
)
def test_mei_staves_in_a_brace_are_one_instrument(
    group: str, labels: tuple[str, str], instruments: int
) -> None:
    notes = read(mei(group=group, labels=labels), "x.mei").notes
    assert len(set(notes.instrument.tolist())) == instruments
    low = notes.marking("notated_level")[notes.pitch < 60]
    assert np.isnan(low).all() if instruments == 2 else np.isfinite(low).all()
    if instruments == 1:
        staff = notes.marking("staff")
        assert set(zip(notes.pitch >= 60, staff, strict=True)) == {(True, 1), (False, 2)}


def test_mei_articulations_slurs_and_ornaments() -> None:
    upper = (
        '<note xml:id="a" pname="c" oct="4" dur="8" artic="acc"/>'
        '<note xml:id="b" pname="d" oct="4" dur="8"><artic artic="stacc ten"/></note>'
        '<beam><note xml:id="c" pname="e" oct="4" dur="8"/><note xml:id="d" pname="f" oct="4" dur="8"/>'
        '</beam><chord xml:id="e" dur="2" artic="marc"><note xml:id="f" pname="g" oct="4"/>'
        '<note xml:id="g" pname="b" oct="4"/></chord>'
    )
    controls = {
        1: '<slur startid="#a" endid="#c"/><fermata startid="#d"/><trill startid="#c"/>'
        '<dynam startid="#d">sf</dynam>'
    }
    notes = read(mei(uppers={1: upper}, controls=controls), "x.mei").notes
    high = notes.take((notes.pitch >= 60) & (notes.measure == 1))
    assert high.onset_beat.tolist() == [0, 0.5, 1, 1.5, 2, 2]
    for name, rows in (
        ("accent", [0]), ("staccato", [1]), ("tenuto", [1]), ("marcato", [4, 5]), ("slur", [0, 1, 2]),
        ("fermata", [3]), ("ornament", [2]), ("sforzando", [3]),
    ):  # fmt: skip
        assert np.flatnonzero(high.marking(name)).tolist() == rows, name


def test_mei_ties_as_elements_and_as_attributes() -> None:
    first = '<note xml:id="a" pname="c" oct="4" dur="1"{}/>'
    second = '<note xml:id="b" pname="c" oct="4" dur="1"{}/>'
    as_element = mei(
        uppers={1: first.format(""), 2: second.format("")},
        controls={1: '<tie startid="#a" endid="#b"/>'},
    )
    as_attribute = mei(
        uppers={1: first.format(' tie="i"'), 2: second.format(' tie="t"')}, controls={}
    )
    for content in (as_element, as_attribute):
        notes = read(content, "x.mei").notes
        high = notes.take((notes.pitch >= 60) & (notes.onset_beat < 8))
        assert (high.onset_beat.tolist(), high.duration_beat.tolist()) == ([0], [8])


def test_mei_repeats_and_endings() -> None:
    def numbered(*numbers: int) -> str:
        return "".join(_mei_measure(n, "", "", None) for n in numbers)

    repeated = numbered(1, 2).replace('n="1">', 'n="1" left="rptstart">', 1)
    first = '<ending n="1">' + numbered(3).replace('n="3">', 'n="3" right="rptend">') + "</ending>"
    second = '<ending n="2">' + numbered(4) + "</ending>"
    reading = read(mei(body=repeated + first + second + numbered(5)), "x.mei")
    order = [int(i[1]) for i in reading.note_ids if i[0] == "l" and i[3] == "0"]
    assert order == [1, 2, 3, 1, 2, 4, 5]


def test_mei_words_and_tempo() -> None:
    controls = {
        1: '<tempo tstamp="1" mm="60" mm.unit="4" mm.dots="1">Andante</tempo>'
        '<dir staff="1" tstamp="1">dolce</dir>',
        3: '<tempo tstamp="3" midi.bpm="120"/>',
    }
    reading = read(mei(controls=controls), "x.mei")
    assert reading.tempo[1:] == ((10.0, 120.0),)
    assert reading.notes.marking("word_soft").tolist() == [1.0] * 48


@pytest.mark.parametrize(("name", "content"), [("x.krn", kern()), ("x.mei", mei())])
def test_they_become_midi_files_that_follow_their_dynamics(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    target = tmp_path / "out.mid"
    arguments = [str(tmp_path / name), "-o", str(target), "--dynamics", "follow"]
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    notes = read_midi(target.read_bytes()).pieces[0]
    assert abs(notes.velocity[notes.measure <= 3].mean() - 49) < 2
    assert abs(notes.velocity[notes.measure >= 5].mean() - 96) < 2


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.mei", mei()[:-9], r"broken XML \(.+\); expected a whole score"),
        ("x.mei", b"<html/>", "<html> found; expected <mei>"),
        ("x.mei", mei(body="<pb/>"), r".*expected.*"),
        ("x.krn", b"**text\n*-\n", r"no \*\*kern spine; expected a Humdrum score with notes"),
        ("x.krn", kern().replace(b"2C\t4c", b"2C\t4c\t4c", 1),
         r"line \d+ has 4 columns; expected 3"),
        ("x.krn", b"**kern\n4r\n*-\n", r".*expected.*"),
        ("x.krn", b"", "the file is empty; expected a score"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_line_that_says_what_to_do(
    name: str, content: bytes, message: str
) -> None:
    with pytest.raises(ScoreError, match=rf"^{name}: {message}$") as caught:
        humanize.humanize_bytes(content, name=name)
    assert "\n" not in str(caught.value)


def test_they_are_not_written_back_in_their_own_format() -> None:
    with pytest.raises(ScoreError, match=r"x\.krn: not MusicXML; expected it to write MusicXML"):
        music = read_score_music(kern(), name="x.krn")
        music.to_musicxml(interpret(music.pieces[0], Settings.of({})))


@pytest.mark.parametrize("end", [b"*-\t*-\n", b""])
def test_humdrum_without_barlines_is_read(end: bytes) -> None:
    notes = read_score(
        b"**kern\t**kern\n*M3/4\t*M3/4\n4C\t4c\n4D\t4d\n4E\t4e\n" + end, name="x.krn"
    ).notes
    assert sorted(notes.pitch.tolist()) == [48, 50, 52, 60, 62, 64]
    assert sorted(set(notes.onset_beat.tolist())) == [0, 1, 2]
