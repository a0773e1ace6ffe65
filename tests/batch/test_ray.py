"""Shards, and a local Ray cluster that loses a worker in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tarfile
import time
from collections import Counter
from pathlib import Path

import pytest
from batch_music import midi

from humanize.api import humanize_bytes
from humanize.batch.settings import SETTINGS
from humanize.batch.shards import locate, read_shard, shard_addresses, write_shards
from humanize.errors import InputError, OptionError

pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed; it is in [scale]")


def files_of(address):
    return [(item.name, item.source) for item in read_shard(*locate(address))]


@pytest.fixture
def songs(tmp_path: Path) -> dict[str, bytes]:
    """Sixty files, one of them bad, in a folder ``songs``."""
    folder = tmp_path / "songs"
    folder.mkdir()
    files = {f"{seed:02d}.mid": midi(seed) for seed in range(59)} | {"bad.mid": b"no music"}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return files


def rows(folder: Path) -> list[dict[str, object]]:
    return [
        row for path in sorted(folder.glob("*.parquet")) for row in pq.read_table(path).to_pylist()
    ]


@pytest.mark.parametrize("kind", ["parquet", "tar"])
def test_packing_keeps_every_file_once(songs, tmp_path: Path, kind: str) -> None:
    out = tmp_path / "shards"
    shards, files = write_shards(
        [str(tmp_path / "songs")], str(out), shard_bytes=5_000, shard_format=kind
    )
    assert (shards, files) == (len(list(out.iterdir())), 60)
    assert shards > 3
    read = [entry for a in shard_addresses([str(out)]) for entry in files_of(a)]
    assert dict(read) == songs
    assert len(read) == 60


def test_what_cannot_be_packed_is_said_and_the_rest_is_packed(songs, tmp_path: Path) -> None:
    (tmp_path / "no.zip").write_bytes(b"no archive")
    (tmp_path / "list.txt").write_text(f"{tmp_path}/nowhere.mid\n{tmp_path}/songs/00.mid\n")
    sources = ["no.zip", "@list.txt", "songs"]
    script = "from humanize.cli import main; main()"
    command = [sys.executable, "-c", script, "shard", *sources, "-o", "shards"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    first, second, last = done.stderr.splitlines()
    assert first.startswith("no.zip: ")
    assert first.endswith("expected a whole zip archive")
    assert "nowhere.mid: no such file" in second
    assert last == "shards: 61 files in 1 shard; 2 not packed"
    assert done.returncode == 2


def test_shards_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_bytes(b"PAR1 not really")
    (tmp_path / "y.tar").write_bytes(b"no tar")
    for name in ("x.parquet", "y.tar"):
        with pytest.raises(InputError, match="expected Parquet"):
            list(read_shard(*locate(str(tmp_path / name))))
    (tmp_path / "empty").mkdir()
    with pytest.raises(OptionError, match="no shards there"):
        shard_addresses([str(tmp_path / "empty")])
    with pytest.raises(OptionError, match="not empty"):
        write_shards([str(tmp_path)], str(tmp_path))
    with pytest.raises(InputError, match="expected such as s3"):
        locate("nosuch://bucket/x")


@pytest.fixture(scope="module")
def cluster():
    """A local cluster of three workers, with the tests' folder on its path."""
    ray = pytest.importorskip("ray", reason="ray is not installed; it is in [scale]")
    quiet = {"include_dashboard": False, "log_to_driver": False, "logging_level": "error"}
    ray.init(num_cpus=3, **quiet)
    yield ray
    ray.shutdown()


@pytest.mark.filterwarnings("ignore")  # ray's own: unclosed files and sockets of its processes
@pytest.mark.parametrize("kind", ["parquet", "tar"])
def test_every_file_comes_out_once(cluster, songs, tmp_path: Path, kind: str) -> None:
    from humanize.batch.ray import humanize_shards

    shards, out = tmp_path / "shards", tmp_path / "out"
    write_shards([str(tmp_path / "songs")], str(shards), shard_bytes=9_000, shard_format=kind)
    summary = humanize_shards([str(shards)], str(out), strength=0.7)
    assert (summary.done, summary.failed, summary.given_up) == (59, 1, 0)
    assert summary.shards == summary.total == len(list(shards.iterdir()))
    made = sorted(p.name for p in out.iterdir())
    assert made == [SETTINGS, *sorted(p.name for p in shards.iterdir())]
    if kind == "parquet":
        done = {row["name"]: row["bytes"] for row in rows(out) if row["outcome"] == "done"}
    else:
        done = {n: d for a in shard_addresses([str(out)]) for n, d in files_of(a)}
        assert b"bad.mid,0," in done.pop("report.csv")
    assert done == {
        name: humanize_bytes(data, strength=0.7).bytes
        for name, data in songs.items()
        if name != "bad.mid"
    }
    again = humanize_shards([str(shards)], str(out), strength=0.7, resume=True)
    assert (again.done, again.skipped, again.shards) == (0, summary.total, 0)
    assert again.failed_before == again.not_done == 1
    with pytest.raises(OptionError, match="begun with other options"):
        humanize_shards([str(shards)], str(out), strength=0.6, resume=True)
    with pytest.raises(OptionError, match="no batch was begun there"):
        humanize_shards([str(shards)], str(shards), resume=True)


