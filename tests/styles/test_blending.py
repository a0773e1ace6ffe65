"""What lies between two interpretations, by hand and by chance."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from smf_builder import encode, music

from humanize.interpretation.attributes import ATTRIBUTES, Expression, Ground
from humanize.interpretation.parameters import PerformanceParameters
from humanize.midi.reading import read_midi
from humanize.styles.blending import blend, spread_evenly, turned

NOTES = read_midi(encode(music(4, 160))).pieces[0]
GROUND = Ground(NOTES)


def played(seed: int, level: float = 60.0) -> Expression:
    draw = np.random.default_rng(seed)
    neutral = PerformanceParameters.neutral(NOTES)
    onsets = len(neutral.onset_beat)
    parameters = replace(
        neutral,
        log_beat_period=draw.normal(0.05 * (seed % 3), 0.1, onsets),
        asynchrony_ms=draw.normal(0, 5, len(NOTES)),
        log_articulation=draw.normal(-0.2, 0.3, len(NOTES)),
        pedal_lift_ms=np.where(draw.random(onsets) < 0.4, 44.0, np.nan),
        pedal_press_ms=np.where(draw.random(onsets) < 0.5, 153.0, np.nan),
    )
    velocity = level + 8 * np.sin(NOTES.onset_beat / (3 + seed % 5)) + draw.normal(0, 8, len(NOTES))
    return Expression(ground=GROUND, velocity=velocity, parameters=parameters)


def test_a_right_angle_is_halved() -> None:
    """Half way between (2, 0) and (0, 2) stands (sqrt 2, sqrt 2): as far out, not nearer."""
    one, two = np.array([2.0, 0.0]), np.array([0.0, 2.0])
    np.testing.assert_allclose(turned(one, two, 0.5), [np.sqrt(2), np.sqrt(2)])
    third = turned(one, two, 1 / 3)
    np.testing.assert_allclose(third, 2 * np.array([np.cos(np.pi / 6), np.sin(np.pi / 6)]))


def test_sizes_go_evenly_in_their_logarithm() -> None:
    one, two = np.array([1.0, 0.0]), np.array([0.0, 4.0])
    assert np.linalg.norm(turned(one, two, 0.5)) == pytest.approx(2)


def test_opposites_and_nothing_go_straight() -> None:
    one = np.array([1.0, -1.0])
    np.testing.assert_allclose(turned(one, -one, 0.25), [0.5, -0.5])
    np.testing.assert_allclose(turned(np.zeros(2), one, 0.25), [0.25, -0.25])


def test_measures_are_taken_evenly() -> None:
    assert spread_evenly(7).tolist() == [0.5, 0.25, 0.75, 0.125, 0.625, 0.375, 0.875]


@settings(max_examples=20, deadline=None)
@given(first=st.integers(0, 40), second=st.integers(41, 80))
def test_both_ends_are_what_they_were(first: int, second: int) -> None:
    one, two = played(first), played(second, 75.0)
    for position, end in ((0.0, one), (1.0, two)):
        found = blend(one, two, position)
        np.testing.assert_allclose(found.velocity, end.velocity, atol=1e-9)
        for name in (
            "log_beat_period",
            "asynchrony_ms",
            "log_articulation",
            "pedal_lift_ms",
            "pedal_press_ms",
        ):
            wanted = getattr(end.parameters, name)
            np.testing.assert_allclose(getattr(found.parameters, name), wanted, atol=1e-9)


@settings(max_examples=20, deadline=None)
@given(first=st.integers(0, 40), second=st.integers(41, 80))
def test_steps_are_even_and_lead_one_way(first: int, second: int) -> None:
    one, two = played(first), played(second, 75.0)
    series = [blend(one, two, step / 8) for step in range(9)]
    length = np.diff(GROUND.notes.onset_beat)
    assert len(length)
    for value in (
        lambda e: e.velocity,
        lambda e: e.parameters.log_beat_period,
        lambda e: e.parameters.asynchrony_ms,
        lambda e: e.parameters.log_articulation,
    ):
        away = [float(np.linalg.norm(value(e) - value(one))) for e in series]
        left = [float(np.linalg.norm(value(e) - value(two))) for e in series]
        assert (np.diff(away) > 0).all() and (np.diff(left) < 0).all()
        steps = [float(np.linalg.norm(value(b) - value(a))) for a, b in pairwise(series)]
        assert max(steps) < 2 * min(steps)  # they grow as far as one end is wider than the other
    seconds = [_lasting(e) for e in series]
    np.testing.assert_allclose(np.diff(seconds), np.diff(seconds)[0], atol=1e-9)


def _lasting(expression: Expression) -> float:
    onset = expression.parameters.onset_beat
    length = np.diff(onset, append=onset[-1] + 1)
    return float(np.log(np.sum(length * np.exp(expression.parameters.log_beat_period))))


def test_the_middle_is_not_flattened() -> None:
    one, two = played(1), played(50)
    middle = blend(one, two, 0.5)
    mean = replace(one, velocity=(one.velocity + two.velocity) / 2)
    spread = ATTRIBUTES["spread"].measure
    assert spread(mean) < 0.8 * spread(one)  # a cross-fade would be
    assert spread(middle) == pytest.approx((spread(one) + spread(two)) / 2, rel=0.1)
    rough = [float(np.abs(np.diff(e.velocity)).mean()) for e in (one, middle, two)]
    assert rough[1] == pytest.approx((rough[0] + rough[2]) / 2, rel=0.1)


def test_pedals_change_measure_by_measure() -> None:
    one, two = played(1), played(50)
    series = [blend(one, two, step / 8).parameters for step in range(9)]

    def same(found: PerformanceParameters, end: PerformanceParameters) -> int:
        return int(
            np.sum(
                (found.pedal_press_ms == end.pedal_press_ms)
                | (np.isnan(found.pedal_press_ms) & np.isnan(end.pedal_press_ms))
            )
        )

    like = [same(found, two.parameters) for found in series]
    assert like == sorted(like) and like[-1] == len(one.parameters.onset_beat)
    assert like[0] < like[4] < like[8]


def test_the_foot_follows_where_the_measure_takes_the_other_pedal() -> None:
    """One holds the pedal all the time, the other has none: the middle lifts at the bar it leaves."""
    nothing = np.full(len(GROUND.size), np.nan)
    press = nothing.copy()
    press[0] = 100.0
    held = replace(played(1).parameters, pedal_press_ms=press, pedal_lift_ms=nothing)
    none = replace(held, pedal_press_ms=np.zeros(0), pedal_lift_ms=np.zeros(0))
    one, two = (replace(played(1), parameters=p) for p in (held, none))
    middle = blend(one, two, 0.5)
    down = ATTRIBUTES["pedal_depth"].measure(middle)
    assert down == pytest.approx(ATTRIBUTES["pedal_depth"].measure(one) / 2, abs=0.1)
    assert np.isfinite(middle.parameters.pedal_lift_ms).sum() > 2


def test_two_without_a_pedal_have_none_between() -> None:
    plain = replace(played(1).parameters, pedal_press_ms=np.zeros(0), pedal_lift_ms=np.zeros(0))
    one, two = replace(played(1), parameters=plain), replace(played(2), parameters=plain)
    assert not len(blend(one, two, 0.3).parameters.pedal_press_ms)
