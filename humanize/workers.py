"""Worker processes that can be given up: one job at a time, a limit on seconds and on memory.

A job that takes too long, asks for too much memory or crashes its process costs that process
alone; the next call starts another. A process ends with the one that started it, however that
ends. The service and the batch both run on these.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

from humanize.errors import LimitError, UnforeseenError

Job = TypeVar("Job")
Result = TypeVar("Result")

_STOP_SEC = 5.0
_KILLED = -9  # exit code of a process that the system has killed, as it does for want of memory


@dataclass(frozen=True)
class _Raised:
    """What a job has raised: too much memory, or what nobody foresaw."""

    name: str
    memory: bool = False


class Worker(Generic[Job, Result]):
    """One process that runs one function, job after job.

    Parameters
    ----------
    function : callable
        Importable by name. It returns its result and raises nothing that a caller should see:
        of an exception the caller learns its name, and standard error has the traceback.
    seconds : float
        Limit for one job, the start of the process not counted.
    memory_bytes : int, optional
        Limit on the address space of the process.
    prepare : callable, optional
        Called once in the new process before its first job, to load what every job needs.
    """

    def __init__(
        self,
        function: Callable[[Job], Result],
        *,
        seconds: float,
        memory_bytes: int | None = None,
        prepare: Callable[[], object] | None = None,
    ) -> None:
        self.restarts = 0
        self.seconds = seconds
        self._arguments = (function, memory_bytes, prepare)
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        self._lock = threading.Lock()
        self._job: object = None  # the job that it works on

    def start(self) -> None:
        """Start the process and wait until it is ready.

        Raises
        ------
        LimitError
            If it ends before it is ready.
        """
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._process = context.Process(
            target=_work, args=(theirs, *self._arguments), daemon=True, name="humanize-worker"
        )
        self._process.start()
        theirs.close()
        self._connection = ours
        try:
            ours.recv()
        except (EOFError, OSError):
            self.kill()
            raise LimitError("a worker process ended while it started; see its log") from None

    def call(self, job: Job) -> Result:
        """Run one job.

        Raises
        ------
        LimitError
            If the job was given up for its time or memory, or its process was ended.
        UnforeseenError
            If it raised something, or brought its process down.
        """
        if self._connection is None or self._process is None or not self._process.is_alive():
            self.kill()
            self.start()
        connection = self._connection
        if connection is None:
            raise LimitError("a worker process did not start; see its log")
        with self._lock:
            self._job = job
        try:
            result = self._answer(connection, job)
        finally:
            with self._lock:
                self._job = None
        if isinstance(result, _Raised):
            raise self._raised(result)
        return result

    def _answer(self, connection: Connection, job: Job) -> Any:
        try:
            connection.send(job)
            if not connection.poll(self.seconds):
                self._give_up()
                raise LimitError(
                    f"took longer than {self.seconds:g} s and was given up; expected less. "
                    "Split the file or raise the limit"
                )
            return connection.recv()
        except (EOFError, OSError):
            raise self._ended() from None

    def _ended(self) -> LimitError | UnforeseenError:
        """Return what to say of a process that is gone, by how it ended."""
        code = self._exit_code()
        self._give_up()
        if code == _KILLED:
            return LimitError(
                "the system ended the process that worked on it, as it does for want of memory; "
                "expected a smaller file"
            )
        return UnforeseenError(
            f"the process that worked on it broke down ({_spoken(code)}); expected a result or an "
            "error. This is a fault of the program: please report it with the file"
        )

    def _exit_code(self) -> int | None:
        if self._process is None:
            return None
        self._process.join(_STOP_SEC)
        return self._process.exitcode

    def _raised(self, raised: _Raised) -> LimitError | UnforeseenError:
        if raised.memory:
            self._give_up()
            return LimitError("needs more memory than the limit; expected a smaller file")
        return UnforeseenError(
            f"the program stumbled over it ({raised.name}); expected a result or an error. This is "
            "a fault of the program: please report it with the file"
        )

    def abandon(self, job: object) -> None:
        """End the process if it works on a job that nobody waits for; from any thread."""
        with self._lock:
            if self._job is job and self._process is not None:
                with suppress(ValueError):  # closed meanwhile
                    _kill_with_children(self._process)

    def kill(self) -> None:
        """End the process at once; a later call starts another."""
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            _kill_with_children(self._process)
            self._process.join()
            self._process.close()
        self._process = self._connection = None

    def close(self) -> None:
        """Let the process end after its job, or kill it."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._process is not None:
            self._process.join(_STOP_SEC)
        self.kill()

    def _give_up(self) -> None:
        self.restarts += 1
        self.kill()


