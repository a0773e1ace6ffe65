"""Write the tables of README.md from the stored results in benchmarks/.

Run: python scripts/make_readme_tables.py
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
ACCURACY = ROOT / "benchmarks" / "velocity_accuracy"
CONDITIONS = ("flat", "marked", "performed")


def accuracy() -> str:
    """Return the table of agreement with pianists on the test split, human rows last."""
    found = {c: json.loads((ACCURACY / f"test_{c}" / "summary.json").read_text())
             for c in CONDITIONS if (ACCURACY / f"test_{c}" / "summary.json").is_file()}  # fmt: skip
    names = list(dict.fromkeys(m for f in found.values() for m in f["models"]))
    names.sort(
        key=lambda n: (
            -max(f["models"][n]["pearson_r"][0] for f in found.values() if n in f["models"])
        )
    )
    compositions = _compositions(
        {c: f["models"][names[0]]["pearson_r"][3] for c, f in found.items()}
    )
    lines = [
        "Correlation *r* of predicted with performed velocity on compositions that no model has heard "
        f"(test split of (n)ASAP, {compositions}; means over performances, then compositions; 95 % "
        "bootstrap intervals over compositions). The last rows are the ceiling: how pianists agree with each "
        "other on the same pieces.",
        "",
        "| | " + " | ".join(_title(c) for c in found) + " | spread ratio, flat |",
        "|---|" + "---|" * (len(found) + 1),
    ]
    for name in names:
        cells = [_interval(f["models"].get(name)) for f in found.values()]
        spread = found["flat"]["models"].get(name, {}).get("spread_ratio", [None])[0]
        title = name + _fewer(found, name, names[0])
        lines.append(
            f"| {title} | " + " | ".join(cells) + f" | {'' if not spread else f'{spread:.2f}'} |"
        )
    human = found["flat"]["human"]
    for name, (mean, low, high, count) in human.items():
        shown = f"{mean:.3f} [{low:.3f}, {high:.3f}]"
        cells = [shown if c != "performed" else "" for c in found]
        lines.append(f"| *{name}* ({count} compositions) | " + " | ".join(cells) + " | |")
    best = {
        c: f["models"]["piano-1"]["agreement_ratio"] for c, f in found.items() if c != "performed"
    }
    ratios = ", ".join(f"{value:.2f} ({c})" for c, value in best.items())
    caught = found["flat"]["discriminator"]
    lines += [
        "",
        f"Agreement of `piano-1` with a pianist over that of two pianists: {ratios}. A classifier tells its "
        f"velocities from a pianist's with AUC {caught['piano-1'][0]:.2f} (flat), a pianist's own shuffled with "
        f"{caught[_SHUFFLED][0]:.2f}, another pianist's with {caught['another pianist'][0]:.2f}: "
        "near in correlation is not yet alike in every habit.",
        "",
        "*Flat*: the score in notated time without velocities. *Marked*: with the composer's markings from "
        "MusicXML. *Performed*: a pianist's timing and pedals, velocities removed"
        f"{_without_pedals()}. Reports, figures and the log of every look at "
        "test: [benchmarks/velocity_accuracy](benchmarks/velocity_accuracy).",
    ]
    return "\n".join(lines)


def _fewer(found: dict[str, Any], name: str, first: str) -> str:
    """Return on how many compositions a model was measured, where not on those of the first."""
    counts = {f["models"][name]["pearson_r"][3] for f in found.values() if name in f["models"]}
    usual = {f["models"][first]["pearson_r"][3] for f in found.values()}
    return "" if counts <= usual else f" ({' or '.join(map(str, sorted(counts)))} compositions)"


def _compositions(counts: dict[str, int]) -> str:
    """Return how many compositions there are, by condition where these differ."""
    if len(set(counts.values())) == 1:
        return f"{next(iter(counts.values()))} compositions"
    return " and ".join(f"{count} compositions ({c})" for c, count in counts.items())


def _without_pedals() -> str:
    """Return what the performed column would be for files with fewer pedals."""
    path = ACCURACY / "pedals.json"
    if not path.is_file():
        return ""
    found = json.loads(path.read_text())["r"]["piano-1"]
    damper, none = (
        "{:.3f} [{:.3f}, {:.3f}]".format(*found[label]) for label in ("damper alone", "no pedal")
    )
    return f" (`piano-1` with the damper alone: {damper}, without any pedal: {none})"


_SHUFFLED = "a pianist's velocities shuffled"


PERFORMANCE = ROOT / "benchmarks" / "performance"
_SHOWN = (
    ("tempo", "beats within 8 measures, r", "tempo: beats within 8 measures"),
    ("tempo", "log IOI, r", "tempo: from onset to onset"),
    ("timing", "asynchrony, r", "asynchrony of chords"),
    ("timing", "melody lead, r", "lead of the melody"),
    ("articulation", "articulation, r", "articulation"),
    ("pedal", "lift, phi", "pedal lifted (phi)"),
    ("pedal", "press, phi", "pedal pressed (phi)"),
    ("pedal", "share of time down, r", "share of time with the pedal down"),
)
_PIANISTS = {
    "two pianists": "*two pianists*",
    "one pianist and the mean of the others": "*one v. the mean of the others*",
}


def performance() -> str:
    """Return the table of tempo, timing, articulation and pedal on the test split."""
    flat, marked = (
        json.loads((PERFORMANCE / f"test_{c}.json").read_text()) for c in ("flat", "marked")
    )
    lines = [
        "Tempo, timing, articulation and pedal of `piano-1` on the same compositions: correlation with "
        "what was played (95 % bootstrap intervals), and in brackets its ratio to that of two pianists. The "
        "floor is a straight line over eight columns.",
        "",
        "| | flat score | marked score | straight line | " + " | ".join(_PIANISTS.values()) + " |",
        "|---|" + "---|" * (3 + len(_PIANISTS)),
    ]
    for aspect, measure, shown in _SHOWN:
        own, with_marks = (found[aspect]["measures"][measure] for found in (flat, marked))
        cells = [
            _with_ratio(own["piano-1"]),
            _with_ratio(with_marks["piano-1"]),
            f"{own['straight-line']['mean']:.3f}",
            *(f"{own[name]['mean']:.3f}" for name in _PIANISTS),
        ]
        lines.append(f"| {shown} | " + " | ".join(cells) + " |")
    lines += [
        "",
        "Definitions, spreads, errors and the log of every look at test: "
        "[benchmarks/performance](benchmarks/performance).",
    ]
    return "\n".join(lines)


def _with_ratio(found: dict[str, float]) -> str:
    return "{mean:.3f} [{low:.3f}, {high:.3f}] ({ratio:.2f})".format(**found)


def speed() -> str:
    """Return the table of speed."""
    result = json.loads((ROOT / "benchmarks" / "speed" / "results.json").read_text())
    lines = [
        "Whole process, cold, one thread, beside `python -c \"import numpy, onnxruntime\"` "
        f"({result['floor_seconds']} s) on the same machine:",
        "",
        "| model | notes | seconds | times that floor | peak memory |",
        "|---|---|---|---|---|",
        *(f"| {r['model']} | {r['notes']:,} | {r['seconds']} | {r['times_floor']} | {r['memory_mb']:.0f} MB |"
          for r in result["rows"]),
        "",
        "[benchmarks/speed](benchmarks/speed) has the script, the steps and other readers.",
    ]  # fmt: skip
    return "\n".join(lines)


def _title(condition: str) -> str:
    return {"flat": "flat score", "marked": "marked score", "performed": "performed timing"}[
        condition
    ]


def _interval(metrics: dict | None) -> str:
    if metrics is None:
        return ""
    mean, low, high, _ = metrics["pearson_r"]
    return f"{mean:.3f} [{low:.3f}, {high:.3f}]"


def replaced(text: str, marker: str, table: str) -> str:
    """Return the text with what stands between two markers replaced."""
    pattern = rf"(<!-- {marker} -->\n).*?(<!-- /{marker} -->)"
    return re.sub(pattern, lambda m: f"{m[1]}{table}\n{m[2]}", text, flags=re.DOTALL)


if __name__ == "__main__":
    readme = ROOT / "README.md"
    text = replaced(readme.read_text(encoding="utf-8"), "accuracy", accuracy())
    if (PERFORMANCE / "test_flat.json").is_file():
        text = replaced(text, "performance", performance())
    readme.write_text(replaced(text, "speed", speed()), encoding="utf-8")
