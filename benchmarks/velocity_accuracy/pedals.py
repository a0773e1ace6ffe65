"""What the pedals of a performance are worth to one and the same model.

Question: how near does performed timing come to the pianist when the file has both pedals, the
damper alone, or none? Predicts every performance of a split three times; nothing is trained.
Run: python benchmarks/velocity_accuracy/pedals.py ASAP [--split test] [--model piano-1 --model fast]
Writes pedals.md and pedals.json beside this file; a look at the test split goes into test_log.csv.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from humanize.corpus.pieces import Corpus, Piece
from humanize.evaluation.report import append_log
from humanize.evaluation.run import Evaluation, evaluate_models, load_condition
from humanize.evaluation.statistics import paired_difference
from humanize.midi.pedals import damper_alone
from humanize.models import Model, load_model
from humanize.notes import FloatColumn

HERE = Path(__file__).parent
Pedals = Mapping[str, FloatColumn]


def both(pedals: Pedals) -> Pedals:
    return pedals


def none(_: Pedals) -> Pedals:
    return {}


HEARD = {"both pedals": both, "damper alone": damper_alone, "no pedal": none}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("asap", type=Path)
    parser.add_argument("--split", default="test", choices=["validation", "test"])
    parser.add_argument("--model", action="append", dest="models")
    options = parser.parse_args()
    models = {name: load_model(name) for name in options.models or ("piano-1", "fast")}
    whole = load_condition(options.asap, options.split, "performed")
    found = {}
    for label, keep in HEARD.items():
        pieces = tuple(withheld(piece, keep) for piece in whole.pieces)
        corpus = Corpus(whole.name, pieces, whole.excluded)
        found[label] = evaluate_models(corpus, models, condition="performed", split=options.split)
        if options.split == "test" and label != "both pedals":
            log(found[label], models, label)
        print(label, {name: str(found[label].estimate(name, "pearson_r")) for name in models})
    moved = sum(1 for piece in whole.pieces if piece.notes.pedals)
    soft = sum(1 for piece in whole.pieces if "soft_pedal" in piece.notes.pedals)
    write(found, models, options.split, (len(whole.pieces), moved, soft))


def withheld(piece: Piece, keep: Callable[[Pedals], Pedals]) -> Piece:
    return piece.with_notes(replace(piece.notes, pedals=keep(piece.notes.pedals)))


def log(evaluation: Evaluation, models: Mapping[str, Model], label: str) -> None:
    named = replace(evaluation, condition=f"performed, {label}")
    append_log(HERE / "test_log.csv", named, models)


def write(
    found: Mapping[str, Evaluation],
    models: Mapping[str, Model],
    split: str,
    counts: tuple[int, int, int],
) -> None:
    lines = [
        f"# What the pedals are worth, performed timing, {split} split",
        "",
        "Mean r over performances, then compositions, with a 95 % bootstrap interval; the loss is "
        f"paired over compositions. Of {counts[0]} performances {counts[1]} move the damper or the "
        f"soft pedal, {counts[2]} the soft pedal.",
        "",
        "| model | heard | r | loss against both |",
        "|---|---|---|---|",
    ]
    figures: dict[str, dict[str, list[float]]] = {}
    for name in models:
        whole = found["both pedals"].means(name, "pearson_r")
        for label, evaluation in found.items():
            own = evaluation.means(name, "pearson_r")
            loss = "" if label == "both pedals" else paired_difference(whole, own)
            r = evaluation.estimate(name, "pearson_r")
            lines.append(f"| {name} | {label} | {r} | {loss} |")
            figures.setdefault(name, {})[label] = [round(v, 4) for v in (r.mean, r.low, r.high)]
    (HERE / "pedals.md").write_text("\n".join(lines) + "\n")
    stored = {"split": split, "r": figures}
    (HERE / "pedals.json").write_text(json.dumps(stored, indent=1) + "\n")


if __name__ == "__main__":
    main()
