"""What the service may be asked to bear."""

from __future__ import annotations

import os
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class ServiceSettings:
    """Limits and access of one service.

    Attributes
    ----------
    workers : int
        Processes that compute; each holds the model once.
    max_bytes : int
        Largest upload, the whole request body.
    max_notes : int
        Most notes of a file.
    max_seconds : float
        Longest time for one computation; also for receiving a body, and for sending an answer.
    max_requests : int
        Most uploads that are received, wait or are computed at once; the next gets a 503.
    max_memory_bytes : int
        Address space of one worker.
    token : str
        Where not empty, ``/v1`` and ``/metrics`` ask for it as a bearer token.
    """

    workers: int = field(default_factory=lambda: os.cpu_count() or 1)
    max_bytes: int = 10_000_000
    max_notes: int = 200_000
    max_seconds: float = 30.0
    max_requests: int = 64
    max_memory_bytes: int = 3_000_000_000
    token: str = field(default="", repr=False)
