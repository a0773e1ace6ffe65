"""Helpers of the note table."""

from __future__ import annotations

import numpy as np
import pytest

from humanize.notes import distinct


@pytest.mark.parametrize("size", [0, 1, 2, 50])
@pytest.mark.parametrize("seed", [0, 1])
def test_distinct_values_are_those_of_numpy(size: int, seed: int) -> None:
    values = np.random.default_rng(seed).integers(-3, 9, size)
    found = distinct(values)
    np.testing.assert_array_equal(found, np.unique(values))
    assert found.dtype == values.dtype
