import math

import numpy as np
import pytest

from humanize.errors import InputError
from humanize.listening import analysis
from humanize.listening.analysis import Answer

pytest.importorskip("scipy", reason="needs scipy (extra: listen)")


def answer(grade, *, rater="r1", piece="p1", first="model", second="constant"):
    return Answer(rater=rater, piece=piece, first=first, second=second, grade=grade)


def study(draw, *, raters=20, pieces=8, sd_rater=0.6, sd_piece=0.6, effect=0.5):
    """Raters and pieces drawn anew; each rater hears each piece once; no ties."""
    tilt = effect + draw.normal(0, sd_rater, (raters, 1)) + draw.normal(0, sd_piece, (1, pieces))
    won = draw.random((raters, pieces)) < 1 / (1 + np.exp(-tilt))
    rater, piece = np.indices(won.shape)
    return won.ravel().astype(float), rater.ravel().astype(str), piece.ravel().astype(str)


def true_share(*, sd_rater=0.6, sd_piece=0.6, effect=0.5):
    sd = math.hypot(sd_rater, sd_piece)
    x, weight = np.polynomial.hermite_e.hermegauss(60)
    return float((weight / (1 + np.exp(-(effect + sd * x)))).sum() / weight.sum())


def test_coverage_of_the_interval_at_20_raters_and_8_pieces():
    draw, truth = np.random.default_rng(7), true_share()
    shares = [analysis.clustered_share(*study(draw)) for _ in range(400)]
    covered = np.mean([s.low <= truth <= s.high for s in shares])
    assert 0.92 <= covered <= 0.99  # 400 studies: 0.95 give or take three standard errors


def test_preference_does_not_depend_on_the_side():
    one = [answer(-2), answer(0, rater="r2"), answer(1, rater="r2", piece="p2")]
    two = [
        answer(-a.grade, rater=a.rater, piece=a.piece, first=a.second, second=a.first) for a in one
    ]
    assert analysis.preference(one, "model", "constant") == analysis.preference(
        two, "model", "constant"
    )
    assert analysis.preference(one, "model", "constant").value == 0.5
    with pytest.raises(InputError, match="expected model compared with human"):
        analysis.preference(one, "model", "human")


def test_one_rater_has_no_interval():
    share = analysis.preference([answer(-1), answer(-1, piece="p2")], "model", "constant")
    assert share.value == 1.0 and math.isnan(share.low) and math.isnan(share.high)


def test_a_rater_who_always_takes_the_second_is_seen():
    answers = [
        answer(1, rater=r, piece=p, first=f, second=s)
        for r in "abc"
        for p in "xyz"
        for f, s in (("model", "constant"), ("constant", "model"))
    ]
    assert analysis.order_bias(answers).value == 1.0
    assert analysis.preference(answers, "model", "constant").value == 0.5


def test_bradley_terry_recovers_strengths_and_ties():
    truth, tie = {"constant": -1.0, "model": 0.25, "human": 0.75}, -0.3
    draw, answers = np.random.default_rng(3), []
    for first, second in (("constant", "model"), ("model", "human"), ("human", "constant")):
        tied = tie + (truth[first] + truth[second]) / 2
        weight = np.exp([truth[first], tied, truth[second]])
        grades = draw.choice([-1, 0, 1], 4000, p=weight / weight.sum())
        answers += [answer(int(g), first=first, second=second) for g in grades]
    strength, found = analysis.bradley_terry(answers)
    assert strength == pytest.approx(truth, abs=0.1)
    assert found == pytest.approx(tie, abs=0.1)


def test_bradley_terry_survives_a_condition_that_always_wins_and_needs_links():
    strength, _ = analysis.bradley_terry([answer(-3)] * 5)
    assert np.isfinite(strength["model"]) and strength["model"] > strength["constant"]
    apart = [answer(1), answer(1, first="human", second="shuffled")]
    with pytest.raises(InputError, match="connect all"):
        analysis.bradley_terry(apart)


def test_a_grade_off_the_scale():
    with pytest.raises(InputError, match="grade 9 found; expected -3 to 3"):
        answer(9)
