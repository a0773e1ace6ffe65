"""Pictures of velocities before and after; matplotlib is imported only to draw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from humanize.reporting.axes import (
    INK,
    MOST_DOTS,
    Drawn,
    draw_velocities,
    drawn,
    encoded,
    figure_of,
    number_bars_of,
)

if TYPE_CHECKING:
    from humanize.interpretation.interpret import Interpretation

Form = Literal["png", "pdf"]


def plot_velocities(
    interpretations: Sequence[Interpretation],
    *,
    title: str,
    names: Sequence[str] = (),
    form: Form = "png",
) -> bytes:
    """Return a picture of the velocities before and after over the bars, parts by colour.

    Where the notes bring a notated level, it is drawn as a line. Of more than 4,000 notes the
    density is drawn, and the mean of each part.

    Parameters
    ----------
    interpretations : sequence of Interpretation
    title : str
    names : sequence of str
        Of tracks or parts.
    form : "png" or "pdf"
        A PDF has a page for every 32 measures after the first, where there are many notes.
    """
    notes = drawn(interpretations, names)
    several = form == "pdf" and (len(notes.beat) > MOST_DOTS or len(notes.bars) > 64)
    stretches = [notes, *notes.pages()] if several else [notes]
    return encoded([_drawn_page(stretch, title) for stretch in stretches], form)


def _drawn_page(notes: Drawn, title: str) -> Any:
    figure = figure_of(6)
    axes = figure.subplots(2, 1, sharex=True, sharey=True)
    for axis, velocity, label in zip(
        axes, (notes.before, notes.after), ("before", "after"), strict=True
    ):
        draw_velocities(axis, notes, velocity, legend=label == "before")
        spread = f"mean {velocity.mean():.0f}, SD {velocity.std():.1f}" if len(velocity) else ""
        axis.set_title(f"{label}: {spread}", loc="right", fontsize=10, color=INK)
    number_bars_of(axes[1], notes.bars, notes.end)
    figure.suptitle(title, color=INK)
    return figure
