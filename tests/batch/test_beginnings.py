"""What a batch is begun with: options, folders, reports and names that may not be what they seem."""

from __future__ import annotations

import csv
import gc
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from batch_music import midi
from click.testing import CliRunner

from humanize.batch.local import SETTINGS, humanize_batch, settled_output
from humanize.batch.report import Reported
from humanize.batch.settings import settings_text
from humanize.batch.sources import count, items
from humanize.commands.batch import command
from humanize.errors import HumanizeError, ModelError, OptionError, OutputError
from humanize.models.bundle import PRETRAINED


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """A folder of one good file and a bad one."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "song.mid").write_bytes(midi(1))
    (folder / "bad.mid").write_bytes(b"no music")
    return folder


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {"mean": None, "tracks": None, "strength": 1, "range": [1, 127], "split": "programs"}),
        ({"model": "fast"}, {"model": PRETRAINED / "piano-1-fast"}),
        ({"tracks": ["2", "1"]}, {"tracks": (1, 2)}),
        ({"measures": "5-12, 14"}, {"measures": "5-12,14-14"}),
        ({"channels": [1, 2]}, {"channels": (2, 1)}),
    ],
)
def test_options_written_otherwise_are_the_same(one, other) -> None:
    assert settings_text(one) == settings_text(other)
    assert settings_text(one) != settings_text({**one, "contrast": 1.1})


@pytest.mark.parametrize(
    "change",
    [{"strength": 0.5}, {"mean": 70}, {"range": (1, 126)}, {"tracks": [1]}, {"channels": [1]},
     {"measures": "1-"}, {"split": "tracks"}, {"dynamics": "ignore"}, {"model": "fast"}],
)  # fmt: skip
def test_other_options_are_others(change) -> None:
    assert settings_text(change) != settings_text({})
    assert len(json.loads(settings_text(change))) == len(json.loads(settings_text({})))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"strength": 7.0}, "strength: 7.0 found"),
        ({"model": "nosuch"}, "model 'nosuch' is unknown"),
        ({"measures": "x"}, "measures 'x' found"),
        ({"channels": [17]}, "channels: 17 found"),
        ({"split": "x"}, "split 'x' found"),
        ({"dynamics": "x"}, "dynamics 'x' found"),
        ({"brightness": 1}, "option 'brightness' found"),
    ],
)
def test_an_option_that_fits_no_file_is_said_once(song, tmp_path, wrong, message) -> None:
    with pytest.raises((OptionError, ModelError), match=message):
        humanize_batch([song], tmp_path / "out", workers=1, **wrong)
    assert not (tmp_path / "out").exists()


def test_what_the_command_began_python_goes_on_with(song: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = CliRunner().invoke(command, [str(song), "-o", str(out), "--workers", "1"])
    assert done.exit_code == 1, done.output
    summary = humanize_batch([song], out, workers=1, resume=True, mean=None)
    assert (summary.skipped, summary.failed_before) == (1, 1)
    said = r"begun with other options \(mean null\); expected the same.*These are mean 70(\.0)?$"
    with pytest.raises(OptionError, match=said):
        humanize_batch([song], out, workers=1, resume=True, mean=70)


def test_what_a_feel_or_style_holds_is_what_a_batch_was_begun_with(song, tmp_path: Path) -> None:
    feel, style = tmp_path / "feel.mid", tmp_path / "style.json"
    feel.write_bytes(b"one")
    style.write_text('{"loudness": 1}')
    options = {"feel": str(feel), "style": [style], "perform": True}
    before = settings_text(options)
    assert settings_text(options) == before
    feel.write_bytes(b"other")
    assert settings_text(options) != before
    feel.write_bytes(b"one")
    style.write_text('{"loudness": 2}')
    assert settings_text(options) != before
    assert '"feel": "funk"' in settings_text({"feel": "funk"})


def test_a_folder_where_no_batch_was_begun_is_not_gone_on_with(song: Path) -> None:
    before = sorted(song.rglob("*"))
    with pytest.raises(OptionError, match="no batch was begun there"):
        humanize_batch([song], song, workers=1, resume=True)
    assert sorted(song.rglob("*")) == before


def test_an_output_inside_a_source_is_no_source(song: Path, monkeypatch) -> None:
    for number in range(30):
        (song / f"{number}.mid").write_bytes(midi(number))
    out = song / "made"
    humanize_batch([song], out, workers=1)
    summary = humanize_batch([song], out, workers=1, resume=True)
    assert (summary.done, summary.skipped, summary.total) == (0, 31, 32)
    monkeypatch.chdir(song)
    assert count(["**/*.mid"], avoid=out) == 32
    assert count(["**/*.mid"]) == 32 + 31
    assert not list(out.glob("made/*"))


@pytest.mark.parametrize("resume", [False, True])
def test_a_report_that_is_something_else_is_kept(song: Path, tmp_path: Path, resume: bool) -> None:
    (tmp_path / "table.csv").write_text("hello,world\n1,2\n")
    for report, error in ((tmp_path / "table.csv", OptionError), (tmp_path / "no/r", OutputError)):
        with pytest.raises(error, match="expected one"):
            humanize_batch([song], tmp_path / "out", workers=1, report=report, resume=resume)
    assert (tmp_path / "table.csv").read_text() == "hello,world\n1,2\n"
    assert not (tmp_path / "out").exists()
    for _ in range(2):  # a report of a batch may be written again
        humanize_batch([song], tmp_path / f"out{_}", workers=1, report=tmp_path / "r.csv")
    assert len((tmp_path / "r.csv").read_text().splitlines()) == 3


@pytest.mark.skipif(os.name != "posix", reason="needs file names that are no UTF-8")
def test_a_name_that_is_no_utf_8(song: Path, tmp_path: Path) -> None:
    odd = os.fsdecode(b"\xff.mid")
    (song / odd).write_bytes(midi(2))
    (song / os.fsdecode(b"\xfe.mid")).write_bytes(b"no music")
    out = tmp_path / "out"
    summary = humanize_batch([song], out, workers=1)
    assert (summary.done, summary.failed) == (2, 2)
    assert (out / odd).exists()
    assert b"\n\xff.mid,40," in (out / "report.csv").read_bytes()
    assert odd in Reported(out / "report.csv")
    again = humanize_batch([song], out, workers=1, resume=True)
    assert (again.skipped, again.failed_before, again.tried) == (2, 2, 0)


def test_a_folder_that_cannot_be_read_is_a_row(song: Path, tmp_path: Path, monkeypatch) -> None:
    (song / "locked").mkdir()
    real = os.scandir

    def refuse(path):
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = {item.name: item.error for item in items([str(song)], max_bytes=1)}
    assert set(found) == {"song.mid", "bad.mid", "locked"}
    assert "locked: Permission denied; expected a folder to read" in found["locked"]


def test_links_in_a_tar_are_rows_not_silence(tmp_path: Path) -> None:
    (tmp_path / "x.mid").write_bytes(midi(1))
    os.link(tmp_path / "x.mid", tmp_path / "y.mid")
    (tmp_path / "z.mid").symlink_to("x.mid")
    with tarfile.open(tmp_path / "in.tar", "w") as packed:
        for name in ("x.mid", "y.mid", "z.mid"):
            packed.add(tmp_path / name, name)
    summary = humanize_batch([tmp_path / "in.tar"], tmp_path / "out", workers=1)
    assert (summary.done, summary.failed) == (1, 2)
    with (tmp_path / "out/report.csv").open(newline="") as file:
        messages = {row["path"]: row["message"] for row in csv.DictReader(file)}
    assert "a link to x.mid found" in messages["y.mid"]
    assert "a link to x.mid found" in messages["z.mid"]


def test_of_a_large_tar_one_member_at_a_time_is_held(tmp_path: Path) -> None:
    path = tmp_path / "in.tar"
    with tarfile.open(path, "w") as packed:
        for number in range(500):
            packed.addfile(tarfile.TarInfo(f"{number}.mid"))
    del packed
    seen = most = 0
    for seen, _ in enumerate(items([str(path)], max_bytes=1), start=1):
        if seen % 100 == 0:
            held = sum(type(thing) is tarfile.TarInfo for thing in gc.get_objects())
            most = max(most, held)
    assert seen == 500
    assert most < 10


@pytest.mark.parametrize("value", ["nan", "0", "-1", "inf"])
def test_seconds_that_are_no_limit_are_refused(song: Path, tmp_path: Path, value: str) -> None:
    arguments = [str(song), "-o", str(tmp_path / "out"), "--seconds", value]
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 2, done.output
    assert "Invalid value for '--seconds'" in done.output
    assert not (tmp_path / "out").exists()


def test_settings_that_are_damaged_are_one_line(song: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    humanize_batch([song], out, workers=1)
    (out / SETTINGS).write_bytes(b"\xff{")
    with pytest.raises(HumanizeError, match="begun with other options"):
        humanize_batch([song], out, workers=1, resume=True)


def test_a_name_that_is_no_utf_8_goes_through_the_command(song: Path, tmp_path: Path) -> None:
    (song / os.fsdecode(b"\xff.mid")).write_bytes(midi(2))
    script = "from humanize.cli import main\nif __name__ == '__main__':\n    main()\n"
    (tmp_path / "run.py").write_text(script)
    arguments = ["batch", str(song), "-o", str(tmp_path / "out"), "--workers", "1"]
    done = subprocess.run(
        [sys.executable, str(tmp_path / "run.py"), *arguments], capture_output=True, check=False
    )
    assert (done.returncode, b"Traceback" in done.stderr) == (1, False), done.stderr


def test_sources_without_music_are_said(song: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty/part-00000.parquet").write_bytes(b"")
    for source in (tmp_path / "empty", tmp_path / "nothing*.mid"):
        with pytest.raises(OptionError, match="no MIDI files or scores there"):
            humanize_batch([source], tmp_path / "out", workers=1)
    assert not (tmp_path / "out").exists()


def test_what_was_begun_without_a_result_may_be_begun_again(song: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with settled_output(out, {"strength": 0.5}, resume=False):
        pass
    assert humanize_batch([song], out, workers=1).done == 1
    assert (out / SETTINGS).read_text().strip() == settings_text({})
    pytest.importorskip("pyarrow", reason="pyarrow is not installed; it is in [scale]")
    from humanize.batch.outputs import settle_place
    from humanize.batch.shards import locate

    for settings in ("1", "2"):
        settle_place(*locate(str(tmp_path / "s")), "s", settings, resume=False)
    with pytest.raises(OptionError, match="begun with other options"):
        settle_place(*locate(str(tmp_path / "s")), "s", "1", resume=True)
