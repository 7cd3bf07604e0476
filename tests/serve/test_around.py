"""The API over a real library: charts, filters, sessions, own lists, the log, items one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.serve.library import CATEGORIES, client_of, library, likes, name

from vitascope.assemble import System


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Three people: ann likes science of late, ben the same and music, cat took to sport long ago."""
    with library(tmp_path_factory.mktemp("around") / "home") as made:
        likes(made, "ann", 0, 3)
        likes(made, "ben", 0, 3, 1, days_ago=1)
        likes(made, "cat", 2, 5, 8, days_ago=20)
        yield made


@pytest.fixture(scope="module")
def client(system: System) -> TestClient:
    return client_of(system)


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [hit["item_id"] for hit in answer.json()["hits"]]


def pages(client: TestClient, path: str, field: str, **asked: Any) -> list[Any]:
    """All lines of a list, page by page."""
    found, cursor = [], None
    for _ in range(50):
        answer = client.get(path, params=asked | ({"cursor": cursor} if cursor else {}))
        assert answer.status_code == 200, answer.text
        found += answer.json()[field]
        cursor = answer.json()["cursor"]
        if cursor is None:
            return found
    raise AssertionError("the pages have no end")


def test_charts_by_category(client: TestClient) -> None:
    assert set(ids(client.get("/v1/popular"))[:2]) == {name(0), name(3)}
    assert set(ids(client.get("/v1/popular", params={"category": "sport"}))) == {name(2), name(5), name(8)}
    assert ids(client.get("/v1/latest", params={"n": 3})) == [name(11), name(10), name(9)]
    assert ids(client.get("/v1/latest", params={"category": "Music", "kind": "video"})) == [name(10), name(4)]
    rising = ids(client.get("/v1/trending"))
    assert set(rising[:2]) == {name(0), name(3)}
    assert not {name(2), name(5), name(8)} & set(rising), "what was taken up weeks ago does not rise"


def test_charts_and_searches_are_paged_without_gaps(client: TestClient) -> None:
    whole = [hit["item_id"] for hit in pages(client, "/v1/latest", "hits", n=5)]
    assert whole == [name(i) for i in reversed(range(12))]
    found = [hit["item_id"] for hit in pages(client, "/v1/search", "hits", n=5, q="rocket")]
    assert sorted(found) == [name(i) for i in range(12)]
    assert [i["item_id"] for i in pages(client, "/v1/items", "items", n=5)] == [name(i) for i in range(12)]


def test_lists_by_category_and_device(client: TestClient) -> None:
    told = client.get("/v1/categories").json()["categories"]
    assert told == [{"name": name, "items": 4} for name in ("music", "science", "sport")]
    asked = {"user_id": "cat", "surface": "video", "n": 12, "categories": ["Sport", "music"], "kind": "video"}
    found = client.post("/v1/recommendations", json=asked).json()["items"]
    assert {line["item_id"] for line in found} == {name(i) for i in (4, 10)}, "and nothing that was seen"
    query = {"user_id": "cat", "surface": "video", "n": 12, "category": ["Sport", "music"], "kind": "video"}
    assert client.get("/v1/recommendations", params=query).json()["items"] == found
    acts = {"acts": [{"item_id": name(0), "type": "like"}], "categories": ["science"], "n": 12, "surface": "video"}
    session = client.post("/v1/recommendations/session", json=acts).json()["items"]
    assert {line["item_id"] for line in session} == {name(i) for i in (3, 6, 9)}
    devices = {"tv": "tv", "car": "music", "phone": "video"}
    for device, surface in devices.items():
        assert client.get("/v1/recommendations", params={"device": device, "n": 1}).json()["surface"] == surface
    assert (
        client.get("/v1/recommendations", params={"device": "tv", "surface": "short", "n": 1}).json()["surface"]
        == "short"
    )


def test_search_filters(client: TestClient) -> None:
    def found(**asked: Any) -> set[str]:
        return set(ids(client.get("/v1/search", params={"q": "rocket", "n": 50, **asked})))

    everything = set(range(12))
    assert found(kind="audio") == {name(i) for i in everything if i % 2}
    assert found(category="science") == {name(i) for i in everything if CATEGORIES[i % 3] == "science"}
    assert found(language="zh") == {name(0), name(4), name(8)}
    assert found(creator="studio 0", longest=180) == {name(0), name(2)}
    assert found(shortest=660) == {name(10), name(11)}


