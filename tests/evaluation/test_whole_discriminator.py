"""Whole performances told apart, on performances that are made for it."""

from dataclasses import replace

import numpy as np
import pytest

from humanize.corpus.pieces import Origin, Performance, Piece
from humanize.evaluation.discriminator import STATISTICS, Scored, describe, scored
from humanize.evaluation.whole_discriminator import (
    ALL,
    MOST_WINDOWS,
    Whole,
    alike,
    area,
    describe_whole,
    mean_whole,
    shuffled,
    tell_apart,
    whole_of,
    whole_of_pianist,
)
from humanize.expression import ARTICULATION, PEDAL_LIFT, PEDAL_PRESS, TEMPO, TIMING, VELOCITY
from humanize.interpretation.parameters import PerformanceParameters
from humanize.midi.pedals import Controls
from humanize.notes import NoteTable

NAMES = [t.name for t in (VELOCITY, TEMPO, TIMING, ARTICULATION, PEDAL_LIFT, PEDAL_PRESS)]
COUNT = 128


def score(onset):
    ones = np.ones(len(onset), dtype=np.int64)
    return NoteTable(
        onset_beat=onset, duration_beat=0.5 + 0 * onset, onset_sec=onset / 2,
        duration_sec=0.25 + 0 * onset, pitch=60 + np.arange(len(onset)) % 12,
        measure=(onset // 4).astype(np.int64) + 1, measure_position_beat=onset % 4,
        metre_numerator=4 * ones, metre_denominator=4 * ones, track=ones, channel=ones,
        program=0 * ones, instrument=0 * ones, velocity=64 * ones, source=np.arange(len(onset)),
    )  # fmt: skip


def whole(composition, draw, *, smooth=False):
    """Values that wander, or that jump about a mean."""
    steps = draw.normal(0, 1, (len(NAMES), COUNT))
    scale = np.array([8.0, 0.1, 10.0, 0.3, 0.3, 0.3])[:, None]
    values = np.cumsum(steps, axis=1) / 3 if smooth else steps
    return Whole(
        composition=composition,
        onset_sec=np.arange(COUNT) / 4,
        pitch=60 + draw.integers(0, 12, COUNT) * 1.0,
        values=dict(zip(NAMES, scale * values, strict=True)),
    )


def pairs(differing):
    """Pianists that wander, and others that wander too, but jump in what is differing."""
    draw, made = np.random.default_rng(0), []
    for i in range(16):
        one, two, jumping = (whole(f"piece {i}", draw, smooth=s) for s in (True, True, False))
        values = {name: jumping.values[name] for name in differing}
        made.append((one, replace(two, values={**two.values, **values})))
    return made


def test_what_differs_is_told_by_its_aspect_and_all_together():
    found = tell_apart(pairs([TIMING.name]))
    assert set(found) == {"velocity", "tempo", "timing", "articulation", "pedal", ALL}
    assert found["timing"].mean > 0.9 and found[ALL].mean > 0.9
    assert found["velocity"].low < 0.5 < found["velocity"].high
    assert found[ALL].count == 16 and found[ALL].low <= found[ALL].mean <= found[ALL].high


def test_what_does_not_differ_is_not_told():
    made = [alike(*pair) for pair in pairs([])]
    human, other = zip(*made, strict=True)
    found = area(scored(human, other, describe_whole))
    assert found.low < 0.5 < found.high


def test_gaps_tell_nothing():
    draw = np.random.default_rng(0)
    one, two = whole("a", draw), whole("a", draw)
    one.values[VELOCITY.name][:10] = np.nan  # notes that were left out
    two.values[TIMING.name][20:40] = np.nan
    both = alike(one, two)
    for own in both:
        assert len(own.pitch) == COUNT - 10
        assert np.flatnonzero(np.isnan(own.values[TIMING.name])).tolist() == list(range(10, 30))
    np.testing.assert_array_equal(both[0].values[TEMPO.name], one.values[TEMPO.name][10:])


def test_windows_have_the_statistics_of_each_target_in_its_steps():
    own = whole("a", np.random.default_rng(0))
    own.values[TIMING.name][:60] = np.nan
    rows = describe_whole(own)
    assert rows.shape == (3, len(NAMES) * STATISTICS)
    tempo = np.rint(50 * own.values[TEMPO.name][32:96])
    expected = describe(tempo, own.pitch[32:96], own.onset_sec[32:96])
    np.testing.assert_allclose(rows[1, STATISTICS : 2 * STATISTICS], expected)
    timing = rows[:, 2 * STATISTICS : 3 * STATISTICS]
    assert np.isnan(timing[0]).all() and np.isfinite(timing[1]).all()


def test_a_long_piece_has_no_more_windows_than_others():
    own = whole("a", np.random.default_rng(0))
    many = Whole(
        composition="a", onset_sec=np.arange(20.0 * COUNT), pitch=np.tile(own.pitch, 20),
        values={name: np.tile(column, 20) for name, column in own.values.items()},
    )  # fmt: skip
    assert len(describe_whole(many)) == MOST_WINDOWS


def test_the_area_is_that_of_mann_and_whitney():
    found = Scored(
        label=np.array([1, 1, 0, 0]),
        score=np.array([0.9, 0.4, 0.4, 0.1]),
        composition=np.array(["a", "b", "a", "b"]),
    )
    assert area(found).mean == pytest.approx(3.5 / 4)
    assert 0 <= area(found).low <= area(found).mean <= area(found).high <= 1


def test_what_is_written_is_what_a_pianist_s_is():
    notes = score(np.arange(16.0))
    period = np.where(np.arange(16) < 8, 0.0, 0.2)
    own = replace(
        PerformanceParameters.neutral(notes),
        log_beat_period=period,
        velocity=np.arange(16) + 50,
        log_articulation=np.full(16, -0.5),
        pedal_lift_ms=np.where(np.arange(16) % 4 == 0, 44.0, np.nan),
        pedal_press_ms=np.where(np.arange(16) % 4 == 1, 153.0, np.nan),
    )
    written = whole_of("a", notes, own)
    length = 0.5 * np.exp(period)
    onset = np.concatenate([[0.0], np.cumsum(length)[:-1]])
    pedal = [(onset[i] + lag, value) for i in range(16)
             for at, lag, value in ((0, 0.05, 0), (1, 0.15, 127)) if i % 4 == at]  # fmt: skip
    seconds, value = np.array(pedal).T
    played = Performance(
        id="x", rows=np.arange(16), velocity=np.arange(16) + 50, onset_sec=onset,
        offset_sec=onset + 0.5 * length * np.exp(-0.5), robust=True, share=1.0,
        pedals=Controls(seconds=seconds, voice=np.zeros(8, dtype=np.int64),
                        number=np.full(8, 64), value=value.astype(np.int64)),
    )  # fmt: skip
    piece = Piece(
        id="p", origin=Origin(name="n", licence="l", attribution="a"), composer="c", title="t",
        split="test", notes=notes, performances=(played,),
    )  # fmt: skip
    read = whole_of_pianist(piece, played)
    for name in (VELOCITY.name, TEMPO.name, ARTICULATION.name):
        np.testing.assert_allclose(written.values[name][:15], read.values[name][:15], atol=1e-9)
    np.testing.assert_array_equal(written.values[PEDAL_PRESS.name], read.values[PEDAL_PRESS.name])
    # the first lift is of a pedal that is not down
    np.testing.assert_array_equal(
        written.values[PEDAL_LIFT.name][1:], read.values[PEDAL_LIFT.name][1:]
    )


def test_a_mean_is_whole_where_a_file_is():
    draw = np.random.default_rng(0)
    own = [whole("a", draw) for _ in range(3)]
    for number, each in enumerate(own):
        each.values[PEDAL_LIFT.name][:] = float(number > 0)
    mean = mean_whole(own)
    assert np.all(mean.values[PEDAL_LIFT.name] == 1)
    assert np.all(mean.values[VELOCITY.name] == np.rint(mean.values[VELOCITY.name]))
    expected = np.mean([each.values[TEMPO.name] for each in own], axis=0)
    np.testing.assert_allclose(mean.values[TEMPO.name], expected)


def test_shuffled_keeps_the_values_and_the_gaps():
    own = whole("a", np.random.default_rng(0))
    own.values[TIMING.name][3] = np.nan
    dealt = shuffled(own, np.random.default_rng(1))
    for name in NAMES:
        np.testing.assert_array_equal(np.sort(own.values[name]), np.sort(dealt.values[name]))
    assert np.isnan(dealt.values[TIMING.name][3])
    assert not np.array_equal(own.values[VELOCITY.name], dealt.values[VELOCITY.name])
