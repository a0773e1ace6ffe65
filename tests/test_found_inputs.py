"""Inputs that once broke something, again; and a short run of the fuzz that finds such inputs."""

from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path

import pytest

pytest.importorskip("hypothesis", reason="needs hypothesis (extra: dev)")
ROOT = Path(__file__).parent.parent
FOUND = sorted(path for path in (ROOT / "tests/found").glob("*/*") if path.is_file())
NEEDS = {"http": "fastapi", "options": "fastapi", "answers": "starlette", "given": "fastapi", "mei": "verovio",
         "verovio": "verovio"}  # fmt: skip
NAMES = ("midi", "whole", "perform", "strip", "musicxml", "mxl", "sources", "options", "report",
         "answers", "http", "built", "performed", "groove", "feel", "style", "given", "abc", "tree", "mei", "verovio",
         "bundle")  # fmt: skip
FEW = ("whole", "perform", "performed", "verovio")  # slow ones


@pytest.fixture(scope="module")
def robustness():
    """The module with the targets, and the one that tries them."""
    folder = str(ROOT / "benchmarks/robustness")
    sys.path.insert(0, folder)
    try:
        yield importlib.import_module("targets"), importlib.import_module("run")
    finally:
        sys.path.remove(folder)
        for name in ("targets", "built_targets", "grammar", "run", "mutation", "oracles"):
            sys.modules.pop(name, None)


@pytest.mark.parametrize("path", FOUND, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_broke_something_once_is_borne(robustness, path: Path) -> None:
    pytest.importorskip(NEEDS.get(path.parent.name, "hypothesis"))
    value = ast.literal_eval(path.read_text(errors="surrogateescape"))
    robustness[0].TARGETS[path.parent.name].check(value)


@pytest.mark.parametrize("name", NAMES)
def test_inputs_that_nobody_would_write_are_borne(
    robustness, name: str, monkeypatch, tmp_path
) -> None:
    pytest.importorskip(NEEDS.get(name, "hypothesis"))
    targets, run = robustness
    assert set(targets.TARGETS) == set(NAMES)
    monkeypatch.setattr(run, "FOUND", tmp_path)
    figures = run.fuzz(name, 1e9, 20 if name in FEW else 150, 1)
    assert figures["broke"] == []
    assert figures["inputs"] > 0


def test_the_fuzz_sees_a_wrong_byte(robustness, monkeypatch, tmp_path) -> None:
    targets, run = robustness
    monkeypatch.setattr(run, "FOUND", tmp_path)
    from humanize.midi import smf

    right = smf.patch
    monkeypatch.setattr(smf, "patch", lambda *given: right(*given)[:-1] + b"\x01")
    figures = run.fuzz("midi", 1e9, 200, 1)
    assert "AssertionError" in figures["broke"][0]
    (kept,) = (tmp_path / "midi").iterdir()
    with pytest.raises(AssertionError):
        targets.TARGETS["midi"].check(ast.literal_eval(kept.read_text()))
