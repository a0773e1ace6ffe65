"""``humanize input.mid -o output.mid``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from humanize.api import MIDI_SUFFIXES, default_target, humanize_bytes
from humanize.commands.options import INPUT, shaping_options, to_api
from humanize.errors import OptionError
from humanize.files import (
    one_file,
    read_input,
    require_two_files,
    starts_as_midi,
    write_atomically,
)
from humanize.interpretation.dynamics import taken_for
from humanize.results import Humanized, result_columns
from humanize.score.output import in_format_of, require_writable

_STANDARD = Path("-")


@click.command(name="humanize")
@INPUT
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, allow_dash=True),
    help="Where to write; '-' is standard output. Default: NAME-humanized beside it.",
)
@click.option("--in-place", is_flag=True, help="Write over the input.")
@shaping_options
@click.option(
    "--dump",
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="Also write the note table with old and new velocities.",
)
@click.option(
    "--plot",
    type=click.Path(path_type=Path),
    metavar="PNG",
    help="Also draw the velocities before and after.",
)
@click.option(
    "-v", "--verbose", is_flag=True, help="Also say how often a score's reader complained."
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
def command(
    input: Path,
    output: Path | None,
    in_place: bool,
    dump: Path | None,
    plot: Path | None,
    verbose: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Give each note of INPUT a pianist's velocity and change nothing else.

    INPUT is a MIDI file or a score; '-' reads a MIDI file from standard input.
    """
    target = _target(input, output, in_place)
    _require_apart(input, target, dump, plot)
    data = sys.stdin.buffer.read() if input == _STANDARD else read_input(input)
    require_writable(input, target, data)
    as_midi = target.suffix.lower() in MIDI_SUFFIXES
    result = humanize_bytes(data, name=_name(input), as_midi=as_midi, **to_api(options))
    if dump is not None:
        write_atomically(dump, _table(result))
    if plot is not None:
        result.plot(plot)
    _write(target, in_format_of(result.bytes, input, target))
    if verbose:
        click.echo(f"{_name(input)}: {result.warnings:,} warnings of the score's reader", err=True)
    if not quiet:
        for message in _messages(result, data, options["dynamics"]):
            click.echo(message, err=True)
        _report(result, target)


def _require_apart(input: Path, target: Path, dump: Path | None, plot: Path | None) -> None:
    """Raise OptionError where the table or the figure would be written over another file."""
    taken = {"the input": input, "the output": target}
    for name, path in (("--dump", dump), ("--plot", plot)):
        if path is None:
            continue
        for what, other in taken.items():
            if other != _STANDARD and one_file(path, other):
                raise OptionError(f"{path}: {name} and {what} are one file; expected two")
        taken[name] = path


def _name(input: Path) -> str:
    return "standard input" if input == _STANDARD else str(input)


def _target(input: Path, output: Path | None, in_place: bool) -> Path:
    if in_place:
        if output is not None or input == _STANDARD:
            raise OptionError("--in-place with -o or standard input found; expected a file alone")
        return input
    if output is None:
        return _STANDARD if input == _STANDARD else default_target(input)
    if output != _STANDARD:
        require_two_files(input, output)
    return output


def _write(target: Path, data: bytes) -> None:
    if target == _STANDARD:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        write_atomically(target, data)


def _table(result: Humanized) -> bytes:
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = result_columns(result.interpretations)
    writer.writerow(columns)
    writer.writerows(zip(*(column.tolist() for column in columns.values()), strict=True))
    return text.getvalue().encode()


def _messages(result: Humanized, data: bytes, dynamics: str) -> tuple[str, ...]:
    """Return what to say; of MIDI always what its velocities were taken for, unless not asked."""
    if result.messages or dynamics == "ignore" or not starts_as_midi(data):
        return result.messages
    return (taken_for(["flat"], follow=dynamics == "follow", mixed=False),)


def _report(result: Humanized, target: Path) -> None:
    changed = sum(
        int((after != notes.velocity).sum())
        for notes, after in zip(result.notes, result.velocities, strict=True)
    )
    total = sum(map(len, result.notes))
    where = "standard output" if target == _STANDARD else target
    click.echo(f"{where}: {changed:,} of {total:,} notes changed", err=True)
