"""The gate: host names, other sites, bodies, tokens, headers, media types, byte ranges."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from tests.serve.fake_service import FakeService

from vitascope.base.errors import UsageError
from vitascope.serve import ServeConfig, create_app, run

LIKE = {"user_id": "ada", "item_id": "a", "type": "like"}
TOKEN = "a-long-enough-token-for-tests"


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "LOCALHOST:99", "[::1]:8000", "127.0.0.1"])
def test_names_of_this_machine_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/v1/health/live", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost@evil.example",
        "evil.example#localhost",
        "",
        "[::1",
        "10.0.0.1",
    ],
)
def test_a_rebound_name_is_refused(client: TestClient, host: str) -> None:
    answer = client.get("/v1/people", headers={"host": host})
    assert (answer.status_code, answer.json()["code"]) == (421, "wrong-host")


def test_further_names_can_be_allowed(service: FakeService) -> None:
    app = create_app(service, ServeConfig(allowed_hosts=("media.home",)))
    assert TestClient(app, base_url="http://media.home:8000").get("/v1/status").status_code == 200
    assert TestClient(app, base_url="http://other.home").get("/v1/status").status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "https://127.0.0.1:8000"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/events"),
        ("DELETE", "/v1/items/a"),
        ("PATCH", "/v1/people/a/profile"),
    ],
)
def test_another_page_changes_nothing(
    client: TestClient,
    service: FakeService,
    headers: dict[str, str],
    method: str,
    path: str,
) -> None:
    answer = client.request(method, path, json=LIKE, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "cross-site")
    assert service.events == []
    assert "a" in service.views


def test_this_page_and_scripts_may_change(client: TestClient) -> None:
    same = {"origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-origin"}
    assert client.post("/v1/events", json=LIKE, headers=same).status_code == 200
    assert client.post("/v1/events", json=LIKE).status_code == 200


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/v1/events", "/v1/models/rollback"])
def test_a_form_changes_nothing(client: TestClient, kind: str, path: str) -> None:
    answer = client.post(
        path,
        content=b'{"user_id":"ada","item_id":"a","type":"like"}',
        headers={"content-type": kind},
    )
    assert (answer.status_code, answer.json()["code"]) == (415, "not-json")


def test_no_other_site_may_read_or_embed(client: TestClient) -> None:
    answer = client.get("/v1/status", headers={"origin": "http://evil.example"})
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert client.options("/v1/events", headers={"origin": "http://evil.example"}).status_code == 405


def test_bodies_are_bounded_by_word_and_by_count(client: TestClient) -> None:
    big = b'{"user_id":"' + b"x" * 300_000 + b'"}'
    kind = {"content-type": "application/json"}
    assert client.post("/v1/events", content=big, headers=kind).status_code == 413

    def chunks() -> object:
        yield from (big[i : i + 50_000] for i in range(0, len(big), 50_000))

    answer = client.post("/v1/events", content=chunks(), headers=kind)  # no Content-Length
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/", "/v1/status", "/v1/items/none", "/v1/items/a/media/0", "/nothing"])
def test_every_answer_is_disarmed(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize(
    "path",
    [
        "/..%2f..%2fpyproject.toml",
        "/%2e%2e/_app.py",
        "/assets/../../_app.py",
        "/_app.py",
    ],
)
def test_the_page_gives_its_own_files_only(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_media_is_seekable(client: TestClient) -> None:
    whole = client.get("/v1/items/a/media/0")
    assert whole.headers["content-type"] == "audio/wav"
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["content-disposition"].startswith("inline; filename=")
    size = len(whole.content)
    part = client.get("/v1/items/a/media/0", headers={"range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.content == whole.content[100:200]
    assert part.headers["content-range"] == f"bytes 100-199/{size}"
    tail = client.get("/v1/items/a/media/0", headers={"range": "bytes=-10"})
    assert tail.content == whole.content[-10:]
    assert client.get("/v1/items/a/media/0", headers={"range": f"bytes={size}-"}).status_code == 416
    assert client.head("/v1/items/a/media/0").headers["content-length"] == str(size)


def test_what_cannot_play_says_why(client: TestClient, service: FakeService) -> None:
    service.unreadable.add("a")
    told = client.get("/v1/items/a/media/0/status").json()
    assert (told["playable"], told["reason"], told["remedy"]) == (
        False,
        "no decoder reads it",
        "replace the file",
    )
    answer = client.get("/v1/items/a/media/0")
    assert (answer.status_code, answer.json()["code"]) == (422, "unreadable-media")
    assert client.get("/v1/items/none/media/0/status").json()["playable"] is False
    assert client.get("/v1/items/a/media/7").status_code == 422


@pytest.mark.parametrize(
    "mime",
    ["text/html", "image/svg+xml", "audio/x\r\nset-cookie: a=b", "application/pdf"],
)
def test_media_is_never_served_as_a_page(client: TestClient, service: FakeService, mime: str) -> None:
    service.mimes["a"] = mime
    assert client.get("/v1/items/a/media/0").status_code == 415
    assert client.get("/v1/items/a/media/0/status").json()["playable"] is False


def test_a_vanished_file_is_a_problem_not_a_crash(client: TestClient, service: FakeService) -> None:
    service.views["a"].assets[0].path.unlink()
    assert client.get("/v1/items/a/media/0").status_code == 404
    assert client.get("/v1/items/a/media/0/status").json()["playable"] is False


def test_an_item_without_picture(client: TestClient) -> None:
    assert client.get("/v1/items/a").json()["thumbnail"] is None
    assert client.get("/v1/items/a/thumbnail").json()["code"] == "no-picture"


# ------------------------------------------------------------------------------------------------ tokens


@pytest.fixture
def guarded(service: FakeService) -> TestClient:
    app = create_app(service, ServeConfig(token=SecretStr(TOKEN)))
    return TestClient(app, base_url="http://127.0.0.1:8000", follow_redirects=False)


def test_a_token_is_asked_for_everywhere(guarded: TestClient) -> None:
    for path in ("/", "/v1/people", "/v1/openapi.json", "/v1/items/a/media/0"):
        answer = guarded.get(path)
        assert (answer.status_code, answer.json()["code"]) == (401, "no-token"), path
        assert TOKEN not in answer.text
    assert guarded.get("/v1/people", headers={"authorization": "Bearer wrong"}).status_code == 401
    assert guarded.get("/v1/people", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_a_browser_trades_the_token_for_a_cookie_once(guarded: TestClient) -> None:
    assert guarded.get("/", params={"token": "wrong"}).status_code == 401
    answer = guarded.get("/", params={"token": TOKEN})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert guarded.get("/v1/people").status_code == 200


def test_the_token_does_not_show_in_settings(service: FakeService) -> None:
    config = ServeConfig(token=SecretStr(TOKEN))
    assert TOKEN not in repr(config)
    assert TOKEN not in config.model_dump_json()


# ------------------------------------------------------------------------------------------------ addresses


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "media.home", ""])
def test_other_addresses_need_a_token(service: FakeService, host: str) -> None:
    with pytest.raises(UsageError, match="token"):
        create_app(service, ServeConfig(host=host))
    with pytest.raises(UsageError, match="token"):
        run(create_app(service), host=host, port=0)
    create_app(service, ServeConfig(host=host, token=SecretStr(TOKEN)))


def test_a_short_token_is_refused(service: FakeService) -> None:
    with pytest.raises(UsageError, match="shorter"):
        create_app(service, ServeConfig(token=SecretStr("1234")))
