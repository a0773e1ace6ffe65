"""What predicts tempo: notes or onsets, which music, alone or in company.

Each is fitted without the validation split and a quarter of ASAP's training compositions, drawn, and
measured on these; the other corpus is cleared of them. Writes ``tempo_members.json`` and ``.md``.

Run: python benchmarks/performance/tempo_members.py ASAP MAESTRO_ALIGNED
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from humanize.corpus import maestro_aligned
from humanize.corpus.pieces import Piece
from humanize.evaluation.expression_metrics import beats_of, known_r, within_measures
from humanize.evaluation.expression_run import BEATS, performed, tempo_series
from humanize.evaluation.statistics import Estimate, estimate
from humanize.expression import TEMPO
from humanize.models.fitting.many_sequences import fit_jointly
from humanize.models.fitting.stopping import Stopping
from humanize.models.graphs import LazySession
from humanize.models.members import OnnxRows, OnnxSequence
from humanize.notes import starts
from humanize.training.datasets import Prepared, prepare, training_set
from humanize.training.loaders import load_training_pieces
from humanize.training.onset_tempo import RECIPES, Onsets, chord_columns, onsets_of, tasks_of
from humanize.training.progress import SilentProgress

FOLDER = Path(__file__).parent
SHARE = 4  # every fourth of the training compositions is held out
RECIPE = RECIPES["whole"]
METRICS = ("beats within 8 measures", "log IOI")
Values = NDArray[np.float64]
Predicted = list[Values]  # of each held-out piece, a value for each onset


class Measure:
    """The held-out pieces and what their pianists do."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = pieces
        self.series = [
            [performed(piece, own, "tempo") for own in piece.performances if own.robust]
            for piece in pieces
        ]

    def __call__(self, predicted: Predicted) -> list[Estimate]:
        found = [
            [
                self._pair(piece, own, tempo_series(piece.notes, TEMPO.typical_spread * values))
                for own in series
            ]
            for piece, series, values in zip(self.pieces, self.series, predicted, strict=True)
        ]
        return self._over_compositions(found)

    def pianists(self) -> list[Estimate]:
        found = [
            [self._pair(piece, one, two) for one, two in combinations(series, 2)]
            for piece, series in zip(self.pieces, self.series, strict=True)
        ]
        return self._over_compositions(found)

    def _pair(self, piece: Piece, one: dict[str, Values], two: dict[str, Values]) -> list[float]:
        beats = beats_of(piece.notes)
        near = within_measures(one[BEATS], two[BEATS], beats)
        return [near, known_r(one[TEMPO.name], two[TEMPO.name])]

    def _over_compositions(self, found: list[list[list[float]]]) -> list[Estimate]:
        by: dict[str, list[list[float]]] = {}
        for piece, pairs in zip(self.pieces, found, strict=True):
            by.setdefault(piece.composition, []).extend(pairs)
        means = {name: np.nanmean(pairs, axis=0) for name, pairs in by.items() if pairs}
        return [
            estimate({name: own[i] for name, own in means.items() if np.isfinite(own[i])})
            for i in range(len(METRICS))
        ]


def held_out_compositions(pieces: Sequence[Piece]) -> set[str]:
    measured = [p for p in pieces if any(own.robust for own in p.performances)]
    training = sorted({p.composition for p in measured if p.split == "train"})
    np.random.default_rng(0).shuffle(training)
    return {*training[: len(training) // SHARE], *(p.composition for p in pieces
            if p.split == "validation")}  # fmt: skip


def trees(kept: Sequence[Prepared], held: Sequence[Prepared], condition: str) -> Predicted:
    made = RECIPE.trees.fit(training_set(kept, condition), SilentProgress(), Stopping())
    width = len(kept[0].names)
    member = OnnxRows(
        LazySession(made.graph or b"", where="trees", shape=(None, width)), np.arange(width)
    )
    return [member.predict(own.sequence.variants[0]) for own in held]


def over_notes(kept: Sequence[Prepared], held: Sequence[Prepared]) -> Predicted:
    found = trees(kept, held, "flat")
    groups = [np.cumsum(starts(own.piece.notes.onset_beat)) - 1 for own in held]
    return [
        np.bincount(group, values) / np.bincount(group)
        for group, values in zip(groups, found, strict=True)
    ]


