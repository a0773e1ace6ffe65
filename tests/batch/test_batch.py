from __future__ import annotations

import csv
import errno
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from batch_music import midi

from humanize.api import humanize_bytes
from humanize.batch import local as batch
from humanize.batch import work as batch_work
from humanize.batch.local import PARTIAL, SETTINGS, BatchSummary, humanize_batch, run_jobs
from humanize.batch.sources import count, items
from humanize.batch.work import Limits, humanize_one
from humanize.commands.batch import _closing, _line
from humanize.errors import InputError, OptionError, OutputError

SCRIPT = "from humanize.commands.batch import command\nif __name__ == '__main__':\n    command()\n"


def results(output: Path) -> dict[str, bytes]:
    paths = [p for p in output.rglob("*") if p.is_file() and p.suffix == ".mid"]
    return {path.relative_to(output).as_posix(): path.read_bytes() for path in paths}


def report(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def run(tmp_path: Path, *arguments: object, **more) -> subprocess.CompletedProcess[str]:
    script = tmp_path / "run.py"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **more)


def test_a_folder_comes_out_in_its_structure_with_a_row_each(folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    summary = humanize_batch([folder], output, workers=2)
    assert (summary.done, summary.failed, summary.total) == (17, 3, 20)
    out = results(output)
    assert len(out) == 17
    for name, data in out.items():
        assert data == humanize_bytes((folder / name).read_bytes()).bytes
    rows = {row["path"]: row for row in report(output / "report.csv")}
    assert len(rows) == 20
    assert rows["a/empty.mid"]["outcome"] == rows["broken.mid"]["outcome"] == "failed"
    assert rows["words.mid"]["message"].startswith("words.mid: ")
    assert {rows[name]["notes"] for name in out} == {"40"}
    assert not (output / PARTIAL).exists()


def test_any_number_of_workers_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    one = humanize_batch([folder], tmp_path / "1", workers=1, strength=0.5)
    three = humanize_batch([folder], tmp_path / "3", workers=3, strength=0.5)
    assert one.done == three.done == 17
    assert results(tmp_path / "1") == results(tmp_path / "3")


def test_the_command_exits_with_the_number_of_failures(folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    done = run(tmp_path, folder, "-o", output, "--workers", 1, "--contrast", 1.5)
    assert done.returncode == 3, done.stderr
    assert "17 done, 3 failed" in done.stderr
    assert done.stdout == ""
    for name, data in results(output).items():
        assert data == humanize_bytes((folder / name).read_bytes(), contrast=1.5).bytes


def test_resume_does_no_file_twice(folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    humanize_batch([folder], output, workers=1)
    before = {path: path.stat().st_mtime_ns for path in output.rglob("*.mid")}
    (folder / "late.mid").write_bytes(midi(99))
    summary = humanize_batch([folder], output, workers=1, resume=True)
    assert (summary.done, summary.skipped, summary.failed) == (1, 17, 0)
    assert summary.failed_before == summary.not_done == 3
    assert all(path.stat().st_mtime_ns == then for path, then in before.items())
    paths = Counter(row["path"] for row in report(output / "report.csv"))
    assert len(paths) == 21
    assert set(paths.values()) == {1}


def test_resume_still_tells_what_has_no_result(folder: Path, tmp_path: Path) -> None:
    for _ in range(2):
        done = run(tmp_path, folder, "-o", tmp_path / "out", "--workers", 1, "--resume")
        assert done.returncode == 3, done.stderr
    assert "0 done, 17 already there, 3 failed before, 0 failed" in done.stderr


def test_progress_counts_what_a_batch_is_made_of() -> None:
    shards = BatchSummary(total=4, done=150, shards=2, skipped=1, failed_before=9, seconds=30.0)
    line = "3 of 4 shards, 0.1 shards/s, 0 notes/s, 9 failed, 15 s left"
    assert _line(shards, "shards") == line
    assert "150 done, 1 shard already there, 9 failed before" in _closing(shards, "shards")
    files = BatchSummary(total=200, done=140, failed=5, failed_before=5, seconds=29.0)
    assert _line(files, "files") == "150 of 200 files, 5.0 files/s, 0 notes/s, 10 failed, 10 s left"


def test_killed_in_the_middle_and_resumed_leaves_nothing_out(tmp_path: Path) -> None:
    source, output = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for seed in range(120):
        (source / f"{seed:03d}.mid").write_bytes(midi(seed, notes=400))
    script = tmp_path / "run.py"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), str(source), "-o", str(output), "--workers", "2"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    while len(list(output.glob("*.mid"))) < 10 and process.poll() is None:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    time.sleep(0.5)  # the workers end after the file at hand
    there = results(output)
    assert 10 <= len(there) < 120
    for name, data in there.items():
        assert data == humanize_bytes((source / name).read_bytes()).bytes
    with (output / "report.csv").open("a") as torn:
        torn.write("099.mid,40")
    done = run(tmp_path, source, "-o", output, "--workers", 2, "--resume")
    assert done.returncode == 0, done.stderr
    assert len(results(output)) == 120
    paths = Counter(row["path"] for row in report(output / "report.csv"))
    assert len(paths) == 120
    assert set(paths.values()) == {1}


def test_an_output_that_is_not_empty_or_began_otherwise_is_refused(folder, tmp_path) -> None:
    output = tmp_path / "out"
    humanize_batch([folder], output, workers=1, strength=0.5)
    with pytest.raises(OptionError, match="not empty"):
        humanize_batch([folder], output)
    with pytest.raises(OptionError, match="other options"):
        humanize_batch([folder], output, resume=True, strength=0.6)
    assert (output / SETTINGS).exists()


@pytest.mark.parametrize("ending", ["tar", "tar.gz", "zip"])
def test_archives_give_what_their_folder_gives(folder: Path, tmp_path: Path, ending: str) -> None:
    archive = tmp_path / f"songs.{ending}"
    if ending == "zip":
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
            for path in sorted(folder.rglob("*.*")):
                packed.write(path, path.relative_to(folder))
    else:
        with tarfile.open(archive, f"w:{'gz' if ending.endswith('gz') else ''}") as packed:
            packed.add(folder, ".")
    humanize_batch([folder], tmp_path / "plain", workers=1)
    summary = humanize_batch([archive], tmp_path / "packed", workers=1)
    assert (summary.done, summary.failed) == (17, 3)
    assert results(tmp_path / "packed") == results(tmp_path / "plain")


def test_members_that_point_outside_stay_inside(tmp_path: Path) -> None:
    archive = tmp_path / "evil.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("../../escape.mid", midi(1))
        packed.writestr("/root.mid", midi(2))
        packed.writestr("bomb.mid", bytes(3_000_000))
    limits = Limits(max_bytes=1_000_000)
    summary = humanize_batch([archive], tmp_path / "out", workers=1, limits=limits)
    assert (summary.done, summary.given_up) == (2, 1)
    assert set(results(tmp_path / "out")) == {"escape.mid", "root.mid"}
    assert not (tmp_path.parent / "escape.mid").exists()


def test_a_colon_in_a_name_loses_no_file(tmp_path: Path) -> None:
    archive = tmp_path / "in.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for name in ("Bach: Fugue.mid", "Suite: 1/gigue.mid", "c:/x.mid"):
            file.writestr(name, midi(1))
    assert humanize_batch([archive], tmp_path / "out", workers=1).done == 3
    assert set(results(tmp_path / "out")) == {"Bach_ Fugue.mid", "Suite_ 1/gigue.mid", "x.mid"}


def test_a_damaged_member_of_a_zip_is_one_failure(tmp_path: Path) -> None:
    archive = tmp_path / "in.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("bad.mid", midi(1))
        file.writestr("good.mid", midi(2))
    data = bytearray(archive.read_bytes())
    data[30 + len("bad.mid")] ^= 0xFF  # the first byte of the packed member
    archive.write_bytes(data)
    summary = humanize_batch([archive], tmp_path / "out", workers=1)
    assert (summary.done, summary.failed) == (1, 1)
    (message,) = [r["message"] for r in report(tmp_path / "out/report.csv") if r["message"]]
    assert "expected a member that can be unpacked" in message


def test_a_damaged_archive_is_one_failure_and_the_rest_is_done(folder, tmp_path) -> None:
    (tmp_path / "no.zip").write_bytes(b"no archive")
    cut = tmp_path / "cut.tar"
    with tarfile.open(cut, "w") as packed:
        packed.add(folder, ".")
    cut.write_bytes(cut.read_bytes()[:9_000])
    last = tmp_path / "z.mid"
    last.write_bytes(midi(5))
    output = tmp_path / "out"
    arguments = [tmp_path / "no.zip", cut, last, "-o", output, "--workers", 1]
    done = run(tmp_path, *arguments)
    rows = report(output / "report.csv")
    failed = {r["path"]: r["message"] for r in rows if r["outcome"] == "failed"}
    assert "expected a whole zip archive" in failed["no.zip"]
    assert "expected a whole tar archive" in failed["cut.tar"]
    assert done.returncode == len(failed), done.stderr
    there = set(results(output))
    assert sum(name.startswith("cut/") for name in there) == len(there) - 1 > 0
    assert rows[-1]["path"].endswith("z.mid")
    again = run(tmp_path, *arguments, "--resume")
    assert again.returncode == len(failed)
    assert f"0 done, {len(there)} already there, {len(failed)} failed before" in again.stderr
    assert len(report(output / "report.csv")) == len(rows)


@pytest.mark.parametrize("place", [6, 8, 10, -1])
def test_a_zip_of_which_no_field_can_be_trusted(tmp_path: Path, place: int) -> None:
    archive = tmp_path / "in.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("gigue é.mid", midi(1))
    data = bytearray(archive.read_bytes())
    directory = data.rindex(b"PK\1\2")
    data[directory + 46 + 6 if place < 0 else directory + place] = 0xFF
    archive.write_bytes(data)
    (only,) = items([str(archive)], max_bytes=10**6)
    assert only.error.startswith(f"{archive}: ") or only.error.startswith("gigue")


def test_a_source_that_is_not_there_is_said_before_any_work(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w"):
        pass
    for missing in ("b.zip", "b.tar.gz", "b.mid", "b"):
        with pytest.raises(InputError, match="nothing there"):
            next(items([str(tmp_path / "a.tar"), str(tmp_path / missing)], max_bytes=1))


def test_globs_lists_and_several_sources(folder: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(folder)
    assert {item.name for item in items(["a/*.mid"], max_bytes=1)} == {
        path.as_posix() for path in map(Path, ("a/empty.mid", *(f"a/song {n}.mid" for n in (1, 4, 7, 10, 13, 16))))
    }  # fmt: skip
    listed = tmp_path / "list.txt"
    listed.write_text(f"song 0.mid\na/song 1.mid\n{folder / 'song 3.mid'}\nnone.mid\n")
    names = [item.name for item in items([f"@{listed}"], max_bytes=1)]
    assert names[:2] == ["song 0.mid", "a/song 1.mid"]
    assert names[3] == "none.mid"
    output = tmp_path / "out"
    summary = humanize_batch([f"@{listed}"], output, workers=1)
    assert (summary.done, summary.failed) == (3, 1)
    both = [item.name for item in items([str(folder), str(folder / "a")], max_bytes=1)]
    assert "in/song 0.mid" in both
    assert "a/song 1.mid" in both
    assert count([str(folder), str(folder / "a")]) == len(both)
    with pytest.raises(OptionError, match="two sources"):
        list(items([str(folder), f"{folder}/"], max_bytes=1))
    with pytest.raises(InputError, match="nothing there"):
        list(items(["nowhere"], max_bytes=1))


def test_scores_come_back_as_scores_and_those_that_cannot_as_midi(tmp_path: Path) -> None:
    folder = tmp_path / "scores"
    folder.mkdir()
    score = (Path(__file__).parents[2] / "examples/waltz.musicxml").read_bytes()
    (folder / "waltz.musicxml").write_bytes(score)
    (folder / "scale.krn").write_text("**kern\n*M4/4\n=1\n4c\n4d\n4e\n4f\n=2\n1g\n==\n*-\n")
    summary = humanize_batch([folder], tmp_path / "out", workers=1)
    assert summary.not_done == 0, report(tmp_path / "out/report.csv")
    expected = humanize_bytes(score, name="waltz.musicxml").bytes
    assert (tmp_path / "out/waltz.musicxml").read_bytes() == expected
    assert (tmp_path / "out/scale.mid").read_bytes().startswith(b"MThd")
    again = humanize_batch([folder], tmp_path / "out", workers=1, resume=True)
    assert (again.done, again.skipped) == (0, 2)


def test_two_inputs_of_one_name_are_not_lost_silently(tmp_path: Path) -> None:
    listed = tmp_path / "list.txt"
    (tmp_path / "x.mid").write_bytes(midi(1))
    listed.write_text(f"{tmp_path}/x.mid\n{tmp_path}//x.mid\n")
    summary = humanize_batch([f"@{listed}"], tmp_path / "out", workers=1)
    assert (summary.done, summary.failed) == (1, 1)
    (message,) = [r["message"] for r in report(tmp_path / "out/report.csv") if r["message"]]
    assert "different names" in message


def test_a_file_over_the_limits_is_given_up_and_the_rest_is_done(folder, tmp_path) -> None:
    (folder / "large.mid").write_bytes(bytes(500_000))
    limits = Limits(max_bytes=400_000)
    summary = humanize_batch([folder], tmp_path / "out", workers=1, limits=limits)
    assert (summary.done, summary.failed, summary.given_up) == (17, 3, 1)
    row = next(r for r in report(tmp_path / "out/report.csv") if r["outcome"] == "given up")
    assert "expected at most 400,000" in row["message"]


def test_a_slow_file_is_given_up_and_its_worker_replaced(folder: Path, tmp_path: Path) -> None:
    many = midi(1, notes=60_000)
    (folder / "slow.mid").write_bytes(many)
    limits = Limits(seconds=0.1)
    summary = humanize_batch([folder], tmp_path / "out", workers=1, limits=limits)
    assert summary.given_up >= 1
    assert summary.finished == 21
    rows = {row["path"]: row for row in report(tmp_path / "out/report.csv")}
    assert "longer than 0.1 s" in rows["slow.mid"]["message"]


def test_a_full_output_ends_the_batch_and_what_is_not_done_is_tried_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "out"
    real = batch.run_jobs

    def full_after_four(jobs, **more):
        for number, outcome in enumerate(real(jobs, **more)):
            yield outcome if number != 4 else replace(outcome, message="x: full", halts=True)

    monkeypatch.setattr("humanize.batch.local.run_jobs", full_after_four)
    with pytest.raises(OutputError, match=r"full; expected room\. Make some, then --resume"):
        humanize_batch([folder], output, workers=1)
    assert len(report(output / "report.csv")) == 4
    monkeypatch.undo()
    summary = humanize_batch([folder], output, workers=1, resume=True)
    assert summary.finished == 20
    assert len(report(output / "report.csv")) == 20


@pytest.mark.parametrize(("number", "halts"), [(errno.ENOSPC, True), (errno.EACCES, False)])
def test_no_room_is_told_from_one_file_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, halts: bool
) -> None:
    (tmp_path / "x.mid").write_bytes(midi(1))
    job = batch_work.BatchJob(
        name="x.mid", source=tmp_path / "x.mid", folder=tmp_path / "out", options={}, max_bytes=10**6
    )  # fmt: skip

    def refuse(path: Path, data: bytes) -> int:
        raise OSError(number, "no")

    monkeypatch.setattr(Path, "write_bytes", refuse)
    outcome = batch_work.run_job(job)
    assert (outcome.outcome, outcome.halts) == ("failed", halts)
    assert not (tmp_path / "out/x.mid").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device /dev/full of Linux")
def test_a_report_without_room_is_one_line(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="/dev/full: No space left on device; expected room"):
        humanize_batch([folder], tmp_path / "out", workers=1, report="/dev/full")


def test_the_heart_touches_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    humanize_one("warm.mid", midi(2), {})
    monkeypatch.setattr(Path, "read_bytes", None)
    monkeypatch.setattr(Path, "write_bytes", None)
    monkeypatch.setattr("builtins.open", None)
    outcome = humanize_one("x.mid", midi(3), {"strength": 0.5})
    assert outcome.outcome == "done"
    assert outcome.notes == 40
    assert outcome.data != midi(3)
    assert humanize_one("x.mid", b"", {}).outcome == "failed"


def test_a_name_that_is_a_folder_is_a_row_not_a_crash(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    (folder / PARTIAL).mkdir(parents=True)
    (folder / "x.mid").mkdir()
    (tmp_path / "x.mid").write_bytes(midi(1))
    job = batch_work.BatchJob(
        name="x.mid", source=tmp_path / "x.mid", folder=folder, options={}, max_bytes=10**6
    )
    assert batch_work.run_job(job).outcome == "failed"
    assert not list(folder.glob("*.mid/*"))


def test_a_bounded_number_of_files_is_under_way(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "out" / PARTIAL).mkdir(parents=True)
    read = 0

    def jobs():
        nonlocal read
        for path in [*folder.rglob("song*.mid")] * 3:
            read += 1
            yield batch_work.BatchJob(
                name=f"{read}.mid",
                source=path,
                folder=tmp_path / "out",
                options={},
                max_bytes=10**6,
            )

    for number, outcome in enumerate(run_jobs(jobs(), workers=2, limits=Limits()), start=1):
        assert outcome.outcome == "done"
        assert read - number <= 6
    assert read == 51
