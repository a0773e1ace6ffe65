"""Bundles: a folder with ``manifest.json`` and ONNX graphs. Nothing in it is ever executed as code.

The manifest names, for each route, the heads by target, and of each the feature columns in order
and the members with their files, columns and weights; and the SHA-256 hash of every file. It says
what the model was fitted to, under which licence, and whom to name. Loading checks the format
version, the kind of every value, every hash, and every column name, as neither a tree nor a net
would notice columns in another order. Files stay inside the folder.

To change the format: raise ``FORMAT``, teach ``manifest.upgraded`` to read the version before it,
and keep a bundle of the old format among the tests.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import lru_cache
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from ..errors import ModelError
from ..expression import TARGETS, Target
from ..features import feature_names
from .base import CONDITIONS, Calibration, Head, Member, Model, Route
from .manifest import FORMAT, NAME, Entry, read_manifest
from .members import make_member
from .provenance import read_training_music

PRETRAINED = Path(__file__).parent / "pretrained"
_ALIASES = {"fast": "piano-1-fast"}
_MOST_BYTES = 1 << 30  # of a graph
_LONGEST_NAME = 100  # characters


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
        not read, a manifest that lacks something or has something of another kind, a file that is
        missing, outside the folder or does not fit its hash, or a feature that is not known.
    """
    folder = _folder(name_or_path)
    manifest, own_hash = read_manifest(folder)
    whole = Entry(manifest, f"{folder.name}/{NAME}")
    graphs = {
        file: verified_file(folder, file, known) for file, known in whole.field("sha256").items()
    }
    routes = {name: _route(route, graphs) for name, route in whole.field("routes").items()}
    unknown = sorted(set(routes) - set(CONDITIONS))
    if unknown or not routes:
        raise whole.field("routes").wrong(f"routes for some of {', '.join(CONDITIONS)}")
    for optional in ("licence", "summary", "attribution"):
        if (text := whole.optional(optional)) is not None:
            text.text()
    return Model(
        name=_name(whole.field("name")),
        manifest=manifest,
        routes=routes,
        trained_on=read_training_music(whole),
        manifest_hash=own_hash,
    )


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
    (folder / NAME).unlink(missing_ok=True)
    for name, graph in graphs.items():
        (folder / name).write_bytes(graph)
    hashes = {name: hashlib.sha256(graph).hexdigest() for name, graph in sorted(graphs.items())}
    write_manifest(folder, {**manifest, "format": FORMAT, "sha256": hashes})


