"""One file in, one file out: what the commands for a single file share."""

from __future__ import annotations

import csv
import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from humanize.api import default_target
from humanize.commands.options import FILE
from humanize.errors import InputError, OptionError
from humanize.extras import require_package
from humanize.files import (
    is_score,
    one_file,
    read_input,
    require_two_files,
    starts_as_midi,
    write_atomically,
)
from humanize.midi.reading import read_midi
from humanize.music import ScoreMusic
from humanize.reporting.wording import counted
from humanize.results import PICTURES, Humanized, Performed, picture_form, result_columns

STANDARD = Path("-")


OUTPUT = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, allow_dash=True, readable=False),
    help="Where to write; '-' is standard output. Default: NAME-humanized beside it.",
)
IN_PLACE = click.option("--in-place", is_flag=True, help="Write over the input.")


def side_outputs(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--dump``, ``--plot``, ``--verbose`` and ``--quiet``."""
    for option in reversed(_SIDE):
        function = option(function)
    return function


_SIDE = (
    click.option(
        "--dump",
        type=FILE,
        metavar="CSV",
        help="Also write the note table with old and new velocities.",
    ),
    click.option(
        "--plot",
        type=FILE,
        metavar="PNG|PDF",
        help="Also draw what came and what is written; a PDF has pages for long music.",
    ),
    click.option(
        "-v", "--verbose", is_flag=True, help="Also say how often a score's reader complained."
    ),
    click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors."),
)


def read_bytes(input: Path) -> bytes:
    """Return what a file, or standard input, holds.

    Raises
    ------
    InputError
        If it is not there, or is a folder, which is shown the way to its command.
    """
    if input == STANDARD:
        return sys.stdin.buffer.read()
    if os.path.isdir(input):  # noqa: PTH112 (a path that no file can have is read, and told so)
        raise InputError(
            f"{input}: a folder found; expected a file. 'humanize batch {input} -o OUT' takes all "
            "the files in one"
        )
    return read_input(input)


def require_apart(input: Path, target: Path, dump: Path | None, plot: Path | None) -> None:
    """Raise OptionError where the table or the figure would be written over another file."""
    taken = {"the input": input, "the output": target}
    for name, path in (("--dump", dump), ("--plot", plot)):
        if path is None:
            continue
        for what, other in taken.items():
            if other != STANDARD and one_file(path, other):
                raise OptionError(f"{path}: {name} and {what} are one file; expected two")
        taken[name] = path


def require_picture(plot: Path | None, pictures: Sequence[str] = PICTURES) -> None:
    """Check, before anything is computed, that a picture can be drawn and in which format.

    Parameters
    ----------
    plot : Path or None
    pictures : sequence of str
        The endings of what can be drawn.

    Raises
    ------
    OptionError
        If its ending is no picture's.
    MissingExtraError
        If what draws it is not installed.
    """
    if plot is None:
        return
    picture_form(plot, pictures)
    require_package("matplotlib", "plots")


def shown_name(input: Path) -> str:
    """Return what messages call the input."""
    return "standard input" if input == STANDARD else str(input)


def target_of(input: Path, output: Path | None, in_place: bool) -> Path:
    """Return where the result goes.

    Raises
    ------
    OptionError
        If that is the input, or asked for twice.
    """
    if in_place:
        if output is not None or input == STANDARD:
            raise OptionError("--in-place with -o or standard input found; expected a file alone")
        return input
    if output is None:
        return STANDARD if input == STANDARD else default_target(input)
    if output != STANDARD:
        require_two_files(input, output)
    return output


def write_target(target: Path, data: bytes) -> None:
    """Write a file, or to standard output."""
    if target == STANDARD:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        write_atomically(target, data)


def write_sides(result: Humanized, dump: Path | None, plot: Path | None) -> None:
    """Write the note table and the picture that were asked for."""
    if dump is not None:
        write_atomically(dump, note_table(result))
    if plot is not None:
        result.plot(plot)


def note_table(result: Humanized) -> bytes:
    """Return a CSV of the notes, velocities before and after."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = result_columns(result.interpretations)
    writer.writerow(columns)
    writer.writerows(zip(*(column.tolist() for column in columns.values()), strict=True))
    return text.getvalue().encode()


def report(result: Humanized, target: Path) -> None:
    """Say how many notes changed, and where the file is."""
    changed = sum(
        int((after != notes.velocity).sum())
        for notes, after in zip(result.notes, result.velocities, strict=True)
    )
    total, more = sum(map(len, result.notes)), _played_out(result, target)
    where = "standard output" if target == STANDARD else target
    if not isinstance(result, Performed):
        click.echo(f"{where}: {changed:,} of {total:,} notes changed{more}", err=True)
        return
    played = _performed(result)
    notated = is_score(str(target))  # holds velocities and tempo, no more
    held = [name for name in played if name == "tempo" or not notated]
    more += f"; {', '.join(held)} performed" if held else ""
    left = [name for name in played if name not in held]
    more += f"; {', '.join(left)}: in MIDI alone" if left else ""
    click.echo(f"{where}: {changed:,} of {total:,} velocities changed{more}", err=True)


def _played_out(result: Humanized, target: Path) -> str:
    """Return how many notes were written, where ornaments make them more than those counted."""
    music = result.music
    signs = isinstance(music, ScoreMusic) and music.reading.realisations
    if not signs or is_score(str(target)) or not starts_as_midi(result.bytes):
        return ""
    written = sum(map(len, read_midi(result.bytes).pieces))
    if written == sum(map(len, result.notes)):
        return ""
    return f" ({counted(written, 'note')} in MIDI, ornaments played out)"


def _performed(result: Performed) -> list[str]:
    """Return what a performance adds to its velocities."""
    moved = {
        "tempo": [own.log_beat_period * result.rubato for own in result.parameters],
        "timing": [c for own in result.parameters for c in (own.asynchrony_ms, own.drum_lag_ms)],
        "articulation": [own.log_articulation for own in result.parameters],
        "pedal": [np.isfinite(own.pedal_press_ms) for own in result.parameters],
    }
    return [n for n, columns in moved.items() if any(np.nan_to_num(c).any() for c in columns)]
