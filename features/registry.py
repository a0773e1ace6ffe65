"""The explicit, ordered list of features, and the gate on what they return."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..errors import FeatureError
from ..notes import NoteTable
from . import (
    cues,
    form,
    grouping,
    harmony,
    markings,
    metre,
    neighbours,
    pedals,
    pitch,
    rhythm,
    tempo,
    texture,
    touch,
)
from .context import Context
from .feature import Feature, FeatureTable
from .windows import Floats

_ROOMS = (
    *(pitch, rhythm, metre, harmony, texture, form, markings, pedals, touch),
    *(tempo, neighbours, grouping, cues),
)
_FEATURES: tuple[Feature, ...] = tuple(feature for room in _ROOMS for feature in room.FEATURES)
_INDEX = {feature.name: feature for feature in _FEATURES}


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
