"""``humanize style ref.mid``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from humanize.commands.options import FILE, click_option
from humanize.files import require_ending, require_two_files, write_atomically
from humanize.interpretations import style_of
from humanize.options import MODEL
from humanize.reporting.waiting import said_while_it_lasts


@click.command()
@click.argument("inputs", metavar="PERFORMANCE...", nargs=-1, required=True,
                type=FILE)  # fmt: skip
@click.option("-o", "--output", type=FILE, metavar="JSON",
              help="Where the style goes, instead of being printed.")  # fmt: skip
@click_option(MODEL)
def command(inputs: tuple[Path, ...], output: Path | None, model: str) -> None:
    """Print what is a pianist's own in PERFORMANCE, MIDI files of any piece; several are averaged.

    Numbers are standard deviations of pianists, 0 as most of them. Edit them as you like and give
    them back: humanize perform score.mid -o out.mid --style style.json
    """
    if output is not None:
        require_ending(output, (".json",))
    with said_while_it_lasts(f"{inputs[0]}: listening"):
        style = json.dumps(style_of(*inputs, model=model), indent=1)
    if output is None:
        click.echo(style)
        return
    for path in inputs:
        require_two_files(path, output)
    write_atomically(output, f"{style}\n".encode())
