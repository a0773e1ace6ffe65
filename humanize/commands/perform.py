"""``humanize perform input.mid -o output.mid``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from humanize.commands.options import INPUT, perform_options, to_api
from humanize.commands.single import (
    IN_PLACE,
    OUTPUT,
    note_table,
    read_bytes,
    report,
    require_apart,
    require_picture,
    shown_name,
    side_outputs,
    target_of,
    write_target,
)
from humanize.files import write_atomically
from humanize.performance import perform_bytes, require_midi
from humanize.reporting.waiting import said_while_it_lasts


@click.command()
@INPUT
@OUTPUT
@IN_PLACE
@perform_options
@side_outputs
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
    """Play INPUT as a pianist would: velocity, tempo, timing, articulation and pedal.

    INPUT is a MIDI file or a score; the result is a MIDI file. 'humanize strip' takes out again
    what was put in.
    """
    target = target_of(input, output, in_place)
    require_apart(input, target, dump, plot)
    require_picture(plot)
    data = read_bytes(input)
    require_midi(input, target, data)
    with said_while_it_lasts(f"{shown_name(input)}: reading and performing", quiet=quiet):
        result = perform_bytes(data, name=shown_name(input), **to_api(options))
    if dump is not None:
        write_atomically(dump, note_table(result))
    if plot is not None:
        result.plot(plot)
    write_target(target, result.bytes)
    if verbose:
        warnings = f"{result.warnings:,} warnings of the score's reader"
        click.echo(f"{shown_name(input)}: {warnings}", err=True)
    if not quiet:
        for message in result.messages:
            click.echo(message, err=True)
        report(result, target)
