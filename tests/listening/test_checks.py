from dataclasses import replace

import numpy as np
import pytest

from humanize.listening.answers import answers_of
from humanize.listening.checks import Rules, exclusion, repeats_agree, side_probability
from humanize.listening.design import Catches, Design, draw_trials
from humanize.listening.simulate import (
    Truth,
    caught,
    power,
    random_rater,
    second_side_rater,
    study,
)

pytest.importorskip("scipy", reason="needs scipy (extra: listen)")
CONDITIONS = ("constant", "shuffled", "model", "human")
DESIGN = Design(pieces=tuple("abcdefgh"), conditions=CONDITIONS, raters=20)
TRIALS = draw_trials(DESIGN, seed=1, nonce=bytes(16))
FIRST = [t for t in TRIALS if t.rater == 0]


def test_simulated_raters_who_do_not_listen_are_caught_and_listeners_are_not():
    out = caught(FIRST, Rules(), count=300)
    assert out["a listener"] < 0.12
    assert out["answers at random"] > 0.8
    assert out["takes the second side nine times of ten"] > 0.99


def test_a_rater_without_answers_or_with_few():
    assert "answered 0% of the trials" in exclusion(FIRST, {}, Rules())
    some = {t.id: {(0, 1): 0.0} for t in FIRST[:10]}
    assert "of the trials; the plan asks for 90%" in exclusion(FIRST, some, Rules())


@pytest.mark.parametrize("form", ["pairs", "multi"])
def test_the_rules_speak_of_the_catch_trials_that_there_are(form):
    with_human = Design(pieces=("a",), conditions=CONDITIONS, raters=1, form=form)
    without = replace(with_human, conditions=CONDITIONS[:3])
    assert "the human performance graded above" in Rules().sentences(with_human)[1]
    words = Rules().sentences(without)
    assert words[1].endswith(
        "catch trials: an identical pair graded within one step of no difference"
    )
    assert not any("human" in sentence for sentence in words)
    kinds = {t.kind for t in draw_trials(without, seed=1, nonce=bytes(16))}
    assert "identical" in kinds
    assert "anchor" not in kinds
    unchecked = replace(without, catches=Catches(identical=0, repeats=0, anchors=3))
    assert not any("catch" in sentence for sentence in Rules().sentences(unchecked))


def test_always_no_difference_fails_the_anchors_alone():
    even = {t.id: {(0, 1): 0.0} for t in FIRST}
    assert "passed 4 of 7 catch trials" in exclusion(FIRST, even, Rules())
    assert all(repeats_agree(FIRST, even))


def test_a_side_taken_too_often():
    assert side_probability(5, 5) == 1.0
    assert side_probability(0, 10) == pytest.approx(2 / 1024)
    assert side_probability(1, 3) == pytest.approx(10 / 16)


def test_repeats_follow_exchanged_sides():
    grades = {t.id: {(0, 1): 2.0 if t.order[0] < t.order[1] else -2.0} for t in FIRST}
    assert repeats_agree(FIRST, grades) == [True] * 3
    assert repeats_agree(FIRST, {i: {(0, 1): 2.0} for i in grades}) == [False] * 3


def test_power_grows_with_the_effect_and_is_the_size_without_one():
    found = [
        power(TRIALS, ("model", "constant"), "human", log_odds=odds, studies=200)
        for odds in (0.0, 0.6, 1.4)
    ]
    assert found[0] <= 0.06 and found[0] < found[1] < found[2]
    assert found[2] > 0.8


def test_simulated_raters_prefer_what_they_are_told_to():
    strength = dict(zip(CONDITIONS, (-2.0, 0.0, 2.0, 4.0), strict=True))
    given = study(TRIALS, Truth(strength=strength), np.random.default_rng(0))
    answers = answers_of(given, "human")
    assert len(answers) == 20 * 48
    won = [a.grade * (strength[a.second] - strength[a.first]) > 0 for a in answers if a.grade]
    assert np.mean(won) > 0.8


@pytest.mark.parametrize("rater", [random_rater, second_side_rater])
def test_every_comparison_is_answered(rater):
    draw = np.random.default_rng(0)
    multi = draw_trials(
        Design(pieces=("a",), conditions=CONDITIONS, raters=1, form="multi"),
        seed=1, nonce=bytes(16),
    )  # fmt: skip
    assert all(len(rater(t, draw)) == len(t.order) * (len(t.order) - 1) / 2 for t in multi)
