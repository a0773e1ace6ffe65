"""Does each slider move its own attribute, by as much as it says, and no other?

Every score of (n)ASAP's validation split is performed once; then each slider is set to -1 and to 1.
*Interpretation*: attributes of what is predicted, after the sliders. *File*: the file is written (each
way of writing) and read again, velocities rounded, moves limited to what ticks and programs bear.
Slope: (attribute at 1 less attribute at -1) / 2 in standard deviations of pianists, mean over pieces.
Others: the largest mean absolute move of any other attribute, likewise.

Run: python benchmarks/interpretation/sliders.py ASAP [--model NAME]
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from humanize.corpus.asap import load_scores
from humanize.expression import ASPECTS
from humanize.interpretation.attributes import ATTRIBUTES, Expression, Ground, measured, spread_of
from humanize.interpretation.parameters import PerformanceParameters, Writing
from humanize.interpretation.shaping import Shaping
from humanize.interpretation.sliding import slide_performance, slide_velocity
from humanize.midi.retiming import write_performance
from humanize.music import MidiMusic, read_music
from humanize.notes import FloatColumn, NoteTable
from humanize.options.sliders import SLIDER_NAMES
from humanize.performance import PerformSettings, perform_music
from humanize.styles.matching import match, read_interpretation

HERE = Path(__file__).parent
FEWEST, MOST = 200, 6000  # notes of a piece


class Rendering:
    """One piece, predicted once."""

    def __init__(self, music: MidiMusic, model: str) -> None:
        self.music = music
        found = perform_music(
            music, PerformSettings.of({"model": model, "split": "none", "drums": "none"})
        )
        self.notes: NoteTable = found.interpretations[0].notes
        self.velocity: FloatColumn = found.interpretations[0].predicted
        self.parameters: PerformanceParameters = found.parameters[0]

    def with_slider(self, name: str, amount: float) -> Expression:
        chosen = {name: amount}
        every = np.ones(len(self.notes), dtype=bool)
        return Expression(
            ground=Ground(self.notes),
            velocity=slide_velocity(self.notes, self.velocity, chosen),
            parameters=slide_performance(self.notes, self.parameters, chosen, ASPECTS, every),
        )

    def read_again(self, expression: Expression, mode: str) -> dict[str, float]:
        velocity = Shaping().apply(expression.velocity, self.notes.velocity)
        own = replace(expression.parameters, velocity=velocity)
        data = write_performance(
            self.music.content, self.music.reading, [own], Writing(mode=mode, pedal="replace")
        )
        plain = read_interpretation(self.music.content, name="plain")
        _, found = match(plain, read_interpretation(data, name="played")).expressions(relative=True)
        return measured(found)


def moves(rendering: Rendering, name: str) -> dict[str, dict[str, float]]:
    """Return by how much each attribute moves for one step of a slider, in each stage."""
    low, high = (rendering.with_slider(name, amount) for amount in (-1.0, 1.0))
    stages = {"interpretation": (measured(low), measured(high))}
    for mode in ("tempo", "notes"):
        stages[mode] = (rendering.read_again(low, mode), rendering.read_again(high, mode))
    return {
        stage: {n: (two[n] - one[n]) / 2 / spread_of(n) for n in ATTRIBUTES}
        for stage, (one, two) in stages.items()
    }


def table(found: dict[str, list[dict[str, dict[str, float]]]], pieces: int, model: str) -> str:
    lines = [
        f"Slope of each slider on its own attribute, and the most that any other moves; {model}, "
        f"{pieces} pieces of (n)ASAP's validation split, standard deviations of pianists.",
        "",
        "| slider | interpretation | file, tempo events | file, notes moved | others: interpretation "
        "| others: file, notes moved |",
        "|---|---|---|---|---|---|",
    ]
    for name, pieces_moves in found.items():
        slopes = [
            f"{_mean(pieces_moves, s, name):.2f}" for s in ("interpretation", "tempo", "notes")
        ]
        others = [_others(pieces_moves, s, name) for s in ("interpretation", "notes")]
        lines.append(f"| {name.replace('_', ' ')} | {' | '.join(slopes + others)} |")
    return "\n".join(lines) + "\n"


def _mean(found: list[dict[str, dict[str, float]]], stage: str, name: str) -> float:
    return float(np.nanmean([piece[stage][name] for piece in found]))


def _others(found: list[dict[str, dict[str, float]]], stage: str, own: str) -> str:
    size = {
        n: float(np.nanmean([abs(piece[stage][n]) for piece in found]))
        for n in ATTRIBUTES
        if n != own
    }
    worst = max(size, key=lambda n: size[n])
    return f"{size[worst]:.2f} ({worst.replace('_', ' ')})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="piano-1")
    asked = parser.parse_args()
    paths = sorted({p.id.partition("#")[0] for p in load_scores(asked.folder, "validation").pieces})
    found: dict[str, list[dict[str, dict[str, float]]]] = {name: [] for name in SLIDER_NAMES}
    for path in paths:
        music = read_music(
            (asked.folder / path).read_bytes(),
            name=path,
            split="none",
            drums=(),
            key_switches=False,
        )
        if FEWEST <= len(music.pieces[0]) <= MOST:
            rendering = Rendering(music, asked.model)
            for name in SLIDER_NAMES:
                found[name].append(moves(rendering, name))
            print(path, {n: round(found[n][-1]["interpretation"][n], 2) for n in found}, flush=True)
    (HERE / "sliders.json").write_text(
        json.dumps({"model": asked.model, "moves": found}, indent=0) + "\n"
    )
    pieces = len(next(iter(found.values())))
    (HERE / "sliders.md").write_text(table(found, pieces, asked.model))


if __name__ == "__main__":
    main()
