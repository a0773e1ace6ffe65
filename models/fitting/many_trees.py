"""Trees for several targets over the same rows: the rows are put into bins once for all.

Binning costs as much as a few hundred trees, and what a pianist adds to a score has six targets
beside velocity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .losses import Loss
from .stopping import Stopping
from .trainer import FittedMember, Progress
from .training_set import TrainingSequence, TrainingSet, Values
from .tree_graph import trees_to_onnx
from .trees import TreeOptions, grow

if TYPE_CHECKING:
    import lightgbm

Labels = tuple[Values, Values]
"""Target and weight of each note of a sequence."""


class BinnedRows:
    """Notes of every variant of some sequences, in bins.

    Parameters
    ----------
    training : TrainingSet
        Its targets and weights are not read.
    options : TreeOptions
        Of which the number of variants, the seed and what concerns bins are read.
    share : float
        Of the notes that are kept, drawn: notes of a piece are many and much alike.
    """

    def __init__(self, training: TrainingSet, options: TreeOptions, *, share: float = 1.0) -> None:
        import lightgbm

        draw = np.random.default_rng(options.seed)
        self._kept = [draw.random(len(s.target)) < share for s in training.sequences]
        kept = [_weighted(s, k) for s, k in zip(training.sequences, self._kept, strict=True)]
        whole = replace(training, sequences=kept)
        self._times = [
            len(replace(whole, sequences=[own]).variant_rows(options.variants)) for own in kept
        ]
        values = whole.rows(options.variants)[0]
        self._binned = lightgbm.Dataset(
            values, np.zeros(len(values)), params=options.parameters()
        ).construct()

    def fit(
        self,
        labels: Sequence[Labels],
        options: TreeOptions,
        loss: Loss,
        progress: Progress,
        stopping: Stopping,
    ) -> FittedMember:
        """Fit trees to a target of these rows; notes of weight 0 are not read.

        Parameters
        ----------
        labels : sequence of (target, weight)
            Of each sequence, a value for each note.
        options : TreeOptions
        loss : "squared" or "logistic"
        progress : Progress
            Advanced after every tenth of the trees.
        stopping : Stopping
            Its epochs are tenths of the trees.
        """
        trees = grow(self._chosen(labels, options, loss), options, loss, progress, stopping)
        spec = {"kind": "rows", "options": asdict(options)}
        return FittedMember(spec=spec, graph=trees_to_onnx([trees]), curve=stopping.curve)

    def _chosen(
        self, labels: Sequence[Labels], options: TreeOptions, loss: Loss
    ) -> lightgbm.Dataset:
        target, weight = (
            np.concatenate(
                [
                    np.tile(own[i][kept], times)
                    for own, kept, times in zip(labels, self._kept, self._times, strict=True)
                ]
            )
            for i in (0, 1)
        )
        rows = np.flatnonzero(weight > 0)
        chosen = self._binned.subset(rows.tolist(), params=options.parameters(loss)).construct()
        chosen.set_label(target[rows])
        chosen.set_weight(weight[rows] / weight[rows].mean())
        return chosen


def _weighted(sequence: TrainingSequence, kept: NDArray[np.bool_]) -> TrainingSequence:
    return replace(sequence, weight=kept.astype(np.float32))
