"""What somebody types on a first evening, and what is said where it cannot be done."""

from __future__ import annotations

import errno
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import humanize
from humanize import errors
from humanize.batch.lock import locked
from humanize.batch.report import require_report
from humanize.errors import AddressError, InputError, OptionError, OutputError
from humanize.performance import perform_bytes
from humanize.serving import require_free

EXAMPLES = Path(__file__).parents[1] / "examples"
WALTZ, BEAT = EXAMPLES / "waltz.mid", EXAMPLES / "rock_beat.mid"
HUMANIZE = [sys.executable, "-c", "from humanize.cli import main; main()"]


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [*HUMANIZE, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def taken():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_port_that_is_taken_is_one_line_before_anything_starts(taken: int) -> None:
    pytest.importorskip("fastapi", reason="needs fastapi (extra: serve)")
    done = run("serve", "--port", taken)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"humanize: 127.0.0.1:{taken}: another program listens there; expected a free port: "
        f"--port {taken + 1}, or 0 for any\n"
    )


def test_so_is_that_of_a_listening_test(taken: int, tmp_path: Path) -> None:
    done = run("listen", "serve", tmp_path, "-o", tmp_path.parent / "answers", "--port", taken)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and "another program listens there" in done.stderr


def test_where_no_server_can_listen() -> None:
    with pytest.raises(AddressError, match=r"^no\.such\.host\.invalid: no address of this machine"):
        require_free("no.such.host.invalid", 8000)
    with pytest.raises(AddressError, match=r"^192\.0\.2\.1:8000: .* expected an address of this"):
        require_free("192.0.2.1", 8000)  # of documentation (RFC 5737)
    require_free("127.0.0.1", 0)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([WALTZ, "-o", "-", "--strength", "7"], 2),  # a value out of bounds
        ([WALTZ, "-o", "-", "--split", "x"], 2),  # a word that is none
        ([WALTZ, "-o", "-", "--tracks", "9"], 2),  # a selection without notes
        ([WALTZ, "-o", WALTZ], 2),  # two paths that cannot be one
        (["perform", WALTZ, "-o", "x.flac"], 2),  # a format that is not written
        (["batch", WALTZ, "-o", "out", "--rubato", "0"], 2),  # options that need each other
        (["morph", WALTZ, WALTZ, "-o", "x.mid", "--steps", "1"], 2),
        (["compare"], 2),  # nothing to compare
        (["absent.mid"], 1),  # a file that is not there
        (["batch", "absent", "-o", "out"], 1),
        ([WALTZ, "-o", "absent/x.mid"], 1),  # a place that is not there
        ([WALTZ, "-o", "-", "--model", "absent"], 1),  # a model that is not there
        ([Path(__file__)], 1),  # a file that is none of ours
        (["strip", WALTZ, "-o", "x.mid"], 1),  # one that has not what is sought
    ],
)
def test_what_was_typed_ends_with_2_and_what_was_found_with_1(
    arguments: list[object], code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(*arguments)
    assert (done.returncode, done.stderr.count("\n")) == (code, 1), done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_reference_says_what_exit_codes_mean() -> None:
    text = (EXAMPLES.parent / "docs/reference.md").read_text(encoding="utf-8")
    codes = re.findall(r"^\| (\d+) \|", text, re.MULTILINE)
    known = (0, errors.EXIT_ERROR, errors.EXIT_USAGE, errors.EXIT_INTERRUPTED)
    assert codes == [str(code) for code in known]


def test_another_batch_at_work_is_no_wrong_use(tmp_path: Path) -> None:
    with locked(tmp_path / "x"), pytest.raises(OutputError, match="one at a time"):  # noqa: SIM117
        with locked(tmp_path / "x"):
            pass


@pytest.mark.parametrize("flag", ["--lead", "--swing", "--pedal-values", "--rubato"])
def test_an_option_of_performances_alone_names_their_command(flag: str) -> None:
    done = run(WALTZ, flag, "1")
    assert done.returncode == 2
    assert f"expected 'humanize perform INPUT {flag} ...'" in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_option_of_nothing_names_no_command() -> None:
    assert "humanize perform" not in run(WALTZ, "--nonsense", "1").stderr


def test_a_folder_is_shown_the_way_to_batch(tmp_path: Path) -> None:
    for arguments in ([tmp_path], ["perform", tmp_path, "-o", "x.mid"], ["info", tmp_path]):
        done = run(*arguments)
        assert done.returncode == 1
        assert f"'humanize batch {tmp_path} -o OUT' takes all the files" in done.stderr


def test_each_take_of_a_batch_has_its_name(tmp_path: Path) -> None:
    done = run("batch", WALTZ, "-o", tmp_path, "--takes", 2, "--seed", 7, "--model", "fast")
    lines = [line for line in done.stderr.splitlines() if " done" in line]
    assert [line.partition(": ")[0] for line in lines] == ["take 1 (seed 7)", "take 2 (seed 8)"]
    alone = run("batch", WALTZ, "-o", tmp_path / "one", "--model", "fast")
    assert alone.stderr.startswith("1 done, 0 failed")


def test_a_swing_that_moves_no_played_drums_is_said() -> None:
    played = perform_bytes(BEAT.read_bytes()).bytes
    said = perform_bytes(played, swing=0.66).messages
    assert said[-1].startswith("swing: left out, as these drums are played")
    for content, options in ((played, {}), (BEAT.read_bytes(), {"swing": 0.66})):
        assert "swing" not in " ".join(perform_bytes(content, **options).messages)
    assert perform_bytes(WALTZ.read_bytes(), swing=0.66).messages[-1].startswith("swing: no drums")


def test_what_is_performed_is_said(tmp_path: Path) -> None:
    out = tmp_path / "out.mid"
    for arguments, said in (
        ((), "; tempo, timing, articulation, pedal performed"),
        (("--only", "tempo,pedal"), "0 of 159 velocities changed; tempo, pedal performed"),
        (("--rubato", "0", "--only", "tempo,velocity"), " of 159 velocities changed"),
    ):
        done = run("perform", WALTZ, "-o", out, *arguments)
        assert done.stderr.splitlines()[-1].endswith(said)
    done = run("perform", BEAT, "-o", out)
    assert done.stderr.splitlines()[-1].endswith("; timing performed")
    done = run("perform", WALTZ.with_suffix(".musicxml"), "-o", tmp_path / "out.musicxml")
    said = "; tempo performed; timing, articulation, pedal: in MIDI alone"
    assert done.stderr.splitlines()[-1].endswith(said)


NO_ROOM = "no room left; expected room for the result. Make some there, or write elsewhere"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, as Linux has it")
@pytest.mark.parametrize("arguments", [[WALTZ, "-o", "-"], ["info", WALTZ]])
def test_a_full_disk_behind_standard_output_is_one_line(arguments: list[object]) -> None:
    with Path("/dev/full").open("wb") as full:
        command = [*HUMANIZE, *map(str, arguments)]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"humanize: standard output: {NO_ROOM}"
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, as Linux has it")
@pytest.mark.parametrize("command", [[], ["perform"]])
def test_a_full_disk_is_one_line_that_speaks_of_room(command: list[str]) -> None:
    done = run(*command, WALTZ, "-o", "/dev/full")
    assert (done.returncode, done.stderr) == (1, f"humanize: /dev/full: {NO_ROOM}\n")


def test_a_file_that_may_not_be_read_or_written_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path))

    monkeypatch.setattr(Path, "is_file", refuse)
    with pytest.raises(OutputError, match="Permission denied; expected a folder to write"):
        require_report(tmp_path / "report.csv", tmp_path)


