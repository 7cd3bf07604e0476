"""Conversation and the week's digest in a real browser: asked, refined, explained; labelled as made by machine."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.browser.conftest import Server
from tests.browser.test_page import as_person


def _shot(page: Any, name: str) -> None:
    """A picture for who wants to look: SHOTS names a folder."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize(("locale", "width"), [("en-US", 1280), ("zh-CN", 390)])
def test_a_wish_is_answered_and_refined(
    live_server: Server, page_of: Callable[..., Any], locale: str, width: int
) -> None:
    zh = locale == "zh-CN"
    page = page_of(width=width, height=844, locale=locale)
    as_person(page, "bo")
    page.goto(f"{live_server.url}/#/talk")
    field = page.get_by_label("您想要什么？" if zh else "What would you like?")
    field.fill("关于动物的视频" if zh else "videos about animals")
    field.press("Enter")
    items = page.locator("[data-testid=turns] .items a")
    items.first.wait_for()
    first = items.first.locator("strong").inner_text()
    page.get_by_role("button", name="不要这个" if zh else "not that one").click()
    page.locator("[data-testid=turns] > li:nth-child(2) .told").wait_for()
    second = page.locator("[data-testid=turns] > li:nth-child(2) .items strong")
    assert first not in second.all_inner_texts()
    _shot(page, f"talk-{width}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1")
    assert page.complaints == []


def test_the_week_says_that_a_machine_made_it(live_server: Server, page_of: Callable[..., Any]) -> None:
    page = page_of(width=390, height=844)
    as_person(page, "ada")
    page.goto(f"{live_server.url}/#/digest")
    made = page.locator("[data-testid=generated]")
    made.wait_for()
    assert "Made by machine" in made.inner_text()
    assert page.locator("li.card").count() > 0
    _shot(page, "digest-390")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1")
    assert page.complaints == []
    own = page.get_by_role("link", name="As a page of its own").get_attribute("href")
    page.goto(f"{live_server.url}{own}")
    assert "Made by machine" in page.locator("body").inner_text()
    _shot(page, "digest-page")
