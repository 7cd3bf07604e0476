"""Being seen from outside: spans of a trace. Knows no request and no person; no attribute may hold a person's id or text.

Implemented by `backends.tracing`; where traces are off there is no `Tracer`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from vitascope.base.records import Record


class Span(Protocol):
    """Some work that takes time."""

    def set(self, name: str, value: str | int | float | bool) -> None:
        """Say more of it."""
        ...

    def failed(self, what: str) -> None:
        """It did not end well; `what` is the kind of error, never its text."""
        ...


class Tracer(Protocol):
    """Where spans go."""

    def span(
        self, name: str, attributes: Mapping[str, str | int | float | bool], parent: Mapping[str, str] | None = None
    ) -> AbstractContextManager[Span]:
        """A span around a block, under the one that is open.

        Args:
            parent: headers of the request that began it (`traceparent`, W3C Trace Context); None: not a request.
        """
        ...

    def close(self) -> None:
        """Send what waits."""
        ...


class RouteLoad(Record):
    """Requests of one route since the server began."""

    method: str
    route: str
    requests: int
    failed: int
    """Answered with 5xx."""
    seconds: float
    """Sum over all of them."""


class LiveState(Record):
    """What `vitascope top` shows of a running server."""

    address: str
    at: float
    """Seconds since 1970."""
    up_seconds: float
    requests: int
    in_progress: int
    refused: int
    """Answered with 401, 403 or 429."""
    failed: int
    events: int
    lists: int
    listed: tuple[tuple[str, str, int], ...]
    """(surface, source, items given)."""
    model: str
    model_age_seconds: float | None
    jobs_running: int
    backlog: int
    """Items that wait to be described."""
    items: int
    feeds: int
    memory_bytes: int
    routes: tuple[RouteLoad, ...] = ()
    """The busiest first."""
    requests_per_second: float = 0.0
    """Over the time between two looks, as the next two."""
    events_per_second: float = 0.0
    lists_per_second: float = 0.0
    mean_ms: float = 0.0
    """Mean time of an answer between two looks."""
