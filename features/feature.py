"""What a feature is, and the table that they fill: known to every room that makes or reads them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import FeatureError
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
