"""The page over a real library: it loads, plays, learns, explains, and works by keyboard, in two languages and themes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from tests.browser.conftest import Server

PLAYED = "() => { const m = document.querySelector('video, audio'); return m && m.currentTime > 0.05 && !m.error }"


def as_person(page: Any, name: str) -> None:
    page.add_init_script(f"localStorage.getItem('vitascope.user') ?? localStorage.setItem('vitascope.user', '{name}')")


@pytest.mark.parametrize(("locale", "words"), [("en-US", "Up next"), ("zh-CN", "接下来")])
def test_it_loads_without_a_complaint_in_both_languages(
    live_server: Server, page_of: Callable[..., Any], locale: str, words: str
) -> None:
    page = page_of(locale=locale)
    as_person(page, "ada")
    page.goto(live_server.url)
    page.get_by_role("heading", name=words).wait_for()
    page.locator("[data-state=ready]").wait_for()
    assert page.locator("html").get_attribute("lang") == ("zh-CN" if locale == "zh-CN" else "en")
    for place in ("#/profile", "#/library", "#/search?q=moon", "#/item/clip-03", "#/"):
        page.goto(f"{live_server.url}/{place}")
        page.locator("h1").first.wait_for()
        page.wait_for_load_state("networkidle")
    assert page.complaints == []


def test_a_like_changes_the_list_and_says_what_moved_and_why(live_server: Server, page_of: Callable[..., Any]) -> None:
    page = page_of()
    as_person(page, "newcomer")
    page.goto(live_server.url)
    page.locator("[data-testid=list] li").first.wait_for()
    rows = "[...document.querySelectorAll('[data-testid=list] li')].map(li => li.dataset.item)"
    before = page.evaluate(rows)
    liked = page.locator("[data-testid=stage]").get_attribute("data-item")
    page.get_by_role("button", name="Like", exact=True).click()
    moves = page.locator("[data-testid=moves] li")
    moves.first.wait_for()
    assert page.evaluate(rows) != before
    assert "—" in moves.first.inner_text()  # a reason stands behind it
    assert "list changed" in page.locator("[data-testid=said]").text_content()
    seen = httpx.get(f"{live_server.url}/v1/recommendations", params={"user_id": "newcomer", "surface": "video"}).json()
    assert liked not in [line["item_id"] for line in seen["items"]]
    assert page.complaints == []


@pytest.mark.parametrize("number", range(12))
def test_every_clip_plays(live_server: Server, page_of: Callable[..., Any], number: int) -> None:
    page = page_of()
    as_person(page, "player")
    page.goto(f"{live_server.url}/#/item/{live_server.items[number]}")
    page.locator("[data-state=ready]").wait_for()
    page.get_by_role("button", name=re.compile("^Play")).first.click()
    page.wait_for_function(PLAYED, timeout=40_000)
    assert page.complaints == []


def test_what_cannot_play_shows_a_card_that_says_why(live_server: Server, page_of: Callable[..., Any]) -> None:
    put = {"items": [{"item_id": "no-media", "title": "Only words"}]}
    assert httpx.post(f"{live_server.url}/v1/items", json=put).status_code == 200
    page = page_of()
    page.goto(f"{live_server.url}/#/item/no-media")
    page.locator("[data-state=dead] [role=alert]").wait_for()
    assert page.locator("video, audio").count() == 0
    httpx.delete(f"{live_server.url}/v1/items/no-media")


def test_hostile_titles_stay_text(live_server: Server, page_of: Callable[..., Any]) -> None:
    evil = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    put = {
        "items": [{"item_id": "evil/../?#%2F", "title": evil, "description": evil, "creator": "javascript:alert(1)"}]
    }
    assert httpx.post(f"{live_server.url}/v1/items", json=put).status_code == 200
    page = page_of()
    page.goto(f"{live_server.url}/#/item/evil%2F..%2F%3F%23%252F")
    page.locator("h1").wait_for()
    assert page.locator("h1").inner_text() == evil
    assert page.title() != "owned"
    assert page.locator("main img[src='x'], main script").count() == 0
    httpx.delete(f"{live_server.url}/v1/items/evil%2F..%2F%3F%23%252F")


def test_the_keyboard_is_enough(live_server: Server, page_of: Callable[..., Any]) -> None:
    page = page_of()
    as_person(page, "typist")
    page.goto(live_server.url)
    page.locator("[data-state=ready]").wait_for()
    page.keyboard.press("k")
    page.wait_for_function(PLAYED, timeout=40_000)
    first = page.locator("[data-testid=stage]").get_attribute("data-item")
    page.keyboard.press("s")
    page.wait_for_function(f"() => document.querySelector('[data-testid=stage]').dataset.item !== '{first}'")
    page.keyboard.press("4")
    page.locator("[aria-pressed=true][aria-label='4 of 5 stars']").wait_for()
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="hidden")
    page.keyboard.press("/")
    page.keyboard.type("moon")
    page.keyboard.press("Enter")
    page.locator("main a", has_text="Hammer and feather").first.wait_for()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('main a')"):
            break
    style = page.evaluate("(s => [s.outlineStyle, s.outlineWidth])(getComputedStyle(document.activeElement))")
    assert style == ["solid", "3px"]  # the focus shows
    page.keyboard.press("Enter")
    page.locator("[data-testid=stage][data-item=clip-03]").wait_for()
    told = httpx.get(f"{live_server.url}/v1/people/typist/profile", timeout=60).json()
    assert told["events"] >= 3


def test_a_taste_can_be_corrected_on_the_page(live_server: Server, page_of: Callable[..., Any]) -> None:
    page = page_of()
    as_person(page, "ada")
    page.goto(f"{live_server.url}/#/profile")
    slider = page.locator("input[type=range]").first
    slider.wait_for()
    slider.focus()
    page.keyboard.press("Home")
    page.get_by_text("corrected by you").first.wait_for()
    rows = httpx.get(f"{live_server.url}/v1/people/ada/profile", timeout=60).json()["rows"]
    assert [r["taste"] for r in rows if r["corrected"]] == [-1.0]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 900)])
def test_it_fits_phones_and_desktops_in_both_themes(
    live_server: Server, page_of: Callable[..., Any], scheme: str, width: int, height: int
) -> None:
    page = page_of(width, height, color_scheme=scheme, reduced_motion="reduce")
    as_person(page, "ada")
    for place in ("#/", "#/item/clip-03", "#/profile", "#/library"):
        page.goto(f"{live_server.url}/{place}")
        page.locator("h1").first.wait_for()
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, place
    channels = re.findall(r"\d+", page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert (int(channels[0]) < 60) == (scheme == "dark")


def test_a_guest_gets_a_list_and_leaves_nothing(live_server: Server, page_of: Callable[..., Any]) -> None:
    people = httpx.get(f"{live_server.url}/v1/people").json()
    page = page_of()
    page.add_init_script("localStorage.setItem('vitascope.user', '')")
    page.goto(live_server.url)
    page.locator("[data-testid=list] li").first.wait_for()
    page.get_by_role("button", name="Like", exact=True).click()
    page.locator("[data-testid=moves]").wait_for()
    assert httpx.get(f"{live_server.url}/v1/people").json() == people
    assert page.complaints == []
