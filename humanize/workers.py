"""Worker processes that can be given up: one job at a time, a limit on seconds and on memory.

A job that takes too long, asks for too much memory or crashes its process costs that process
alone; the next call starts another. The service and the batch both run on these.
"""

from __future__ import annotations

import multiprocessing
import queue
import signal
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

from humanize.errors import LimitError

Job = TypeVar("Job")
Result = TypeVar("Result")

_OUT_OF_MEMORY = "out of memory"
_STOP_SEC = 5.0


class Worker(Generic[Job, Result]):
    """One process that runs one function, job after job.

    Parameters
    ----------
    function : callable
        Importable by name. It returns its result and raises nothing that a caller should see:
        an exception ends the process, with its traceback on standard error.
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
            If the job was given up for its time or memory, or its process ended.
        """
        if self._connection is None or self._process is None or not self._process.is_alive():
            self.kill()
            self.start()
        connection = self._connection
        if connection is None:
            raise LimitError("a worker process did not start; see its log")
        try:
            connection.send(job)
            if not connection.poll(self.seconds):
                self._give_up()
                raise LimitError(
                    f"took longer than {self.seconds:g} s and was given up; expected less. "
                    "Split the file or raise the limit"
                )
            result = connection.recv()
        except (EOFError, OSError):
            self._give_up()
            raise LimitError(
                "the process that worked on it ended, most likely for want of memory; "
                "expected a smaller file"
            ) from None
        if isinstance(result, str) and result == _OUT_OF_MEMORY:
            self._give_up()
            raise LimitError("needs more memory than the limit; expected a smaller file")
        return result

    def kill(self) -> None:
        """End the process at once; a later call starts another."""
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            self._process.kill()
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

    def start(self) -> None:
        """Start every process now; otherwise each starts with its first job."""
        list(self._threads.map(Worker.start, self.workers))

    def submit(self, job: Job) -> Future[Result]:
        """Return the future of one job; ``LimitError`` says that it was given up."""
        return self._threads.submit(self._run, job)

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


def _work(
    connection: Connection,
    function: Callable[[Any], Any],
    memory_bytes: int | None,
    prepare: Callable[[], object] | None,
) -> None:
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
            result = function(job)
        except MemoryError:
            result = _OUT_OF_MEMORY
        try:
            connection.send(result)
        except BrokenPipeError:
            return


def limit_memory(memory_bytes: int) -> None:
    """Limit the address space of this process, where the system can (not on Windows)."""
    try:
        import resource
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = memory_bytes if hard == resource.RLIM_INFINITY else min(memory_bytes, hard)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
