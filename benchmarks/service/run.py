"""Requests per second, latency and memory of the service on loopback. See README.md."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import httpx
import numpy as np

from humanize.api import humanize_bytes
from humanize.models import load_model
from humanize.models.bundle import bundle_hash

HERE = Path(__file__).parent
START = "from humanize.commands.serve import command\nif __name__ == '__main__':\n    command()\n"
NOTES = 1_000
SEED = 20


def midi_file(notes: int = NOTES) -> bytes:
    """Return a flat file of chords and runs on a grid of sixteenths."""
    rng = np.random.default_rng(SEED)
    events = []
    for i in range(notes):
        onset, length = 120 * (i // 2), int(rng.choice([120, 240, 480]))
        pitch = int(np.clip(60 + 12 * (i % 2) + rng.integers(-9, 10), 21, 108))
        events += [(onset, 1, pitch), (onset + length, 0, pitch)]
    body, now = b"\x00\xff\x58\x04\x04\x02\x18\x08", 0
    for tick, on, pitch in sorted(events):
        body += _variable_length(tick - now) + bytes([0x90 if on else 0x80, pitch, 64])
        now = tick
    body += b"\x00\xff\x2f\x00"
    head = bytes.fromhex("4d546864000000060000000101e0")
    return head + b"MTrk" + len(body).to_bytes(4, "big") + body


def _variable_length(value: int) -> bytes:
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))


def in_process(data: bytes, calls: int) -> dict[str, float]:
    for _ in range(5):
        humanize_bytes(data)
    return percentiles([_seconds(data) for _ in range(calls)], clients=1)


def _seconds(data: bytes) -> float:
    started = time.perf_counter()
    humanize_bytes(data)
    return time.perf_counter() - started


def percentiles(
    seconds: list[float], *, clients: int, wall: float | None = None
) -> dict[str, float]:
    milliseconds = np.array(seconds) * 1000
    total = wall if wall is not None else sum(seconds)
    return {
        "clients": clients,
        "requests": len(seconds),
        "per_second": round(len(seconds) / total, 1),
        **{f"p{q}_ms": round(float(np.percentile(milliseconds, q)), 2) for q in (50, 90, 99)},
    }


async def load(address: str, data: bytes, clients: int, requests: int) -> dict[str, float]:
    """Send requests from some clients, each one at a time."""
    seconds: list[float] = []
    left = requests

    async def client(session: httpx.AsyncClient) -> None:
        nonlocal left
        while left > 0:
            left -= 1
            started = time.perf_counter()
            answer = await session.post(f"{address}/v1/humanize", files={"file": data})
            answer.raise_for_status()
            seconds.append(time.perf_counter() - started)

    async with httpx.AsyncClient(timeout=60) as session:
        started = time.perf_counter()
        await asyncio.gather(*(client(session) for _ in range(clients)))
    return percentiles(seconds, clients=clients, wall=time.perf_counter() - started)


def resident_bytes(process: int) -> int:
    """Return the memory of a process and its children, mapped files not counted."""
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    children = [child for task in tasks for child in task.read_text().split()]
    own = re.search(r"RssAnon:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
    return (int(own.group(1)) * 1024 if own else 0) + sum(resident_bytes(int(c)) for c in children)


def start(folder: str, workers: int) -> tuple[subprocess.Popen[str], str]:
    script = Path(folder) / "start.py"
    script.write_text(START)
    command = [sys.executable, str(script), "--port", "0", "--workers", str(workers)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    for line in process.stderr or ():
        if found := re.search(r"running on (http://\S+)", line):
            return process, found.group(1)
    raise SystemExit("the service did not start")


def cpu_name() -> str:
    text = Path("/proc/cpuinfo").read_text()
    found = re.search(r"model name\s*:\s*(.*)", text)
    return found.group(1) if found else platform.processor()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--requests", type=int, default=10_000, help="of the memory run")
    parser.add_argument("--output", type=Path, default=HERE / "results.json")
    options = parser.parse_args()
    data = midi_file()
    results = {
        "machine": {"cpu": cpu_name(), "cores": os.cpu_count(), "load": os.getloadavg()[0]},
        "versions": {p: version(p) for p in ("humanize-midi", "fastapi", "uvicorn", "numpy")},
        "python": platform.python_version(),
        "model": "piano-1",
        "bundle": bundle_hash(load_model("piano-1")),
        "notes": NOTES,
        "workers": options.workers,
        "in_process": in_process(data, 200),
    }
    with tempfile.TemporaryDirectory() as folder:
        process, address = start(folder, options.workers)
        asyncio.run(load(address, data, 8, 1_000))
        before = resident_bytes(process.pid)
        results["service"] = [asyncio.run(load(address, data, n, 1_000)) for n in (1, 8, 32)]
        asyncio.run(load(address, data, 8, max(0, options.requests - 3_000)))
        after = resident_bytes(process.pid)
        process.terminate()
        process.wait()
    results["memory"] = {
        "requests": options.requests,
        "before_bytes": before,
        "after_bytes": after,
        "change": round(after / before - 1, 4),
    }
    options.output.write_text(json.dumps(results, indent=1) + "\n")
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
