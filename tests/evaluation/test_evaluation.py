from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from smf_builder import encode, music

from humanize.corpus.pieces import Corpus, Origin, Performance, Piece
from humanize.errors import InputError
from humanize.evaluation.discriminator import Sample, discriminate
from humanize.evaluation.figures import moving_mean
from humanize.evaluation.human import mean_agreement, pair_agreement
from humanize.evaluation.metrics import METRICS, centred_r2, evaluate, mid_ranks, pearson_r
from humanize.evaluation.report import write_report
from humanize.evaluation.run import Evaluation, unseen
from humanize.evaluation.statistics import by_composition, estimate, paired_difference
from humanize.interpretation.shaping import round_velocity
from humanize.midi.reading import read_midi
from humanize.models import Model
from humanize.models.provenance import TrainingMusic
from humanize.reporting.markdown import html_page

REFERENCE = np.array([40.0, 60.0, 50.0, 80.0, 70.0])


def test_identical_sequences_are_perfect() -> None:
    found = evaluate(REFERENCE, REFERENCE)
    assert found["pearson_r"] == pytest.approx(1)
    assert found["spearman_r"] == pytest.approx(1)
    assert found["spread_ratio"] == pytest.approx(1)
    assert found["mean_absolute_error"] == pytest.approx(0)
    assert centred_r2(REFERENCE, REFERENCE + 20) == pytest.approx(1)


def test_known_values() -> None:
    estimated = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    found = evaluate(REFERENCE, estimated)
    assert found["pearson_r"] == pytest.approx(0.8)
    assert found["spearman_r"] == pytest.approx(0.8)
    assert found["constant_error"] == pytest.approx(12)
    assert found["mean_absolute_error"] == pytest.approx(11.2)
    assert mid_ranks(np.array([5.0, 1.0, 5.0])).tolist() == [2.5, 1.0, 2.5]


def test_a_constant_counts_as_zero() -> None:
    assert pearson_r(REFERENCE, np.full(5, 64.0)) == 0
    assert evaluate(np.full(5, 64.0), REFERENCE)["spread_ratio"] == 0


@pytest.mark.parametrize("metric", METRICS.values())
def test_bad_input_is_refused(metric) -> None:
    for estimated in (np.array([]), np.ones(4), np.ones((5, 1)), np.full(5, np.nan)):
        with pytest.raises(InputError, match="metrics: "):
            metric(REFERENCE, estimated)


def test_means_are_taken_within_compositions_first() -> None:
    means = by_composition([("a", 1.0), ("a", 1.0), ("a", 1.0), ("b", 0.0)])
    found = estimate(means)
    assert (found.mean, found.count) == (0.5, 2)
    assert (found.low, found.high) == (0.0, 1.0)


def test_intervals_cover_and_pairs_cancel_what_is_shared() -> None:
    draw = np.random.default_rng(1)
    covered = 0
    for trial in range(200):
        values = draw.normal(0.5, 0.1, 40)
        found = estimate({str(i): v for i, v in enumerate(values)}, seed=trial)
        covered += found.low <= 0.5 <= found.high
    assert covered >= 178
    hard = {str(i): v for i, v in enumerate(draw.normal(0.5, 0.2, 40))}
    better = {k: v + 0.02 for k, v in hard.items()}
    gain = paired_difference(better, hard)
    assert gain.low == pytest.approx(0.02)
    assert gain.high == pytest.approx(0.02)


ORIGIN = Origin("none", "none", "nobody")


def performance_of(rows: np.ndarray, velocity: np.ndarray, **more) -> Performance:
    unknown = np.full(len(rows), np.nan)
    return Performance(
        rows=rows, velocity=velocity, robust=True, share=1.0, onset_sec=unknown,
        offset_sec=unknown, **more,
    )  # fmt: skip


def piece_of(*velocities: np.ndarray) -> Piece:
    notes = read_midi(encode(music())).pieces[0]
    rows = np.arange(len(notes))
    played = tuple(performance_of(rows, v, id=str(i)) for i, v in enumerate(velocities))
    return Piece(
        id="x",
        origin=ORIGIN,
        composer="c",
        title="t",
        split="test",
        notes=notes,
        performances=played,
    )


def test_pianists_agree_as_much_as_they_share() -> None:
    draw = np.random.default_rng(0)
    count = len(read_midi(encode(music())).pieces[0])
    shared = draw.normal(0, 1, count)
    played = [64 + 10 * (shared + draw.normal(0, 1, count)) for _ in range(6)]
    piece = piece_of(*played)
    pair = np.mean([r for _, r in pair_agreement([piece])])
    mean = np.mean([r for _, r in mean_agreement([piece])])
    assert pair == pytest.approx(0.5, abs=0.12)
    assert mean > pair
    assert len(pair_agreement([piece])) == 15


