"""A result is what the name of its file says, or the command says why not and writes nothing."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from musicxml_builder import note, solo, zipped

import humanize
from humanize.score import read_score

TEXT = solo(*[note("C4", 1) * 4] * 4)
MEI = b'<mei xmlns="http://www.music-encoding.org/ns/mei"/>'
_DYNAMICS = re.compile(rb' dynamics="[0-9.]+"')
MIDI = (Path(__file__).parents[2] / "examples" / "waltz.mid").read_bytes()


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from humanize.cli import main; main()"]
    return subprocess.run([*command, *map(str, arguments)], capture_output=True, text=True)


@pytest.mark.parametrize("ending", [".musicxml", ".xml"])
def test_a_compressed_score_is_unpacked_for_a_text(tmp_path: Path, ending: str) -> None:
    (tmp_path / "in.mxl").write_bytes(zipped({"x.xml": TEXT}))
    target = tmp_path / f"out{ending}"
    assert run(tmp_path / "in.mxl", "-o", target).returncode == 0
    assert len(_DYNAMICS.findall(target.read_bytes())) == 16
    assert _DYNAMICS.sub(b"", target.read_bytes()) == TEXT


def test_a_text_is_packed_for_a_compressed_score(tmp_path: Path) -> None:
    (tmp_path / "in.musicxml").write_bytes(TEXT)
    target = tmp_path / "out.mxl"
    assert run(tmp_path / "in.musicxml", "-o", target).returncode == 0
    with zipfile.ZipFile(io.BytesIO(target.read_bytes())) as archive:
        assert archive.namelist() == ["META-INF/container.xml", "score.musicxml"]
        assert _DYNAMICS.sub(b"", archive.read("score.musicxml")) == TEXT
    assert set(read_score(target).notes.velocity.tolist()) != {0}


def test_what_has_the_ending_of_its_source_stays_what_it_was(tmp_path: Path) -> None:
    (tmp_path / "zip.musicxml").write_bytes(zipped({"x.xml": TEXT}))
    (tmp_path / "text.mxl").write_bytes(TEXT)
    for name, first in (("zip.musicxml", b"PK"), ("text.mxl", b"<?")):
        assert run(tmp_path / name, "--in-place").returncode == 0
        assert (tmp_path / name).read_bytes()[:2] == first


@pytest.mark.parametrize(
    ("source", "content", "target", "message"),
    [
        ("x.mid", MIDI, "o.musicxml", "a score's ending for MIDI input; expected .mid"),
        ("x.mid", MIDI, "o.mscz", "no .mscz is written; expected .mid"),
        ("x.mid", MIDI, "o.flac", "no .flac is written; expected .mid"),
        ("x.musicxml", TEXT, "o.flac", "no .flac is written; expected .mid, .musicxml or .mxl"),
        ("x.musicxml", TEXT, "o.kar", "no .kar is written; expected .mid, .musicxml or .mxl"),
        ("x.musicxml", TEXT, "o.humanized", "no .humanized is written; expected .mid, .musicxml"),
        ("x.abc", b"X:1\nK:C\nCDEF|", "o.abc", "no .abc is written; expected .mid"),
        ("x.gp", b"PK", "o.mid", "a Guitar Pro file; expected MusicXML. In Guitar Pro: File, Ex"),
        (
            "x.ly",
            b"{ c' }",
            "o.mid",
            "a LilyPond file; expected MIDI or MusicXML. Put \\midi {} in",
        ),
        ("x.mei", MEI, "o.musicxml", ".mei comes back as MIDI alone; expected .mid, or a Mus"),
        ("x.mei", MEI, "o.mei", "no .mei is written; expected .mid"),
        ("x.krn", b"**kern\n4c\n*-\n", "o.mxl", ".krn comes back as MIDI alone; expected .mid"),
        ("x.mscz", b"PK", "o.mscz", "a MuseScore file; expected MusicXML. In MuseScore: File, Ex"),
        ("x.musicxml", TEXT, "o.mscz", "no .mscz is written; expected .mid, .musicxml or .mxl"),
        ("x.musicxml", TEXT, "o.krn", "no .krn is written; expected .mid, .musicxml or .mxl"),
    ],
)
def test_a_target_that_cannot_be_is_told(
    tmp_path: Path, source: str, content: bytes, target: str, message: str
) -> None:
    (tmp_path / source).write_bytes(content)
    done = run(tmp_path / source, "-o", tmp_path / target)
    told = source if source in ("x.mscz", "x.gp", "x.ly") else target
    assert done.returncode == (1 if told == source else 2)
    assert len(done.stderr.splitlines()) == 1
    assert f"{told}: {message}" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [source]


def test_a_score_that_cannot_be_written_back_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "x.krn"
    path.write_bytes(b"**kern\n*M4/4\n4c\n4d\n4e\n4f\n*-\n")
    before = path.read_bytes()
    done = run(path, "--in-place")
    assert done.returncode == 2
    assert "no .krn is written; expected .mid" in done.stderr
    assert path.read_bytes() == before


@pytest.mark.parametrize("given", ["", ' dynamics="71"'])
def test_strength_nought_leaves_a_score_as_it_came(given: str) -> None:
    text = TEXT.replace(b"<note>", f"<note{given}>".encode())
    assert humanize.humanize_bytes(text, name="x.musicxml", strength=0).bytes == text
