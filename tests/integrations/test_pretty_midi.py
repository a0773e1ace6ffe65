"""The pretty_midi example, run as a user runs it and read back."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "pretty_midi_export.py"


def test_example_writes_its_notes_with_new_velocities(tmp_path: Path) -> None:
    pretty_midi = pytest.importorskip("pretty_midi", reason="needs the package pretty_midi")
    target = tmp_path / "out.mid"
    subprocess.run([sys.executable, str(EXAMPLE), str(target)], check=True)
    (piano,) = pretty_midi.PrettyMIDI(str(target)).instruments
    notes = sorted(piano.notes, key=lambda note: note.start)
    assert [note.pitch for note in notes] == [60, 64, 67, 72, 71, 67, 65, 62] * 4
    assert len({note.velocity for note in notes}) > 3
    assert all(1 <= note.velocity <= 127 for note in notes)
