"""Whole-process speed and memory of the command, beside the floor of its two libraries.

Question: what does one cold run cost for 1,000 to 1,000,000 notes, and where does it go?
Run: python benchmarks/speed/run.py [--repeats 5] [--model piano-1 --model piano-1-fast]
Writes results.json and results.md beside this file.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
SIZES = (1_000, 5_000, 10_000, 50_000, 1_000_000)
LARGEST_PERFORMED = 50_000
FLOOR = [sys.executable, "-c", "import numpy, onnxruntime"]
THREADS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def write_piece(path: Path, notes: int) -> None:
    """Write a two-hand piece of this many notes: melody over broken chords, 480 ticks a quarter."""
    draw = random.Random(notes)
    body, clock, written = bytearray(), 0, 0
    events: list[tuple[int, int, int]] = []
    tick = 0
    while written < notes:
        chord = 36 + draw.choice((0, 5, 7, 9))
        for step in range(4):
            for pitch in (
                chord + (0, 7, 12, 16)[step],
                chord + 36 + draw.choice((0, 2, 4, 5, 7, 9, 11)),
            ):
                if written < notes:
                    events += [(tick, 0x90, pitch), (tick + 230, 0x80, pitch)]
                    written += 1
            tick += 240
    for when, status, pitch in sorted(events):
        delta, groups = when - clock, []
        clock = when
        groups.append(delta & 0x7F)
        while delta := delta >> 7:
            groups.append(delta & 0x7F | 0x80)
        body += bytes(reversed(groups)) + bytes([status, pitch, 64])
    body += b"\x00\xff\x2f\x00"
    head = b"MThd\x00\x00\x00\x06\x00\x00\x00\x01\x01\xe0"
    path.write_bytes(head + b"MTrk" + len(body).to_bytes(4, "big") + bytes(body))


def run_once(command: list[str]) -> tuple[float, float]:
    """Return seconds and peak resident memory (MB) of one process."""
    start = time.perf_counter()
    process = subprocess.Popen(command, env={**os.environ, **THREADS}, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)  # fmt: skip
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status:
        raise SystemExit(f"{command}: exit status {status}")
    return seconds, usage.ru_maxrss / 1024


def keep_bytecode(folder: Path) -> None:
    """Let all runs find the modules compiled, as ``pip install`` leaves them."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(folder)


def median_of(command: list[str], repeats: int) -> tuple[float, float, float]:
    """Return median seconds, their spread (maximum - minimum) and peak memory of several runs.

    Before them one that does not count: it compiles what was not compiled yet.
    """
    if repeats > 1:
        run_once(command)
    runs = [run_once(command) for _ in range(repeats)]
    seconds = [s for s, _ in runs]
    return statistics.median(seconds), max(seconds) - min(seconds), max(m for _, m in runs)


INSIDE = """
import sys, time, json
from pathlib import Path
from humanize.midi.reading import read_midi
from humanize.models import load_model
from humanize.features import feature_table
from humanize.midi.smf import patch
data = Path(sys.argv[1]).read_bytes(); model = load_model(sys.argv[2]); best = {}
for _ in range(3):
    t = [time.perf_counter()]
    reading = read_midi(data); notes = reading.pieces[0]; t.append(time.perf_counter())
    table = feature_table(notes, model.feature_names("flat")); t.append(time.perf_counter())
    model.predict(table, "flat"); t.append(time.perf_counter())
    patch(data, reading.positions, notes.velocity); t.append(time.perf_counter())
    for name, a, b in zip(("read", "features", "predict", "patch"), t, t[1:]):
        best[name] = min(best.get(name, 9e9), (b - a) / len(notes) * 1e6)
print(json.dumps(best))
"""

READERS = {
    "humanize read and patch": "from humanize.midi.reading import read_midi\nfrom humanize.midi.smf import patch\n"
    "def f():\n    r = read_midi(data); patch(data, r.positions, r.pieces[0].velocity)",
    "pretty_midi read": "import pretty_midi, io\ndef f(): pretty_midi.PrettyMIDI(io.BytesIO(data))",
    "symusic read": "import symusic\ndef f(): symusic.Score.from_midi(data)",
}


def time_inside(path: Path, model: str) -> dict[str, float]:
    """Return microseconds per note of each step, in one warm process on one thread."""
    done = subprocess.run([sys.executable, "-c", INSIDE, str(path), model], capture_output=True,
                          text=True, check=True, env={**os.environ, **THREADS})  # fmt: skip
    return {name: round(value, 3) for name, value in json.loads(done.stdout).items()}


def time_reader(path: Path, source: str) -> float | None:
    """Return milliseconds of one warm read; None where the library is not installed."""
    code = (
        "import sys, time\nfrom pathlib import Path\ndata = Path(sys.argv[1]).read_bytes()\n"
        f"{source}\nf()\nruns = []\n"
        "for _ in range(3):\n    t = time.perf_counter(); f(); runs.append(time.perf_counter() - t)\n"
        "print(min(runs) * 1000)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True,
                          check=False, env={**os.environ, **THREADS})  # fmt: skip
    return float(done.stdout) if done.returncode == 0 else None


