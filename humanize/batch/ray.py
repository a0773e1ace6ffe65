"""Shards on a Ray cluster: one task a shard, so that a lost worker costs its shard only.

A task writes its output shard whole or not at all and can be run again at any time, so Ray may
repeat it on another machine as often as it likes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Unpack

from humanize.batch.local import BatchSummary, Watch
from humanize.batch.outputs import failures_in, is_file, settle_place
from humanize.batch.settings import settings_text
from humanize.batch.shards import (
    copy_rows,
    locate,
    read_shard,
    remove_partial,
    shard_addresses,
    writing,
)
from humanize.batch.sources import Item
from humanize.batch.work import BatchJob, Limits, Outcome, prepare, run_job
from humanize.errors import (
    HumanizeError,
    InputError,
    LimitError,
    MissingExtraError,
    UnforeseenError,
)
from humanize.options import Options
from humanize.reporting.wording import counted
from humanize.workers import Worker

_UNDER_WAY_PER_CORE = 2


@dataclass(frozen=True)
class ShardTask:
    """One input shard and where its output goes; with ``resume``, what is there is counted."""

    source: str
    target: str
    options: dict[str, Any]
    limits: Limits
    resume: bool = False


@dataclass(frozen=True)
class ShardOutcome:
    """How many files of a shard ended how; ``error`` where the shard itself could not be read.

    Of a shard that an earlier run has made, ``skipped`` is 1 and its failures are
    ``failed_before``.
    """

    source: str
    done: int = 0
    failed: int = 0
    given_up: int = 0
    notes: int = 0
    skipped: int = 0
    failed_before: int = 0
    error: str = ""


def humanize_shards(
    sources: Sequence[str],
    output: str,
    *,
    ray_address: str | None = None,
    workers: int | None = None,
    resume: bool = False,
    limits: Limits | None = None,
    watch: Watch = lambda summary: None,
    **options: Unpack[Options],
) -> BatchSummary:
    """Humanise shards on Ray.

    Parameters
    ----------
    sources : sequence of str
        Shards, or folders of shards, that every machine of the cluster can read.
    output : str
        A folder or address that every machine can write; one shard of the same name for each.
    ray_address : str, optional
        Of a running cluster, or ``auto``; a local one is started and stopped otherwise.
    workers : int, optional
        Cores of the local cluster.
    resume : bool
        Pass over shards whose output is there; the files that failed in them are counted.
    limits : Limits, optional
        Where a file is given up.
    watch : callable
        Called with the summary after every shard.
    **options
        Of ``humanize.api.humanize_bytes``.

    Returns
    -------
    BatchSummary
        Counts of files; ``total``, ``skipped`` and ``shards`` count shards.

    Raises
    ------
    HumanizeError
        If an option makes no sense, the sources hold no shards, the output is not empty or was
        begun with other options, or a shard cannot be read: the others are finished first.
    """
    ray = _ray()
    settings = settings_text(dict(options))
    addresses = shard_addresses([str(source) for source in sources])
    filesystem, folder = locate(output)
    settle_place(filesystem, folder, output, settings, resume=resume)
    summary = BatchSummary(total=len(addresses))
    base = output.rstrip("/") if "://" in output else folder
    limits = limits or Limits()
    tasks = [
        ShardTask(a, f"{base}/{PurePosixPath(a).name}", dict(options), limits, resume)
        for a in addresses
    ]
    errors = []
    for outcome in _on_cluster(ray, tasks, ray_address, workers):
        _count(summary, outcome)
        errors += [outcome.error] if outcome.error else []
        watch(summary)
    remove_partial(filesystem, folder)
    if errors:
        raise InputError(
            f"{counted(len(errors), 'shard')} could not be read; the first: {errors[0]}"
        )
    return summary


def _ray() -> Any:
    try:
        import ray
    except ImportError:
        raise MissingExtraError("ray", "scale") from None
    return ray


def _count(summary: BatchSummary, outcome: ShardOutcome) -> None:
    for name in ("done", "failed", "given_up", "notes", "skipped", "failed_before"):
        setattr(summary, name, getattr(summary, name) + getattr(outcome, name))
    summary.shards += not outcome.skipped
    summary.tick()


def _on_cluster(
    ray: Any, tasks: Sequence[ShardTask], address: str | None, workers: int | None
) -> Iterator[ShardOutcome]:
    """Yield the outcome of every task as it ends, a bounded number under way."""
    mine = not ray.is_initialized()
    if mine:
        _connect(ray, address, workers)
    remote = ray.remote(num_cpus=1, max_retries=-1)(run_shard)
    most = max(1, int(ray.cluster_resources().get("CPU", 1))) * _UNDER_WAY_PER_CORE
    waiting = iter(tasks)
    under_way: list[Any] = []
    try:
        while True:
            for task in waiting:
                under_way.append(remote.remote(task))
                if len(under_way) >= most:
                    break
            if not under_way:
                return
            ended, under_way = ray.wait(under_way, num_returns=1)
            yield from ray.get(ended)
    finally:
        if mine:
            ray.shutdown()


def _connect(ray: Any, address: str | None, workers: int | None) -> None:
    quiet = {"include_dashboard": False, "log_to_driver": False, "logging_level": "error"}
    if address is None:
        ray.init(num_cpus=workers or os.cpu_count() or 1, **quiet)
        return
    try:
        ray.init(address=address, log_to_driver=False, logging_level="error")
    except (ConnectionError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"--ray-address {address}: {reason}; expected a cluster") from None


_WORKERS: dict[Limits, Worker[BatchJob, Outcome]] = {}


def run_shard(task: ShardTask) -> ShardOutcome:
    """Humanise one shard, or count what is there of it; what a task on the cluster does."""
    source, source_path = locate(task.source)
    target, target_path = locate(task.target)
    if task.resume and is_file(target, target_path):
        return _made_before(task)
    counts: dict[str, Any] = {"done": 0, "failed": 0, "given_up": 0, "notes": 0}

    def counted() -> Iterator[Outcome]:
        for item in read_shard(source, source_path, task.limits.max_bytes):
            outcome = _one(item, task)
            counts[outcome.outcome.replace(" ", "_")] += 1
            counts["notes"] += outcome.notes
            yield outcome

    try:
        with writing(target, target_path) as add:
            copy_rows(counted(), add)
    except HumanizeError as error:
        return ShardOutcome(source=task.source, error=str(error))
    return ShardOutcome(source=task.source, **counts)


def _made_before(task: ShardTask) -> ShardOutcome:
    try:
        before = failures_in(*locate(task.target))
    except HumanizeError as error:
        return ShardOutcome(source=task.source, skipped=1, error=str(error))
    return ShardOutcome(source=task.source, skipped=1, failed_before=before)


def _one(item: Item, task: ShardTask) -> Outcome:
    """Humanise one file in a child of this process, which can be given up."""
    if item.error:
        return Outcome(path=item.name, outcome="failed", message=item.error)
    limits = task.limits
    worker = _WORKERS.get(limits)
    if worker is None:
        worker = _WORKERS[limits] = Worker(
            run_job, seconds=limits.seconds, memory_bytes=limits.memory_bytes, prepare=prepare
        )
    job = BatchJob(
        name=item.name,
        source=item.source,
        folder=None,
        options=task.options,
        max_bytes=limits.max_bytes,
    )
    try:
        return worker.call(job)
    except LimitError as error:
        return Outcome(path=item.name, outcome="given up", message=f"{item.name}: {error}")
    except UnforeseenError as error:
        return Outcome(path=item.name, outcome="failed", message=f"{item.name}: {error}")
