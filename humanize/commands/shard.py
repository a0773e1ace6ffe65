"""``humanize shard SOURCE... -o DIR``: pack loose files for many machines."""

from __future__ import annotations

import sys

import click

from humanize.batch.shards import SHARD_BYTES, ShardFormat, write_shards
from humanize.commands.batch import MOST_EXIT
from humanize.reporting.waiting import said_while_it_lasts
from humanize.reporting.wording import counted, printable


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("-o", "--output", required=True, help="A new folder, or an address such as s3://...")
@click.option(
    "--bytes",
    "shard_bytes",
    type=click.IntRange(min=1),
    default=SHARD_BYTES,
    show_default=True,
    help="Bytes of files in a shard.",
)
@click.option(
    "--format",
    "shard_format",
    type=click.Choice(["parquet", "tar"]),
    default="parquet",
    show_default=True,
    help="Parquet needs the extra [scale]; tar needs nothing.",
)
def command(
    sources: tuple[str, ...], output: str, shard_bytes: int, shard_format: ShardFormat
) -> None:
    """Pack the MIDI files and scores of SOURCE into shards for 'humanize batch --engine ray'.

    SOURCE is what 'humanize batch' takes: folders, globs, archives, @LISTs. What cannot be read is
    said in a line each and not packed; the exit code is their number (100: that many or more).
    """
    unread = 0
    with said_while_it_lasts(f"{output}: packing") as say:

        def tell(message: str) -> None:
            nonlocal unread
            unread += 1
            say(printable(message))

        shards, files = write_shards(
            sources, output, shard_bytes=shard_bytes, shard_format=shard_format, unread=tell
        )
    left_out = f"; {unread:,} not packed" if unread else ""
    click.echo(
        f"{output}: {counted(files, 'file')} in {counted(shards, 'shard')}{left_out}", err=True
    )
    sys.exit(min(unread, MOST_EXIT))