def measure(models: list[str], repeats: int) -> dict:
    """Return every figure."""
    with tempfile.TemporaryDirectory() as folder:
        keep_bytecode(Path(folder) / "bytecode")
        pieces = {size: Path(folder) / f"{size}.mid" for size in SIZES}
        for size, path in pieces.items():
            # in a process of its own: a large parent would count as the memory of its children
            subprocess.run([sys.executable, __file__, "--write", str(size), str(path)], check=True)
        floor = median_of(FLOOR, repeats)
        rows = [
            row(model, size, path, floor[0], repeats)
            for model in models
            for size, path in pieces.items()
        ]
        performed = [
            row(model, size, path, floor[0], repeats, ["perform"])
            for model in models
            for size, path in pieces.items()
            if size <= LARGEST_PERFORMED
        ]
        steps = {model: time_inside(pieces[10_000], model) for model in models}
        readers = {name: time_reader(pieces[10_000], code) for name, code in READERS.items()}
    return {"floor_seconds": round(floor[0], 3), "floor_memory_mb": round(floor[2], 1), "rows": rows, "performed": performed,
            "steps_us_per_note": steps, "readers_ms_10000_notes": readers, "machine": machine()}  # fmt: skip


def row(
    model: str, size: int, path: Path, floor: float, repeats: int, command: list[str] | None = None
) -> dict:
    """Return the figures of one command on one piece."""
    called = [sys.executable, "-c", "from humanize.cli import main; main()", *(command or []), str(path),
              "-o", str(path.with_suffix(".out.mid")), "--model", model]  # fmt: skip
    seconds, spread, memory = median_of(called, repeats if size < 10**6 else 1)
    return {"model": model, "notes": size, "seconds": round(seconds, 3), "spread": round(spread, 3),
            "times_floor": round(seconds / floor, 2), "memory_mb": round(memory, 1)}  # fmt: skip


def machine() -> dict[str, str]:
    """Return what the figures were taken on."""
    names = ("numpy", "onnxruntime", "humanize-midi")
    return {"python": platform.python_version(), "system": platform.system(),
            "cores": str(os.cpu_count()), **{n: version(n) for n in names}}  # fmt: skip


def table(result: dict) -> str:
    """Return the figures as Markdown."""
    lines = [
        "Whole process, cold, median; floor = `python -c \"import numpy, onnxruntime\"`: "
        f"{result['floor_seconds']} s, {result['floor_memory_mb']} MB.", "",
        "| model | notes | seconds | max - min | times the floor | peak memory MB |",
        "|---|---|---|---|---|---|",
        *(f"| {r['model']} | {r['notes']:,} | {r['seconds']} | {r['spread']} | {r['times_floor']} | {r['memory_mb']} |"
          for r in result["rows"]), "",
        "`humanize perform`:", "",
        "| model | notes | seconds | max - min | times the floor | peak memory MB | notes/s beyond 1,000 |",
        "|---|---|---|---|---|---|---|",
        *performed_rows(result["performed"]), "",
        "Cost per note at 1,000,000 and at 10,000 notes, net of the run with 1,000, and memory per note:", "",
        *(f"- {model}: {ratio}" for model, ratio in slopes(result).items()), "",
        "Steps in one warm process on one thread, 10,000 notes, microseconds per note:", "",
        *(f"- {model}: " + ", ".join(f"{k} {v}" for k, v in steps.items())
          for model, steps in result["steps_us_per_note"].items()), "",
        "Reading the same 10,000 notes, milliseconds:", "",
        *(f"- {name}: {'not installed' if value is None else round(value, 1)}"
          for name, value in result["readers_ms_10000_notes"].items()), "",
        "Machine: " + ", ".join(f"{k} {v}" for k, v in result["machine"].items()) + ".",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def performed_rows(rows: list[dict]) -> list[str]:
    """Return the rows of whole performances, with the speed of further notes."""
    first = {r["model"]: r for r in rows if r["notes"] == SIZES[0]}
    lines = []
    for r in rows:
        start = first[r["model"]]
        more = (r["notes"] - start["notes"]) / max(r["seconds"] - start["seconds"], 1e-6)
        shown = f"{more:,.0f}" if r["notes"] > start["notes"] else ""
        lines.append(f"| {r['model']} | {r['notes']:,} | {r['seconds']} | {r['spread']} | {r['times_floor']} | "
                     f"{r['memory_mb']} | {shown} |")  # fmt: skip
    return lines


def slopes(result: dict) -> dict[str, str]:
    """Return the cost of a further note at both ends of the range, and their ratio."""
    found = {}
    for model in dict.fromkeys(r["model"] for r in result["rows"]):
        at = {r["notes"]: r for r in result["rows"] if r["model"] == model}
        small = (at[10_000]["seconds"] - at[1_000]["seconds"]) / 9_000 * 1e6
        large = (at[1_000_000]["seconds"] - at[1_000]["seconds"]) / 999_000 * 1e6
        memory = (at[1_000_000]["memory_mb"] - at[1_000]["memory_mb"]) * 1024 / 999_000
        found[model] = (f"{large:.1f} and {small:.1f} us a note, ratio {large / small:.2f}; "
                        f"{memory:.2f} KB a note")  # fmt: skip
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--model", action="append", default=None)
    parser.add_argument("--write", nargs=2, metavar=("NOTES", "PATH"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        write_piece(Path(options.write[1]), int(options.write[0]))
        return
    result = measure(options.model or ["piano-1", "piano-1-fast"], options.repeats)
    (HERE / "results.json").write_text(json.dumps(result, indent=1) + "\n")
    (HERE / "results.md").write_text(table(result))
    print(table(result))


if __name__ == "__main__":
    main()
