"""The columns of touch, against rules written out note by note."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from by_hand import NONE, Expected, by_hand
from hypothesis import given, settings
from hypothesis import strategies as st

from humanize.features import all_features, feature_table
from humanize.features.context import CHORD_SPREAD_SEC
from humanize.notes import NoteTable
from humanize.training.columns import columns_of

NAMES = tuple(f.name for f in all_features() if f.family == "touch")
Note = tuple[int, int, int]  # onset and duration in milliseconds, pitch


def performed(notes: list[Note]) -> NoteTable:
    onset, duration, pitch = (np.array(c) for c in zip(*notes, strict=True))
    count = np.arange(len(notes), dtype=np.int64)
    whole = {
        name: np.ones_like(count)
        for name in ("measure", "track", "channel", "velocity", "metre_numerator")
    }
    return NoteTable(
        onset_beat=onset / 500,
        duration_beat=duration / 500,
        onset_sec=onset / 1000,
        duration_sec=duration / 1000,
        pitch=pitch.astype(np.int64),
        measure_position_beat=onset / 500,
        metre_denominator=4 + 0 * count,
        program=0 * count,
        instrument=0 * count,
        source=count,
        timing="performed",
        **whole,
    ).canonical()


def chords(onset: list[float]) -> list[int]:
    numbers = [0]
    for before, after in pairwise(onset):
        numbers.append(numbers[-1] + (after - before > CHORD_SPREAD_SEC))
    return numbers


def said_by_formulas(notes: NoteTable, row: int) -> dict[str, float]:
    """Return what the formulas say of one note."""
    onset, pitch = notes.onset_sec.tolist(), notes.pitch.tolist()
    end = (notes.onset_sec + notes.duration_sec).tolist()
    group = chords(onset)
    own = [i for i in range(len(onset)) if group[i] == group[row]]
    top, bottom = (pick(pitch[i] for i in own) for pick in (max, min))
    found = {
        "chord_spread_sec": max(onset[i] for i in own) - min(onset[i] for i in own),
        "lag_behind_top_sec": onset[row] - min(onset[i] for i in own if pitch[i] == top),
        "lag_behind_bottom_sec": onset[row] - min(onset[i] for i in own if pitch[i] == bottom),
    }
    for side, step in (("previous", -1), ("next", 1)):
        for rows in (1, 2):
            other = row + step * rows
            if 0 <= other < len(onset):
                gap = min(abs(onset[other] - onset[row]), 4.0)
                found[f"note_gap{rows}_sec_{side}"] = gap
        others = range(row + step, -1 if step < 0 else len(onset), step)
        same = next((i for i in others if pitch[i] == pitch[row]), None)
        if same is not None:
            early, late = min(row, same), max(row, same)
            gap = min(max(onset[late] - end[early], -1.0), 10.0)
            found[f"same_pitch_gap_sec_{side}"] = gap
        for width in (3, 12):
            for i in list(others)[:12]:
                if group[i] != group[row] and 0 < abs(pitch[i] - pitch[row]) <= width:
                    early, late = min(row, i), max(row, i)
                    gap = min(max(onset[late] - end[early], -2.0), 4.0)
                    found[f"neighbour{width}_gap_sec_{side}"] = gap
                    break
    return found


@by_hand
def test_two_chords_and_a_repeated_note() -> tuple[NoteTable, Expected]:
    notes = performed([
        (1000, 400, 76), (1020, 500, 60), (1025, 300, 64),
        (2000, 650, 62), (2500, 100, 74), (2700, 300, 62),
    ])  # fmt: skip
    # releases at 1.4, 1.52, 1.325, 2.65, 2.6 and 3.0
    return notes, {
        "chord_spread_sec": [0.025, 0.025, 0.025, 0, 0, 0],
        "lag_behind_top_sec": [0, 0.020, 0.025, 0, 0, 0],
        "lag_behind_bottom_sec": [-0.020, 0, 0.005, 0, 0, 0],
        "same_pitch_gap_sec_previous": [NONE, NONE, NONE, NONE, NONE, 0.05],
        "same_pitch_gap_sec_next": [NONE, NONE, NONE, 0.05, NONE, NONE],
        "note_gap1_sec_previous": [NONE, 0.020, 0.005, 0.975, 0.5, 0.2],
        "note_gap1_sec_next": [0.020, 0.005, 0.975, 0.5, 0.2, NONE],
        "note_gap2_sec_previous": [NONE, NONE, 0.025, 0.980, 1.475, 0.7],
        "note_gap2_sec_next": [0.025, 0.980, 1.475, 0.7, NONE, NONE],
        # 62 comes from 64 before, and follows 60 and 64; 74 follows 76
        "neighbour3_gap_sec_previous": [NONE, NONE, NONE, 0.675, 1.1, 1.375],
        "neighbour3_gap_sec_next": [1.1, 0.48, 0.675, NONE, NONE, NONE],
        # within an octave 74 comes from 62, which still sounds, and 62 from 74
        "neighbour12_gap_sec_previous": [NONE, NONE, NONE, 0.675, -0.15, 0.1],
        "neighbour12_gap_sec_next": [1.1, 0.48, 0.675, -0.15, 0.1, NONE],
    }


@settings(max_examples=80, deadline=None)
@given(
    notes=st.lists(
        st.tuples(st.integers(0, 1500), st.integers(0, 3000), st.integers(50, 75)),
        min_size=1,
        max_size=40,
    )
)
def test_columns_are_what_their_formulas_say(notes: list[Note]) -> None:
    table = performed(notes)
    values = feature_table(table, NAMES).values
    for row in range(len(table)):
        expected = said_by_formulas(table, row)
        for name, value in zip(NAMES, values[row].tolist(), strict=True):
            assert value == pytest.approx(expected.get(name, np.nan), abs=1e-5, nan_ok=True), name


def test_a_melody_that_leads_shows() -> None:
    chord = performed([(1000, 400, 76), (1020, 400, 60), (1025, 400, 64), (2000, 400, 62)])
    names = ["chord_spread_sec", "lag_behind_top_sec"]
    values = feature_table(chord, names).values
    np.testing.assert_allclose(values[:3, 0], 0.025, atol=1e-6)
    lag = dict(zip(chord.pitch.tolist(), values[:, 1].tolist(), strict=True))
    assert lag == pytest.approx({76: 0.0, 60: 0.020, 64: 0.025, 62: 0.0}, abs=1e-6)


def test_a_score_has_no_touch() -> None:
    notes = performed([(0, 400, 60), (500, 400, 62), (1000, 400, 60)])
    assert not np.isnan(feature_table(notes, NAMES).values[1]).all()
    assert np.isnan(feature_table(replace(notes, timing="score"), NAMES).values).all()
    assert set(NAMES) <= set(columns_of("performed"))
    assert not set(NAMES) & (set(columns_of("flat")) | set(columns_of("marked")))
