"""What reading and humanising scores costs, and the whole command for a score of 1,000 notes.

Questions: how long does a note take to read; how much does the command take beyond the start of
Python with what every prediction needs; how long do 36,000 notes take?
Run: python benchmarks/scores/run.py --corpus $HUMANIZE_ASAP [--model piano-1]
Writes results.csv and results.md beside this file. CPU seconds, one thread.
"""

from __future__ import annotations

import argparse
import csv
import gc
import os
import platform
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
FLOOR = ["-c", "import numpy, onnxruntime"]
NOTES, MANY = 1_000, 36_000
TIMES = 5
COLUMNS = ("score", "notes", "reading_us_per_note")


def cpu_of(*arguments: str) -> float:
    """Return the least CPU seconds that a Python process took in several runs."""
    spent = []
    for _ in range(TIMES):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(spent)


def rows_of(corpus: Path) -> list[dict[str, str]]:
    """Return for each score its notes as played and what reading takes."""
    from humanize.score import read_score

    paths = sorted(corpus.rglob("*.musicxml"))
    if not paths:
        raise SystemExit(f"{corpus}: no .musicxml in it; expected the ASAP corpus")
    read_score(paths[0])
    rows = []
    for path in paths:
        content = path.read_bytes()
        gc.collect()
        start = time.process_time()
        notes = len(read_score(content, name=path.name).notes)
        spent = time.process_time() - start
        name = path.relative_to(corpus).parent.as_posix()
        rows.append(
            {
                "score": name,
                "notes": str(notes),
                "reading_us_per_note": f"{1e6 * spent / notes:.1f}",
            }
        )
    return rows


def joined(text: str, copies: int) -> str:
    """Return a score with its measures written as often, one after the other."""
    part = re.search(r"(<part id=[^>]*>)(.*?)(</part>)", text, re.DOTALL)
    if part is None:
        raise SystemExit("no part in the score; expected a MusicXML with one")
    return text[: part.start(2)] + part[2] * copies + text[part.end(2) :]


def report(rows: list[dict[str, str]], folder: Path, corpus: Path, model: str) -> str:
    """Return the figures as Markdown."""
    nearest = min(rows, key=lambda row: abs(int(row["notes"]) - NOTES))
    path = corpus / nearest["score"] / "xml_score.musicxml"
    command = ["-c", "from humanize.cli import main; main()"]
    floor = cpu_of(*FLOOR)
    one = cpu_of(*command, str(path), "-o", str(folder / "o.mid"), "--model", model)
    many = folder / "many.musicxml"
    copies = round(MANY / int(nearest["notes"]))
    many.write_text(joined(path.read_text(encoding="utf-8"), copies), encoding="utf-8")
    total = cpu_of(*command, str(many), "-o", str(folder / "o.mid"), "--model", model)
    each = [float(row["reading_us_per_note"]) for row in rows]
    worst = sorted(rows, key=lambda row: -float(row["reading_us_per_note"]))[:5]
    notes = sum(int(row["notes"]) for row in rows)
    lines = [
        f"{len(rows)} scores, {notes:,} notes as played, model {model}, one thread, CPU seconds; other "
        "work ran on the machine.", "",
        "| reading, microseconds a note | |", "|---|---|",
        f"| median of the scores | {statistics.median(each):.0f} |",
        f"| worst | {max(each):.0f} |", "",
        "| whole command | CPU seconds | times the floor |", "|---|---|---|",
        f"| floor: `python {FLOOR[0]} \"{FLOOR[1]}\"` | {floor:.2f} | 1.0 |",
        f"| {nearest['score']}, {int(nearest['notes']):,} notes | {one:.2f} | {one / floor:.1f} |",
        f"| the same {copies} times over, {copies * int(nearest['notes']):,} notes | {total:.1f} | |", "",
        "| the five dearest to read | notes | microseconds a note |", "|---|---|---|",
        *(f"| {row['score']} | {int(row['notes']):,} | {row['reading_us_per_note']} |" for row in worst), "",
        f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores, "
        + ", ".join(f"{name} {version(name)}" for name in ("lxml", "numpy", "onnxruntime")) + ".",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=os.environ.get("HUMANIZE_ASAP"))
    parser.add_argument("--model", default="piano-1")
    options = parser.parse_args()
    if options.corpus is None:
        parser.error("no corpus; expected --corpus or HUMANIZE_ASAP to say where ASAP lies")
    rows = rows_of(Path(options.corpus))
    with tempfile.TemporaryDirectory() as folder:
        text = report(rows, Path(folder), Path(options.corpus), options.model)
    with (HERE / "results.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    (HERE / "results.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
