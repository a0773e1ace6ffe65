from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
from smf_builder import header, note, track

EXAMPLE = Path(__file__).parent.parent / "examples" / "waltz.mid"
HUMANIZE = [sys.executable, "-c", "from humanize.cli import main; main()"]


def run(*arguments: object, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [*HUMANIZE, *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, check=False)


def test_the_one_line_of_the_readme(tmp_path: Path) -> None:
    out = tmp_path / "out.mid"
    done = run(EXAMPLE, "-o", out)
    assert done.returncode == 0, done.stderr
    assert out.read_bytes() != EXAMPLE.read_bytes()
    assert b" of 159 notes changed" in done.stderr
    assert done.stdout == b""


def test_stdin_to_stdout_is_the_same_file(tmp_path: Path) -> None:
    out = tmp_path / "out.mid"
    run(EXAMPLE, "-o", out)
    done = run("-", stdin=EXAMPLE.read_bytes())
    assert done.stdout == out.read_bytes()


def test_dump_and_plot(tmp_path: Path) -> None:
    out, table, plot = tmp_path / "out.mid", tmp_path / "t.csv", tmp_path / "p.png"
    done = run(EXAMPLE, "-o", out, "--dump", table, "--plot", plot)
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert len(rows) == 159
    assert {row["velocity_before"] for row in rows} == {"64"}
    assert len({row["velocity_after"] for row in rows}) > 10
    assert plot.read_bytes()[:4] == b"\x89PNG"


def test_dump_of_pieces_that_have_different_columns(tmp_path: Path) -> None:
    pedal = [(0, bytes([0xB0, 64, 100]))]
    tracks = [track(note(0, 480, 60)), track([*note(0, 480, 62), *pedal])]
    (tmp_path / "two.mid").write_bytes(header(2, 2, 480) + b"".join(tracks))
    done = run(tmp_path / "two.mid", "-o", tmp_path / "out.mid", "--dump", tmp_path / "t.csv")
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader((tmp_path / "t.csv").read_text().splitlines()))
    assert [(row["pitch"], row["sustain_pedal"]) for row in rows] == [
        ("60", "nan"),
        ("62", "100.0"),
    ]
    assert all(row["velocity_before"] == "64" for row in rows)


def test_info_of_a_score_says_what_is_read() -> None:
    done = run("info", EXAMPLE.with_suffix(".musicxml"))
    assert done.returncode == 0, done.stderr
    assert b"score, 1 part, 159 notes as played" in done.stdout
    assert b"levels 49-96, accent 4" in done.stdout
    assert len(done.stdout.splitlines()) <= 24


def test_info_shows_one_screen() -> None:
    done = run("info", EXAMPLE)
    text = done.stdout.decode()
    assert done.returncode == 0
    for expected in (
        "type 1, 3 tracks, 159 notes",
        "3/4",
        "150 quarter notes",
        "every note alike, mp (velocity 64)",
        "programs",
        "16 measures",
    ):
        assert expected in text
    assert len(text.splitlines()) <= 24


