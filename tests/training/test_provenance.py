"""What a manifest says of the music that a model was fitted to."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from miniature import write_corpus

from humanize.corpus.asap import load_scores
from humanize.corpus.pieces import Origin, Piece
from humanize.evaluation.run import seen_by
from humanize.models import load_model
from humanize.models.base import Model
from humanize.models.manifest import Entry, upgraded
from humanize.models.provenance import TrainingMusic, read_training_music, seen_compositions
from humanize.training.provenance import fingerprint, training_music

FREE, SHARED = Origin("free", "MIT", "Somebody"), Origin("shared", "CC BY-SA 3.0 DE", "Another")
PRETRAINED = Path(__file__).parents[2] / "models" / "pretrained"


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> tuple[Piece, ...]:
    return load_scores(
        write_corpus(tmp_path_factory.mktemp("corpus")), "train", "validation"
    ).pieces


def test_compositions_by_split_licences_and_names(pieces: tuple[Piece, ...]) -> None:
    free = [replace(p, origin=FREE) for p in pieces]
    shared = [replace(pieces[0], origin=SHARED, split="train"), replace(pieces[1], performances=())]
    found = training_music({"flat": free, "performed": [*free[:1], *shared]})
    assert found["licence"] == "CC BY-SA 3.0 DE"
    assert found["attribution"] == "Somebody; Another"
    first, second = found["training_music"]
    assert (
        first["corpus"] == "free" and second["corpus"] == "shared"
    )  # that nobody played is not there
    assert first["splits"]["train"] == sorted(p.composition for p in pieces if p.split == "train")
    assert len(first["splits"]["validation"]) == 2
    assert set(first["fingerprints"]) == {"flat", "performed"}
    assert set(second["fingerprints"]) == {"performed"}
    assert training_music({"flat": free})["licence"] == "MIT"
    read = read_training_music(Entry(json.loads(json.dumps(found)), "x"))
    assert [own.entry() for own in read] == found["training_music"]


def test_a_fingerprint_changes_with_every_note_and_velocity(pieces: tuple[Piece, ...]) -> None:
    whole = fingerprint(pieces)
    assert fingerprint(pieces[::-1]) == whole and len(whole) == 16
    assert fingerprint(pieces[1:]) != whole
    piece, performance = pieces[0], pieces[0].performances[0]
    velocity = performance.velocity.copy()
    velocity[3] += 1
    louder = replace(performance, velocity=velocity)
    notes = replace(piece.notes, pitch=piece.notes.pitch + (np.arange(len(piece.notes)) == 7))
    for other in (
        replace(piece, performances=(louder, *piece.performances[1:])),
        replace(piece, performances=piece.performances[1:]),
        replace(piece, notes=notes),
        replace(piece, split="validation"),
        replace(piece, title="another"),
    ):
        assert fingerprint([other, *pieces[1:]]) != whole


def test_a_student_has_seen_what_its_teacher_has(pieces: tuple[Piece, ...]) -> None:
    teacher = TrainingMusic(
        corpus="asap", splits={"train": ("x/y",)}, fingerprints={}, licence="A", attribution="b"
    )
    elsewhere = replace(teacher, corpus="other", attribution="c")
    found = training_music({"flat": pieces}, [teacher, elsewhere])
    assert found["licence"] == "CC BY-NC-SA 4.0 and A"
    by_corpus = {own["corpus"]: own for own in found["training_music"]}
    assert "x/y" in by_corpus["asap"]["splits"]["train"]
    assert len(by_corpus["asap"]["splits"]["train"]) == 7
    assert by_corpus["other"]["splits"] == {"train": ["x/y"]}


def test_a_student_has_not_heard_what_its_teacher_heard_for_another_condition(
    pieces: tuple[Piece, ...],
) -> None:
    flat = TrainingMusic(
        corpus="other", splits={"train": ("f",)}, fingerprints={"flat": "1"}, licence="A",
        attribution="b",
    )  # fmt: skip
    marked = replace(flat, splits={"train": ("m",)}, fingerprints={"flat": "1", "marked": "2"})
    performed = replace(flat, splits={"train": ("p",)}, fingerprints={"performed": "3"})
    found = training_music({"flat": pieces}, [flat, marked, performed])["training_music"]
    (other,) = (own for own in found if own["corpus"] == "other")
    assert other["splits"] == {"train": ["f", "m"]}
    assert other["fingerprints"] == {"flat": "1"}


def test_what_is_evaluated_is_looked_up_by_corpus_and_composition(
    pieces: tuple[Piece, ...],
) -> None:
    name = pieces[0].composition
    music = TrainingMusic(
        corpus="asap", splits={"train": ("n/o",), "validation": (name,)}, fingerprints={},
        licence="", attribution="",
    )  # fmt: skip
    assert seen_compositions([music], "asap", ["z/z", name], "flat") == [name]
    assert seen_compositions([music], "maestro", [name], "flat") == []
    model = Model(name="m", manifest={}, routes={}, trained_on=(music,))
    assert seen_by(model, pieces, "flat") == (name,)
    assert seen_by(model, pieces[1:], "flat") == ()
    assert seen_by(replace(model, trained_on=()), pieces, "flat") is None


@pytest.mark.parametrize("name", ["piano-1", "piano-1-fast"])
def test_models_that_ship_say_what_they_were_trained_on(name: str) -> None:
    model = load_model(name)
    known = {"asap", "hannds", "maestro", "maestro-aligned"}
    assert {own.corpus for own in model.trained_on} == known
    of_asap = [own for own in model.trained_on if own.corpus == "asap"]
    assert all(set(own.splits) == {"train", "validation"} for own in of_asap)
    heard = {condition: own for own in of_asap for condition in own.fingerprints}
    assert {"flat", "marked", "performed"} <= set(heard)
    # Schumann's Toccata with its repeat is a composition of the test split
    assert not any("Schumann/Toccata" in own.compositions for own in of_asap)
    assert "Peter et al. 2023" in model.manifest["attribution"]


def test_an_upgrade_loses_nothing() -> None:
    old = json.loads(
        (Path(__file__).parents[1] / "stored/bundle_format_1/manifest.json").read_text()
    )
    new = upgraded(old)
    assert new["format"] == 2 and old["format"] == 1
    routes = {name: route["heads"]["velocity"] for name, route in new["routes"].items()}
    assert {**new, "format": 1, "routes": routes} == old
    assert upgraded(new) == new
