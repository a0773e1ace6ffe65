"""``humanize render``: hear a MIDI file."""

from __future__ import annotations

from pathlib import Path

import click

from humanize.commands.options import FILE
from humanize.reporting.waiting import said_while_it_lasts


@click.command()
@click.argument("input", type=FILE)
@click.option(
    "-o",
    "--output",
    required=True,
    type=FILE,
    help="Where to write: .wav, .flac or .opus.",
)
@click.option("--soundfont", type=FILE, help="Else the best one found.")
def command(input: Path, output: Path, soundfont: Path | None) -> None:
    """Render a MIDI file as sound: .wav, .flac or .opus, by OUTPUT's ending, at -23 LUFS."""
    from humanize.files import read_input, require_ending, write_atomically
    from humanize.listening.audio import FORMATS, render

    data = read_input(input)
    require_ending(output, tuple(FORMATS), bare=False)
    with said_while_it_lasts(f"{input}: rendering"):
        sound = render(data, output.suffix.lower(), name=str(input), soundfont=soundfont)
    write_atomically(output, sound)
