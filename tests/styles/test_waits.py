"""Stops and slips by hand."""

from __future__ import annotations

import numpy as np
import pytest

from humanize.styles.waits import is_tempo, pace_around

STEADY = np.array([0.1, -0.1] * 6 + [0.0])


def test_what_lasts_four_times_as_long_is_no_tempo() -> None:
    beats, period = np.arange(13.0), STEADY.copy()
    assert is_tempo(beats, period).all()
    for factor, kept in ((2.0, True), (4.0, False), (0.5, True), (0.2, False)):
        period[5] = np.log(factor)
        assert is_tempo(beats, period).tolist() == [True] * 5 + [kept] + [True] * 6


def test_a_new_tempo_is_no_stop() -> None:
    """From the seventh beat on all is five times as slow, as a Grave after a Presto is."""
    period = STEADY + np.log(5) * (np.arange(13) >= 6)
    assert is_tempo(np.arange(13.0), period).all()


def test_the_pace_around_is_the_median_of_nine() -> None:
    period = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 50, 0])
    around = pace_around(np.arange(11.0), period)
    assert around[4] == pytest.approx(5)  # of 1 to 9
    assert around[5] == pytest.approx(6)  # of 2 to 9 and 50


def test_a_grace_is_short_as_it_likes_and_no_stop() -> None:
    """A sixty-fourth of a beat before the sixth: its own period says nothing."""
    beats = np.array([0, 1, 2, 3, 4, 5 - 1 / 64, 5, 6, 7, 8, 9.0])
    period = np.zeros(11)
    for own, kept in ((-5.0, True), (1.5, True), (4.0, False)):  # 4.0 is 0.85 of a beat
        period[5] = own
        assert is_tempo(beats, period).tolist() == [True] * 5 + [kept] + [True] * 4
    assert is_tempo(np.array([0.0, 0.01]), np.zeros(2)).all()