def test_a_model_of_two_names_is_listed_once(tmp_path: Path) -> None:
    text = run("models").stdout.decode()
    rows = [line for line in text.splitlines() if not line.startswith(" ")]
    assert [row.split()[0] for row in rows] == [
        "model", "piano-1", "piano-1-fast", "piano-free", "drums-1", "takes-1", "takes-free"
    ]  # fmt: skip
    column = rows[0].index("licence of the weights")
    licences = [row[column:].split("  ")[0] for row in rows[1:]]
    assert licences == [
        "CC BY-NC-SA 4.0", "CC BY-NC-SA 4.0", "CC BY-SA 3.0 DE", "CC BY 4.0", "CC BY-NC-SA 4.0", "MIT"
    ]  # fmt: skip
    assert "Bernd Krueger, source http://www.piano-midi.de" in text
    assert "fast = piano-1-fast" in text
    written = []
    for name in ("fast", "piano-1-fast"):
        assert run(EXAMPLE, "-o", tmp_path / name, "--model", name).returncode == 0
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["absent.mid"], 1, "absent.mid: no such file"),
        ([EXAMPLE, "-o", EXAMPLE], 2, "input and output are one file"),
        ([EXAMPLE, "-o", "-", "--strength", "7"], 2, "strength: 7.0 found"),
        ([EXAMPLE, "-o", "-", "--model", "x"], 1, "model 'x' is unknown"),
        ([EXAMPLE, "-o", "-", "--model", "drums-1"], 1, "model 'drums-1' is for drums alone"),
        ([EXAMPLE, "-o", "-", "--model", "takes-1"], 1, "model 'takes-1' is a bank of takes"),
        ([EXAMPLE, "-o", "absent/x.mid"], 1, "expected a folder that exists"),
        ([EXAMPLE, "-o", "-", "--split", "x"], 2, "Invalid value for '--split'"),
        ([EXAMPLE, "--frobnicate"], 2, "No such option"),
        ([Path(__file__)], 1, "not a MIDI file"),
    ],
)
def test_mistakes_get_one_line_and_their_exit_code(
    arguments: list[object], code: int, message: str, tmp_path: Path
) -> None:
    done = run(*arguments)
    error = done.stderr.decode()
    assert done.returncode == code
    assert message in error
    assert "Traceback" not in error
    if "humanize: " in error:
        assert error.count("\n") == 1
    assert done.stdout == b""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["in.mid", "-o", "folder"], "folder: a folder found; expected the name of a file"),
        (
            ["folder"],
            "folder: a folder found; expected a file. 'humanize batch folder -o OUT' takes",
        ),
        ([""], "a folder found; expected a file"),
        (["in.mid", "-o", "loop.mid"], "loop.mid: Too many levels of symbolic links"),
        (["loop.mid"], "loop.mid: Too many levels of symbolic links"),
        (["in.mid", "-o", "x" * 300], "File name too long"),
        (["x" * 300], "File name too long"),
        (["y" * 250 + ".mid"], "File name too long"),
        (["in.mid", "-o", "out.mid", "--dump", "in.mid"], "--dump and the input are one file"),
        (["in.mid", "-o", "out.mid", "--plot", "link.mid"], "--plot and the input are one file"),
        (["in.mid", "-o", "out.mid", "--dump", "./out.mid"], "--dump and the output are one file"),
        (["in.mid", "--dump", "a", "--plot", "a"], "--plot and --dump are one file"),
    ],
)
def test_paths_that_cannot_be_change_nothing(
    arguments: list[str], message: str, tmp_path: Path
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop.mid").symlink_to("loop.mid")
    (tmp_path / "link.mid").symlink_to("in.mid")
    for name in ("in.mid", "y" * 250 + ".mid"):
        (tmp_path / name).write_bytes(EXAMPLE.read_bytes())
    before = sorted(tmp_path.iterdir())
    done = subprocess.run([*HUMANIZE, *arguments], capture_output=True, cwd=tmp_path, check=False)
    error = done.stderr.decode()
    assert done.returncode == (2 if "one file" in message else 1)
    assert error.count("\n") == 1 and message in error, error
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "in.mid").read_bytes() == EXAMPLE.read_bytes()


def test_a_name_as_long_as_can_be(tmp_path: Path) -> None:
    out = tmp_path / ("x" * 251 + ".mid")
    assert run(EXAMPLE, "-o", out, "-q").returncode == 0
    assert [p.name for p in tmp_path.iterdir()] == [out.name]


def test_a_pipe_or_a_device_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    process = subprocess.Popen([*HUMANIZE, str(EXAMPLE), "-o", str(pipe), "-q"])
    with pipe.open("rb") as file:
        data = file.read()
    assert process.wait() == 0
    assert data == run(EXAMPLE, "-o", "-").stdout == run(EXAMPLE, "-o", "/dev/stdout").stdout
    assert [p.name for p in tmp_path.iterdir()] == ["pipe"] and pipe.is_fifo()


def test_in_place(tmp_path: Path) -> None:
    copy = tmp_path / "x.mid"
    copy.write_bytes(EXAMPLE.read_bytes())
    copy.chmod(0o640)
    assert run(copy, "--in-place").returncode == 0
    assert copy.read_bytes() != EXAMPLE.read_bytes()
    assert copy.stat().st_mode & 0o777 == 0o640


HEAVY = ("torch", "fastai", "lightgbm", "sklearn", "pandas", "partitura", "matplotlib", "pretty_midi",
         "fastapi", "ray", "rich", "scipy", "mido", "numpy.ma", "humanize.drums.bundle")  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        [str(EXAMPLE), "-o", os.devnull],
        ["info", str(EXAMPLE)],
        ["perform", str(EXAMPLE), "-o", os.devnull],
    ],
)
def test_a_plain_run_imports_nothing_heavy(arguments: list[str]) -> None:
    code = (
        f"import sys\nsys.argv=['humanize', *{arguments!r}]\nfrom humanize.cli import main\n"
        "try:\n    main()\nexcept SystemExit as e:\n    assert not e.code, e.code\n"
        f"print('LOADED', [m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "LOADED []" in done.stdout, done.stdout + done.stderr


def test_help_names_every_command() -> None:
    from humanize.cli import _COMMANDS

    text = run("--help").stdout.decode()
    assert all(name in text for name in _COMMANDS)


def test_every_command_has_its_module() -> None:
    from humanize.cli import _COMMANDS

    for name in _COMMANDS:
        done = run(name, "--help")
        assert done.returncode == 0, (name, done.stderr)


def test_the_other_package_of_this_name_is_noticed(tmp_path: Path) -> None:
    code = "import humanize; del humanize._DISTRIBUTION; from humanize.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "both cannot live in one environment" in done.stderr


def test_features_are_written_as_a_table(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="the extra [train] is not installed: pyarrow")
    import pandas as pd

    from humanize.features import feature_names

    for ending in ("parquet", "csv"):
        done = run("features", EXAMPLE, "-o", tmp_path / f"t.{ending}")
        assert done.returncode == 0, done.stderr
    table = pd.read_parquet(tmp_path / "t.parquet")
    assert len(table) == 159
    assert set(feature_names()) <= set(table.columns)
    assert len(feature_names()) >= 212
    assert not any("velocity" in name for name in feature_names())
    other = pd.read_csv(tmp_path / "t.csv")
    assert (other["pitch"] == table["pitch"]).all()
    done = run("features", EXAMPLE, "-o", tmp_path / "t.xlsx")
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)


