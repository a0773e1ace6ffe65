"""The rules of the house: who may import whom, what every room owes its readers."""

from __future__ import annotations

import ast
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = {"lightgbm", "torch", "fastai", "sklearn", "pandas", "partitura", "matplotlib", "pretty_midi",
         "fastapi", "ray", "rich", "scipy", "onnx", "lxml", "verovio"}  # fmt: skip
TORCH_MODULES = {"sequence_nets.py", "tabular_net.py", "pianoroll_net.py"}
OWN_ROOM = {"fastapi": "service"}  # a room that is nothing but its library, itself imported late
ROOMS = ("humanize", "features", "models")  # the last two are linked into the first


def modules(*folders: str) -> list[Path]:
    """Every module below these folders; links to other folders are not followed."""
    found = {path for folder in folders for path in (ROOT / folder).rglob("*.py")}
    linked = [ROOT / "humanize" / "features", ROOT / "humanize" / "models"]
    return sorted(path for path in found if not any(path.is_relative_to(link) for link in linked))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports_of(path: Path, *, top_only: bool) -> Iterator[str]:
    tree = ast.parse(path.read_text())
    nodes = tree.body if top_only else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def absolute_imports(path: Path) -> Iterator[str]:
    """Every module that a module imports, under its full name, functions' own imports included."""
    inside = ("humanize", *path.relative_to(ROOT).with_suffix("").parts)
    if inside[1] == "humanize":
        inside = inside[1:]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = list(inside[: -node.level]) if node.level else []
            if node.module:
                yield ".".join([*base, *node.module.split(".")])
            else:
                yield from (".".join([*base, alias.name]) for alias in node.names)


LEAVES = ("humanize.notes", "humanize.expression", "humanize.errors")
MAY_IMPORT = {
    "features": (*LEAVES, "humanize.features"),
    "models": (*LEAVES, "humanize.features", "humanize.models"),
}


@pytest.mark.parametrize("path", modules("features", "models"), ids=name_of)
def test_features_and_models_know_the_leaves_alone(path: Path) -> None:
    allowed = MAY_IMPORT[path.relative_to(ROOT).parts[0]]
    for name in absolute_imports(path):
        assert not name.startswith(("mido", "partitura", "pretty_midi")), name
        if name.partition(".")[0] == "humanize" and name != "humanize":
            assert any(name == room or name.startswith(f"{room}.") for room in allowed), name


@pytest.mark.parametrize("path", modules("models"), ids=name_of)
def test_models_know_the_names_of_features_and_not_their_formulas(path: Path) -> None:
    assert not {n for n in absolute_imports(path) if n.startswith("humanize.features.")}


def test_run_time_of_models_knows_nothing_of_training() -> None:
    for path in modules("models"):
        if "fitting" not in path.parts:
            assert not {n for n in absolute_imports(path) if "fitting" in n.split(".")}, path


def test_features_and_models_have_no_circles() -> None:
    inside = {module_of(path): path for path in modules("features", "models")}
    arrows = {
        name: {n for n in absolute_imports(path) if n in inside and n != name}
        for name, path in inside.items()
    }
    while leaves := [name for name, needed in arrows.items() if not needed & arrows.keys()]:
        for name in leaves:
            del arrows[name]
    assert not arrows


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    whole = parts if parts[0] == "humanize" else ("humanize", *parts)
    return ".".join(whole[:-1] if whole[-1] == "__init__" else whole)


@pytest.mark.parametrize("path", modules(*ROOMS), ids=name_of)
def test_heavy_libraries_are_imported_where_they_are_used(path: Path) -> None:
    if path.name in TORCH_MODULES:
        pytest.skip("a torch module, itself imported inside functions only")
    for name in imports_of(path, top_only=True):
        library = name.partition(".")[0]
        assert library not in HEAVY or OWN_ROOM.get(library) == path.parent.name, name


def test_no_run_time_path_loads_code() -> None:
    for path in modules(*ROOMS):
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
    module["write_drums"](tmp_path / "x.mid", module["rock_beat"](), 104)
    assert (tmp_path / "x.mid").read_bytes() == (ROOT / "examples" / "rock_beat.mid").read_bytes()
    written = (ROOT / "examples" / "waltz.musicxml").read_text(encoding="utf-8")
    assert module["waltz_score"]() == written
