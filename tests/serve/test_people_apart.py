"""A person's own token reads and writes that person alone: tried on every endpoint of the OpenAPI document that names one.

Two people with something to tell them apart. Each call is made up from the document: by the other one's token it must be
refused, by the person's own it must succeed (which shows that the call was a real one). An endpoint that is added later is
tried without anybody thinking of it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from tests.media.make_clips import video

from vitascope.assemble import System, open_system
from vitascope.base.content import Description
from vitascope.base.people import Correction
from vitascope.base.ports.service import RawEvent
from vitascope.serve import ServeConfig, create_app
from vitascope.serve._access import Bound, rule_of

PEOPLE = ("ann canary-of-ann", "ben/%2F canary-of-ben")
CANARIES = ("canary-of-ann", "canary-of-ben")
KNOWN: dict[str, Any] = {
    "item_id": "item-1",
    "surface": "video",
    "q": "tone",
    "asset": 0,
    "feature": "topic:music",
    "target": "topic:music",
    "style": "account",
    "confirm": "{user}",
    "type": "like",
}
TOKEN = "a-long-enough-token-for-tests"
ENDLESS = "text/event-stream"


class Call(NamedTuple):
    """One call, with {user} where the person stands."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: str | None = None
    endless: bool = False


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A real library: five items, two people who did something."""
    one = open_system(tmp_path_factory.mktemp("apart") / "home", settings={"describe": {"language_model": False}})
    one.put_items([{"item_id": f"item-{n}", "title": f"A tone {n}", "tags": "music"} for n in range(6)])
    for number, person in enumerate(PEOPLE):
        acts = [
            RawEvent(
                user_id=person, item_id=f"item-{number}", type="like", timestamp=1.7e9, session_id=CANARIES[number]
            ),
            RawEvent(
                user_id=person, item_id=f"item-{number + 2}", type="comment", text=CANARIES[number], timestamp=1.7e9
            ),
        ]
        assert one.record(acts).added == 2
        one.correct_profile(person, Correction(name=f"topic:{CANARIES[number]}", value=0.5))
    yield one
    one.close()


def furnish(system: System, folder: Path) -> None:
    """Give the library an item with media that were looked at, for calls that need one."""
    video(folder / "a.mp4", shots=(0.5,), fps=5)
    system.ingest([str(folder)], describe=False)
    found = system.items(query={"kind": "video"})[0][0].item
    system.rooms.stores.descriptions.put(Description(item=found.key, fingerprint="x"), {})
    KNOWN["item_id"] = found.item_id


@pytest.fixture(scope="module")
def client(system: System) -> Iterator[TestClient]:
    config = ServeConfig(token=SecretStr(TOKEN), rate=0)
    with TestClient(
        create_app(system, config, system.access), base_url="http://127.0.0.1:8000", raise_server_exceptions=False
    ) as one:
        yield one


@pytest.fixture(scope="module")
def tokens(system: System) -> dict[str, str]:
    return {person: system.access.create_key("", [], person).secret for person in PEOPLE}


# ------------------------------------------------------------------------------------------------ calls from the document


def names_people(document: dict[str, Any], schema: Any, depth: int = 0) -> bool:
    """Whether a schema has a `user_id` anywhere."""
    if isinstance(schema, dict):
        if "$ref" in schema and depth < 8:
            return names_people(
                document, document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], depth + 1
            )
        return "user_id" in schema.get("properties", {}) or any(
            names_people(document, value, depth) for value in schema.values()
        )
    return isinstance(schema, list) and any(names_people(document, value, depth) for value in schema)


def bodies(document: dict[str, Any], operation: dict[str, Any]) -> list[Any]:
    """The examples of a body; where it has none, one that is made of its required fields."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return [None]
    schema = content["schema"]
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema.get("examples") or [made(document, schema)]