@pytest.mark.filterwarnings("ignore")  # as above
def test_a_worker_killed_in_the_middle_loses_and_doubles_nothing(cluster, tmp_path: Path) -> None:
    from humanize.batch.ray import humanize_shards

    folder, shards, out = tmp_path / "songs", tmp_path / "shards", tmp_path / "out"
    folder.mkdir()
    for seed in range(300):
        (folder / f"{seed:03d}.mid").write_bytes(midi(seed, notes=200))
    count, _ = write_shards([str(folder)], str(shards), shard_bytes=25_000)
    assert count >= 9
    killed: list[int] = []

    def kill_one(summary) -> None:
        if not summary.done or len(killed) == 2:
            return
        workers = _shard_workers(out, killed)
        if workers:
            os.kill(workers[0], signal.SIGKILL)
            killed.append(workers[0])

    summary = humanize_shards([str(shards)], str(out), watch=kill_one)
    assert len(killed) == 2
    assert summary.done == 300
    names = Counter(row["name"] for row in rows(out))
    assert len(names) == 300
    assert set(names.values()) == {1}
    assert not [path for path in out.iterdir() if path.name.endswith(".partial")]
    sample = rows(out)[7]
    assert sample["bytes"] == humanize_bytes((folder / str(sample["name"])).read_bytes()).bytes


def _shard_workers(out: Path, killed: list[int]) -> list[int]:
    """Return the processes that write a shard just now, by the names of what they write."""
    for _ in range(400):
        writers = [int(path.name.split(".")[-2]) for path in out.glob(".*.partial")]
        alive = [process for process in writers if process not in killed]
        if alive:
            return alive
        time.sleep(0.005)
    return []


@pytest.mark.filterwarnings("ignore")  # as above
def test_a_damaged_output_is_said_and_the_rest_goes_on(cluster, songs, tmp_path: Path) -> None:
    from humanize.batch.ray import humanize_shards

    shards, out = tmp_path / "shards", tmp_path / "out"
    write_shards([str(tmp_path / "songs")], str(shards), shard_bytes=9_000)
    humanize_shards([str(shards)], str(out))
    (out / "part-00000.parquet").write_bytes(b"PAR1 not really")
    (out / "part-00001.parquet").unlink()
    seen = []
    with pytest.raises(InputError, match=r"1 shard could not be read.*a shard that a batch has"):
        humanize_shards([str(shards)], str(out), resume=True, watch=seen.append)
    assert seen[-1].shards == 1
    assert (out / "part-00001.parquet").exists()


@pytest.mark.parametrize("kind", ["parquet", "tar"])
def test_names_that_are_no_utf_8_are_packed_and_come_out(tmp_path: Path, kind: str) -> None:
    from humanize.batch.ray import ShardTask, run_shard
    from humanize.batch.work import Limits

    (tmp_path / "in").mkdir()
    for name in (b"\xff.mid", b"\xfe.mid"):
        (tmp_path / "in" / os.fsdecode(name)).write_bytes(midi(1) if b"\xff" in name else b"")
    shard, made = tmp_path / f"s/part-00000.{kind}", tmp_path / f"made.{kind}"
    write_shards([str(tmp_path / "in")], str(tmp_path / "s"), shard_format=kind)
    outcome = run_shard(ShardTask(str(shard), str(made), {}, Limits()))
    assert (outcome.done, outcome.failed, outcome.error) == (1, 1, "")
    assert "\\udcff.mid" in dict(files_of(str(made)))


def test_the_commands_pack_and_run(songs, tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="ray is not installed; it is in [scale]")
    script = tmp_path / "run.py"
    script.write_text(
        "import sys\n"
        "from humanize.commands import batch, shard\n"
        "if __name__ == '__main__':\n"
        "    {'batch': batch, 'shard': shard}[sys.argv.pop(1)].command()\n"
    )

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(script), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    packed = run("shard", tmp_path / "songs", "-o", tmp_path / "s", "--format", "tar")
    assert "60 files in 1 shard" in packed.stderr
    with tarfile.open(tmp_path / "s/part-00000.tar") as archive:
        assert len(archive.getnames()) == 60
    done = run("batch", tmp_path / "s", "-o", tmp_path / "o", "--engine", "ray", "--workers", 2)
    assert done.returncode == 1, done.stderr
    assert "59 done, 1 failed" in done.stderr
