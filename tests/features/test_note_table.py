"""Helpers of the note table."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from humanize.notes import NoteTable, among, distinct, starts


def random_notes(seed: int, size: int) -> NoteTable:
    """Return quarter notes of random pitches."""
    column, onset = np.ones(size, dtype=np.int64), np.arange(size, dtype=np.float64)
    return NoteTable(
        onset_beat=onset,
        duration_beat=np.ones(size),
        onset_sec=onset / 2,
        duration_sec=np.ones(size) / 2,
        pitch=np.random.default_rng(seed).integers(30, 90, size),
        measure=column,
        measure_position_beat=onset % 4,
        metre_numerator=4 * column,
        metre_denominator=4 * column,
        track=column,
        channel=column,
        program=column,
        instrument=column,
        velocity=column,
        source=np.arange(size, dtype=np.int64),
    )


@pytest.mark.parametrize("size", [0, 1, 2, 50])
@pytest.mark.parametrize("seed", [0, 1])
def test_distinct_values_are_those_of_numpy(size: int, seed: int) -> None:
    values = np.random.default_rng(seed).integers(-3, 9, size)
    found = distinct(values)
    np.testing.assert_array_equal(found, np.unique(values))
    assert found.dtype == values.dtype


def test_distinct_values_of_several_columns() -> None:
    columns = [np.array([2.5, 1.0]), np.array([]), np.array([1.0, 0.5])]
    np.testing.assert_array_equal(distinct(*columns), [0.5, 1.0, 2.5])


@pytest.mark.parametrize("known", [[], [3], [0, 3, 9]])
def test_what_is_among_known_values(known: list[int]) -> None:
    values = np.array([9, 0, -1, 3, 4, 10, 3])
    own = np.array(known, dtype=np.int64)
    np.testing.assert_array_equal(among(values, own), np.isin(values, own))


def test_starts_mark_the_first_of_each_run() -> None:
    assert starts(np.array([3, 3, 1, 1, 1, 3])).tolist() == [True, False, True, False, False, True]
    assert starts(np.zeros(0)).tolist() == []


def test_one_instrument_is_the_table_itself_and_several_are_apart() -> None:
    notes = random_notes(0, 6)
    ((rows, alone),) = notes.instruments()
    assert alone is notes and rows.tolist() == [0, 1, 2, 3, 4, 5]
    two = replace(notes, instrument=np.array([0, 2, 0, 0, 2, 2]))
    found = {int(part.instrument[0]): rows.tolist() for rows, part in two.instruments()}
    assert found == {0: [0, 2, 3], 2: [1, 4, 5]}
    assert list(notes.take(np.arange(0)).instruments()) == []