def net(number: int, kept: Sequence[Onsets], held: Sequence[Onsets], company: bool) -> Predicted:
    options = RECIPE.nets[number].options
    tasks = tasks_of(kept)[: None if company else 1]
    made = fit_jointly(
        training_set([own.piece for own in kept], "flat"), tasks, options, SilentProgress()
    )[TEMPO.name]
    width = len(kept[0].piece.names)
    session = LazySession(made.graph or b"", where="net", shape=(1, None, width))
    member = OnnxSequence(session, np.arange(width), options.context)
    return [member.predict(own.piece.sequence.variants[0]) for own in held]


def mixed(*parts: tuple[float, Predicted]) -> Predicted:
    total = sum(weight for weight, _ in parts)
    return [sum(weight * own[i] for weight, own in parts) / total for i in range(len(parts[0][1]))]


def markdown(found: dict[str, list[Estimate]]) -> str:
    lines = [f"| | {METRICS[0]}, r | {METRICS[1]}, r |", "|---|---|---|"]
    for name, own in found.items():
        lines.append(f"| {name} | {' | '.join(str(one) for one in own)} |")
    last = next(reversed(found.values()))
    some = next(iter(found.values()))
    return (
        f"Tempo on {some[0].count} held-out compositions, {last[0].count} of them with two "
        "pianists; 95 % bootstrap intervals over compositions.\n\n" + "\n".join(lines) + "\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("asap", type=Path)
    parser.add_argument("maestro_aligned", type=Path)
    options = parser.parse_args()
    import torch

    torch.set_num_threads(1)
    own = load_training_pieces(options.asap, "marked")
    out = held_out_compositions(own)
    held_pieces = [p for p in own if p.composition in out and any(q.robust for q in p.performances)]
    aligned = maestro_aligned.load_scores(options.maestro_aligned, held_pieces).pieces

    def prepared(pieces: Sequence[Piece], condition: str) -> list[Prepared]:
        return prepare(pieces, condition=condition, target=TEMPO, variants=1)

    kept_pieces = [p for p in own if p.composition not in out]
    kept, held, more = (prepared(p, "flat") for p in (kept_pieces, held_pieces, aligned))
    marked_kept, marked_held = (prepared(p, "marked") for p in (kept_pieces, held_pieces))
    measure = Measure(held_pieces)
    found: dict[str, list[Estimate]] = {}

    def note(name: str, predicted: Predicted) -> Predicted:
        found[name] = measure(predicted)
        print(name, *found[name], flush=True)
        return predicted

    def rows(pieces: Sequence[Prepared], chord: tuple[str, ...] = ()) -> list[Onsets]:
        return [onsets_of(piece, chord) for piece in pieces]

    def plain(onsets: Sequence[Onsets]) -> list[Prepared]:
        return [one.piece for one in onsets]

    note("trees over notes, ASAP", over_notes(kept, held))
    low = plain(rows(held))
    note(
        "trees over onsets, ASAP and maestro-aligned",
        trees(plain(rows([*kept, *more])), low, "flat"),
    )
    flat = note("trees over onsets, ASAP", trees(plain(rows(kept)), low, "flat"))
    marked = note(
        "trees over onsets, ASAP, marked scores",
        trees(plain(rows(marked_kept)), plain(rows(marked_held)), "marked"),
    )
    chord = chord_columns([*kept, *more])
    mine, others, there = (rows(part, chord) for part in (kept, more, held))
    del kept, more
    note("gated net over onsets, ASAP and maestro-aligned, tempo alone",
         net(0, [*mine, *others], there, False))  # fmt: skip
    both = note("the same, velocity, timing, articulation and pedal beside it",
                net(0, [*mine, *others], there, True))  # fmt: skip
    alone = note("the same, ASAP, twice the passes", net(1, mine, there, True))
    weight = RECIPE.tree_weight
    note("trees and both nets, flat", mixed((weight, flat), (1, both), (1, alone)))
    note("trees and both nets, marked", mixed((weight, marked), (1, both), (1, alone)))
    found["*two pianists*"] = measure.pianists()
    stored = {name: [asdict(own) for own in row] for name, row in found.items()}
    path = FOLDER / "tempo_members.json"
    path.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text(markdown(found), encoding="utf-8")


if __name__ == "__main__":
    main()
