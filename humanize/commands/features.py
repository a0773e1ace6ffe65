"""``humanize features in.mid -o table.parquet``."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import click

from humanize.commands.options import FILE, INPUT, click_option
from humanize.errors import MissingExtraError, OptionError
from humanize.extras import require_package
from humanize.features import feature_table
from humanize.files import read_input, write_atomically
from humanize.midi.reading import read_midi
from humanize.options import SPLIT, Split
from humanize.reporting.waiting import said_while_it_lasts
from humanize.reporting.wording import counted

if TYPE_CHECKING:
    import pandas as pd

_SUFFIXES = (".parquet", ".csv")


@click.command()
@INPUT
@click.option(
    "-o",
    "--output",
    required=True,
    type=FILE,
    metavar="TABLE",
    help="A .parquet (needs the extra [train]) or .csv file.",
)
@click_option(SPLIT)
def command(input: Path, output: Path, split: Split) -> None:
    """Write the feature table of INPUT: a row per note, every feature, no velocity."""
    if output.suffix not in _SUFFIXES:
        raise OptionError(
            f"{output}: {output.suffix or 'no ending'} found; expected .parquet or .csv"
        )
    with said_while_it_lasts(f"{input}: reading, and computing its features"):
        table = features_of_file(read_input(input), name=str(input), split=split)
        write_atomically(output, _encoded(table, output.suffix))
    click.echo(f"{output}: {counted(len(table), 'note')}, {table.shape[1]} columns", err=True)


def features_of_file(data: bytes, *, name: str, split: Split = "programs") -> pd.DataFrame:
    """Return the features of every pitched note, with onset, pitch, track and instrument first."""
    require_package("pandas", "pandas")
    import pandas as pd

    frames = []
    for piece in read_midi(data, name=name, split=split).pieces:
        for _, notes in piece.instruments():
            if notes.instrument[0] >= 0:
                table = feature_table(notes)
                columns = {"onset_beat": notes.onset_beat, "track": notes.track}
                known = pd.DataFrame({**columns, "instrument": notes.instrument})
                frames.append(known.join(pd.DataFrame(table.values, columns=list(table.names))))
    return pd.concat(frames, ignore_index=True)


def _encoded(table: pd.DataFrame, suffix: str) -> bytes:
    if suffix == ".csv":
        return table.to_csv(index=False).encode()
    buffer = io.BytesIO()
    try:
        table.to_parquet(buffer, index=False)
    except ImportError:
        raise MissingExtraError("pyarrow", "train") from None
    return buffer.getvalue()
