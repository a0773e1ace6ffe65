"""One row for each onset: which notes share one, what the row holds, what each note then gets."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from humanize.errors import ModelError
from humanize.models.manifest import Entry
from humanize.models.members import PerOnset, make_member
from humanize.models.onsets import ONSET_COLUMN, first_rows, last_rows, onset_names, onset_rows


def test_onsets_are_where_the_place_in_the_piece_changes() -> None:
    position = np.array([0, 0, 0.25, 0.5, 0.5, 0.5, 1], dtype=np.float32)
    first = first_rows(position)
    assert_array_equal(first, [0, 2, 3, 6])
    assert_array_equal(last_rows(first, 7), [1, 2, 5, 6])
    assert len(first_rows(position[:0])) == 0


def test_a_row_is_the_highest_note_and_of_some_columns_mean_and_lowest() -> None:
    values = np.array([[1, 10], [2, 20], [6, 30], [4, 40]], dtype=np.float32)
    found = onset_rows(values, np.array([0, 3]), np.array([0]))
    assert_array_equal(found, [[6, 30, 3, 1], [4, 40, 4, 4]])
    assert_array_equal(onset_rows(values, np.array([0, 3]), np.array([], np.int64)), values[2:])
    assert onset_names(("a", "b"), ("a",)) == ("a", "b", "a (mean)", "a (lowest)")


class _Sum:
    def predict(self, values: np.ndarray) -> np.ndarray:
        return values.sum(axis=1).astype(np.float64)


def test_every_note_gets_what_its_onset_gets() -> None:
    #                  place, read of the highest, read of the chord
    values = np.array([[0, 1, 2], [0, 5, 4], [0.5, 7, 8], [1, 0, 1], [1, 0, 3]], dtype=np.float32)
    member = PerOnset(_Sum(), np.array([1, 2]), np.array([1]), 0)
    first, second, last = 5 + 4 + 3 + 2, 7 + 8 + 8 + 8, 0 + 3 + 2 + 1
    assert_array_equal(member.predict(values), [first, first, second, last, last])


@pytest.mark.parametrize(
    ("columns", "chord"),
    [(("pitch", ONSET_COLUMN), ["octave"]), (("pitch",), []), (("pitch", ONSET_COLUMN), "pitch")],
)
def test_columns_of_chords_that_cannot_be(columns: tuple[str, ...], chord: object) -> None:
    spec = Entry({"kind": "rows", "chord_columns": chord}, "test")
    with pytest.raises(ModelError, match="chord_columns"):
        make_member(spec, b"", {name: i for i, name in enumerate(columns)}, where="test")


def test_onsets_are_read_in_smaller_chunks_than_notes_as_their_rows_are_wide() -> None:
    entry = {"kind": "sequence", "context": 5}
    columns = {"pitch": 0, ONSET_COLUMN: 1}
    own = make_member(
        Entry({**entry, "chord_columns": ["pitch"]}, "test"), b"", columns, where="test"
    )
    assert own.member.at_once == 2_048
    assert own.member.columns.tolist() == [0, 1, 2, 3]  # pitch, place, pitch's mean and lowest
