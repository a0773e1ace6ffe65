"""``humanize batch --perform``."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from performing_bundle import write_bundle

import humanize
from humanize.batch.local import humanize_batch
from humanize.cli import main_group
from humanize.errors import OptionError

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    folder = tmp_path / "songs"
    folder.mkdir()
    for name in ("waltz.musicxml", "fugue.mid"):
        shutil.copy(EXAMPLES / name, folder / name)
    return folder


def test_files_are_performed_and_scores_become_midi(songs: Path, tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "lines", conditions=("flat", "marked"))
    out = tmp_path / "out"
    arguments = ["batch", str(songs), "-o", str(out), "--workers", "1", "--perform"]
    options = ["--model", str(bundle), "--rubato", "1.5"]
    run = CliRunner().invoke(main_group, [*arguments, *options])
    assert run.exit_code == 0, run.output
    for name, result in (("waltz.musicxml", "waltz.mid"), ("fugue.mid", "fugue.mid")):
        expected = humanize.perform_bytes(
            (songs / name).read_bytes(), name=name, model=str(bundle), rubato=1.5
        )
        assert (out / result).read_bytes() == expected.bytes
    again = humanize_batch(
        [songs], out, workers=1, resume=True, perform=True, model=str(bundle), rubato=1.5
    )
    assert (again.skipped, again.tried) == (2, 0)
    with pytest.raises(OptionError, match="begun with other options"):
        humanize_batch([songs], out, workers=1, resume=True, model=str(bundle))


def test_options_of_a_performance_need_it(songs: Path, tmp_path: Path) -> None:
    run = CliRunner().invoke(
        main_group, ["batch", str(songs), "-o", str(tmp_path / "x"), "--pedal-values", "continuous"]
    )
    assert str(run.exception) == "--pedal-values without --perform found; expected both"
    ray = ["batch", str(songs), "-o", str(tmp_path / "x"), "--perform", "--engine", "ray"]
    run = CliRunner().invoke(main_group, ray)
    assert str(run.exception) == "--perform with --engine ray found; expected --engine local"
    assert not (tmp_path / "x").exists()
