"""``humanize morph a.mid b.mid -o out.mid``."""

from __future__ import annotations

from pathlib import Path

import click

from humanize.commands.options import FILE, SCORE, click_option
from humanize.commands.single import require_picture
from humanize.errors import OptionError
from humanize.interpretations import morph_files
from humanize.options import WRITE
from humanize.reporting.waiting import said_while_it_lasts


@click.command()
@click.argument("first", metavar="A", type=FILE)
@click.argument("second", metavar="B", type=FILE)
@click.option("-o", "--output", required=True, type=FILE, metavar="MID",
              help="Where the result goes; a series to NAME-1.mid, NAME-2.mid ...")  # fmt: skip
@click.option("--position", type=float, metavar="X",
              help="Where between: 0 is A, 1 is B; 0.5 by default.")  # fmt: skip
@click.option(
    "--steps", type=int, metavar="N", help="Write so many files from A to B, both among them."
)
@click.option("--plot", type=FILE, metavar="PNG",
              help="Also draw velocity, tempo and pedal over the bars.")  # fmt: skip
@SCORE
@click_option(WRITE)
def command(
    first: Path,
    second: Path,
    output: Path,
    position: float | None,
    steps: int | None,
    plot: Path | None,
    score: Path | None,
    write: str,
) -> None:
    """Write what lies between A and B, two interpretations of the same notes.

    A and B are MIDI files: as humanize or its perform wrote them, a pianist's performance, or the
    plain notes.
    """
    if position is not None and steps is not None:
        raise OptionError("--position and --steps found; expected one of them")
    require_picture(plot, (".png",))
    with said_while_it_lasts(f"{first}, {second}: matching and morphing"):
        written = morph_files(
            first, second, output, position=0.5 if position is None else position, steps=steps,
            write=write, plot=plot, score=score,
        )  # fmt: skip
    for path in written:
        click.echo(str(path), err=True)
