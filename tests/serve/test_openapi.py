"""The document: an example everywhere, and each fits; every error a problem; no call that it allows breaks the server."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, seed, settings
from tests.serve.fake_service import FakeService
from tests.serve.library import library, likes

from vitascope.assemble import System
from vitascope.base.errors import UsageError
from vitascope.base.ports.work import DescribeReport
from vitascope.serve import ServeConfig, create_app

JSON, PROBLEM, PIECE = "application/json", "application/problem+json", "application/offset+octet-stream"
ENDLESS = {"/v1/people/{user_id}/feed"}
"""Answers that have no end; their own tests read them."""


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    return create_app(FakeService()).openapi()


def operations(told: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in told["paths"].items():
        for method, route in methods.items():
            yield path, method, route


def wrong(told: dict[str, Any], schema: dict[str, Any], example: Any) -> list[str]:
    checker = jsonschema_rs.Draft202012Validator({**schema, "components": told["components"]})
    return [str(e.message) for e in checker.iter_errors(example)]


def test_every_operation_has_examples_that_fit(told: dict[str, Any]) -> None:
    bad = []
    for path, method, route in operations(told):
        where = f"{method.upper()} {path}"
        shown = 0
        assert route.get("summary"), where
        for parameter in route.get("parameters", ()):
            shown += 1
            bad += [(where, parameter["name"], w) for w in wrong(told, parameter["schema"], parameter["example"])]
        for kind, content in route.get("requestBody", {}).get("content", {}).items():
            if kind != JSON:
                continue
            name = content["schema"].get("$ref", "").rpartition("/")[2]
            given_ = told["components"]["schemas"].get(name, {}).get("examples") or [content["example"]]
            shown += len(given_)
            bad += [(where, "asked", w) for one in given_ for w in wrong(told, content["schema"], one)]
        for status, answer in route["responses"].items():
            content = answer.get("content", {}).get(JSON, {})
            if content.get("schema"):
                shown += 1
                bad += [(where, status, w) for w in wrong(told, content["schema"], content["example"])]
        if not shown:
            assert not route.get("parameters"), where
            assert not route["responses"]["200" if "200" in route["responses"] else "204"].get("content", {}).get(JSON)
    assert bad == []


def test_every_error_is_a_problem_and_every_name_is_taken_once(told: dict[str, Any]) -> None:
    names = [route["operationId"] for _, _, route in operations(told)]
    assert len(names) == len(set(names))
    assert all(name.isidentifier() for name in names)
    for path, method, route in operations(told):
        assert PROBLEM in route["responses"]["default"]["content"], (method, path)
        for status, answer in route["responses"].items():
            if status.isdigit() and int(status) >= 400 and status != "416":
                assert list(answer["content"]) == [PROBLEM], (method, path, status)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """A real library; work that takes minutes is refused at once."""

    def not_now(*_: Any, **__: Any) -> Any:
        raise UsageError("not in this test")

    with library(tmp_path_factory.mktemp("any") / "home") as made:
        quick(made, not_now)
        yield create_app(made, ServeConfig(allowed_hosts=("testserver", "localhost")))


def quick(system: System, not_now: Any) -> None:
    likes(system, "ada", 0, 3)
    likes(system, "ben", 0, 2)
    system.fit = not_now  # type: ignore[method-assign]
    system.describe = lambda *_, **__: DescribeReport(described=0, unchanged=0)  # type: ignore[method-assign]


def no_server_error(app: FastAPI, examples: int) -> int:
    """Calls made of the document alone; answers how many. A failure names the call that breaks the server."""
    calls = 0

    def check(operation: Any, client: TestClient) -> None:
        @seed(1)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def call(case: Any) -> None:
            nonlocal calls
            calls += 1
            answer = case.call(session=client)
            assert answer.status_code < 500, f"{case.as_curl_command()}\n{answer.text[:500]}"
            if answer.status_code >= 400 and case.method != "HEAD":
                assert answer.headers["content-type"][0].startswith(PROBLEM), case.as_curl_command()

        call()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import schemathesis

        schemathesis.serializer(PIECE)(lambda _, value: value if isinstance(value, bytes) else str(value).encode())
        schema = schemathesis.openapi.from_dict(app.openapi())
        schema.app = app
        with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
            for found in schema.get_all_operations():
                if found.ok().path not in ENDLESS:
                    check(found.ok(), client)
    return calls


def test_calls_made_of_the_document_break_nothing(app: FastAPI) -> None:
    assert no_server_error(app, 1) > 50


@pytest.mark.slow
def test_many_calls_made_of_the_document_break_nothing(app: FastAPI) -> None:
    assert no_server_error(app, 60) > 2_000


def test_every_path_of_the_map_is_in_the_document(told: dict[str, Any]) -> None:
    text = (Path(__file__).parents[2] / "docs/api-map.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE|HEAD) /v1/[^`?]+)`", text)
    there = {f"{method.upper()} {path}" for path, method, _ in operations(told)} | {"GET /v1/openapi.json"}
    assert len(named) > 60
    assert [one for one in named if one not in there] == []
