"""Measures of tempo, timing, articulation and pedal, on values worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from math import log, nan
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from humanize.corpus.pieces import Corpus, Origin, Performance, Piece
from humanize.evaluation.expression_metrics import (
    auc,
    beat_periods,
    beats_of,
    cumulated,
    error_over_constant,
    f1_at_rate,
    known_r,
    spread_of_known,
    within_measures,
)
from humanize.evaluation.expression_report import (
    append_expression_log,
    expression_summary,
    write_expression_report,
)
from humanize.evaluation.expression_run import (
    MEASURES,
    OTHERS,
    PAIR,
    RITARDANDO,
    evaluate_expression,
    mean_series,
    melody_lead,
)
from humanize.expression import ASPECTS, TARGETS, VELOCITY
from humanize.interpretation.timing import TimeMap
from humanize.midi.pedals import Controls
from humanize.models.base import Calibration, Head, Model, Route
from humanize.models.members import Line
from humanize.models.provenance import MUSIC_OF_ADDED_HEADS
from humanize.notes import NoteTable

A = np.array


def score(
    onset: np.ndarray, metre: tuple[int, int] = (4, 4), pitch: np.ndarray | None = None
) -> NoteTable:
    ones, length = np.ones(len(onset), dtype=np.int64), metre[0] * 4 / metre[1]
    return NoteTable(
        onset_beat=onset, duration_beat=0.5 + 0 * onset, onset_sec=onset / 2,
        duration_sec=0.25 + 0 * onset, pitch=60 + np.arange(len(onset)) % 12
        if pitch is None else pitch, measure=(onset // length).astype(np.int64) + 1,
        measure_position_beat=onset % length, metre_numerator=metre[0] * ones,
        metre_denominator=metre[1] * ones, track=ones, channel=ones, program=0 * ones,
        instrument=0 * ones, velocity=64 * ones, source=np.arange(len(onset)),
    )  # fmt: skip


def test_beats_of_simple_and_of_compound_time() -> None:
    simple = beats_of(score(A([0.0, 2.5, 4.0])))  # half notes and a downbeat: two measures
    assert simple.beat.tolist() == [0, 1, 2, 3, 4, 5, 6, 7]
    assert simple.measure.tolist() == [0] * 4 + [1] * 4
    assert simple.measures == 2
    compound = beats_of(score(A([0.0, 0.5, 3.0]), (6, 8)))
    assert compound.beat.tolist() == [0, 1.5, 3, 4.5]


def test_periods_of_beats_are_logarithms_about_their_median_within_the_music() -> None:
    beats = beats_of(score(A([0.0, 1.0, 2.0, 3.0, 4.0])))
    played = TimeMap(beat=A([0.0, 1, 2, 3, 4]), sec=A([0.0, 1, 2, 4, 24]))  # 1 1 2 20 s
    middle = log(2) / 2
    assert_allclose(
        beat_periods(played, beats), [-middle, -middle, middle, 1.6, nan, nan, nan, nan]
    )


def test_log_beat_periods_are_cumulated_into_a_time_map() -> None:
    found = cumulated(A([0.0, 1.0, 3.0]), A([0.0, log(2), 9.0]))
    assert found.sec.tolist() == [0, 1, 5]


def test_correlation_of_what_both_know() -> None:
    a = np.arange(30.0)
    b = np.where(a < 5, nan, -2 * a)
    assert known_r(a, b) == pytest.approx(-1)
    assert known_r(a, np.ones(30)) == 0
    assert np.isnan(known_r(a[:19], a[:19]))
    assert np.isnan(known_r(np.ones(30), a))


def test_windows_of_eight_measures_and_no_last_two() -> None:
    beats = beats_of(score(np.arange(72.0)))  # 18 measures: two windows, then two cut off
    reference = np.arange(72.0)
    estimated = np.where(reference < 32, reference, -reference)  # with, then against
    assert within_measures(reference, reference, beats) == pytest.approx(1)
    assert within_measures(reference, estimated, beats) == pytest.approx(0)
    unlike_at_the_end = np.where(reference >= 64, 1000 * np.sin(reference), reference)
    assert within_measures(reference, unlike_at_the_end, beats) == pytest.approx(1)
    # levels of windows do not count: only what moves inside them
    assert within_measures(reference, reference % 32, beats) == pytest.approx(1)


def test_spread_and_error_against_a_constant() -> None:
    a = A([0.0, 0, 1, 1, nan])
    assert spread_of_known(a, A([0.0, 0, 0.5, 0.5, 9])) == pytest.approx(0.5)
    # medians 0.5 and 0.25: errors of 0.25 where a constant errs by 0.5
    assert error_over_constant(a, A([0.0, 0, 0.5, 0.5, 9])) == pytest.approx(0.5)
    assert error_over_constant(a, -a) == pytest.approx(2)


def test_events_at_the_human_rate() -> None:
    event = A([1.0, 0, 1, 0, 0, nan])
    assert f1_at_rate(event, A([0.9, 0.1, 0.2, 0.3, 0.1, 1.0])) == pytest.approx(0.5)
    assert f1_at_rate(event, A([0.9, 0.1, 0.4, 0.3, 0.1, 1.0])) == pytest.approx(1)
    # events themselves keep their rate: two of three right, two of two found
    assert f1_at_rate(event, A([1.0, 1, 1, 0, 0, 1])) == pytest.approx(2 * 2 / (2 + 3))


def test_area_under_the_curve() -> None:
    event = A([1.0, 0, 1, 0])
    assert auc(event, A([0.9, 0.1, 0.8, 0.3])) == 1
    assert auc(event, A([0.9, 0.8, 0.1, 0.3])) == 0.5  # of four pairs 0.9 > both, 0.1 < both
    assert auc(event, np.ones(4)) == 0.5
    assert np.isnan(auc(np.ones(4), np.ones(4)))


def test_melody_lead_is_the_mean_of_the_others_less_the_top() -> None:
    notes = score(A([0.0, 0, 0, 1, 2, 2]), pitch=A([48, 60, 72, 60, 50, 62]))
    found = melody_lead(notes, A([10.0, 20, -30, nan, nan, 5]))
    assert_allclose(found, [45, nan, nan])


def test_means_are_over_those_who_know() -> None:
    found = mean_series([{"x": A([1.0, nan, nan])}, {"x": A([3.0, 5.0, nan])}])
    assert_allclose(found["x"], [2, 5, nan])


def _model() -> Model:
    """A model that says the same of everything: how high a note is."""
    member = Line(intercept=-6.0, slopes={0: 0.1})
    heads = {
        target.name: Head(
            feature_names=("pitch",),
            members=[(member, 1.0)],
            calibration=Calibration(level=target.neutral, spread=0.2),
            target=target,
        )
        for target in TARGETS
        if target != VELOCITY
    }
    return Model(name="steps", manifest={}, routes={"flat": Route(heads=heads)})


def _corpus() -> Corpus:
    """Forty-eight notes in two voices; who plays is as slow and long as the notes are high."""
    onset = np.repeat(np.arange(24.0), 2)
    pitch = np.tile([48, 60], 24) + np.repeat(np.arange(24) % 7, 2)
    notes = score(onset, pitch=pitch)
    slow = 0.5 * np.exp(0.02 * (np.arange(24) % 7))
    sec = np.concatenate(([0.0], np.cumsum(slow[:-1])))

    def play(name: str, shift: float) -> Performance:
        lead = np.tile([0.01, 0.0], 24) * (np.repeat(np.arange(24) % 7, 2) + shift)
        start = np.repeat(sec, 2) + lead
        feet = [(t + 0.05, 64, 0) for t in sec[::3]] + [(t + 0.2, 64, 127) for t in sec[::3]]
        return Performance(
            id=name, rows=np.arange(48), velocity=np.full(48, 60.0), robust=True, share=1.0,
            onset_sec=start, offset_sec=start + 0.01 * (pitch - 40),
            pedals=Controls.of_changes([(0.0, 64, 127), *feet]),
        )  # fmt: skip

    piece = Piece(
        id="p", origin=Origin("c", "none", "nobody"), composer="a", title="b", split="test",
        notes=notes, performances=(play("one", 0.0), play("two", 0.0)),
    )  # fmt: skip
    return Corpus("c", (piece,))


@pytest.mark.parametrize("aspect", [aspect for aspect in ASPECTS if aspect != VELOCITY.aspect])
def test_every_target_is_measured_reported_and_logged(aspect: str, tmp_path: Path) -> None:
    models = {"steps": _model()}
    found = evaluate_expression(_corpus(), models, aspect=aspect, condition="flat", split="test")
    headline = MEASURES[aspect][0].name
    assert found.estimate(PAIR, headline).mean == pytest.approx(1)
    assert found.estimate(OTHERS, headline).mean == pytest.approx(1)
    own = found.estimate("steps", headline).mean
    assert found.ratio("steps", headline) == pytest.approx(own)
    if aspect == "tempo":
        assert own > 0.8  # the chord that leads blurs its tempo
        assert found.models == ("steps", RITARDANDO)
    if aspect == "articulation":
        assert own == pytest.approx(known_log_r(), abs=0.1)
    write_expression_report(tmp_path / "report", found)
    assert (tmp_path / "report" / "summary.json").is_file()
    assert f"| steps | {found.estimate('steps', headline)}" in expression_summary(found)
    for _ in range(2):
        append_expression_log(tmp_path / "log.csv", found, models)
    lines = (tmp_path / "log.csv").read_text().splitlines()
    assert len(lines) == 1 + 2 * len(MEASURES[aspect])
    assert aspect in lines[1] and "steps" in lines[1]


def known_log_r() -> float:
    """Pitch against the logarithm of lengths that grow with it."""
    pitch = np.tile([48, 60], 24) + np.repeat(np.arange(24) % 7, 2)
    return float(np.corrcoef(pitch, np.log(pitch - 40.0))[0, 1])


def test_a_model_that_has_heard_a_piece_is_named() -> None:
    heard = {MUSIC_OF_ADDED_HEADS: {"flat": ["a/b"]}}
    other = {MUSIC_OF_ADDED_HEADS: {"flat": ["a/c"]}}
    models = {
        "heard": replace(_model(), manifest=heard),
        "other": replace(_model(), manifest=other),
        "silent": _model(),
    }
    found = evaluate_expression(_corpus(), models, aspect="timing", condition="flat", split="test")
    assert found.seen == ("heard",)
    assert "too: heard.**" in expression_summary(found)


def test_a_performance_that_is_not_robust_is_left_out() -> None:
    corpus = _corpus()
    (piece,) = corpus.pieces
    one, two = piece.performances
    fewer = replace(piece, performances=(one, replace(two, robust=False)))
    found = evaluate_expression(
        Corpus("c", (fewer,)), {}, aspect="timing", condition="flat", split="test"
    )
    assert found.rows == []
    assert np.isnan(found.estimate(PAIR, MEASURES["timing"][0].name).mean)
