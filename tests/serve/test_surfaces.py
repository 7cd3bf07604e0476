"""The surfaces' routes over a real library, and the live feed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.aside import run_aside

from vitascope.assemble import System, open_system
from vitascope.base.items import ItemDraft
from vitascope.serve import ServeConfig, create_app
from vitascope.serve._feed import Feeds, TooManyFeeds
from vitascope.serve.wire.answers import Wire


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    found = open_system(tmp_path_factory.mktemp("home"))
    themes = ("piano", "rockets", "cooking")
    found.rooms.stores.items.put(
        [
            ItemDraft(
                item_id=f"i{n}", title=f"Show S01E{n:02d}" if n < 4 else f"{themes[n % 3]} {n}", tags=(themes[n % 3],)
            )
            for n in range(40)
        ]
    )
    found.rooms.touch()
    yield found
    found.close()


@pytest.fixture
def client(system: System) -> TestClient:
    return TestClient(create_app(system, ServeConfig(feed_seconds=0.01, feed_beat=0.05)), base_url="http://127.0.0.1")


def did(client: TestClient, user: str, item: str, kind: str, **more: object) -> None:
    answer = client.post("/v1/events", json={"user_id": user, "item_id": item, "type": kind, **more})
    assert answer.json()["rejected_total"] == 0, answer.text


def test_a_home_page_and_the_next_episode(client: TestClient) -> None:
    did(client, "ann", "i1", "complete")
    did(client, "ann", "i6", "progress", value=0.3)
    told = client.get("/v1/people/ann/home", params={"n": 5}).json()
    rows = {row["kind"]: row["items"] for row in told["rows"]}
    assert (rows["continue"][0]["item_id"], rows["next"][0]["item_id"]) == ("i6", "i2")
    assert rows["continue"][0]["item"]["title"] == "piano 6"
    assert client.get("/v1/items/i1/next").json()["next"]["item_id"] == "i2"
    assert client.get("/v1/items/i3/next").json()["next"] is None
    assert client.get("/v1/items/none/next").status_code == 404
    assert client.get("/v1/people/nobody/home").json()["rows"]
    assert client.get("/v1/people/ann/home", params={"surface": "radio"}).status_code == 404


def test_a_radio_says_what_it_wants(client: TestClient) -> None:
    assert client.post("/v1/radio", json={}).status_code == 422
    assert client.post("/v1/radio", json={"item_id": "i1", "mood": "calm"}).status_code == 422
    assert client.post("/v1/radio", json={"item_id": "none"}).status_code == 404
    assert client.post("/v1/radio", json={"mood": "calm"}).json()["remedy"]
    assert client.post("/v1/radio", json={"item_id": "i1"}).json()["items"] == [], "nothing here has a vector"
    assert client.get("/v1/radio/seeds").json() == {"moods": [], "creators": []}


def messages(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """Parsed messages of a stream, comments as {"comment": ...}."""
    now: dict[str, Any] = {}
    for line in lines:
        if line.startswith(":"):
            yield {"comment": line[1:].strip()}
        elif not line and now:
            yield now
            now = {}
        elif line:
            name, _, value = line.partition(": ")
            now[name] = json.loads(value) if name == "data" else value


class Fake:
    """A log of heads."""

    def __init__(self) -> None:
        self.newest = {"ann": 3, "ben": 1}

    def heads(self, users: list[str]) -> dict[str, int]:
        return {user: self.newest.get(user, 0) for user in users}

    def log_head(self) -> int:
        return sum(self.newest.values())


class Told(Wire):
    head: int


def feeds(fake: Fake, **more: Any) -> Feeds:
    how = {"every": 0.002, "beat": 0.02, "most": 3, "most_each": 2} | more
    return Feeds(fake, **how)  # type: ignore[arg-type]


async def heard(stream: Any, n: int) -> list[str]:
    """The first n messages, the comment of a beat as "beat"."""
    out = []
    async for text in stream:
        if text.startswith("id: "):
            out.append(text.split("\n")[0])
        elif text.startswith(":"):
            out.append("beat")
        if len(out) == n:
            break
    await stream.aclose()
    return out


def test_a_feed_speaks_at_once_after_each_event_and_beats_between() -> None:
    fake = Fake()

    async def run() -> None:
        made = feeds(fake)
        stream = made.open("ann", None, lambda head: Told(head=head))
        seen: list[str] = []
        async for text in stream:
            if text.startswith("retry"):
                continue
            seen.append(text.split("\n")[0] if text.startswith("id") else text.strip())
            if seen[-1] == "id: 3":
                fake.newest["ben"] += 1  # somebody else's event is none of hers
            elif seen[-1] == ": beat":
                if seen[-2] == "id: 4":
                    break
                fake.newest["ann"] = 4
        await stream.aclose()
        assert seen[0] == "id: 3"
        assert "id: 4" in seen
        assert seen.count("id: 3") == 1
        assert not made._open

    run_aside(run)


def test_a_feed_goes_on_where_it_was() -> None:
    async def run() -> None:
        fake = Fake()
        made = feeds(fake)
        assert await heard(made.open("ann", 3, lambda head: Told(head=head)), 1) == ["beat"], "nothing happened since"
        assert await heard(made.open("ann", 2, lambda head: Told(head=head)), 1) == ["id: 3"]

    run_aside(run)


def test_feeds_are_bounded_and_end_with_the_server() -> None:
    async def run() -> None:
        made = feeds(Fake())
        made.enter("ann")
        made.enter("ann")
        with pytest.raises(TooManyFeeds):
            made.enter("ann")
        stream = made.open("ben", None, lambda head: Told(head=head))
        with pytest.raises(TooManyFeeds):
            made.enter("cy")
        texts = []
        async for text in stream:
            texts.append(text)
            if text.startswith("id"):
                made.end()
        assert texts[-1].startswith("event: end")
        with pytest.raises(TooManyFeeds):
            made.enter("dee")
        made = feeds(Fake())
        dropped = made.open("ann", None, lambda head: Told(head=head))
        del dropped
        assert not made._open, "a stream that never began gives its place back"

    run_aside(run)


def test_the_route_refuses_one_feed_too_many(system: System) -> None:
    client = TestClient(create_app(system, ServeConfig(feeds=0)), base_url="http://127.0.0.1")
    answer = client.get("/v1/people/ann/feed")
    assert (answer.status_code, answer.json()["code"]) == (503, "too-many-feeds")


def test_a_channel_made_for_a_person_never_ends(client: TestClient) -> None:
    did(client, "dan", "i5", "like")
    at, played = 1_000.0, []
    for _ in range(6):
        told = client.get(
            "/v1/people/dan/schedule", params={"at": at, "n": 10, "surface": "tv", "played": played, "cards": True}
        ).json()
        assert told["slots"], "what was played comes again in the end"
        for slot in told["slots"]:
            assert slot["start"] == at
            at = slot["stop"]
            played.append(slot["item_id"])
        assert told["next_at"] == at
    assert len(set(played[:39])) == 39, "but only then"


def test_an_empty_guide_and_household(client: TestClient) -> None:
    assert client.get("/v1/guide").json() == {"programmes": []}
    assert client.get("/v1/channels").json() == {"channels": []}
    put = client.put("/v1/households/h/profiles/kim", json={"name": "Kim", "child": True})
    assert put.json()["profiles"][0]["child"]
    assert client.get("/v1/moderation/audiences/kim").json()["audience"] == "children"
    grown = client.put("/v1/households/h/profiles/kim", json={"name": "Kim"})
    assert not grown.json()["profiles"][0]["child"]
    assert client.get("/v1/moderation/audiences/kim").json()["audience"] is None
    assert client.delete("/v1/households/h/profiles/kim").status_code == 204
    assert client.get("/v1/households/h").json()["profiles"] == []
    assert client.post("/v1/channels", json={"item_id": "c", "address": "/etc/passwd"}).status_code == 422
