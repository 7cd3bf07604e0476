"""The panel that tells all reasons: opened by hand, in both languages, by keyboard; what it says is what the API says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from tests.browser.conftest import Server
from tests.browser.test_page import as_person


@pytest.mark.parametrize(("locale", "all_of_it"), [("en-US", "All reasons"), ("zh-CN", "全部理由")])
def test_all_reasons_open_and_are_those_of_the_record(
    live_server: Server, page_of: Callable[..., Any], locale: str, all_of_it: str
) -> None:
    for item in live_server.items[:2]:
        body = {"user_id": "why", "item_id": item, "type": "like"}
        assert httpx.post(f"{live_server.url}/v1/events", json=body).status_code == 200
    asked = {"user_id": "why", "surface": "video"}
    line = httpx.get(f"{live_server.url}/v1/recommendations", params=asked).json()["items"][0]
    why = httpx.get(f"{live_server.url}/v1/people/why/why/{line['item_id']}", params={"surface": "video"}).json()
    page = page_of(locale=locale)
    as_person(page, "why")
    page.goto(f"{live_server.url}/#/item/{line['item_id']}")
    panel = page.locator("[data-testid=why-all]").first
    panel.get_by_role("button", name=all_of_it).press("Enter")
    panel.locator("section").first.wait_for()
    shown = panel.inner_text()
    ranked = why["told"][0]
    assert f"{ranked['score']:.3f}" in shown
    for reason in ranked["reasons"][:2]:
        assert reason["label_zh" if locale == "zh-CN" else "label"] in shown
    for without in why["without"]:
        assert without["acts"][0]["title"] in shown
    assert page.complaints == []
