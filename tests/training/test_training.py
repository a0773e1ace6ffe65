"""Train, save, load, evaluate and report on a generated corpus, for every model."""

from __future__ import annotations

import csv
import io
import json
import sys
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
import humanize.commands.train as train_command
from humanize.commands.evaluate import command as evaluate
from humanize.commands.train import command as train
from humanize.errors import ModelError
from humanize.features import feature_table
from humanize.models import load_model
from humanize.training.recipes import RECIPES

CONDITIONS = ("flat", "marked", "performed")


@pytest.mark.parametrize("terminal", [True, False])
def test_a_bar_on_a_terminal_and_nothing_where_it_is_piped(terminal, monkeypatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(out, "isatty", lambda: terminal)
    monkeypatch.setattr(sys, "stderr", out)
    with train_command._progress(3) as progress:
        progress.advance("trees", 0.5)
    assert bool(out.getvalue()) == terminal


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("corpus"))


def run_train(corpus: Path, name: str, output: Path, *more: str) -> None:
    arguments = [
        "--corpus",
        str(corpus),
        "--model",
        name,
        "-o",
        str(output),
        "--quick",
        "--threads",
        "1",
    ]
    result = CliRunner().invoke(train, [*arguments, *more], catch_exceptions=False)
    assert result.exit_code == 0, result.output