class WorkerPool(Generic[Job, Result]):
    """Several workers; a job waits for the first that is idle.

    Parameters
    ----------
    workers : int
    function, seconds, memory_bytes, prepare
        As for ``Worker``.
    """

    def __init__(
        self,
        workers: int,
        function: Callable[[Job], Result],
        *,
        seconds: float,
        memory_bytes: int | None = None,
        prepare: Callable[[], object] | None = None,
    ) -> None:
        self.workers = [
            Worker(function, seconds=seconds, memory_bytes=memory_bytes, prepare=prepare)
            for _ in range(workers)
        ]
        self._idle: queue.SimpleQueue[Worker[Job, Result]] = queue.SimpleQueue()
        for worker in self.workers:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="humanize")

    @property
    def restarts(self) -> int:
        """Return how many processes were given up."""
        return sum(worker.restarts for worker in self.workers)

    @property
    def idle(self) -> bool:
        """Return whether a worker waits for a job."""
        return not self._idle.empty()

    def start(self) -> None:
        """Start every process now; otherwise each starts with its first job."""
        list(self._threads.map(Worker.start, self.workers))

    def submit(self, job: Job) -> Future[Result]:
        """Return the future of one job; its errors are those of ``Worker.call``."""
        return self._threads.submit(self._run, job)

    def abandon(self, job: Job) -> None:
        """End the process that works on a job, if any does: nobody waits for its result."""
        for worker in self.workers:
            worker.abandon(job)

    def _run(self, job: Job) -> Result:
        worker = self._idle.get()
        try:
            return worker.call(job)
        finally:
            self._idle.put(worker)

    def close(self) -> None:
        """Drop the jobs that wait, let those under way end, and end the processes."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        for worker in self.workers:
            worker.close()


def _spoken(code: int | None) -> str:
    """Return how a process ended, in words."""
    if code is None or code >= 0:
        return f"exit code {code}"
    with suppress(ValueError):
        return signal.Signals(-code).name
    return f"signal {-code}"


def _kill_with_children(process: BaseProcess) -> None:
    """Kill a process and those that it has started, which are of its group."""
    if process.pid is not None and hasattr(os, "killpg"):
        with suppress(OSError):  # it has no group of its own yet, or is gone
            if os.getpgid(process.pid) == process.pid:
                os.killpg(process.pid, signal.SIGKILL)
    process.kill()


def _work(
    connection: Connection,
    function: Callable[[Any], Any],
    memory_bytes: int | None,
    prepare: Callable[[], object] | None,
) -> None:
    _end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    if prepare is not None:
        prepare()
    if memory_bytes is not None:
        limit_memory(memory_bytes)
    connection.send("ready")
    while True:
        try:
            job = connection.recv()
        except EOFError:
            return
        try:
            connection.send(_result(function, job))
        except BrokenPipeError:
            return


def _result(function: Callable[[Any], Any], job: Any) -> Any:
    try:
        return function(job)
    except MemoryError:
        return _Raised("MemoryError", memory=True)
    except Exception as error:
        if "bad_alloc" in str(error) or "bad allocation" in str(error):  # of libraries in C++
            return _Raised(type(error).__name__, memory=True)
        traceback.print_exc()
        return _Raised(type(error).__name__)


def _end_with_parent() -> None:
    """Make this process, with those it starts, end when its parent ends, even by SIGKILL."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    if hasattr(os, "setpgid"):
        with suppress(OSError):
            os.setpgid(0, 0)  # so that all can be ended together
    threading.Thread(target=_await_end, args=(parent,), daemon=True).start()


def _await_end(parent: Any) -> None:
    parent.join()
    if hasattr(os, "killpg") and os.getpgid(0) == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


def limit_memory(memory_bytes: int) -> None:
    """Limit the address space of this process, where the system can (not on Windows)."""
    try:
        import resource
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = memory_bytes if hard == resource.RLIM_INFINITY else min(memory_bytes, hard)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
