"""Bundles: a folder with ``manifest.json`` and ONNX graphs. Nothing in it is ever executed as code.

The manifest names, for each route, the feature columns in order and the members with their files,
SHA-256 hashes, columns and weights. Loading checks the format version, every hash and every
column name, as neither a tree nor a net would notice columns in another order.

To change the format: raise ``FORMAT``, teach ``load_model`` to read the version before it, and keep
a bundle of the old format among the tests.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ModelError
from ..features import feature_names
from .base import Calibration, Member, Model, Route
from .members import make_member

FORMAT = 1
PRETRAINED = Path(__file__).parent / "pretrained"
_ALIASES = {"fast": "piano-1-fast"}


def model_names() -> list[str]:
    """Return the names of the models that ship with the package, aliases included."""
    names = [path.parent.name for path in PRETRAINED.glob("*/manifest.json")]
    return sorted([*names, *(alias for alias, name in _ALIASES.items() if name in names)])


@lru_cache(maxsize=8)
def load_model(name_or_path: str | Path = "piano-1") -> Model:
    """Load a model by name, or a bundle by path; each is loaded once per process.

    Raises
    ------
    ModelError
        For an unknown name, a folder that is no bundle, a format version that this package does
        not read, a file that does not fit its hash, or a feature that is not known.
    """
    folder = _folder(name_or_path)
    manifest = _manifest(folder)
    graphs = {file: _verified(folder / file, known) for file, known in manifest["sha256"].items()}
    routes = {
        condition: _route(folder, spec, graphs) for condition, spec in manifest["routes"].items()
    }
    return Model(name=str(manifest["name"]), manifest=manifest, routes=routes)


def save_bundle(folder: Path, manifest: Mapping[str, Any], graphs: Mapping[str, bytes]) -> None:
    """Write a bundle; the manifest is written last, so that a half-written one is no bundle.

    Parameters
    ----------
    folder : Path
        Created if need be.
    manifest : mapping
        With ``name`` and ``routes``; ``format`` and the files' hashes are added.
    graphs : mapping of file name to bytes
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").unlink(missing_ok=True)
    for name, graph in graphs.items():
        (folder / name).write_bytes(graph)
    hashes = {name: hashlib.sha256(graph).hexdigest() for name, graph in sorted(graphs.items())}
    text = json.dumps({"format": FORMAT, **manifest, "sha256": hashes}, indent=1, sort_keys=True)
    temporary = folder / "manifest.json.part"
    try:
        temporary.write_text(text + "\n", encoding="utf-8")
        temporary.replace(folder / "manifest.json")
    finally:
        temporary.unlink(missing_ok=True)


def bundle_hash(model: Model) -> str:
    """Return a short hash of the whole bundle, for logs."""
    text = json.dumps(model.manifest, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _folder(name_or_path: str | Path) -> Path:
    named = PRETRAINED / _ALIASES.get(str(name_or_path), str(name_or_path))
    if isinstance(name_or_path, str) and (named / "manifest.json").is_file():
        return named
    path = Path(name_or_path)
    if (path / "manifest.json").is_file():
        return path
    raise ModelError(
        f"model {str(name_or_path)!r} is unknown; expected one of {', '.join(model_names())}, or "
        "the folder of a bundle"
    )


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        found = manifest["format"]
    except (ValueError, KeyError, TypeError):
        raise ModelError(f"{path}: not a manifest; expected JSON with a field 'format'") from None
    if found != FORMAT:
        raise ModelError(
            f"{path}: bundle format {found}; expected {FORMAT}. Install the version of "
            "humanize-midi that the bundle was made with"
        )
    return dict(manifest)


def _route(folder: Path, spec: Mapping[str, Any], graphs: Mapping[str, bytes]) -> Route:
    names = tuple(spec["features"])
    unknown = sorted(set(names) - set(feature_names()))
    if unknown:
        raise ModelError(
            f"{folder}: feature {unknown[0]!r} is unknown to this version ({len(unknown)} in all); "
            "expected registered features. Install the version that the bundle was made with"
        )
    members = [(_member(folder, m, names, graphs), float(m["weight"])) for m in spec["members"]]
    return Route(
        feature_names=names, members=members, calibration=Calibration(**spec["calibration"])
    )


def _member(
    folder: Path, spec: Mapping[str, Any], names: Sequence[str], graphs: Mapping[str, bytes]
) -> Member:
    file = spec.get("file")
    if file is not None and file not in graphs:
        raise ModelError(
            f"{folder.name}/{file}: no hash in the manifest; expected one for each file"
        )
    position = {name: i for i, name in enumerate(names)}
    wanted = spec.get("columns", names)
    columns = np.array([position[name] for name in wanted], dtype=np.int64)
    graph = graphs[file] if file is not None else None
    member: Member = make_member(spec, graph, columns, where=f"{folder.name}/{file}")
    return member


def _verified(path: Path, expected: str) -> bytes:
    graph = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(graph).hexdigest() != expected:
        raise ModelError(
            f"{path.parent.name}/{path.name}: the file is missing or does not fit its hash in the "
            "manifest; expected the file as it was saved. Install the package again"
        )
    return graph
