"""A bundle of format 1 that users have on their disks, as it was written then."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from humanize import NoteTable, load_model, predict_velocities
from humanize.errors import ModelError

BUNDLE = Path(__file__).parent / "bundle_format_1"


def five_notes() -> NoteTable:
    """Return a chord of two, a note, a chord of two: a quarter note apart."""
    onset = np.array([0.0, 0.0, 1.0, 2.0, 2.0])
    ones = np.ones(5, dtype=np.int64)
    return NoteTable(
        onset_beat=onset,
        duration_beat=np.array([1.0, 0.5, 1.0, 2.0, 1.5]),
        onset_sec=onset / 2,
        duration_sec=np.array([0.5, 0.25, 0.5, 1.0, 0.75]),
        pitch=np.array([60, 64, 67, 62, 71]),
        measure=ones,
        measure_position_beat=onset,
        metre_numerator=4 * ones,
        metre_denominator=4 * ones,
        track=ones,
        channel=ones,
        program=0 * ones,
        instrument=0 * ones,
        velocity=64 * ones,
        source=np.arange(5),
    )


def test_its_flat_route_predicts_what_its_members_say() -> None:
    pitch = np.array([60, 64, 67, 62, 71])
    duration = np.array([1.0, 0.5, 1.0, 2.0, 1.5])
    notes = np.array([2, 2, 1, 2, 2])  # of the same onset
    line = -6.0 - 0.5 * duration + 0.1 * pitch
    rows = 0.5 * duration - 0.25 * notes + 0.125
    sequence = np.array([
        2 / 4 + 2 / 8 + 1 / 32,
        2 / 8 + 2 / 4 + 1 / 8 + 2 / 32,
        2 / 16 + 2 / 8 + 1 / 4 + 2 / 8 + 2 / 32,
        2 / 16 + 1 / 8 + 2 / 4 + 2 / 8,
        1 / 16 + 2 / 8 + 2 / 4,
    ])  # fmt: skip
    expected = 60 + 10 * (line / 2 + rows / 4 + sequence / 4)
    found = predict_velocities(five_notes(), model=BUNDLE)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    np.testing.assert_allclose(found[0], 60 + 10 * (-0.25 + 0.03125 + 0.1953125), atol=1e-4)


def test_its_marked_route_follows_the_level() -> None:
    notes = five_notes()
    level = np.array([48.0, 48.0, 64.0, 80.0, 80.0])  # 64 in the mean
    marked = replace(notes, markings={"notated_level": level})
    found = predict_velocities(marked, model=BUNDLE)
    np.testing.assert_allclose(found, [55, 55, 60, 65, 65], atol=1e-4)
    louder = replace(notes, markings={"notated_level": level + 16})
    found = predict_velocities(louder, model=BUNDLE)
    np.testing.assert_allclose(found, [55 + 13, 55 + 13, 60 + 13, 65 + 13, 65 + 13], atol=1e-4)


def test_it_has_no_route_for_a_performance() -> None:
    with pytest.raises(ModelError, match="format-1: no route for performed input"):
        predict_velocities(replace(five_notes(), timing="performed"), model=BUNDLE)


def test_a_changed_graph_is_refused(tmp_path: Path) -> None:
    for file in BUNDLE.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "rows.onnx").write_bytes(b"x" + (BUNDLE / "rows.onnx").read_bytes()[1:])
    with pytest.raises(ModelError, match=r"rows\.onnx: .* does not fit its hash"):
        load_model(tmp_path)