def made(document: dict[str, Any], schema: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return made(document, document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    if "anyOf" in schema:
        return made(document, schema["anyOf"][0])
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        wanted = set(schema.get("required", ())) | ({"user_id"} & set(schema.get("properties", {})))
        return {n: KNOWN.get(n, made(document, schema["properties"][n])) for n in sorted(wanted)}
    if kind == "array":
        return [made(document, schema["items"])]
    return {"integer": 1, "number": 0.5, "boolean": True}.get(str(kind), "x")


def personal(value: Any) -> Any:
    """An example with {user} for its person and an item that exists."""
    if isinstance(value, dict):
        told = {n: "{user}" if n == "user_id" else personal(v) for n, v in value.items()}
        return told | ({"item_id": KNOWN["item_id"]} if "item_id" in told else {})
    if isinstance(value, list):
        return [personal(v) for v in value]
    return KNOWN["item_id"] if isinstance(value, str) and value.startswith("f_0123") else value


def calls(client: TestClient) -> list[Call]:
    """Every operation that can name a person."""
    document = create_document(client)
    out: list[Call] = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            parameters = operation.get("parameters", [])
            named = {p["name"]: p["in"] for p in parameters}
            examples = bodies(document, operation)
            if "user_id" not in named and not names_people(document, operation.get("requestBody")):
                continue
            where = re.sub(r"\{(\w+)\}", lambda m: "{user}" if m[1] == "user_id" else str(KNOWN.get(m[1], "x")), path)
            query = tuple(
                (p["name"], "{user}" if p["name"] == "user_id" else str(KNOWN.get(p["name"], "x")))
                for p in parameters
                if p["in"] == "query" and (p.get("required") or p["name"] == "user_id")
            )
            endless = any(ENDLESS in r.get("content", {}) for r in operation["responses"].values())
            for example in examples:
                body = None if example is None else json.dumps(personal(example))
                if "{user}" in where or query or (body and "{user}" in body):
                    out.append(Call(method.upper(), where, query, body, endless))
    return out


def create_document(client: TestClient) -> dict[str, Any]:
    document: dict[str, Any] = client.app.openapi()  # type: ignore[attr-defined]
    return document


def send(client: TestClient, call: Call, named: str, secret: str, how: str = "plain") -> Any:
    """Make a call about `named` with a token; `how` hides the name from a careless check."""
    path = call.path.replace("{user}", quote(named, safe=""))
    query = [(n, v.replace("{user}", named)) for n, v in call.query]
    body = None if call.body is None else call.body.replace('"{user}"', json.dumps(named))
    headers = {"authorization": f"Bearer {secret}"}
    if how == "percent":
        path = call.path.replace("{user}", "".join(f"%{b:02x}" for b in named.encode()))
    elif how == "cookie":
        headers = {"cookie": f"vitascope_token={secret}"}
    elif how == "head" and call.method == "GET":
        call = call._replace(method="HEAD")
    elif how == "escapes" and body is not None:
        body = body.replace(json.dumps(named), '"' + "".join(f"\\u{ord(c):04x}" for c in named) + '"')
    elif how == "slash":
        path += "/"
    if body is not None or call.method in ("PUT", "POST"):  # calls that change something say so, with or without a body
        headers["content-type"] = "application/json"
    return client.request(call.method, path, params=query or None, content=body, headers=headers)


HOW = ("plain", "percent", "cookie", "head", "escapes", "slash")


def twisted(call: Call, own: str, other: str) -> Iterator[Call]:
    """The call with the other's name beside one's own, so that one reader sees the one and one the other."""
    if call.query:
        for pair in ((own, other), (other, own)):
            rest = tuple((n, v) for n, v in call.query if n != "user_id")
            yield call._replace(query=rest + tuple(("user_id", name) for name in pair))
    if call.body and '"user_id"' in call.body:
        for one, two in ((own, other), (other, own)):
            doubled = f'"user_id": {json.dumps(one)}, "user_id": {json.dumps(two)}'
            yield call._replace(body=call.body.replace('"user_id": "{user}"', doubled))


def try_all(client: TestClient, tokens: dict[str, str], ways: tuple[str, ...]) -> tuple[Counter[str], list[str]]:
    """How many calls were tried with another person's token, and which of them were let through, told something, or failed."""
    count: Counter[str] = Counter()
    wrong: list[str] = []

    def refused(answer: Any, what: str) -> None:
        count["tries"] += 1
        if answer.status_code < 400 or answer.status_code >= 500:
            wrong.append(f"{answer.status_code} {what}")
        if any(canary in answer.text for canary in CANARIES):
            wrong.append(f"told {what}")

    for call in calls(client):
        for own, other in (PEOPLE, PEOPLE[::-1]):
            for how in ways:
                refused(send(client, call, other, tokens[own], how), f"{how} {call}")
            for doubled in twisted(call, own, other):
                refused(send(client, doubled, other, tokens[own]), f"doubled {call}")
    return count, wrong


def try_own(client: TestClient, tokens: dict[str, str]) -> Counter[str]:
    """How many of the same calls succeed for whom they are about; what takes away comes last, the person at the very end."""
    count: Counter[str] = Counter()
    for call in sorted(calls(client), key=lambda c: (c.method == "DELETE", -c.path.count("/"))):
        for own in PEOPLE:
            if call.endless:
                continue
            count["own"] += 1
            rule = rule_of(call.method, call.path)
            mine = rule is not None and rule.bound is not Bound.NEVER
            # what is nobody's own to do (somebody's audience, people alike) is the library's owner's
            answer = send(client, call, own, tokens[own] if mine else TOKEN)
            count["own let through"] += answer.is_success
            if not answer.is_success:
                count[f"{answer.status_code} {call.method} {call.path}"] += 1
    return count


def test_no_call_about_somebody_else_succeeds(client: TestClient, tokens: dict[str, str]) -> None:
    count, wrong = try_all(client, tokens, ("plain",))
    assert wrong == []
    assert count["tries"] >= 100


@pytest.mark.slow
def test_two_thousand_calls_about_somebody_else(
    client: TestClient, system: System, tokens: dict[str, str], tmp_path: Path
) -> None:
    furnish(system, tmp_path)
    tries = 0
    while tries < 2_000:
        count, wrong = try_all(client, tokens, HOW)
        assert wrong == []
        tries += count["tries"]
    own = try_own(client, tokens)
    assert own["own let through"] >= 0.95 * own["own"], own
    print(f"{tries} tries, none let through; by whom they are about: {dict(own)}")
