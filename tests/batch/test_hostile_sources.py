"""Sources and outputs that would stop a batch, lose a result or count one twice."""

from __future__ import annotations

import csv
import io
import os
import signal
import subprocess
import sys
import tarfile
import time
import warnings
import zipfile
from pathlib import Path

import pytest
from batch_music import midi

from humanize.batch.local import PARTIAL, SETTINGS, humanize_batch, settled_output
from humanize.batch.names import Claims, Hashes
from humanize.batch.report import Reported, _cut_torn_row, plain_text, row_text
from humanize.batch.sources import count, items
from humanize.batch.work import Limits, Outcome, write_result
from humanize.errors import OptionError, OutputError

KERN = "**kern\n*M4/4\n=1\n4c\n4d\n4e\n4f\n=2\n1g\n==\n*-\n"


def rows(output: Path) -> list[tuple[str, str]]:
    with (output / "report.csv").open(newline="", errors="surrogateescape") as file:
        return [(plain_text(row["path"]), row["outcome"]) for row in csv.DictReader(file)]


def run_twice(sources: list[str], output: Path) -> list[tuple[str, str]]:
    """Run, and resume: what is without a result is the same, and no row is added."""
    first = humanize_batch(sources, output, workers=1)
    before = rows(output)
    again = humanize_batch(sources, output, workers=1, resume=True)
    assert again.not_done == first.not_done
    assert (again.done, again.skipped) == (0, first.done)
    assert rows(output) == before
    return before


def test_results_are_never_written_among_the_batch_s_own(tmp_path: Path) -> None:
    source = tmp_path / "in"
    for name in (".partial", PARTIAL, PARTIAL.upper(), "report.csv", SETTINGS):
        (source / name).mkdir(parents=True)
        (source / name / "x.mid").write_bytes(midi(1))
    output = tmp_path / "out"
    summary = humanize_batch([source], output, workers=1)
    assert (summary.done, summary.not_done) == (5, 0)
    made = {path.relative_to(output).as_posix() for path in output.rglob("*.mid")}
    assert made == {f"{name}/x.mid" for name in (
        ".partial", f"_{PARTIAL}", f"_{PARTIAL.upper()}", "_report.csv", f"_{SETTINGS}")}  # fmt: skip
    assert humanize_batch([source], output, workers=1, resume=True).skipped == 5


def test_a_glob_goes_round_no_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in/deep").mkdir(parents=True)
    (tmp_path / "in/.hidden").mkdir()
    for name in ("a.mid", "deep/b.mid", ".hidden/c.mid"):
        (tmp_path / "in" / name).write_bytes(midi(1))
    (tmp_path / "in/loop").symlink_to(".")
    (tmp_path / "in/deep/round").symlink_to("..")
    (tmp_path / "in/self.mid").symlink_to("self.mid")
    monkeypatch.chdir(tmp_path)
    for pattern in ("in/**/*.mid", "**/*.mid", "in/**", "*/**/*.mid", "**/**/*.mid"):
        names = [item.name for item in items([pattern], max_bytes=1)]
        assert names == ["in/a.mid", "in/deep/b.mid", "in/self.mid"], pattern
    assert [i.name for i in items(["./**/b.mid"], max_bytes=1)] == ["in/deep/b.mid"]
    outcome = run_twice(["in/**/*.mid"], tmp_path / "out")
    assert [o for _, o in outcome] == ["done", "done", "failed"]


def test_lists_with_bad_lines_are_rows(tmp_path: Path) -> None:
    for name in ("é.mid", "two words.mid"):
        (tmp_path / name).write_bytes(midi(1))
    odd = tmp_path / os.fsdecode(b"\xff\xfe.mid")
    odd.write_bytes(midi(2))
    folder = os.fsencode(tmp_path)
    lines = [
        b"\xef\xbb\xbf" + folder + b"/\xc3\xa9.mid\r",
        folder + b"/" + b"n" * 300 + b".mid",
        b"l" * 200_000,
        folder + b"/nul\0.mid",
        b"",
        folder + b"/\xff\xfe.mid",
        folder + b"/two words.mid",
        folder + "/is\u2028one line\x0b.mid".encode(),
    ]
    listed = tmp_path / "list.txt"
    listed.write_bytes(b"\n".join(lines))
    found = run_twice([f"@{listed}"], tmp_path / "out")
    assert count([f"@{listed}"]) == len(found) == 7
    outcomes = {Path(name).name: outcome for name, outcome in found}
    assert outcomes == {
        "é.mid": "done", "n" * 300 + ".mid": "failed", "line 3": "failed", "nul_.mid": "failed",
        odd.name: "done", "two words.mid": "done", "is\u2028one line\x0b.mid": "failed",
    }  # fmt: skip


