"""Takes: how residuals are laid, by hand on a small bank; what the shipped bank makes of music."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_models import notes_of
from small_bank import small_bank

from humanize.expression import ARTICULATION, TIMING
from humanize.interpretation.interpret import Settings, interpret
from humanize.interpretation.sampling import (
    AGREEMENT,
    FADE,
    LONGEST,
    MOST_SPREAD,
    SHORTEST,
    TEMPO_SCALE,
    WIDER,
    Deviations,
    brought_out,
    eased,
    held_back,
    lay,
    phrase_edges,
    sample_deviations,
    struck,
)
from humanize.interpretation.texture import chords_of
from humanize.midi.reading import read_midi
from humanize.models.residuals import DEFAULT, load_bank
from humanize.notes import NoteTable

EXAMPLES = Path(__file__).parents[2] / "examples"


def example(name: str) -> NoteTable:
    return read_midi((EXAMPLES / name).read_bytes()).pieces[0]


def test_the_texture_of_chords_by_hand() -> None:
    # C4 alone, then E4 and C5 a half second later, then G4 a whole second later
    notes = notes_of([60, 64, 72, 67], onset=[0, 1, 1, 3])
    chords = chords_of(notes)
    assert chords.of_note.tolist() == [0, 1, 1, 2]
    assert chords.rank.tolist() == [0, 0, 1, 0]
    assert chords.size.tolist() == [1, 2, 1]
    # log2 of .5 s and 1 s, 16 an octave; the longest, 8 s, before the first; the last waits as long
    assert chords.texture[:, 0].tolist() == [-16, 0, 0]
    assert chords.texture[:, 1].tolist() == [48, -16, 0]
    assert chords.texture[:, 2].tolist() == [0, 16, 0]
    # highest pitches 60, 72, 67: their mean 66 1/3, in half semitones 132
    assert chords.texture[:, 3].tolist() == [-12, 12, 2]
    assert chords.texture[:, 4].tolist() == [-12, -4, 2]


def test_keys_struck_within_30_ms_are_a_chord_of_a_performance_alone() -> None:
    notes = notes_of([60, 64, 67], onset=[0, 0.05, 0.2])  # seconds are half the beats
    assert len(chords_of(notes)) == 3
    assert chords_of(replace(notes, timing="performed")).of_note.tolist() == [0, 0, 1]


def test_phrases_end_before_what_is_longest_waited_for() -> None:
    onset = np.arange(100.0)
    onset[30:] += 1  # a rest before chord 30
    edges = phrase_edges(chords_of(notes_of([60] * 100, onset=onset.tolist())))
    assert edges[:2] == [0, 30] and edges[-1] == 100
    assert all(SHORTEST <= b - a <= LONGEST for a, b in pairwise(edges))


def test_the_highest_takes_the_highest_and_a_single_note_too() -> None:
    notes = notes_of([48, 60, 64, 72, 72], onset=[0, 0, 0, 0, 1])
    laid = lay(notes, small_bank(3), seed=0)
    # of three notes with .1, .2, .3: lowest, then 1/3 and 2/3 of the way, rounded, highest
    np.testing.assert_allclose(laid["velocity"], [0.1, 0.2, 0.2, 0.3, 0.3])
    np.testing.assert_allclose(laid["log_articulation"], [0, 0.1, 0.1, 0.2, 0.2])
    np.testing.assert_allclose(laid["asynchrony_ms"], [0, -1, -1, -2, -2])


def test_the_likest_place_is_taken() -> None:
    """The second performance is far from everything in texture: the first is laid."""
    laid = lay(notes_of([60] * 40), small_bank(), seed=3)
    np.testing.assert_allclose(laid["log_beat_period"], 0.3)


def test_joins_keep_the_variance() -> None:
    """Two pieces of 1 in a join weigh cos and sin: their squares sum to 1."""
    count = 2 * LONGEST
    laid = lay(notes_of([60] * count), small_bank(1), seed=0)["velocity"] / 0.1
    edge = phrase_edges(chords_of(notes_of([60] * count)))[1]
    angle = np.pi / 2 * (np.arange(FADE) + 0.5) / FADE
    np.testing.assert_allclose(laid[:edge], 1)
    np.testing.assert_allclose(laid[edge : edge + FADE], np.cos(angle) + np.sin(angle))


def deviations(velocity: list[float], freedom: float) -> Deviations:
    zero = np.zeros(len(velocity))
    return Deviations(
        pitch=np.full(len(velocity), 60),
        velocity=np.array(velocity),
        log_beat_period=zero,
        asynchrony_ms=zero,
        log_articulation=zero,
        freedom=freedom,
    )


def test_velocity_turns_from_the_mean_towards_the_residual() -> None:
    own = deviations([1.0, -1.0, 1.0, -1.0], 1.0)
    mean = np.array([54.0, 54.0, 74.0, 74.0])  # standard deviation 10, no skew to ease
    found = own.on_velocity(mean, np.arange(4))
    side = np.sqrt(1 - AGREEMENT**2)
    expected = np.array([-AGREEMENT + side, -AGREEMENT - side, AGREEMENT + side, AGREEMENT - side])
    np.testing.assert_allclose(found, 64 + (1 + WIDER) * 10 * expected)
    np.testing.assert_allclose(deviations([1.0] * 4, 0.0).on_velocity(mean, np.arange(4)), mean)


def test_tempo_is_added_by_how_much_the_mean_moves_and_stretched() -> None:
    mean, own = np.array([-0.1, 0.1]), np.array([1.0, 0.0])
    found = deviations([0.0], 0.5).on_tempo(mean, own)
    spread = TEMPO_SCALE * 0.9 * 0.1  # 5 and 95 % of -.1 to .1 are -.09 and .09
    residual = 8.0 * np.tanh(1 / 8.0)
    wider = 1.25 * np.array([-0.1 + 0.5 * 0.52 * spread * residual, 0.1])
    np.testing.assert_allclose(found, (wider + 1.3 * np.tanh(wider / 1.3)) / 2)


def test_tempo_of_a_take_stays_within_what_pianists_play() -> None:
    mean = np.tile([-0.7, 0.7], 50)
    found = deviations([0.0], 1.0).on_tempo(mean, np.tile([-9.0, 9.0, 9.0, -9.0], 25))
    assert np.abs(found).max() < 1.3
    residual = deviations([0.0], 1.0).on_tempo(mean, np.tile([1.0, 1.0, 0, 0], 25)) - deviations(
        [0.0], 1.0
    ).on_tempo(mean, np.zeros(100))
    assert residual.max() < 1.5 * 0.52 * MOST_SPREAD  # and not 2.4 times .7


def test_values_beyond_a_bound_go_ever_less_far() -> None:
    found = held_back(np.array([-9.0, -1.5, -1.0, 0.0, 0.5, 0.8, 9.0]), -2.0, -1.0, 0.5, 1.0)
    right = [-2, -1 - (1 - np.exp(-0.5)), -1, 0, 0.5, 0.5 + 0.5 * (1 - np.exp(-0.6)), 1]
    np.testing.assert_allclose(found, right, atol=1e-3)
    assert (np.diff(found) > 0).all()


def test_a_take_holds_no_key_long_beyond_its_end() -> None:
    own = deviations([0.0] * 4, 1.0)
    held, mean = np.log([2.0, 2.0, 2.0, 0.5]), np.log([1.0, 1.0, 1.6, 1.0])
    found = own.let_go(held, mean, np.array([0.4, 1.6, 4.0, 9.0]))
    # 0.4 s may be 1.2 s, 1.6 s be 2.4 s; the mean's own 1.6 times stays
    np.testing.assert_allclose(np.exp(found), [2.0, 1.5, 1.6, 0.5])


def test_articulation_and_asynchrony_of_a_take_are_the_mean_wider_with_the_residual() -> None:
    own = replace(
        deviations([0.0] * 3, 0.5),
        log_articulation=np.array([9.0, 0.2, -0.2]),
        asynchrony_ms=np.array([9.0, 4.0, 99.0]),
    )
    rows = np.array([1, 2])
    held = own.on_notes(ARTICULATION, np.array([-0.6, -0.2]), rows)
    np.testing.assert_allclose(held, [-0.4 - 1.25 * 0.2 + 0.2, -0.4 + 1.25 * 0.2 - 0.2])
    moved = replace(own, freedom=1.0).on_notes(TIMING, np.array([-8.0, 8.0]), rows)
    # 12 + 99 is 76 beyond 35, and falls ever less
    np.testing.assert_allclose(moved, [-12 + 4, 35 + 25 * (1 - np.exp(-76 / 25))])
    assert len(own.on_notes(TIMING, np.zeros(0), rows[:0])) == 0


def test_an_eased_mean_follows_pitch_less() -> None:
    draw = np.random.default_rng(0)
    pitch = draw.integers(40, 90, 400)
    z = (pitch - pitch.mean()) / pitch.std() + draw.exponential(size=400)
    z = (z - z.mean()) / z.std()
    found = eased(z, pitch, 1.0)
    # over near neighbours .3 of the slope is gone; then the spread is 1 again
    slope = np.polyfit(pitch, z, 1)[0]
    assert np.polyfit(pitch, found * np.std(z - 0.3 * slope * pitch), 1)[0] == pytest.approx(
        0.7 * slope, rel=0.03
    )
    assert found.mean() == pytest.approx(0, abs=1e-9) and found.std() == pytest.approx(1)
    np.testing.assert_allclose(eased(z, pitch, 0.0), z, atol=1e-12)


def test_no_note_of_a_take_is_lost_by_hand() -> None:
    velocity, mean = np.array([90.0, 24.0, 12.0, -60.0, 30.0, 4.0]), np.array([60.0] * 5 + [8.0])
    found = struck(velocity, mean)
    np.testing.assert_allclose(found[[0, 1, 4]], [90, 24, 30])
    # 12 below a limit of 24: half of it, and half of it times exp(-1)
    assert found[2] == pytest.approx(12 + 12 * np.exp(-1))
    assert 12 < found[3] < 12.1
    assert found[5] == pytest.approx(4 + 4 * np.exp(-1))  # the mean itself is softer: its half
    close = struck(np.array([23.999, 24.001]), np.array([60.0, 60.0]))
    assert np.diff(close) == pytest.approx(0.002, rel=1e-3)


def test_what_is_brought_out_by_hand() -> None:
    # five notes are within 16 of each other: no slow curve. 1 1 1 1 -4 has spread 2: .5 and -2
    found = brought_out(np.array([11.0, 11.0, 11.0, 11.0, 6.0]))
    # -2 becomes -2 - 4 / 4 = -3; less the mean, -.2, that is .7 and -2.8, with spread 1.4
    np.testing.assert_allclose(found, [0.5, 0.5, 0.5, 0.5, -2.0])
    # four values: -1.5 -.5 .5 1.5 over their spread, sqrt(1.25); then .25 of the squares below 0
    found = brought_out(np.array([1.0, 2.0, 3.0, 4.0]))
    own = np.array([-1.5, -0.5, 0.5, 1.5]) / np.sqrt(1.25)
    own -= [0.25 * 1.8, 0.25 * 0.2, 0, 0]
    np.testing.assert_allclose(found, (own - own.mean()) / own.std())


def test_half_of_the_slow_curve_is_left_and_soft_notes_stand_out() -> None:
    draw = np.random.default_rng(1)
    quick, slow = draw.normal(size=2_000), np.repeat([1.0, -1.0], 1_000)
    found = brought_out(quick + slow)

    def slow_by_quick(values: np.ndarray) -> float:
        halves = values.reshape(2, -1)
        return float(np.ptp(halves.mean(axis=1)) / halves.std(axis=1).mean())

    assert slow_by_quick(found) == pytest.approx(0.5 * slow_by_quick(quick + slow), rel=0.1)
    skew = (brought_out(quick) ** 3).mean() - (((quick - quick.mean()) / quick.std()) ** 3).mean()
    # of 1/4 of the square of what is below: about -.7 in a normal residual
    assert -0.9 < skew < -0.5


def test_residuals_that_hardly_move_stay_small() -> None:
    assert brought_out(np.zeros(0)).size == 0
    assert np.abs(brought_out(np.array([0.1]))).max() == 0
    assert np.abs(brought_out(np.array([0.0, 0.1]))).max() < 0.5


def test_the_same_seed_is_the_same_on_every_machine_and_thread() -> None:
    notes, bank = example("bach_prelude.mid"), load_bank(DEFAULT)

    def digest(seed: int) -> str:
        laid = lay(notes, bank, seed)
        whole = b"".join(np.rint(laid[n] * 1e6).astype("<i8").tobytes() for n in sorted(laid))
        return hashlib.sha256(whole).hexdigest()[:16]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(digest, [7, 8, 7, 999_999_999_999_999]))
    assert found[0] == found[2] == "6e41a9d417a1ea78"
    assert len(set(found)) == 3


def test_a_take_hangs_together() -> None:
    """Louder is earlier and longer held in a chord; the notes of a chord rise together."""
    bank = load_bank(DEFAULT)
    chord = np.repeat(np.arange(len(bank)), np.diff(bank.first))
    values = {name: bank.values[name] * bank.step[name] for name in bank.values}

    def within(name: str) -> np.ndarray:
        mean = np.bincount(chord, values[name]) / np.diff(bank.first)
        return values[name] - mean[chord]

    several = np.diff(bank.first)[chord] > 1
    louder, later = within("velocity")[several], within("asynchrony_ms")[several]
    assert np.corrcoef(louder, later)[0, 1] < -0.1
    first, second = bank.first[:-1][np.diff(bank.first) == 2], 1
    together = np.corrcoef(values["velocity"][first], values["velocity"][first + second])[0, 1]
    assert together > 0.3


def test_freedom_moves_takes_apart_and_zero_is_the_mean() -> None:
    notes = example("fugue.mid")
    mean = interpret(notes, Settings.of({}))
    at = {f: interpret(notes, Settings.of({"seed": 5, "freedom": f})) for f in (0, 0.25, 0.5, 1)}
    assert at[0].velocity.tolist() == mean.velocity.tolist() and at[0].deviations is None
    apart = [float(np.abs(i.predicted - mean.predicted).mean()) for i in at.values()]
    assert apart == sorted(apart) and len(set(apart)) == 4
    other = interpret(notes, Settings.of({"seed": 6}))
    r = np.corrcoef(at[1].predicted, other.predicted)[0, 1]
    assert 0.45 < r < 0.85  # two pianists: 0.64


def test_a_seed_alone_is_free_and_a_freedom_alone_has_a_seed() -> None:
    assert Settings.of({"seed": 7}).freedom == 1
    assert Settings.of({"freedom": 0.5}).seed == 1
    assert Settings.of({}).freedom == 0
    assert Settings.of({"seed": 7, "freedom": 0}).freedom == 0


def test_written_levels_and_limits_win() -> None:
    from humanize.score import read_score

    score = (EXAMPLES / "waltz.musicxml").read_bytes()
    notes = read_score(score, name="waltz.musicxml", split="programs").notes
    asked = {"seed": 2, "dynamics": "follow", "range": (40, 90)}
    take, mean = interpret(notes, Settings.of(asked)), interpret(
        notes, Settings.of({**asked, "freedom": 0})
    )  # fmt: skip
    assert take.velocity.min() >= 40 and take.velocity.max() <= 90
    level = notes.marking("notated_level")
    passage = level == level[0]
    difference = take.predicted[passage].mean() - mean.predicted[passage].mean()
    assert abs(difference) < 1.0
    assert (take.velocity != mean.velocity).any()


notes_in_any_order = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 127), st.sampled_from([-2, -1, 0, 1])),
    min_size=1,
    max_size=150,
)


@settings(max_examples=40, deadline=None)
@given(notes_in_any_order, st.integers(0, 10**15 - 1))
def test_any_notes_get_finite_deviations(rows: list[tuple[int, int, int]], seed: int) -> None:
    rows = sorted(rows)
    notes = notes_of([p for _, p, _ in rows], [o / 4 for o, _, _ in rows], [i for _, _, i in rows])
    found = sample_deviations(notes, small_bank(3), seed=seed, freedom=1.0)
    for name in ("velocity", "log_beat_period", "asynchrony_ms", "log_articulation"):
        own = getattr(found, name)
        assert own.shape == (len(notes),) and np.isfinite(own).all()
        assert not own[notes.instrument < 0].any()
