"""Measure tempo, timing, articulation and pedal of models beside pianists, and store the tables.

Each look at the test split is written into ``test_log.csv``.

Run: python benchmarks/performance/run.py ASAP [--split test] [--condition flat] --model NAME ...
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from humanize.evaluation.expression_report import (
    append_expression_log,
    expression_json,
    expression_summary,
)
from humanize.evaluation.expression_run import MEASURES, evaluate_expression
from humanize.evaluation.run import load_condition
from humanize.models import load_model

FOLDER = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--split", default="validation", choices=["validation", "test"])
    parser.add_argument("--condition", default="flat", choices=["flat", "marked"])
    parser.add_argument("--model", action="append", dest="models", required=True)
    options = parser.parse_args()
    models = {Path(name).name: load_model(name) for name in options.models}
    pieces = load_condition(options.corpus, options.split, options.condition)
    summaries, found = [], {}
    for aspect in MEASURES:
        evaluation = evaluate_expression(
            pieces, models, aspect=aspect, condition=options.condition, split=options.split
        )
        if options.split == "test":
            append_expression_log(FOLDER / "test_log.csv", evaluation, models)
        summaries.append(expression_summary(evaluation))
        found[aspect] = expression_json(evaluation)
        print(summaries[-1], flush=True)
    name = f"{options.split}_{options.condition}"
    (FOLDER / f"{name}.md").write_text("\n".join(summaries), encoding="utf-8")
    (FOLDER / f"{name}.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