PART = """<score-partwise version="4.0"><part-list><score-part id="P"><part-name>{name}</part-name>
</score-part></part-list><part id="P"><measure number="1"><attributes><divisions>1</divisions>
<time><beats>4</beats><beat-type>4</beat-type></time></attributes>{note}</measure></part>
</score-partwise>"""
DRUM = "<note><unpitched><display-step>C</display-step><display-octave>5</display-octave></unpitched><duration>4</duration></note>"
TRILL = "<note><pitch><step>C</step><octave>5</octave></pitch><duration>4</duration><notations><ornaments><trill-mark/></ornaments></notations></note>"


def test_percussion_without_numbers_is_told_in_the_words_of_a_score() -> None:
    score = PART.format(name="Drumset", note=DRUM).encode()
    with pytest.raises(InputError, match=r"as it stands on the staff.*<midi-unpitched>") as found:
        humanize.humanize_bytes(score, name="x.musicxml")
    assert "Map the track" not in str(found.value)


def test_info_counts_the_notes_of_ornaments_too(tmp_path: Path) -> None:
    path, out = tmp_path / "x.musicxml", tmp_path / "x.mid"
    path.write_text(PART.format(name="Piano", note=TRILL))
    first = run("info", path).stdout.splitlines()[0]
    run(path, "-o", out)
    struck = sum(map(len, humanize.read_midi(out.read_bytes()).pieces))
    assert struck > 10
    assert first.endswith(f"1 note as played ({struck} in MIDI, its ornaments played out)")
    plain = run("info", WALTZ.with_suffix(".musicxml")).stdout.splitlines()[0]
    assert plain.endswith("159 notes as played")


def test_the_last_line_says_how_many_notes_ornaments_make(tmp_path: Path) -> None:
    path, out, back = (tmp_path / name for name in ("x.musicxml", "x.mid", "back.musicxml"))
    path.write_text(PART.format(name="Piano", note=TRILL))
    for command, counts in (("humanize", "1 of 1 notes"), ("perform", "1 of 1 velocities")):
        last = run(command, path, "-o", out).stderr.splitlines()[-1]
        struck = sum(map(len, humanize.read_midi(out.read_bytes()).pieces))
        said = f"{out}: {counts} changed ({struck} notes in MIDI, ornaments played out)"
        assert struck > 10 and last.startswith(said)
        for plain in (("-o", out, "--ornaments", "written"), ("-o", back)):
            assert "in MIDI, ornaments" not in run(command, path, *plain).stderr
    assert run(path, "-o", tmp_path / "x").stderr.endswith("x: 1 of 1 notes changed\n")


def test_nothing_is_written_at_home_and_nothing_sent(tmp_path: Path) -> None:
    """onnxruntime 1.32 keeps a number of the device there and sends its use to its maker."""
    home = tmp_path / "home"
    home.mkdir()
    told = "print(os.environ['ORT_DISABLE_TELEMETRY'])"
    script = f"import os, humanize; humanize.predict_velocities({str(WALTZ)!r}); {told}"
    own = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    own.pop("ORT_DISABLE_TELEMETRY", None)
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**own, "HOME": str(home)},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "1\n", done.stderr
    assert list(home.rglob("*")) == []


def test_an_error_of_use_is_of_options_alone() -> None:
    """What a file or a machine is at fault for is never taken for wrong use."""
    others = (InputError, OutputError, AddressError, errors.ModelError, errors.LimitError)
    assert not any(issubclass(other, OptionError) for other in others)
