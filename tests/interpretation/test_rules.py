"""Tempo by rule, worked out by hand."""

from math import log

import numpy as np
import pytest
from numpy.testing import assert_allclose

from humanize.interpretation.rules import final_ritardando, phrase_arch, tempo_by_rule
from humanize.notes import NoteTable


def score(onset: np.ndarray, duration: float = 1.0) -> NoteTable:
    ones = np.ones(len(onset), dtype=np.int64)
    return NoteTable(
        onset_beat=onset, duration_beat=ones * duration, onset_sec=onset / 2, duration_sec=ones * 0.5,
        pitch=60 * ones, measure=(onset // 4).astype(np.int64) + 1,
        measure_position_beat=onset % 4, metre_numerator=4 * ones,
        metre_denominator=4 * ones, track=ones, channel=ones, program=0 * ones,
        instrument=0 * ones, velocity=64 * ones, source=np.arange(len(onset)),
    )  # fmt: skip


def test_a_final_ritardando_ends_at_half_the_tempo():
    found = final_ritardando(score(np.arange(32.0)))  # 8 measures
    assert found[:17].tolist() == [0] * 17
    assert found[-1] == pytest.approx(log(2))
    halfway = (16 + 31) / 2
    between = np.interp(halfway, np.arange(32.0), found)
    assert between == pytest.approx(-log((1 - 0.875 / 2) ** (1 / 3)), abs=1e-3)


def test_four_measures_are_an_arch():
    found = phrase_arch(score(np.arange(40.0)))  # 16 beats, 16, and a last phrase of 8
    assert_allclose(
        found[[0, 8, 12, 16, 24, 32, 36]], [0.1, -0.05, -0.0125, 0.1, -0.05, 0.1, -0.05]
    )
    assert_allclose(found[:16], found[16:32])
    whole = phrase_arch(score(np.arange(0, 16, 0.01), 0.01))
    assert whole.mean() == pytest.approx(0, abs=1e-3)


def test_both_rules_are_added_and_chords_are_one_onset():
    notes = score(np.repeat(np.arange(32.0), 2))
    found = tempo_by_rule(notes)
    assert found.shape == (32,)
    assert found[-1] == pytest.approx(log(2) + 0.15 * ((2 * 15 / 16 - 1) ** 2 - 1 / 3))
