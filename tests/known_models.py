"""A few notes, and models whose every prediction is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from humanize.models import Model
from humanize.models.base import Calibration, Condition, Head, Route
from humanize.models.members import Line
from humanize.notes import NoteTable


def notes_of(
    pitch: Sequence[int], onset: Sequence[float] = (), instrument: Sequence[int] = ()
) -> NoteTable:
    size = len(pitch)
    ones = np.ones(size, dtype=np.int64)
    beats = np.array(onset or range(size), dtype=np.float64)
    return NoteTable(
        onset_beat=beats,
        duration_beat=np.ones(size),
        onset_sec=beats / 2,
        duration_sec=np.ones(size) / 2,
        pitch=np.array(pitch, dtype=np.int64),
        measure=ones,
        measure_position_beat=0 * beats,
        metre_numerator=4 * ones,
        metre_denominator=4 * ones,
        track=ones,
        channel=ones,
        program=0 * ones,
        instrument=np.array(instrument, dtype=np.int64) if len(instrument) else 0 * ones,
        velocity=64 * ones,
        source=np.arange(size),
    )


def model_of(slopes: Mapping[str, float], *conditions: Condition) -> Model:
    """Return a model that says slopes times columns, in velocity units (a unit is 1000 of its)."""
    names = tuple(slopes)
    line = Line(0.0, {names.index(n): slope / 1000 for n, slope in slopes.items()})
    calibration = Calibration(level=0.0, spread=1000.0)
    head = Head(feature_names=names, members=[(line, 1.0)], calibration=calibration)
    route = Route(heads={"velocity": head})
    return Model(name="line", manifest={}, routes=dict.fromkeys(conditions or ("flat",), route))
