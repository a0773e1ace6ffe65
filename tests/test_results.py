"""What a call gives back, in a script and in a notebook; and that all calls agree."""

from __future__ import annotations

import importlib.metadata
import subprocess
from pathlib import Path

import numpy as np
import pytest
from smf_builder import encode

import humanize
from humanize.interpretation.shaping import round_velocity

EXAMPLES = Path(__file__).parent.parent / "examples"
ROOT = Path(__file__).parent.parent


def two_levels() -> bytes:
    """Return eight measures of quarters, four at velocity 40 and four at 100."""
    notes = [(float(beat), 1.0, 60 + beat % 7, 0) for beat in range(32)]
    return encode(notes, velocities=[40] * 16 + [100] * 16)


def test_a_result_shows_its_notes_before_and_after(example: Path) -> None:
    result = humanize.humanize_bytes(example.read_bytes(), name=str(example))
    frame = result.to_frame()
    assert len(frame) == len(result.notes[0])
    assert frame["velocity_before"].tolist() == result.notes[0].velocity.tolist()
    assert frame["velocity_after"].tolist() == result.velocities[0].tolist()
    assert frame["pitch"].tolist() == result.notes[0].pitch.tolist()
    changed = int((frame["velocity_before"] != frame["velocity_after"]).sum())
    assert repr(result) == f"<Humanized {example}: {changed:,} of {len(frame):,} notes changed>"


def test_a_result_is_a_picture_in_a_notebook(example: Path, tmp_path: Path) -> None:
    result = humanize.humanize_bytes(example.read_bytes(), name=str(example))
    image = result.plot(tmp_path / "x.png")
    assert image[:8] == b"\x89PNG\r\n\x1a\n"
    assert (tmp_path / "x.png").read_bytes() == image == result._repr_png_()


def test_a_score_s_result_does_the_same() -> None:
    score = EXAMPLES / "waltz.musicxml"
    result = humanize.humanize_score(score)
    changed = int((result.velocities != result.interpretation.notes.velocity).sum())
    assert repr(result) == f"<HumanizedScore {score}: {changed} of 159 notes changed>"
    assert result.to_frame()["velocity_after"].tolist() == result.velocities.tolist()
    assert result._repr_png_()[:4] == b"\x89PNG"


def test_the_version_is_the_distribution_s() -> None:
    assert humanize.__version__ == importlib.metadata.version("humanize-midi")
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = humanize.nothing  # type: ignore[attr-defined]


def test_predictions_are_what_is_written_before_rounding(tmp_path: Path) -> None:
    """On two written levels too: a call that did not hear them was 6 units off."""
    path = tmp_path / "levels.mid"
    path.write_bytes(two_levels())
    result = humanize.humanize_bytes(path.read_bytes())
    predicted = humanize.predict_velocities(path)
    np.testing.assert_array_equal(round_velocity(predicted), result.velocities[0])
    plain = humanize.predict_velocities(path, dynamics="ignore")
    assert np.abs(plain - predicted).max() > 1
    read = humanize.read_midi(path.read_bytes()).pieces[0]
    np.testing.assert_array_equal(humanize.predict_velocities(read), predicted)


def test_predictions_of_a_score_are_what_is_written() -> None:
    score = EXAMPLES / "waltz.musicxml"
    predicted = humanize.predict_velocities(score)
    written = humanize.humanize_score(score)
    np.testing.assert_array_equal(round_velocity(predicted), written.velocities)


def test_one_place_rounds_velocities() -> None:
    """``np.round`` and ``np.floor`` of a velocity stand in ``round_velocity`` and nowhere else.

    A packet states mean velocities to two decimals, and tables of benchmarks state them too.
    """
    command = [
        "git",
        "grep",
        "-nE",
        r"(np\.(round|rint|floor)|\bround)\([^)]*velocit",
        "--",
        "*.py",
    ]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    places = {
        line.split(":")[0]
        for line in found.splitlines()
        if not line.startswith(("tests/", "benchmarks/"))
    }
    assert places == {"humanize/interpretation/shaping.py", "humanize/listening/packet.py"}


def test_ticks_of_a_picture_are_few_however_long_a_gap_is() -> None:
    pytest.importorskip("matplotlib")
    from matplotlib.figure import Figure

    from humanize.reporting.axes import number_bars_of

    for bars in ([("1", 0.0), ("100001", 400_000.0)], [("1", 0.0)]):
        axis = Figure().subplots()
        number_bars_of(axis, bars, 400_004.0)
        assert len(axis.get_xticks(minor=True)) <= 256
    axis = Figure().subplots()
    number_bars_of(axis, [("1", 0.0), ("2", 4.0)], 8.0)
    assert axis.get_xticks(minor=True).tolist() == [1, 2, 3, 5, 6, 7]
