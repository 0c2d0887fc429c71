"""Figures for a monitoring system in the Prometheus format: counts and times by route.

Labels are route templates, methods and statuses; no name, path or text of anybody's enters.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_LABELS = ("method", "route", "status")


class Metrics:
    """The figures of one application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "cultivar_requests", "Requests answered.", _LABELS, registry=self._registry
        )
        self._seconds = Histogram(
            "cultivar_request_seconds", "Time to the end of the answer.", ("method", "route"),
            buckets=_SECONDS, registry=self._registry,
        )  # fmt: skip
        self.at_work = Gauge(
            "cultivar_requests_at_work", "Requests being answered.", registry=self._registry
        )

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def shown(self) -> bytes:
        """Return all figures as text."""
        return generate_latest(self._registry)
