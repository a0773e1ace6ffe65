"""A constant, or a straight line by weighted least squares: the floors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .stopping import Stopping
from .trainer import FittedMember, Progress
from .training_set import TrainingSet


@dataclass(frozen=True)
class LineOptions:
    """A constant, or a straight line over the named columns, by weighted least squares.

    Attributes
    ----------
    columns : tuple of str
    """

    columns: tuple[str, ...] = ()

    @property
    def reports(self) -> int:
        """It never reports."""
        return 0

    def quick(self) -> LineOptions:
        """Return the same: it is quick."""
        return self

    def columns_read(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the columns of the line, in the order of the table."""
        return tuple(name for name in names if name in self.columns)

    def variants_read(self, most: int) -> int:
        """It reads the notes as written."""
        return 1

    def fit(
        self,
        training: TrainingSet,
        progress: Progress,
        stopping: Stopping,
        *,
        checkpoint: Path | None = None,
    ) -> FittedMember:
        """Fit the line to every weighted note as written."""
        if not self.columns:
            return FittedMember(spec=_spec(0.0, {}))
        read = self.columns_read(training.feature_names)
        columns = [training.feature_names.index(name) for name in read]
        known = [s.weight > 0 for s in training.sequences]
        pairs = list(zip(training.sequences, known, strict=True))
        values = np.concatenate([s.variants[0][k][:, columns] for s, k in pairs])
        values = np.nan_to_num(values)  # as at run time, where a missing value counts as 0
        target = np.concatenate([s.target[k] for s, k in pairs])
        root = np.sqrt(np.concatenate([s.weight[k] for s, k in pairs]))
        design = np.column_stack([np.ones(len(values)), values]) * root[:, None]
        solution = np.linalg.lstsq(design, target * root, rcond=None)[0]
        slopes = dict(zip(read, map(float, solution[1:]), strict=True))
        return FittedMember(spec=_spec(float(solution[0]), slopes))


def _spec(intercept: float, slopes: dict[str, float]) -> dict[str, Any]:
    return {"kind": "line", "intercept": intercept, "slopes": slopes, "columns": list(slopes)}
