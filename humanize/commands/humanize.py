"""``humanize input.mid -o output.mid``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from humanize.api import MIDI_SUFFIXES, humanize_bytes
from humanize.commands.options import INPUT, shaping_options, to_api
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
from humanize.files import starts_as_midi, write_atomically
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
    """Give each note of INPUT a pianist's velocity and change nothing else.

    INPUT is a MIDI file or a score; '-' reads a MIDI file from standard input.
    """
    target = target_of(input, output, in_place)
    require_apart(input, target, dump, plot)
    require_picture(plot)
    data = read_bytes(input)
    require_writable(input, target, data)
    as_midi = target.suffix.lower() in MIDI_SUFFIXES
    with said_while_it_lasts(f"{shown_name(input)}: reading and humanising", quiet=quiet):
        result = humanize_bytes(data, name=shown_name(input), as_midi=as_midi, **to_api(options))
    if dump is not None:
        write_atomically(dump, note_table(result))
    if plot is not None:
        result.plot(plot)
    write_target(target, in_format_of(result.bytes, input, target))
    if verbose:
        warnings = f"{result.warnings:,} warnings of the score's reader"
        click.echo(f"{shown_name(input)}: {warnings}", err=True)
    if not quiet:
        for message in _messages(result, data, options["dynamics"]):
            click.echo(printable(message), err=True)
        report(result, target)


def _messages(result: Humanized, data: bytes, dynamics: str) -> tuple[str, ...]:
    """Return what to say; of MIDI always what its velocities were taken for, unless not asked."""
    if result.messages or dynamics == "ignore" or not starts_as_midi(data):
        return result.messages
    return (taken_for(["flat"], follow=dynamics == "follow", mixed=False),)
