"""Draw three takes of a piece beside the mean: the highest notes' velocities, and the tempo.

Run: python benchmarks/interpretation/takes_plot.py examples/bach_prelude.mid docs/takes.png
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from humanize import Performed, perform_bytes
from humanize.interpretation.texture import chords_of
from humanize.reporting.performance_plot import beats_per_minute, draw_plain, number_bars

COLOURS = ("#d1495b", "#2e86ab", "#e59500")
_AROUND = 4  # chords on either side


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("input", type=Path)
    parser.add_argument("output", type=Path)
    options = parser.parse_args()
    data = options.input.read_bytes()
    name = options.input.name
    figure = Figure(figsize=(11, 6.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(2, 1, sharex=True)
    draw(axes, perform_bytes(data, name=name), "#999999", "the mean")
    for seed, colour in enumerate(COLOURS, start=1):
        draw(axes, perform_bytes(data, name=name, seed=seed), colour, f"--seed {seed}")
    axes[0].set_ylabel("velocity, over 9 chords")
    axes[1].set_ylabel("quarter notes a minute")
    axes[0].legend(frameon=False, ncols=4, loc="upper left")
    figure.suptitle(f"{name}: three takes", color="#333333")
    figure.savefig(options.output, dpi=75, metadata={"Software": None})


def draw(axes: Any, result: Performed, colour: str, label: str) -> None:
    """Draw the mean velocity of chords, smoothed, and the tempo, smoothed alike."""
    notes, parameters = result.notes[0], result.parameters[0]
    chord = chords_of(notes).of_note
    loud = np.bincount(chord, result.velocities[0]) / np.bincount(chord)
    tempo = beats_per_minute(notes, parameters)
    for axis, values in zip(axes, (loud, tempo), strict=True):
        axis.plot(parameters.onset_beat, smoothed(values), color=colour, label=label, linewidth=1.4)
        draw_plain(axis)
    number_bars(axes[1], notes)


def smoothed(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the mean over some chords on either side."""
    window = np.ones(2 * _AROUND + 1)
    return np.convolve(values, window, "same") / np.convolve(np.ones(len(values)), window, "same")


if __name__ == "__main__":
    main()