@pytest.mark.parametrize("cursor", ["5", "bm9wZQ", "aXRlbXMKMQ", "é", "%00"])
def test_a_cursor_that_is_not_ours_is_refused(client: TestClient, cursor: str) -> None:
    for path in ("/v1/latest", "/v1/events"):
        answer = client.get(path, params={"cursor": cursor})
        assert (answer.status_code, answer.json()["place"]) == (422, "cursor")


def test_a_session_is_answered_and_not_stored(client: TestClient, system: System) -> None:
    before = system.rooms.stores.events.last_number()
    acts = [{"item_id": name(0), "type": "complete"}, {"item_id": name(1), "type": "skip", "value": 0.05}]
    told = client.post("/v1/recommendations/session", json={"acts": acts, "surface": "video", "n": 12}).json()
    listed = [line["item_id"] for line in told["items"]]
    assert name(0) not in listed, "what was just watched is not shown again"
    assert len(listed) >= 10
    assert told["user_id"] is None
    assert system.rooms.stores.events.last_number() == before
    other = client.post("/v1/recommendations/session", json={"acts": acts[:1], "surface": "video", "n": 12}).json()
    assert other["items"] != told["items"], "a skip counts"
    bad = client.post("/v1/recommendations/session", json={"acts": [{"item_id": name(0), "type": "adore"}]})
    assert (bad.status_code, bad.json()["place"]) == (422, "events.0")


def test_own_items_are_ranked_and_none_is_lost(client: TestClient) -> None:
    asked = [name(9), name(0), "nobody's", name(6), name(2)]
    told = client.post("/v1/rank", json={"user_id": "ann", "item_ids": asked, "surface": "video"}).json()
    assert sorted([line["item_id"] for line in told["items"]] + told["left_out"]) == sorted(asked)
    assert told["left_out"] == ["nobody's"]
    scores = [line["score"] for line in told["items"]]
    assert scores == sorted(scores, reverse=True)


def test_people_alike_have_pseudonyms(client: TestClient) -> None:
    found = client.get("/v1/people/ann/similar").json()["people"]
    assert [p["common"] for p in found] == [2], "ben, and not cat"
    assert found[0]["score"] == pytest.approx(2 / 6**0.5, abs=1e-4)
    assert len(found[0]["pseudonym"]) == 32
    assert client.get("/v1/people/nobody/similar").status_code == 404


def test_the_log_is_paged_and_filtered(client: TestClient) -> None:
    mine = pages(client, "/v1/people/ben/events", "events", n=2)
    assert [e["item_id"] for e in mine] == [name(1), name(3), name(0)]
    assert {e["user_id"] for e in mine} == {"ben"}
    everyone = pages(client, "/v1/events", "events", n=3)
    assert len(everyone) == 8
    assert len(pages(client, "/v1/events", "events", item_id=name(0))) == 2
    assert pages(client, "/v1/events", "events", type="skip") == []
    assert client.get("/v1/events", params={"type": "adore"}).status_code == 422
    assert pages(client, "/v1/people", "people", order="first", limit=2) == ["ann", "ben", "cat"]


def test_impressions_and_progress(client: TestClient) -> None:
    shown = {
        "user_id": "dan",
        "surface": "video",
        "shown_id": "s1",
        "items": [{"item_id": name(4)}, {"item_id": name(5)}],
    }
    assert client.post("/v1/impressions", json=shown).json()["added"] == 2
    assert client.post("/v1/impressions", json=shown).json()["known"] == 2
    watched = {"user_id": "dan", "item_id": name(4), "position": 150.0}
    assert client.post("/v1/progress", json=watched).json()["added"] == 1
    assert client.post("/v1/progress", json=watched | {"duration": 150, "ended": True}).json()["added"] == 1
    assert client.post("/v1/progress", json=watched | {"item_id": "none"}).status_code == 422
    log = client.get("/v1/people/dan/events").json()["events"]
    assert [(e["type"], e["value"]) for e in log[:2]] == [("complete", 1.0), ("progress", 0.5)]
    assert [e["type"] for e in log[2:]] == ["impression", "impression"]


def test_a_key_makes_a_call_safe_to_repeat(client: TestClient) -> None:
    events = {"events": [{"user_id": "eve", "item_id": name(i), "type": "play"} for i in (1, 1, 2)]}
    key = {"idempotency-key": "try-1"}
    assert client.post("/v1/events/batch", json=events, headers=key).json()["added"] == 3
    assert client.post("/v1/events/batch", json=events, headers=key).json() == {
        "added": 0,
        "known": 3,
        "rejected": [],
        "rejected_total": 0,
    }
    assert client.post("/v1/events/batch", json=events, headers={"idempotency-key": "try-2"}).json()["added"] == 3


