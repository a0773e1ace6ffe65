"""A picture of interpretations of the same notes: velocity, tempo and pedal over the bars."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from humanize.extras import require_package
from humanize.reporting.performance_plot import draw_plain, number_bars, pedalled_spans

if TYPE_CHECKING:
    from humanize.interpretation.attributes import Expression

_INK = "#333333"
_TWO = ("#26547c", "#d1495b")


def plot_interpretations(
    interpretations: Sequence[Expression], names: Sequence[str], *, tempo_bpm: Sequence[float]
) -> bytes:
    """Return a PNG of interpretations of the same notes.

    Parameters
    ----------
    interpretations : sequence of Expression
    names : sequence of str
    tempo_bpm : sequence of float
        Mean tempo of each, quarter notes a minute.
    """
    require_package("matplotlib", "plots")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    notes = interpretations[0].ground.notes
    figure = Figure(figsize=(11, 7.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(3, 1, sharex=True, height_ratios=(4, 3, 0.4 + 0.25 * len(names)))
    for number, (own, name) in enumerate(zip(interpretations, names, strict=True)):
        colour = _colour(number, len(names))
        _draw_velocity(axes[0], own, colour, name, dots=len(names) < 3)
        _draw_tempo(axes[1], own, colour, tempo_bpm[number])
        _draw_pedal(axes[2], own, colour, len(names) - 1 - number)
    axes[0].set_ylabel("velocity")
    axes[0].legend(loc="upper right", frameon=False)
    axes[1].set_ylabel("quarter notes a minute")
    axes[1].set_yscale("log")
    _plain_numbers(axes[1])
    axes[2].set_yticks([])
    axes[2].set_ylim(-0.6, len(names) - 0.4)
    axes[2].set_ylabel("pedal")
    number_bars(axes[2], notes)
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=110, metadata={"Software": None})
    return image.getvalue()


def _colour(number: int, count: int) -> Any:
    if count <= len(_TWO):
        return _TWO[number]
    from matplotlib import colormaps

    return colormaps["viridis"](0.9 * number / (count - 1))


def _draw_velocity(axis: Any, own: Expression, colour: Any, name: str, *, dots: bool) -> None:
    notes, ground = own.ground.notes, own.ground
    if dots:
        axis.scatter(notes.onset_beat, own.velocity, s=6, color=colour, alpha=0.35, linewidths=0)
    axis.plot(notes.onset_beat[ground.top], ground.smooth(own.velocity)[ground.top], color=colour,
              label=name)  # fmt: skip
    if dots:
        axis.set_ylim(0, 128)
    draw_plain(axis)


def _draw_tempo(axis: Any, own: Expression, colour: Any, tempo_bpm: float) -> None:
    onset = own.parameters.onset_beat
    beat = np.arange(np.ceil(onset[0]), onset[-1] + 1e-9)
    beat = beat if len(beat) > 2 else onset
    lasting = np.diff(own.ground.time_map(own.parameters).at(beat)) / np.diff(beat)
    played = tempo_bpm * np.exp(np.log(lasting).mean()) / lasting
    axis.step(beat, np.append(played, played[-1]), where="post", color=colour, linewidth=1.2)
    draw_plain(axis)


def _draw_pedal(axis: Any, own: Expression, colour: Any, row: int) -> None:
    notes = own.ground.notes
    end = float((notes.onset_beat + notes.duration_beat).max())
    if len(own.parameters.pedal_press_ms):
        spans = [(a, b - a) for a, b in pedalled_spans(own.parameters, end)]
        axis.broken_barh(spans, (row - 0.35, 0.7), color=colour, linewidth=0)
    draw_plain(axis)


def _plain_numbers(axis: Any) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.yaxis.set_major_locator(MaxNLocator(6))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
    axis.yaxis.set_minor_locator(MaxNLocator(1))
    axis.minorticks_off()
