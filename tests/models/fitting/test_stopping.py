"""Early stopping: the best epoch on held-out compositions is kept, and can be trained to again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from humanize.features import all_features
from humanize.models.fitting.stopping import Predictor, Stopping
from humanize.models.fitting.training_set import TrainingSequence, TrainingSet
from humanize.models.fitting.trees import TreeOptions, fit_trees
from humanize.training.progress import SilentProgress

pytest.importorskip("torch", reason="the extra 'train' is not installed")
pytest.importorskip("lightgbm", reason="the extra 'train' is not installed")

COUNT = 400


def music() -> TrainingSet:
    names = tuple(f.name for f in all_features() if f.family != "markings")
    generator = np.random.default_rng(1)
    sequences = []
    for number in range(6):
        values = generator.normal(size=(COUNT, len(names))).astype(np.float32)
        values[:, names.index("pitch")] = generator.integers(30, 90, COUNT)
        values[:, names.index("since_start_sec")] = np.linspace(0, 60, COUNT)
        values[:, names.index("duration_sec")] = 0.2
        target = (values[:, names.index("pitch")] - 60) / 20 + generator.normal(size=COUNT)
        sequences.append(
            TrainingSequence(
                composition=f"piece {number}",
                variants=[values],
                target=target.astype(np.float32),
                weight=np.full(COUNT, 1 / COUNT, dtype=np.float32),
            )
        )
    categories = {f.name: 4 for f in all_features() if f.categories and f.name in names}
    return TrainingSet(feature_names=names, sequences=sequences, categories=categories)


def trees(stopping: Stopping) -> Predictor:
    options = TreeOptions(rounds=40, least=10)
    grown = fit_trees(music(), options, SilentProgress(), stopping)
    return lambda values: np.asarray(grown.predict(values))


def convolution(stopping: Stopping) -> Predictor:
    from humanize.models.fitting.sequence import SequenceOptions, fit_sequence, predict_with_net

    options = SequenceOptions(kind="convolution", hidden=8, blocks=2, epochs=4, window=100)
    net = fit_sequence(music(), options, SilentProgress(), stopping)
    return lambda values: predict_with_net(net, values)


def tabular(stopping: Stopping) -> Predictor:
    pytest.importorskip("fastai", reason="the extra 'train' is not installed")
    from humanize.models.fitting.tabular import TabularOptions, fit_tabular, predict_rows

    options = TabularOptions(layers=(8, 4), epochs=4, batch=200)
    net = fit_tabular(music(), options, SilentProgress(), stopping)
    return lambda values: predict_rows(net, values)


def pianoroll(stopping: Stopping) -> Predictor:
    from humanize.models.fitting.pianoroll import PianorollOptions, fit_pianoroll

    options = PianorollOptions(hidden=4, steps=64, epochs=4)
    seen: list[Predictor] = []
    inner = stopping.measure

    def measure(predict: Predictor) -> float:
        seen.append(predict)
        return 0.0 if inner is None else inner(predict)

    stopping.measure = measure
    fit_pianoroll(music(), options, SilentProgress(), stopping)
    return seen[-1]


FITS = {"trees": trees, "convolution": convolution, "tabular": tabular, "pianoroll": pianoroll}


class SecondIsBest:
    """A measure to whom the second epoch sounds best."""

    def __init__(self) -> None:
        self.predicted: list[np.ndarray] = []

    def __call__(self, predict: Predictor) -> float:
        self.predicted.append(np.array(predict(music().sequences[0].variants[0])))
        return 1.0 if len(self.predicted) == 2 else 0.1 * len(self.predicted) / 20


@pytest.mark.parametrize("kind", FITS)
def test_the_best_epoch_is_kept(kind: str) -> None:
    measure = SecondIsBest()
    stopping = Stopping(measure=measure)
    predict = FITS[kind](stopping)
    assert stopping.best == 2
    assert len(stopping.curve) == (10 if kind == "trees" else 4)
    own = predict(music().sequences[0].variants[0])
    np.testing.assert_allclose(own, measure.predicted[1], atol=1e-5)
    assert np.abs(own - measure.predicted[-1]).max() > 1e-4


@pytest.mark.parametrize("kind", ["trees", "convolution", "tabular"])
def test_training_to_an_epoch_gives_that_epoch(kind: str) -> None:
    values = music().sequences[0].variants[0]
    kept = FITS[kind](Stopping(measure=SecondIsBest()))(values)
    again = FITS[kind](Stopping(last=2))(values)
    np.testing.assert_allclose(again, kept, atol=1e-5)


def test_an_interrupt_forgets_no_epoch_that_was_measured(tmp_path: Path) -> None:
    from humanize.models.fitting.sequence import SequenceOptions, fit_sequence, predict_with_net

    class Interrupt(SilentProgress):
        def __init__(self) -> None:
            self.count = 0

        def advance(self, what: str, loss: float) -> None:
            self.count += 1
            if self.count == 3:
                raise KeyboardInterrupt

    options = SequenceOptions(kind="convolution", hidden=8, blocks=2, epochs=4, window=100)
    measure = SecondIsBest()

    def run(progress: Any, checkpoint: Path | None) -> tuple[np.ndarray, list[float]]:
        stopping = Stopping(measure=measure)
        net = fit_sequence(music(), options, progress, stopping, checkpoint=checkpoint)
        return predict_with_net(net, music().sequences[0].variants[0]), stopping.curve

    with pytest.raises(KeyboardInterrupt):
        run(Interrupt(), tmp_path / "half.pt")
    on, curve = run(SilentProgress(), tmp_path / "half.pt")
    measure.predicted = []
    whole, other = run(SilentProgress(), None)
    assert curve == other and len(curve) == 4
    np.testing.assert_array_equal(on, whole)
