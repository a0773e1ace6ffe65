"""Both versions of match files: score notes, how each was played, the pedals, the clock."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from humanize.corpus.asap import _performance
from humanize.corpus.matchfile import read_match
from humanize.errors import CorpusError

SNOTE = "snote(n{0}-1,[C,n],4,1:{0},0,1/4,{1:.4f},{2:.4f},[v1])-"
NEW = [
    "info(matchFileVersion,1.0.0).",
    "info(midiClockUnits,480).",
    "info(midiClockRate,500000).",
    SNOTE.format(1, 0, 1) + "note(n0,60,480,1294,36,0,0).",
    SNOTE.format(2, 1, 2) + "deletion.",
    SNOTE.format(3, 2, 3) + "note(n1,60,960,1200,90,0,0).",
    "insertion-note(n2,61,960,1200,90,0,0).",
    "sustain(10,127).",
    "sustain(960,0).",
    "soft(-96,80).",
]
OLD = [
    "info(matchFileVersion,5.0).",
    "info(midiClockUnits,1000).",
    "info(midiClockRate,1000000).",
    SNOTE.format(1, 0, 1) + "note(1,[C,n],4,500,1250,2000,36).",
    SNOTE.format(2, 1, 2) + "deletion.",
    SNOTE.format(3, 2, 3) + "note(2,[C,n],4,1000,1100,1100,90).",
    "sustain(500,64).",
]


def written(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


def test_version_1_in_seconds_of_its_clock(tmp_path: Path) -> None:
    match = read_match(written(tmp_path / "a.match", NEW))
    # 960 ticks a second
    np.testing.assert_allclose(match.onset_sec, [0.5, np.nan, 1.0])
    np.testing.assert_allclose(match.offset_sec, [1294 / 960, np.nan, 1.25])
    assert match.velocity.tolist() == [36, 0, 90]
    np.testing.assert_allclose(match.pedals.seconds, [10 / 960, 1.0, -0.1])
    assert match.pedals.number.tolist() == [64, 64, 67]
    assert match.pedals.value.tolist() == [127, 0, 80]


def test_version_5_has_the_key_and_not_the_pedal(tmp_path: Path) -> None:
    match = read_match(written(tmp_path / "a.match", OLD))
    np.testing.assert_allclose(match.onset_sec, [0.5, np.nan, 1.0])
    np.testing.assert_allclose(match.offset_sec, [1.25, np.nan, 1.1])  # not 2.0, with the pedal
    assert match.velocity.tolist() == [36, 0, 90]
    assert match.pedals.seconds.tolist() == [0.5]


def test_without_a_clock_it_is_the_usual_one(tmp_path: Path) -> None:
    lines = [line for line in NEW if "midiClock" not in line]
    assert read_match(written(tmp_path / "a.match", lines)).onset_sec[0] == 0.5
    lines = ["info(midiClockUnits,0).", *lines]
    assert np.isfinite(read_match(written(tmp_path / "a.match", lines)).onset_sec[0])


def test_a_performance_keeps_what_was_played(tmp_path: Path) -> None:
    match = read_match(written(tmp_path / "a.match", NEW))
    row = {"midi_performance": "p", "robust_note_alignment": "1.0"}
    performance = _performance(row, match, np.array([4, 2, -1]))
    assert performance.rows.tolist() == [4]
    assert performance.onset_sec.tolist() == [0.5]
    assert performance.offset_sec.tolist() == [1294 / 960]
    assert performance.pedals is match.pedals
    assert performance.share == pytest.approx(2 / 3)


def test_what_has_no_notes_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"a\.match: no score notes; expected lines that start"):
        read_match(written(tmp_path / "a.match", ["info(x)."]))
