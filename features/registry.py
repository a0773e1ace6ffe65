"""The explicit, ordered list of features, and the gate on what they return."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import FeatureError
from ..notes import NoteTable
from .context import Context
from .windows import Floats


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One column of the feature table.

    Attributes
    ----------
    name : str
        ``<quantity>_<unit>`` then ``_<window>_<statistic>``.
    family : str
        The room it belongs to; ablations leave out one family at a time.
    unit : str
        Unit of the values, or ``category`` or ``0/1``.
    formula : str
        What is computed, in one line.
    compute : callable
        From the shared quantities to one value per note.
    source : str
        Paper, book or standard of the formula; empty where it is plain arithmetic.
    missing : str
        When the value is NaN; empty where it never is.
    categories : int
        Number of categories (values 0 to categories - 1); 0 for a quantity.
    """

    name: str
    family: str
    unit: str
    formula: str
    compute: Callable[[Context], Floats]
    source: str = ""
    missing: str = ""
    categories: int = 0


@dataclass(frozen=True)
class FeatureTable:
    """Named feature columns, one row per note.

    Attributes
    ----------
    names : tuple of str
        Ordered column names.
    values : (n_notes, n_features) float32 array
        NaN where a feature is missing.
    """

    names: tuple[str, ...]
    values: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.values)

    def select(self, names: Sequence[str]) -> NDArray[np.float32]:
        """Return the columns of these names in this order.

        Raises
        ------
        FeatureError
            If a column is not in the table.
        """
        if tuple(names) == self.names:
            return self.values
        position = {name: i for i, name in enumerate(self.names)}
        absent = [name for name in names if name not in position]
        if absent:
            raise FeatureError(
                f"feature table: no column {absent[0]!r} ({len(absent)} absent); expected every "
                "column of the model. Was the model trained with another version?"
            )
        return self.values[:, [position[name] for name in names]]


def all_features() -> tuple[Feature, ...]:
    """Return every feature in the order of the feature table."""
    return _FEATURES


def feature_names() -> tuple[str, ...]:
    """Return the ordered names of all features."""
    return tuple(f.name for f in _FEATURES)


def feature_table(notes: NoteTable, names: Sequence[str] | None = None) -> FeatureTable:
    """Return the feature table of one instrument's notes.

    Parameters
    ----------
    notes : NoteTable
        Notes of one instrument in canonical order.
    names : sequence of str, optional
        The columns to compute, in this order; all by default. What no chosen column needs is not
        computed.

    Returns
    -------
    FeatureTable
        One row per note.

    Raises
    ------
    FeatureError
        For an unknown name, or a column of wrong shape or with values missing where none may be.
    """
    chosen = _FEATURES if names is None else tuple(_by_name(name) for name in names)
    context = Context(notes)
    # column by column in memory: each feature is written, and read in chunks, in one stretch
    values = np.empty((len(notes), len(chosen)), dtype=np.float32, order="F")
    if len(notes):
        for column, feature in enumerate(chosen):
            values[:, column] = _shaped(feature, feature.compute(context), len(notes))
    _require_known(chosen, values)
    return FeatureTable(tuple(f.name for f in chosen), values)


def _by_name(name: str) -> Feature:
    try:
        return _INDEX[name]
    except KeyError:
        raise FeatureError(
            f"feature {name!r} is unknown; expected one of the {len(_INDEX)} registered names. "
            "Was the model trained with another version?"
        ) from None


def _shaped(feature: Feature, column: Floats, length: int) -> Floats:
    if column.shape != (length,):
        raise FeatureError(
            f"feature {feature.name}: shape {column.shape}; expected ({length},), one per note"
        )
    return column


def _require_known(features: Sequence[Feature], values: NDArray[np.float32]) -> None:
    # one pass over the whole table: two small calls a column cost more than the column
    known = np.isfinite(values.T).all(axis=1)
    for column in np.flatnonzero(~known).tolist():
        if not features[column].missing or np.isinf(values[:, column]).any():
            raise FeatureError(
                f"feature {features[column].name}: a missing or infinite value; expected finite "
                "numbers"
            )


def _collect() -> tuple[Feature, ...]:
    from . import form, harmony, markings, metre, pedals, pitch, rhythm, texture, touch

    rooms = (pitch, rhythm, metre, harmony, texture, form, markings, pedals, touch)
    return tuple(feature for room in rooms for feature in room.FEATURES)


_FEATURES = _collect()
_INDEX = {feature.name: feature for feature in _FEATURES}
