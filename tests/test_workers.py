from __future__ import annotations

import os
import time

import pytest

from humanize.errors import LimitError
from humanize.workers import Worker


def act(job: tuple[str, int]) -> int:
    kind, value = job
    if kind == "sleep":
        time.sleep(value)
    elif kind == "die":
        os._exit(value)
    elif kind == "hoard":
        return len(bytearray(value))
    return os.getpid()


@pytest.fixture
def worker():
    worker = Worker(act, seconds=1.5, memory_bytes=2_000_000_000)
    yield worker
    worker.close()


def test_one_process_serves_many_jobs(worker) -> None:
    processes = {worker.call(("plain", 0)) for _ in range(5)}
    assert len(processes) == 1
    assert os.getpid() not in processes
    assert worker.restarts == 0


@pytest.mark.parametrize(
    ("job", "message"),
    [
        (("sleep", 60), "longer than 1.5 s"),
        (("die", 3), "the process that worked on it ended"),
        (("hoard", 4_000_000_000), "more memory than the limit"),
    ],
)
def test_a_job_that_is_given_up_costs_its_process_alone(worker, job, message) -> None:
    before = worker.call(("plain", 0))
    with pytest.raises(LimitError, match=message):
        worker.call(job)
    assert worker.restarts == 1
    assert worker.call(("plain", 0)) != before


def fail() -> None:
    raise SystemExit(3)


def test_a_process_that_cannot_start_is_an_error() -> None:
    worker = Worker(act, seconds=1, prepare=fail)
    with pytest.raises(LimitError, match="while it started"):
        worker.call(("plain", 0))


def test_closed_twice_is_closed(worker) -> None:
    worker.call(("plain", 0))
    worker.close()
    worker.close()
