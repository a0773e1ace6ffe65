"""Rates of one core, of workers and of Ray, and where the time goes. See README.md."""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import platform
import pstats
import random
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

HERE = Path(__file__).parent
SEED = 7
ROUNDS = 2
SYNTHETIC = {"small": (300, 400), "middle": (3_000, 60), "large": (100_000, 2)}  # notes, files


def synthetic(notes: int, seed: int) -> bytes:
    """Return a flat piece: a melody over broken chords, 480 ticks a quarter."""
    draw = random.Random(seed)
    events: list[tuple[int, int, int]] = []
    tick = 0
    while len(events) < 2 * notes:
        bass = 36 + draw.choice((0, 5, 7, 9))
        for step in (0, 7, 12, 16):
            for pitch in (bass + step, 72 + draw.choice((0, 2, 4, 5, 7, 9, 11))):
                length = draw.choice((120, 230, 470))
                events += [(tick, 0x90, pitch), (tick + length, 0x80, pitch)]
            tick += draw.choice((120, 240, 240))
    body, now = bytearray(b"\x00\xff\x58\x04\x04\x02\x18\x08"), 0
    for when, status, pitch in sorted(events[: 2 * notes]):
        delta, now = when - now, when
        groups = [delta & 0x7F]
        while delta := delta >> 7:
            groups.append(delta & 0x7F | 0x80)
        body += bytes(reversed(groups)) + bytes([status, pitch, 64])
    body += b"\x00\xff\x2f\x00"
    head = bytes.fromhex("4d546864000000060000000101e0")
    return head + b"MTrk" + len(body).to_bytes(4, "big") + bytes(body)


def kinds_of_files(corpus: Path | None) -> dict[str, list[bytes]]:
    """Return the files of every kind."""
    kinds = {
        kind: [synthetic(notes, SEED + i) for i in range(min(count, 40))]
        for kind, (notes, count) in SYNTHETIC.items()
    }
    if corpus is not None:
        paths = sorted(corpus.rglob("*.mid"))
        random.Random(SEED).shuffle(paths)
        scores = [path for path in paths if path.name == "midi_score.mid"]
        played = [path for path in paths if path.name != "midi_score.mid"]
        kinds["scores"] = [path.read_bytes() for path in scores[:30]]
        kinds["performances"] = [path.read_bytes() for path in played[:30]]
    return kinds


def best_seconds(action: Callable[[], Any]) -> float:
    action()
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return min(times)


def one_core(kinds: dict[str, list[bytes]], models: list[str]) -> list[dict[str, Any]]:
    """Return the rate of ``humanize_bytes`` in this process for every kind and model."""
    from humanize.api import humanize_bytes

    rows = []
    for model in models:
        for kind, files in kinds.items():
            notes = sum(len(t) for data in files for t in humanize_bytes(data, model=model).notes)

            def once(files: list[bytes] = files, model: str = model) -> None:
                for data in files:
                    humanize_bytes(data, model=model)

            seconds = best_seconds(once)
            rows.append(
                {
                    "model": model,
                    "kind": kind,
                    "files": len(files),
                    "bytes": sum(map(len, files)),
                    "notes": notes,
                    "files_per_second": round(len(files) / seconds, 2),
                    "notes_per_second": round(notes / seconds),
                }
            )
            print(rows[-1], flush=True)
    return rows


def curve(kinds: dict[str, list[bytes]], models: list[str]) -> list[dict[str, Any]]:
    """Return the rate of every model on flat files of 3,000 notes, to stand beside its accuracy."""
    rows = one_core({"middle": kinds["middle"]}, models)  # flat: what every model hears
    return [{**row, "model": Path(row["model"]).name} for row in rows]


