"""No dead player: every readable file of the shared media plays, and every other shows why it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.browser.conftest import Server, command, started, stopped
from tests.browser.test_page import PLAYED

SILENT_ENDS = (
    "() => { const m = document.querySelector('video, audio'); return m && (m.currentTime > 0.02 || m.ended) }"
)


@pytest.fixture(scope="module")
def everything(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """All of the shared media, not described."""
    home = tmp_path_factory.mktemp("everything") / "home"
    command(home, "ingest", str(shared / "media" / "dev"), "--no-describe")
    server, url = started(home)
    try:
        yield Server(url, home, ())
    finally:
        stopped(server)


@pytest.mark.slow
@pytest.mark.timeout(3_000)
def test_every_readable_file_plays(everything: Server, page_of: Callable[..., Any]) -> None:
    page = page_of()
    page.add_init_script("localStorage.setItem('vitascope.user', '')")
    cursor, dead, played = None, [], 0
    while True:
        asked = {"n": 100} | ({"cursor": cursor} if cursor else {})
        told = httpx.get(f"{everything.url}/v1/items", params=asked, timeout=60).json()
        for item in told["items"]:
            if not item["media"]:
                continue
            page.goto(f"{everything.url}/#/item/{item['item_id']}")
            page.locator(f"[data-item='{item['item_id']}'] :is([data-state=ready], [data-state=dead])").wait_for(
                timeout=120_000
            )
            try:
                page.evaluate("void document.querySelector('video, audio').play().catch(() => 0)")
                short = (item["duration"] or 0) < 0.2
                page.wait_for_function(SILENT_ENDS if short else PLAYED, timeout=20_000)
                played += 1
            except Exception as error:
                card = page.locator("[data-state=dead] [role=alert]")
                said = card.inner_text() if card.count() else "NO CARD"
                dead.append((item["title"], said.replace("\n", " "), str(error).splitlines()[0]))
        cursor = told["cursor"]
        if cursor is None:
            break
    assert not dead, "\n".join(map(str, dead))
    assert played > 200
