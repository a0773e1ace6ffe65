"""The model that may be sold: its music, its folds, its routes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from free_corpora import PIECES, WORKS, write_percepiano, write_piano_midi_de
from smf_builder import encode, music

pytest.importorskip("lightgbm", reason="the extra [train] is not installed: lightgbm")
pytest.importorskip("fastai", reason="the extra [train] is not installed: fastai")

from humanize.commands.train import command as train
from humanize.errors import OptionError
from humanize.expression import TARGETS
from humanize.features import feature_table
from humanize.interpretation.prediction import predict_notes
from humanize.midi.reading import read_midi
from humanize.models import Model, load_model
from humanize.training.datasets import prepare
from humanize.training.free import FOLDS, FreeMusic, fold_of
from humanize.training.free_fit import LINE_COLUMNS, fit_line


@pytest.fixture(scope="module")
def free_music(tmp_path_factory: pytest.TempPathFactory) -> FreeMusic:
    folder = tmp_path_factory.mktemp("free")
    return FreeMusic(
        piano_midi_de=write_piano_midi_de(folder / "pm"),
        percepiano=write_percepiano(folder / "pp"),
    )


@pytest.fixture(scope="module")
def bundle(free_music: FreeMusic, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("bundles") / "my-free"
    arguments = ["--model", "free", "--piano-midi-de", str(free_music.piano_midi_de), "--quick",
                 "--percepiano", str(free_music.percepiano), "--threads", "1", "-o", str(output)]  # fmt: skip
    result = CliRunner().invoke(train, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return output


def test_a_fifth_of_the_compositions_is_held_out_and_never_straddles(free_music: FreeMusic) -> None:
    flat, marked = free_music.load("flat"), free_music.load("marked")
    assert len(flat) == PIECES + 3 * len(WORKS)
    assert [(p.id, p.split) for p in flat] == [(p.id, p.split) for p in marked]
    split_of: dict[str, set[str]] = {}
    for piece in flat:
        split_of.setdefault(piece.composition, set()).add(piece.split)
    assert {len(splits) for splits in split_of.values()} == {1}
    folds = fold_of(flat)
    assert sorted(set(folds.values())) == list(range(FOLDS))
    assert {c for c, splits in split_of.items() if splits == {"validation"}} == {
        c for c, fold in folds.items() if fold == 0
    }


def test_two_performances_of_an_excerpt_are_heard(free_music: FreeMusic) -> None:
    assert len(free_music.load("performed")) == 2 * 3 * len(WORKS)


def test_what_is_held_out_is_not_heard(free_music: FreeMusic) -> None:
    piece = free_music.load("flat")[0]
    held = replace(piece, id="held", split="test", composer="A", title="x")
    kept = replace(free_music, held_out=(held,)).load("flat")
    assert piece.id not in {p.id for p in kept}


def test_the_bundle_has_a_route_for_every_condition(bundle: Path) -> None:
    manifest = json.loads((bundle / "manifest.json").read_text())
    assert manifest["licence"] == "CC BY-SA 3.0 DE"
    assert "Bernd Krueger" in manifest["attribution"]
    assert "piano-midi.de" in manifest["attribution"]
    routes = manifest["routes"]
    assert set(routes) == {"flat", "marked", "performed"}
    members = {c: route["heads"]["velocity"]["members"] for c, route in routes.items()}
    for own in members.values():
        assert sum(m["weight"] for m in own) == pytest.approx(1)
    corpora = {m["corpus"]: m["splits"] for m in manifest["training_music"]}
    assert set(corpora) == {"piano-midi-de", "percepiano"}
    assert set(corpora["piano-midi-de"]) == {"train", "validation"}
    files = [m.get("file") for m in members["flat"]]
    assert [m.get("file") for m in members["marked"]] == [*files, None]
    own = {name: head["members"] for name, head in routes["flat"]["heads"].items()}
    assert set(own) == {target.name for target in TARGETS}
    assert set(routes["marked"]["heads"]) == set(own)
    assert set(routes["performed"]["heads"]) == {"velocity"}
    wanted = {member["file"] for members in own.values() for member in members}
    assert set(manifest["sha256"]) == {*wanted, "performed-trees.onnx"}
    assert set(files) <= wanted


def _model(bundle: Path) -> Model:
    return load_model(bundle)


def test_marks_are_heard_and_their_absence_is_no_mark(bundle: Path) -> None:
    model = _model(bundle)
    notes = read_midi(encode(sorted(music(9, 200)))).pieces[0]
    flat = predict_notes(notes, model)
    assert np.isfinite(flat).all()
    late = notes.onset_beat > np.median(notes.onset_beat)
    level = np.where(late, 96.0, 49.0)
    marked = predict_notes(replace(notes, markings={"notated_level": level}), model)
    assert np.isfinite(marked).all()
    assert marked[late].mean() - marked[~late].mean() > flat[late].mean() - flat[~late].mean() + 3
    accent = np.zeros(len(notes))
    accented = predict_notes(replace(notes, markings={"accent": accent}), model)
    assert np.corrcoef(accented, flat)[0, 1] > 0.999  # no level is known, nothing is accented


def test_the_line_finds_the_slopes_that_were_planted(free_music: FreeMusic) -> None:
    pieces = [p for p in free_music.load("marked") if p.notes.markings]
    prepared, said = [], []
    for number, one in enumerate(prepare(pieces, condition="marked", variants=1)):
        draw = np.random.default_rng(number)
        own = draw.normal(size=len(one.piece.notes))
        columns = feature_table(one.piece.notes, LINE_COLUMNS).values.astype(np.float64)
        target = 0.7 * own + np.nan_to_num(columns) @ np.array([0.02, 0.0, 0.0]) - 0.1
        sequence = replace(one.sequence, target=target.astype(np.float32))
        prepared.append(replace(one, sequence=sequence))
        said.append(own)
    share, slopes = fit_line(prepared, said)
    assert share == pytest.approx(0.7, abs=1e-3)
    assert slopes["notated_level_deviation"] == pytest.approx(0.02, abs=1e-4)


def test_a_missing_corpus_is_named(tmp_path: Path) -> None:
    runner = CliRunner()
    for arguments, option in ((["--model", "free"], "--piano-midi-de"), ([], "--corpus")):
        result = runner.invoke(train, [*arguments, "-o", str(tmp_path / "x")])
        assert isinstance(result.exception, OptionError)
        assert f"no {option} found" in str(result.exception)
