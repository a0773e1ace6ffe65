"""``humanize strip performed.mid -o plain.mid``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from humanize.commands.options import INPUT

_STANDARD = Path("-")


@click.command()
@INPUT
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path, allow_dash=True, readable=False),
    help="Where to write; '-' is standard output.",
)
def command(input: Path, output: Path) -> None:
    """Take a performance out of INPUT again and write the file that it was made of, byte for byte.

    INPUT is a MIDI file as humanize performed it, not changed since; '-' is standard input.
    Programs that save a file anew (MuseScore, sequencers) leave out the record that this needs.
    """
    from humanize.errors import OptionError
    from humanize.files import (
        midi_endings,
        one_file,
        read_input,
        require_ending,
        write_atomically,
    )
    from humanize.midi.record import strip_performance

    if _STANDARD not in (input, output) and one_file(input, output):
        raise OptionError(f"{output}: input and output are one file; expected two")
    data = sys.stdin.buffer.read() if input == _STANDARD else read_input(input)
    require_ending(output, midi_endings(input, data))
    name = "standard input" if input == _STANDARD else str(input)
    plain = strip_performance(data, name=name)
    if output == _STANDARD:
        sys.stdout.buffer.write(plain)
        sys.stdout.buffer.flush()
    else:
        write_atomically(output, plain)
