"""Figures of velocities, drawn with matplotlib, which is imported only to draw."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np

from humanize.midi.reading import DRUMS

if TYPE_CHECKING:
    from humanize.api import Humanized

_INK = "#333333"


def plot_velocities(result: Humanized, *, title: str) -> bytes:
    """Return a PNG of the velocities before and after over time, coloured by pitch.

    Where the notes bring a notated level, it is drawn as a line.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    onset, pitch, before, after, level = _columns(result)
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


def _columns(result: Humanized) -> tuple[Any, ...]:
    pitched = [notes.instrument != DRUMS for notes in result.notes]
    start = np.cumsum([0.0, *(n.onset_sec.max() for n in result.notes)])
    onset = [n.onset_sec + s for n, s in zip(result.notes, start, strict=False)]
    columns = (
        onset,
        [n.pitch for n in result.notes],
        [n.velocity for n in result.notes],
        result.velocities,
        [n.marking("notated_level") for n in result.notes],
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
