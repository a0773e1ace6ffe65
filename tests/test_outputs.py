"""A place that takes no results is said in one line, before any long work."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from smf_builder import encode, music

import humanize
from humanize.errors import OptionError, OutputError
from humanize.files import make_folder

WALTZ = Path(__file__).parent.parent / "examples" / "waltz.mid"


@pytest.fixture
def nowhere(tmp_path: Path) -> Path:
    """A folder that nobody can make, as a file stands in its way."""
    (tmp_path / "file").write_text("no folder")
    return tmp_path / "file" / "x"


def test_a_folder_is_made_and_left_empty(tmp_path: Path) -> None:
    for _ in range(2):
        make_folder(tmp_path / "a/b")
        assert list((tmp_path / "a/b").iterdir()) == []


def test_a_folder_that_cannot_be_made(nowhere: Path) -> None:
    with pytest.raises(OutputError, match="x: Not a directory; expected a folder to write"):
        make_folder(nowhere)


def test_a_folder_that_takes_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**where: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("humanize.files.tempfile.TemporaryFile", refuse)
    with pytest.raises(OutputError, match="Read-only file system; expected a folder to write"):
        make_folder(tmp_path)


@pytest.mark.parametrize("name", ["train", "evaluate"])
def test_nothing_is_learnt_for_a_place_that_takes_no_result(nowhere, tmp_path, name) -> None:
    pytest.importorskip("lightgbm", reason="the extra [train] is not installed: lightgbm")
    pytest.importorskip("fastai", reason="the extra [train] is not installed: fastai")
    from humanize.commands import evaluate, train

    command = {"train": train.command, "evaluate": evaluate.command}[name]
    model = {"train": "constant", "evaluate": "piano-1-fast"}[name]
    arguments = ["--corpus", str(tmp_path / "none"), "--model", model, "-o", str(nowhere)]
    done = CliRunner().invoke(command, arguments)
    assert isinstance(done.exception, OutputError), done.output
    assert "expected a folder to write" in str(done.exception)


def test_shards_for_a_place_that_takes_none(nowhere: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed; it is in [scale]")
    from humanize.batch.shards import write_shards

    (tmp_path / "x.mid").write_bytes(encode(music()))
    with pytest.raises(OutputError, match="expected a place that can be written"):
        write_shards([str(tmp_path / "x.mid")], str(nowhere))
    assert (tmp_path / "file").read_text() == "no folder"


MIDI = ".mid, .midi, .smf or .kar"


@pytest.mark.parametrize(
    ("arguments", "ending", "expected"),
    [
        ([WALTZ], ".xyz", f"no .xyz is written; expected {MIDI}"),
        ([WALTZ, "--takes", "2"], ".mid~", f"no .mid~ is written; expected {MIDI}"),
        (["perform", WALTZ], ".xyz", "a performance is written as MIDI"),
        (["morph", WALTZ, WALTZ], ".xyz", f"no .xyz is written; expected {MIDI}"),
        (["strip", WALTZ], ".xyz", f"no .xyz is written; expected {MIDI}"),
        (["groove", "extract", WALTZ], ".mid", "no .mid is written; expected .json"),
        (["style", WALTZ], ".mid", "no .mid is written; expected .json"),
        (["render", WALTZ], ".mp3", "no .mp3 is written; expected .wav, .flac or .opus"),
        (["render", WALTZ], "", "no ending found; expected .wav, .flac or .opus"),
    ],
)
def test_an_ending_that_is_not_written_is_told(
    arguments: list[object], ending: str, expected: str, tmp_path: Path
) -> None:
    target = tmp_path / f"out{ending}"
    command = [sys.executable, "-m", "humanize", *map(str, arguments), "-o", str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert f"{target}: {expected}" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_endings_of_midi_are_written(tmp_path: Path) -> None:
    expected = humanize.humanize_bytes(WALTZ.read_bytes(), model="fast").bytes
    for name in ("a.mid", "a.MIDI", "a.smf", "a.Kar", "a"):
        written = humanize.humanize_file(WALTZ, tmp_path / name, model="fast")
        assert written.read_bytes() == expected
    with pytest.raises(OptionError, match=r"a\.rmi: no \.rmi is written"):
        humanize.humanize_file(WALTZ, tmp_path / "a.rmi", model="fast")


def test_the_ending_of_the_input_is_written(tmp_path: Path) -> None:
    """Whatever it is: ``song.bak`` comes back as it was called, and RIFF as ``.rmi``."""
    data = WALTZ.read_bytes()
    inside = b"RMIDdata" + len(data).to_bytes(4, "little") + data
    (tmp_path / "riff.mid").write_bytes(b"RIFF" + len(inside).to_bytes(4, "little") + inside)
    (tmp_path / "song.BAK").write_bytes(data)
    for source, target in (("riff.mid", "o.rmi"), ("song.BAK", "o.bak"), ("song.BAK", "o.BAK")):
        paths = (tmp_path / source, tmp_path / target)
        for write in (humanize.humanize_file, humanize.perform_file):
            assert write(*paths, model="fast") == paths[1]
    humanize.morph_files(tmp_path / "song.BAK", WALTZ, tmp_path / "m.bak")
    assert (tmp_path / "m.bak").exists()
