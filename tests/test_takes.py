"""Takes by every way in: the command, Python, the service, a batch; and what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

import humanize
from humanize.batch.local import humanize_batch
from humanize.cli import main_group
from humanize.errors import OptionError

EXAMPLES = Path(__file__).parents[1] / "examples"
WALTZ, PRELUDE = EXAMPLES / "waltz.musicxml", EXAMPLES / "bach_prelude.mid"
FAST = {"model": "fast"}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main_group, [str(a) for a in arguments])


def test_takes_are_numbered_and_each_is_its_seed_s(tmp_path: Path) -> None:
    out = tmp_path / "out.mid"
    asked = run("humanize", PRELUDE, "-o", out, "--takes", 3, "--seed", 7, "--model", "fast")
    assert asked.exit_code == 0, asked.output
    made = sorted(tmp_path.iterdir())
    assert [p.name for p in made] == ["out-1.mid", "out-2.mid", "out-3.mid"]
    data = PRELUDE.read_bytes()
    for number, path in enumerate(made):
        assert path.read_bytes() == humanize.humanize_bytes(data, seed=7 + number, **FAST).bytes
    assert len({p.read_bytes() for p in made}) == 3
    table = asked.output.splitlines()[-4:]
    assert table[0].split() == ["take", "mean", "spread", "r", "with", "the", "others"]
    assert [line.split()[0] for line in table[1:]] == ["out-1.mid", "out-2.mid", "out-3.mid"]


def test_a_performance_in_takes_differs_in_tempo_too(tmp_path: Path) -> None:
    out = tmp_path / "out.mid"
    asked = run("perform", WALTZ, "-o", out, "--takes", 2, "--model", "fast")
    assert asked.exit_code == 0, asked.output
    table = asked.output.splitlines()[-3:]
    assert table[0].endswith("rubato  r of tempo")
    assert table[1].split()[-1] == table[2].split()[-1]  # of two, each has the other
    first = humanize.perform_bytes(WALTZ.read_bytes(), name="w.musicxml", seed=1, **FAST)
    second = humanize.perform_bytes(WALTZ.read_bytes(), name="w.musicxml", seed=2, **FAST)
    assert (tmp_path / "out-1.mid").read_bytes() == first.bytes
    for name in ("log_beat_period", "asynchrony_ms", "log_articulation"):
        a, b = (getattr(result.parameters[0], name) for result in (first, second))
        assert not np.allclose(a, b)


def test_freedom_0_is_what_nobody_asked_of() -> None:
    data = PRELUDE.read_bytes()
    assert (
        humanize.humanize_bytes(data, seed=7, freedom=0, **FAST).bytes
        == humanize.humanize_bytes(data, **FAST).bytes
    )
    assert (
        humanize.perform_bytes(data, seed=7, freedom=0, **FAST).bytes
        == humanize.perform_bytes(data, **FAST).bytes
    )


def test_the_whole_of_a_performed_take_keeps_its_length() -> None:
    plain = humanize.perform_bytes(PRELUDE.read_bytes(), **FAST).parameters[0]
    take = humanize.perform_bytes(PRELUDE.read_bytes(), seed=3, **FAST).parameters[0]
    beats = np.diff(plain.onset_beat, append=plain.onset_beat[-1] + 1)
    lengths = [float((beats * np.exp(p.log_beat_period)).sum()) for p in (plain, take)]
    assert lengths[0] == pytest.approx(lengths[1], rel=0.01)


def test_every_python_call_has_seeds() -> None:
    import pretty_midi

    midi = pretty_midi.PrettyMIDI(str(PRELUDE))
    takes = [humanize.humanize_midi(midi, seed=s, **FAST) for s in (1, 1, 2)]
    loud = [[n.velocity for part in t.instruments for n in part.notes] for t in takes]
    assert loud[0] == loud[1] != loud[2]
    timed = [humanize.perform_midi(midi, seed=s, **FAST).get_onsets().tolist() for s in (1, 2)]
    assert timed[0] != timed[1]
    scores = [humanize.humanize_score(WALTZ, seed=s, **FAST).velocities.tolist() for s in (1, 1, 2)]
    assert scores[0] == scores[1] != scores[2]


def test_workers_do_not_matter(tmp_path: Path) -> None:
    songs = tmp_path / "songs"
    songs.mkdir()
    for path in (WALTZ, PRELUDE, EXAMPLES / "fugue.mid"):
        shutil.copy(path, songs / path.name)
    for workers in (1, 2):
        humanize_batch([songs], tmp_path / f"out{workers}", workers=workers, seed=4, **FAST)
    for path in songs.iterdir():
        one, two = ((tmp_path / f"out{n}" / path.name).read_bytes() for n in (1, 2))
        assert one == two == humanize.humanize_bytes(
            path.read_bytes(), name=path.name, seed=4, **FAST
        ).bytes  # fmt: skip


def test_takes_of_a_batch_have_folders_of_their_own(tmp_path: Path) -> None:
    songs, out = tmp_path / "songs", tmp_path / "out"
    songs.mkdir()
    shutil.copy(PRELUDE, songs / "a.mid")
    (songs / "b.mid").write_bytes(b"no music")
    asked = ["--takes", 2, "--seed", 5, "--workers", 1, "--model", "fast"]
    ended = run("batch", songs, "-o", out, *asked, "--report", tmp_path / "rows.csv")
    assert ended.exit_code == 2  # a file without a result in each take
    for number in (1, 2):
        expected = humanize.humanize_bytes(PRELUDE.read_bytes(), seed=4 + number, **FAST).bytes
        assert (out / f"take-{number}" / "a.mid").read_bytes() == expected
        assert "b.mid" in (tmp_path / f"rows-{number}.csv").read_text()
    again = run("batch", songs, "-o", out, *asked, "--resume")
    assert "1 already there" in again.output


def test_the_service_takes_seeds() -> None:
    from humanize.options import PERFORM_OPTIONS
    from humanize.service.options import api_options, form_schema

    assert api_options([("seed", "7"), ("freedom", "0.5")]) == {"seed": 7, "freedom": 0.5}
    assert api_options([("seed", "7")], PERFORM_OPTIONS) == {"seed": 7}
    assert form_schema()["properties"]["seed"]["type"] == "integer"
    for text in ("x", "1.5", "-1", "1e3", "", "9" * 30, "٣"):
        with pytest.raises(OptionError, match="a whole number such as 7"):
            api_options([("seed", text)])


@pytest.mark.parametrize("seed", [-1, 10**15, 1.5, "7", True, [7]])
def test_a_seed_that_is_none(seed: object) -> None:
    expected = "expected a whole number from 0 to 999,999,999,999,999"
    with pytest.raises(OptionError, match=f"^seed: .* found; {expected}$"):
        humanize.humanize_bytes(PRELUDE.read_bytes(), seed=seed)  # type: ignore[arg-type]


def test_a_seed_of_numpy_is_a_number() -> None:
    data = PRELUDE.read_bytes()
    own = humanize.humanize_bytes(data, seed=np.int64(7), **FAST)  # type: ignore[arg-type]
    assert own.bytes == humanize.humanize_bytes(data, seed=7, **FAST).bytes


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (("--takes", 2, "-o", "-"), "takes: standard output found"),
        (("--takes", 2, "--in-place"), "takes: --in-place found"),
        (("--takes", 2, "--freedom", 0), "takes: 2 at freedom 0 found"),
        (("--takes", 2, "--seed", 10**15 - 1), "for 2 takes found; expected a lower seed"),
        (("--freedom", 1.5), "freedom: 1.5 found; expected a number from 0 to 1"),
    ],
)
@pytest.mark.parametrize("command", ["humanize", "perform"])
def test_takes_that_cannot_be(
    command: str, arguments: tuple[object, ...], match: str, tmp_path: Path
) -> None:
    own = tmp_path / "in.mid"
    shutil.copy(PRELUDE, own)
    asked = run(command, own, *arguments)
    assert asked.exit_code == 1 and match in str(asked.exception)
    assert own.read_bytes() == PRELUDE.read_bytes()
    assert [p.name for p in tmp_path.iterdir()] == ["in.mid"]


@pytest.mark.parametrize("takes", ["0", "101", "x", "1.5"])
def test_a_number_of_takes_that_is_none(takes: str, tmp_path: Path) -> None:
    asked = run("humanize", PRELUDE, "-o", tmp_path / "o.mid", "--takes", takes)
    assert asked.exit_code == 2 and not list(tmp_path.iterdir())


def test_a_take_is_never_written_over_the_input(tmp_path: Path) -> None:
    own = tmp_path / "out-1.mid"
    shutil.copy(PRELUDE, own)
    asked = run("humanize", own, "-o", tmp_path / "out.mid", "--takes", 2)
    assert asked.exit_code == 1 and "one file" in str(asked.exception)
    assert own.read_bytes() == PRELUDE.read_bytes()