def test_follows_and_mutes(client: TestClient) -> None:
    put = {"headers": {"content-type": "application/json"}}
    assert client.put("/v1/people/fay/follows/topic%3Aastronomy", **put).json()["added"] == 1
    assert client.put("/v1/people/fay/follows/nonsense", **put).status_code == 422
    assert client.delete("/v1/people/fay/follows/topic%3Aastronomy").json()["added"] == 1
    log = client.get("/v1/people/fay/events").json()["events"]
    assert [(e["type"], e["undone"]) for e in log] == [("undo", False), ("follow", True)]
    assert client.put("/v1/people/fay/mutes/category%3Asport", **put).json()["muted"] == ["category:sport"]
    assert client.delete("/v1/people/fay/mutes/category%3Asport").json()["muted"] == []


def test_an_item_is_made_changed_and_taken_out(client: TestClient, system: System) -> None:
    path = "/v1/items/a%2Fnew"
    made = client.put(path, json={"title": "New", "tags": ["x", "y"], "creator": "Ada", "mine": "kept"})
    assert (made.status_code, made.json()["created"]) == (201, True)
    told = client.get(path)
    assert told.json()["tags"] == ["x", "y"]
    assert told.json()["extra"] == [["mine", "kept"]]
    assert client.patch(path, json={"title": "Newer", "creator": None}).json()["created"] is False
    told = client.get(path).json()
    assert (told["title"], told["creator"], told["tags"]) == ("Newer", None, ["x", "y"])
    assert client.put(path, json={"title": "Anew"}).status_code == 200
    assert client.get(path).json()["tags"] == []
    assert client.patch("/v1/items/none", json={"title": "x"}).status_code == 404
    assert client.patch(path, json={"available": False}).status_code == 200
    assert client.get(path).json()["available"] is False
    assert client.patch(path, json={"uri": "/etc/passwd"}).status_code == 422
    assert client.delete(path, params={"how": "unavailable"}).status_code == 204
    assert client.get(path).status_code == 200
    gone = client.post("/v1/items/removals", json={"item_ids": ["a/new", "none"], "how": "erased"}).json()
    assert gone == {"removed": ["a/new"], "unknown": ["none"], "how": "erased"}
    assert client.get(path).status_code == 404
    assert system.rooms.stores.items.get("a/new") is None


def test_nobody_overwrites_what_they_have_not_seen(client: TestClient) -> None:
    path = f"/v1/items/{name(7)}"
    seen = client.get(path)
    mine = seen.headers["etag"]
    again = client.get(path, headers={"if-none-match": f'"other", W/{mine}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", mine)
    assert client.patch(path, json={"title": "One"}, headers={"if-match": mine}).status_code == 200
    late = client.patch(path, json={"title": "Two"}, headers={"if-match": mine})
    assert (late.status_code, late.json()["code"]) == (412, "changed")
    assert client.get(path).json()["title"] == "One"
    assert client.get(path).headers["etag"] != mine
    assert client.put(path, json={"title": "x"}, headers={"if-none-match": "*"}).status_code == 412
    gone = client.get(f"{path}/thumbnail")
    assert gone.status_code == 404, "no picture: a problem, and no tag of one"
    assert "etag" not in gone.headers
    profile = client.get("/v1/people/ann/profile")
    same = client.get("/v1/people/ann/profile", headers={"if-none-match": profile.headers["etag"]})
    assert same.status_code == 304


def test_cards_of_a_list_take_a_fixed_number_of_reads(client: TestClient, system: System) -> None:
    from sqlalchemy import event

    engine = system.rooms.stores.items._db.engine  # type: ignore[attr-defined]
    asked = {"surface": "video", "cards": True}
    client.post("/v1/recommendations", json=asked | {"n": 1})
    counts = []
    for n in (2, 10):
        seen: list[str] = []

        def count(_c: Any, _cur: Any, statement: str, *_: Any, seen: list[str] = seen) -> None:
            seen.append(statement)

        event.listen(engine, "before_cursor_execute", count)
        told = client.post("/v1/recommendations", json=asked | {"n": n}).json()
        event.remove(engine, "before_cursor_execute", count)
        assert all(line["item"]["title"] for line in told["items"])
        counts.append(len(seen))
    assert counts[0] == counts[1]
