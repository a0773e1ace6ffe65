"""Figures of velocities, drawn with matplotlib, which is imported only to draw."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from humanize.extras import require_package

if TYPE_CHECKING:
    from humanize.interpretation.interpret import Interpretation

_INK = "#333333"


def plot_velocities(interpretations: Sequence[Interpretation], *, title: str) -> bytes:
    """Return a PNG of the velocities before and after over time, coloured by pitch.

    Where the notes bring a notated level, it is drawn as a line.
    """
    require_package("matplotlib", "plots")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    onset, pitch, before, after, level = _columns(interpretations)
    figure = Figure(figsize=(11, 6), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(2, 1, sharex=True, sharey=True)
    for axis, velocity, label in zip(axes, (before, after), ("before", "after"), strict=True):
        dots = axis.scatter(onset, velocity, c=pitch, s=9, cmap="viridis", linewidths=0)
        if np.isfinite(level).any():
            axis.plot(onset, level, color="#d1495b", linewidth=1, label="notated level")
            axis.legend(loc="upper right", frameon=False)
        _label(axis, f"velocity {label}: mean {velocity.mean():.0f}, sd {velocity.std():.1f}")
    axes[1].set_xlabel("time (s)")
    figure.suptitle(title, color=_INK)
    figure.colorbar(dots, ax=axes, label="pitch (MIDI number)")
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=110, metadata={"Software": None})
    return image.getvalue()


def _columns(interpretations: Sequence[Interpretation]) -> tuple[Any, ...]:
    tables = [i.notes for i in interpretations]
    pitched = [notes.pitched for notes in tables]
    start = np.cumsum([0.0, *(n.onset_sec.max() for n in tables)])
    onset = [n.onset_sec + s for n, s in zip(tables, start, strict=False)]
    columns = (
        onset,
        [n.pitch for n in tables],
        [n.velocity for n in tables],
        [i.velocity for i in interpretations],
        [n.marking("notated_level") for n in tables],
    )
    return tuple(
        np.concatenate([c[p] for c, p in zip(column, pitched, strict=True)]) for column in columns
    )


def _label(axis: Any, title: str) -> None:
    axis.set_title(title, loc="left", fontsize=10, color=_INK)
    axis.set_ylim(0, 128)
    axis.set_ylabel("velocity")
    axis.spines[["top", "right"]].set_visible(False)
    axis.grid(axis="y", color="#dddddd", linewidth=0.6)
