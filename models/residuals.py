"""What pianists did beside what a model expects of them: residuals of real performances, no code.

A bank is a folder with ``manifest.json`` and one ``.npz`` of whole numbers. It is read as bundles
are: the hash checked, every array of its kind and length, nothing unpickled.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from ..expression import ARTICULATION, TEMPO, TIMING, VELOCITY
from .base import Model
from .bundle import PRETRAINED, found_folder, save_bundle, verified_file
from .manifest import NAME, Entry, read_manifest

FOLDER = PRETRAINED / "takes"
"""Where banks stand, apart from models."""

DEFAULT, FREE = "takes-1", "takes-free"
ARRAYS = "residuals.npz"
OF_NOTES = (VELOCITY.name, TIMING.name, ARTICULATION.name)
OF_CHORDS = (TEMPO.name,)
TEXTURE_COLUMNS = 5
LEAST_CHORDS = 64
"""Of a performance: no phrase that is laid is longer."""

_MOST_BYTES = 256 << 20  # unpacked


@dataclass(frozen=True, kw_only=True)
class ResidualBank:
    """Residuals of performances, chord after chord, one performance after another.

    Attributes
    ----------
    name : str
    manifest : mapping
        Licence, attribution and the music that it was made from.
    performance : (p + 1,) int array
        The first chord of each performance, and how many chords there are.
    first : (k + 1,) int array
        The first note of each chord, lowest pitch first, and how many notes there are.
    texture : (k, 5) int array
        What each chord is like: ``humanize.interpretation.texture.COLUMNS``.
    values : mapping of str to int array
        By target: of each note ``velocity`` (standard deviations of the performance), asynchrony
        (ms) and log articulation; of each chord the log beat period (standard deviations again);
        in steps of ``step``.
    step : mapping of str to float
    """

    name: str
    manifest: Mapping[str, Any] = field(repr=False)
    performance: NDArray[np.int64] = field(repr=False)
    first: NDArray[np.int64] = field(repr=False)
    texture: NDArray[np.int64] = field(repr=False)
    values: Mapping[str, NDArray[np.int8]] = field(repr=False)
    step: Mapping[str, float] = field(repr=False)

    def __len__(self) -> int:
        return len(self.first) - 1


def bank_names() -> list[str]:
    """Return the names of the banks that ship."""
    return sorted(path.parent.name for path in FOLDER.glob(f"*/{NAME}"))


@lru_cache(maxsize=2)
def load_bank(name_or_folder: str | Path) -> ResidualBank:
    """Load a bank by name or by its folder, each once per process.

    Raises
    ------
    ModelError
        For an unknown name, or a bank that lacks something, is damaged or does not fit.
    """
    folder = found_folder(
        FOLDER / str(name_or_folder),
        Path(name_or_folder),
        f"residuals {str(name_or_folder)!r} are unknown; expected one of "
        f"{', '.join(bank_names())}, or the folder of a bank. Install the package again",
    )
    manifest, _ = read_manifest(folder)
    whole = Entry(manifest, f"{folder.name}/{NAME}")
    steps = whole.field("step")
    known = whole.field("sha256").field(ARRAYS)
    return bank_of(
        unpacked_arrays(verified_file(folder, ARRAYS, known), f"{folder.name}/{ARRAYS}"),
        name=whole.field("name").text(),
        manifest=manifest,
        step={n: steps.field(n).number(1e-6, 100.0) for n in (*OF_NOTES, *OF_CHORDS)},
    )


def bank_for(model: Model) -> ResidualBank:
    """Return the bank that the takes of a model are made from.

    A model whose weights may be used commercially has takes that may be, too.

    Raises
    ------
    ModelError
        If the bank that ships is damaged.
    """
    commercial = model.manifest.get("licence") and "NC" not in str(model.manifest["licence"])
    return load_bank(FREE if commercial else DEFAULT)


def bank_of(
    arrays: Mapping[str, NDArray[Any]],
    *,
    name: str,
    manifest: Mapping[str, Any],
    step: Mapping[str, float],
) -> ResidualBank:
    """Return the bank of arrays as they are stored.

    Parameters
    ----------
    arrays : mapping of str to int array
        ``chords``, how many chords each performance has; ``size``, how many notes each chord has;
        ``texture``; and the targets.
    name : str
    manifest, step : mapping

    Raises
    ------
    ModelError
        If an array is missing, of another kind, or of another length than the others say.
    """
    where = f"{name}/{ARRAYS}"
    performance = _edges(whole_numbers(arrays, "chords", 1, where), where)
    first = _edges(whole_numbers(arrays, "size", 1, where), where)
    texture = whole_numbers(arrays, "texture", 2, where)
    lengths = {**dict.fromkeys(OF_NOTES, first[-1]), **dict.fromkeys(OF_CHORDS, len(first) - 1)}
    values = {n: whole_numbers(arrays, n, 1, where) for n in lengths}
    fits = texture.shape == (len(first) - 1, TEXTURE_COLUMNS) and performance[-1] == len(texture)
    if not fits or any(len(values[n]) != length for n, length in lengths.items()):
        raise _damaged(where, "arrays of different lengths")
    if np.diff(performance).min() < LEAST_CHORDS:
        raise _damaged(where, f"a performance of fewer than {LEAST_CHORDS} chords")
    return ResidualBank(
        name=name,
        manifest=manifest,
        performance=performance,
        first=first,
        texture=texture.astype(np.int64),
        values={n: own.astype(np.int8) for n, own in values.items()},
        step=dict(step),
    )


def save_bank(folder: Path, manifest: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
    """Write a bank; ``manifest`` has its ``name``, ``step``, licence and the music it is made from.

    Parameters
    ----------
    folder : Path
    manifest : mapping
    arrays : mapping of str to int array
        As ``bank_of`` takes them.
    """
    save_bundle(folder, manifest, {ARRAYS: packed_arrays(arrays)})


def packed_arrays(arrays: Mapping[str, Any]) -> bytes:
    """Return arrays as a ``.npz``; the same arrays give the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, values in sorted(arrays.items()):
            content = io.BytesIO()
            np.lib.format.write_array(content, np.ascontiguousarray(values), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)),
                             content.getvalue(), zipfile.ZIP_DEFLATED)  # fmt: skip
    return packed.getvalue()


def unpacked_arrays(content: bytes, where: str) -> dict[str, NDArray[Any]]:
    """Return the arrays of a ``.npz``, nothing unpickled.

    Raises
    ------
    ModelError
        If it is damaged, or unpacks to more than a bank is.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MOST_BYTES:
                raise _damaged(where, "more than it may unpack to")
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except ModelError:
        raise
    except Exception as error:  # zip, numpy and zlib each have errors of their own
        raise _damaged(where, type(error).__name__) from None


def whole_numbers(
    arrays: Mapping[str, NDArray[Any]], name: str, axes: int, where: str
) -> NDArray[Any]:
    """Return an array of whole numbers.

    Raises
    ------
    ModelError
        If it is missing, or of another kind or shape.
    """
    found = arrays.get(name)
    if found is None or found.dtype.kind not in "iu" or found.ndim != axes:
        raise _damaged(where, f"no whole numbers {name!r}")
    return found


def _edges(counts: NDArray[Any], where: str) -> NDArray[np.int64]:
    if not len(counts) or counts.min() < 1:
        raise _damaged(where, "a count below 1")
    return np.concatenate([[0], np.cumsum(counts.astype(np.int64))])


def _damaged(where: str, found: str) -> ModelError:
    return ModelError(
        f"{where}: {found} found; expected the residuals of performances. Install the package again"
    )
