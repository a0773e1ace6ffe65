"""Key switches by what instruments cannot play, and groups by program and track, by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from humanize.midi.instruments import Played, group_instruments
from humanize.notes import DRUMS, KEY_SWITCHES

# first and last General MIDI program, lowest and highest sounding pitch (Adler, 4th edition)
RANGES = [
    (0, 7, 21, 108), (24, 31, 36, 88), (32, 39, 23, 72), (40, 40, 55, 105), (41, 41, 48, 93),
    (42, 42, 36, 84), (43, 43, 24, 67), (46, 46, 23, 104), (48, 51, 24, 105), (52, 54, 36, 86),
    (56, 56, 52, 89), (57, 57, 34, 77), (58, 58, 26, 65), (60, 60, 34, 77), (61, 63, 26, 89),
    (64, 67, 34, 92), (68, 68, 58, 93), (69, 69, 52, 84), (70, 70, 34, 77), (71, 71, 50, 96),
    (72, 72, 74, 108), (73, 79, 55, 100),
]  # fmt: skip
WITHOUT = [8, 9, 23, 44, 45, 47, 55, 59, 80, 127]


def found(
    pitch: Sequence[int],
    program: int | Sequence[int] = 0,
    *,
    velocity: Sequence[int] = (),
    track: Sequence[int] = (),
    names: Sequence[str] = ("", "", "", ""),
    split: str = "programs",
    rhythm: bool = False,
    key_switches: bool = True,
) -> list[int]:
    size = len(pitch)
    ones = np.ones(size, dtype=np.int64)
    played = Played(
        pitch=np.array(pitch),
        velocity=np.array(velocity) if velocity else 64 * ones,
        track=np.array(track) if track else ones,
        channel=ones,
        program=np.array(program) * ones,
        rhythm=np.full(size, rhythm),
    )
    return group_instruments(played, names, split=split, key_switches=key_switches).tolist()  # type: ignore[arg-type]


@pytest.mark.parametrize(("first", "last", "low", "high"), RANGES)
def test_a_pitch_more_than_an_octave_beyond_an_instrument_is_a_key_switch(
    first: int, last: int, low: int, high: int
) -> None:
    middle = [(low + high) // 2] * 3
    for program in {first, last}:
        assert found([max(low - 12, 0), *middle], program) == [0, 0, 0, 0]
        assert found([min(high + 12, 127), *middle], program) == [0, 0, 0, 0]
        for beyond in (low - 13, high + 13):
            if 0 <= beyond <= 127:
                assert found([beyond, *middle], program) == [KEY_SWITCHES, 0, 0, 0]


@pytest.mark.parametrize("program", [*WITHOUT, -1])
def test_an_instrument_of_no_known_range_has_no_such_key_switches(program: int) -> None:
    assert found([0, 127, 60, 60], program) == [0, 0, 0, 0]


def test_a_name_tells_the_range_where_no_program_does() -> None:
    for program in (0, -1):
        assert found([24, 60, 60, 60], program, names=["Violin"]) == [KEY_SWITCHES, 0, 0, 0]
    assert found([24, 60, 60, 60], 42, names=["Violin"]) == [0, 0, 0, 0]  # a cello, by its program
    assert found([24, 60, 60, 60], 0, names=["x"]) == [0, 0, 0, 0]
    assert found([5, 60, 60, 60], 0, names=["x"]) == [KEY_SWITCHES, 0, 0, 0]  # no piano's


def test_half_of_a_track_may_be_key_switches_and_no_more() -> None:
    assert found([0, 0, 60, 60], 40) == [KEY_SWITCHES, KEY_SWITCHES, 0, 0]
    assert found([0, 0, 0, 60, 60], 40) == [0] * 5
    assert found([0, 60, 60], 40, key_switches=False) == [0, 0, 0]


def test_a_velocity_of_one_beside_twenty_and_more_is_a_key_switch() -> None:
    silent = [KEY_SWITCHES, 0, 0, 0]
    assert found([60] * 4, velocity=[1, 20, 64, 64]) == silent
    assert found([60] * 4, velocity=[1, 19, 64, 64]) == [0] * 4
    assert found([60] * 4, velocity=[2, 64, 64, 64]) == [0] * 4
    assert found([60] * 4, velocity=[1, 1, 1, 1]) == [0] * 4


def test_bowed_sung_and_blown_instruments_are_one_a_track() -> None:
    apart = {*range(40, 46), *range(48, 55), *range(56, 80)}
    for program in range(128):
        groups = found([70, 70], program, track=[1, 2])
        assert groups == ([0, 1] if program in apart else [0, 0]), program


def test_instruments_are_programs_tracks_or_everything() -> None:
    several = {"pitch": [60] * 4, "program": [0, 0, 5, -1], "track": [1, 2, 2, 3]}
    assert found(**several) == [1, 1, 2, 0]
    assert found(**several, split="tracks") == [0, 1, 1, 2]
    assert found(**several, split="none") == [0, 0, 0, 0]
    named = ["", "", "Violin"]
    assert found(**several, names=named) == [0, 0, 1, 2]  # a track of no program by its name
    assert found([60, 60], rhythm=True) == [DRUMS, DRUMS]
    assert found([60, 60], names=["Drums"]) == [DRUMS, DRUMS]
