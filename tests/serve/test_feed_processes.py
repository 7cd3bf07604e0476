"""The live feed of one server process tells what another one acknowledged, over real sockets."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from vitascope.assemble import open_system
from vitascope.base.items import ItemDraft


@contextmanager
def server(home: Path, log: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    with log.open("wb") as out:
        command = [sys.executable, "-m", "vitascope", "serve", "--home", str(home), "--port", "0"]
        child = subprocess.Popen(command, stdout=out, stderr=out)
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if found := re.search(r"http://(127\.0\.0\.1:\d+)", log.read_text()):
                yield found.group(1), child
                return
            assert child.poll() is None, log.read_text()
            time.sleep(0.05)
        raise AssertionError(log.read_text())
    finally:
        child.terminate()
        assert child.wait(30) == 0, "a feed that is open does not keep the server from ending"


def call(address: str, path: str, body: object) -> dict[str, Any]:
    line = http.client.HTTPConnection(urlsplit(f"//{address}").netloc, timeout=30)
    line.request("POST", path, json.dumps(body), {"content-type": "application/json"})
    told: dict[str, Any] = json.loads(line.getresponse().read())
    line.close()
    return told


def listen(address: str, path: str, last: str | None = None) -> tuple[Callable[[], None], Iterator[dict[str, Any]]]:
    line = http.client.HTTPConnection(urlsplit(f"//{address}").netloc, timeout=30)
    line.request("GET", path, headers={} if last is None else {"last-event-id": last})
    answer = line.getresponse()
    assert answer.headers["content-type"].startswith("text/event-stream")

    def messages() -> Iterator[dict[str, Any]]:
        for raw in iter(answer.readline, b""):
            if raw.startswith(b"data: ") and len(raw) > 12:
                yield json.loads(raw[6:])

    def close() -> None:
        answer.close()
        line.close()

    return close, messages()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_an_event_at_one_server_is_pushed_by_the_other(tmp_path: Path) -> None:
    home = tmp_path / "home"
    system = open_system(home)
    system.rooms.stores.items.put([ItemDraft(item_id=f"i{n}", title=f"{n}", tags=("a",)) for n in range(12)])
    system.rooms.touch()
    system.close()
    with server(home, tmp_path / "a.log") as (one, _), server(home, tmp_path / "b.log") as (other, _child):
        event = {"user_id": "ann", "item_id": "i0", "type": "complete", "event_id": "0"}
        call(one, "/v1/events", event)
        close, told = listen(other, "/v1/people/ann/feed?surface=video&n=12&cards=false")
        first = next(told)
        seen = {"i0"}
        assert {i["item_id"] for i in first["list"]["items"]} == {f"i{n}" for n in range(12)} - seen
        head = first["head"]
        for n in range(1, 6):
            call(one if n % 2 else other, "/v1/events", event | {"item_id": f"i{n}", "event_id": str(n)})
            seen.add(f"i{n}")
            now = next(told)
            assert now["head"] > head
            assert {i["item_id"] for i in now["list"]["items"]} == {f"i{n}" for n in range(12)} - seen
            head = now["head"]
        close()
        call(one, "/v1/events", event | {"item_id": "i9", "event_id": "9"})
        close, told = listen(other, "/v1/people/ann/feed?surface=video&n=12&cards=false", str(head))
        assert "i9" not in {i["item_id"] for i in next(told)["list"]["items"]}, "what was missed comes at once"
        close()
