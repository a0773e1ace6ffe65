"""The damper pedal in written rests: how often pianists hold it, and what ``humanize perform`` does.

Rests are stretches of ASAP's training and validation scores in which nothing is written to sound; a
pedal counts as held where it is down at three fifths of the rest. Writes ``rests.json`` and ``.md``.

Run: python benchmarks/performance/rests.py ASAP
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from humanize.corpus.asap import load_scores
from humanize.corpus.performed import pedal_changes, time_map
from humanize.corpus.pieces import Piece
from humanize.interpretation.performing import perform, played_time_map
from humanize.interpretation.rests import silences
from humanize.interpretation.timing import TimeMap
from humanize.midi.pedalling import pedal_strokes
from humanize.models import load_model
from humanize.notes import starts

FOLDER = Path(__file__).parent
EDGES = (0.2, 0.3, 0.4, 0.6, 1.0, 2.0, 10.0)  # seconds
MOST_PIANISTS = 3
WITHIN = 0.6  # of a rest
Values = NDArray[np.float64]
Row = tuple[float, bool, bool]  # seconds, down as the rest begins, down within it


def rows(played: TimeMap, begin: Values, end: Values, down: Values, up: Values) -> Iterator[Row]:
    first, last = played.at(begin), played.at(end)
    for at, stop in zip(first.tolist(), last.tolist(), strict=True):
        moments = (at - 0.02, at + WITHIN * (stop - at))
        before, within = (
            bool(np.searchsorted(down, m, "right") > np.searchsorted(up, m, "right"))
            for m in moments
        )
        yield stop - at, before, within


def rests(piece: Piece) -> tuple[Values, Values]:
    onset = piece.notes.onset_beat[starts(piece.notes.onset_beat)]
    ends = silences(piece.notes, onset)
    found = onset - ends > 0
    return ends[found], onset[found]


def markdown(pianists: list[Row], model: list[Row]) -> tuple[str, list[dict[str, float]]]:
    lines = [
        "| rest, s | pianists: rests | down as it begins | held in it | of those down | "
        "piano-1: rests | down as it begins | held in it |",
        "|---" * 8 + "|",
    ]
    stored = []
    for low, high in pairwise(EDGES):
        own, ours = (
            np.array([row for row in part if low <= row[0] < high]) for part in (pianists, model)
        )
        if not len(own) or not len(ours):
            continue
        cells = {
            "rests": len(own),
            "down": own[:, 1].mean(),
            "held": own[:, 2].mean(),
            "held of those down": own[own[:, 1] > 0, 2].mean(),
            "rests of the model": len(ours),
            "down, the model": ours[:, 1].mean(),
            "held, the model": ours[:, 2].mean(),
        }
        shown = [f"{v:.2f}" if isinstance(v, float) else str(v) for v in cells.values()]
        lines.append(f"| {low:g}-{high:g} | {' | '.join(shown)} |")
        stored.append(
            {"low": low, "high": high, **{k: round(float(v), 4) for k, v in cells.items()}}
        )
    return "\n".join(lines) + "\n", stored


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    options = parser.parse_args()
    model = load_model("piano-1")
    pianists: list[Row] = []
    ours: list[Row] = []
    for piece in load_scores(options.corpus, "train", "validation").pieces:
        begin, end = rests(piece)
        robust = [own for own in piece.performances if own.robust and len(own.pedals.number)]
        if not len(begin) or not robust:
            continue
        for own in robust[:MOST_PIANISTS]:
            played = time_map(piece.notes, own)
            if played is not None:
                pianists += rows(played, begin, end, *pedal_changes(own.pedals))
        parameters = perform(piece.notes, model, ("tempo", "pedal"))
        played = played_time_map(piece.notes, parameters)
        last = float((piece.notes.onset_beat + piece.notes.duration_beat).max())
        strokes = pedal_strokes(parameters, played, end_sec=float(played.at(np.array([last]))[0]))
        down, up = (
            np.array([getattr(s, name) for s in strokes]) for name in ("press_sec", "lift_sec")
        )
        ours += rows(played, begin, end, down, up)
    text, stored = markdown(pianists, ours)
    (FOLDER / "rests.md").write_text(text, encoding="utf-8")
    (FOLDER / "rests.json").write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
