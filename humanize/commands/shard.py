"""``humanize shard SOURCE... -o DIR``: pack loose files for many machines."""

from __future__ import annotations

import click

from humanize.batch_shards import SHARD_BYTES, ShardFormat, write_shards


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
)
def command(
    sources: tuple[str, ...], output: str, shard_bytes: int, shard_format: ShardFormat
) -> None:
    """Pack the MIDI files and scores of SOURCE into shards for 'humanize batch --engine ray'.

    SOURCE is what 'humanize batch' takes: folders, globs, archives, @LISTs.
    """
    shards, files = write_shards(
        sources, output, shard_bytes=shard_bytes, shard_format=shard_format
    )
    click.echo(f"{output}: {files:,} files in {shards:,} shards", err=True)
