"""Write results.md and the arithmetic of docs/scale.md from results.json. See README.md."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs/scale.md"
BEGIN, END = "<!-- rates -->", "<!-- /rates -->"
FILES = 10_000_000
SHARD_BYTES = 64_000_000
RAY_SHARE = 0.8
"""Of the rate of one core alone that is counted on where every core works; see the worker rows."""


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(cells) + " |" for cells in (head, *rows)]
    lines.insert(1, "|" + "---|" * len(head))
    return "\n".join(lines)


def one_core(results: dict[str, Any]) -> str:
    rows = [
        [
            row["model"],
            row["kind"],
            f"{row['notes'] / row['files']:,.0f}",
            f"{row['files_per_second']:,.1f}",
            f"{row['notes_per_second']:,}",
        ]
        for row in results["one_core"]
    ]
    return table(["model", "files", "notes a file", "files/s", "notes/s"], rows)


def workers(results: dict[str, Any]) -> str:
    rows = [
        [
            row["run"],
            f"{row['files_per_second']:,.1f}",
            f"{row['notes_per_second']:,}",
            f"{row['efficiency']:.2f}" if "efficiency" in row else "",
            f"{row['load_before']:.1f}" if "load_before" in row else "",
        ]
        for row in results["workers"]["rows"]
    ]
    return table(["run", "files/s", "notes/s", "efficiency", "load before"], rows)


def shares(results: dict[str, Any]) -> str:
    parts = ("read_midi", "feature_table", "predict", "rest")
    rows = [
        [row["model"], *(f"{100 * row['shares'][part]:.0f} %" for part in parts)]
        for row in results["where_time_goes"]
    ]
    return table(["model", "reading", "features", "model", "rest"], rows)


def machine(results: dict[str, Any]) -> str:
    found = results["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in results["versions"].items())
    bundles = ", ".join(f"{name} {digest}" for name, digest in results["bundles"].items())
    return (
        f"{found['cpu']}, {found['logical_cores']} logical cores, load at the start "
        f"{found['load'][0]}; Python {results['python']}, {versions}; bundles {bundles}."
    )


def accuracy() -> dict[str, dict[str, list[float]]]:
    """Return r with its interval on the test split, by condition and model."""
    found = {}
    for condition in ("flat", "marked", "performed"):
        path = HERE.parent / f"velocity_accuracy/test_{condition}/summary.json"
        models = json.loads(path.read_text(encoding="utf-8"))["models"]
        found[condition] = {name: values["pearson_r"] for name, values in models.items()}
    return found


def two_pianists() -> str:
    path = HERE.parent / "velocity_accuracy/test_flat/summary.json"
    return "{:.3f} [{:.3f}, {:.3f}]".format(
        *json.loads(path.read_text())["human"]["two pianists"][:3]
    )


def curve(results: dict[str, Any]) -> str:
    """Return accuracy beside speed as a table, and draw it."""
    r = accuracy()
    rows, points = [], []
    for row in sorted(results["curve"], key=lambda row: row["notes_per_second"]):
        name = {"fast": "piano-1-fast"}.get(row["model"], row["model"])
        cells = [
            "{:.3f} [{:.3f}, {:.3f}]".format(*of[name][:3]) if name in of else ""
            for of in r.values()
        ]
        rows.append([row["model"], f"{row['notes_per_second']:,}", *cells])
        if name in r["flat"]:
            points.append((row["notes_per_second"], r["flat"][name], row["model"]))
    draw(points)
    return table(["model", "notes/s of a core", *(f"r, {c}" for c in r)], rows)


def draw(points: list[tuple[float, list[float], str]]) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    middle = sorted(r[0] for _, r, _ in points)[len(points) // 2]
    for rate, (mean, low, high, *_), name in points:
        axes.plot([rate, rate], [low, high], color="#31688e", linewidth=1)
        axes.plot(rate, mean, "o", color="#31688e")
        axes.annotate(
            name,
            (rate, mean),
            xytext=(6, 6 if mean >= middle else -14),
            textcoords="offset points",
            fontsize=9,
        )
    axes.set_xscale("log")
    ticks = (10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000)
    axes.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    axes.minorticks_off()
    axes.set_xlim(10_000, 1_500_000)
    axes.set_xlabel("notes per second of one core")
    axes.set_ylabel("r, flat scores, test split (95 %)")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    figure.savefig(HERE / "accuracy_speed.png", dpi=110, metadata={"Software": None})


def arithmetic(results: dict[str, Any]) -> str:
    """Return what ten million files like the largest real kind that was measured cost."""
    kinds = {row["kind"] for row in results["one_core"]}
    kind = next(k for k in ("performances", "scores", "middle") if k in kinds)
    rows = []
    for row in results["one_core"]:
        if row["kind"] == kind:
            core_hours = FILES / (row["files_per_second"] * RAY_SHARE) / 3600
            rows.append(
                [
                    row["model"],
                    f"{row['files_per_second']:,.1f}",
                    f"{core_hours:,.0f}",
                    f"{math.ceil(core_hours / 24):,}",
                    f"{core_hours / 256:,.1f}",
                ]
            )
    sample = next(row for row in results["one_core"] if row["kind"] == kind)
    size = sample["bytes"] / sample["files"]
    total = FILES * size
    head = ["model", "files/s of a core", "core hours", "cores for a day", "hours on 256 cores"]
    return "\n".join(
        (
            "## Ten million files",
            "",
            f"Measured (`benchmarks/throughput`, files of the kind *{kind}*, "
            f"{sample['notes'] / sample['files']:,.0f} notes and {size / 1000:,.0f} kB each) and "
            f"multiplied out, with {RAY_SHARE:.0%} of a lone core's rate counted on:",
            "",
            table(head, rows),
            "",
            f"Storage: {total / 1e12:,.2f} TB of files in, as much out; "
            f"{math.ceil(total / SHARD_BYTES):,} shards of {SHARD_BYTES // 1_000_000} MB, fewer bytes "
            "on disk, as Parquet is compressed. Reading and writing at the rate of 256 cores is "
            f"{_stream(rows, size):,.0f} MB/s each way for `{rows[0][0]}`, {_stream(rows[-1:], size):,.0f} "
            f"MB/s for `{rows[-1][0]}`.",
            "",
            machine(results),
        )
    )


def _stream(rows: list[list[str]], size: float) -> float:
    return float(rows[0][1].replace(",", "")) * RAY_SHARE * 256 * size / 1e6


def main() -> None:
    results = json.loads((HERE / "results.json").read_text(encoding="utf-8"))
    parts = (
        "# Results",
        machine(results),
        "## One core",
        one_core(results),
        "## Accuracy against speed",
        "Rates on files of 3,000 notes; r on the test split with 95 % intervals over compositions "
        f"(benchmarks/velocity_accuracy), two pianists {two_pianists()}. `--model` chooses.",
        curve(results),
        "![r over notes per second](accuracy_speed.png)",
        "## Workers",
        f"{results['workers']['files']:,} synthetic files, {results['workers']['notes']:,} notes, "
        "`piano-1`. Efficiency: speed-up over one worker, per worker, from the first finished "
        "file on.",
        workers(results),
        "## Where the time of one core goes (3,000 notes)",
        shares(results),
    )
    (HERE / "results.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    text = f"{before}{BEGIN}\n{arithmetic(results)}\n{END}{after}"
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
