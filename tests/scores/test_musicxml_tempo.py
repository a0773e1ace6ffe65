"""The tempo of a performance in MusicXML, by hand and as it is typed."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from musicxml_builder import BACKWARD, backup, metre, note, solo

import humanize
from humanize.errors import OptionError
from humanize.interpretation.parameters import PerformanceParameters
from humanize.score import read_score
from humanize.score.musicxml_dynamics import patch_musicxml
from humanize.score.musicxml_tempo import beat_tempi, without_tempi

EXAMPLES = Path(__file__).parents[2] / "examples"
BAR = note("C4", 1) * 4


def tempi(content: bytes, log_beat_period: list[float], rubato: float = 1.0) -> dict[int, float]:
    reading = read_score(content, name="x.musicxml")
    own = PerformanceParameters.neutral(reading.notes)
    own = replace(own, log_beat_period=np.array(log_beat_period))
    return beat_tempi(reading, own, rubato=rubato)


def test_a_beat_has_the_tempo_of_its_interval() -> None:
    found = tempi(solo(BAR), [0, np.log(2), np.log(2), 0])
    # 120 to the quarter, two of them at half the tempo; the third beat says nothing new
    assert found == pytest.approx({0: 120, 1: 60, 3: 120})


def test_within_a_beat_it_is_the_mean() -> None:
    # eighths of .25 s and .5 s: the beat lasts .75 s
    bar = note("C4", 0.5) + note("D4", 0.5) + note("C4", 1) * 3
    assert tempi(solo(bar), [0, np.log(2), 0, 0, 0]) == pytest.approx({0: 80, 2: 120})


def test_rubato_is_an_amount() -> None:
    assert tempi(solo(BAR), [0, np.log(2), 0, 0], 0.5)[1] == pytest.approx(120 / np.sqrt(2))
    assert tempi(solo(BAR), [0, np.log(2), 0, 0], 0.0) == {}


def test_compound_metre_has_dotted_beats() -> None:
    bar = note("C4", 0.5) * 6
    found = tempi(solo(bar, first=metre(6, 8)), [0, 0, 0, np.log(2), np.log(2), np.log(2)])
    assert found == pytest.approx({0: 120, 3: 60})


def test_a_repeated_beat_has_the_mean_of_its_tempi() -> None:
    found = tempi(solo(BAR + BACKWARD), [0] * 4 + [np.log(4)] * 4)
    assert found == pytest.approx({0: 60})


def test_a_beat_that_only_the_other_hand_has_stands_later_in_the_file() -> None:
    right = note("C5", 2) + note("C5", 2)
    left = "".join(note("C3", 1, voice=2, staff=2) for _ in range(4))
    found = tempi(solo(right + backup(4) + left), [0, np.log(2), 0, 0])
    # the second beat is the left hand's: its second note, the fourth of the file
    assert found == pytest.approx({0: 120, 3: 60, 1: 120})


def test_a_sound_stands_before_its_note_and_nothing_else_moves() -> None:
    content = b'<m><x:note xmlns:x="y"><x:pitch/></x:note><note dynamics="50"/></m>'
    found = patch_musicxml(content, {1: 90}, name="x", tempi={0: 96.4, 1: 60})
    assert found == (
        b'<m><x:sound tempo="96.40"/><x:note xmlns:x="y"><x:pitch/></x:note>'
        b'<sound tempo="60.00"/><note dynamics="100.00"/></m>'
    )


def test_a_performed_score_comes_back_as_musicxml(tmp_path: Path) -> None:
    source, out = EXAMPLES / "waltz.musicxml", tmp_path / "out.musicxml"
    humanize.perform_file(source, out)
    text = out.read_bytes()
    plain = re.sub(rb'<sound tempo="[\d.]+"/>(?=<note)', b"", text)
    plain = re.sub(rb' dynamics="[\d.]+"(?=[^<]*>)', b"", plain)
    assert plain == re.sub(rb' dynamics="[\d.]+"(?=[^<]*>)', b"", source.read_bytes())
    assert len(re.findall(rb"<sound tempo", text)) > 10
    again = read_score(text, name="x.musicxml")
    ours = humanize.perform_score(source, timing=0)
    assert len(again.notes) == len(ours.interpretations[0].notes)
    lasted = float((again.notes.onset_sec + again.notes.duration_sec).max())
    notated = ours.interpretations[0].notes
    assert lasted == pytest.approx(
        float((notated.onset_sec + notated.duration_sec).max()), rel=0.05
    )


def test_nothing_asked_is_nothing_written(tmp_path: Path) -> None:
    source, out = EXAMPLES / "waltz.musicxml", tmp_path / "out.musicxml"
    humanize.perform_file(source, out, strength=0, rubato=0, timing=0, articulation=0)
    assert out.read_bytes() == source.read_bytes()


def test_it_is_packed_for_mxl(tmp_path: Path) -> None:
    out = tmp_path / "out.mxl"
    humanize.perform_file(EXAMPLES / "waltz.musicxml", out)
    assert b"<sound tempo" in zipfile.ZipFile(out).read("score.musicxml")


def test_midi_does_not_become_musicxml(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"expected \.mid"):
        humanize.perform_file(EXAMPLES / "waltz.mid", tmp_path / "out.musicxml")


def test_what_is_performed_again_is_bent_once(tmp_path: Path) -> None:
    once, twice = (tmp_path / f"{name}.musicxml" for name in ("once", "twice"))
    humanize.perform_file(EXAMPLES / "waltz.musicxml", once)
    humanize.perform_file(once, twice)
    sounds = [re.findall(rb'<sound tempo="[^"]*"/>', path.read_bytes()) for path in (once, twice)]
    assert sounds[0] == sounds[1] and len(sounds[0]) > 20
    again = humanize.perform_score(once)
    first = humanize.perform_score(EXAMPLES / "waltz.musicxml")
    np.testing.assert_array_equal(
        again.parameters[0].log_beat_period, first.parameters[0].log_beat_period
    )
    assert "tempi of an earlier performance found" in again.messages[0]
    assert not any("earlier performance" in line for line in first.messages)
    kept = humanize.perform_score(once, only="velocity,pedal")
    assert not any("earlier performance" in line for line in kept.messages)


def test_tempi_of_ours_are_known_by_their_form() -> None:
    ours, theirs = b'<sound tempo="93.50"/>', b'<sound tempo="96"/>'
    text = b"<a>" + ours + b"<note/>" + theirs + b"<note/>" + ours + b"<direction/></a>"
    left = b"<a><note/>" + theirs + b"<note/>" + ours + b"<direction/></a>"
    assert without_tempi(text, name="x.musicxml") == left
    assert without_tempi(left, name="x.musicxml") is left
    spaced = b'<m:a><m:sound tempo="93.50"/><m:note >'
    assert without_tempi(spaced, name="x.musicxml") == b"<m:a><m:note >"
    wide = '<?xml version="1.0" encoding="UTF-16"?>'
    both = [f"{wide}<a>{t}<note/></a>".encode("utf-16") for t in (ours.decode(), "")]
    assert without_tempi(both[0], name="x.musicxml") == both[1]


def test_they_are_taken_out_of_a_compressed_score(tmp_path: Path) -> None:
    packed, target = tmp_path / "x.mxl", tmp_path / "y.mxl"
    container = '<container><rootfiles><rootfile full-path="s.xml"/></rootfiles></container>'
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("META-INF/container.xml", container)
        archive.writestr("s.xml", (EXAMPLES / "waltz.musicxml").read_bytes())
    humanize.perform_file(packed, target)
    plain = without_tempi(target.read_bytes(), name="y.mxl")
    with zipfile.ZipFile(tmp_path / "y.mxl") as before:
        assert before.read("s.xml").count(b"<sound") > 20
    (tmp_path / "z.mxl").write_bytes(plain)
    with zipfile.ZipFile(tmp_path / "z.mxl") as after:
        assert after.read("s.xml").count(b"<sound") == 1
        assert after.namelist() == ["META-INF/container.xml", "s.xml"]
