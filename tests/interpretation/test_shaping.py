from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from smf_builder import encode, music

from humanize.errors import OptionError
from humanize.interpretation.shaping import Selection, Shaping
from humanize.midi.reading import read_midi
from humanize.options import MEASURES

PREDICTED = np.array([40.0, 60.0, 80.0, np.nan])
ORIGINAL = np.array([64, 64, 64, 100])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [40, 60, 80, 100]),
        ({"strength": 0.0}, [64, 64, 64, 100]),
        ({"strength": 0.5}, [52, 62, 72, 100]),
        ({"mean": 70}, [50, 70, 90, 100]),
        ({"contrast": 2.0}, [20, 60, 100, 100]),
        ({"contrast": 0.0, "mean": 33}, [33, 33, 33, 100]),
        ({"range": (50, 70)}, [50, 60, 70, 100]),
        ({"contrast": 10.0}, [1, 60, 127, 100]),
    ],
)
def test_each_option_does_what_it_says(options: dict, expected: list[int]) -> None:
    assert Shaping(**options).apply(PREDICTED, ORIGINAL).tolist() == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strength": 1.5}, "strength: 1.5 found; expected a number from 0 to 1"),
        ({"strength": float("nan")}, "strength: nan found"),
        ({"mean": 0}, "mean: 0 found; expected a number from 1 to 127"),
        ({"contrast": -1}, "contrast: -1 found"),
        ({"range": (0, 127)}, "range: 0 127 found"),
        ({"range": (90, 20)}, "range: 90 20 found"),
    ],
)
def test_an_option_out_of_range_says_so(options: dict, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        Shaping(**options)


@pytest.mark.parametrize(
    ("text", "spans"),
    [("5-12", [(5, 12)]), ("5", [(5, 5)]), ("9-", [(9, 2**31)]), ("1-4, 9", [(1, 4), (9, 9)])],
)
def test_measures_are_read(text: str, spans: list[tuple[int, int]]) -> None:
    assert MEASURES.spans(text) == spans


@pytest.mark.parametrize("text", ["", "a", "0-3", "7-5", "1-2-3", "-4", "1" * 5000])
def test_measures_that_cannot_be_read_say_so(text: str) -> None:
    with pytest.raises(OptionError, match="measures"):
        MEASURES.spans(text)


def test_selection_by_track_name_and_number_and_measure() -> None:
    notes = read_midi(encode(music())).pieces[0]
    names = ["", "right hand", "left hand"]
    for wanted, track in ((["right hand"], 2), (["3"], 3), ([2], 2)):
        mask = Selection(tracks=wanted).mask(notes, names)
        np.testing.assert_array_equal(mask, notes.track == track)
    mask = Selection(measures="2-3", channels=[1]).mask(notes, names)
    np.testing.assert_array_equal(mask, (notes.measure >= 2) & (notes.measure <= 3))
    with pytest.raises(
        OptionError, match="'viola' found; expected a number or name of: 1, 2 right hand"
    ):
        Selection(tracks=["viola"]).mask(notes, names)
    with pytest.raises(OptionError, match="channels: 17 found"):
        Selection(channels=[17]).mask(notes, names)


def test_selection_by_pitch_and_by_velocity_takes_both_ends() -> None:
    notes = read_midi(encode(music())).pieces[0]
    low, high = np.sort(notes.pitch)[[10, 60]].tolist()
    mask = Selection(pitches=(low, high)).mask(notes, [])
    np.testing.assert_array_equal(mask, [low <= p <= high for p in notes.pitch.tolist()])
    assert mask.any() and not mask.all()
    louder = replace(notes, velocity=40 + np.arange(len(notes)) % 50)
    mask = Selection(velocities=(50, 60)).mask(louder, [])
    np.testing.assert_array_equal(mask, [50 <= v <= 60 for v in louder.velocity.tolist()])
