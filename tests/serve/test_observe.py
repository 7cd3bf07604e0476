"""Seen from outside: metrics, request ids, structured lines, spans; none of them holds a person."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from collections.abc import Iterator

import httpx
import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from rich.console import Console
from tests.serve.fake_service import FakeService

from vitascope.backends.home._logs import JsonLines, OneLine
from vitascope.backends.live import Looker
from vitascope.backends.tracing import open_tracer
from vitascope.base.context import REQUEST_ID
from vitascope.base.errors import ConfigError, FetchError, Refused
from vitascope.cli._app import vitascope
from vitascope.cli._top import drawn, text
from vitascope.serve import ServeConfig, create_app

BASE = "http://127.0.0.1:8000"
TOKEN = "a-long-enough-token-for-tests"
PERSON = "canary-person"


def use(client: TestClient) -> None:
    """What a person does in an evening."""
    like = {"user_id": PERSON, "item_id": "a", "type": "like"}
    assert client.post("/v1/events", json=like).status_code == 200
    assert client.post("/v1/events", json=like | {"type": "nonsense"}).status_code == 200
    assert client.get("/v1/recommendations", params={"user_id": PERSON, "surface": "music"}).status_code == 200
    assert client.get(f"/v1/people/{PERSON}/profile").status_code == 200
    assert client.get("/v1/people/nobody-canary/profile").status_code == 404
    assert client.get(f"/v1/{PERSON}/nothing").status_code == 404


def samples(told: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (s.name, tuple(sorted(s.labels.items()))): s.value
        for family in text_string_to_metric_families(told)
        for s in family.samples
    }


def test_what_is_counted(client: TestClient) -> None:
    use(client)
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    found = samples(answer.text)
    route = ("route", "/v1/people/{user_id}/profile")
    assert found["vitascope_http_requests_total", (("method", "GET"), route, ("status", "200"))] == 1
    assert found["vitascope_http_requests_total", (("method", "GET"), route, ("status", "404"))] == 1
    assert found["vitascope_http_request_seconds_count", (("method", "GET"), route)] == 2
    assert found["vitascope_events_accepted_total", ()] == 1
    assert found["vitascope_events_rejected_total", ()] == 1
    assert found["vitascope_lists_served_total", (("surface", "music"),)] == 1
    assert any(name == "vitascope_list_items_total" and dict(labels)["surface"] == "music" for name, labels in found)
    for name in ("vitascope_items", "vitascope_items_pending", "vitascope_jobs_running", "vitascope_memory_bytes"):
        assert (name, ()) in found
    assert "canary" not in answer.text


def test_labels_stay_few_whatever_is_asked_for(client: TestClient) -> None:
    for number in range(20):
        client.get(f"/{number}")
        client.get(f"/v1/{number}")
        client.request(f"M{number}", "/v1/items")
        client.get("/v1/items", headers={"host": f"h{number}.example"})
    assert len([1 for name, _labels in samples(client.get("/metrics").text) if name.endswith("requests_total")]) <= 8


def test_metrics_are_the_owners_or_a_keys_of_that_scope(service: FakeService) -> None:
    guarded = TestClient(create_app(service, ServeConfig(token=SecretStr(TOKEN))), base_url=BASE)
    assert guarded.get("/metrics").status_code == 401
    assert guarded.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200


@pytest.mark.parametrize("given", ["abc-1.2_3", "x" * 64])
def test_a_request_id_goes_through(client: TestClient, given: str) -> None:
    assert client.get("/v1/health/live", headers={"x-request-id": given}).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a\u00e9", "<script>"])
def test_a_strange_request_id_is_replaced(client: TestClient, given: str) -> None:
    made = client.get("/v1/health/live", headers={"x-request-id": given.encode()}).headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f]{16}", made)


def test_a_refused_request_has_an_id_too(client: TestClient) -> None:
    answer = client.get("/v1/people", headers={"host": "evil.example", "x-request-id": "r1"})
    assert (answer.status_code, answer.headers["x-request-id"]) == (421, "r1")


def test_one_line_a_request_without_its_person(
    client: TestClient, service: FakeService, caplog: pytest.LogCaptureFixture
) -> None:
    logger = logging.getLogger("vitascope")
    logger.propagate = True
    caplog.set_level(logging.DEBUG, logger="vitascope")
    use(client)
    ours = [r for r in caplog.records if r.name.startswith("vitascope")]
    lines = [json.loads(JsonLines().format(r)) for r in ours if r.name == "vitascope.serve.requests"]
    assert len(lines) == 6
    assert lines[3] | {"level": "info", "time": "", "process": 0, "ms": 0, "message": ""} == {
        "time": "",
        "level": "info",
        "logger": "vitascope.serve.requests",
        "process": 0,
        "message": "",
        "method": "GET",
        "route": "/v1/people/{user_id}/profile",
        "status": 200,
        "ms": 0,
        "who": "open",
    }
    assert not any("canary" in JsonLines().format(r) for r in ours)


def test_lines_within_a_request_carry_its_id() -> None:
    record = logging.LogRecord("vitascope.x", logging.INFO, "", 1, "hello\nthere", (), None)
    said = REQUEST_ID.set("r17")
    try:
        told = json.loads(JsonLines().format(record))
        assert (told["message"], told["request_id"]) == ("hello\nthere", "r17")
        assert OneLine().format(record).endswith("[r17]")
    finally:
        REQUEST_ID.reset(said)
    assert "request_id" not in json.loads(JsonLines().format(record))


# ------------------------------------------------------------------------------------------------ traces


def test_spans_of_a_request_and_the_work_under_it(service: FakeService) -> None:
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    kept = InMemorySpanExporter()
    tracer = open_tracer("http://127.0.0.1:4318", SimpleSpanProcessor(kept))
    above = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with TestClient(create_app(service, tracer=tracer), base_url=BASE) as client:
        client.get(
            "/v1/recommendations",
            params={"user_id": PERSON},
            headers={"traceparent": above, "x-request-id": "r1"},
        )
        client.get("/v1/people/nobody-canary/profile")
        spans = kept.get_finished_spans()
    (work,) = [s for s in spans if s.name == "library.recommend"]
    (failed,) = [s for s in spans if s.name == "library.profile"]
    request = next(s for s in spans if s.name == "request")
    assert work.parent is not None
    assert request.context is not None
    assert work.parent.span_id == request.context.span_id
    assert f"{request.context.trace_id:032x}" == "0af7651916cd43dd8448eb211c80319c"
    assert dict(request.attributes or {}) == {
        "http.request.method": "GET",
        "request_id": "r1",
        "http.route": "/v1/recommendations",
        "http.response.status_code": 200,
    }
    assert failed.status.description == "unknown-person"
    assert not any("canary" in span.to_json() for span in spans)


def test_traces_without_the_sdk_say_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(ConfigError, match="OpenTelemetry") as found:
        open_tracer("http://127.0.0.1:4318")
    assert "vitascope[traces]" in (found.value.remedy or "")
    with pytest.raises(ConfigError, match="address"):
        open_tracer("collector")


# ------------------------------------------------------------------------------------------------ vitascope top


@pytest.fixture
def looker(client: TestClient) -> Iterator[Looker]:
    """Looks at the client's server, one second a look."""
    seconds = iter(range(100, 1_000))

    def answer(request: httpx.Request) -> httpx.Response:
        found = client.get(request.url.path)
        return httpx.Response(found.status_code, content=found.content)

    one = Looker(BASE, clock=lambda: float(next(seconds)), transport=httpx.MockTransport(answer))
    yield one
    one.close()


