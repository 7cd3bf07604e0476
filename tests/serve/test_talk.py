"""Conversation over the wire: the state goes out and comes back, a spoken clip is heard, what is made up is refused."""

from __future__ import annotations

from base64 import b64encode

from fastapi.testclient import TestClient


def test_the_conversation_travels_with_the_answer(client: TestClient) -> None:
    first = client.post("/v1/people/ada/talk", json={"text": "something calm", "n": 2}).json()
    assert [i["item_id"] for i in first["items"]] == first["state"]["shown"]
    assert first["items"][0]["item"]["title"] == first["items"][0]["title"]
    second = client.post("/v1/people/ada/talk", json={"text": "shorter", "state": first["state"]}).json()
    assert second["state"]["refused"] == first["state"]["shown"]


def test_a_spoken_request_is_heard(client: TestClient) -> None:
    spoken = b64encode(b"play something calm").decode()
    told = client.post("/v1/people/ada/talk", json={"audio": spoken}).json()
    assert told["heard"] == "play something calm"
    wrong = client.post("/v1/people/ada/talk", json={"audio": "not base64!"})
    assert (wrong.status_code, wrong.json()["place"]) == (422, "audio")


def test_what_says_nothing_or_is_made_up_is_refused(client: TestClient) -> None:
    assert client.post("/v1/people/ada/talk", json={"text": "  "}).status_code == 422
    assert client.post("/v1/people/ada/talk", json={"text": "x" * 2_001}).status_code == 422
    for state in ({"wish": {"least": -1}}, {"shown": ["a"] * 300}, {"odd": 1}, {"wish": {"moods": ["x"] * 50}}):
        assert client.post("/v1/people/ada/talk", json={"text": "calm", "state": state}).status_code == 422


def test_the_examples_of_the_documentation_work(client: TestClient) -> None:
    schemas = client.get("/v1/openapi.json").json()["components"]["schemas"]
    for example in schemas["TalkIn"]["examples"]:
        assert client.post("/v1/people/ada/talk", json=example).status_code == 200


def test_content_for_one_person_is_given_with_its_own_headers(client: TestClient) -> None:
    assert client.get("/v1/people/ada/matter/a").json()["title"] == "Calm tone"
    assert client.get("/v1/people/ada/digest").json()["week"] == "2026-W48"
    page = client.get("/v1/people/ada/digest.html", params={"language": "zh"})
    assert page.headers["content-type"].startswith("text/html")
    assert "sandbox" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    assert client.get("/v1/people/ada/digest.wav").headers["content-type"] == "audio/wav"
    film = client.get("/v1/people/ada/trailers/a", params={"seconds": 10})
    assert (film.content, film.headers["content-type"]) == (b"film", "video/mp4")
    assert client.get("/v1/people/ada/trailers/a/captions").text.startswith("WEBVTT")
    assert client.get("/v1/people/ada/trailers/nobody").status_code == 404
    assert client.get("/v1/people/ada/trailers/a", params={"seconds": 1_000}).status_code == 422
