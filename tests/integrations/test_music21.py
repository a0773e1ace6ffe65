"""The music21 example, run as a user runs it and read back."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from humanize import humanize_file
from humanize.midi.reading import read_midi

EXAMPLES = Path(__file__).parents[2] / "examples"


pytestmark = pytest.mark.skipif(
    not importlib.util.find_spec("music21"), reason="needs the package music21"
)


def test_example_keeps_the_score_s_notes_and_gives_them_velocities(tmp_path: Path) -> None:
    target = tmp_path / "out.mid"
    script = [sys.executable, str(EXAMPLES / "music21_export.py")]
    subprocess.run([*script, str(EXAMPLES / "waltz.musicxml"), str(target)], check=True)
    (piece,) = read_midi(target.read_bytes(), name=target.name).pieces
    (written,) = read_midi((EXAMPLES / "waltz.mid").read_bytes(), name="waltz.mid").pieces
    assert piece.pitch.tolist() == written.pitch.tolist()
    assert np.allclose(piece.onset_beat, written.onset_beat)
    assert len(set(piece.velocity.tolist())) > 10


def test_by_way_of_musicxml_its_dynamics_are_heard(tmp_path: Path) -> None:
    save = (
        "import sys, music21; music21.converter.parse(sys.argv[1]).write('musicxml', sys.argv[2])"
    )
    files = [str(EXAMPLES / "waltz.musicxml"), str(tmp_path / "score.musicxml")]
    subprocess.run([sys.executable, "-c", save, *files], check=True)
    result = humanize_file(tmp_path / "score.musicxml", tmp_path / "out.mid")
    (piece,) = read_midi(result.read_bytes(), name=result.name).pieces
    soft, loud = piece.onset_beat < 12, (piece.onset_beat >= 24) & (piece.onset_beat < 36)
    assert piece.velocity[loud].mean() > piece.velocity[soft].mean() + 5
