"""Keep in a test report the models of an earlier one that were not evaluated again.

A model that nobody fitted again has the figures that it had, on the compositions that the new report
has: they are taken from the earlier table of performances, and the means and intervals made anew.
Run: python benchmarks/velocity_accuracy/earlier_models.py REPORT EARLIER_RESULTS_CSV
     python benchmarks/velocity_accuracy/earlier_models.py REPORT --like OTHER_REPORT
With --like, nothing is evaluated: the report is brought down to the compositions of another one, which
has the same pieces and pianists, so that its agreement of pianists holds for both.
Changes REPORT/results.csv and REPORT/summary.json. It prints by how much r of models that both tables
have differs on the same performances: what was changed since in models and readers.
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path
from typing import Any

import numpy as np

from humanize.evaluation.statistics import by_composition, estimate

Rows = list[dict[str, str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path)
    parser.add_argument("earlier", type=Path, nargs="?")
    parser.add_argument("--like", type=Path)
    options = parser.parse_args()
    if options.like:
        bring_down(options.report, options.like)
        return
    table = options.report / "results.csv"
    new, old = read(table), read(options.earlier)
    known = {(row["composition"], row["performance"]) for row in new}
    old = [row for row in old if (row["composition"], row["performance"]) in known]
    names = {row["model"] for row in new}
    compare(new, old, names)
    added = [row for row in old if row["model"] not in names]
    with table.open("a", newline="", encoding="utf-8") as file:
        csv.DictWriter(file, new[0].keys(), lineterminator="\n").writerows(added)
    summary_file = options.report / "summary.json"
    summary = json.loads(summary_file.read_text(encoding="utf-8"))
    for name in dict.fromkeys(row["model"] for row in added):
        summary["models"][name] = figures([row for row in added if row["model"] == name])
    summary_file.write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")


def bring_down(report: Path, like: Path) -> None:
    """Leave out the compositions that another report has not."""
    kept = {row["composition"] for row in read(like / "results.csv")}
    rows = [row for row in read(report / "results.csv") if row["composition"] in kept]
    with (report / "results.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    summary = json.loads((report / "summary.json").read_text(encoding="utf-8"))
    summary["human"] = json.loads((like / "summary.json").read_text(encoding="utf-8"))["human"]
    pair = summary["human"]["two pianists"]
    for name in summary["models"]:
        made = figures([row for row in rows if row["model"] == name])
        mean, _, _, count = made["pearson_r"] or [0.0, 0.0, 0.0, 0.0]
        made["agreement_ratio"] = mean / pair[0] if count == pair[3] else None
        summary["models"][name] = made
    (report / "summary.json").write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")


def read(path: Path) -> Rows:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def figures(rows: Rows) -> dict[str, Any]:
    """Return mean, interval and number of compositions of every metric."""
    found: dict[str, Any] = {"agreement_ratio": None}
    for metric in dict.fromkeys(row["metric"] for row in rows):
        own = [(r["composition"], float(r["value"])) for r in rows if r["metric"] == metric]
        mean = estimate(by_composition(own))
        found[metric] = [mean.mean, mean.low, mean.high, mean.count]
    return found


def compare(new: Rows, old: Rows, names: set[str]) -> None:
    for name in sorted(names):
        now, then = (
            {
                r["performance"]: float(r["value"])
                for r in rows
                if r["model"] == name and r["metric"] == "pearson_r"
            }
            for rows in (new, old)
        )
        shared = sorted(now.keys() & then.keys())
        if shared:
            step = np.array([now[p] - then[p] for p in shared])
            print(
                f"{name}: {len(shared)} performances, r {step.mean():+.4f}, at most {np.abs(step).max():.4f}"
            )


if __name__ == "__main__":
    main()
