"""Counters for Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The counters of one service, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "humanize_requests", "Uploads answered", ("route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "humanize_request_seconds",
            "Seconds from the first byte in to the answer",
            ("route",),
            buckets=_BOUNDS,
            registry=self.registry,
        )
        self.notes = Counter("humanize_notes", "Notes humanised", registry=self.registry)
        self.refused = Counter(
            "humanize_refused", "Uploads answered 503 for want of room", registry=self.registry
        )
        self.under_way = Gauge(
            "humanize_requests_under_way", "Uploads received or computed", registry=self.registry
        )
        self.restarts = Gauge(
            "humanize_worker_restarts", "Workers given up and replaced", registry=self.registry
        )

    def text(self) -> bytes:
        """Return the exposition."""
        return generate_latest(self.registry)
