"""Maps, the grid, and places on it, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from smf_builder import header, note, track

from humanize.drums.grid import find_steps, nearest
from humanize.drums.hits import DrumHits, hits_of
from humanize.drums.kit import (
    CLOSED,
    DRUM_NAMES,
    HANDS,
    KICK,
    LEFT_FOOT,
    LOW,
    OPEN,
    PEDAL,
    RIGHT_FOOT,
    SNARE,
    UNKNOWN,
    VOICES,
    drums_of,
    limbs_of,
    voices_of,
)
from humanize.midi.reading import read_midi

QUARTER = 480


def drum_file(*strokes: tuple[float, int], velocity: int = 80, tempo: int = 500_000) -> bytes:
    """One track of drums: onset in quarter notes, and note number; each lasts a sixteenth."""
    events = [(0, b"\xff\x51\x03" + tempo.to_bytes(3, "big")), (0, b"\xff\x58\x04\x04\x02\x18\x08")]
    for onset, number in strokes:
        tick = round(onset * QUARTER)
        events += note(tick, tick + 120, number, channel=9, velocity=velocity)
    return header(0, 1, QUARTER) + track(events)


def hits(*strokes: tuple[float, int]) -> DrumHits:
    return hits_of(read_midi(drum_file(*strokes)).pieces[0])


def test_numbers_of_general_midi_and_roland() -> None:
    number = np.array([35, 36, 38, 40, 42, 44, 46, 22, 26, 58, 43, 34, 85, 0])
    drum = [KICK, KICK, SNARE, SNARE, CLOSED, PEDAL, OPEN, CLOSED, OPEN, LOW, LOW]
    assert drums_of(number).tolist() == [*drum, UNKNOWN, UNKNOWN, UNKNOWN]


def test_limbs_and_voices() -> None:
    assert limbs_of(np.array([KICK, PEDAL, SNARE, CLOSED])).tolist() == [
        RIGHT_FOOT, LEFT_FOOT, HANDS, HANDS,
    ]  # fmt: skip
    assert sorted(d for own in VOICES.values() for d in own) == list(range(len(DRUM_NAMES)))
    names = list(VOICES)
    assert [names[v] for v in voices_of(np.array([KICK, SNARE, OPEN, LOW]))] == [
        "kick", "snare", "hat", "tom",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("onsets", "steps"),
    [
        ([0, 0.25, 0.5, 0.75, 1, 1.5], 4),
        ([0, 2 / 3, 1, 1 + 2 / 3, 2, 2 + 1 / 3, 2 + 2 / 3], 6),
        ([0, 0.5, 1, 1.5], 4),  # eighths stand on both: sixteenths
        ([0.02, 0.27, 0.49, 0.74, 1.03], 4),  # played
        ([0.01, 0.66, 1.02, 1.65, 2.0, 2.68], 6),
    ],
)
def test_the_grid_of_a_file(onsets: list[float], steps: int) -> None:
    assert set(find_steps(np.array(onsets)).tolist()) == {steps}


def test_a_triplet_fill_in_straight_music() -> None:
    straight = np.arange(0, 4, 0.25)
    fill = 4 + np.array([0, 1 / 3, 2 / 3])
    steps = find_steps(np.concatenate([straight, fill]))
    assert steps.tolist() == [4] * 16 + [6] * 3
    assert find_steps(np.zeros(0)).tolist() == []


def test_places_that_are_nearest() -> None:
    np.testing.assert_allclose(nearest(np.array([0.1, 0.3, 0.66]), 4), [0, 0.25, 0.75])
    np.testing.assert_allclose(
        nearest(np.array([0.1, 0.3, 0.66]), 6), [1 / 6, 1 / 3, 2 / 3], atol=1e-12
    )


def test_hits_have_places_lags_and_measures() -> None:
    # 120 a minute: a quarter note is 500 ms, a tick of 480 a little over 1 ms
    found = hits((0, 36), (1.02, 38), (1.98, 36), (3.99, 49), (4.25, 42))
    assert found.drum.tolist() == drums_of(np.array([36, 38, 36, 49, 42])).tolist()
    assert found.tick.tolist() == [0, 24, 48, 96, 102]
    assert found.position.tolist() == [0, 24, 48, 0, 6]  # an early downbeat is one
    assert found.measure.tolist() == [1, 1, 1, 2, 2]
    np.testing.assert_allclose(found.lag_ms, [0, 10.4, -10.4, -5.2, 0], atol=0.3)
    np.testing.assert_allclose(found.beat_sec, 0.5, atol=1e-5)
    assert found.length.tolist() == [96] * 5


def test_the_rest_of_a_flam() -> None:
    found = hits((0.95, 38), (1, 38), (1, 42), (2, 38))
    assert dict(zip(found.row.tolist(), found.again.tolist(), strict=True)) == {
        0: True, 1: False, 2: False, 3: False,
    }  # fmt: skip


def test_order_within_a_place_does_not_tell_who_was_early() -> None:
    one, other = hits((1, 36), (1.03, 42)), hits((1.03, 36), (1, 42))
    assert one.drum.tolist() == other.drum.tolist()


def test_unknown_numbers_are_no_hits() -> None:
    assert hits((0, 36), (1, 90), (2, 38)).row.tolist() == [0, 2]
