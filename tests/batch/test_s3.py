"""Shards in an object store: a local server that speaks S3, and a local Ray cluster."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from batch_music import midi
from click.testing import CliRunner

from humanize.api import humanize_bytes
from humanize.batch.shards import locate, read_shard, shard_addresses
from humanize.commands.batch import command as batch
from humanize.commands.shard import command as shard
from humanize.errors import OptionError

pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed; it is in [scale]")
moto = pytest.importorskip("moto.server", reason="moto[server] is not installed; it is in [dev]")


def files_of(address):
    return [(item.name, item.source) for item in read_shard(*locate(address))]


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch):
    """The address of an empty bucket."""
    import boto3

    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    about = {
        "AWS_ACCESS_KEY_ID": "someone",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name, value in about.items():
        monkeypatch.setenv(name, value)
    boto3.client("s3").create_bucket(Bucket="music")
    yield "s3://music"
    server.stop()


def test_a_batch_from_bucket_to_bucket(bucket: str, tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="ray is not installed; it is in [scale]")
    songs = {f"{seed:02d}.mid": midi(seed) for seed in range(12)} | {"bad.mid": b"no music"}
    for name, data in songs.items():
        (tmp_path / name).write_bytes(data)
    run = CliRunner()
    packed = run.invoke(shard, [str(tmp_path), "-o", f"{bucket}/in", "--bytes", "2000"])
    assert packed.exit_code == 0, packed.output
    assert dict(entries(f"{bucket}/in")) == songs
    arguments = [f"{bucket}/in", "-o", f"{bucket}/out", "--engine", "ray", "--workers", "2"]
    made = run.invoke(batch, arguments)
    assert made.exit_code == 1, made.output  # one file failed
    rows = [row for address in shard_addresses([f"{bucket}/out"]) for row in table(address)]
    assert Counter(str(row["name"]) for row in rows) == Counter(list(songs))
    for row in rows:
        if row["name"] == "bad.mid":
            assert row["bytes"] is None and row["message"]
        else:
            assert row["bytes"] == humanize_bytes(songs[row["name"]]).bytes
    again = run.invoke(batch, [*arguments, "--resume"])
    assert again.exit_code == 1, again.output  # it has no result still
    assert "already there, 1 failed before, 0 failed" in again.output
    other = run.invoke(batch, [*arguments, "--resume", "--strength", "0.5"])
    assert isinstance(other.exception, OptionError), other.output
    assert "s3://music/out: begun with other options" in str(other.exception)


def entries(address: str) -> list[tuple[str, bytes]]:
    return [entry for a in shard_addresses([address]) for entry in files_of(a)]


def table(address: str) -> list[dict[str, object]]:
    import pyarrow.parquet

    filesystem, path = locate(address)
    return pyarrow.parquet.read_table(path, filesystem=filesystem).to_pylist()
