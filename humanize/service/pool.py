"""The worker processes of a service, asked from an event loop."""

from __future__ import annotations

import asyncio
import queue
from concurrent.futures import ThreadPoolExecutor

from humanize.errors import LimitError
from humanize.service.settings import ServiceSettings
from humanize.service.work import Answer, UploadJob, prepare, work
from humanize.workers import Worker


class Pool:
    """As many workers as the settings say; a job waits for the first that is idle."""

    def __init__(self, settings: ServiceSettings) -> None:
        self._workers = [
            Worker(
                work,
                seconds=settings.max_seconds,
                memory_bytes=settings.max_memory_bytes,
                prepare=prepare,
            )
            for _ in range(settings.workers)
        ]
        self._idle: queue.SimpleQueue[Worker[UploadJob, Answer]] = queue.SimpleQueue()
        self._threads: ThreadPoolExecutor | None = None

    @property
    def restarts(self) -> int:
        """Return how many workers were given up and started again."""
        return sum(worker.restarts for worker in self._workers)

    async def start(self) -> None:
        """Start every process; return when all are ready."""
        loop = asyncio.get_running_loop()
        self._threads = ThreadPoolExecutor(len(self._workers), thread_name_prefix="humanize")
        starts = [loop.run_in_executor(self._threads, worker.start) for worker in self._workers]
        await asyncio.gather(*starts)
        for worker in self._workers:
            self._idle.put(worker)

    async def run(self, job: UploadJob) -> Answer:
        """Return the answer to one job; a job given up is answered, not raised."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, job)

    def _run(self, job: UploadJob) -> Answer:
        worker = self._idle.get()
        try:
            return worker.call(job)
        except LimitError as error:
            return Answer(error="LimitError", message=f"upload: {error}")
        finally:
            self._idle.put(worker)

    async def close(self) -> None:
        """End every process after its job."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        if self._threads is not None:
            self._threads.shutdown(wait=True, cancel_futures=True)
        for worker in self._workers:
            worker.close()
