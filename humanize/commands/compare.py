"""``humanize compare a.mid b.mid``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from humanize.commands.options import FILE, SCORE
from humanize.commands.single import require_picture
from humanize.errors import OptionError
from humanize.files import one_file
from humanize.interpretations import compare_files
from humanize.reporting.waiting import said_while_it_lasts


@click.command()
@click.argument("first", metavar="A", type=FILE)
@click.argument("second", metavar="B", type=FILE)
@click.option(
    "--plot",
    type=FILE,
    metavar="PNG",
    help="Also draw velocity, tempo and pedal of both over the bars.",
)
@SCORE
@click.option("--json", "as_json", is_flag=True, help="Print everything that was found as JSON.")
def command(
    first: Path, second: Path, plot: Path | None, score: Path | None, as_json: bool
) -> None:
    """Say how B is played, against A: two interpretations of the same notes.

    A and B are MIDI files: as humanize or its perform wrote them, a pianist's performance, or the
    plain notes. Sizes are in standard deviations of pianists: slightly is less than
    0.75, much more than 1.5.
    """
    for path in (first, second):
        if plot is not None and one_file(path, plot):
            raise OptionError(f"{plot}: --plot and an input are one file; expected two")
    require_picture(plot, (".png",))
    with said_while_it_lasts(f"{second}: comparing with {first}"):
        found = compare_files(first, second, score=score)
        if plot is not None:
            found.plot(plot)
    click.echo(json.dumps(found.to_json(), indent=1) if as_json else "\n".join(found.lines()))
