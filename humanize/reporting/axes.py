"""What the pictures of velocities share: bars and beats below, p to f beside, parts by colour."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from humanize.extras import require_package
from humanize.interpretation.dynamics import LEVEL_WORDS
from humanize.notes import FloatColumn, IntColumn, NoteTable

if TYPE_CHECKING:
    from humanize.interpretation.interpret import Interpretation

INK = "#333333"
MOST_DOTS = 4_000  # in one picture; of more, the density is drawn
PAGE_MEASURES = 32
_COLOURS = ("#26547c", "#d1495b", "#66a182", "#b8860b", "#6a4c93", "#2a9d8f", "#e76f51", "#777777")
_MOST_PARTS = 7
_MOST_LABELS = 16
_MOST_BEATS = 256  # that are ticked


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """The notes of a file on one axis of beats, its pieces one after the other.

    Attributes
    ----------
    beat : (n,) FloatColumn
    before, after : (n,) IntColumn
    level : (n,) FloatColumn
        What is notated; NaN where nothing is.
    part : (n,) IntColumn
        Hand or part, an index of ``names``.
    names : tuple of str
    bars : list of (str, float)
        Number of each measure, and its first beat.
    end : float
    """

    beat: FloatColumn
    before: IntColumn
    after: IntColumn
    level: FloatColumn
    part: IntColumn
    names: tuple[str, ...]
    bars: list[tuple[str, float]]
    end: float

    def between(self, start: float, end: float) -> Drawn:
        """Return the notes of some beats."""
        rows = (self.beat >= start) & (self.beat < end)
        return Drawn(
            beat=self.beat[rows],
            before=self.before[rows],
            after=self.after[rows],
            level=self.level[rows],
            part=self.part[rows],
            names=self.names,
            bars=[(label, beat) for label, beat in self.bars if start <= beat < end],
            end=end,
        )

    def pages(self) -> list[Drawn]:
        """Return stretches of ``PAGE_MEASURES`` measures."""
        edges = [beat for _, beat in self.bars[::PAGE_MEASURES]]
        edges[:1] = [min(0.0, *edges[:1])] if edges else [0.0]
        pairs = zip(edges, [*edges[1:], self.end + 1e-6], strict=True)
        return [self.between(start, end) for start, end in pairs]

    @property
    def colours(self) -> list[str]:
        """A colour for each part."""
        return [_COLOURS[k % len(_COLOURS)] for k in range(len(self.names))]


def drawn(interpretations: Sequence[Interpretation], names: Sequence[str] = ()) -> Drawn:
    """Return the notes of a file ready to be drawn; drums only where nothing else is there.

    Parameters
    ----------
    interpretations : sequence of Interpretation
    names : sequence of str
        Of tracks or parts, the first of track 1.
    """
    tables = [i.notes for i in interpretations]
    lengths = [float((t.onset_beat + t.duration_beat).max()) for t in tables]
    starts = np.concatenate([[0.0], np.cumsum(lengths)])
    some = any(t.pitched.any() for t in tables)
    rows = [t.pitched if some else np.ones(len(t), dtype=bool) for t in tables]
    part, titles = _parts(tables, rows, names)
    return Drawn(
        beat=_joined([t.onset_beat + s for t, s in zip(tables, starts, strict=False)], rows),
        before=_joined([t.velocity for t in tables], rows),
        after=_joined([i.velocity for i in interpretations], rows),
        level=_joined([t.marking("notated_level") for t in tables], rows),
        part=part,
        names=titles,
        bars=[bar for t, s in zip(tables, starts, strict=False) for bar in bars_of(t, float(s))],
        end=float(starts[-1]),
    )


def _joined(columns: Sequence[Any], rows: Sequence[NDArray[np.bool_]]) -> Any:
    return np.concatenate([column[own] for column, own in zip(columns, rows, strict=True)])


def _parts(
    tables: Sequence[NoteTable], rows: Sequence[NDArray[np.bool_]], names: Sequence[str]
) -> tuple[IntColumn, tuple[str, ...]]:
    """Return which part or hand plays each note, and what they are called."""
    track = _joined([t.track for t in tables], rows)
    staff = np.nan_to_num(_joined([t.marking("staff") for t in tables], rows)).astype(np.int64)
    if len(np.unique(track)) == 1 and len(np.unique(staff)) == 2:
        values, part = np.unique(staff, return_inverse=True)
        return part, ("upper staff", "lower staff")[: len(values)]
    values, part = np.unique(track, return_inverse=True)
    named = [_title(names, int(number)) for number in values]
    if len(values) <= _MOST_PARTS:
        return part, tuple(named)
    return np.minimum(part, _MOST_PARTS), (*named[:_MOST_PARTS], "other parts")


def _title(names: Sequence[str], number: int) -> str:
    own = names[number - 1].strip() if number <= len(names) else ""
    return own or f"track {number}"


def bars_of(notes: NoteTable, start: float = 0.0) -> list[tuple[str, float]]:
    """Return the number of each measure and the beat at which it begins."""
    first: dict[int, float] = {}
    downbeat = notes.onset_beat - notes.measure_position_beat
    for measure, beat in zip(notes.measure.tolist(), downbeat.tolist(), strict=True):
        first.setdefault(measure, beat + start)
    return [(str(measure), beat) for measure, beat in sorted(first.items())]


def number_bars_of(axis: Any, bars: Sequence[tuple[str, float]], end: float) -> None:
    """Put measure numbers at downbeats, a dozen or so of them, and a fine line at the others."""
    step = max(1, -(-len(bars) // _MOST_LABELS))
    axis.set_xticks([b for _, b in bars[::step]], [label for label, _ in bars[::step]])
    if len(bars) <= 4 * PAGE_MEASURES:
        first = bars[0][1] if bars else 0.0
        few = len(bars) <= _MOST_LABELS and end - first <= _MOST_BEATS
        beats = np.arange(first, end) if few else None
        axis.set_xticks([b for _, b in bars] if beats is None else beats, minor=True)
        axis.grid(axis="x", which="minor", color="#f3f3f3", linewidth=0.5)
    axis.set_xlabel("measure")
    begin = bars[0][1] if bars else 0.0
    axis.set_xlim(begin - 0.01 * (end - begin), end + 0.01 * (end - begin))


def mark_dynamics(axis: Any) -> None:
    """Scale an axis to velocities, with the dynamics that they mean at its right side."""
    axis.set_ylim(0, 128)
    axis.set_ylabel("velocity")
    side = axis.secondary_yaxis("right")
    side.set_yticks([v for v, _ in LEVEL_WORDS], [word for _, word in LEVEL_WORDS])
    side.tick_params(length=0, labelsize=9)
    for label in side.get_yticklabels():
        label.set_fontstyle("italic")
        label.set_fontweight("bold")
    for spine in side.spines.values():
        spine.set_visible(False)
    axis.spines[["top", "right"]].set_visible(False)
    axis.grid(axis="both", color="#e4e4e4", linewidth=0.6)
    axis.set_axisbelow(True)


def draw_velocities(axis: Any, notes: Drawn, velocity: IntColumn, *, legend: bool) -> None:
    """Draw notes as dots, or as a density with a line for each part where there are too many."""
    if len(notes.beat) > MOST_DOTS:
        _draw_density(axis, notes, velocity)
    else:
        for k, (name, colour) in enumerate(zip(notes.names, notes.colours, strict=True)):
            own = notes.part == k
            axis.scatter(notes.beat[own], velocity[own], color=colour, s=9, linewidths=0, alpha=0.8,
                         label=name)  # fmt: skip
    _draw_level(axis, notes)
    mark_dynamics(axis)
    if legend and (len(notes.names) > 1 or np.isfinite(notes.level).any()):
        axis.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), frameon=False, ncols=5, fontsize=8,
                    markerscale=1.5)  # fmt: skip


def _draw_density(axis: Any, notes: Drawn, velocity: IntColumn) -> None:
    bins = (min(220, max(40, len(notes.bars))), 64)
    axis.hist2d(notes.beat, velocity, bins=bins, range=((0.0, max(notes.end, 1.0)), (0, 128)),
                cmap="Greys", norm="log", alpha=0.55, cmin=1)  # fmt: skip
    edges = np.linspace(0.0, max(notes.end, 1.0) + 1e-9, bins[0] + 1)
    place = np.searchsorted(edges, notes.beat, "right") - 1
    for k, (name, colour) in enumerate(zip(notes.names, notes.colours, strict=True)):
        own = notes.part == k
        count = np.bincount(place[own], minlength=bins[0])
        total = np.bincount(place[own], velocity[own], minlength=bins[0])
        mean = np.divide(total, count, out=np.full(bins[0], np.nan), where=count > 0)
        axis.plot((edges[1:] + edges[:-1]) / 2, mean, color=colour, linewidth=1.6, label=name)


def _draw_level(axis: Any, notes: Drawn) -> None:
    if np.isfinite(notes.level).any():
        order = np.argsort(notes.beat, kind="stable")
        axis.plot(notes.beat[order], notes.level[order], color=INK, linewidth=0.8, alpha=0.6,
                  label="notated level")  # fmt: skip


def figure_of(height: float) -> Any:
    """Return an empty figure that needs no screen.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    require_package("matplotlib", "plots")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def encoded(figures: Sequence[Any], form: str) -> bytes:
    """Return figures as a PNG (of one) or as the pages of a PDF.

    Parameters
    ----------
    figures : sequence of Figure
    form : "png" or "pdf"
    """
    image = io.BytesIO()
    if form == "png":
        figures[0].savefig(image, format="png", dpi=110, metadata={"Software": None})
        return image.getvalue()
    from matplotlib.backends.backend_pdf import PdfPages

    with PdfPages(image, metadata={"CreationDate": None}) as pages:
        for figure in figures:
            pages.savefig(figure)
    return image.getvalue()
