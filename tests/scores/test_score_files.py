"""Compressed scores, encodings, and files that are refused."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from musicxml_builder import container, note, part, score, solo, zipped

import humanize
from humanize.errors import ScoreError
from humanize.score import read_score

MUSICXML = "application/vnd.recordare.musicxml+xml"
_DYNAMICS = re.compile(r' dynamics="[0-9.]+"')
LOW = solo(*[note("C3", 4)] * 4)
HIGH = solo(*[note("C5", 2) * 2] * 4)


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize(
    ("named", "pitch"),
    [
        ((("second.xml", MUSICXML),), 72),
        ((("first.xml", ""),), 48),
        ((("cover.pdf", "application/pdf"), ("second.xml", MUSICXML), ("first.xml", "")), 72),
        ((), 48),
    ],
)
def test_the_score_of_an_archive_is_the_one_its_container_names(
    named: tuple[tuple[str, str], ...], pitch: int
) -> None:
    before = {
        "META-INF/container.xml": container(*named),
        "first.xml": LOW,
        "cover.pdf": b"%PDF",
        "second.xml": HIGH,
    }
    assert set(read_score(zipped(before), name="two.mxl").notes.pitch.tolist()) == {pitch}
    after = members(humanize.humanize_bytes(zipped(before), name="two.mxl").bytes)
    changed = "second.xml" if pitch == 72 else "first.xml"
    assert list(after) == list(before)
    assert [name for name in before if before[name] != after[name]] == [changed]
    assert _DYNAMICS.sub("", after[changed].decode()) == before[changed].decode()


def test_a_score_that_the_container_names_in_a_folder_with_a_space_is_found() -> None:
    content = zipped(
        {
            "META-INF/container.xml": container(("a%20folder/my%20score.musicxml", MUSICXML)),
            "first.xml": LOW,
            "a folder/my score.musicxml": HIGH,
        }
    )
    assert set(read_score(content, name="x.mxl").notes.pitch.tolist()) == {72}


def test_a_container_that_names_what_is_not_there_is_told() -> None:
    content = zipped({"META-INF/container.xml": container(("gone.xml", "")), "first.xml": LOW})
    with pytest.raises(ScoreError, match=r"x\.mxl: META-INF/container\.xml names 'gone\.xml'"):
        read_score(content, name="x.mxl")


def test_a_broken_container_does_not_hide_the_score() -> None:
    content = zipped({"META-INF/container.xml": b"<container><root", "first.xml": LOW})
    assert len(read_score(content, name="x.mxl").notes) == 4


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", ["\ufeff", ""])
@pytest.mark.parametrize("compressed", [False, True])
def test_utf16_is_read_and_written_back_as_utf16(codec: str, mark: str, compressed: bool) -> None:
    body = part([note("C4", 1, attributes=" id='ü𝄞'") * 4] * 4)
    text = mark + score({"Flügel 𝄞 → ピアノ": body}, encoding="UTF-16")
    content = text.encode(codec)
    name = "x.mxl" if compressed else "x.musicxml"
    result = humanize.humanize_bytes(
        zipped({"x.xml": content}) if compressed else content, name=name
    )
    written = members(result.bytes)["x.xml"] if compressed else result.bytes
    back = written.decode(codec)
    assert len(_DYNAMICS.findall(back)) == 16
    assert _DYNAMICS.sub("", back) == text
    same = score({"Flügel 𝄞 → ピアノ": body}).encode()
    expected = humanize.humanize_bytes(same, name="x.musicxml")
    assert result.velocities[0].tolist() == expected.velocities[0].tolist()
    assert read_score(content, name="x.musicxml").part_names == ("Flügel 𝄞 → ピアノ",)


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "UTF-8", "windows-1252", "GBK", "mac-roman"])
def test_other_encodings_stay(encoding: str) -> None:
    text = score({"Flügel": part([note("C4", 1) * 4] * 4)}, encoding=encoding)
    result = humanize.humanize_bytes(text.encode(encoding), name="x.musicxml")
    assert _DYNAMICS.sub("", result.bytes.decode(encoding)) == text
    assert read_score(text.encode(encoding), name="x.musicxml").part_names == ("Flügel",)


def test_a_byte_order_mark_of_utf8_stays() -> None:
    result = humanize.humanize_bytes(b"\xef\xbb\xbf" + LOW, name="x.musicxml")
    assert _DYNAMICS.sub("", result.bytes.decode()) == "\ufeff" + LOW.decode()


_BOMB = """<?xml version="1.0" encoding="{}"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><score-partwise version="4.0">&b;</score-partwise>"""


@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
@pytest.mark.parametrize("suffix", ["musicxml", "xml", "mei"])
def test_entity_bombs_are_refused_in_every_encoding(codec: str, suffix: str) -> None:
    content = _BOMB.format(codec).encode(codec)
    with pytest.raises(ScoreError, match=rf"^x\.{suffix}: entity declarations found; .*$"):
        humanize.humanize_bytes(content, name=f"x.{suffix}")


def test_an_entity_bomb_inside_an_archive_is_refused() -> None:
    with pytest.raises(ScoreError, match=r"^x\.mxl: entity declarations found; expected none"):
        humanize.humanize_bytes(zipped({"x.xml": _BOMB.format("utf-8").encode()}), name="x.mxl")


def test_a_bomb_beside_the_score_is_refused() -> None:
    content = zipped({"x.xml": LOW, "picture.png": bytes(70 * 2**20)})
    with pytest.raises(ScoreError, match=r"^x\.mxl: it would unpack to 73,40\d,\d{3} bytes; .*$"):
        humanize.humanize_bytes(content, name="x.mxl")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (LOW[:-40], r"broken XML \(.+\); expected a whole score"),
        (LOW.replace(b"<duration>", b"<duration"), r"broken XML \(.+\); expected a whole score"),
        (b"\xff\xfe<\x00a", r"broken UTF-16 \(.+\); expected a score"),
        (LOW.replace(b"</part>", b"</p\nart>"), r"broken XML \(.+\); expected a whole score"),
        ("<score-partwise>".encode("utf-16"), r"broken XML \(.+\); expected a whole score"),
    ],
)
def test_broken_xml_is_one_line(content: bytes, message: str) -> None:
    with pytest.raises(ScoreError, match=rf"^x\.musicxml: {message}$") as caught:
        humanize.humanize_bytes(content, name="x.musicxml")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["x.mscz", "x.MSCX"])
def test_musescore_files_say_what_to_export(name: str) -> None:
    with pytest.raises(ScoreError) as caught:
        humanize.humanize_bytes(zipped({"x.mscx": b"<museScore/>"}), name=name)
    assert str(caught.value) == (
        f"{name}: a MuseScore file; expected MusicXML. In MuseScore: File, Export, MusicXML"
    )


def test_a_musescore_file_with_another_ending_is_no_score() -> None:
    with pytest.raises(ScoreError, match=r"^x\.mxl: an archive without a score; expected MusicXML"):
        humanize.humanize_bytes(zipped({"x.mscx": b"<museScore/>"}), name="x.mxl")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.musicxml", LOW[:-40], "broken XML ("),
        ("x.musicxml", _BOMB.format("utf-8").encode(), "entity declarations found; expected none"),
        ("x.mxl", zipped({"x.xml": b"<score-partwise>" + b" " * 70 * 2**20}), "it would unpack to"),
        ("x.mscz", zipped({"x.mscx": b"<museScore/>"}), "a MuseScore file; expected MusicXML"),
    ],
)
def test_the_command_says_it_in_one_line_and_writes_nothing(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    command = [sys.executable, "-c", "from humanize.cli import main; main()", str(tmp_path / name)]
    done = subprocess.run([*command, "-o", str(tmp_path / "out.mid")], capture_output=True)
    lines = done.stderr.decode().splitlines()
    assert done.returncode == 1
    assert len(lines) == 1
    assert f"{name}: {message}" in lines[0]
    assert [path.name for path in tmp_path.iterdir()] == [name]
