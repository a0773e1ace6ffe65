"""Morphs as files: ends, steps, pianists, mistakes."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from performed_smf import performance, read
from smf_builder import encode, music
from test_comparing import MUSIC, by_a_pianist, performed

import humanize
from humanize.errors import InputError, OptionError
from humanize.interpretation.parameters import Writing
from humanize.midi.retiming import write_performance
from humanize.styles.comparing import compare
from humanize.styles.morphing import morph


def test_the_ends_are_the_files_themselves() -> None:
    one, two = performed(1), performed(2, "notes")
    between = morph(one, two)
    assert between.at(0) == one and between.at(1.0) == two
    series = between.series(4)
    assert series[0] == one and series[-1] == two and len(set(series)) == 4


@pytest.mark.parametrize("mode", ["tempo", "notes"])
def test_the_way_leads_from_one_to_the_other(mode: str) -> None:
    one, two = encode(MUSIC, velocities=[40 + k % 20 for k in range(len(MUSIC))]), performed(2)
    series = morph(one, two, mode=mode).series(5)  # type: ignore[arg-type]
    found = [compare(two, step) for step in series]
    r = [f.correlation["velocity"] for f in found]
    assert r == sorted(r) and r[-1] == pytest.approx(1)
    apart = [abs(f.difference("loudness")) for f in found]
    assert apart == sorted(apart, reverse=True)
    pedal = [f.attributes["pedal_depth"][1] for f in found]
    assert np.isnan(pedal[0]) and pedal[1:] == sorted(pedal[1:])
    bpm = [f.tempo_bpm[1] for f in found]
    assert mode == "notes" or bpm in (sorted(bpm), sorted(bpm, reverse=True))


def test_what_lies_between_can_be_taken_out_again() -> None:
    middle = morph(performed(1), performed(2)).at(0.5)
    assert humanize.strip_performance(middle) == encode(MUSIC)


def ending(before: float, last: float) -> bytes:
    """The music with these log beat periods before the last onset and from there to the end."""
    data = encode(MUSIC)
    own = performance(read(data).pieces[0], 1)
    period = 0.5 * own.log_beat_period
    period[-2:] = before, last
    own = replace(own, log_beat_period=period)
    return write_performance(data, read(data), [own], Writing(mode="tempo", pedal="add"))


def last_log_period(content: bytes) -> float:
    notes = read(content).pieces[0]
    return float(np.log(notes.duration_sec[-1] / notes.duration_beat[-1]))


def lasting(content: bytes) -> float:
    notes = read(content).pieces[0]
    return float((notes.onset_sec + notes.duration_sec).max())


@pytest.mark.parametrize("before", [-0.6, 0.6])
def test_between_a_file_and_itself_the_end_is_its_own(before: float) -> None:
    same = ending(before, 0.2)
    for step in morph(same, same).series(5):
        assert last_log_period(step) == pytest.approx(last_log_period(same), abs=0.01)
        assert lasting(step) == pytest.approx(lasting(same), abs=0.03)


def test_the_last_onset_is_played_at_a_tempo_between_the_ends() -> None:
    ends = ending(0.7, 0.1), ending(0.6, 0.3)
    found = [last_log_period(step) for step in morph(*ends).series(5)]
    assert found == sorted(found) and found[0] < found[1] and found[-2] < found[-1]


def test_half_way_to_a_pianist() -> None:
    score, pianist = encode(MUSIC), by_a_pianist(1, left_out=25, added=20)
    found = compare(score, morph(score, pianist).at(0.5))
    bpm = compare(score, pianist).tempo_bpm
    assert found.share == 1  # every note of the score is there
    assert found.tempo_bpm[1] == pytest.approx(np.sqrt(bpm[0] * bpm[1]), rel=0.02)


def test_between_two_pianists() -> None:
    one, two = by_a_pianist(1), by_a_pianist(2, left_out=30)
    middle = morph(one, two).at(0.5)
    r = [compare(end, middle).correlation["velocity"] for end in (one, two)]
    assert min(r) > 0.9
    found = compare(one, middle)
    assert found.share > 0.9
    assert found.tempo_bpm[1] == pytest.approx(found.tempo_bpm[0], rel=0.05)


def test_other_music_is_one_line() -> None:
    with pytest.raises(InputError, match="of the notes match"):
        morph(encode(MUSIC), encode(music(77, 160)))


@pytest.mark.parametrize("position", [-0.1, 1.1, float("nan")])
def test_a_position_lies_between(position: float) -> None:
    with pytest.raises(OptionError, match="position: .* found; expected a number from 0 to 1"):  # noqa: RUF043
        morph(performed(1), performed(2)).at(position)


@pytest.mark.parametrize("steps", [1, 0, -3, 101])
def test_a_series_has_both_ends(steps: int) -> None:
    with pytest.raises(OptionError, match="expected 2 to 100"):
        morph(performed(1), performed(2)).series(steps)


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "humanize", "morph", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


def test_the_command(tmp_path: Path) -> None:
    one, two = tmp_path / "one.mid", tmp_path / "two.mid"
    one.write_bytes(performed(1))
    two.write_bytes(performed(2))
    done = run(one, two, "-o", tmp_path / "out.mid", "--steps", 3)
    names = [tmp_path / f"out-{k}.mid" for k in (1, 2, 3)]
    assert (done.returncode, done.stderr.split()) == (0, [str(name) for name in names])
    assert names[0].read_bytes() == one.read_bytes() and names[2].read_bytes() == two.read_bytes()
    assert run(one, two, "-o", tmp_path / "out.mid").returncode == 0
    assert (tmp_path / "out.mid").read_bytes() == names[1].read_bytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--position", "2"], "position: 2.0 found"),
        (["--position", "0.2", "--steps", "3"], "expected one of them"),
        (["--steps", "1"], "steps: 1 found"),
    ],
)
def test_mistakes_get_one_line(tmp_path: Path, arguments: list[str], message: str) -> None:
    one = tmp_path / "one.mid"
    one.write_bytes(performed(1))
    done = run(one, one, "-o", tmp_path / "out.mid", *arguments)
    assert done.returncode == 2
    assert message in done.stderr and done.stderr.count("\n") == 1
    assert not (tmp_path / "out.mid").exists()
    done = run(one, one, "-o", one)
    assert done.returncode == 2 and "one file" in done.stderr


def test_the_way_can_be_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed; it comes with [plots]")
    one, two = tmp_path / "one.mid", tmp_path / "two.mid"
    one.write_bytes(performed(1))
    two.write_bytes(performed(2))
    humanize.morph_files(one, two, tmp_path / "out.mid", plot=tmp_path / "out.png")
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(OptionError, match="one file"):
        humanize.morph_files(one, two, tmp_path / "out.mid", plot=two)
