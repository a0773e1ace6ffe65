from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from click.testing import CliRunner

import humanize
from humanize.commands.humanize import command
from humanize.errors import ScoreError
from humanize.midi.reading import read_midi
from humanize.score.musicxml_dynamics import note_tags, patch_musicxml

WALTZ = Path(__file__).parent.parent / "examples" / "waltz.musicxml"
_DYNAMICS = re.compile(rb' dynamics="[0-9.]+"')


def run(*arguments: object) -> str:
    result = CliRunner().invoke(command, [str(a) for a in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_score_becomes_a_midi_file_that_obeys_its_dynamics(tmp_path: Path) -> None:
    run(WALTZ, "-o", tmp_path / "w.mid")
    notes = read_midi((tmp_path / "w.mid").read_bytes()).pieces[0]
    assert len(notes) == 159
    assert notes.metre_numerator[0] == 3
    assert abs(notes.onset_sec[-1] / notes.onset_beat[-1] - 0.4) < 1e-6
    soft = notes.velocity[notes.measure <= 4].mean()
    loud = notes.velocity[(notes.measure >= 9) & (notes.measure <= 12)].mean()
    assert loud > soft + 10
    louder = notes.velocity[(notes.measure >= 5) & (notes.measure <= 8)].mean()
    assert soft < louder < loud + 5


def test_follow_keeps_the_written_levels() -> None:
    result = humanize.humanize_score(WALTZ, dynamics="follow")
    level = result.reading.notes.marking("notated_level")
    plain = np.nan_to_num(result.reading.notes.marking("accent")) == 0
    for value in (49.0, 96.0):
        here = (level == value) & plain
        assert abs(result.velocities[here].mean() - value) < 5


def _at_one_dynamic(mark: str) -> bytes:
    """Return the waltz with one dynamic at its beginning and no other, nor hairpins."""
    text = re.sub(r'<(dynamics><\w+/></dynamics|wedge type="\w+"/)>', "<words/>", WALTZ.read_text())
    assert "<dynamics>" not in text
    assert "wedge" not in text
    first = text.index("<note")
    inside = f"<direction-type><dynamics><{mark}/></dynamics></direction-type>"
    return f"{text[:first]}<direction>{inside}</direction>{text[first:]}".encode()


@pytest.mark.parametrize("model", ["piano-1", "piano-1-fast", "piano-free"])
@pytest.mark.parametrize("dynamics", ["auto", "follow"])
def test_one_dynamic_throughout_is_heard(model: str, dynamics: Literal["auto", "follow"]) -> None:
    """The level is notated, so it counts, where a MIDI file of one velocity says nothing."""
    means = [
        humanize.humanize_bytes(
            _at_one_dynamic(mark), name="x.musicxml", model=model, dynamics=dynamics
        ).velocities[0].mean()
        for mark in ("pp", "mf", "ff")
    ]  # fmt: skip
    assert means[0] + 4 < means[1] < means[2] - 4
    if dynamics == "follow":
        assert means == pytest.approx([33, 80, 112], abs=5)


def test_musicxml_comes_back_with_dynamics_alone_changed(tmp_path: Path) -> None:
    run(WALTZ, "-o", tmp_path / "w.musicxml")
    before, after = WALTZ.read_bytes(), (tmp_path / "w.musicxml").read_bytes()
    assert len(_DYNAMICS.findall(after)) == 159
    assert _DYNAMICS.sub(b"", after) == before
    reading = humanize.humanize_score(WALTZ)
    written = [float(m) for m in re.findall(rb'dynamics="([0-9.]+)"', after)]
    assert sorted(round(v * 0.9) for v in written) == sorted(reading.velocities.tolist())


def test_a_second_run_replaces_the_attribute(tmp_path: Path) -> None:
    run(WALTZ, "-o", tmp_path / "a.musicxml")
    run(tmp_path / "a.musicxml", "-o", tmp_path / "b.musicxml", "--mean", "40")
    after = (tmp_path / "b.musicxml").read_bytes()
    assert len(_DYNAMICS.findall(after)) == 159
    assert _DYNAMICS.sub(b"", after) == WALTZ.read_bytes()
    assert after != (tmp_path / "a.musicxml").read_bytes()


def test_compressed_scores_keep_their_other_members(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("META-INF/container.xml", "<container><rootfiles/></container>")
        archive.writestr("score.xml", WALTZ.read_bytes())
        archive.writestr("picture.png", b"\x89PNG...")
    source = tmp_path / "w.mxl"
    source.write_bytes(content.getvalue())
    run(source, "-o", tmp_path / "out.mxl")
    with zipfile.ZipFile(tmp_path / "out.mxl") as archive:
        assert archive.namelist() == ["META-INF/container.xml", "score.xml", "picture.png"]
        assert archive.read("picture.png") == b"\x89PNG..."
        assert _DYNAMICS.sub(b"", archive.read("score.xml")) == WALTZ.read_bytes()


def test_a_repeated_note_gets_the_mean_and_the_user_is_told(tmp_path: Path) -> None:
    text = WALTZ.read_text()
    repeat = '<barline location="right"><repeat direction="backward"/></barline></measure>\n  <measure number="9">'
    assert '</measure>\n  <measure number="9">' in text
    (tmp_path / "r.musicxml").write_text(text.replace('</measure>\n  <measure number="9">', repeat))
    result = humanize.humanize_bytes((tmp_path / "r.musicxml").read_bytes(), name="r.musicxml")
    assert len(result.notes[0]) > 230
    assert "more than once" in result.messages[0]
    assert len(_DYNAMICS.findall(result.bytes)) == 159


def test_127_survives_two_decimals() -> None:
    text = b"<score-partwise><note id='a>b'/><note   dynamics = '3'><x/></note></score-partwise>"
    for velocity in range(1, 128):
        patched = patch_musicxml(text, {0: velocity, 1: velocity}, name="x")
        found = re.findall(rb"""dynamics\s*=\s*["']([0-9.]+)["']""", patched)
        assert [round(float(f) * 0.9) for f in found] == [velocity, velocity]
    assert len(note_tags(text, name="x")) == 2


def test_a_partitura_score_is_taken_as_it_is() -> None:
    import warnings

    from humanize.score.partitura_parts import import_partitura

    import_partitura()
    import partitura

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        score = partitura.load_musicxml(str(WALTZ))
        found = humanize.humanize_score(score)
    np.testing.assert_array_equal(found.velocities, humanize.humanize_score(WALTZ).velocities)
    with pytest.raises(ScoreError, match="not MusicXML"):
        found.to_musicxml()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.mscz", b"PK\x03\x04", "a MuseScore file; expected MusicXML. In MuseScore: File, Export"),
        ("x.musicxml", b"", "the file is empty"),
        ("x.musicxml", b"<score-partwise><part>", "broken XML"),
        ("x.musicxml", b"<html></html>", "no <score-partwise>"),
        ("x.musicxml", b'<!DOCTYPE a [<!ENTITY b "c">]><score-partwise>&b;</score-partwise>', "entity declarations"),
        ("x.mxl", b"PK\x03\x04broken", "damaged archive"),
        ("x.musicxml", b'<score-partwise version="3.1"><part-list/></score-partwise>', "x.musicxml: "),
    ],
)  # fmt: skip
def test_bad_scores_get_one_line(name: str, content: bytes, message: str) -> None:
    with pytest.raises(ScoreError, match=message) as caught:
        humanize.humanize_bytes(content, name=name)
    assert "\n" not in str(caught.value)


def test_a_zip_bomb_is_refused() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("score.xml", b"<score-partwise>" + b" " * (80 * 2**20))
    assert len(content.getvalue()) < 200_000
    with pytest.raises(ScoreError, match="would unpack to 83,886,096 bytes"):
        humanize.humanize_bytes(content.getvalue(), name="x.mxl")


def test_a_damaged_archive_is_named() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("waltz.musicxml", WALTZ.read_bytes())
    damaged = bytearray(content.getvalue())
    damaged[60:90] = b"\xff" * 30
    with pytest.raises(ScoreError, match=r"x\.mxl: a damaged archive"):
        humanize.humanize_bytes(bytes(damaged), name="x.mxl")


def test_every_score_of_the_corpus_is_read_and_humanised(asap_dir: Path) -> None:
    paths = sorted(asap_dir.rglob("*.musicxml"))
    assert len(paths) >= 150
    for path in paths:
        result = humanize.humanize_bytes(path.read_bytes(), name=path.name, model="piano-1-fast")
        assert ((result.velocities[0] >= 1) & (result.velocities[0] <= 127)).all(), path
        assert _DYNAMICS.sub(b"", result.bytes) == _DYNAMICS.sub(b"", path.read_bytes()), path
