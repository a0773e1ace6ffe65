"""Several takes of one input: their seeds, where each is written, and how they differ."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, overload

import click
import numpy as np

from humanize.commands.single import STANDARD
from humanize.errors import OptionError
from humanize.files import require_two_files
from humanize.options import DEFAULT_SEED, HIGHEST_SEED
from humanize.results import Humanized, Performed

MOST_TAKES = 100

TAKES = click.option(
    "--takes",
    type=click.IntRange(1, MOST_TAKES),
    metavar="N",
    help="Write N takes, OUT-1 to OUT-N: the seed and those after it. A table says how they "
    "differ.",
)


def options_of_takes(takes: int | None, options: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the options of each take: seeds one after another, at freedom 1 unless asked.

    Raises
    ------
    OptionError
        If all would be the same, or a seed is beyond those that there are.
    """
    if takes is None:
        return [options]
    if options.get("freedom") == 0:
        raise OptionError(
            f"takes: {takes} at freedom 0 found, where all are the model's mean; expected a "
            "freedom above 0"
        )
    first = DEFAULT_SEED if options.get("seed") is None else options["seed"]
    if first + takes - 1 > HIGHEST_SEED:
        raise OptionError(f"seed: {first} for {takes} takes found; expected a lower seed")
    return [{**options, "seed": first + number} for number in range(takes)]


@overload
def numbered(path: Path, number: int, takes: int | None) -> Path: ...
@overload
def numbered(path: None, number: int, takes: int | None) -> None: ...
def numbered(path: Path | None, number: int, takes: int | None) -> Path | None:
    """Return where a take is written: ``out.mid`` is ``out-2.mid`` for the second."""
    if path is None or takes is None:
        return path
    return path.with_name(f"{path.stem}-{number}{path.suffix}")


def require_places(input: Path, target: Path, takes: int | None, *, in_place: bool) -> None:
    """Raise OptionError where takes would be written over each other or over the input."""
    if takes is None:
        return
    if in_place or target == STANDARD:
        where = "--in-place" if in_place else "standard output"
        raise OptionError(f"takes: {where} found; expected a file to number, as with -o out.mid")
    for number in range(1, takes + 1):
        if input != STANDARD:
            require_two_files(input, numbered(target, number, takes))


def difference_table(names: Sequence[str], results: Sequence[Humanized]) -> str:
    """Return a line for each take: its level, spread, tempo, and r with the others."""
    columns = [_velocities(result) for result in results]
    tempi = [_tempi(result) for result in results if isinstance(result, Performed)]
    rows = [["take", "mean", "spread", "r with the others"]]
    rows[0] += ["rubato", "r of tempo"] if tempi else []
    for number, name in enumerate(names):
        own = columns[number]
        rows.append([name, f"{own.mean():.1f}", f"{own.std():.1f}", _agreement(columns, number)])
        if tempi:
            rows[-1] += [f"{tempi[number].std():.3f}", _agreement(tempi, number)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def _velocities(result: Humanized) -> np.ndarray[Any, Any]:
    chosen = [i.velocity[i.selected] for i in result.interpretations]
    return np.concatenate(chosen).astype(np.float64)


def _tempi(result: Performed) -> np.ndarray[Any, Any]:
    return result.rubato * np.concatenate([p.log_beat_period for p in result.parameters])


def _agreement(columns: Sequence[np.ndarray[Any, Any]], number: int) -> str:
    """Return the mean correlation with the other takes; nothing where one is constant."""
    own = columns[number]
    others = [c for i, c in enumerate(columns) if i != number and c.std() > 0]
    if own.std() == 0 or not others:
        return "-"
    return f"{np.mean([np.corrcoef(own, other)[0, 1] for other in others]):.2f}"
