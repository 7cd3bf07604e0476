"""Uploads in pieces over the real API and a real library; only describing is left out."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from tests.serve.conftest import tone
from tests.serve.library import client_of

from vitascope.assemble import System, open_system
from vitascope.base.ports.uploads import UploadState
from vitascope.base.ports.work import DescribeReport
from vitascope.serve import ServeConfig

PIECE = {"content-type": "application/offset+octet-stream", "tus-resumable": "1.0.0"}


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    made = open_system(tmp_path_factory.mktemp("uploads") / "home")
    made.describe = lambda *_, **__: DescribeReport(described=0, unchanged=0)  # type: ignore[method-assign]
    yield made
    made.close()


@pytest.fixture(scope="module")
def client(system: System) -> Iterator[TestClient]:
    with client_of(system) as one:
        yield one


def told(**said: str) -> str:
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in said.items())


def begin(client: TestClient, length: int, key: str | None = None, **said: str) -> str:
    headers = {"tus-resumable": "1.0.0", "upload-length": str(length), "upload-metadata": told(**said)}
    answer = client.post("/v1/uploads", headers=headers | ({"idempotency-key": key} if key else {}))
    assert answer.status_code == 201, answer.text
    return answer.headers["location"]


def settled(client: TestClient, url: str) -> dict[str, str]:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        state = client.get(url).json()
        if state["state"] in ("taken", "failed"):
            return state
        time.sleep(0.05)
    raise AssertionError(state)


def test_a_file_comes_in_pieces_and_becomes_an_item(client: TestClient, system: System, tmp_path: Path) -> None:
    data = tone(tmp_path / "x.wav").read_bytes()
    url = begin(client, len(data), filename="../../My song.WAV", title="A tone", tags="calm, short")
    half = len(data) // 2
    first = client.patch(url, content=data[:half], headers=PIECE | {"upload-offset": "0"})
    assert (first.status_code, first.headers["upload-offset"]) == (204, str(half))
    again = client.patch(url, content=data[:half], headers=PIECE | {"upload-offset": "0"})
    assert (again.status_code, again.json()["code"]) == (409, "wrong-offset")
    asked = client.head(url)
    assert (asked.headers["upload-offset"], asked.headers["upload-length"]) == (str(half), str(len(data)))
    assert client.patch(url, content=data, headers=PIECE | {"upload-offset": str(half)}).status_code == 413
    last = client.patch(url, content=data[half:], headers=PIECE | {"upload-offset": str(half)})
    assert last.headers["upload-offset"] == str(len(data))
    state = settled(client, url)
    assert state["state"] == "taken", state
    item = client.get(state["item"]).json()
    assert (item["title"], item["kind"], item["tags"]) == ("A tone", "audio", ["calm", "short"])
    assert client.get(item["media"][0]["url"]).content == data
    file = Path(
        next(iter(system.rooms.stores.items.assets([system.rooms.stores.items.get(item["item_id"]).key]).values()))[
            0
        ].uri
    )
    assert file.parent.parent == system.rooms.home.media / "uploads"
    assert file.name == "My_song.wav"
    assert client.delete(f"/v1/items/{item['item_id']}").status_code == 204
    assert not file.parent.exists(), "what is erased is gone from the disk"


def test_what_is_no_media_fails_with_a_reason_and_leaves_nothing(client: TestClient, system: System) -> None:
    data = b"not at all a film" * 50
    url = begin(client, len(data), filename="film.mp4", item_id="fake")
    client.patch(url, content=data, headers=PIECE | {"upload-offset": "0"})
    state = settled(client, url)
    assert state["state"] == "failed"
    assert state["reason"]
    assert state["remedy"]
    assert str(system.rooms.home.path) not in client.get(url).text
    assert client.get("/v1/items/fake").status_code == 404
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404


def test_a_received_file_is_taken_after_a_restart(system: System, tmp_path: Path) -> None:
    data = tone(tmp_path / "y.wav", pitch=300).read_bytes()
    upload = system.begin_upload(len(data), {"filename": "y.wav", "item_id": "kept"})
    system.append_upload(upload.upload_id, 0, data)
    assert system.upload(upload.upload_id).state is UploadState.RECEIVED
    with client_of(system) as client:
        assert settled(client, f"/v1/uploads/{upload.upload_id}")["state"] == "taken"
        assert client.get("/v1/items/kept").json()["title"] == "y"


def test_a_key_finds_the_upload_that_is_there(client: TestClient) -> None:
    url = begin(client, 100, key="k1", filename="a.wav")
    client.patch(url, content=b"x" * 40, headers=PIECE | {"upload-offset": "0"})
    assert begin(client, 100, key="k1", filename="a.wav") == url
    assert client.get(url).json()["offset"] == 40
    other = client.post(
        "/v1/uploads", headers={"upload-length": "99", "tus-resumable": "1.0.0", "idempotency-key": "k1"}
    )
    assert (other.status_code, other.json()["place"]) == (422, "Idempotency-Key")
    client.delete(url)


def test_what_the_gate_and_the_protocol_refuse(client: TestClient) -> None:
    able = client.options("/v1/uploads")
    assert able.headers["tus-extension"] == "creation,termination,expiration"
    size = int(able.headers["tus-max-size"])
    tus = {"tus-resumable": "1.0.0"}
    assert client.post("/v1/uploads", headers=tus | {"upload-length": str(size + 1)}).status_code == 413
    assert client.post("/v1/uploads", headers=tus | {"upload-length": "0"}).status_code == 422
    assert client.post("/v1/uploads", headers={"upload-length": "5"}).status_code == 415, "a form could send it"
    assert client.post("/v1/uploads", headers={"tus-resumable": "0.2", "upload-length": "5"}).status_code == 412
    for bad in ("filename !!", "a YQ==,a YQ==", f"a {base64.b64encode(b'x' * 29_000).decode()}"):
        answer = client.post("/v1/uploads", headers=tus | {"upload-length": "5", "upload-metadata": bad})
        assert answer.status_code == 422, bad[:20]
    for path in ("/v1/uploads/none", "/v1/uploads/..%2F..%2Fkey", f"/v1/uploads/{'0' * 32}"):
        assert client.get(path).status_code == 404
        assert client.patch(path, content=b"x", headers=PIECE | {"upload-offset": "0"}).status_code == 404
    elsewhere = PIECE | {"upload-offset": "0", "origin": "https://evil.example"}
    assert client.patch("/v1/uploads/none", content=b"x", headers=elsewhere).status_code == 403


def test_a_page_that_the_owner_named_may_upload(system: System) -> None:
    page = "https://studio.example"
    with client_of(system, ServeConfig(cors_origins=(page,))) as client:
        asked = {"origin": page, "access-control-request-method": "PATCH"}
        answer = client.options("/v1/uploads", headers=asked)
    allowed = set(answer.headers["access-control-allow-headers"].split(", "))
    assert {"tus-resumable", "upload-length", "upload-metadata", "upload-offset", "authorization"} <= allowed
    assert "upload-offset" in answer.headers["access-control-expose-headers"]