def test_pipes_and_devices_in_a_folder_are_refused(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    (source / "good.mid").write_bytes(midi(1))
    os.mkfifo(source / "pipe.mid")
    (source / "zero.mid").symlink_to("/dev/zero")
    with (source / "holes.mid").open("wb") as file:
        file.truncate(100_000_000_000)
    found = dict(run_twice([str(source)], tmp_path / "out"))
    assert found == {"good.mid": "done", "pipe.mid": "failed", "zero.mid": "failed",
                     "holes.mid": "given up"}  # fmt: skip


def sparse_tar(path: Path) -> None:
    """A member of 100 GB that is all hole, as GNU tar packs it, and a good one after it."""
    header = bytearray(tarfile.TarInfo("holes.mid").tobuf(tarfile.GNU_FORMAT))
    header[156:157] = b"S"
    header[386:410] = b"%011o\0%011o\0" % (100_000_000_000 - 1 & 0o77777777777, 0)
    header[483:495] = b"\x80" + (100_000_000_000).to_bytes(11, "big")
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    with tarfile.open(path, "w") as packed:
        packed.fileobj.write(header)
        packed.offset += 512
        info = tarfile.TarInfo("good.mid")
        info.size = len(midi(1))
        packed.addfile(info, io.BytesIO(midi(1)))


def test_a_sparse_member_of_a_hundred_gigabytes_is_one_row(tmp_path: Path) -> None:
    sparse_tar(tmp_path / "in.tar")
    found = list(items([str(tmp_path / "in.tar")], max_bytes=1000))
    assert [(item.name, len(item.source)) for item in found] == [("holes.mid", 1001), ("good.mid", len(midi(1)))]  # fmt: skip
    pytest.importorskip("pyarrow", reason="pyarrow is not installed; it is in [scale]")
    from humanize.batch.shards import locate, read_shard

    again = list(read_shard(*locate(str(tmp_path / "in.tar")), 1000))
    assert [(item.name, len(item.source)) for item in again] == [("holes.mid", 1001), ("good.mid", len(midi(1)))]  # fmt: skip


def test_a_tar_whose_names_would_fill_the_memory_is_damaged(tmp_path: Path) -> None:
    archive = tmp_path / "in.tar"
    long = tarfile.TarInfo("x.mid")
    long.type, long.size = tarfile.XHDTYPE, 2_000_000
    chain = tarfile.TarInfo("x.mid")
    chain.type, chain.size = tarfile.GNUTYPE_LONGNAME, 512
    for data in (long.tobuf() + bytes(2_000_000), (chain.tobuf() + b"n" * 512) * 3000):
        archive.write_bytes(data)
        (only,) = items([str(archive)], max_bytes=1)
        assert only.name == "in.tar"
        assert only.error.endswith("expected a whole tar archive")


def test_inputs_with_one_result_have_one_outcome_however_often_resumed(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    (source / "x.mid").write_bytes(midi(1))
    (source / "x.krn").write_text(KERN)
    assert run_twice([str(source)], tmp_path / "out") == [("x.mid", "failed"), ("x.krn", "done")]
    with warnings.catch_warnings(), zipfile.ZipFile(tmp_path / "in.zip", "w") as packed:
        warnings.simplefilter("ignore")
        for seed in (1, 1, 2):
            packed.writestr("x.mid", midi(seed))
    found = run_twice([str(tmp_path / "in.zip")], tmp_path / "out2")
    assert sorted(found) == [("x.mid", "done"), ("x.mid (2)", "failed"), ("x.mid (3)", "failed")]


def test_names_that_spreadsheets_and_readers_take_for_more(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    names = ["=cmd|' C calc'!A0.mid", "+1.mid", "-1.mid", "@x.mid", "'=quoted.mid", "a\rb.mid",
             'say "a,b"\nc.mid', "\tx.mid"]  # fmt: skip
    for seed, name in enumerate(names):
        (source / name).write_bytes(midi(seed) if seed % 2 else b"no music")
    found = dict(run_twice([str(source)], tmp_path / "out"))
    assert found == {n: "done" if i % 2 else "failed" for i, n in enumerate(names)}
    text = (tmp_path / "out/report.csv").read_bytes().decode()
    for row in csv.reader(io.StringIO(text, newline="")):
        for cell in row:
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_a_torn_row_is_cut_where_its_name_holds_line_ends_too(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    whole = row_text(("path", "outcome")) + row_text(('a\n"b', "failed"))
    path.write_text(whole + '"torn\nname')
    assert _cut_torn_row(path) == len(whole)
    assert Reported(path).failed == {'a\n"b'}


def test_a_damaged_report_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text("path,notes,seconds,outcome,message\n" + "x" * 200_000 + "\n")
    with pytest.raises(OptionError, match=r"field larger .* expected the report as the batch"):
        Reported(path)


def test_hashes_and_claims_are_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("humanize.batch.names._MERGED_AT", 10)
    texts = [f"song {number} \udcff\ud800" for number in range(100)]
    hashes = Hashes(texts[:20])
    assert [hashes.add(text) for text in texts] == [False] * 20 + [True] * 80
    assert all(text in hashes for text in texts)
    assert "another" not in hashes
    claims = Claims()
    named = [
        claims.claim(name) for name in ("a.mid", "a.mid", "a.mid (2)", "a.MEI", "b.mei", "b.mid")
    ]
    assert named == [("a.mid", True), ("a.mid (2)", False), ("a.mid (2) (2)", False),
                     ("a.MEI", False), ("b.mei", True), ("b.mid", False)]  # fmt: skip


def test_one_batch_at_a_time_has_an_output(tmp_path: Path) -> None:
    (tmp_path / "x.mid").write_bytes(midi(1))
    output = tmp_path / "out"
    with (
        settled_output(output, {}, resume=False),
        pytest.raises(OutputError, match="another batch is at work there"),
    ):
        humanize_batch([tmp_path / "x.mid"], output, workers=1)
    assert humanize_batch([tmp_path / "x.mid"], output, workers=1).done == 1


def test_what_a_killed_run_has_written_is_a_result_and_no_clash(tmp_path: Path) -> None:
    (tmp_path / PARTIAL).mkdir()
    for _ in range(2):  # the second time by a run that did not see it before
        write_result(tmp_path, "x.mid", b"result")
    with pytest.raises(OutputError, match="holds a file of that name"):
        write_result(tmp_path, "x.mid", b"another")


def test_a_result_that_stands_is_asked_for_before_the_report(tmp_path: Path) -> None:
    (tmp_path / "x.mid").write_bytes(midi(1))
    output, source = tmp_path / "out", [tmp_path / "x.mid"]
    humanize_batch(source, output, workers=1)
    name = (tmp_path / "x.mid").relative_to("/").as_posix()
    report = output / "report.csv"
    header = report.read_text().splitlines()[0]
    failed = row_text(tuple(Outcome(path=name, outcome="failed").row().values()))
    report.write_text(f"{header}\n{failed}")
    for _ in range(2):
        again = humanize_batch(source, output, workers=1, resume=True)
        assert (again.skipped, again.not_done) == (1, 0)
    assert rows(output) == [(name, "failed"), (name, "done")]


SCRIPT = "from humanize.commands.batch import command\nif __name__ == '__main__':\n    command()\n"


def test_killed_and_resumed_at_once_loses_nothing(tmp_path: Path) -> None:
    source, output = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for seed in range(40):
        (source / f"{seed:03d}.mid").write_bytes(midi(seed, notes=1500))
    (tmp_path / "run.py").write_text(SCRIPT)
    command = [sys.executable, str(tmp_path / "run.py"), str(source), "-o", str(output), "--workers", "2"]  # fmt: skip
    for _ in range(2):
        process = subprocess.Popen([*command, "--resume"], stderr=subprocess.DEVNULL)
        there = len(list(output.glob("*.mid")))
        while len(list(output.glob("*.mid"))) < there + 5 and process.poll() is None:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait()
    summary = humanize_batch([source], output, workers=1, resume=True)
    assert (summary.done + summary.skipped, summary.not_done) == (40, 0)
    assert sorted(rows(output)) == [(f"{seed:03d}.mid", "done") for seed in range(40)]
    assert not (output / PARTIAL).exists()


def test_odd_names_in_shards_are_rows(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed; it is in [scale]")
    from pyarrow import parquet

    from humanize.batch.ray import ShardTask, run_shard
    from humanize.batch.shards import locate, read_shard

    tables = {
        "null.parquet": {"name": ["a.mid", None, "../../b.mid", "a.mid"], "bytes": [midi(1)] * 4},
        "whole.parquet": {"name": [7, 8], "bytes": [midi(1), None]},
        "text.parquet": {"name": ["a.mid", "b.mid"], "bytes": ["text", "\x00"]},
    }
    for file, columns in tables.items():
        parquet.write_table(pa.table(columns), tmp_path / file)
    found = {f: [i.name for i in read_shard(*locate(str(tmp_path / f)))] for f in tables}
    assert found == {
        "null.parquet": ["a.mid", "row 2", "b.mid", "a.mid (2)"],
        "whole.parquet": ["7", "8"],
        "text.parquet": ["a.mid", "b.mid"],
    }
    task = ShardTask(str(tmp_path / "null.parquet"), str(tmp_path / "out.parquet"), {}, Limits())
    outcome = run_shard(task)
    assert (outcome.done, outcome.failed, outcome.error) == (3, 1, "")
    with tarfile.open(tmp_path / "s.tar", "w") as packed:
        info = tarfile.TarInfo("../x.mid")
        packed.addfile(info)
    assert [i.name for i in read_shard(*locate(str(tmp_path / "s.tar")))] == ["x.mid"]
