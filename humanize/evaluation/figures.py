"""The figures of an evaluation report, each as PNG bytes."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from humanize.evaluation.metrics import FloatColumn, pearson_r
from humanize.evaluation.run import Evaluation, Predicted
from humanize.extras import require_package
from humanize.features import FeatureTable, all_features, feature_table
from humanize.models import Model
from humanize.models.base import Condition
from humanize.notes import NoteTable

_BLUE, _RED, _GREY = "#2f6690", "#d1495b", "#9aa0a6"
_NINE = 9
_FIRST_NOTES = 400


def draw_figures(evaluation: Evaluation, model_name: str, model: Model) -> dict[str, bytes]:
    """Return the figures of one model by file name."""
    predicted = evaluation.predictions[model_name]
    draw = np.random.default_rng(0)
    chosen = [predicted[i] for i in draw.permutation(len(predicted))[:_NINE]]
    figures = {
        "predicted_against_performed.png": _nine_pieces(chosen, _scatter),
        "velocity_over_time.png": _nine_pieces(chosen, _over_time),
        "feature_correlations.png": _correlations(evaluation),
        "velocity_by_octave.png": _octaves(evaluation),
        "family_importance.png": _importance(evaluation, model),
    }
    curves = learning_curves(model)
    return figures | ({"learning_curves.png": _curves(curves)} if curves else {})


def learning_curves(model: Model) -> dict[str, list[float]]:
    """Return r on held-out pieces after each epoch, by member file."""
    found = {}
    routes = model.manifest["routes"].values()
    heads = [head for route in routes for head in route["heads"].values()]
    for member in (member for head in heads for member in head["members"]):
        if member.get("validation_r_by_epoch"):
            found[str(member["file"])] = list(member["validation_r_by_epoch"])
    return found


def _figure(rows: int, columns: int, size: tuple[float, float]) -> tuple[Any, Any]:
    require_package("matplotlib", "train")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, columns, squeeze=False)
    for axis in axes.flat:
        axis.spines[["top", "right"]].set_visible(False)
        axis.tick_params(labelsize=8)
    return figure, axes


def _png(figure: Any) -> bytes:
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=100, metadata={"Software": None})
    return image.getvalue()


def _nine_pieces(chosen: list[Predicted], draw: Any) -> bytes:
    figure, axes = _figure(3, 3, (12, 10))
    for axis in axes.flat[len(chosen) :]:
        axis.set_visible(False)
    for axis, predicted in zip(axes.flat, chosen, strict=False):
        performance = next(p for p in predicted.piece.performances if p.robust)
        draw(axis, predicted, performance)
        r = pearson_r(performance.velocity, predicted.velocity[performance.rows])
        title = f"{predicted.piece.composition}\nr = {r:.2f} over the whole piece"
        axis.set_title(title, fontsize=8, loc="left")
    return _png(figure)


def _scatter(axis: Any, predicted: Predicted, performance: Any) -> None:
    axis.scatter(
        performance.velocity, predicted.velocity[performance.rows], s=3, alpha=0.3, color=_BLUE
    )
    axis.plot([0, 127], [0, 127], color=_GREY, linewidth=0.8)
    axis.set_xlabel("performed velocity", fontsize=8)
    axis.set_ylabel("predicted velocity", fontsize=8)


def _over_time(axis: Any, predicted: Predicted, performance: Any) -> None:
    order = np.argsort(performance.rows, kind="stable")[:_FIRST_NOTES]
    rows = performance.rows[order]
    time = predicted.piece.notes.onset_sec[rows]
    for velocity, colour, label in (
        (performance.velocity[order], _GREY, "performed"),
        (predicted.velocity[rows], _RED, "predicted"),
    ):
        axis.plot(time, velocity, ".", color=colour, markersize=2, alpha=0.6)
        axis.plot(time, moving_mean(time, velocity), color=colour, linewidth=1.6, label=label)
    axis.set_xlabel(f"score time (s), first {len(rows)} notes", fontsize=8)
    axis.set_ylabel("velocity; lines: mean of 2 s", fontsize=8)
    axis.set_ylim(0, 128)
    axis.legend(fontsize=7, frameon=False)


def moving_mean(time: FloatColumn, values: FloatColumn, reach: float = 1.0) -> FloatColumn:
    """Return the mean of the values within ``reach`` of each time; times do not descend."""
    first = np.searchsorted(time, time - reach, side="left")
    last = np.searchsorted(time, time + reach, side="right")
    sums = np.concatenate([[0.0], np.cumsum(values)])
    return np.asarray((sums[last] - sums[first]) / (last - first), dtype=np.float64)


def correlation_table(evaluation: Evaluation, most: int = 25) -> list[tuple[str, float]]:
    """Return the features whose correlation with performed velocity is strongest, within pieces."""
    totals: dict[str, list[float]] = {}
    for piece in evaluation.pieces[:30]:
        table = feature_table(piece.notes)
        performance = next(p for p in piece.performances if p.robust)
        velocity = performance.velocity
        with np.errstate(invalid="ignore"):
            for column, name in enumerate(table.names):
                values = table.values[performance.rows, column].astype(np.float64)
                if np.isfinite(values).all() and values.std() > 1e-6:
                    totals.setdefault(name, []).append(pearson_r(velocity, values))
    means = [(name, float(np.mean(own))) for name, own in totals.items() if len(own) >= 3]
    return sorted(means, key=lambda pair: -abs(pair[1]))[:most]


def _correlations(evaluation: Evaluation) -> bytes:
    table = correlation_table(evaluation)[::-1]
    figure, axes = _figure(1, 1, (9, 7))
    axis = axes[0, 0]
    values = [r for _, r in table]
    axis.barh([name for name, _ in table], values, color=[_BLUE if r > 0 else _RED for r in values])
    axis.set_xlabel("correlation with performed velocity, mean over pieces")
    return _png(figure)


def _octaves(evaluation: Evaluation) -> bytes:
    by_octave: dict[int, list[float]] = {}
    for piece in evaluation.pieces:
        for performance in piece.performances[:1]:
            for pitch, v in zip(
                piece.notes.pitch[performance.rows], performance.velocity, strict=True
            ):
                by_octave.setdefault(int(pitch) // 12 - 1, []).append(float(v))
    figure, axes = _figure(1, 1, (9, 4))
    octaves = sorted(by_octave)
    axes[0, 0].boxplot([by_octave[o] for o in octaves], tick_labels=octaves, showfliers=False)
    axes[0, 0].set_xlabel("octave (4 begins with middle C)")
    axes[0, 0].set_ylabel("performed velocity (median, quartiles)")
    return _png(figure)


def family_importance(evaluation: Evaluation, model: Model) -> dict[str, float]:
    """Return the loss of r when the columns of one family are shuffled within each piece."""
    family_of = {f.name: f.family for f in all_features()}
    pieces = evaluation.pieces[:: max(len(evaluation.pieces) // 12, 1)][:12]
    losses: dict[str, list[float]] = {}
    draw = np.random.default_rng(0)
    for piece in pieces:
        performance = next(p for p in piece.performances if p.robust)
        head = model.head(_condition(evaluation, piece.notes))
        names = head.feature_names
        table = feature_table(piece.notes, names)
        whole = pearson_r(performance.velocity, head.standardised(table)[performance.rows])
        for family in sorted({family_of[n] for n in names}):
            columns = [i for i, n in enumerate(names) if family_of[n] == family]
            values = table.values.copy()
            values[:, columns] = values[draw.permutation(len(values))][:, columns]
            broken = head.standardised(FeatureTable(table.names, values))[performance.rows]
            losses.setdefault(family, []).append(whole - pearson_r(performance.velocity, broken))
    return {family: float(np.mean(own)) for family, own in losses.items()}


def _condition(evaluation: Evaluation, notes: NoteTable) -> Condition:
    if evaluation.condition == "marked" and not notes.markings:
        return "flat"
    return evaluation.condition


def _importance(evaluation: Evaluation, model: Model) -> bytes:
    losses = sorted(family_importance(evaluation, model).items(), key=lambda p: p[1])
    figure, axes = _figure(1, 1, (9, 4))
    axes[0, 0].barh([name for name, _ in losses], [loss for _, loss in losses], color=_BLUE)
    axes[0, 0].set_xlabel("loss of r when the family is shuffled within each piece")
    return _png(figure)


def _curves(curves: dict[str, list[float]]) -> bytes:
    figure, axes = _figure(1, 1, (8, 4))
    for name, values in curves.items():
        axes[0, 0].plot(range(1, len(values) + 1), values, marker="o", markersize=3, label=name)
    axes[0, 0].set_xlabel("epoch (trees: tenth of the rounds)")
    axes[0, 0].set_ylabel("mean r, validation compositions")
    axes[0, 0].legend(fontsize=8, frameon=False)
    return _png(figure)
