"""Features of drums by hand: a rock beat of two measures, the second with a tom."""

from __future__ import annotations

import numpy as np
import pytest
from test_kit_and_grid import drum_file

from humanize.drums.features import drum_feature_names, drum_features, metrical_strength
from humanize.drums.hits import DrumHits, hits_of
from humanize.midi.reading import read_midi

BEAT = [(0, 36), (0, 42), (0.5, 42), (1, 38), (1, 42), (1.75, 38), (2, 36), (3, 38)]
STROKES = [*BEAT, *((4 + onset, number) for onset, number in BEAT[:-1]), (7.25, 45)]


@pytest.fixture(scope="module")
def beat() -> DrumHits:
    return hits_of(read_midi(drum_file(*STROKES)).pieces[0])


@pytest.fixture(scope="module")
def column(beat: DrumHits):  # type: ignore[no-untyped-def]
    features = drum_features(beat)
    order = {(t / 24, d): i for i, (t, d) in enumerate(zip(beat.tick, beat.drum, strict=True))}
    number = {36: 0, 38: 1, 42: 4, 45: 11}

    def value(name: str, onset: float, note: int) -> float:
        row = order[onset, number[note]]
        return float(features.values[row, features.names.index(name)])

    return value


@pytest.mark.parametrize(
    ("name", "onset", "note", "expected"),
    [
        ("position_beat", 5.75, 38, 1.75),
        ("position_in_beat", 5.75, 38, 0.75),
        ("metrical_strength", 4, 36, 5),
        ("metrical_strength", 6, 36, 4),
        ("metrical_strength", 1, 38, 3),
        ("metrical_strength", 0.5, 42, 2),
        ("metrical_strength", 1.75, 38, 1),
        ("is_backbeat", 1, 38, 1),
        ("is_backbeat", 1.75, 38, 0),
        ("is_backbeat", 2, 36, 0),
        ("before_beat_drum", 1.75, 38, 0.75),
        ("after_beat_drum", 1.75, 38, 1.25),
        ("before_beat_limb", 1.75, 38, 0.75),
        ("before_beat_limb", 1, 38, 0.5),  # the hi-hat, by a hand
        ("before_beat_limb", 2, 36, 2),
        ("hits_together", 0, 36, 2),
        ("hits_together", 1.75, 38, 1),
        ("snare_at_-1", 2, 36, 1),  # the ghost a sixteenth before
        ("snare_at_-2", 2, 36, 0),
        ("hat_at_+2", 0, 36, 1),
        ("hat_at_+0", 1, 38, 1),
        ("kick_at_+1", 1.75, 38, 1),
        ("recurrence", 1, 38, 1.0),
        ("recurrence", 3, 38, 0.5),  # in one measure of two
        ("recurrence", 7.25, 45, 0.5),
        ("is_in_measure_before", 5, 38, 1),
        ("is_in_measure_before", 1, 38, 0),
        ("is_in_measure_before", 7.25, 45, 0),
        ("is_in_measure_after", 3, 38, 0),
        ("measure_likeness", 4, 36, 7 / 8),
        ("measure_likeness", 0, 36, 0),
        ("measures_since_change", 4, 36, 1),
        ("measures_after", 0, 36, 1),
        ("tom_count_4_after", 5, 38, 1),
        ("tom_count_1_after", 5, 38, 0),
        ("hit_count_1_before", 1, 38, 3),
        ("snare_count_1_after", 1, 38, 1),
        ("drum_count_1_around", 1, 38, 2),
        ("run_after", 0, 42, 0),
        ("style_hits_per_beat", 0, 36, 16 / 7.25),
        ("style_tom_share", 0, 36, 1 / 16),
        ("style_snare_off_beat", 0, 36, 2 / 5),
        ("beat_ms", 0, 36, 500),
        ("grid_steps", 0, 36, 4),
    ],
)
def test_by_hand(column, name: str, onset: float, note: int, expected: float) -> None:  # type: ignore[no-untyped-def]
    assert column(name, onset, note) == pytest.approx(expected)


def test_a_run_counts_onsets_of_the_hands() -> None:
    fill = hits_of(read_midi(drum_file(*((i / 4, 38) for i in range(4)), (3, 38))).pieces[0])
    features = drum_features(fill)
    before, after = (
        features.values[:, features.names.index(f"run_{w}")] for w in ("before", "after")
    )
    assert before.tolist() == [0, 1, 2, 3, 0]
    assert after.tolist() == [3, 2, 1, 0, 0]


def test_no_neighbour_is_missing_and_velocity_is_not_read(beat: DrumHits) -> None:
    features = drum_features(beat)
    first = features.values[0, features.names.index("before_beat_drum")]
    assert np.isnan(first)
    loud = hits_of(read_midi(drum_file(*STROKES, velocity=120)).pieces[0])
    np.testing.assert_array_equal(drum_features(loud).values, features.values)


def test_lags_are_not_read() -> None:
    late = [(onset + 0.02 * (i % 2), number) for i, (onset, number) in enumerate(STROKES)]
    played = hits_of(read_midi(drum_file(*late)).pieces[0])
    flat = hits_of(read_midi(drum_file(*STROKES)).pieces[0])
    names = list(drum_feature_names())
    kept = [i for i, name in enumerate(names) if name != "beat_ms"]
    np.testing.assert_array_equal(
        drum_features(played).values[:, kept], drum_features(flat).values[:, kept]
    )


def test_names_are_distinct_and_need_no_hits() -> None:
    names = drum_feature_names()
    assert len(set(names)) == len(names) > 100


def test_strength_in_three_quarters_has_no_half() -> None:
    position, length = np.array([0, 24, 36, 48]), np.full(4, 72)
    assert metrical_strength(position, length).tolist() == [5, 3, 4, 3]
