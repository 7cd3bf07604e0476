"""What the server counts, for Prometheus: GET /metrics. A registry of its own; no label ever holds a person or an item.

Takes what happened; gives the text that Prometheus reads. Labels are bounded: methods and routes as the application
declares them, status codes, surfaces, and at most sixty-four names of sources.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from vitascope.base.errors import VitascopeError
from vitascope.base.ports.service import EventsReport, Feedback, Service, Status
from vitascope.base.ranking import RecommendationList

CONTENT_TYPE = CONTENT_TYPE_LATEST
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SOURCES = 64
_STATE_SECONDS = 10.0
"""How long what a library says of itself is kept between two scrapes."""


class Metrics:
    """The counts of one server process.

    Args:
        jobs, feeds: how many jobs run and feeds are open now.
    """

    def __init__(
        self,
        service: Service,
        jobs: Callable[[], int],
        feeds: Callable[[], int],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        self._sources: set[str] = set()
        made: dict[str, Any] = {"registry": self.registry}
        self.requests = Counter(
            "vitascope_http_requests", "Requests that were answered", ["method", "route", "status"], **made
        )
        self.seconds = Histogram(
            "vitascope_http_request_seconds",
            "From the first byte asked to the last byte given",
            ["method", "route"],
            buckets=_BUCKETS,
            **made,
        )
        self.in_progress = Gauge("vitascope_http_requests_in_progress", "Requests that are being answered", **made)
        self.events = Counter("vitascope_events_accepted", "Events that are on disk", **made)
        self.rejected = Counter("vitascope_events_rejected", "Events that were set aside", **made)
        self.lists = Counter("vitascope_lists_served", "Lists that were given", ["surface"], **made)
        self.listed = Counter(
            "vitascope_list_items",
            "Items of these lists, by the source that spoke for them",
            ["surface", "source"],
            **made,
        )
        started = Gauge("vitascope_start_time_seconds", "When this process began to serve, since 1970", **made)
        started.set(clock())
        self.registry.register(_State(service, jobs, feeds, clock))

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered."""
        method = method if method in _METHODS else "other"
        self.requests.labels(method, route, str(status)).inc()
        self.seconds.labels(method, route).observe(seconds)

    def saw(self, result: object) -> None:
        """Count what a call of the library gave."""
        if isinstance(result, EventsReport):
            self.events.inc(result.added)
            self.rejected.inc(result.rejected_total)
        elif isinstance(result, Feedback):
            self.saw(result.report)
            self.saw(result.after)
        elif isinstance(result, RecommendationList):
            self.lists.labels(result.surface.value).inc()
            for source, count in result.spoke:
                self.listed.labels(result.surface.value, self._source(source)).inc(count)

    def _source(self, name: str) -> str:
        if name not in self._sources and len(self._sources) >= _SOURCES:
            return "other"
        self._sources.add(name)
        return name

    def text(self) -> bytes:
        """What Prometheus reads."""
        return generate_latest(self.registry)


class _State(Collector):
    """What is so at the moment of the scrape."""

    def __init__(
        self, service: Service, jobs: Callable[[], int], feeds: Callable[[], int], clock: Callable[[], float]
    ) -> None:
        self._service, self._jobs, self._feeds, self._clock = service, jobs, feeds, clock
        self._kept: tuple[float, Status] | None = None
        self._process = psutil.Process()

    def _status(self) -> Status | None:
        now = time.monotonic()
        if self._kept is None or now - self._kept[0] > _STATE_SECONDS:
            try:
                self._kept = (now, self._service.status())
            except VitascopeError:
                return None
        return self._kept[1]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges."""
        told: list[tuple[str, str, float]] = [
            ("vitascope_jobs_running", "Jobs (fits, describing) that run in this process", self._jobs()),
            ("vitascope_feeds_open", "Live feeds that are open in this process", self._feeds()),
            ("vitascope_memory_bytes", "Resident memory of this process", self._process.memory_info().rss),
            ("vitascope_cpu_seconds", "Processor time of this process", sum(self._process.cpu_times()[:2])),
        ]
        status = self._status()
        if status is not None:
            told += [
                ("vitascope_items", "Items of the library", status.counts.items),
                ("vitascope_items_pending", "Items that wait to be described", status.counts.pending),
                ("vitascope_events", "Events in the log", status.counts.events),
                ("vitascope_disk_left_bytes", "Free on the home's disk", status.disk_left),
            ]
        for name, about, value in told:
            yield GaugeMetricFamily(name, about, value=value)
        model = status.model if status is not None else None
        info = GaugeMetricFamily("vitascope_model_info", "The model that ranks", labels=["version"])
        age = GaugeMetricFamily("vitascope_model_age_seconds", "Since it was trained")
        if model is not None:
            info.add_metric([model.version], 1)
            age.add_metric([], max(0.0, self._clock() - model.created_at))
        yield info
        yield age
