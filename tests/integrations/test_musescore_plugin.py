"""The MuseScore plugin, run headless in MuseScore 3 and its saved score read back."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from humanize import humanize_file
from humanize.midi import read_midi
from humanize.notes import NoteTable

EXAMPLES = Path(__file__).parents[2] / "examples"
PLUGIN = EXAMPLES / "musescore_plugin" / "humanize.qml"
REPEATED = Path(__file__).parent / "repeated.musicxml"
MUSESCORE = shutil.which("mscore3") or shutil.which("musescore3")

# MuseScore's own -o converts the file on disk, not the score a plugin changed: this one saves it.
DRIVER = """import MuseScore 3.0
Humanize { onRun: console.log("saved: " + writeScore(curScore, "%s", "mscx")) }
"""

pytestmark = pytest.mark.skipif(not MUSESCORE, reason="needs Debian's package musescore3")


def _musescore(*words: str | Path, path: str | None = None) -> str:
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "PATH": path or f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    command = [str(MUSESCORE), *map(str, words)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stderr


def _run_plugin(score: Path, *, path: str | None = None) -> tuple[Path, str]:
    """Return the score that the plugin leaves, and what the plugin said."""
    folder = score.parent
    shutil.copy(PLUGIN, folder / "Humanize.qml")
    (folder / "driver.qml").write_text(DRIVER % (folder / "saved").as_posix())
    said = _musescore("-p", folder / "driver.qml", score, path=path)
    assert "saved: true" in said
    (line,) = re.findall("humanize: (.*)", said)
    return folder / "saved.mscx", line


def _notes(midi: Path) -> NoteTable:
    (piece,) = read_midi(midi.read_bytes(), name=midi.name).pieces
    return piece


def _export(score: Path, name: str) -> Path:
    target = score.parent / name
    _musescore("-o", target, score)
    return target


def _user_velocities(mscx: Path) -> list[int]:
    notes = ElementTree.parse(mscx).iter("Note")
    return [int(n.findtext("velocity", "0")) for n in notes if n.findtext("veloType") == "user"]


def _without_velocities(mscx: Path) -> str:
    """Return the notes and all else, less what the plugin sets and where the file came from."""
    text = re.sub(r"(?s)<metaTag .*?</metaTag>", "", mscx.read_text(encoding="utf-8"))
    return re.sub(r"\s*<velocity>\d+</velocity>\s*<veloType>user</veloType>", "", text)


def test_waltz_plays_as_humanize_says(tmp_path: Path) -> None:
    score = Path(shutil.copy(EXAMPLES / "waltz.musicxml", tmp_path))
    plain = _export(score, "plain.mid")
    wanted = humanize_file(plain, tmp_path / "wanted.mid")
    saved, said = _run_plugin(score)
    before, after = _notes(plain), _notes(wanted)
    changed = before.velocity != after.velocity
    assert said == f"{changed.sum()} of {len(before)} played notes changed"
    assert changed.sum() > 100
    assert sorted(_user_velocities(saved)) == sorted(after.velocity[changed].tolist())
    assert _export(saved, "saved.mid").read_bytes() == wanted.read_bytes()
    assert _without_velocities(saved) == _without_velocities(_export(score, "plain.mscx"))


def test_repeats_graces_octave_lines_and_transposition_keep_their_notes(tmp_path: Path) -> None:
    score = Path(shutil.copy(REPEATED, tmp_path))
    plain = _export(score, "plain.mid")
    wanted = _notes(humanize_file(plain, tmp_path / "wanted.mid"))
    half = len(wanted) // 2
    assert half == 11  # 13 written; the tie's second note and the unison's sound with another
    passes = wanted.velocity.reshape(2, half)
    assert (wanted.pitch[:half] == wanted.pitch[half:]).all()
    assert (passes[0] != passes[1]).any()
    saved, _ = _run_plugin(score)
    played = _notes(_export(saved, "saved.mid"))
    assert played.pitch.tolist() == wanted.pitch.tolist()
    expected = (passes.mean(axis=0) + 0.5).astype(int).tolist()
    assert played.velocity.tolist() == expected * 2


def test_without_the_program_the_score_stays_as_it_is(tmp_path: Path) -> None:
    score = Path(shutil.copy(EXAMPLES / "waltz.musicxml", tmp_path))
    saved, said = _run_plugin(score, path=str(tmp_path))
    assert said.startswith(
        "Nothing changed: 'humanize' gave no result; expected it to be installed"
    )
    assert _user_velocities(saved) == []