def where_time_goes(data: bytes, model: str) -> dict[str, Any]:
    """Return shares of reading, features, model and rest, and the functions that cost most."""
    from humanize.api import humanize_bytes

    humanize_bytes(data, model=model)
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(3):
        humanize_bytes(data, model=model)
    profile.disable()
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    whole = {"read_midi": 0.0, "feature_table": 0.0, "predict": 0.0, "humanize_bytes": 0.0}
    costly = []
    for (path, _, name), (_, calls, own, cumulative, _) in stats.items():
        if (name in whole and "humanize" in path) or (name in whole and "models" in path):
            whole[name] = max(whole[name], cumulative)
        costly.append((own, calls, f"{Path(path).stem}.{name}"))
    total = whole.pop("humanize_bytes")
    shares = {name: round(value / total, 3) for name, value in whole.items()}
    shares["rest"] = round(1 - sum(shares.values()), 3)
    top = [
        {"function": name, "own_share": round(own / total, 3), "calls": calls}
        for own, calls, name in sorted(costly, reverse=True)[:12]
    ]
    return {"model": model, "shares": shares, "costliest": top}


def write_corpus(folder: Path) -> int:
    """Write the synthetic files of the worker runs; return their notes.

    A few small ones come first, so that the first finished file says when the workers were up;
    the large come next, so that none is left over for one worker at the end.
    """
    total = 0
    for kind, (notes, count) in {"first": (300, 8), **SYNTHETIC}.items():
        (folder / kind).mkdir(parents=True)
        for i in range(count):
            (folder / kind / f"{i:04d}.mid").write_bytes(synthetic(notes, SEED + i))
            total += notes
    return total


def floor(source: Path, target: Path) -> float:
    """Return the seconds of only reading and writing the files."""
    started = time.perf_counter()
    for path in source.rglob("*.mid"):
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    return time.perf_counter() - started


def serial(source: Path, target: Path) -> float:
    """Return the seconds of one loop in this process, the model loaded."""
    from humanize.api import humanize_bytes

    started = time.perf_counter()
    for path in source.rglob("*.mid"):
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(humanize_bytes(path.read_bytes()).bytes)
    return time.perf_counter() - started


def batch(source: Path, target: Path, workers: int) -> dict[str, float]:
    """Return the seconds of a batch, whole and from the first finished file on."""
    from humanize.batch.local import humanize_batch

    first: list[float] = []
    started = time.perf_counter()

    def watch(_: object) -> None:
        if not first:
            first.append(time.perf_counter() - started)

    summary = humanize_batch([source], target, workers=workers, watch=watch)
    if summary.not_done:
        raise SystemExit(f"{summary.not_done} files failed; expected none")
    whole = time.perf_counter() - started
    return {"whole": whole, "steady": whole - first[0]}


def on_ray(source: Path, folder: Path, workers: int) -> dict[str, float]:
    """Return the seconds of the same files as shards on a local Ray that is already up."""
    import ray

    from humanize.batch.ray import humanize_shards
    from humanize.batch.shards import write_shards

    shards, target = folder / f"shards-{workers}", folder / f"ray-{workers}"
    write_shards([str(source)], str(shards), shard_bytes=250_000)
    ray.init(num_cpus=workers, include_dashboard=False, log_to_driver=False, logging_level="error")
    first: list[float] = []
    started = time.perf_counter()

    def watch(_: object) -> None:
        if not first:
            first.append(time.perf_counter() - started)

    summary = humanize_shards([str(shards)], str(target), watch=watch)
    whole = time.perf_counter() - started
    ray.shutdown()
    if summary.not_done:
        raise SystemExit(f"{summary.not_done} files failed; expected none")
    return {"whole": whole, "steady": whole - first[0]}


