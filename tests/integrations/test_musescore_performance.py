"""Performed MIDI files imported by MuseScore 3: their tempo track, and the notation as before."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from performed_smf import performance, read

from humanize.interpretation.parameters import Writing
from humanize.midi.retiming import write_performance
from humanize.midi.smf import scan

EXAMPLES = Path(__file__).parents[2] / "examples"
MUSESCORE = shutil.which("mscore3") or shutil.which("musescore3")

pytestmark = pytest.mark.skipif(not MUSESCORE, reason="needs Debian's package musescore3")


def _imported(midi: bytes, folder: Path, suffix: str) -> Path:
    """Return what MuseScore makes of a MIDI file."""
    source, target = folder / "in.mid", folder / f"out{suffix}"
    source.write_bytes(midi)
    done = subprocess.run(
        [str(MUSESCORE), "-o", str(target), str(source)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return target


def _notation(midi: bytes, folder: Path) -> tuple[str, list[float]]:
    """Return the notation without tempi, places of tempi and velocities; and the tempi."""
    text = _imported(midi, folder, ".mscx").read_text(encoding="utf-8")
    tempi = [60 * float(t) for t in re.findall(r"<tempo>([\d.]+)</tempo>", text)]
    for what in (r"<metaTag .*?</metaTag>", r"<Tempo>.*?</Tempo>", r"<location>.*?</location>",
                 r"<velocity>\d+</velocity>", r"<veloType>user</veloType>"):  # fmt: skip
        text = re.sub(rf"(?s)\s*{what}", "", text)
    return text, tempi


@pytest.mark.parametrize("name", ["waltz", "bach_prelude"])
def test_the_tempo_track_is_taken_and_the_notation_is_the_same(name: str, tmp_path: Path) -> None:
    data = (EXAMPLES / f"{name}.mid").read_bytes()
    reading = read(data)
    own = performance(reading.pieces[0], 7, tempo=0.15, timing=15.0, articulation=0.0)
    out = write_performance(data, reading, [own], Writing(pedal="add"))
    before, _ = _notation(data, tmp_path)
    after, tempi = _notation(out, tmp_path)
    assert after == before
    written = [60e6 / micros for track in scan(out, name="t").tracks for _, micros in track.tempos]
    assert len(written) > 10
    # MuseScore rounds to whole beats per minute, and may leave out the last, after the last note
    wanted = _changes(written)
    assert _changes(tempi) in (wanted, wanted[:-1])


def _changes(bpm: list[float]) -> list[int]:
    return [key for key, _ in groupby(int(t + 0.5) for t in bpm)]


def test_onsets_and_pitches_are_the_same_with_articulation(tmp_path: Path) -> None:
    from humanize.score import read_score

    data = (EXAMPLES / "waltz.mid").read_bytes()
    reading = read(data)
    own = performance(reading.pieces[0], 7, tempo=0.15, timing=15.0, articulation=0.3)
    out = write_performance(data, reading, [own], Writing(pedal="add"))
    before, after = (
        read_score(_imported(midi, tmp_path, ".musicxml")).notes for midi in (data, out)
    )
    for column in ("onset_beat", "pitch"):
        np.testing.assert_array_equal(getattr(after, column), getattr(before, column))
