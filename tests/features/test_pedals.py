"""The columns of the pedals, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from by_hand import Expected, around, at_every_edge, by_hand, mean, performance

from humanize.features import all_features, feature_table
from humanize.notes import PEDALS, NoteTable


@by_hand
def test_every_value_is_a_column() -> tuple[NoteTable, Expected]:
    values = {name: [float(i), 127.0 - i] for i, name in enumerate(PEDALS)}
    notes = performance([(0, 1, 60), (1, 1, 62)])
    return replace(notes, pedals={n: np.array(v) for n, v in values.items()}), values


@by_hand
def test_means_over_seconds() -> tuple[NoteTable, Expected]:
    """They are of the value a tenth of a second after each onset."""
    notes = at_every_edge()
    size = len(notes)
    after = {
        "sustain_pedal": [float((row * 37) % 128) for row in range(size)],
        "soft_pedal": [float((row * 53) % 128) for row in range(size)],
    }
    pedals = {f"{name}_after": np.array(column) for name, column in after.items()}
    others = {name: np.full(size, 5.0) for name in PEDALS if name not in pedals}
    expected: dict[str, list[float]] = {}
    for row in range(size):
        for side, lengths in (("around", (1, 4, 16)), ("past", (0.5, 2, 8)), ("next", (0.5, 2, 8))):
            for seconds in lengths:
                heard = around(notes, row, side, seconds)
                for name, column in after.items():
                    value = mean([column[i] for i in heard])
                    expected.setdefault(f"{name}_{side}{seconds}s_mean", []).append(value)
    return replace(notes, pedals={**pedals, **others}), expected


def test_a_pedal_that_is_never_moved_is_missing() -> None:
    notes = performance([(0, 1, 60), (1, 1, 62)])
    damper = {name: np.array([0.0, 90.0]) for name in PEDALS if name.startswith("sustain")}
    names = [f.name for f in all_features() if f.family == "pedals"]
    values = feature_table(replace(notes, pedals=damper), names).values
    for name, column in zip(names, values.T, strict=True):
        assert np.isnan(column).all() == name.startswith("soft"), name
