"""One like through the API, on a real home: the person's next list is another, and it is said what moved and why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from vitascope.assemble import System, open_system
from vitascope.serve import ServeConfig, create_app

ITEMS = [
    {"item_id": f"{tag}-{n}", "title": f"{tag} film {n}", "tags": [tag], "kind": "video", "creator": f"{tag} people"}
    for n in range(4)
    for tag in ("space", "food", "music")
]
ASK = {"user_id": "ana", "surface": "video", "n": 5, "explain": True}


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    opened = open_system(tmp_path / "home", settings={"models": {"off": ["language_model"]}})
    opened.put_items(ITEMS)
    opened.describe()
    yield opened
    opened.close()


def test_one_like_changes_the_next_list_and_says_why(system: System) -> None:
    with TestClient(create_app(system, ServeConfig()), base_url="http://127.0.0.1") as client:
        done = client.post(
            "/v1/events/batch", json={"events": [{"user_id": "bea", "item_id": "food-0", "type": "complete"}]}
        )
        assert done.status_code == 200, done.text
        told = client.post(
            "/v1/feedback", json={"events": [{"user_id": "ana", "item_id": "space-0", "type": "like"}], "ask": ASK}
        )
        assert told.status_code == 200, told.text
        body = told.json()
        before, after = ([line["item_id"] for line in body[part]["items"]] for part in ("before", "after"))
        assert before != after
        assert set(after[:3]) == {"space-1", "space-2", "space-3"}
        assert "space-0" not in after, "what was liked counts as seen"
        moved = {move["item_id"]: move for move in body["moves"]}
        risen = [i for i in after if i not in before or after.index(i) < before.index(i)]
        assert risen
        for item in set(risen) & {"space-1", "space-2", "space-3"}:
            assert moved[item]["after"] == after.index(item) + 1
            assert "space film 0" in moved[item]["why"]
            assert moved[item]["why_zh"]
        first = body["after"]["items"][0]["explanation"]
        assert "space film 0" in first["sentence"]
        assert any(c["feature"] == "tag:space" and c["product"] > 0 for c in first["contributions"])
        listed = client.post("/v1/recommendations", json=ASK)
        assert [line["item_id"] for line in listed.json()["items"]] == after, "the very next list is that one"
        other = client.post("/v1/recommendations", json={**ASK, "user_id": "bea"}).json()
        assert other["items"][0]["item_id"].startswith("food"), "only this person's list moved"
