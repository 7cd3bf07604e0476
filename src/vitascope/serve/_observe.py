"""Around every request: an id that stays with it, how long it took, one structured line in the log, a span where traces are on.

Stands outside of the gate, so that what the gate refuses is counted too. No line, label or span holds a path as it was asked
for, a query, a header or a body: a route's template says enough, and a path may hold a person's name.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, cast

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vitascope.base.context import REQUEST_ID
from vitascope.base.errors import VitascopeError
from vitascope.base.ports.observing import Tracer
from vitascope.base.ports.service import Service
from vitascope.serve._metrics import Metrics

log = logging.getLogger("vitascope.serve.requests")
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HEADER = "x-request-id"


class Observe:
    """ASGI middleware; see the module."""

    def __init__(self, app: ASGIApp, metrics: Metrics, tracer: Tracer | None = None, log_all: bool = False) -> None:
        self.app, self.metrics, self.tracer, self.log_all = app, metrics, tracer, log_all

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Name it, time it, count it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = _request_id(headers)
        status, began = 0, time.perf_counter()

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[_HEADER] = request_id
            await send(message)

        said = REQUEST_ID.set(request_id)
        self.metrics.in_progress.inc()
        told: dict[str, str | int | float | bool] = {"http.request.method": scope["method"], "request_id": request_id}
        parent = {name: headers[name] for name in ("traceparent", "tracestate") if name in headers}
        try:
            with self.tracer.span("request", told, parent) if self.tracer is not None else nullcontext() as span:
                try:
                    await self.app(scope, receive, named)
                except Exception:  # answered outside of this
                    status = status or 500
                    raise
                finally:
                    route = route_of(scope)
                    if span is not None:
                        span.set("http.route", route)
                        span.set("http.response.status_code", status)
                        if status >= 500 or not status:
                            span.failed(f"status {status}")
        finally:
            self.metrics.in_progress.dec()
            seconds = time.perf_counter() - began
            self.metrics.answered(scope["method"], route, status, seconds)
            fields = {
                "method": scope["method"],
                "route": route,
                "status": status,
                "ms": round(seconds * 1_000, 2),
                "who": scope.get("vitascope_who", "nobody"),
            }
            level = logging.WARNING if status >= 500 else logging.INFO if self.log_all else logging.DEBUG
            log.log(level, "%(method)s %(route)s %(status)d %(ms).2f ms %(who)s", fields, extra={"fields": fields})
            REQUEST_ID.reset(said)


def _request_id(headers: Headers) -> str:
    given = headers.get(_HEADER, "")
    return given if _ID.fullmatch(given) else secrets.token_hex(8)


def route_of(scope: Scope) -> str:
    """The template of the route that answered; "refused" where the gate did, "page" for the page's files."""
    route = scope.get("route")
    if route is None:
        return "refused"
    path = str(getattr(route, "path", ""))
    return "page" if path in ("/", "/{name:path}") else path or "unknown"


class _Watched:
    """A library whose calls are counted, and are spans where traces are on."""

    def __init__(self, service: Service, metrics: Metrics, tracer: Tracer | None) -> None:
        self._service, self._metrics, self._tracer = service, metrics, tracer

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._service, name)
        if name.startswith("_") or not callable(found):
            return found
        return self._watch(name, found)

    def _watch(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any, **named: Any) -> Any:
            with self._tracer.span(f"library.{name}", {}) if self._tracer is not None else nullcontext() as span:
                try:
                    result = call(*args, **named)
                except VitascopeError as error:
                    if span is not None:
                        span.failed(error.code)
                    raise
                self._metrics.saw(result)
                return result

        return watched


def watched(service: Service, metrics: Metrics, tracer: Tracer | None) -> Service:
    """The same library, with its calls counted."""
    return cast(Service, _Watched(service, metrics, tracer))
