"""``humanize groove extract ref.mid -o feel.json``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from humanize.commands.options import FILE, INPUT
from humanize.commands.single import read_bytes, shown_name
from humanize.drums.choosing import extract_feel
from humanize.files import require_ending, require_two_files, write_atomically
from humanize.reporting.wording import counted


@click.group()
def command() -> None:
    """Feels of drums: taken from a performance, given to others with --feel."""


@command.command()
@INPUT
@click.option(
    "-o",
    "--output",
    required=True,
    type=FILE,
    metavar="JSON",
    help="Where the feel goes.",
)
def extract(input: Path, output: Path) -> None:
    """Write how the drums of INPUT are played: lag and velocity by drum and place, and swing."""
    require_two_files(input, output)
    require_ending(output, (".json",))
    feel = extract_feel(read_bytes(input), name=shown_name(input))
    write_atomically(output, (json.dumps(feel.to_json(), indent=1) + "\n").encode())
    hits, places = int(feel.count.sum()), len(feel.drum)
    click.echo(
        f"{output}: {counted(hits, 'hit')} on {counted(places, 'place')}, swing {feel.swing:.2f}; "
        f"play others so with: humanize perform drums.mid -o out.mid --feel {output}",
        err=True,
    )
