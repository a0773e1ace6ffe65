"""A picture of a whole performance: velocities, the tempo curve, the pedal, over the bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from humanize.interpretation.performing import notated_time_map
from humanize.notes import FloatColumn, NoteTable
from humanize.reporting.axes import (
    INK,
    MOST_DOTS,
    Drawn,
    bars_of,
    draw_velocities,
    drawn,
    encoded,
    figure_of,
    number_bars_of,
)

if TYPE_CHECKING:
    from humanize.interpretation.interpret import Interpretation
    from humanize.interpretation.parameters import PerformanceParameters
    from humanize.reporting.plotting import Form

_TEMPO, _PEDAL = "#d1495b", "#66a182"
_LIFTED_BEATS = 0.2


def plot_performance(
    interpretations: Sequence[Interpretation],
    parameters: Sequence[PerformanceParameters],
    *,
    title: str,
    rubato: float = 1.0,
    names: Sequence[str] = (),
    form: Form = "png",
) -> bytes:
    """Return a picture of the first piece: velocities, tempo in beats per minute, pedal, by bars.

    Parameters
    ----------
    interpretations, parameters : sequences
        Of the pieces of a file.
    title : str
    rubato : float
        How much of the tempo's deviations was written.
    names : sequence of str
        Of tracks or parts.
    form : "png" or "pdf"
        A PDF has a page for every 32 measures after the first, where there are many notes.
    """
    interpretation, own = interpretations[0], parameters[0]
    notes = drawn([interpretation], names)
    several = form == "pdf" and (len(notes.beat) > MOST_DOTS or len(notes.bars) > 64)
    pages = [notes, *notes.pages()] if several else [notes]
    figures = [_drawn_page(page, interpretation.notes, own, rubato, title) for page in pages]
    return encoded(figures, form)


def _drawn_page(
    page: Drawn, notes: NoteTable, own: PerformanceParameters, rubato: float, title: str
) -> Any:
    figure = figure_of(7)
    axes = figure.subplots(3, 1, sharex=True, height_ratios=(4, 3, 0.6))
    if len(page.beat) <= MOST_DOTS:
        axes[0].scatter(page.beat, page.before, c="#cccccc", s=7, linewidths=0, label="before")
    draw_velocities(axes[0], replace(page, level=np.full(len(page.beat), np.nan)), page.after,
                    legend=True)  # fmt: skip
    begin = page.bars[0][1] if page.bars else 0.0
    _draw_tempo(axes[1], notes, own, rubato)
    _draw_pedal(axes[2], own, float((notes.onset_beat + notes.duration_beat).max()))
    number_bars_of(axes[2], page.bars, page.end)
    _fit_tempo(axes[1], notes, own, rubato, (begin, page.end))
    figure.suptitle(title, color=INK)
    return figure


def _fit_tempo(
    axis: Any,
    notes: NoteTable,
    own: PerformanceParameters,
    rubato: float,
    span: tuple[float, float],
) -> None:
    """Leave out of the scale what a few notes between others make of the tempo."""
    inside = (own.onset_beat >= span[0]) & (own.onset_beat <= span[1])
    played = beats_per_minute(notes, own, rubato)[inside]
    if len(played) > MOST_DOTS // 10:
        low, high = np.quantile(played, [0.005, 0.995])
        axis.set_ylim(low * 0.9, high * 1.1)


def beats_per_minute(
    notes: NoteTable, parameters: PerformanceParameters, rubato: float = 1.0
) -> FloatColumn:
    """Return the tempo played at each onset of the parameters, quarter notes a minute."""
    onset = parameters.onset_beat
    notated = notated_time_map(notes)
    following = np.append(onset[1:], onset[-1] + 1.0)
    period = (notated.at(following) - notated.at(onset)) / (following - onset)
    return np.asarray(60.0 / (period * np.exp(rubato * parameters.log_beat_period)))


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
        lifted = min(_LIFTED_BEATS, (stop - begin) / 4)  # so that a change of pedal is seen
        axis.axvspan(begin, stop - lifted, ymin=0.25, ymax=0.75, color=_PEDAL, linewidth=0)
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
    number_bars_of(axis, bars_of(notes), float((notes.onset_beat + notes.duration_beat).max()))


def draw_plain(axis: Any) -> None:
    """Take away what frames a drawing; keep the lines of the bars."""
    axis.set_axisbelow(True)
    axis.spines[["top", "right"]].set_visible(False)
    axis.grid(axis="x", color="#eeeeee", linewidth=0.6)