def many_workers(with_ray: bool, repeats: int) -> dict[str, Any]:
    """Return the rates of the floor, the serial loop, batches and Ray over one folder."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        source = folder / "source"
        notes = write_corpus(source)
        files = sum(1 for _ in source.rglob("*.mid"))
        serial(source, folder / "warm")
        rows = [
            _rates("floor: read and write", _median(floor, source, folder, repeats), notes, files),
            _rates("serial, one process", _median(serial, source, folder, repeats), notes, files),
        ]
        for workers in (1, 2, 4):
            runs = []
            for i in range(repeats):
                target = folder / f"batch-{workers}-{i}"
                runs.append(batch(source, target, workers))
                shutil.rmtree(target)
            rows.append(_worker_row(f"batch, {workers} workers", runs, notes, files))
            print(rows[-1], flush=True)
        for workers in (1, 2, 4) if with_ray else ():
            rows.append(
                _worker_row(
                    f"ray, {workers} cores", [on_ray(source, folder, workers)], notes, files
                )
            )
            print(rows[-1], flush=True)
        return {"files": files, "notes": notes, "rows": rows}


def _median(
    action: Callable[[Path, Path], float], source: Path, folder: Path, repeats: int
) -> float:
    times = []
    for i in range(repeats):
        target = folder / f"{action.__name__}-{i}"
        times.append(action(source, target))
        shutil.rmtree(target)
    return statistics.median(times)


def _rates(name: str, seconds: float, notes: int, files: int) -> dict[str, Any]:
    return {
        "run": name,
        "seconds": round(seconds, 3),
        "files_per_second": round(files / seconds, 1),
        "notes_per_second": round(notes / seconds),
    }


def _worker_row(name: str, runs: list[dict[str, float]], notes: int, files: int) -> dict[str, Any]:
    row = _rates(name, statistics.median(run["whole"] for run in runs), notes, files)
    row["seconds_after_first_file"] = round(statistics.median(run["steady"] for run in runs), 3)
    row["load_before"] = round(os.getloadavg()[0], 2)
    return row


def add_efficiency(rows: list[dict[str, Any]]) -> None:
    """Add speed-up over one worker, per worker, from the first finished file on."""
    for engine in ("batch", "ray"):
        mine = [row for row in rows if row["run"].startswith(engine)]
        for row in mine:
            found = re.search(r"\d+", row["run"])
            workers = int(found.group()) if found else 1
            steady = row["seconds_after_first_file"]
            row["efficiency"] = round(mine[0]["seconds_after_first_file"] / steady / workers, 3)


def machine() -> dict[str, Any]:
    text = Path("/proc/cpuinfo").read_text()
    names = re.findall(r"model name\s*:\s*(.*)", text)
    siblings = re.search(r"siblings\s*:\s*(\d+)", text)
    cores = re.search(r"cpu cores\s*:\s*(\d+)", text)
    return {
        "cpu": names[0] if names else platform.processor(),
        "logical_cores": os.cpu_count(),
        "threads_per_core": int(siblings.group(1)) // int(cores.group(1))
        if siblings and cores
        else None,
        "load": [round(value, 2) for value in os.getloadavg()],
    }


def main() -> None:
    from humanize.models import load_model
    from humanize.models.bundle import bundle_hash

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, help="folder of the ASAP corpus")
    parser.add_argument("--model", action="append", help="again for several")
    parser.add_argument("--curve", action="append", default=[], metavar="BUNDLE",
                        help="folder of a bundle to measure for the curve alone")  # fmt: skip
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--no-ray", action="store_true")
    parser.add_argument("--output", type=Path, default=HERE / "results.json")
    options = parser.parse_args()
    models = options.model or ["piano-1", "fast"]
    packages = ("humanize-midi", "numpy", "onnxruntime") + (() if options.no_ray else ("ray",))
    results = {
        "machine": machine(),
        "python": platform.python_version(),
        "versions": {package: version(package) for package in packages},
        "bundles": {model: bundle_hash(load_model(model)) for model in models},
        "one_core": one_core(kinds_of_files(options.corpus), models),
        "curve": curve(kinds_of_files(options.corpus), models + options.curve),
        "where_time_goes": [where_time_goes(synthetic(3_000, SEED), model) for model in models],
        "workers": many_workers(not options.no_ray, options.repeats),
    }
    add_efficiency(results["workers"]["rows"])
    options.output.write_text(json.dumps(results, indent=1) + "\n")
    json.dump(results["workers"], sys.stdout, indent=1)


if __name__ == "__main__":
    main()
