"""``humanize perform input.mid -o output.mid``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from humanize.commands.options import INPUT, perform_options, to_api
from humanize.commands.single import (
    IN_PLACE,
    OUTPUT,
    read_bytes,
    report,
    require_apart,
    require_picture,
    shown_name,
    side_outputs,
    target_of,
    write_sides,
    write_target,
)
from humanize.commands.takes import (
    TAKES,
    difference_table,
    numbered,
    options_of_takes,
    require_places,
)
from humanize.performance import in_target_format, perform_bytes, require_target
from humanize.reporting.waiting import said_while_it_lasts


@click.command()
@INPUT
@OUTPUT
@IN_PLACE
@perform_options
@TAKES
@side_outputs
def command(
    input: Path,
    output: Path | None,
    in_place: bool,
    takes: int | None,
    dump: Path | None,
    plot: Path | None,
    verbose: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Play INPUT as a pianist would: velocity, tempo, timing, articulation and pedal.

    INPUT is a MIDI file or a score; the result is a MIDI file (of MusicXML also MusicXML, with
    velocities and the tempo of each beat). 'humanize strip' takes out again
    what was put in.
    """
    target = target_of(input, output, in_place)
    require_apart(input, target, dump, plot)
    require_places(input, target, takes, in_place=in_place)
    require_picture(plot)
    data = read_bytes(input)
    require_target(input, target, data)
    with said_while_it_lasts(f"{shown_name(input)}: reading and performing", quiet=quiet):
        results = [
            perform_bytes(data, name=shown_name(input), **own)
            for own in options_of_takes(takes, to_api(options))
        ]
    targets = [numbered(target, number, takes) for number in range(1, len(results) + 1)]
    for number, (place, result) in enumerate(zip(targets, results, strict=True), start=1):
        write_sides(result, numbered(dump, number, takes), numbered(plot, number, takes))
        write_target(place, in_target_format(result, input, place))
    result = results[0]
    if verbose:
        warnings = f"{result.warnings:,} warnings of the score's reader"
        click.echo(f"{shown_name(input)}: {warnings}", err=True)
    if not quiet:
        for message in result.messages:
            click.echo(message, err=True)
        for place, result in zip(targets, results, strict=True):
            report(result, place)
        if takes is not None:
            click.echo(difference_table([p.name for p in targets], results), err=True)
