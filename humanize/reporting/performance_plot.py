"""A picture of a whole performance: velocities, the tempo curve, the pedal, over the bars."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from humanize.extras import require_package
from humanize.interpretation.performing import notated_time_map
from humanize.notes import FloatColumn, NoteTable

if TYPE_CHECKING:
    from humanize.interpretation.interpret import Interpretation
    from humanize.interpretation.parameters import PerformanceParameters

_INK, _TEMPO, _PEDAL = "#333333", "#d1495b", "#66a182"


def plot_performance(
    interpretations: Sequence[Interpretation],
    parameters: Sequence[PerformanceParameters],
    *,
    title: str,
    rubato: float = 1.0,
) -> bytes:
    """Return a PNG of the first piece: velocities, tempo in beats per minute, pedal, by bars.

    Parameters
    ----------
    interpretations, parameters : sequences
        Of the pieces of a file.
    title : str
    rubato : float
        How much of the tempo's deviations was written.
    """
    require_package("matplotlib", "plots")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    interpretation, own = interpretations[0], parameters[0]
    notes = interpretation.notes
    figure = Figure(figsize=(11, 7), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(3, 1, sharex=True, height_ratios=(4, 3, 0.6))
    _draw_velocities(axes[0], notes, interpretation.velocity, figure)
    _draw_tempo(axes[1], notes, own, rubato)
    _draw_pedal(axes[2], own, float((notes.onset_beat + notes.duration_beat).max()))
    number_bars(axes[2], notes)
    figure.suptitle(title, color=_INK)
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=110, metadata={"Software": None})
    return image.getvalue()


def beats_per_minute(
    notes: NoteTable, parameters: PerformanceParameters, rubato: float = 1.0
) -> FloatColumn:
    """Return the tempo played at each onset of the parameters, quarter notes a minute."""
    onset = parameters.onset_beat
    notated = notated_time_map(notes)
    following = np.append(onset[1:], onset[-1] + 1.0)
    period = (notated.at(following) - notated.at(onset)) / (following - onset)
    return np.asarray(60.0 / (period * np.exp(rubato * parameters.log_beat_period)))


def _draw_velocities(axis: Any, notes: NoteTable, after: Any, figure: Any) -> None:
    pitched = notes.pitched
    beat = notes.onset_beat[pitched]
    axis.scatter(beat, notes.velocity[pitched], c="#cccccc", s=7, linewidths=0, label="before")
    dots = axis.scatter(beat, after[pitched], c=notes.pitch[pitched], s=10, cmap="viridis",
                        linewidths=0, label="after")  # fmt: skip
    axis.set_ylim(0, 128)
    axis.set_ylabel("velocity")
    axis.legend(loc="upper right", frameon=False)
    figure.colorbar(dots, ax=axis, label="pitch (MIDI number)")
    draw_plain(axis)


def _draw_tempo(
    axis: Any, notes: NoteTable, parameters: PerformanceParameters, rubato: float
) -> None:
    onset = parameters.onset_beat
    end = float((notes.onset_beat + notes.duration_beat).max())
    played = beats_per_minute(notes, parameters, rubato)
    written = beats_per_minute(notes, parameters, 0.0)
    beat = np.append(onset, max(end, onset[-1]))
    axis.step(beat, np.append(written, written[-1]), where="post", color="#bbbbbb", label="written")
    axis.step(beat, np.append(played, played[-1]), where="post", color=_TEMPO, label="played")
    axis.set_ylabel("quarter notes a minute")
    axis.legend(loc="upper right", frameon=False)
    draw_plain(axis)


def _draw_pedal(axis: Any, parameters: PerformanceParameters, end: float) -> None:
    for begin, stop in pedalled_spans(parameters, end):
        axis.axvspan(begin, stop, ymin=0.25, ymax=0.75, color=_PEDAL, linewidth=0)
    axis.set_yticks([])
    axis.set_ylabel("pedal")
    draw_plain(axis)


def pedalled_spans(parameters: PerformanceParameters, end: float) -> list[tuple[float, float]]:
    """Return from which beat to which the pedal is down, by the onsets of press and lift."""
    spans: list[tuple[float, float]] = []
    down: float | None = None
    for beat, lift, press in zip(
        parameters.onset_beat.tolist(),
        np.isfinite(parameters.pedal_lift_ms).tolist(),
        np.isfinite(parameters.pedal_press_ms).tolist(),
        strict=False,
    ):
        if lift and down is not None:
            spans.append((down, beat))
            down = None
        if press and down is None:
            down = beat
    return spans if down is None else [*spans, (down, end)]


def number_bars(axis: Any, notes: NoteTable) -> None:
    """Put measure numbers at downbeats, a dozen or so of them."""
    first: dict[int, float] = {}
    downbeat = notes.onset_beat - notes.measure_position_beat
    for measure, beat in zip(notes.measure.tolist(), downbeat.tolist(), strict=True):
        first.setdefault(measure, beat)
    step = max(1, len(first) // 16)
    shown = [(m, b) for m, b in sorted(first.items()) if (m - 1) % step == 0]
    axis.set_xticks([b for _, b in shown], [str(m) for m, _ in shown])
    axis.set_xlabel("measure")


def draw_plain(axis: Any) -> None:
    """Take away what frames a drawing; keep the lines of the bars."""
    axis.spines[["top", "right"]].set_visible(False)
    axis.grid(axis="x", color="#eeeeee", linewidth=0.6)
