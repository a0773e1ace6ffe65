"""Heads that are added to a bundle: bins and nets that several targets share, what is kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from miniature import write_corpus
from numpy.testing import assert_allclose

pytest.importorskip("lightgbm", reason="the extra [train] is not installed: lightgbm")
pytest.importorskip("torch", reason="the extra [train] is not installed: torch")

from humanize.corpus.pieces import Piece
from humanize.expression import ARTICULATION, PEDAL_LIFT, TEMPO, TIMING
from humanize.features import feature_table
from humanize.models import load_model
from humanize.models.bundle import PRETRAINED
from humanize.models.fitting.many_sequences import Task, fit_jointly
from humanize.models.fitting.many_trees import BinnedRows
from humanize.models.fitting.sequence import SequenceOptions
from humanize.models.fitting.stopping import Stopping
from humanize.models.fitting.training_set import TrainingSequence, TrainingSet
from humanize.models.fitting.trees import TreeOptions
from humanize.models.graphs import LazySession
from humanize.models.members import OnnxRows, OnnxSequence
from humanize.models.provenance import MUSIC_OF_ADDED_HEADS
from humanize.training.added_heads import (
    AddedRecipe,
    TreePart,
    fit_heads,
    fit_nets,
    save_with_heads,
)
from humanize.training.calibration import fit_odds, level_of_rate
from humanize.training.checkpoints import Checkpoints
from humanize.training.datasets import prepare, with_one_block
from humanize.training.loaders import load_training_pieces
from humanize.training.progress import SilentProgress

TREES = TreeOptions(rounds=30, rate=0.3, least=10, penalty=1.0, columns=1.0, rows=1.0, threads=1)
NET = SequenceOptions(kind="convolution", hidden=8, blocks=2, kernel=3, epochs=30, window=64,
                      batch=4, dropout=0.0, input_dropout=0.0, rate=0.02, average=0.5)  # fmt: skip


def _music(count: int = 4, notes: int = 200) -> TrainingSet:
    draw = np.random.default_rng(3)
    values = [draw.normal(size=(notes, 2)).astype(np.float32) for _ in range(count)]
    nothing = np.zeros(notes, dtype=np.float32)
    return TrainingSet(
        feature_names=("a", "b"),
        sequences=[
            TrainingSequence(composition=str(i), variants=[own], target=nothing, weight=nothing)
            for i, own in enumerate(values)
        ],
    )


def _planted(training: TrainingSet) -> tuple[list, list]:
    """Labels of a quantity (b) and of an event (a above 0)."""
    ones = [np.ones(len(s.target), dtype=np.float32) for s in training.sequences]
    values = [s.variants[0] for s in training.sequences]
    quantity = [(v[:, 1], w) for v, w in zip(values, ones, strict=True)]
    event = [((v[:, 0] > 0).astype(np.float32), w) for v, w in zip(values, ones, strict=True)]
    return quantity, event


def test_trees_of_two_targets_over_one_binning_learn_each_its_own() -> None:
    training = _music()
    rows = BinnedRows(training, TREES)
    quantity, event = _planted(training)
    first = rows.fit(quantity, TREES, "squared", SilentProgress(), Stopping())
    second = rows.fit(event, TREES, "logistic", SilentProgress(), Stopping())
    values = training.sequences[0].variants[0]

    def said(graph: bytes | None) -> np.ndarray:
        session = LazySession(graph or b"", where="test", shape=(None, 2))
        return OnnxRows(session, np.arange(2)).predict(values)

    assert np.corrcoef(said(first.graph), values[:, 1])[0, 1] > 0.95
    assert ((said(second.graph) > 0) == (values[:, 0] > 0)).mean() > 0.95


def test_what_has_no_weight_is_not_read() -> None:
    training = _music(2)
    rows = BinnedRows(training, TREES)
    quantity, _ = _planted(training)
    (one, weight), (other, _) = quantity
    spoilt = [(one, weight), (other + 1000, np.zeros_like(weight))]
    kept = rows.fit(spoilt, TREES, "squared", SilentProgress(), Stopping())
    session = LazySession(kept.graph or b"", where="test", shape=(None, 2))
    assert (
        np.abs(OnnxRows(session, np.arange(2)).predict(training.sequences[1].variants[0])).max() < 9
    )


def test_a_share_of_the_notes_and_every_way_of_reading_them() -> None:
    training = _music(1, 1000)
    (sequence,) = training.sequences
    block = np.full((1000, 1), 7.0, dtype=np.float32)
    training = replace(
        training,
        sequences=[replace(sequence, optional_blocks=[block])],
        optional_columns=np.array([0]),
    )
    rows = BinnedRows(training, TREES, share=0.3)
    target = sequence.variants[0][:, 1]
    chosen = rows._chosen([(target, np.ones_like(target))], TREES, "squared")
    label = chosen.get_label()
    assert len(label) % 2 == 0 and 250 < len(label) / 2 < 350
    assert_allclose(label[: len(label) // 2], label[len(label) // 2 :])


def test_one_net_learns_several_targets_and_is_taken_apart() -> None:
    training = _music()
    quantity, event = _planted(training)
    tasks = [
        Task(name="quantity", loss="squared", labels=quantity),
        Task(name="event", loss="logistic", labels=event),
    ]
    seen = []

    def measure(predict) -> dict[str, float]:
        found = predict(training.sequences[0].variants[0])
        seen.append(found)
        return {name: float(len(seen)) for name in found}

    made = fit_jointly(training, tasks, NET, SilentProgress(), measure)
    values = training.sequences[0].variants[0]
    said = {}
    for name, member in made.items():
        session = LazySession(member.graph or b"", where="test", shape=(1, None, 2))
        said[name] = OnnxSequence(session, np.arange(2), NET.context).predict(values)
        assert_allclose(said[name], seen[-1][name], atol=1e-4)  # the last epoch was the best
        assert len(member.curve) == NET.epochs
    assert np.corrcoef(said["quantity"], values[:, 1])[0, 1] > 0.9
    assert ((said["event"] > 0) == (values[:, 0] > 0)).mean() > 0.9


def test_a_net_may_have_one_target_alone() -> None:
    training = _music()
    quantity, _ = _planted(training)
    seen = []

    def measure(predict) -> dict[str, float]:
        seen.append(predict(training.sequences[0].variants[0])["quantity"])
        return {"quantity": float(len(seen))}

    task = Task(name="quantity", loss="squared", labels=quantity)
    fit_jointly(training, [task], NET, SilentProgress(), measure)
    assert np.corrcoef(seen[-1], training.sequences[0].variants[0][:, 1])[0, 1] > 0.9


def test_a_gated_net_reads_what_is_missing_and_a_task_counts_as_it_is_told() -> None:
    training = _music()
    draw = np.random.default_rng(5)
    gone = [draw.random(len(s.target)) < 0.5 for s in training.sequences]
    for sequence, missing in zip(training.sequences, gone, strict=True):
        sequence.variants[0][missing, 0] = np.nan
    ones = [np.ones(len(s.target), dtype=np.float32) for s in training.sequences]
    absent = [(g.astype(np.float32), w) for g, w in zip(gone, ones, strict=True)]
    options = replace(NET, kind="gated")
    tasks = [
        Task(name="absent", loss="squared", labels=absent),
        Task(name="unlearnt", loss="squared", labels=absent, share=0.0),
    ]
    made = fit_jointly(training, tasks, options, SilentProgress())

    def error(name: str) -> float:
        session = LazySession(made[name].graph or b"", where="test", shape=(1, None, 2))
        member = OnnxSequence(session, np.arange(2), options.context)
        return float(np.mean((member.predict(training.sequences[0].variants[0]) - gone[0]) ** 2))

    assert error("absent") < 0.05
    assert error("unlearnt") > 0.1


def test_odds_are_fitted_to_what_happened() -> None:
    draw = np.random.default_rng(0)
    odds = draw.normal(size=200_000)
    event = (draw.random(len(odds)) < 1 / (1 + np.exp(-(0.5 + 2 * odds)))).astype(float)
    level, spread = fit_odds(odds, event, np.ones(len(odds)))
    assert level == pytest.approx(0.5, abs=0.03)
    assert spread == pytest.approx(2, abs=0.05)
    # a weight of two is a note twice
    twice = fit_odds(np.append(odds, odds[:9]), np.append(event, event[:9]), np.ones(200_009))
    weight = np.where(np.arange(len(odds)) < 9, 2.0, 1.0)
    assert_allclose(fit_odds(odds, event, weight), twice)


def test_odds_keep_a_rate() -> None:
    odds = np.array([-2.0, 0.0, 3.0])
    weight = np.array([1.0, 2.0, 1.0])
    level = level_of_rate(odds, weight, 0.3)
    assert np.average(1 / (1 + np.exp(-(odds + level))), weights=weight) == pytest.approx(0.3)


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> list[Piece]:
    folder = write_corpus(tmp_path_factory.mktemp("corpus"))
    return list(load_training_pieces(folder, "flat"))


def test_heads_are_added_and_the_rest_of_a_bundle_stays(
    pieces: list[Piece], tmp_path: Path
) -> None:
    prepared = prepare(pieces, condition="flat", target=TEMPO, variants=1)
    recipe = AddedRecipe(
        parts={
            "flat": (
                TreePart(targets=(TEMPO, TIMING), options=replace(TREES, rounds=10), share=1.0),
                TreePart(
                    targets=(ARTICULATION, PEDAL_LIFT), options=replace(TREES, rounds=10), share=0.5
                ),
            )
        },
        net=replace(NET, epochs=1),
    )
    assert recipe.count_units() == 1 + 4 * 20
    store = Checkpoints(tmp_path / "checkpoints")
    nets = fit_nets(prepared, recipe, SilentProgress(), store)
    heads = list(fit_heads(prepared, "flat", recipe, nets, SilentProgress(), store))
    nets = fit_nets(prepared, recipe, SilentProgress(), store)
    again = list(fit_heads(prepared, "flat", recipe, nets, SilentProgress(), store))
    assert [h.graphs for h in again] == [h.graphs for h in heads]
    before = load_model("piano-1")
    save_with_heads(PRETRAINED / "piano-1", tmp_path / "more", heads, {"flat": pieces})
    after = load_model(tmp_path / "more")
    notes = pieces[0].notes
    whole = feature_table(notes)
    for condition in ("flat", "marked", "performed"):
        velocity = [m.predict(whole, condition, ["velocity"])["velocity"] for m in (before, after)]
        assert_allclose(velocity[0], velocity[1], rtol=0, atol=0)
    found = after.predict(whole, "flat")
    assert {h.recipe.target.name for h in heads} < set(found)
    assert all(np.isfinite(values).all() for values in found.values())
    for file in before.manifest["sha256"]:
        stays = (tmp_path / "more" / file).is_file()
        replaced = any(file.startswith(f"{h.recipe.name}-") for h in heads)
        assert stays or replaced, file
    known = before.manifest[MUSIC_OF_ADDED_HEADS]["flat"]
    assert after.manifest[MUSIC_OF_ADDED_HEADS]["flat"] == sorted(
        {*known, *(p.composition for p in pieces)}
    )
    assert after.manifest["attribution"].startswith(before.manifest["attribution"])


def test_a_piece_is_read_with_one_block_in_turn(pieces: list[Piece]) -> None:
    (own,) = prepare(pieces[:1], condition="flat", names=("pitch",), variants=1)
    blocks = [np.zeros((1, 1), np.float32), np.ones((1, 1), np.float32)]
    own = replace(own, sequence=replace(own.sequence, optional_blocks=blocks))
    found = [p.sequence.optional_blocks for p in with_one_block([own, own, own])]
    assert [float(b[0][0, 0]) for b in found] == [0, 1, 0]
    plain = replace(own, sequence=replace(own.sequence, optional_blocks=()))
    assert with_one_block([plain])[0].sequence.optional_blocks == ()