def samples(kind: str, seed: int) -> list[Sample]:
    draw = np.random.default_rng(seed)
    made = []
    for composition in range(10):
        pitch = 60 + np.round(8 * np.sin(np.arange(400) / 3)) + draw.integers(-2, 3, 400)
        velocity = (
            64 + pitch - 60 + np.cumsum(draw.normal(0, 1, 400)) * 0.5 + draw.normal(0, 2, 400)
        )
        if kind == "shuffled":
            velocity = draw.permutation(velocity)
        if kind == "constant":
            velocity = np.full(400, 64.0)
        made.append(
            Sample(
                composition=str(composition),
                onset_sec=np.arange(400) / 4.0,
                pitch=pitch,
                velocity=round_velocity(velocity).astype(float),
            )
        )
    return made


def evaluation(**changes) -> Evaluation:
    rows = [
        ("x", c, "s", "p", "flat", m, 0.5) for c in "ab" for m in (*METRICS, "shuffled_r")
    ]  # fmt: skip
    plain = Evaluation(
        condition="flat", split="validation", pieces=[], predictions={"x": []}, rows=rows, human={}
    )
    return replace(plain, **changes)


def test_a_report_says_what_a_model_has_seen(tmp_path) -> None:
    score = read_midi(encode(music())).pieces[0]
    played = performance_of(np.arange(len(score)), score.velocity.astype(float), id="p")
    piece = Piece(
        id="s",
        origin=ORIGIN,
        composer="a",
        title="b",
        split="validation",
        notes=score,
        performances=(played,),
    )
    for seen, expected in (
        ((), None),
        (("a/b",), "**x was trained on compositions of this split too: 1 (a/b).** What is shown"),
        (tuple("abcdef"), "split too: 6 (a, b, c, d, e and others)."),
        (None, "**x does not say what it was trained on**; it may be this music."),
    ):
        found = evaluation(pieces=[piece], seen={"x": seen})
        write_report(tmp_path, found, {"velocity_by_octave.png": b""})
        text = (tmp_path / "summary.md").read_text()
        assert ("trained on" in text) == bool(expected)
        assert (expected or "") in text
        summary = json.loads((tmp_path / "summary.json").read_text(), parse_constant=pytest.fail)
        assert summary["trained_on_this_split"] == {"x": None if seen is None else list(seen)}
        assert summary["models"]["x"]["agreement_ratio"] is None


def test_compositions_that_a_model_was_fitted_to_can_be_left_out() -> None:
    score = read_midi(encode(music())).pieces[0]
    pieces = tuple(
        Piece(id=title, origin=ORIGIN, composer="a", title=title, split="test", notes=score, performances=())
        for title in "bc"
    )  # fmt: skip
    known = TrainingMusic(
        corpus=ORIGIN.name,
        splits={"train": ("a/c",)},
        fingerprints={"marked": "0"},
        licence="",
        attribution="",
    )
    model = Model(name="x", manifest={}, routes={}, trained_on=(known,))
    corpus = Corpus("asap", pieces)
    assert unseen(corpus, {"x": model}, "flat") == corpus
    kept = unseen(corpus, {"x": model}, "marked")
    assert [p.composition for p in kept.pieces] == ["a/b"]
    assert kept.excluded == (("a/c", "a model was fitted to it"),)


def test_a_page_of_markdown() -> None:
    text = "# A\n\nb\n\n- c\n- *d*\n\n| x | y |\n|---|---|\n| 0.5 [0.4, 0.6] | a b |\n- e\n"
    page = html_page(text, {"over_time.png": b"x"}, title="t")
    assert "<h1>A</h1>\n<p>b</p>\n<ul><li>c</li><li><em>d</em></li></ul>\n<table>" in page
    assert "<td>0.5&nbsp;[0.4,&nbsp;0.6]</td><td>a b</td>" in page
    assert "</table>\n<ul><li>e</li></ul>" in page
    assert '<h2>Over time</h2><img alt="Over time"' in page


def test_the_line_of_a_figure_is_the_mean_of_what_is_near() -> None:
    time = np.array([0.0, 0.5, 0.5, 1.4, 9.0])
    values = np.array([10.0, 20.0, 60.0, 40.0, 7.0])
    assert moving_mean(time, values).tolist() == [30.0, 32.5, 32.5, 40.0, 7.0]


def test_the_discriminator_catches_what_it_should_and_nothing_else() -> None:
    pytest.importorskip("sklearn", reason="the extra [train] is not installed: scikit-learn")
    human = samples("human", 0)
    assert discriminate(human, samples("shuffled", 1))[0] > 0.95
    assert discriminate(human, samples("constant", 1))[0] > 0.99
    assert 0.3 < discriminate(human, samples("human", 1))[0] < 0.7
