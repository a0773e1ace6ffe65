"""The rules of the house: who may import whom, what every room owes its readers."""

from __future__ import annotations

import ast
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = {"lightgbm", "torch", "fastai", "sklearn", "pandas", "partitura", "matplotlib", "pretty_midi",
         "fastapi", "ray", "rich", "scipy", "onnx", "lxml"}  # fmt: skip
TRAINING_ROOMS = {"sequence_nets.py", "tabular_net.py", "pianoroll_net.py"}
OWN_ROOM = {"fastapi": "service"}  # a room that is nothing but its library, itself imported late


def imports_of(path: Path, *, top_only: bool) -> Iterator[str]:
    tree = ast.parse(path.read_text())
    nodes = tree.body if top_only else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


@pytest.mark.parametrize("path", sorted((ROOT / "features").rglob("*.py")), ids=lambda p: p.name)
def test_features_know_notes_and_errors_alone(path: Path) -> None:
    for name in imports_of(path, top_only=False):
        if name.startswith(".."):
            assert name in ("..notes", "..errors"), name
        assert not name.startswith("humanize"), name


@pytest.mark.parametrize("path", sorted((ROOT / "models").rglob("*.py")), ids=lambda p: p.name)
def test_models_know_the_schema_of_features_and_no_file(path: Path) -> None:
    for name in imports_of(path, top_only=False):
        if name.startswith(".."):
            assert name in ("..features", "..notes", "..errors"), name
        assert not name.startswith(("humanize", "mido", "partitura")), name


@pytest.mark.parametrize(
    "path",
    [
        p
        for folder in ("humanize", "features", "models")
        for p in sorted((ROOT / folder).rglob("*.py"))
    ],
    ids=lambda p: str(p.relative_to(ROOT)),
)
def test_heavy_libraries_are_imported_where_they_are_used(path: Path) -> None:
    if path.name in TRAINING_ROOMS:
        pytest.skip("a torch module, itself imported inside functions only")
    for name in imports_of(path, top_only=True):
        library = name.partition(".")[0]
        assert library not in HEAVY or OWN_ROOM.get(library) == path.parent.name, name


def test_no_run_time_path_loads_code() -> None:
    for path in [*ROOT.glob("humanize/**/*.py"), *ROOT.glob("models/*.py")]:
        text = path.read_text()
        assert "pickle.load" not in text, path
        if "torch.load(" in text:
            assert "weights_only=True" in text, path


def test_the_page_of_features_is_what_the_registry_says() -> None:
    made = runpy.run_path(str(ROOT / "scripts" / "make_feature_docs.py"))["text"]()
    assert (ROOT / "docs" / "features.md").read_text(encoding="utf-8") == made


def test_the_examples_are_what_their_script_writes(tmp_path: Path) -> None:
    module = runpy.run_path(str(ROOT / "examples" / "make_examples.py"))
    for stem, piece, metre, tempo in (
        ("bach_prelude", "prelude", 4, 72),
        ("waltz", "waltz", 3, 150),
        ("fugue", "fugue", 4, 80),
    ):
        module["write"](tmp_path / "x.mid", module[piece](), metre, tempo)
        assert (tmp_path / "x.mid").read_bytes() == (ROOT / "examples" / f"{stem}.mid").read_bytes()
    written = (ROOT / "examples" / "waltz.musicxml").read_text(encoding="utf-8")
    assert module["waltz_score"]() == written
