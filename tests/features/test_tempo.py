"""The columns of the notated tempo and of the distance to either end, by hand."""

from __future__ import annotations

from dataclasses import replace
from math import log, sqrt

import numpy as np
from by_hand import NONE, Expected, by_hand, performance, score

from humanize.notes import NoteTable


def _slowing() -> NoteTable:
    """Seven onsets a beat apart: four at a second a beat, then two seconds, then one again."""
    notes = score([(at, 1, 60 + at) for at in range(7)])
    sec = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0])  # the last period, of 2 s, holds on
    return replace(notes, onset_sec=sec)


@by_hand
def test_a_tempo_that_halves() -> tuple[NoteTable, Expected]:
    two = log(2)
    mean = 3 * two / 7  # four onsets at 0, three at log 2
    return _slowing(), {
        "notated_period_deviation": [0, 0, 0, 0, two, two, two],
        "notated_period_next_change": [two, two, two, two, 0, 0, 0],
        "notated_period_last_change": [0, 0, 0, 0, two, two, two],
        "notated_period_until_change_beat": [4, 3, 2, 1, 64, 64, 64],
        "notated_period_since_change_beat": [64, 64, 64, 64, 0, 1, 2],
        "notated_period_past4beat_contrast": [
            *(0, 0, 0, 0),
            *(two / 5 - two, 2 * two / 5 - two, 3 * two / 5 - two),
        ],
        "notated_period_next4beat_contrast": [
            two / 5,
            2 * two / 5,
            3 * two / 5,
            3 * two / 4,
            0,
            0,
            0,
        ],
        "piece_notated_period_std": [sqrt((4 * mean**2 + 3 * (two - mean) ** 2) / 7)] * 7,
        "since_start_beat": [0, 1, 2, 3, 4, 5, 6],
        "until_end_beat": [6, 5, 4, 3, 2, 1, 0],
        "since_start_measure": [0, 0, 0, 0, 1, 1, 1],
        "until_end_measure": [1, 1, 1, 1, 0, 0, 0],
    }


@by_hand
def test_a_chord_has_the_tempo_of_its_onset() -> tuple[NoteTable, Expected]:
    notes = score([(0, 1, 50), (0, 1, 60), (1, 1, 50), (2, 1, 50)])
    notes = replace(notes, onset_sec=np.array([0.0, 0.0, 2.0, 3.0]))
    return notes, {
        # the middle of log 2, 0 and 0 is 0
        "notated_period_deviation": [log(2), log(2), 0, 0],
        "notated_period_next_change": [-log(2), -log(2), 0, 0],
        "notated_period_last_change": [0, 0, -log(2), -log(2)],
    }


@by_hand
def test_far_from_either_end_in_beats() -> tuple[NoteTable, Expected]:
    return score([(0, 1, 60), (100, 1, 60), (200, 1, 60)]), {
        "since_start_beat": [0, 64, 64],
        "until_end_beat": [64, 64, 0],
        "since_start_measure": [0, 25, 32],
        "until_end_measure": [32, 25, 0],
    }


@by_hand
def test_one_onset_has_no_tempo() -> tuple[NoteTable, Expected]:
    return score([(0, 1, 60)], sec_per_beat=0.5), {
        "notated_period_deviation": [0],
        "notated_period_next_change": [0],
        "notated_period_until_change_beat": [64],
        "piece_notated_period_std": [0],
    }


@by_hand
def test_a_performance_has_no_notated_tempo_and_no_measures() -> tuple[NoteTable, Expected]:
    return performance([(0, 0.5, 60), (1, 0.5, 62), (3, 0.5, 64)]), {
        "notated_period_deviation": [0, 0, 0],
        "until_end_beat": [6, 4, 0],  # at 120 quarter notes a minute
        "until_end_measure": [NONE, NONE, NONE],
        "since_start_measure": [NONE, NONE, NONE],
    }
