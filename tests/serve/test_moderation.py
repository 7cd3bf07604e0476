"""What is blocked is served nowhere: a real library behind the real API, asked at every door."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient

from vitascope.assemble import System, open_system
from vitascope.base.content import Description, Finding, Moderation, ReasonCode
from vitascope.base.items import Item, ItemDraft
from vitascope.base.ports.stores import AssetDraft
from vitascope.serve import ServeConfig, create_app

BAD, MILD, GOOD, NEW = "bad", "mild", "good", "new"


def describe(system: System, item: Item, *findings: Finding) -> None:
    made = Description(item=item.key, fingerprint="x", moderation=Moderation(findings=findings))
    system.rooms.stores.descriptions.put(made, {"text": np.array([1, 0], np.float32)})


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    """Four items with media: one the policy blocks, one with a little in it, one with nothing, one nobody looked at."""
    found = open_system(tmp_path / "home")
    stores = found.rooms.stores
    items = stores.items.put([ItemDraft(item_id=name, title=f"Rocket {name}") for name in (BAD, MILD, GOOD, NEW)])
    for number, item in enumerate(items):
        file = AssetDraft(
            uri=f"/nowhere/{number}.mp4", sha256=f"{number:064x}", bytes=1, modified=0, probe=None, duration=None
        )
        stores.items.put_assets(item.key, [file])
    describe(found, items[0], *(Finding(reason=ReasonCode.NUDITY, score=0.97, source="picture", of=3),) * 2)
    describe(found, items[1], Finding(reason=ReasonCode.VIOLENCE, score=0.4, source="transcript", quote="a fight"))
    describe(found, items[2])
    found.rooms.touch()
    yield found
    found.close()


@pytest.fixture
def client(system: System) -> TestClient:
    return TestClient(create_app(system, ServeConfig()), base_url="http://127.0.0.1")


def seen(client: TestClient, **asked: str) -> dict[str, set[str]]:
    """What each door shows."""
    lists = client.get("/v1/recommendations", params={"n": 20, **asked})
    search = client.get("/v1/search", params={"q": "rocket", **asked})
    alike = client.get(f"/v1/items/{GOOD}/similar", params=asked)
    page = client.get("/v1/items", params=asked)
    out = {}
    for name, answer in {"lists": lists, "search": search, "similar": alike, "page": page}.items():
        assert answer.status_code == 200, answer.text
        told = answer.json()
        out[name] = {line["item_id"] for line in told.get("items", told.get("hits", []))} - {GOOD}
    return out


def test_what_the_policy_blocks_is_served_nowhere(client: TestClient, system: System) -> None:
    for name, found in seen(client).items():
        assert BAD not in found, name
        assert MILD in found, name
    for path in ("", "/account", "/similar", "/media/0", "/media/0/status", "/thumbnail"):
        answer = client.get(f"/v1/items/{BAD}{path}")
        assert answer.status_code == 403, path
        assert answer.json()["code"] == "refused"
    client.post("/v1/events", json={"user_id": "ann", "item_id": GOOD, "type": "like"})
    assert client.get("/v1/explain", params={"user_id": "ann", "item_id": BAD}).status_code == 403
    assert BAD not in seen(client, user_id="ann")["lists"]
    from vitascope.base.ports.service import Ask

    lists = dict(system.recommend_many(["ann", "nobody"], Ask(n=20, candidates=(BAD, MILD))))
    assert {r.item_id for found in lists.values() for r in found.items} == {MILD}


def test_a_child_sees_less_at_every_door(client: TestClient, system: System) -> None:
    system.put_audience("kim", "children", "ada", "is seven")
    for name, found in seen(client, user_id="kim").items():
        assert found == set(), name
    for name, found in seen(client, audience="children").items():
        assert found == set(), name
    assert client.get(f"/v1/items/{MILD}", params={"audience": "children"}).status_code == 403
    assert client.get(f"/v1/items/{MILD}").status_code == 200
    for path in ("", "/account", "/similar", "/media/0", "/media/0/status", "/thumbnail"):
        answer = client.get(f"/v1/items/{MILD}{path}", params={"user_id": "kim"})
        assert answer.status_code == 403, path
    assert client.get("/v1/search", params={"q": "x", "audience": "gods"}).status_code == 422
    assert client.get("/v1/moderation/audiences/kim").json() == {"user_id": "kim", "audience": "children"}
    gone = client.put("/v1/moderation/audiences/kim", json={"audience": None, "who": "ada", "why": "grew up"})
    assert gone.json()["audience"] is None
    assert MILD in seen(client, user_id="kim")["lists"]


def test_an_owner_decides_and_somebody_appeals(client: TestClient) -> None:
    assert [c["item_id"] for c in client.get("/v1/moderation/queue").json()["cases"]] == [BAD]
    told = {"verdict": "allow", "who": "ada", "why": "a painting"}
    case = client.post(f"/v1/moderation/items/{BAD}/decision", json=told).json()
    assert (case["verdict"], case["by"], case["automatic"], case["shown"]) == ("allow", "owner", "block", True)
    assert not case["audiences"]["children"]["shown"], "the children's rules stand"
    for name, found in seen(client).items():
        assert BAD in found, name
    assert client.get(f"/v1/items/{BAD}").json()["content"]["moderation"] == "allow"
    assert client.get("/v1/moderation/queue").json()["total"] == 0

    appeal = client.post(f"/v1/moderation/items/{GOOD}/appeal", json={"who": "ben", "why": "not for me"}).json()
    assert appeal["appeal"]["why"] == "not for me"
    assert [c["item_id"] for c in client.get("/v1/moderation/queue").json()["cases"]] == [GOOD]
    client.post(f"/v1/moderation/items/{GOOD}/decision", json={"verdict": "block", "who": "ada", "why": "he is right"})
    assert client.get("/v1/moderation/queue").json()["total"] == 0
    assert GOOD not in {i["item_id"] for i in client.get("/v1/search", params={"q": "rocket"}).json()["hits"]}
    assert [c["item_id"] for c in client.get("/v1/moderation/items").json()["cases"]] == [BAD, GOOD]

    trail = client.get("/v1/moderation/audit").json()
    assert [(a["act"], a["who"]) for a in trail["acts"]] == [("decide", "ada"), ("appeal", "ben"), ("decide", "ada")]
    assert trail["broken"] is None
    assert client.get("/v1/moderation/audit", params={"item_id": GOOD}).json()["total"] == 2
    assert client.get("/v1/moderation/policy").json()["audiences"]["children"]["hold_review"]


@pytest.mark.parametrize(
    "told",
    [
        {"verdict": "age-limit", "who": "a", "why": "b"},
        {"verdict": "allow", "who": "a", "why": "b", "age": 12},
        {"verdict": "allow", "who": " ", "why": "b"},
        {"verdict": "burn", "who": "a", "why": "b"},
        {"verdict": "block", "who": "a", "why": "b", "audience": "gods"},
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(client: TestClient, told: dict[str, object]) -> None:
    assert client.post(f"/v1/moderation/items/{GOOD}/decision", json=told).status_code == 422
    assert client.get("/v1/moderation/audit").json()["total"] == 0


def test_a_description_says_what_holds_today(system: System) -> None:
    assert system.export_one(BAD)["moderation"]["decision"] == "block"
    system.moderation_decide(BAD, next(v for v in type(system.item(BAD).judgement.verdict) if v == "warn"), "a", "b")
    told = system.export_one(BAD)["moderation"]
    assert told["decision"] == "warn"
    assert told["findings"][0]["reason"] == "nudity"