def test_top_says_what_happens_each_second(client: TestClient, looker: Looker) -> None:
    assert looker.look().requests == 0
    use(client)
    state = looker.look()
    assert (state.events_per_second, state.lists_per_second, state.requests_per_second) == (1.0, 1.0, 7.0)
    assert state.mean_ms > 0
    assert state.listed[0][0] == "music"
    assert {r.route for r in state.routes} >= {"/v1/events", "/v1/people/{user_id}/profile", "/metrics"}


def test_top_as_a_command(client: TestClient, looker: Looker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vitascope.assemble.live_server", lambda home, url, token: looker)
    use(client)
    shown = io.StringIO()
    Console(file=shown, width=120).print(drawn(looker.look()))
    for told in (text(looker.look()), shown.getvalue()):
        assert "backlog" in told
        assert "/v1/people/{user_id}/profile" in told
    told = json.loads(CliRunner().invoke(vitascope, ["top", "--once", "--json", "--every", "0.2"]).stdout)
    assert (told["events"], told["lists"], told["backlog"]) == (1, 1, 0)


def test_top_of_no_server_and_of_a_guarded_one() -> None:
    def refused(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no")

    for told, error in (
        (refused, FetchError),
        (lambda _r: httpx.Response(401), Refused),
        (lambda _r: httpx.Response(200), FetchError),
    ):
        with pytest.raises(error) as found:
            Looker(BASE, transport=httpx.MockTransport(told)).look()
        assert found.value.remedy
