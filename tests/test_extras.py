"""What is not installed by default is one line with the command that installs it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from click.testing import CliRunner

import humanize
from humanize.cli import main_group
from humanize.errors import MissingExtraError

EXAMPLE = Path(__file__).parent.parent / "examples" / "waltz.mid"


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec

    def find_spec(name: str, *rest: object) -> object:
        return None if name in ("pandas", "matplotlib") else found(name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr("humanize.extras.find_spec", find_spec)


def test_a_picture_needs_an_extra_and_a_velocity_does_not(bare: None, tmp_path: Path) -> None:
    plain = CliRunner().invoke(main_group, [str(EXAMPLE), "-o", str(tmp_path / "x.mid")])
    assert plain.exit_code == 0, plain.output
    options = ["-o", str(tmp_path / "y.mid"), "--plot", str(tmp_path / "y.png")]
    run = CliRunner().invoke(main_group, [str(EXAMPLE), *options])
    assert isinstance(run.exception, MissingExtraError)
    assert str(run.exception) == (
        "matplotlib is not installed; expected it for this command. "
        'Install it with: pip install "matplotlib>=3.8"'
    )
    assert not (tmp_path / "y.mid").exists()


def test_a_frame_needs_an_extra(bare: None) -> None:
    result = humanize.humanize_bytes(EXAMPLE.read_bytes())
    with pytest.raises(MissingExtraError, match=r'pip install "pandas>=2.1"'):
        result.to_frame()
    assert "changed" in repr(result)
