"""What two readers of scores read differently: notes, times, measures, markings.

Question: what does a change of the reader change, score by score?
Run, with each reader: python benchmarks/scores/differences.py dump --corpus $HUMANIZE_ASAP FILE.npz
then:                  python benchmarks/scores/differences.py compare BEFORE.npz AFTER.npz
The second writes differences.csv beside this file.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
NEAR = 2e-6


def dump(corpus: Path, target: Path) -> None:
    """Write the note tables of all scores of a corpus."""
    from humanize.score import read_score

    arrays: dict[str, Any] = {}
    for path in sorted(corpus.rglob("*.musicxml")):
        name = path.relative_to(corpus).parent.as_posix()
        reading = read_score(path)
        arrays |= {f"{name}|{column}": own for column, own in reading.notes.columns().items()}
        arrays[f"{name}|tempo"] = np.array(reading.tempo)
        print(name, len(reading.notes), flush=True)
    np.savez_compressed(target, **arrays)


def compare(before: Path, after: Path) -> list[dict[str, str | int]]:
    """Return for each score and column how many notes differ."""
    first, second = np.load(before), np.load(after)
    rows: list[dict[str, str | int]] = []
    for name in sorted({key.partition("|")[0] for key in first.files}):
        pairs = [Counter(_keys(own, name)) for own in (first, second)]
        gone, come = (pairs[0] - pairs[1]).total(), (pairs[1] - pairs[0]).total()
        if gone or come:
            rows += [{"score": name, "column": "notes gone", "notes": gone},
                     {"score": name, "column": "notes come", "notes": come}]  # fmt: skip
        if len(first[f"{name}|pitch"]) != len(second[f"{name}|pitch"]):
            continue
        for key in first.files:
            column = key.partition("|")[2]
            if (
                key.startswith(f"{name}|")
                and column not in ("source", "tempo")
                and key in second.files
            ):
                a, b = (np.asarray(own[key], dtype=np.float64) for own in (first, second))
                same = (np.abs(a - b) < NEAR) | (np.isnan(a) & np.isnan(b))
                if not same.all():
                    rows.append({"score": name, "column": column, "notes": int((~same).sum())})
    return rows


def _keys(own: Any, name: str) -> list[tuple[float, int]]:
    onset, pitch = own[f"{name}|onset_beat"], own[f"{name}|pitch"]
    return list(zip(np.round(onset, 4).tolist(), pitch.tolist(), strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("dump", "compare"))
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--corpus", type=Path)
    options = parser.parse_args()
    if options.what == "dump":
        dump(options.corpus, options.files[0])
        return
    rows = compare(*options.files)
    with (HERE / "differences.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ("score", "column", "notes"), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    for column, count in Counter(str(row["column"]) for row in rows).most_common():
        notes = sum(int(row["notes"]) for row in rows if row["column"] == column)
        print(f"{column}: {count} scores, {notes:,} notes")


if __name__ == "__main__":
    main()
