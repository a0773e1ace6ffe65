"""``humanize input.mid -o output.mid``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from humanize.api import humanize_bytes
from humanize.commands.options import INPUT, shaping_options, to_api
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
from humanize.files import MIDI_SUFFIXES, starts_as_midi
from humanize.interpretation.dynamics import taken_for
from humanize.reporting.waiting import said_while_it_lasts
from humanize.reporting.wording import printable
from humanize.results import Humanized
from humanize.score.output import in_format_of, require_writable


@click.command(name="humanize")
@INPUT
@OUTPUT
@IN_PLACE
@shaping_options
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
    """Give each note of INPUT a pianist's velocity and change nothing else.

    INPUT is a MIDI file or a score; '-' reads a MIDI file from standard input.
    """
    target = target_of(input, output, in_place)
    require_apart(input, target, dump, plot)
    require_places(input, target, takes, in_place=in_place)
    require_picture(plot)
    data = read_bytes(input)
    require_writable(input, target, data)
    as_midi = target.suffix.lower() in MIDI_SUFFIXES
    with said_while_it_lasts(f"{shown_name(input)}: reading and humanising", quiet=quiet):
        results = [
            humanize_bytes(data, name=shown_name(input), as_midi=as_midi, **own)
            for own in options_of_takes(takes, to_api(options))
        ]
    targets = [numbered(target, number, takes) for number in range(1, len(results) + 1)]
    for number, (place, result) in enumerate(zip(targets, results, strict=True), start=1):
        write_sides(result, numbered(dump, number, takes), numbered(plot, number, takes))
        write_target(place, in_format_of(result.bytes, input, place))
    result = results[0]
    if verbose:
        warnings = f"{result.warnings:,} warnings of the score's reader"
        click.echo(f"{shown_name(input)}: {warnings}", err=True)
    if not quiet:
        for message in _messages(result, data, options["dynamics"]):
            click.echo(printable(message), err=True)
        for place, result in zip(targets, results, strict=True):
            report(result, place)
        if takes is not None:
            click.echo(difference_table([p.name for p in targets], results), err=True)


def _messages(result: Humanized, data: bytes, dynamics: str) -> tuple[str, ...]:
    """Return what to say; of MIDI always what its velocities were taken for, unless not asked."""
    if result.messages or dynamics == "ignore" or not starts_as_midi(data):
        return result.messages
    return (taken_for(["flat"], follow=dynamics == "follow", mixed=False),)
