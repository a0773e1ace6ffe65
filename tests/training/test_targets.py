"""Training of what is not velocity: columns, weights, losses, heads, bundles."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from miniature import write_corpus
from smf_builder import encode, music

pytest.importorskip("lightgbm", reason="the extra [train] is not installed: lightgbm")
pytest.importorskip("fastai", reason="the extra [train] is not installed: fastai")

import humanize
from humanize.commands.train import command as train
from humanize.corpus.performed import performed_values
from humanize.corpus.pieces import Piece
from humanize.errors import CorpusError, ModelError, OptionError
from humanize.expression import ARTICULATION, PEDAL_LIFT, TARGETS, TEMPO, VELOCITY
from humanize.features import all_features, feature_table
from humanize.models import load_model
from humanize.models.fitting.losses import weighted_loss
from humanize.models.fitting.stopping import Stopping
from humanize.notes import starts
from humanize.training import datasets
from humanize.training.calibration import calibrate
from humanize.training.checkpoints import Checkpoints
from humanize.training.columns import columns_of, is_predicted
from humanize.training.datasets import prepare, training_set
from humanize.training.loaders import load_training_pieces
from humanize.training.members import (
    TrainingOptions,
    columns_read,
    fit_members,
    in_scope,
    mean_correlation,
    run_head,
)
from humanize.training.progress import SilentProgress
from humanize.training.recipes import RECIPES, HeadRecipe

FAMILY = {feature.name: feature.family for feature in all_features()}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="module")
def pieces(corpus: Path) -> list[Piece]:
    return list(load_training_pieces(corpus, "flat"))


def run_train(corpus: Path, output: Path, *more: str) -> dict:
    arguments = ["--corpus", str(corpus), "-o", str(output), "--quick", "--threads", "1", *more]
    result = CliRunner().invoke(train, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads((output / "manifest.json").read_text())


@pytest.mark.parametrize("target", TARGETS, ids=lambda t: t.name)
def test_what_would_give_a_target_away_is_no_column(target) -> None:
    for condition in ("flat", "marked"):
        families = {FAMILY[name] for name in columns_of(condition, target)}
        assert not families & {"touch", "pedals"}
        assert ("markings" in families) == (condition == "marked")
    known = {"velocity": {"touch", "pedals"}, "pedal": {"touch"}}.get(target.aspect)
    assert is_predicted("performed", target) == (known is not None)
    if known is None:
        with pytest.raises(
            OptionError, match=f"target '{target.aspect}' found for performed input"
        ):
            columns_of("performed", target)
    else:
        families = {FAMILY[name] for name in columns_of("performed", target)}
        assert families & {"touch", "pedals", "markings"} == known


def test_a_recipe_has_a_head_for_each_condition_that_lacks_the_target() -> None:
    heads = RECIPES["lgbm"].heads(("flat", "performed"), TARGETS)
    assert [(h.trained_on, h.target.name) for h in heads] == [
        *(("flat", target.name) for target in TARGETS),
        ("performed", "velocity"),
        ("performed", "pedal_lift"),
        ("performed", "pedal_press"),
        ("performed", "pedal_down"),
    ]
    assert [h.name for h in heads[:2]] == ["flat", "flat-log_beat_period"]
    assert heads[-1].members == RECIPES["lgbm"].performed


def test_an_onset_counts_once_and_what_is_missing_not_at_all(pieces: list[Piece]) -> None:
    (own,) = prepare(pieces[:1], condition="flat", target=TEMPO, names=("pitch",), variants=1)
    notes, sequence = own.piece.notes, own.sequence
    group = np.cumsum(starts(notes.onset_beat)) - 1
    per_onset = np.bincount(group, sequence.weight)
    assert per_onset[-1] == 0  # nothing follows the last onset
    known = per_onset[per_onset > 0]
    np.testing.assert_allclose(known, known[0], rtol=1e-5)
    assert np.ptp(np.bincount(group)) > 0
    expected = performed_values(own.piece, own.piece.performances[0], TEMPO) / TEMPO.typical_spread
    rows = sequence.weight > 0
    np.testing.assert_allclose(sequence.target[rows], expected[rows], atol=1e-5)
    assert [len(r.rows) for r in own.references] == [len(known)] * 2
    assert np.isfinite(own.references[0].values).all()


def test_predictions_of_an_onset_are_averaged(pieces: list[Piece]) -> None:
    notes = pieces[0].notes
    values = np.arange(len(notes), dtype=float)
    np.testing.assert_array_equal(in_scope(values, notes, ARTICULATION), values)
    found = in_scope(values, notes, TEMPO)
    for onset in np.unique(notes.onset_beat):
        rows = notes.onset_beat == onset
        np.testing.assert_allclose(found[rows], values[rows].mean())


def test_losses() -> None:
    import torch

    predicted, target = torch.tensor([0.0, 2.0]), torch.tensor([1.0, 0.0])
    weight = torch.tensor([3.0, 1.0])
    assert float(weighted_loss("squared")(predicted, target, weight)) == pytest.approx(7 / 4)
    # -log(1/2) for the first, -log(1 - 1 / (1 + e^-2)) for the second
    expected = (3 * np.log(2) + np.log(1 + np.exp(2))) / 4
    assert float(weighted_loss("logistic")(predicted, target, weight)) == pytest.approx(expected)


def test_events_are_fitted_by_their_log_odds(pieces: list[Piece], tmp_path: Path) -> None:
    recipe = RECIPES["lgbm"].heads(["flat"], [PEDAL_LIFT])[0]
    prepared = prepare(pieces, condition="flat", target=PEDAL_LIFT, variants=1)
    trees = replace(recipe.members[0].options, rounds=60, rate=0.2, least=20, threads=1)
    recipe = replace(recipe, members=(replace(recipe.members[0], options=trees),))
    assert training_set(prepared, "flat", "logistic").loss == "logistic"
    members = fit_members(
        recipe, prepared, TrainingOptions(), SilentProgress(), Checkpoints(tmp_path)
    )
    log_odds = np.concatenate([run_head(recipe, members, p) for p in prepared])
    weight = np.concatenate([p.sequence.weight for p in prepared])
    target = np.concatenate([p.sequence.target for p in prepared])
    probability = calibrate(recipe, members, prepared).probability(log_odds)
    assert probability.min() > 0 and probability.max() < 1
    mean = np.average(probability, weights=weight)
    assert mean == pytest.approx(np.average(target, weights=weight), abs=0.02)
    hit = target == 1
    assert probability[hit].mean() > probability[~hit & (weight > 0)].mean() + 0.2


def test_other_targets_are_calibrated_by_least_squares(pieces: list[Piece]) -> None:
    recipe = HeadRecipe(trained_on="flat", members=RECIPES["pitch-line"].score, target=ARTICULATION)
    prepared = prepare(pieces, condition="flat", target=ARTICULATION, names=("pitch",), variants=1)
    line = [
        recipe.members[0].options.fit(training_set(prepared, "flat"), SilentProgress(), Stopping())
    ]
    found = calibrate(recipe, line, prepared)
    assert found.level == ARTICULATION.neutral
    own = [run_head(recipe, line, p) for p in prepared]

    def error(spread: float) -> float:
        return sum(
            float(np.mean((spread * values[r.rows] - r.values) ** 2))
            for p, values in zip(prepared, own, strict=True)
            for r in p.references
        )

    assert error(found.spread) < error(found.spread * 1.05)
    assert error(found.spread) < error(found.spread * 0.95)


def test_a_model_of_several_targets_from_end_to_end(corpus: Path, tmp_path: Path) -> None:
    wanted = [part for aspect in ("velocity", "tempo", "pedal") for part in ("--target", aspect)]
    scored = ["--condition", "flat", "--condition", "marked"]
    manifest = run_train(corpus, tmp_path / "whole", "--model", "lgbm", *wanted, *scored)
    heads = {condition: list(route["heads"]) for condition, route in manifest["routes"].items()}
    scores = ["log_beat_period", "pedal_lift", "pedal_press", "pedal_down"]
    assert heads == {own: sorted([*scores, "velocity"]) for own in ("flat", "marked")}
    assert "flat-log_beat_period-trees.onnx" in manifest["sha256"]
    model = load_model(tmp_path / "whole")
    assert list(model.route("flat").heads) == ["velocity", *scores]  # in the targets' order
    r = []
    for piece in load_training_pieces(corpus, "flat"):
        table = feature_table(piece.notes, model.feature_names("flat"))
        found = model.predict(table, "flat")
        assert all(np.isfinite(values).all() for values in found.values())
        assert 0 < found["pedal_lift"].min() < found["pedal_lift"].max() < 1
        assert list(model.predict(table, "flat", ["pedal_press"])) == ["pedal_press"]
        played = performed_values(piece, piece.performances[0], TEMPO)
        known = np.isfinite(played)
        r.append(np.corrcoef(found["log_beat_period"][known], played[known])[0, 1])
    assert np.mean(r) > 0.3
    alone = run_train(corpus, tmp_path / "alone", "--model", "lgbm", *scored)
    velocity = {f: h for f, h in manifest["sha256"].items() if f in alone["sha256"]}
    assert velocity == alone["sha256"]  # other targets leave velocity as it is


def test_a_model_without_velocity_says_so(corpus: Path, tmp_path: Path) -> None:
    run_train(corpus, tmp_path / "slow", "--model", "constant", "--target", "tempo")
    model = load_model(tmp_path / "slow")
    assert set(model.routes) == {"flat", "marked"}
    with pytest.raises(
        ModelError, match="no head for velocity of flat input; expected one of log_"
    ):
        humanize.humanize_bytes(encode(music(9)), model=tmp_path / "slow")
    with pytest.raises(OptionError, match="tempo --condition performed: the input itself has what"):
        run_train(corpus, tmp_path / "x", "--target", "tempo", "--condition", "performed")


def test_a_target_that_no_piece_has_is_named(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(
        CorpusError, match=r"pedal of performed input: none of 16 pieces has it \(ped"
    ):
        run_train(corpus, tmp_path / "x", "--target", "pedal", "--condition", "performed")


def test_a_constant_computes_no_feature(corpus: Path, tmp_path: Path) -> None:
    names: list[tuple[str, ...]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            datasets,
            "feature_table",
            lambda notes, own: names.append(tuple(own)) or feature_table(notes, own),
        )
        run_train(corpus, tmp_path / "constant", "--model", "constant")
        assert names and set(names) == {()}
        names.clear()
        run_train(corpus, tmp_path / "line", "--model", "pitch-line", "--condition", "flat")
        assert set(names) == {("pitch",)}


LINES = ("constant", "pitch-line", "straight-line")
FEW_COLUMNS = (*LINES, "pianoroll-bilstm")


@pytest.mark.parametrize("name", RECIPES)
def test_trainers_say_what_they_read(name: str) -> None:
    for condition in ("flat", "marked", "performed"):
        recipe = RECIPES[name].heads([condition])[0]
        whole = columns_of(condition)
        read = columns_read(recipe)
        assert set(read) <= set(whole)
        assert (len(read) < len(whole)) == (name in FEW_COLUMNS)
        for member in recipe.members:
            options = member.options
            assert options.variants_read(4) in (1, 4)
            assert options.quick().reports <= options.reports
            assert (options.reports == 0) == (name in LINES)


def test_agreement_is_by_performance_then_piece_then_composition(pieces: list[Piece]) -> None:
    prepared = prepare(pieces[:2], condition="flat", names=("pitch",), variants=1)
    one, other = prepared
    same = np.zeros(len(one.piece.notes))
    same[one.references[0].rows] = one.references[0].values
    mirrored = -1.0 * same
    both = [one.references[0], replace(one.references[0], robust=False)]
    one = replace(one, references=tuple(both))
    other = replace(other, piece=one.piece, references=tuple(both))
    assert mean_correlation([one, other], [same, mirrored], VELOCITY) == pytest.approx(0)
    assert mean_correlation([one], [same], VELOCITY) == pytest.approx(1)
    assert mean_correlation([], [], VELOCITY) == 0
