"""Where predictions lose against pianists: by composer, by voice, slow shape against single notes.

Called by cross_validate.py with predictions for compositions that the models were not fitted to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np

from humanize.corpus.pieces import Performance, Piece
from humanize.evaluation.metrics import pearson_r
from humanize.evaluation.statistics import by_composition, estimate

SLOW_SEC = 8.0
Split = Callable[[Piece, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def slow(piece: Piece, rows: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the mean of the values within 4 s on either side of each note, score time."""
    time = piece.notes.onset_sec[rows]
    order = np.argsort(time, kind="stable")
    total = np.concatenate([[0.0], np.cumsum(values[order])])
    low = np.searchsorted(time[order], time - SLOW_SEC / 2, "left")
    high = np.searchsorted(time[order], time + SLOW_SEC / 2, "right")
    return (total[high] - total[low]) / (high - low)


def voice_masks(piece: Piece, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Return which notes are the highest, the lowest and the others of their onset."""
    onset, pitch = piece.notes.onset_beat, piece.notes.pitch
    _, group = np.unique(onset, return_inverse=True)
    top, bottom = np.full(group.max() + 1, -1), np.full(group.max() + 1, 999)
    np.maximum.at(top, group, pitch)
    np.minimum.at(bottom, group, pitch)
    alone = top[group] == bottom[group]
    masks = {
        "highest of its onset": (pitch == top[group]) & ~alone,
        "lowest of its onset": (pitch == bottom[group]) & ~alone,
        "between": (pitch < top[group]) & (pitch > bottom[group]),
        "alone": alone,
    }
    return {name: mask[rows] for name, mask in masks.items()}


def parts(piece: Piece, rows: np.ndarray, a: np.ndarray, b: np.ndarray) -> dict[str, float]:
    """Return r of two sequences for the whole, for each voice and for slow and fast parts."""
    found = {"all notes": pearson_r(a, b)}
    slow_a, slow_b = slow(piece, rows, a), slow(piece, rows, b)
    found["slow shape (8 s mean)"] = pearson_r(slow_a, slow_b)
    found["note against its surroundings"] = pearson_r(a - slow_a, b - slow_b)
    for name, mask in voice_masks(piece, rows).items():
        if mask.sum() > 20:
            found[name] = pearson_r(a[mask], b[mask])
    return found


def usable(piece: Piece) -> list[Performance]:
    return [q for q in piece.performances if q.robust and len(q.rows) > 20]


def of_model(pieces: Sequence[Piece], predicted: Sequence[np.ndarray]) -> dict[str, list]:
    gathered: dict[str, list] = {}
    for piece, velocity in zip(pieces, predicted, strict=True):
        for q in usable(piece):
            for name, r in parts(piece, q.rows, q.velocity, velocity[q.rows]).items():
                gathered.setdefault(name, []).append((piece.composition, r))
    return gathered


def of_pianists(pieces: Sequence[Piece]) -> dict[str, list]:
    gathered: dict[str, list] = {}
    for piece in pieces:
        for one, two in list(combinations(usable(piece), 2))[:15]:
            column = np.full(len(piece.notes), np.nan)
            column[two.rows] = two.velocity
            both = np.isfinite(column[one.rows])
            rows = one.rows[both]
            if len(rows) > 20:
                for name, r in parts(piece, rows, one.velocity[both], column[rows]).items():
                    gathered.setdefault(name, []).append((piece.composition, r))
    return gathered


def write_errors(
    path: Path, title: str, pieces: Sequence[Piece], predicted: Sequence[np.ndarray]
) -> None:
    model, human = of_model(pieces, predicted), of_pianists(pieces)
    lines = [f"# Where r is lost: {title}", "", "Mean r over compositions that the model had not heard, "
             "with 95 % bootstrap intervals; pianists on the compositions that have two.", "",
             "| notes | model | two pianists |", "|---|---|---|"]  # fmt: skip
    for name, values in model.items():
        pair = estimate(by_composition(human.get(name, [])))
        lines.append(f"| {name} | {estimate(by_composition(values))} | {pair} |")
    lines += ["", "| composer | compositions | model | two pianists |", "|---|---|---|---|"]
    for composer in sorted({p.composer for p in pieces}):
        own = [(c, r) for c, r in model["all notes"] if c.startswith(f"{composer}/")]
        if not own:
            continue  # no robustly aligned performance
        pair = [(c, r) for c, r in human.get("all notes", []) if c.startswith(f"{composer}/")]
        found = estimate(by_composition(own))
        shown = f"{estimate(by_composition(pair)).mean:.3f}" if pair else ""
        lines.append(f"| {composer} | {found.count} | {found.mean:.3f} | {shown} |")
    worst = sorted(by_composition(model["all notes"]).items(), key=lambda p: p[1])
    lines += ["", "Lowest: " + ", ".join(f"{c} ({r:.2f})" for c, r in worst[:8]) + ".", "",
              "Highest: " + ", ".join(f"{c} ({r:.2f})" for c, r in worst[::-1][:8]) + "."]  # fmt: skip
    path.write_text("\n".join(lines) + "\n")
