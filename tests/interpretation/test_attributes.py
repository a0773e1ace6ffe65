"""Each attribute by hand, and each slider moving its own alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from smf_builder import encode, header, music, note, track

from humanize.interpretation.attributes import (
    ATTRIBUTES,
    Expression,
    Ground,
    measured,
    shifted,
    spread_of,
)
from humanize.interpretation.parameters import PerformanceParameters
from humanize.midi.reading import read_midi
from humanize.notes import NoteTable

# four chords of three quarter notes, a second each
CHORDS = [(beat, 1.0, pitch) for beat in range(4) for pitch in (48, 55, 72)]


def table(rows: list[tuple[float, float, int]]) -> NoteTable:
    events = [(0, b"\xff\x51\x03" + (1_000_000).to_bytes(3, "big"))]
    for onset, length, pitch in rows:
        events += note(round(onset * 480), round((onset + length) * 480), pitch)
    return read_midi(header(0, 1, 480) + track(sorted(events, key=lambda e: e[0]))).pieces[0]


def expression(
    velocity: list[float], rows: list[tuple[float, float, int]] = CHORDS, **own: object
) -> Expression:
    notes = table(rows)
    parameters = replace(PerformanceParameters.neutral(notes), **own)
    return Expression(
        ground=Ground(notes), velocity=np.array(velocity, float), parameters=parameters
    )


CHORD_VELOCITIES = [40.0, 50.0, 90.0] * 4


def measure(name: str, found: Expression) -> float:
    return ATTRIBUTES[name].measure(found)


def test_loudness_is_the_mean() -> None:
    assert measure("loudness", expression(CHORD_VELOCITIES)) == pytest.approx(60)


def test_spread_is_the_standard_deviation() -> None:
    # of 40, 50, 90: deviations -20, -10, 30, mean square 1400 / 3
    assert measure("spread", expression(CHORD_VELOCITIES)) == pytest.approx(np.sqrt(1400 / 3))


def test_melody_is_the_top_less_the_rest() -> None:
    assert measure("melody", expression(CHORD_VELOCITIES)) == pytest.approx(90 - 45)


def test_melody_of_a_broken_chord_is_its_top() -> None:
    """Sixteenths c e g: nothing sounds together, and g is the highest within half a beat."""
    rows = [(step / 4, 0.25, 60 + (0, 4, 7)[step % 3]) for step in range(12)]
    found = expression([30.0, 40.0, 80.0] * 4, rows)
    assert found.ground.is_melody.tolist() == [0, 0, 1] * 4
    assert measure("melody", found) == pytest.approx(80 - 35)


def test_one_voice_has_no_melody_above_the_rest() -> None:
    found = expression([60.0] * 4, [(beat, 1.0, 60) for beat in range(4)])
    assert np.isnan(measure("melody", found))
    assert np.isnan(measure("lead", found))


def test_phrasing_is_the_spread_of_means_over_two_beats_around() -> None:
    rows = [(beat, 1.0, 60) for beat in range(0, 12, 3)]  # each alone within two beats
    assert measure("phrasing", expression([50.0, 70.0, 50.0, 70.0], rows)) == pytest.approx(10)
    rows = [(beat, 1.0, 60) for beat in range(4)]
    # means of the notes around: of 3, 4, 4, 3 notes
    around = [(0 + 0 + 30) / 3, 60 / 4, 60 / 4, (0 + 30 + 30) / 3]
    assert measure("phrasing", expression([0.0, 0, 30, 30], rows)) == pytest.approx(np.std(around))


def test_lead_is_how_early_the_top_is() -> None:
    found = expression(CHORD_VELOCITIES, asynchrony_ms=np.array([4.0, 8.0, -12.0] * 4))
    assert measure("lead", found) == pytest.approx(6 + 12)


def test_rolled_chords_say_nothing_of_the_lead() -> None:
    late = np.array([4.0, 8.0, -12.0] * 4 + [-200.0, 0.0, 200.0])
    rows = [*CHORDS, (4, 1.0, 48), (4, 1.0, 55), (4, 1.0, 72)]
    assert measure("lead", expression([60.0] * 15, rows, asynchrony_ms=late)) == pytest.approx(18)


def test_legato_is_the_mean_log_articulation() -> None:
    held = np.log(np.array([0.5, 1.0, 2.0] * 4))
    found = expression(CHORD_VELOCITIES, log_articulation=held)
    assert measure("legato", found) == pytest.approx(0.0, abs=1e-12)


def test_rubato_depth_is_the_spread_of_the_log_beat_period() -> None:
    found = expression(CHORD_VELOCITIES, log_beat_period=np.array([0.1, 0.3, 0.5, 9.0]))
    assert measure("rubato_depth", found) == pytest.approx(np.std([0.1, 0.3, 0.5]))  # not the last


def test_pedal_depth_is_the_share_of_time_that_the_pedal_is_down() -> None:
    """Pressed 0.1 s after the first onset, let up 0.1 s after the third: 2 of 4 seconds."""
    nothing = np.full(4, np.nan)
    press, lift = nothing.copy(), nothing.copy()
    press[0], lift[2] = 100.0, 100.0
    found = expression(CHORD_VELOCITIES, pedal_press_ms=press, pedal_lift_ms=lift)
    assert measure("pedal_depth", found) == pytest.approx(0.5)
    press[3] = 500.0  # and from 3.5 s to the end
    found = expression(CHORD_VELOCITIES, pedal_press_ms=press, pedal_lift_ms=lift)
    assert measure("pedal_depth", found) == pytest.approx(0.625)
    assert np.isnan(measure("pedal_depth", expression(CHORD_VELOCITIES)))


@pytest.mark.parametrize("by", [-0.2, 0.2])
def test_more_and_less_pedal_by_hand(by: float) -> None:
    """The stroke of 2 s is cut by 0.8 s; the gap of 1.4 s before the second press likewise."""
    press = np.array([100.0, np.nan, np.nan, 500.0])
    lift = np.array([np.nan, np.nan, 100.0, np.nan])
    found = expression(CHORD_VELOCITIES, pedal_press_ms=press, pedal_lift_ms=lift)
    moved = ATTRIBUTES["pedal_depth"].moved(found, by).parameters
    if by < 0:
        assert moved.pedal_lift_ms[2] == pytest.approx(100 - 800)
        np.testing.assert_array_equal(moved.pedal_press_ms, press)
    else:
        assert moved.pedal_press_ms[3] == pytest.approx(500 - 800)
        np.testing.assert_allclose(moved.pedal_lift_ms, lift)


def played(seed: int) -> Expression:
    """A made-up interpretation of made-up music."""
    notes = read_midi(encode(music(seed, 200))).pieces[0]
    draw = np.random.default_rng(seed)
    neutral = PerformanceParameters.neutral(notes)
    onsets = len(neutral.onset_beat)
    lift = np.where(draw.random(onsets) < 0.4, 44.0, np.nan)
    parameters = replace(
        neutral,
        log_beat_period=draw.normal(0, 0.1, onsets),
        asynchrony_ms=draw.normal(0, 5, len(notes)),
        log_articulation=draw.normal(-0.2, 0.3, len(notes)),
        pedal_lift_ms=lift,
        pedal_press_ms=np.where(draw.random(onsets) < 0.5, 153.0, np.nan),
    )
    slow = 8 * np.sin(notes.onset_beat / 5)
    velocity = 60 + slow + draw.normal(0, 8, len(notes)) + 0.2 * (notes.pitch - 60)
    return Expression(ground=Ground(notes), velocity=velocity, parameters=parameters)


ASPECTS = ("velocity", "tempo", "timing", "articulation", "pedal")


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 50),
    name=st.sampled_from(list(ATTRIBUTES)),
    amount=st.floats(-1.0, 1.0),
)
def test_a_slider_moves_its_own_attribute_alone(seed: int, name: str, amount: float) -> None:
    before = played(seed)
    after = shifted(before, {name: amount}, ASPECTS)
    one, two = measured(before), measured(after)
    for other in ATTRIBUTES:
        moved = (two[other] - one[other]) / spread_of(other)
        wanted = amount if other == name else 0.0
        assert moved == pytest.approx(wanted, abs=0.05), other


def test_several_sliders_at_once() -> None:
    before = played(3)
    sliders = {"spread": 0.5, "melody": -0.5, "phrasing": 0.5, "loudness": 1.0}
    one, two = measured(before), measured(shifted(before, sliders, ASPECTS))
    for name, amount in sliders.items():
        assert (two[name] - one[name]) / spread_of(name) == pytest.approx(amount, abs=0.02)


def test_nothing_asked_for_is_nothing_done() -> None:
    before = played(1)
    assert shifted(before, {}, ASPECTS) is before
    assert shifted(before, {"loudness": 0.0}, ASPECTS) is before
    assert shifted(before, {"lead": 1.0}, ("velocity",)) is before


def test_a_flat_interpretation_has_nothing_to_widen() -> None:
    before = expression([60.0] * 12)
    after = shifted(before, {"spread": 2.0, "rubato_depth": 2.0}, ASPECTS)
    np.testing.assert_array_equal(after.velocity, before.velocity)
    assert not after.parameters.log_beat_period.any()


def test_rubato_keeps_how_long_the_whole_lasts() -> None:
    before = played(2)
    after = shifted(before, {"rubato_depth": 1.0}, ASPECTS)
    length = np.diff(before.parameters.onset_beat, append=before.parameters.onset_beat[-1] + 1)
    one, two = (np.sum(length * np.exp(e.parameters.log_beat_period)) for e in (before, after))
    assert one == pytest.approx(two)
