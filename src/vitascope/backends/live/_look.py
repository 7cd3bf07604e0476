"""The live state of a server, read from its metrics: GET /metrics, twice for what happens each second."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitascope.base.errors import FetchError, Refused
from vitascope.base.ports.observing import LiveState, RouteLoad

if TYPE_CHECKING:
    import httpx

_MOST = 8 << 20
_ROUTES = 12
_REFUSED = ("401", "403", "429")


class Looker:
    """Asks one server.

    Args:
        address: such as http://127.0.0.1:8000.
        token: the server's token or a key with the scope `metrics`; None where it asks for nothing.
        certificate: PEM file that vouches for the server; None: what the system trusts.
        transport: for tests.
    """

    def __init__(
        self,
        address: str,
        token: str | None = None,
        certificate: Path | None = None,
        clock: Callable[[], float] = time.time,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        import ssl

        import httpx

        self._address, self._clock = address.rstrip("/"), clock
        headers = {"authorization": f"Bearer {token}"} if token else {}
        verify: Any = True if certificate is None else ssl.create_default_context(cafile=str(certificate))
        self._client = httpx.Client(headers=headers, verify=verify, timeout=10.0, transport=transport)
        self._before: LiveState | None = None

    def look(self) -> LiveState:
        """The state now; rates are over the time since the look before.

        Raises:
            Refused: the server asks for a token or key. FetchError: nobody answers there, or it is not Vitascope.
        """
        import httpx

        try:
            answer = self._client.get(f"{self._address}/metrics")
        except httpx.HTTPError as error:
            raise FetchError(
                f"no server answers ({type(error).__name__})",
                place=self._address,
                remedy="start one with `vitascope serve`, or name another with --url",
            ) from error
        if answer.status_code in (401, 403):
            raise Refused(
                "the server asks for its token, or a key with the scope `metrics`",
                place=self._address,
                remedy="make one with `vitascope access key create --scope metrics`, and name its file with --token-file",
            )
        if answer.status_code != 200 or len(answer.content) > _MOST or b"vitascope_start_time" not in answer.content:
            raise FetchError("this is no server of Vitascope", place=self._address, remedy="name another with --url")
        found = self._read(answer.text)
        before, self._before = self._before, found
        if before is None or found.at <= before.at:
            return found
        passed = found.at - before.at

        def rate(name: str) -> float:
            return round(float(max(0, getattr(found, name) - getattr(before, name))) / passed, 3)

        spent = sum(r.seconds for r in found.routes) - sum(r.seconds for r in before.routes)
        answered = sum(r.requests for r in found.routes) - sum(r.requests for r in before.routes)
        return found.model_copy(
            update={
                "requests_per_second": rate("requests"),
                "events_per_second": rate("events"),
                "lists_per_second": rate("lists"),
                "mean_ms": round(1_000 * max(0.0, spent) / answered, 3) if answered > 0 else 0.0,
            }
        )

    def _read(self, text: str) -> LiveState:
        from prometheus_client.parser import text_string_to_metric_families

        plain: dict[str, float] = {}
        requests: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
        refused, version, lists = 0.0, "", 0.0
        listed: list[tuple[str, str, int]] = []
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                name, labels, value = sample.name, sample.labels, sample.value
                if name == "vitascope_http_requests_total":
                    mine = requests[labels["method"], labels["route"]]
                    mine[0] += value
                    mine[1] += value if labels["status"].startswith("5") else 0
                    refused += value if labels["status"] in _REFUSED else 0
                elif name == "vitascope_http_request_seconds_sum":
                    requests[labels["method"], labels["route"]][2] += value
                elif name == "vitascope_list_items_total":
                    listed.append((labels["surface"], labels["source"], int(value)))
                elif name == "vitascope_lists_served_total":
                    lists += value
                elif name == "vitascope_model_info":
                    version = labels["version"]
                elif not labels:
                    plain[name] = value
        routes = [
            RouteLoad(method=m, route=r, requests=int(n), failed=int(bad), seconds=round(s, 6))
            for (m, r), (n, bad, s) in requests.items()
        ]
        routes.sort(key=lambda load: (-load.requests, load.route, load.method))
        now = self._clock()
        return LiveState(
            address=self._address,
            at=now,
            up_seconds=round(max(0.0, now - plain.get("vitascope_start_time_seconds", now)), 1),
            requests=sum(load.requests for load in routes),
            in_progress=max(0, int(plain.get("vitascope_http_requests_in_progress", 0)) - 1),  # without this look
            refused=int(refused),
            failed=sum(load.failed for load in routes),
            events=int(plain.get("vitascope_events_accepted_total", 0)),
            lists=int(lists),
            listed=tuple(sorted(listed, key=lambda one: (-one[2], one))),
            model=version,
            model_age_seconds=plain.get("vitascope_model_age_seconds"),
            jobs_running=int(plain.get("vitascope_jobs_running", 0)),
            backlog=int(plain.get("vitascope_items_pending", 0)),
            items=int(plain.get("vitascope_items", 0)),
            feeds=int(plain.get("vitascope_feeds_open", 0)),
            memory_bytes=int(plain.get("vitascope_memory_bytes", 0)),
            routes=tuple(routes[:_ROUTES]),
        )

    def close(self) -> None:
        """Let the connection go."""
        self._client.close()
