"""Note tables, features and predictions are what they were when the models were trained.

A feature table is compared with 1e-6, as a sum may be taken in another order on another machine.
A prediction is compared with 1e-3 velocity units: a net of onnxruntime multiplies in the order that
suits the processor, which moves the last digits of its single-precision sums (by some 1e-5 units),
while a wrong formula moves predictions by a tenth of a unit and more.
"""

from __future__ import annotations

import numpy as np
import pytest
from kept import (
    MODELS,
    SHIPPED,
    SMALL,
    differing,
    predictions,
    read_notes,
    rows_of_notes,
    stored_features,
    stored_notes,
    stored_predictions,
)

from humanize.features import feature_names, feature_table

_PREDICTION = 1e-3


@pytest.mark.parametrize("piece", SMALL)
def test_a_reader_gives_the_stored_notes(piece: str) -> None:
    found, expected = (rows_of_notes(notes) for notes in (read_notes(piece), stored_notes(piece)))
    assert found[:2] == expected[:2]
    for number, (row, stored) in enumerate(zip(found[2:], expected[2:], strict=True)):
        assert row == stored, f"note {number}"


@pytest.mark.parametrize("piece", SMALL)
def test_every_column_has_the_stored_values(piece: str) -> None:
    table = feature_table(stored_notes(piece))
    assert differing(stored_features(piece), table.names, table.values) == []


@pytest.mark.parametrize("piece", SMALL)
def test_every_registered_column_is_stored(piece: str) -> None:
    assert [name for name in feature_names() if name not in stored_features(piece)] == []


def test_a_column_that_moves_is_named() -> None:
    piece = SMALL[0]
    table = feature_table(stored_notes(piece))
    moved = table.values.copy()
    moved[3, table.names.index("pitch_class")] += 1e-4
    lines = differing(stored_features(piece), table.names, moved)
    assert [line.partition(":")[0] for line in lines] == ["pitch_class"]


@pytest.mark.parametrize("piece", [*SHIPPED, *SMALL])
@pytest.mark.parametrize("model", MODELS)
def test_a_model_that_ships_predicts_the_stored_velocities(piece: str, model: str) -> None:
    stored = {way: v for (name, way), v in stored_predictions(model).items() if name == piece}
    found = predictions(piece, model)
    assert found.keys() == stored.keys()
    assert {"flat", "performed"} <= stored.keys()
    for way, expected in stored.items():
        np.testing.assert_allclose(found[way], expected, rtol=0, atol=_PREDICTION, err_msg=way)


def test_markings_and_hands_change_what_is_predicted() -> None:
    for model in MODELS:
        stored = stored_predictions(model)
        flat, marked = (stored["markings.musicxml", way] for way in ("flat", "marked"))
        assert np.abs(flat - marked).max() > 5
        flat, performed = (stored["two_hands.mid", way] for way in ("flat", "performed"))
        assert np.abs(flat - performed).max() > 5
