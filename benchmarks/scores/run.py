"""Seconds of reading and humanising every MusicXML score of a corpus, net of partitura's import.

Question: what do reading and humanising a score cost beyond what partitura needs to load it?
Run: python benchmarks/scores/run.py --corpus $HUMANIZE_ASAP [--model piano-1]
Writes results.csv and results.md beside this file.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import gc
import io
import os
import platform
import statistics
import time
import warnings
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PROMISED = 3.0  # seconds per 1,000 notes, net of partitura
COLUMNS = ("score", "notes", "partitura_inside", "reading", "humanising", "per_1000_notes",
           "partitura_alone", "times_partitura")  # fmt: skip


class Clock:
    """CPU seconds spent in functions, so that what runs beside counts little."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, its seconds counted."""

        def counted(*arguments: Any, **options: Any) -> Any:
            start = time.process_time()
            try:
                return function(*arguments, **options)
            finally:
                self.seconds[name] = self.seconds.get(name, 0.0) + time.process_time() - start

        return counted


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Let partitura say nothing."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


def measure(path: Path, model: str) -> dict[str, float]:
    """Return notes as played and CPU seconds of one score."""
    import partitura

    import humanize
    from humanize import scores

    gc.collect()  # so that none falls into what is timed
    clock = Clock()
    load, read = partitura.load_musicxml, scores.read_score
    partitura.load_musicxml = clock.timed("partitura_inside", load)
    scores.read_score = clock.timed("read", read)
    whole = clock.timed("whole", humanize.humanize_bytes)
    try:
        result = whole(path.read_bytes(), name=path.name, model=model)
    finally:
        partitura.load_musicxml, scores.read_score = load, read
    gc.collect()
    with silence():
        clock.timed("partitura_alone", load)(str(path))
    spent, notes = clock.seconds, len(result.notes[0])
    net = spent["whole"] - spent["partitura_inside"]
    return {
        "notes": notes,
        "partitura_inside": spent["partitura_inside"],
        "reading": spent["read"] - spent["partitura_inside"],
        "humanising": spent["whole"] - spent["read"],
        "per_1000_notes": 1000 * net / notes,
        "partitura_alone": spent["partitura_alone"],
        "times_partitura": spent["whole"] / spent["partitura_alone"],
    }


def rows_of(corpus: Path, model: str) -> list[dict[str, str]]:
    """Return a row for each score; the first one is also measured to warm up."""
    from humanize.score.partitura_parts import import_partitura

    import_partitura()
    paths = sorted(corpus.rglob("*.musicxml"))
    if not paths:
        raise SystemExit(f"{corpus}: no .musicxml in it; expected the ASAP corpus")
    measure(paths[0], model)
    rows = []
    for path in paths:
        found = measure(path, model)
        name = path.relative_to(corpus).parent.as_posix()
        rows.append({"score": name, **{k: f"{v:.4g}" for k, v in found.items()}})
        rows[-1]["notes"] = str(found["notes"])
        print(", ".join(rows[-1].values()), flush=True)
    return rows


def report(rows: list[dict[str, str]], model: str) -> str:
    """Return the figures as Markdown."""
    net = [float(row["per_1000_notes"]) for row in rows]
    times = [float(row["times_partitura"]) for row in rows]
    worst = sorted(rows, key=lambda row: -float(row["per_1000_notes"]))[:5]
    notes = sum(int(row["notes"]) for row in rows)
    total = {name: sum(float(row[name]) for row in rows) for name in COLUMNS[2:5]}
    lines = [
        f"{len(rows)} scores, {notes:,} notes as played, model {model}, one thread, CPU seconds; other "
        "work ran on the machine's other cores.", "",
        "| seconds per 1,000 notes, net of partitura | |", "|---|---|",
        f"| median | {statistics.median(net):.2f} |",
        f"| all notes together | {1000 * (total['reading'] + total['humanising']) / notes:.2f} |",
        f"| worst | {max(net):.2f} |",
        f"| scores above {PROMISED:g} | {sum(value > PROMISED for value in net)} |", "",
        f"Of all time, partitura's loading took {_share(total, 'partitura_inside')}, the rest of reading "
        f"{_share(total, 'reading')}, humanising and writing {_share(total, 'humanising')}. "
        f"The whole took {statistics.median(times):.2f} times what partitura's load of the same file "
        f"takes alone (median; worst {max(times):.2f}).", "",
        "| the five dearest | notes | seconds per 1,000 notes |", "|---|---|---|",
        *(f"| {row['score']} | {int(row['notes']):,} | {row['per_1000_notes']} |" for row in worst), "",
        f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores, "
        + ", ".join(f"{name} {version(name)}" for name in ("partitura", "numpy", "onnxruntime")) + ".",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _share(total: dict[str, float], name: str) -> str:
    return f"{100 * total[name] / sum(total.values()):.0f} %"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=os.environ.get("HUMANIZE_ASAP"))
    parser.add_argument("--model", default="piano-1")
    options = parser.parse_args()
    if options.corpus is None:
        parser.error("no corpus; expected --corpus or HUMANIZE_ASAP to say where ASAP lies")
    rows = rows_of(Path(options.corpus), options.model)
    with (HERE / "results.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    (HERE / "results.md").write_text(report(rows, options.model))
    print(report(rows, options.model))


if __name__ == "__main__":
    main()