@pytest.fixture(scope="module")
def bundles(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("bundles")
    for name in RECIPES:
        run_train(corpus, name, folder / name)
    return {name: folder / name for name in RECIPES}


@pytest.mark.parametrize("name", RECIPES)
def test_every_model_trains_and_predicts(bundles: dict[str, Path], name: str) -> None:
    model = load_model(bundles[name])
    assert set(model.routes) == set(CONDITIONS)
    result = humanize.humanize_bytes(encode(music(99)), model=bundles[name])
    assert np.isfinite(result.predicted[0]).all()
    assert (result.predicted[0].std() > 0.1) == (name != "constant")
    assert not list(bundles[name].parent.glob("*.checkpoints"))


@pytest.mark.parametrize("name", ["pitch-line", "lgbm", "ensemble"])
def test_what_can_be_learnt_is_learnt(
    bundles: dict[str, Path], corpus: Path, name: str, tmp_path: Path
) -> None:
    arguments = [
        "--corpus",
        str(corpus),
        "--split",
        "validation",
        "--model",
        str(bundles[name]),
        "-o",
        str(tmp_path),
    ]
    result = CliRunner().invoke(evaluate, [*arguments, "--workers", "1"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader((tmp_path / "results.csv").read_text().splitlines()))
    r = [float(row["value"]) for row in rows if row["metric"] == "pearson_r"]
    assert len(r) == 4
    assert np.mean(r) > 0.3
    assert (
        f"**{name} was trained on compositions of this split too: 2 ("
        in (tmp_path / "summary.md").read_text()
    )


def test_a_student_says_what_its_teacher_says(
    bundles: dict[str, Path], corpus: Path, tmp_path: Path
) -> None:
    from humanize.models.fitting.trees import TreeOptions
    from humanize.training.fit import train as fit_and_save
    from humanize.training.loaders import load_training_pieces
    from humanize.training.members import TrainingOptions
    from humanize.training.progress import SilentProgress
    from humanize.training.recipes import MemberRecipe, Recipe

    teacher = load_model(bundles["ensemble"])
    trees = TreeOptions(
        rounds=60, rate=0.2, least=20, columns=0.5, rows=1.0, penalty=1.0, threads=1
    )
    members = tuple(MemberRecipe(name=n, options=replace(trees, seed=len(n))) for n in ("a", "bb"))
    fit_and_save(
        Recipe(name="student", summary="a student", score=members),
        lambda condition: load_training_pieces(corpus, condition),
        tmp_path / "student",
        conditions=("flat",),
        options=TrainingOptions(teacher=teacher, threads=1),
        progress=SilentProgress(),
        about={"licence": "none"},
    )
    student = load_model(tmp_path / "student")
    for piece in load_training_pieces(corpus, "flat"):
        table = feature_table(piece.notes, student.feature_names("flat"))
        own, its = (m.predict(table, "flat")["velocity"] for m in (student, teacher))
        assert np.corrcoef(own, its)[0, 1] > 0.9
        assert own.std() / its.std() == pytest.approx(1, abs=0.15)
        assert own.mean() == pytest.approx(its.mean(), abs=2)


def test_a_first_fit_is_kept_where_members_are_not_fitted_again(
    corpus: Path, tmp_path: Path
) -> None:
    from humanize.models.fitting.trees import TreeOptions
    from humanize.training.checkpoints import Checkpoints
    from humanize.training.datasets import prepare
    from humanize.training.fit import train_head
    from humanize.training.loaders import load_training_pieces
    from humanize.training.members import TrainingOptions, fit_members
    from humanize.training.progress import SilentProgress
    from humanize.training.recipes import HeadRecipe, MemberRecipe

    trees = TreeOptions(rounds=20, rate=0.2, least=20, columns=0.5, rows=1.0, threads=1)
    head = HeadRecipe(trained_on="flat", members=(MemberRecipe(name="trees", options=trees),))
    pieces = load_training_pieces(corpus, "flat")
    graphs = {}
    for again in (False, True):
        options, store = TrainingOptions(threads=1, again=again), Checkpoints(tmp_path / str(again))
        _, graphs[again] = train_head(head, pieces, options, SilentProgress(), store)
    prepared = prepare(pieces, condition="flat", variants=1)
    kept = [p for p in prepared if p.piece.split == "train"]
    held_out = [p for p in prepared if p.piece.split == "validation"]
    (first,) = fit_members(
        head, kept, options, SilentProgress(), Checkpoints(tmp_path / "first"), held_out
    )
    assert graphs[False] == {"flat-trees.onnx": first.graph}
    assert graphs[True] != graphs[False]


def test_what_is_left_to_learn_completes_the_target(corpus: Path) -> None:
    from humanize.training.checkpoints import Checkpoints
    from humanize.training.datasets import prepare
    from humanize.training.fit import _remainder
    from humanize.training.loaders import load_training_pieces
    from humanize.training.members import TrainingOptions, fit_members, run_head
    from humanize.training.progress import SilentProgress
    from humanize.training.recipes import HeadRecipe

    prepared = prepare(load_training_pieces(corpus, "flat"), condition="flat", variants=1)
    recipe = HeadRecipe(trained_on="flat", members=RECIPES["pitch-line"].score)
    store = Checkpoints(corpus / "unused")
    line = fit_members(recipe, prepared, TrainingOptions(), SilentProgress(), store)
    for piece, left in zip(prepared, _remainder(recipe, line, prepared, 0.25), strict=True):
        whole = 0.25 * run_head(recipe, line, piece) + 0.75 * left.sequence.target
        np.testing.assert_allclose(whole, piece.sequence.target, atol=1e-5)
        assert np.abs(left.sequence.target - piece.sequence.target).max() > 0.01


def test_a_report_on_test_is_written_and_logged(
    bundles: dict[str, Path], corpus: Path, tmp_path: Path
) -> None:
    models = [part for name in ("lgbm", "constant") for part in ("--model", str(bundles[name]))]
    for condition in CONDITIONS:
        arguments = [
            "--corpus",
            str(corpus),
            "--split",
            "test",
            "--condition",
            condition,
            "--workers",
            "1",
        ]
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(tmp_path)
            result = CliRunner().invoke(
                evaluate, [*arguments, *models, "-o", condition], catch_exceptions=False
            )
        assert result.exit_code == 0, result.output
        written = {p.name for p in (tmp_path / condition).iterdir()}
        assert {
            "results.csv",
            "summary.md",
            "report.html",
            "predicted_against_performed.png",
        } <= written
        summary = (tmp_path / condition / "summary.md").read_text()
        assert "| constant | 0.000" in summary
        log = list(csv.DictReader((tmp_path / condition / "test_log.csv").read_text().splitlines()))
        assert [(row["model"], row["condition"]) for row in log] == [
            ("lgbm", condition),
            ("constant", condition),
        ]
    assert "two pianists" in (tmp_path / "flat" / "summary.md").read_text()


def test_training_is_reproducible_and_goes_on_after_an_interrupt(
    corpus: Path, tmp_path: Path
) -> None:
    from humanize.models.fitting import sequence

    run_train(corpus, "bilstm", tmp_path / "one", "--condition", "flat")
    calls = 0

    def interrupted(*arguments: object, **options: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt
        return real(*arguments, **options)

    real = sequence.net_to_onnx
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sequence, "net_to_onnx", interrupted)
        with pytest.raises(AssertionError, match="Aborted"):
            run_train(corpus, "bilstm", tmp_path / "two", "--condition", "flat")
    assert not (tmp_path / "two" / "manifest.json").exists()
    assert (tmp_path / "two.checkpoints").is_dir()
    run_train(corpus, "bilstm", tmp_path / "two", "--condition", "flat")
    hashes = [
        json.loads((tmp_path / n / "manifest.json").read_text())["sha256"] for n in ("one", "two")
    ]
    assert hashes[0] == hashes[1]


def test_a_changed_bundle_is_refused(bundles: dict[str, Path], tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in bundles["lgbm"].iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    graph = next(copy.glob("*.onnx"))
    graph.write_bytes(graph.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelError, match="does not fit its hash"):
        load_model(copy)
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps({**manifest, "format": 99}))
    with pytest.raises(ModelError, match="bundle format 99; expected 1 or 2"):
        load_model(str(copy))
