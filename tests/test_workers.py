from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from humanize.errors import LimitError, UnforeseenError
from humanize.workers import Worker, WorkerPool


def act(job: tuple[str, int]) -> int:
    kind, value = job
    if kind == "sleep":
        time.sleep(value)
    elif kind == "die":
        os._exit(value)
    elif kind == "hoard":
        return len(bytearray(value))
    elif kind == "signal":
        os.kill(os.getpid(), value)
        time.sleep(60)
    elif kind == "stumble":
        raise ZeroDivisionError
    elif kind == "child":
        return subprocess.Popen(["sleep", "60"]).pid
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
        (("signal", signal.SIGKILL), "the system ended .* for want of memory"),
        (("hoard", 4_000_000_000), "more memory than the limit"),
    ],
)
def test_a_job_that_is_given_up_costs_its_process_alone(worker, job, message) -> None:
    before = worker.call(("plain", 0))
    with pytest.raises(LimitError, match=message):
        worker.call(job)
    assert worker.restarts == 1
    assert worker.call(("plain", 0)) != before


@pytest.mark.parametrize(
    ("job", "message", "restarts"),
    [
        (("die", 3), r"broke down \(exit code 3\)", 1),
        (("signal", signal.SIGSEGV), r"broke down \(SIGSEGV\)", 1),
        (("stumble", 0), r"stumbled over it \(ZeroDivisionError\)", 0),
    ],
)
def test_what_broke_down_is_not_called_want_of_memory(worker, job, message, restarts) -> None:
    with pytest.raises(UnforeseenError, match=message) as told:
        worker.call(job)
    assert "memory" not in str(told.value)
    assert worker.restarts == restarts
    assert worker.call(("plain", 0)) > 0


def is_running(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_gone(*pids: int) -> bool:
    for _ in range(400):
        if not any(map(is_running, pids)):
            return True
        time.sleep(0.025)
    return False


linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")


@linux
def test_what_a_job_has_started_ends_with_its_process(worker) -> None:
    child = worker.call(("child", 0))
    assert is_running(child)
    worker.kill()
    assert wait_until_gone(child)


PARENT = """
import sys
from test_workers import act
from humanize.workers import Worker

if __name__ == "__main__":
    worker = Worker(act, seconds=60)
    print(worker.call(("plain", 0)), worker.call(("child", 0)), flush=True)
    worker.call(("sleep", 60))
"""


@linux
def test_a_process_at_work_ends_with_a_parent_that_is_killed(tmp_path) -> None:
    (tmp_path / "parent.py").write_text(PARENT)
    root = Path(__file__).parents[1]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), str(root / "tests")])}
    command = [sys.executable, str(tmp_path / "parent.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert all(map(is_running, pids))
        parent.kill()
    assert len(pids) == 2
    assert wait_until_gone(*pids)


def test_a_job_that_nobody_waits_for_is_ended_and_no_other() -> None:
    pool: WorkerPool[tuple[str, int], int] = WorkerPool(1, act, seconds=60)
    try:
        pool.submit(("plain", 0)).result()
        job = ("sleep", 60)
        future = pool.submit(job)
        while not future.running() or pool.workers[0]._job is not job:
            time.sleep(0.005)
        pool.abandon(("sleep", 60))  # equal, and yet another job
        assert not future.done()
        pool.abandon(job)
        assert isinstance(future.exception(timeout=10), LimitError)
        assert pool.submit(("plain", 0)).result(timeout=30) > 0
    finally:
        pool.close()


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
