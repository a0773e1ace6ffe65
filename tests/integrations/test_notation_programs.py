"""LilyPond's rule and MuseScore's script, each run for real on a score."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from humanize.midi.reading import read_midi
from humanize.notes import NoteTable

EXAMPLES = Path(__file__).parents[2] / "examples"
SCORE = r"""\version "2.22.0"
\score { \new Staff { \tempo 4 = 96 c'4\p e' g' c'' b'\f a' g' f' e' d' c' g c'1 } \midi { } }
"""


def _environment() -> dict[str, str]:
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def _piece(path: Path) -> NoteTable:
    (piece,) = read_midi(path.read_bytes(), name=path.name).pieces
    return piece


def _notes(path: Path) -> list[tuple[int, int]]:
    piece = _piece(path)
    return list(zip(piece.pitch.tolist(), piece.velocity.tolist(), strict=True))


@pytest.mark.skipif(not shutil.which("lilypond"), reason="needs Debian's package lilypond")
@pytest.mark.skipif(not shutil.which("make"), reason="needs Debian's package make")
def test_lilypond_rule_humanises_a_score(tmp_path: Path) -> None:
    (tmp_path / "song.ly").write_text(SCORE)
    rule = ["make", "-f", str(EXAMPLES / "lilypond.mk"), "song.mid", "song-humanized.mid"]
    subprocess.run(rule, cwd=tmp_path, check=True, env=_environment())
    plain, humanized = _notes(tmp_path / "song.mid"), _notes(tmp_path / "song-humanized.mid")
    assert len(plain) == 13
    assert [pitch for pitch, _ in plain] == [pitch for pitch, _ in humanized]
    assert plain != humanized


@pytest.mark.skipif(not shutil.which("lilypond"), reason="needs Debian's package lilypond")
@pytest.mark.skipif(not shutil.which("make"), reason="needs Debian's package make")
def test_lilypond_rule_humanises_fuer_elise(tmp_path: Path) -> None:
    shutil.copy(EXAMPLES / "fuer_elise.ly", tmp_path)
    files = ["fuer_elise.mid", "fuer_elise-humanized.mid"]
    rule = ["make", "-f", str(EXAMPLES / "lilypond.mk"), *files]
    subprocess.run(rule, cwd=tmp_path, check=True, env=_environment())
    plain, humanized = (_piece(tmp_path / name) for name in files)
    assert plain.pitch[:9].tolist() == [76, 75, 76, 75, 76, 71, 74, 72, 45]
    assert plain.measure_position_beat[:3].tolist() == [1.0, 1.25, 0.0]
    assert plain.measure[-1] == 45  # the upbeat's, then 8 and 14 measures played twice
    assert set(plain.velocity.tolist()) == {62}  # pp in both staves, as LilyPond plays it
    assert humanized.pitch.tolist() == plain.pitch.tolist()
    assert humanized.onset_beat.tolist() == plain.onset_beat.tolist()
    assert len(set(humanized.velocity.tolist())) > 20


@pytest.mark.skipif(not shutil.which("musescore3"), reason="needs Debian's package musescore3")
def test_musescore_script_humanises_a_score(tmp_path: Path) -> None:
    score = tmp_path / "waltz.musicxml"
    shutil.copy(EXAMPLES / "waltz.musicxml", score)
    script = [str(EXAMPLES / "musescore_batch.sh"), str(score)]
    subprocess.run(script, check=True, env=_environment())
    velocities = [velocity for _, velocity in _notes(tmp_path / "waltz-humanized.mid")]
    assert len(velocities) > 50
    assert len(set(velocities)) > 10
