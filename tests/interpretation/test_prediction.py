"""From a note table to predictions, with models whose every prediction is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from known_models import model_of, notes_of

from humanize.interpretation import prediction
from humanize.interpretation.prediction import condition_of, predict_notes
from humanize.models import Model
from humanize.notes import DRUMS

PITCH = model_of({"pitch": 1})
SIZE = model_of({"piece_notes": 1})  # the binary logarithm of how many notes are heard


def test_the_condition_is_timing_then_markings() -> None:
    notes = notes_of([60, 62])
    marked = replace(notes, markings={"slur": np.array([np.nan, 0.0])})
    silent = replace(notes, markings={"slur": np.full(2, np.nan)})
    assert condition_of(notes) == condition_of(silent) == "flat"
    assert condition_of(marked) == "marked"
    assert condition_of(replace(marked, timing="performed")) == "performed"
    both = replace(silent, markings={**silent.markings, "staccato": np.zeros(2)})
    assert condition_of(both) == "marked"


def test_each_condition_has_its_route() -> None:
    notes = notes_of([60])
    routes = {
        "flat": model_of({"pitch": 1}).routes["flat"],
        "marked": model_of({"pitch": 2}).routes["flat"],
        "performed": model_of({"pitch": 3}).routes["flat"],
    }
    model = Model(name="three", manifest={}, routes=routes)
    marked = replace(notes, markings={"notated_level": np.array([64.0])})
    for table, expected in (
        (notes, 60),
        (marked, 120),
        (replace(notes, timing="performed"), 180),
    ):
        np.testing.assert_allclose(predict_notes(table, model), [expected], rtol=1e-6)


def test_instruments_are_heard_apart_and_drums_not_at_all() -> None:
    notes = notes_of([60, 61, 62, 63, 64, 65, 66], instrument=[0, 1, 0, DRUMS, 1, 1, 1])
    found = predict_notes(notes, SIZE)
    np.testing.assert_allclose(found, [1, 2, 1, np.nan, 2, 2, 2], rtol=1e-6)
    found = predict_notes(notes, PITCH)
    np.testing.assert_allclose(found, [60, 61, 62, np.nan, 64, 65, 66], rtol=1e-6)


def test_notes_of_one_onset_and_pitch_have_the_mean_of_theirs() -> None:
    notes = notes_of([60, 60, 60, 61, 61, 61], onset=[0, 0, 0, 0, 1, 1])
    notes = replace(notes, duration_beat=np.array([1.0, 2.0, 6.0, 5.0, 1.0, 2.0]))
    found = predict_notes(notes, model_of({"duration_beat": 10}))
    np.testing.assert_allclose(found, [30, 30, 30, 50, 15, 15], rtol=1e-6)


def test_equal_pitches_of_two_instruments_are_not_equals() -> None:
    notes = notes_of([60, 60], onset=[0, 0], instrument=[0, 1])
    notes = replace(notes, duration_beat=np.array([1.0, 2.0]))
    found = predict_notes(notes, model_of({"duration_beat": 10}))
    np.testing.assert_allclose(found, [10, 20], rtol=1e-6)


def test_a_long_instrument_is_heard_in_stretches_with_a_margin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(prediction, "_STRETCH", 10)
    monkeypatch.setattr(prediction, "_MARGIN", 3)
    pitch = [40 + i for i in range(25)]
    np.testing.assert_allclose(predict_notes(notes_of(pitch), PITCH), pitch, rtol=1e-6)
    # the first ten and three after; ten and three on both sides; the last five and three before
    heard = 2 ** predict_notes(notes_of(pitch), SIZE)
    np.testing.assert_allclose(heard, [13] * 10 + [16] * 10 + [8] * 5, rtol=1e-4)
    heard = 2 ** predict_notes(notes_of(pitch[:10]), SIZE)
    np.testing.assert_allclose(heard, [10] * 10, rtol=1e-4)
    heard = 2 ** predict_notes(notes_of(pitch[:11]), SIZE)
    np.testing.assert_allclose(heard, [11] * 10 + [4], rtol=1e-4)
    heard = 2 ** predict_notes(notes_of(pitch[:22]), SIZE)  # the margin ends with the piece
    np.testing.assert_allclose(heard, [13] * 10 + [15] * 10 + [5] * 2, rtol=1e-4)


def test_a_stretch_is_longer_than_any_piece_and_its_margin_than_any_window() -> None:
    size = 50_001
    notes = notes_of([60 + i % 12 for i in range(size)], onset=[i / 8 for i in range(size)])
    heard = 2 ** predict_notes(notes, SIZE)
    assert heard[0] == heard[49_999] == pytest.approx(50_001, abs=0.3)
    assert heard[50_000] == pytest.approx(2_501, abs=0.3)
    whole = 2 ** predict_notes(notes.take(np.arange(50_000)), SIZE)
    assert whole[-1] == pytest.approx(50_000, abs=0.3)


def test_levels_are_followed_where_asked() -> None:
    notes = replace(notes_of([50, 70, 60]), markings={"notated_level": np.full(3, 80.0)})
    model = model_of({"pitch": 1}, "marked")
    np.testing.assert_allclose(predict_notes(notes, model), [50, 70, 60], rtol=1e-6)
    np.testing.assert_allclose(predict_notes(notes, model, literal=1.0), [70, 90, 80], rtol=1e-6)


def test_one_velocity_is_a_level_where_asked() -> None:
    notes = notes_of([50, 70, 60])  # all of velocity 64
    model = model_of({"pitch": 1}, "flat", "marked")
    np.testing.assert_allclose(predict_notes(notes, model, literal=1.0), [54, 74, 64], rtol=1e-6)
