"""A place that takes no results is said in one line, before any long work."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from click.testing import CliRunner
from smf_builder import encode, music

from humanize.errors import OutputError
from humanize.files import make_folder


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