def graphs_read(routes: Mapping[str, Any], graphs: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the graphs, by file name, that some head of a manifest's routes reads."""
    heads = [head for route in routes.values() for head in route["heads"].values()]
    named = {entry.get("file") for head in heads for entry in head["members"]}
    return {file: graph for file, graph in graphs.items() if file in named}


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest of a bundle whose files stand there already."""
    text = json.dumps(manifest, indent=1, sort_keys=True)
    temporary = folder / f"{NAME}.part"
    try:
        temporary.write_text(text + "\n", encoding="utf-8")
        temporary.replace(folder / NAME)
    finally:
        temporary.unlink(missing_ok=True)


def bundle_hash(model: Model) -> str:
    """Return a short hash of the whole bundle, for logs."""
    return model.manifest_hash


def _folder(name_or_path: str | Path) -> Path:
    name = _ALIASES.get(str(name_or_path), str(name_or_path))
    named = PRETRAINED / name if isinstance(name_or_path, str) else None
    return found_folder(
        named,
        Path(name_or_path),
        f"model {str(name_or_path)!r} is {_other_use(name)}; expected one of "
        f"{', '.join(model_names())}, or the folder of a bundle",
    )


def _other_use(name: str) -> str:
    """Return what a name that is no model of notes is: of drums, a bank of takes, or unknown."""
    for folder, use in (("drums", "for drums alone"), ("takes", "a bank of takes")):
        if _is_bundle(PRETRAINED / folder / name):
            return use
    return "unknown"


def found_folder(named: Path | None, path: Path, unknown: str) -> Path:
    """Return the first of two folders that holds a manifest.

    Parameters
    ----------
    named : Path, optional
        Where what ships by that name would stand.
    path : Path
        What was given, as a folder.
    unknown : str
        What is said where neither does.

    Raises
    ------
    ModelError
        With that message.
    """
    for folder in (named, path):
        if folder is not None and _is_bundle(folder):
            return folder
    raise ModelError(unknown)


def _is_bundle(folder: Path) -> bool:
    try:
        return (folder / NAME).is_file()
    except OSError:  # a name that no folder can have
        return False


def _name(entry: Entry) -> str:
    text = entry.text()
    if not text.isprintable() or not 0 < len(text) <= _LONGEST_NAME:
        raise entry.wrong("a name that can be printed")
    return text


def _route(entry: Entry, graphs: Mapping[str, bytes]) -> Route:
    heads = dict(entry.field("heads").items())
    unknown = sorted(set(heads) - {target.name for target in TARGETS})
    if unknown or not heads:
        raise entry.field("heads").wrong(f"heads for some of {', '.join(t.name for t in TARGETS)}")
    return Route(
        heads={t.name: read_head(heads[t.name], t, graphs) for t in TARGETS if t.name in heads}
    )


def read_head(entry: Entry, target: Target, graphs: Mapping[str, bytes]) -> Head:
    """Return the head that an entry of a manifest describes, its graphs by file name."""
    names = entry.field("features").texts()
    unknown = sorted(set(names) - set(feature_names()))
    if unknown:
        raise ModelError(
            f"{entry.where}: feature {unknown[0][:60]!a} is unknown to this version "
            f"({len(unknown)} in all); expected registered features. Install the version that the "
            "bundle was made with"
        )
    members = [
        (_member(own, names, graphs), _weight(own)) for own in entry.field("members").elements()
    ]
    if not math.isclose(sum(weight for _, weight in members), 1.0, abs_tol=1e-6):
        raise entry.field("members").wrong("members whose weights sum to 1")
    calibration = _calibration(entry.field("calibration"))
    return Head(target=target, feature_names=names, members=members, calibration=calibration)


def _weight(entry: Entry) -> float:
    return entry.field("weight").number(0.0, 1.0)


def _calibration(entry: Entry) -> Calibration:
    found = {name: own.number() for name, own in entry.items()}
    known = {own.name: own.default is MISSING for own in fields(Calibration)}
    if set(found) - set(known) or {name for name, needed in known.items() if needed} - set(found):
        raise entry.wrong(f"numbers called {', '.join(known)}")
    return Calibration(**found)


def _member(entry: Entry, names: tuple[str, ...], graphs: Mapping[str, bytes]) -> Member:
    position = {name: i for i, name in enumerate(names)}
    wanted = entry.optional("columns")
    columns = names if wanted is None else wanted.texts()
    if wanted is not None and set(columns) - set(names):
        raise wanted.wrong("columns among the features of its head")
    file = entry.optional("file")
    if file is None:
        return make_member(entry, None, {n: position[n] for n in columns}, where=entry.where)
    if file.text() not in graphs:
        raise file.wrong("the name of a file with a hash in the manifest")
    own = {name: position[name] for name in columns}
    return make_member(entry, graphs[file.text()], own, where=f"{entry.root}/{file.text()}")


def verified_file(folder: Path, file: str, known: Entry) -> bytes:
    """Return the bytes of a file that stands in the folder itself and fits its hash.

    Parameters
    ----------
    folder : Path
        Of the bundle.
    file : str
    known : Entry
        The hash in the manifest.

    Raises
    ------
    ModelError
        If it is elsewhere, missing, or another.
    """
    expected = known.text()
    if (
        file != PurePosixPath(file).name
        or file != PureWindowsPath(file).name
        or not file.isprintable()
    ):
        raise known.wrong("files of the bundle's own folder")
    try:
        path = (folder / file).resolve()
        inside = path.parent == folder.resolve() and path.is_file()
        graph = path.read_bytes() if inside and path.stat().st_size <= _MOST_BYTES else b""
    except (OSError, RuntimeError, ValueError):  # no such name, a circle of links, no permission
        graph = b""
    if hashlib.sha256(graph).hexdigest() != expected:
        raise ModelError(
            f"{folder.name}/{file[:_LONGEST_NAME]}: the file is missing, leads out of the folder "
            "or does not fit its hash in the manifest; expected the file as it was saved. Install "
            "the package again"
        )
    return graph
