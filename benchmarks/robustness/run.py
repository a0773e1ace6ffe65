"""Tries inputs that Hypothesis draws until time or number is up; keeps those that break something."""

from __future__ import annotations

import hashlib
import json
import random
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import click
from hypothesis import HealthCheck, Phase, given, seed, settings

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from targets import TARGETS, Target  # noqa: E402

FOUND = HERE.parents[1] / "tests/found"
_AT_ONCE = 400
_LONGEST_SEC = 10.0


@click.command()
@click.option("--seconds", type=float, default=60.0, show_default=True, help="For all targets.")
@click.option("--inputs", type=int, help="At most so many for each target.")
@click.option("--seed", "start", type=int, default=0, show_default=True, help="Of the draws.")
@click.option("--target", "names", multiple=True, type=click.Choice(list(TARGETS)))
@click.option("--store", is_flag=True, help="Add the figures to results.json.")
def main(
    seconds: float, inputs: int | None, start: int, names: tuple[str, ...], store: bool
) -> None:
    """Try inputs; the exit code is the number of targets that broke."""
    chosen = names or tuple(TARGETS)
    figures = {}
    for name in chosen:
        figures[name] = fuzz(name, seconds / len(chosen), inputs, start)
        click.echo(f"{name}: {figures[name]}")
    if store:
        _store(figures)
    sys.exit(sum(bool(own["broke"]) for own in figures.values()))


def fuzz(name: str, seconds: float, inputs: int | None, start: int) -> dict[str, Any]:
    """Return how many inputs of a target were tried and what broke, minimal, as a list of texts."""
    target, tried, slowest = TARGETS[name], 0, 0.0
    target.inputs()  # makes the seeds, before the clock runs
    begun, broke = time.monotonic(), ""
    if target.at_random is not None:
        tried, slowest, broke = _at_random(name, target, inputs, start, begun + seconds * 0.8)
    while time.monotonic() < begun + seconds and (inputs is None or tried < inputs) and not broke:
        most = _AT_ONCE if inputs is None else min(_AT_ONCE, inputs - tried)
        count, slow, broke = _round(name, target, most, start + tried, begun + seconds)
        tried, slowest = tried + count, max(slowest, slow)
    return {"inputs": tried, "slowest_sec": round(slowest, 3), "broke": [broke] if broke else []}


def _at_random(
    name: str, target: Target, inputs: int | None, start: int, until: float
) -> tuple[int, float, str]:
    draw, tried, slowest = random.Random(start), 0, 0.0
    while (
        target.at_random and time.monotonic() < until and (inputs is None or tried < inputs * 0.8)
    ):
        value = target.at_random(draw)
        tried += 1
        begun = time.process_time()
        try:
            target.check(value)
        except Exception as error:
            keep(name, value)
            return tried, slowest, _last_line(error)
        slowest = max(slowest, time.process_time() - begun)
        if slowest > _LONGEST_SEC:
            keep(name, value)
            return tried, slowest, f"{slowest:.1f} s"
    return tried, slowest, ""


def _round(
    name: str, target: Target, most: int, number: int, until: float
) -> tuple[int, float, str]:
    tried, slowest, last, failing = 0, 0.0, [None], False

    @seed(number)
    @settings(max_examples=most, deadline=None, database=None, phases=(Phase.generate, Phase.shrink),
              suppress_health_check=list(HealthCheck), report_multiple_bugs=False)  # fmt: skip
    @given(target.inputs())
    def one(value: Any) -> None:
        nonlocal tried, slowest, failing
        if time.monotonic() > until and not failing:
            return
        tried += 1
        last[0] = value
        begun = time.process_time()
        failing, before = True, failing
        target.check(value)
        spent = time.process_time() - begun
        slowest = max(slowest, spent)
        failing = before
        assert spent < _LONGEST_SEC, f"{spent:.1f} s"

    try:
        one()
    except Exception as error:
        keep(name, last[0])
        return tried, slowest, _last_line(error)
    return tried, slowest, ""


def _last_line(error: BaseException) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"{type(error).__name__}: {str(error)[:200]} ({Path(frame.filename).name}:{frame.lineno})"
    )


def keep(name: str, value: Any) -> Path:
    """Write an input that broke something where the tests try it again."""
    folder = FOUND / name
    folder.mkdir(parents=True, exist_ok=True)
    text = repr(value)
    path = folder / hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:12]
    path.write_text(text, errors="surrogateescape")
    return path


def _store(figures: dict[str, Any]) -> None:
    path = HERE / "results.json"
    before = json.loads(path.read_text()) if path.exists() else {}
    for name, own in figures.items():
        old = before.get(name, {"inputs": 0, "slowest_sec": 0.0, "broke": []})
        before[name] = {
            "inputs": old["inputs"] + own["inputs"],
            "slowest_sec": max(old["slowest_sec"], own["slowest_sec"]),
            "broke": old["broke"] + own["broke"],
        }
    path.write_text(json.dumps(before, indent=1) + "\n")


if __name__ == "__main__":
    main()
