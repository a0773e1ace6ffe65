"""``humanize strip``, as it is typed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from performed_smf import performance, read

import humanize
from humanize.interpretation.parameters import Writing
from humanize.midi.retiming import write_performance

WALTZ = Path(__file__).parent.parent / "examples" / "waltz.mid"


def run(*arguments: object, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "humanize", "strip", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True)


@pytest.fixture
def performed(tmp_path: Path) -> Path:
    data = WALTZ.read_bytes()
    own = [performance(notes, 1) for notes in read(data).pieces]
    target = tmp_path / "performed.mid"
    target.write_bytes(write_performance(data, read(data), own, Writing(pedal="add")))
    return target


def test_strip_writes_what_was_performed(performed: Path, tmp_path: Path) -> None:
    done = run(performed, "-o", tmp_path / "plain.mid")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert (tmp_path / "plain.mid").read_bytes() == WALTZ.read_bytes()
    assert run("-", "-o", "-", stdin=performed.read_bytes()).stdout == WALTZ.read_bytes()
    assert humanize.strip_performance(performed.read_bytes()) == WALTZ.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([WALTZ, "-o", "x.mid"], 1, "waltz.mid: no performance to take out"),
        (["absent.mid", "-o", "x.mid"], 1, "no such file"),
        ([WALTZ, "-o", WALTZ], 2, "input and output are one file; expected two"),
        ([WALTZ], 2, "Missing option '-o'"),
    ],
)
def test_mistakes_get_one_line(arguments: list[object], code: int, message: str) -> None:
    done = run(*arguments)
    assert done.returncode == code
    assert message in done.stderr.decode()
    assert code == 2 or done.stderr.count(b"\n") == 1
    assert not Path("x.mid").exists()


def test_info_says_how_a_performance_is_played(tmp_path: Path) -> None:
    def told(path: Path) -> list[str]:
        command = [sys.executable, "-m", "humanize", "info", str(path)]
        shown = subprocess.run(command, capture_output=True, text=True).stdout
        return [line for line in shown.splitlines() if line.startswith("performance")]

    plain, out = WALTZ.with_name("bach_prelude.mid"), tmp_path / "out.mid"
    humanize.perform_file(plain, out)
    (line,) = told(out)
    for word in ("beats vary by", "keys held", "pedal down"):
        assert word in line
    assert told(plain) == []


def test_drums_alone_cannot_be_compared(tmp_path: Path) -> None:
    beat, out = WALTZ.with_name("rock_beat.mid"), tmp_path / "out.mid"
    humanize.perform_file(beat, out)
    command = [sys.executable, "-m", "humanize", "compare", str(beat), str(out)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == f"humanize: {beat}: only drums found; expected notes with a pitch\n"


def test_no_arguments_are_answered_with_the_help() -> None:
    done = subprocess.run([sys.executable, "-m", "humanize"], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("Usage: humanize INPUT")
    assert len(done.stderr.splitlines()) > 20
