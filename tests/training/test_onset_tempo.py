"""Tempo that is fitted to onsets: what a row holds, what is learnt, what a bundle then says."""

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
from humanize.expression import TEMPO
from humanize.features import FeatureTable, feature_table
from humanize.models import load_model
from humanize.models.bundle import PRETRAINED, read_head
from humanize.models.fitting.sequence import SequenceOptions
from humanize.models.fitting.trees import TreeOptions
from humanize.models.manifest import Entry
from humanize.notes import starts
from humanize.training.added_heads import save_with_heads
from humanize.training.checkpoints import Checkpoints
from humanize.training.datasets import Prepared, prepare
from humanize.training.loaders import load_training_pieces
from humanize.training.onset_tempo import (
    OnsetNet,
    TempoRecipe,
    chord_columns,
    fit_tempo,
    onsets_of,
)
from humanize.training.progress import SilentProgress

TREES = TreeOptions(rounds=10, rate=0.3, least=5, rows=1.0, columns=1.0, threads=1)
NET = SequenceOptions(kind="gated", hidden=8, blocks=2, kernel=3, epochs=1, window=64, batch=4)
RECIPE = TempoRecipe(
    trees=TREES, tree_weight=2.0, nets=(OnsetNet(name="one", options=NET, corpora=("asap",)),)
)


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> list[Piece]:
    folder = write_corpus(tmp_path_factory.mktemp("corpus"))
    return list(load_training_pieces(folder, "flat"))


@pytest.fixture(scope="module")
def prepared(pieces: list[Piece]) -> list[Prepared]:
    return prepare(pieces, condition="flat", target=TEMPO, variants=1)


def test_a_piece_has_a_row_for_each_onset(prepared: list[Prepared]) -> None:
    own = prepared[0]
    notes = own.piece.notes
    new = starts(notes.onset_beat)
    found = onsets_of(own, ("pitch",))
    assert len(found.piece.piece.notes) == new.sum() < len(notes)
    assert found.piece.names == (*own.names, "pitch (mean)", "pitch (lowest)")
    group = np.cumsum(new) - 1
    values = dict(zip(found.piece.names, found.piece.sequence.variants[0].T, strict=True))
    for onset in range(new.sum()):
        pitches = notes.pitch[group == onset]
        assert values["pitch"][onset] == pitches.max()
        assert values["pitch (mean)"][onset] == pytest.approx(pitches.mean(), rel=1e-6)
        assert values["pitch (lowest)"][onset] == pitches.min()
    whole, reduced = own.sequence, found.piece.sequence
    assert reduced.weight.sum() == pytest.approx(whole.weight.sum(), rel=1e-4)
    assert_allclose(reduced.target[group], whole.target)
    for before, after in zip(own.references, found.piece.references, strict=True):
        assert (group[before.rows] == after.rows).all()
        assert (before.values == after.values).all()


def test_company_is_the_mean_over_an_onset(prepared: list[Prepared]) -> None:
    own = prepared[0]
    first = np.flatnonzero(starts(own.piece.notes.onset_beat))
    velocity, weight = onsets_of(own, ()).company[0]
    mean, pianists = own.piece.mean_velocity()
    for onset, (low, high) in enumerate(
        zip(first, [*first[1:], len(own.piece.notes)], strict=True)
    ):
        known = pianists[low:high] > 0
        assert (weight[onset] > 0) == known.any()
        if known.any():
            right = np.average(mean[low:high][known], weights=pianists[low:high][known])
            assert velocity[onset] == pytest.approx(right, abs=1e-5)


def test_columns_of_a_chord_are_those_in_which_its_notes_differ(prepared: list[Prepared]) -> None:
    found = chord_columns(prepared)
    assert {"pitch", "duration_beat"} <= set(found)
    assert not {"ioi_beat_log", "position_share", "onset_notes"} & set(found)


def test_a_bundle_gets_tempo_and_says_of_an_onset_one_thing(
    pieces: list[Piece], prepared: list[Prepared], tmp_path: Path
) -> None:
    def fitted() -> list:
        store = Checkpoints(tmp_path / "checkpoints")
        bundle = PRETRAINED / "piano-1"
        return list(fit_tempo({"flat": prepared}, RECIPE, bundle, SilentProgress(), store))

    (head,) = fitted()
    assert fitted()[0].graphs == head.graphs
    weights = [own["weight"] for own in head.spec["members"]]
    assert weights == pytest.approx([0.5, 0.25, 0.25])  # trees, this net, the net over notes
    save_with_heads(PRETRAINED / "piano-1", tmp_path / "more", [head], {"flat": pieces})
    before, after = load_model("piano-1"), load_model(tmp_path / "more")
    notes = pieces[0].notes
    whole = feature_table(notes)
    for target in ("velocity", "pedal_lift"):
        found = [m.predict(whole, "flat", [target])[target] for m in (before, after)]
        assert_allclose(found[0], found[1], rtol=0, atol=0)
    tempo = after.predict(whole, "flat", [TEMPO.name])[TEMPO.name]
    assert np.isfinite(tempo).all()
    heard = after.manifest["music_of_added_heads"]["flat"]
    assert set(before.manifest["music_of_added_heads"]["flat"]) < set(heard)
    alone = [own for own in head.spec["members"] if "chord_columns" in own]
    for own in alone:
        spec = {**head.spec, "members": [{**own, "weight": 1.0}]}
        read = read_head(Entry(spec, "test"), TEMPO, head.graphs)
        names = tuple(head.spec["features"])
        said = read.standardised(FeatureTable(names, whole.select(names)))
        new = starts(notes.onset_beat)
        assert_allclose(said, said[new][np.cumsum(new) - 1])
        assert said.std() > 0


def test_trees_are_fitted_without_what_is_held_out_first(
    prepared: list[Prepared], tmp_path: Path
) -> None:
    assert any(p.piece.split == "validation" for p in prepared)
    spoilt = [
        replace(p, sequence=replace(p.sequence, target=p.sequence.target + 9.0))
        if p.piece.split == "validation"
        else p
        for p in prepared
    ]
    recipe = replace(RECIPE, nets=())
    found = [
        next(fit_tempo({"flat": own}, recipe, PRETRAINED / "piano-1-fast", SilentProgress(),
                       Checkpoints(tmp_path / str(i))))
        for i, own in enumerate((prepared, spoilt))
    ]  # fmt: skip
    # the calibration comes of the early trees, which no validation target reached
    assert found[0].spec["calibration"] == found[1].spec["calibration"]
    assert found[0].graphs != found[1].graphs
