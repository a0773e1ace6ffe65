"""``humanize batch SOURCE... -o DIR``: many files."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from humanize.batch.local import BatchSummary, humanize_batch
from humanize.batch.work import Limits
from humanize.commands.options import FILE, perform_options, to_api
from humanize.commands.takes import TAKES, numbered, options_of_takes
from humanize.errors import OptionError
from humanize.options import OPTIONS, PERFORM_OPTIONS
from humanize.reporting.wording import counted

MOST_EXIT = 100
_LINE_EVERY_SEC = 10.0
_MOST_SECONDS = 1_000_000


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option(
    "-o",
    "--output",
    required=True,
    help="Folder for the results; with --engine ray a folder or address for their shards.",
)
@click.option("--workers", type=click.IntRange(min=1), help="Processes.  [default: one per core]")
@click.option("--resume", is_flag=True, help="Go on where an earlier run stopped.")
@click.option(
    "--report",
    type=FILE,
    help="CSV with a row per file.  [default: report.csv in the output]",
)
@click.option(
    "--seconds",
    type=float,
    default=120.0,
    show_default=True,
    callback=lambda ctx, param, value: _seconds(value),
    help="Give a file up after these.",
)
@click.option(
    "--max-bytes",
    type=click.IntRange(min=1),
    default=50_000_000,
    show_default=True,
    help="Give larger files up.",
)
@click.option(
    "--max-memory",
    type=click.IntRange(min=1),
    default=4_000_000_000,
    show_default=True,
    help="Address space of one worker, bytes.",
)
@click.option(
    "--engine",
    type=click.Choice(["local", "ray"]),
    default="local",
    show_default=True,
    help="local: files on this machine. ray: shards (see 'humanize shard') on a cluster.",
)
@click.option("--ray-address", help="Of a running cluster, or auto.  [default: a local one]")
@click.option("--perform", is_flag=True, help="Perform the files: tempo, timing, pedal too.")
@perform_options
@TAKES
def command(
    sources: tuple[str, ...],
    output: str,
    workers: int | None,
    resume: bool,
    report: Path | None,
    seconds: float,
    max_bytes: int,
    max_memory: int,
    engine: str,
    ray_address: str | None,
    perform: bool,
    takes: int | None,
    **options: Any,
) -> None:
    """Humanise every MIDI file or score of SOURCE: folders, globs, archives (.tar, .zip), @LISTs.

    The folders are kept. One bad file never stops the rest: its error is a row in the report, and
    the exit code is the number of files without a result (100: that many or more). Takes are
    written into folders of their own: OUT/take-1 and so on.
    """
    asked = options_of_takes(takes, _asked(to_api(options), perform))
    limits = Limits(seconds=seconds, max_bytes=max_bytes, memory_bytes=max_memory)
    common: dict[str, Any] = {"workers": workers, "resume": resume, "limits": limits}
    if engine == "ray":
        call = _ray_call(ray_address, perform=perform, report=report)
    elif ray_address is not None:
        raise OptionError("--ray-address without --engine ray found; expected both or none")
    else:
        call = partial(humanize_batch, perform=perform)
    unit, not_done = "shards" if engine == "ray" else "files", 0
    for number, own in enumerate(asked, start=1):
        named = "" if takes is None else f"take {number} (seed {own['seed']}): "
        place = output if takes is None else f"{output.rstrip('/')}/take-{number}"
        if report is not None:
            common["report"] = numbered(report, number, takes)
        with _progress(unit) as watch:
            summary = call(sources, place, watch=watch, **common, **own)
        click.echo(f"{named}{_closing(summary, unit)}", err=True)
        not_done += summary.not_done
    sys.exit(min(not_done, MOST_EXIT))


def _ray_call(
    address: str | None, *, perform: bool, report: Path | None
) -> Callable[..., BatchSummary]:
    from humanize.batch.ray import humanize_shards

    if perform:
        raise OptionError("--perform with --engine ray found; expected --engine local")
    if report is not None:
        raise OptionError("--report with --engine ray found; its rows stand in the shards")
    return partial(humanize_shards, ray_address=address)


def _asked(options: dict[str, Any], perform: bool) -> dict[str, Any]:
    """Return the options of the calls; those of a performance alone with ``--perform``."""
    if perform:
        return options
    for name, option in PERFORM_OPTIONS.items():
        if name not in OPTIONS and options.pop(name) != option.default:
            raise OptionError(f"--{name.replace('_', '-')} without --perform found; expected both")
    return options


def _seconds(value: float) -> float:
    if not 0 < value <= _MOST_SECONDS:
        raise click.BadParameter(f"{value:g} found; expected more than 0, at most {_MOST_SECONDS}")
    return value


def _closing(summary: BatchSummary, unit: str) -> str:
    rate = summary.notes / summary.seconds if summary.seconds else 0.0
    there = counted(summary.skipped, "shard") if unit == "shards" else f"{summary.skipped:,}"
    skipped = f", {there} already there" if summary.skipped else ""
    before = f", {summary.failed_before:,} failed before" if summary.failed_before else ""
    return (
        f"{summary.done:,} done{skipped}{before}, {summary.failed:,} failed, "
        f"{summary.given_up:,} given up; {counted(summary.notes, 'note')} "
        f"in {summary.seconds:.1f} s ({rate:,.0f} a second)"
    )


@contextmanager
def _progress(unit: str) -> Iterator[Callable[[BatchSummary], None]]:
    if sys.stderr.isatty() and find_spec("rich"):
        with _bar(unit) as watch:
            yield watch
    else:
        yield _lines(unit)


@contextmanager
def _bar(unit: str) -> Iterator[Callable[[BatchSummary], None]]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=None, rate="")

        def watch(summary: BatchSummary) -> None:
            progress.update(
                task, total=summary.total, completed=_here(summary, unit) + _before(summary, unit),
                rate=_rate(summary, unit),
            )  # fmt: skip

        yield watch


def _lines(unit: str) -> Callable[[BatchSummary], None]:
    last = time.monotonic()

    def watch(summary: BatchSummary) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _LINE_EVERY_SEC:
            last = now
            click.echo(_line(summary, unit), err=True)

    return watch


def _here(summary: BatchSummary, unit: str) -> int:
    """Return the files or shards dealt with in this run."""
    return summary.shards if unit == "shards" else summary.tried


def _before(summary: BatchSummary, unit: str) -> int:
    """Return the files or shards that an earlier run has dealt with."""
    return summary.skipped + (0 if unit == "shards" else summary.failed_before)


def _line(summary: BatchSummary, unit: str) -> str:
    here = _here(summary, unit)
    finished = here + _before(summary, unit)
    total = "" if summary.total is None else f" of {summary.total:,}"
    text = f"{finished:,}{total} {unit}, {_rate(summary, unit)}"
    if summary.total is None or not here:
        return text
    left = (summary.total - finished) * summary.seconds / here
    return f"{text}, {left:,.0f} s left"


def _rate(summary: BatchSummary, unit: str) -> str:
    seconds = max(summary.seconds, 1e-9)
    failed = f", {summary.not_done:,} failed" if summary.not_done else ""
    here = _here(summary, unit) / seconds
    return f"{here:,.1f} {unit}/s, {summary.notes / seconds:,.0f} notes/s{failed}"
