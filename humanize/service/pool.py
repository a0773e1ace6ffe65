"""The worker processes of a service, asked from an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any

from starlette.requests import ClientDisconnect

from humanize.errors import LimitError, UnforeseenError
from humanize.service.settings import ServiceSettings
from humanize.service.work import Answer, UploadJob, prepare, work
from humanize.workers import WorkerPool

STOPPING = "StoppingError"
"""What an answer calls the refusal of a service that is about to end."""
_GRACE_SEC = 0.5


class Pool:
    """As many workers as the settings say, from ``start`` to ``close``."""

    def __init__(self, settings: ServiceSettings) -> None:
        self._settings = settings
        self._pool: WorkerPool[UploadJob, Answer] | None = None
        self._futures: set[Future[Answer]] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._stopping = False

    @property
    def restarts(self) -> int:
        """Return how many workers were given up and started again."""
        return 0 if self._pool is None else self._pool.restarts

    async def start(self) -> None:
        """Start every process; return when all are ready."""
        self._stopping = False
        self._pool = WorkerPool(
            self._settings.workers,
            work,
            seconds=self._settings.max_seconds,
            memory_bytes=self._settings.max_memory_bytes,
            prepare=prepare,
        )
        await asyncio.to_thread(self._pool.start)

    async def run(self, job: UploadJob, gone: Coroutine[Any, Any, None]) -> Answer:
        """Return the answer to one job; a job given up is answered, not raised.

        Parameters
        ----------
        job : UploadJob
        gone : coroutine
            Ends when nobody waits for the answer any more: the job is then dropped, or its
            process ended.

        Raises
        ------
        ClientDisconnect
            If nobody waits.
        """
        pool = self._pool
        if pool is None or (self._stopping and not pool.idle):
            gone.close()
            return _stopped()
        future = pool.submit(job)
        self._futures.add(future)
        try:
            return await self._first(job, future, gone)
        except (LimitError, UnforeseenError) as error:
            return Answer(error=type(error).__name__, message=f"upload: {error}")
        finally:
            self._futures.discard(future)

    async def _first(
        self, job: UploadJob, future: Future[Answer], gone: Coroutine[Any, Any, None]
    ) -> Answer:
        computed, left = asyncio.wrap_future(future), asyncio.ensure_future(gone)
        both: set[asyncio.Future[Any]] = {computed, left}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if not computed.done():
                raise ClientDisconnect
            return _stopped() if computed.cancelled() else computed.result()
        finally:
            left.cancel()
            if not computed.done() and not future.cancel():
                self._abandon(job, future)

    def _abandon(self, job: UploadJob, future: Future[Answer]) -> None:
        task = asyncio.get_running_loop().create_task(self._end(job, future))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _end(self, job: UploadJob, future: Future[Answer]) -> None:
        """End a job that nobody waits for; most end by themselves, which costs no new process."""
        waited = asyncio.wrap_future(future)
        await asyncio.wait({waited}, timeout=_GRACE_SEC)
        if self._pool is not None and not waited.done():
            await asyncio.to_thread(self._pool.abandon, job)
            await asyncio.wait({waited})
        if not waited.cancelled():
            waited.exception()  # it is nobody's any more

    def stop(self) -> None:
        """Refuse the jobs that wait; those that are computed go on."""
        self._stopping = True
        for future in list(self._futures):
            future.cancel()

    async def close(self) -> None:
        """End every process after its job."""
        if self._pool is not None:
            await asyncio.to_thread(self._pool.close)
            self._pool = None


def _stopped() -> Answer:
    return Answer(
        error=STOPPING,
        message="the service is about to stop and takes nothing new; expected another try later",
    )
