"""The stored results of this folder as tables: writes results.md.

python benchmarks/listening_test/report.py
"""

from __future__ import annotations

import json
from pathlib import Path

HERE = Path(__file__).parent


def read(name: str) -> dict:
    return json.loads((HERE / name).read_text())


def coverage() -> list[str]:
    found = read("coverage.json")
    lines = [
        "## Coverage of the 95 % intervals",
        "",
        f"{found['raters']} raters, {found['pieces']} pieces, {found['studies']} simulated studies a row; "
        "raters and pieces drawn anew in each.",
        "",
        "| effect (log odds) | spread of raters | of pieces | true share | coverage |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {d['effect_log_odds']:g} | {d['sd_rater']:g} | {d['sd_piece']:g} | {d['true_share']:.3f} "
        f"| {d['coverage']:.3f} |"
        for d in found["designs"]
    ]
    return [*lines, ""]


def raters() -> list[str]:
    found = read("raters.json")
    lines = [
        "## Power, and whom the rules leave out",
        "",
        f"{found['raters']} raters, {found['pieces']} pieces, four conditions. *Stated* is what a plan says "
        f"(200 studies), *found* the share of {found['studies']} other studies.",
        "",
        "| design | trials per rater | true share | stated power | found |",
        "|---|---|---|---|---|",
    ]
    for design in found["designs"]:
        lines += [
            f"| {design['form']} | {design['trials_per_rater']} | {row['true_share']:g} "
            f"| {row['stated']:.3f} | {row['found']:.3f} |"
            for row in design["power"]
        ]
    lines += ["", "| design | simulated rater | left out |", "|---|---|---|"]
    for design in found["designs"]:
        lines += [
            f"| {design['form']} | {kind} | {share:.3f} |"
            for kind, share in design["left_out"].items()
        ]
    return [*lines, ""]


def packet() -> list[str]:
    found = read("packet.json")
    conditions = ("constant", "shuffled", "model", "human")
    lines = [
        "## A packet of test-split pieces",
        "",
        "How likely a machine rater holds each version of the excerpt to be a pianist's: a classifier of "
        "windows of 64 notes, trained on the other compositions of the split with as much weight on "
        "pianists as on constant, shuffled and predicted velocities together.",
        "",
        "| piece | notes aligned | " + " | ".join(conditions) + " |",
        "|---|---|" + "---|" * len(conditions),
    ]
    lines += [
        f"| {row['piece']} | {row['aligned']:.3f} | "
        + " | ".join(f"{row[c]:.3f}" for c in conditions)
        + " |"
        for row in found["machine"]["pieces"]
    ]
    lines += ["", "| the machine chose | in [95 % over pieces] of the pieces |", "|---|---|"]
    lines += [
        f"| {pair} | {mean:.2f} [{low:.2f}, {high:.2f}] |"
        for pair, (mean, low, high, _) in found["machine"]["chosen"].items()
    ]
    lufs = [row["lufs"] for row in found["sounds"]]
    lines += [
        "",
        f"Loudness of all {len(lufs)} sounds after matching: {min(lufs):.2f} to {max(lufs):.2f} LUFS.",
        "",
        "## People",
        "",
        "| rater | answers |",
        "|---|---|",
        "",
        "Nobody has taken the test yet.",
    ]
    return lines


def main() -> None:
    lines = ["# Listening test: stored results", "", *coverage(), *raters(), *packet()]
    (HERE / "results.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
