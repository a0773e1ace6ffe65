"""Tables and the log of figures of takes."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

COLUMNS = {
    "velocity AUC": "AUC, velocity",
    "tempo AUC": "AUC, tempo",
    "velocity r with pianists": "r, velocity",
    "tempo r with pianists": "r, tempo",
    "beats r with pianists": "r, beats in 8 measures",
    "velocity r between two": "r between two, velocity",
    "tempo r between two": "r between two, tempo",
    "velocity spread ratio": "spread, velocity",
    "tempo spread ratio": "spread, tempo",
    "velocity apart between two": "apart at a note, velocity",
    "tempo apart between two": "apart at an onset, tempo",
    "louder earlier": "louder, earlier",
}
LOG = ("date", "part", "way", "bundle", "metric", "value", "low", "high", "compositions")


def markdown(found: Mapping[str, Mapping[str, Any]], compositions: int) -> str:
    """Return a table with a row for each way to play."""
    lines = [
        f"{compositions} compositions; means over them.",
        "",
        f"| | {' | '.join(COLUMNS.values())} |",
        "|---|" + "---|" * len(COLUMNS),
    ]
    for name, own in found.items():
        cells = [_shown(own.get(column)) for column in COLUMNS]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _shown(value: Any) -> str:
    number = value[0] if isinstance(value, list) else value
    return "" if number is None or number != number else f"{number:.3f}"


def log_looks(
    path: Path, found: Mapping[str, Mapping[str, Any]], bundle: str, compositions: int
) -> None:
    """Append a row for each figure of a look at the test split."""
    new = not path.exists()
    date = datetime.now(UTC).isoformat(timespec="seconds")
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        if new:
            writer.writerow(LOG)
        for way, own in found.items():
            for metric, value in own.items():
                low, high = value[1:] if isinstance(value, list) else ("", "")
                mean = value[0] if isinstance(value, list) else value
                writer.writerow((date, "takes", way, bundle, metric, mean, low, high, compositions))
