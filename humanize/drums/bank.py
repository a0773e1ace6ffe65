"""What drummers did beside what the model expects of them: whole numbers, no code.

Takes of a drummer are kept whole, as the feel of a take matters more than its pattern.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from humanize.drums.hits import TICKS, DrumHits
from humanize.drums.kit import DRUM_NAMES
from humanize.errors import ModelError
from humanize.models.residuals import unpacked_arrays, whole_numbers
from humanize.notes import FloatColumn, IntColumn

RESIDUALS = "residuals.npz"
LEAST_MEASURES, MOST_MEASURES = 8, 48
"""Of a take."""

_MEASURE = 4 * TICKS
_NONE = np.zeros(0, dtype=np.int64)
_OF_TAKES = ("hits", "tempo", "steps")
_OF_HITS = ("measure", "position", "drum", "velocity", "lag_ms")


@dataclass(frozen=True, kw_only=True)
class DrumBank:
    """Takes in four quarters, hit after hit.

    Attributes
    ----------
    first : (t + 1,) IntColumn
        The first hit of each take, and how many there are.
    tempo, steps : (t,) IntColumn
        Quarter notes a minute; 4 or 6, the grid.
    measure, position, drum : (n,) IntColumn
        Of each hit: measure of its take, from 0; place in it, 24 to a quarter note; drum.
    residual : mapping of str to (n,) FloatColumn
        ``velocity`` and ``lag_ms``, as played less as expected.
    """

    first: IntColumn
    tempo: IntColumn
    steps: IntColumn
    measure: IntColumn = field(repr=False)
    position: IntColumn = field(repr=False)
    drum: IntColumn = field(repr=False)
    residual: Mapping[str, FloatColumn] = field(repr=False)

    def __len__(self) -> int:
        return len(self.tempo)


def bank_arrays(
    hits: Sequence[DrumHits], expected: Sequence[Mapping[str, FloatColumn]]
) -> dict[str, IntColumn]:
    """Return the arrays of a bank: what is stored of takes that are long enough.

    Parameters
    ----------
    hits : sequence of DrumHits
        In four quarters, as they were played.
    expected : sequence of mapping
        ``velocity`` and ``lag_ms`` of each.
    """
    found: dict[str, list[IntColumn]] = {name: [] for name in (*_OF_TAKES, *_OF_HITS)}
    for own, said in zip(hits, expected, strict=True):
        measure = own.measure - own.measure.min() if len(own) else own.measure
        keep = (measure < MOST_MEASURES) & (own.position < _MEASURE)
        if len(own) == 0 or measure.max() + 1 < LEAST_MEASURES:
            continue
        found["hits"].append(np.array([keep.sum()]))
        found["tempo"].append(np.array([round(60 / float(np.median(own.beat_sec)))]))
        found["steps"].append(np.array([round(float(np.median(own.steps)))]))
        columns = {"measure": measure, "position": own.position, "drum": own.drum}
        columns |= {name: _rest(getattr(own, name), column) for name, column in said.items()}
        for name, column in columns.items():
            found[name].append(column[keep])
    return {name: np.concatenate([_NONE, *parts]).astype(np.int16) for name, parts in found.items()}


def _rest(played: FloatColumn | IntColumn, expected: FloatColumn) -> IntColumn:
    return np.asarray(np.clip(np.round(played - expected), -127, 127).astype(np.int64))


def read_drum_bank(content: bytes, *, where: str) -> DrumBank:
    """Return the bank that a file holds.

    Raises
    ------
    ModelError
        If it is damaged.
    """
    arrays = unpacked_arrays(content, where)
    columns = {
        name: whole_numbers(arrays, name, 1, where).astype(np.int64)
        for name in (*_OF_TAKES, *_OF_HITS)
    }
    first = np.concatenate([[0], np.cumsum(columns["hits"])])
    if not _fit(columns, first):
        raise ModelError(f"{where}: arrays that do not fit found; expected residuals of drummers")
    return DrumBank(
        first=first,
        **{name: columns[name] for name in ("tempo", "steps", "measure", "position", "drum")},
        residual={name: columns[name].astype(np.float64) for name in ("velocity", "lag_ms")},
    )


def _fit(columns: Mapping[str, Any], first: IntColumn) -> bool:
    takes, hits = (_table(columns, names) for names in (_OF_TAKES, _OF_HITS))
    return bool(
        takes.size and hits.size and hits.shape[1] == first[-1] and takes.min() > 0
        and hits[:3].min() >= 0 and hits[0].max() < MOST_MEASURES and hits[1].max() < _MEASURE
        and hits[2].max() < len(DRUM_NAMES) and np.abs(hits[3:]).max() <= 127
    )  # fmt: skip


def _table(columns: Mapping[str, IntColumn], names: Sequence[str]) -> IntColumn:
    """Return columns of one length as rows; nothing where their lengths differ."""
    same = len({len(columns[name]) for name in names}) == 1
    return np.array([columns[name] for name in names]) if same else np.zeros((0, 0), np.int64)
