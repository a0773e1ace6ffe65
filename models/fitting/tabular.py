"""The fastai tabular learner: embeddings for categories, two hidden layers. Run without fastai.

Reference: Howard & Gugger, fastai: a layered API for deep learning, Information 11(2), 2020.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .stopping import Stopping
from .trainer import FittedMember, Progress
from .training_set import TrainingSet

_CLIP = 4.0
_RANGE = (-3.5, 3.5)


@dataclass(frozen=True, kw_only=True)
class TabularOptions:
    """How the tabular net is built and trained.

    Attributes
    ----------
    layers : tuple of int
        Widths of the hidden layers.
    dropout, embedding_dropout, decay, rate : float
    epochs, batch, variants, seed : int
    """

    layers: tuple[int, ...] = (256, 128)
    dropout: float = 0.3
    embedding_dropout: float = 0.1
    decay: float = 0.1
    rate: float = 2e-3
    epochs: int = 3
    batch: int = 2048
    variants: int = 2
    seed: int = 0

    @property
    def reports(self) -> int:
        """How often one fit advances its progress."""
        return self.epochs

    def quick(self) -> TabularOptions:
        """Return the options of a tiny fit, to try the pipeline."""
        return replace(self, epochs=1)

    def columns_read(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the features that it reads."""
        return tuple(names)

    def variants_read(self, most: int) -> int:
        """Return how many variants of each piece it reads, of at most ``most``."""
        return most

    def fit(
        self,
        training: TrainingSet,
        progress: Progress,
        stopping: Stopping,
        *,
        checkpoint: Path | None = None,
    ) -> FittedMember:
        """Fit a member; a fit that ends within minutes keeps no checkpoint."""
        net = fit_tabular(training, self, progress, stopping)
        spec = {"kind": "rows", "options": asdict(self)}
        graph = rows_to_onnx(net, len(training.feature_names))
        return FittedMember(spec=spec, graph=graph, curve=stopping.curve)


def fit_tabular(
    training: TrainingSet,
    options: TabularOptions,
    progress: Progress,
    stopping: Stopping | None = None,
) -> Any:
    """Train the net with fastai; return a torch module from raw features to values.

    Parameters
    ----------
    training : TrainingSet
    options : TabularOptions
    progress : Progress
        Advanced after every epoch.
    stopping : Stopping, optional
    """
    import torch
    from fastai.callback.core import Callback, CancelFitException
    from fastai.callback.schedule import fit_one_cycle  # noqa: F401 - adds the method to Learner
    from fastai.data.core import DataLoaders
    from fastai.learner import Learner
    from fastai.tabular.model import TabularModel

    from .tabular_net import RawTabular, WeightedRows, packed_loss

    torch.manual_seed(options.seed)
    categorical, continuous = split_columns(training)
    centre, scale = training.centre_and_scale()
    sizes = [training.categories[training.feature_names[c]] + 1 for c in categorical]
    net = TabularModel(
        emb_szs=[(size, min(600, round(1.6 * size**0.56))) for size in sizes],
        n_cont=len(continuous),
        out_sz=1,
        layers=list(options.layers),
        ps=[options.dropout] * len(options.layers),
        embed_p=options.embedding_dropout,
        y_range=_RANGE,
    )
    raw = RawTabular(net, categorical, sizes, continuous, centre, scale, _CLIP)
    rows = WeightedRows(training.rows(options.variants), options.batch, options.seed)
    wanted = stopping or Stopping()

    class Report(Callback):  # type: ignore[misc]
        def after_epoch(self) -> None:
            raw.eval()
            wanted.after_epoch(
                lambda values: predict_rows(raw, values), lambda: deepcopy(raw.state_dict())
            )
            progress.advance(f"tabular epoch {self.epoch + 1}/{options.epochs}", float(self.loss))
            if self.epoch + 1 == wanted.epochs(options.epochs):
                raise CancelFitException

    loaders = DataLoaders(rows, rows.head())
    learner = Learner(loaders, raw, loss_func=packed_loss(training.loss), cbs=[Report()])
    with learner.no_bar(), learner.no_logging(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        learner.fit_one_cycle(options.epochs, options.rate, wd=options.decay)
    if wanted.kept is not None:
        raw.load_state_dict(wanted.kept)
    raw.eval()
    return raw


def split_columns(training: TrainingSet) -> tuple[list[int], list[int]]:
    """Return the indices of categorical and of continuous columns."""
    names: Sequence[str] = training.feature_names
    categorical = [i for i, n in enumerate(names) if n in training.categories]
    return categorical, [i for i in range(len(names)) if i not in set(categorical)]


def predict_rows(net: Any, values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return standardised values, shape (n,), from a trained torch module over rows."""
    import torch

    with torch.no_grad():
        out = net(torch.from_numpy(np.ascontiguousarray(values)))
    return np.asarray(out.numpy(), dtype=np.float64).reshape(-1)


def rows_to_onnx(net: Any, columns: int) -> bytes:
    """Return a graph from (n, columns) to (n, 1)."""
    import torch

    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of constants that are meant as such
        torch.onnx.export(
            net,
            (torch.zeros(4, columns),),
            buffer,
            input_names=["features"],
            output_names=["velocity"],
            dynamic_axes={"features": {0: "notes"}, "velocity": {0: "notes"}},
            opset_version=17,
            dynamo=False,
        )
    return buffer.getvalue()