def test_nothing_in_a_file_or_a_name_commands_the_terminal(tmp_path: Path) -> None:
    name = b"\x1b]0;owned\x07"
    events = b"\0\xff\3" + bytes([len(name)]) + name + b"\0\x90\x3c\x40\x60\x80\x3c\0\0\xff\x2f\0"
    head = bytes.fromhex("4d54686400000006000000010060")
    song = tmp_path / "\x1b[31mred.mid"
    song.write_bytes(head + b"MTrk" + len(events).to_bytes(4, "big") + events)
    command = [sys.executable, "-m", "humanize"]
    for arguments in (["info", song], [f"{song}.none"], [song, "-o", "-", "--tracks", "\x1b"]):
        done = subprocess.run([*command, *map(str, arguments)], capture_output=True, check=False)
        shown = done.stderr + (done.stdout if arguments[0] == "info" else b"")
        assert shown
        assert b"\x1b" not in shown and b"\x07" not in shown


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["inof"], "humanize: inof: no such file or command; did you mean info?"),
        (["lisen"], "did you mean listen?"),
        (["--strength", "loud", "in.mid"], "'loud' is not a number"),
        (["in.mid", "out.mid"], "the name of the result follows -o"),
        (["perform"], "humanize perform: Missing argument 'INPUT'"),
        (["in.mid", "--nonsense"], "('humanize --help' lists what there is)"),
        (
            ["serve", "--port", "abc"],
            "'abc' is not a whole number; expected 0 to 65535 ('humanize se",
        ),
        (["serve", "--port", "70000"], "70000 is out of bounds; expected 0 to 65535 ('humanize"),
        (["serve", "--workers", "0"], "0 is out of bounds; expected 1 or more ('humanize serve"),
        (["serve", "--max-seconds", "0"], "0.0 is out of bounds; expected more than 0 ('humanize"),
    ],
)
def test_what_is_typed_wrongly_is_one_line(arguments: list[str], line: str) -> None:
    done = run(*arguments)
    text = done.stderr.decode()
    assert done.returncode == 2 and text.count("\n") == 1
    assert line in text and "humanize humanize" not in text


def test_a_file_without_an_ending_is_no_slip_of_a_command(tmp_path: Path) -> None:
    (tmp_path / "inf").write_bytes(EXAMPLE.read_bytes())
    command = [*HUMANIZE, "inf", "-o", "out.mid"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_help_has_the_options_of_the_main_use() -> None:
    for arguments in (["--help"], ["humanize", "--help"], [EXAMPLE, "--help"]):
        text = run(*arguments).stdout.decode()
        assert "--strength" in text and "--measures" in text
        assert "humanize humanize" not in text and "Usage: humanize " in text


def test_a_picture_of_another_kind_is_refused_before_anything_is_computed(tmp_path: Path) -> None:
    for command in ([], ["perform"]):
        done = run(*command, EXAMPLE, "-o", tmp_path / "out.mid", "--plot", tmp_path / "p.xyz")
        assert done.returncode == 2
        assert b"p.xyz: .xyz found; expected .png or .pdf" in done.stderr
        assert list(tmp_path.iterdir()) == []


def test_interpretations_are_drawn_as_png_alone(tmp_path: Path) -> None:
    for command in (["compare"], ["morph", "-o", tmp_path / "out.mid"]):
        done = run(*command, EXAMPLE, EXAMPLE, "--plot", tmp_path / "p.pdf")
        assert done.returncode == 2
        assert b"p.pdf: .pdf found; expected .png for a picture" in done.stderr
        assert list(tmp_path.iterdir()) == []


def test_a_selection_without_notes_says_which_tracks_have_some(tmp_path: Path) -> None:
    done = run(EXAMPLE, "-o", tmp_path / "out.mid", "--tracks", "1")
    assert b"expected some of tracks 2, 3 and 16 measures" in done.stderr
    chosen = ("--tracks", "2", "--measures", "5-12")
    assert run(EXAMPLE, "-o", tmp_path / "out.mid", *chosen).returncode == 0
