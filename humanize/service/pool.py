"""The worker processes of a service, asked from an event loop."""

from __future__ import annotations

import asyncio

from humanize.errors import LimitError
from humanize.service.settings import ServiceSettings
from humanize.service.work import Answer, UploadJob, prepare, work
from humanize.workers import WorkerPool


class Pool:
    """As many workers as the settings say, from ``start`` to ``close``."""

    def __init__(self, settings: ServiceSettings) -> None:
        self._settings = settings
        self._pool: WorkerPool[UploadJob, Answer] | None = None

    @property
    def restarts(self) -> int:
        """Return how many workers were given up and started again."""
        return 0 if self._pool is None else self._pool.restarts

    async def start(self) -> None:
        """Start every process; return when all are ready."""
        self._pool = WorkerPool(
            self._settings.workers,
            work,
            seconds=self._settings.max_seconds,
            memory_bytes=self._settings.max_memory_bytes,
            prepare=prepare,
        )
        await asyncio.to_thread(self._pool.start)

    async def run(self, job: UploadJob) -> Answer:
        """Return the answer to one job; a job given up is answered, not raised."""
        if self._pool is None:
            return Answer(error="LimitError", message="upload: the service is not running")
        try:
            return await asyncio.wrap_future(self._pool.submit(job))
        except LimitError as error:
            return Answer(error="LimitError", message=f"upload: {error}")

    async def close(self) -> None:
        """End every process after its job."""
        if self._pool is not None:
            await asyncio.to_thread(self._pool.close)
            self._pool = None
