"""What a pianist added to a score, on a few notes whose every value is worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from humanize.corpus.asap import load_scores
from humanize.corpus.performed import (
    mean_performed,
    pedal_changes,
    performed_values,
    time_map,
)
from humanize.corpus.pieces import Origin, Performance, Piece
from humanize.expression import (
    ARTICULATION,
    PEDAL_DOWN,
    PEDAL_LIFT,
    PEDAL_PRESS,
    TARGETS,
    TEMPO,
    TIMING,
    VELOCITY,
    Target,
)
from humanize.midi.pedals import Controls
from humanize.notes import NoteTable, starts

# a chord of two on each of the beats 0, 1, 2 and 4, the upper note last
BEAT = np.repeat([0.0, 1.0, 2.0, 4.0], 2)
DURATION = np.repeat([1.0, 1.0, 2.0, 1.0], 2)
# performed at 1.0, 1.5, 2.1 and 3.1 s, the lower note 10 ms before the upper one
MIDDLE = np.repeat([1.0, 1.5, 2.1, 3.1], 2)
ONSET = MIDDLE + np.tile([-0.005, 0.005], 4)
NAN = float("nan")


def score(beat: np.ndarray = BEAT, duration: np.ndarray = DURATION) -> NoteTable:
    ones = np.ones(len(beat), dtype=np.int64)
    return NoteTable(
        onset_beat=beat, duration_beat=duration, onset_sec=beat / 2, duration_sec=duration / 2,
        pitch=60 + 7 * (np.arange(len(beat)) % 2), measure=ones, measure_position_beat=beat,
        metre_numerator=4 * ones, metre_denominator=4 * ones, track=ones, channel=ones,
        program=0 * ones, instrument=0 * ones, velocity=64 * ones, source=np.arange(len(beat)),
    )  # fmt: skip


def played(
    onset: np.ndarray = ONSET, held: float | np.ndarray = 0.25, **more: object
) -> Performance:
    known = {
        "id": "p", "rows": np.arange(len(onset)), "velocity": np.arange(40.0, 40 + len(onset)),
        "robust": True, "share": 1.0, "onset_sec": onset, "offset_sec": onset + held,
    }  # fmt: skip
    return Performance(**{**known, **more})  # type: ignore[arg-type]


def piece(*performances: Performance, notes: NoteTable | None = None) -> Piece:
    return Piece(
        id="x", origin=Origin("c", "none", "nobody"), composer="a", title="b", split="train",
        notes=score() if notes is None else notes, performances=performances,
    )  # fmt: skip


def values(target: Target, performance: Performance, notes: NoteTable | None = None) -> list[float]:
    return performed_values(piece(performance, notes=notes), performance, target).tolist()


def near(found: list[float], expected: list[float]) -> None:
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_the_time_map_is_the_median_of_each_onset_and_straight_between() -> None:
    found = time_map(score(), played())
    assert found is not None
    near(found.sec.tolist(), [1.0, 1.5, 2.1, 3.1])
    near(found.at(np.array([0.5, 1.0, 3.0, 5.0, -1.0])).tolist(), [1.25, 1.5, 2.6, 3.6, 0.5])
    early = np.where(np.arange(8) < 6, ONSET, 0.2)  # the last chord before the first
    assert time_map(score(), played(early)).beat.tolist() == [0, 1, 2]  # type: ignore[union-attr]
    grace = replace(score(), markings={"grace": (np.arange(8) == 7).astype(float)})
    late = ONSET + 0.4 * (np.arange(8) == 7)
    assert time_map(grace, played(late)).sec[3] == pytest.approx(3.095)  # type: ignore[union-attr]
    assert time_map(score(), played(np.full(8, NAN))) is None


def test_tempo_is_the_logarithm_of_the_beat_period_about_its_median() -> None:
    # periods .5, .6 and (over two beats) .5 s: the median is .5
    slow = np.log(0.6 / 0.5)
    near(values(TEMPO, played()), [0, 0, slow, slow, 0, 0, NAN, NAN])


def test_a_chord_left_out_leaves_both_intervals_unknown() -> None:
    # the second chord was not played: from 1.0 to 2.1 s is neither interval
    rows = np.array([0, 1, 4, 5, 6, 7])
    left_out = played(ONSET[rows], rows=rows)
    near(values(TEMPO, left_out), [NAN, NAN, NAN, NAN, 0, 0, NAN, NAN])


def test_tempo_is_limited_and_not_read_off_graces() -> None:
    onset = np.repeat([1.0, 1.5, 2.0, 22.0], 2)
    near(values(TEMPO, played(onset)), [0, 0, 0, 0, 1.6, 1.6, NAN, NAN])
    beat = np.repeat([0.0, 0.95, 1.0, 2.0], 2)  # the third onset 1/20 of a quarter note after
    near(
        values(TEMPO, played(np.repeat([0.0, 0.95, 1.2, 2.2], 2)), score(beat)),
        [0, 0, NAN, NAN, 0, 0, NAN, NAN],
    )


def test_asynchrony_is_about_the_mean_of_the_chord_and_rolled_chords_have_none() -> None:
    near(values(TIMING, played()), [-5, 5] * 4)
    rolled = ONSET + np.where(np.arange(8) == 1, 0.2, 0.0)
    near(values(TIMING, played(rolled)), [NAN, NAN, *[-5, 5] * 3])
    single = played(ONSET[1:], rows=np.arange(1, 8))
    near(values(TIMING, single), [NAN, NAN, *[-5, 5] * 3])


def test_articulation_is_the_key_held_over_the_notated_length_in_the_tempo_played() -> None:
    # notated lengths last .5, .6, 1.0 and (straight on) .5 s
    lasting = np.repeat([0.5, 0.6, 1.0, 0.5], 2)
    near(values(ARTICULATION, played(held=lasting)), [0.0] * 8)
    near(values(ARTICULATION, played(held=0.25)), np.log(0.25 / lasting).tolist())
    near(values(ARTICULATION, played(held=0.0005)), [-3.0] * 8)
    ornament = score(duration=np.where(np.arange(8) == 0, 0.0, DURATION))
    assert np.isnan(values(ARTICULATION, played(), ornament)[0])


def pedal(*changes: tuple[float, int]) -> Controls:
    return Controls.of_changes([(sec, 64, value) for sec, value in changes])


def test_the_pedal_is_down_from_64_on() -> None:
    down, up = pedal_changes(
        pedal((0.5, 63), (1.0, 64), (1.1, 127), (2.0, 63), (3.0, 0), (4.0, 90))
    )
    assert down.tolist() == [1.0, 4.0]
    assert up.tolist() == [2.0]
    soft = Controls.of_changes([(1.0, 67, 127)])
    assert [own.tolist() for own in pedal_changes(soft)] == [[], []]
    # of two changes at one time the higher counts, as in the columns of the notes
    assert pedal_changes(pedal((1.0, 127), (1.0, 0)))[0].tolist() == [1.0]


def test_lifts_and_presses_stand_at_the_onset_that_they_follow() -> None:
    # onsets 1.0, 1.5, 2.1, 3.1 s; a lift is looked for 50 ms, a press 150 ms earlier
    feet = pedal((0.9, 127), (1.56, 0), (1.7, 127), (2.7, 0))
    lifts, presses = (
        values(PEDAL_LIFT, played(pedals=feet)),
        values(PEDAL_PRESS, played(pedals=feet)),
    )
    near(lifts, [0, 0, 1, 1, 0, 0, 1, 1])  # 1.51 is at 1.5; 2.65 is nearer to 3.1 than to 2.1
    near(presses, [1, 1, 1, 1, 0, 0, 0, 0])  # .75 is before all; 1.55 at 1.5
    near(values(PEDAL_LIFT, played(pedals=pedal((1.7, 127), (2.64, 0)))), [0, 0, 0, 0, 1, 1, 0, 0])
    for sec, expected in ((1.9, [0, 0, 1, 1, 0, 0, 0, 0]), (1.96, [0, 0, 0, 0, 1, 1, 0, 0])):
        near(values(PEDAL_PRESS, played(pedals=pedal((sec, 127)))), expected)  # 1.75, 1.81
    assert np.isnan(values(PEDAL_LIFT, played())).all()


def test_the_share_of_the_time_to_the_next_onset_with_the_pedal_down() -> None:
    # onsets 1.0, 1.5, 2.1, 3.1 s; the last chord ends at 3.6 s in the tempo played
    feet = pedal((0.9, 127), (1.4, 0), (1.8, 127), (2.1, 0), (3.5, 127))
    near(values(PEDAL_DOWN, played(pedals=feet)), np.repeat([0.8, 0.5, 0, 0.2], 2).tolist())
    near(values(PEDAL_DOWN, played(pedals=pedal((0.5, 0)))), [0] * 8)
    assert np.isnan(values(PEDAL_DOWN, played())).all()


def test_the_mean_of_pianists_is_in_units_of_the_spread_and_half_where_not_robust() -> None:
    one, other = played(held=0.25), played(held=0.5, robust=False, rows=np.arange(8))
    mean, weight = mean_performed(piece(one, other), ARTICULATION)
    first, second = (performed_values(piece(one), p, ARTICULATION) for p in (one, other))
    near(mean.tolist(), ((first + second / 2) / 1.5 / ARTICULATION.typical_spread).tolist())
    assert weight.tolist() == [1.5] * 8
    mean, weight = mean_performed(piece(one), TEMPO)
    assert np.isnan(mean[6:]).all() and weight.tolist() == [1] * 6 + [0, 0]
    near(mean_performed(piece(one), VELOCITY)[0].tolist(), piece(one).mean_velocity()[0].tolist())


TWO_PIANISTS = {"velocity": 0.639, "log_beat_period": 0.591, "asynchrony_ms": 0.264,
                "log_articulation": 0.623, "pedal_lift": 0.325, "pedal_press": 0.333,
                "pedal_down": 0.358}  # fmt: skip


def test_pianists_agree_as_far_as_is_known(asap_dir: Path) -> None:
    """Two pianists, test split: what an independent reading of the corpus found, within .02."""
    pieces = load_scores(asap_dir, "test").pieces
    for target in TARGETS:
        by_composition: dict[str, list[float]] = {}
        for own in pieces:
            first = starts(own.notes.onset_beat) | (target.scope == "note")
            read = [performed_values(own, p, target) for p in own.performances if p.robust]
            for i, one in enumerate(read):
                for other in read[:i]:
                    both = np.isfinite(one) & np.isfinite(other) & first
                    if both.sum() >= 20 and one[both].std() > 0 and other[both].std() > 0:
                        r = np.corrcoef(one[both], other[both])[0, 1]
                        by_composition.setdefault(own.composition, []).append(r)
        mean = np.mean([np.mean(r) for r in by_composition.values()])
        assert mean == pytest.approx(TWO_PIANISTS[target.name], abs=0.02), target.name
