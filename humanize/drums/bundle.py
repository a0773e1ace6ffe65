"""Bundles of drum models: ``manifest.json``, two graphs of trees, feels and residuals.

They are read as those of pitched instruments are: every value of its kind, every hash checked,
every column known, nothing executed as code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from humanize.drums.bank import RESIDUALS, DrumBank, read_drum_bank
from humanize.drums.features import drum_feature_names, drum_features
from humanize.drums.hits import DrumHits
from humanize.errors import ModelError
from humanize.models.bundle import PRETRAINED, found_folder, save_bundle, verified_file
from humanize.models.graphs import LazySession
from humanize.models.manifest import NAME, Entry, read_manifest
from humanize.notes import FloatColumn

FOLDER = PRETRAINED / "drums"
"""Where bundles of drums stand, apart from those of pitched instruments."""

DEFAULT = "drums-1"
FEELS = "feels.json"
HEADS = ("velocity", "lag_ms")

_ROWS_AT_ONCE = 16_384
_LIMITS = {"velocity": (1.0, 127.0), "lag_ms": (-60.0, 60.0)}


@dataclass(frozen=True, kw_only=True)
class DrumModel:
    """A model of drums.

    Attributes
    ----------
    name : str
    manifest : mapping
    graphs : mapping of str to LazySession
        By head.
    feels : mapping
        Named feels as they are stored; see ``humanize.drums.feel``.
    residuals : bytes
        A file of the bundle; see ``bank``.
    """

    name: str
    manifest: Mapping[str, Any]
    graphs: Mapping[str, LazySession] = field(repr=False)
    feels: Mapping[str, Any] = field(default_factory=dict, repr=False)
    residuals: bytes = field(default=b"", repr=False)

    @cached_property
    def bank(self) -> DrumBank:
        """What drummers did beside what the model expects.

        Raises
        ------
        ModelError
            If the bundle has none, or a damaged one.
        """
        if not self.residuals:
            raise ModelError(
                f"{self.name}: no {RESIDUALS} found, which takes of drums are made from; expected "
                "freedom 0, or a model that this version has trained"
            )
        return read_drum_bank(self.residuals, where=f"{self.name}/{RESIDUALS}")

    def predict(self, hits: DrumHits) -> dict[str, FloatColumn]:
        """Return velocity (1-127) and lag (ms; above 0 is late) of each hit.

        Raises
        ------
        ModelError
            If a graph does not answer with a number for each hit.
        """
        values = drum_features(hits).values
        return {
            name: np.clip(_run(graph, values), *_LIMITS[name])
            for name, graph in self.graphs.items()
        }


def drum_model_names() -> list[str]:
    """Return the names of the drum models that ship."""
    return sorted(path.parent.name for path in FOLDER.glob(f"*/{NAME}"))


@lru_cache(maxsize=4)
def load_drum_model(name_or_folder: str | Path = DEFAULT) -> DrumModel:
    """Load a drum model by name, or a bundle by its folder; each once per process.

    Raises
    ------
    ModelError
        For an unknown name, or a bundle that lacks something or does not fit.
    """
    folder = found_folder(
        FOLDER / str(name_or_folder),
        Path(name_or_folder),
        f"drum model {str(name_or_folder)!r} is unknown; expected one of "
        f"{', '.join(drum_model_names())}, or the folder of a bundle",
    )
    manifest, _ = read_manifest(folder)
    whole = Entry(manifest, f"{folder.name}/{NAME}")
    files = {file: verified_file(folder, file, own) for file, own in whole.field("sha256").items()}
    features = whole.field("features")
    if features.texts() != drum_feature_names():
        raise features.wrong("the features of drums of this version, in their order")
    heads = whole.field("heads")
    return DrumModel(
        name=whole.field("name").text(),
        manifest=manifest,
        graphs={name: _graph(heads.field(name), files, folder) for name in HEADS},
        feels=_feels(files, whole),
        residuals=files.get(RESIDUALS, b""),
    )


def save_drum_bundle(
    folder: Path,
    manifest: Mapping[str, Any],
    graphs: Mapping[str, bytes],
    feels: Mapping[str, Any],
    residuals: bytes = b"",
) -> None:
    """Write a bundle: one graph per head, the feels, and the residuals that takes are made from.

    Parameters
    ----------
    folder : Path
    manifest : mapping
        Name, summary, licence and what it was fitted to; the rest is added.
    graphs : mapping of str to bytes
        By head.
    feels : mapping
    residuals : bytes
        As ``humanize.drums.bank`` reads them.
    """
    text = json.dumps(feels, separators=(",", ":"), sort_keys=True) + "\n"
    files = {f"{name}.onnx": graph for name, graph in graphs.items()} | {FEELS: text.encode()}
    if residuals:
        files[RESIDUALS] = residuals
    heads = {name: {"file": f"{name}.onnx"} for name in graphs}
    own = {**manifest, "heads": heads, "features": list(drum_feature_names())}
    save_bundle(folder, own, files)


def _graph(entry: Entry, files: Mapping[str, bytes], folder: Path) -> LazySession:
    file = entry.field("file")
    if file.text() not in files:
        raise file.wrong("the name of a file with a hash in the manifest")
    where = f"{folder.name}/{file.text()}"
    return LazySession(files[file.text()], where=where, shape=(None, len(drum_feature_names())))


def _feels(files: Mapping[str, bytes], whole: Entry) -> Mapping[str, Any]:
    try:
        feels = json.loads(files.get(FEELS, b"{}"))
    except (ValueError, RecursionError):
        feels = None
    if not isinstance(feels, dict):
        raise ModelError(f"{whole.root}/{FEELS}: not named feels; expected JSON by name")
    return feels


def _run(graph: LazySession, values: NDArray[np.float32]) -> FloatColumn:
    parts = [
        graph.run(np.ascontiguousarray(chunk), size=len(chunk)).reshape(-1)
        for chunk in (
            values[start : start + _ROWS_AT_ONCE] for start in range(0, len(values), _ROWS_AT_ONCE)
        )
    ]
    return np.concatenate([np.zeros(0), *parts]).astype(np.float64)


def manifest_hash(folder: Path) -> str:
    """Return a short hash of a bundle's manifest, which has the hashes of all its files."""
    return hashlib.sha256((folder / NAME).read_bytes()).hexdigest()[:12]
