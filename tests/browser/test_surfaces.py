"""Each surface driven end to end in a real browser: open, watch, skip, like, and the list that follows."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.browser.conftest import Server
from tests.browser.test_page import PLAYED, as_person

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
FEED_JS = 80_000  # bytes, gzip
SLOWLY = (
    "document.addEventListener('loadedmetadata', e => { e.target.playbackRate = 0.1 }, true)"  # on a busy machine too
)


def test_the_feed_page_needs_little_javascript(live_server: Server, page_of: Callable[..., Any]) -> None:
    page = page_of()
    as_person(page, "ada")
    sent: dict[str, int] = {}
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    page.on(
        "response",
        lambda r: sent.update({r.url: len(gzip.compress(r.body(), 9))}) if r.url.endswith(".js") else None,
    )
    page.goto(live_server.url)
    page.locator("[data-state=ready]").wait_for()
    page.wait_for_load_state("networkidle")
    assert len(sent) >= 2  # the page comes in pieces
    assert sum(sent.values()) < FEED_JS, sent
    assert all(url.startswith((live_server.url, "data:", "blob:")) for url in asked)  # nothing leaves the machine


def test_short_plays_the_next_at_once_and_counts_what_is_left_within_seconds(
    live_server: Server, page_of: Callable[..., Any]
) -> None:
    hidden = [{"user_id": "swiper", "item_id": f"clip-{n}", "type": "hide"} for n in (10, 11)]  # over in a blink
    assert httpx.post(f"{live_server.url}/v1/events/batch", json={"events": hidden}, timeout=60).json()["added"] == 2
    page = page_of(390, 844, reduced_motion="reduce")
    as_person(page, "swiper")
    page.add_init_script(SLOWLY)
    page.goto(f"{live_server.url}/#/short")
    active = page.locator("[data-active=true]")
    first = active.get_attribute("data-item")
    coming = page.locator("[data-active=false] video, [data-active=false] audio")
    coming.wait_for(state="attached")
    assert coming.get_attribute("preload") == "auto"  # decided, and loading, while the first plays
    following = page.locator("[data-active=false]").get_attribute("data-item")
    page.locator(f"[data-item='{first}'] [data-state=ready]").wait_for()
    with page.expect_response("**/v1/feedback") as told:
        page.keyboard.press("ArrowDown")
    events = told.value.request.post_data_json["events"]
    assert [(e["item_id"], e["type"]) for e in events if e["type"] == "skip"] == [(first, "skip")]
    assert {(e["item_id"], e["type"]) for e in events} >= {(first, "impression")}
    page.locator(f"[data-active=true][data-item='{following}']").wait_for()
    page.wait_for_function(
        "id => { const m = document.querySelector(`[data-active=true][data-item='${id}'] :is(video, audio)`);"
        " return m && m.currentTime > 0 }",
        arg=following,
    )
    assert page.evaluate("[...document.querySelectorAll('video, audio')].filter(m => !m.paused).length") <= 1
    with page.expect_response("**/v1/feedback") as told:
        page.keyboard.press("l")
    assert told.value.request.post_data_json["events"][-1]["type"] == "like"
    listed = [line["item_id"] for line in told.value.json()["after"]["items"]]
    assert not {first, following} & set(listed)  # what was shown does not come again
    assert page.complaints == []


def test_a_reason_opens_from_any_card_and_leads_to_the_second(live_server: Server, page_of: Callable[..., Any]) -> None:
    page = page_of()
    as_person(page, "cy")
    page.goto(f"{live_server.url}/#/video")
    card = page.locator("[data-testid=shelf] .tile").first
    card.get_by_role("button", name="More").click()
    sheet = page.get_by_test_id("sheet")
    sheet.get_by_role("heading", name="Why this").wait_for()
    assert sheet.get_by_role("button", name="Like", exact=True).is_visible()
    page.keyboard.press("Escape")
    sheet.wait_for(state="hidden")
    page.goto(f"{live_server.url}/#/item/clip-05?t=2.5")
    page.locator("[data-state=ready]").wait_for()
    page.wait_for_function("() => { const m = document.querySelector('video'); return m && m.currentTime >= 2.5 }")
    assert page.complaints == []


PAGES = ("#/", "#/console")
MORE = ("#/short", "#/video", "#/music", "#/tv", "#/live", "#/profile", "#/search?q=moon")
TABS = tuple(f"#/console/{tab}" for tab in ("work", "moderation", "people", "models", "activity", "metrics", "preview"))


@pytest.mark.parametrize(
    ("scheme", "places"),
    [
        ("light", PAGES),
        pytest.param("light", MORE + TABS, marks=pytest.mark.slow),
        pytest.param("dark", PAGES + MORE + TABS, marks=pytest.mark.slow),
    ],
)
def test_no_accessibility_rule_is_seriously_broken(
    live_server: Server, page_of: Callable[..., Any], scheme: str, places: tuple[str, ...]
) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not there: run `npm ci` in web/")
    page = page_of(color_scheme=scheme, reduced_motion="reduce")
    as_person(page, "ada")
    broken = []
    for place in places:
        page.goto(f"{live_server.url}/{place}")
        page.locator("h1").first.wait_for(state="attached")
        page.wait_for_load_state("networkidle")
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(r => r.violations)")
        broken += [
            (place, rule["impact"], rule["id"], node["html"][:120], node["any"][0]["message"] if node["any"] else "")
            for rule in found
            if rule["impact"] in ("serious", "critical")
            for node in rule["nodes"]
        ]
    assert not broken, "\n".join(map(str, broken))


def test_what_was_watched_is_told_when_the_page_is_left(live_server: Server, page_of: Callable[..., Any]) -> None:
    page = page_of()
    as_person(page, "leaver")
    page.goto(f"{live_server.url}/#/item/clip-06")
    page.locator("[data-state=ready]").wait_for()
    page.keyboard.press("k")
    page.wait_for_function(PLAYED)
    page.wait_for_function("() => document.querySelector('video, audio').currentTime > 0.6")
    page.goto("about:blank")  # well before a batch is due
    for _ in range(50):
        told = httpx.get(f"{live_server.url}/v1/people/leaver/profile", timeout=60)
        if told.status_code == 200 and told.json()["events"] >= 2:  # that it played, and how far
            break
        page.wait_for_timeout(100)
    assert told.json()["events"] >= 2


def test_the_television_works_with_remote_keys_alone(live_server: Server, page_of: Callable[..., Any]) -> None:
    page = page_of(1920, 1080, reduced_motion="reduce")
    as_person(page, "ada")
    page.goto(f"{live_server.url}/#/tv")
    page.locator("[data-screen=who]").wait_for()
    held = "() => document.activeElement?.matches('[data-cell]')"
    page.wait_for_function(held)
    assert page.evaluate("document.activeElement.dataset.person") == "ada"
    page.keyboard.press("ArrowRight")
    someone = page.evaluate("document.activeElement.dataset.person")
    assert someone != "ada"
    outline = page.evaluate(
        "(s => [s.outlineStyle, parseFloat(s.outlineWidth)])(getComputedStyle(document.activeElement))"
    )
    assert outline[0] == "solid"
    assert outline[1] >= 3  # seen from ten feet
    page.keyboard.press("Enter")
    page.locator("[data-screen=home] [data-row] [data-item]").first.wait_for()
    page.wait_for_function(held)
    page.keyboard.press("ArrowDown")
    chosen = page.evaluate("document.activeElement.dataset.item")
    assert chosen
    page.keyboard.press("Enter")
    page.locator(f"[data-testid=tv-detail][data-item='{chosen}']").wait_for()
    page.wait_for_function(held)
    page.keyboard.press("Enter")
    page.locator(f"[data-testid=tv-watch][data-item='{chosen}']").wait_for()
    page.wait_for_function(PLAYED)
    page.keyboard.press("ArrowDown")
    page.wait_for_function(held)
    with page.expect_response("**/v1/feedback") as told:
        page.keyboard.press("Enter")
    assert told.value.request.post_data_json["events"][-1] | {"event_id": "", "session_id": ""} == {
        "user_id": someone,
        "item_id": chosen,
        "type": "like",
        "surface": "tv",
        "event_id": "",
        "session_id": "",
    }
    page.keyboard.press("Escape")
    page.locator("[data-screen=detail]").wait_for()
    page.keyboard.press("Backspace")
    page.locator("[data-screen=home]").wait_for()
    page.keyboard.press("Escape")
    page.locator("[data-screen=who]").wait_for()
    page.keyboard.press("Escape")
    page.wait_for_function("() => location.hash === '#/'")
    assert page.complaints == []


@pytest.mark.slow
def test_music_goes_on_from_a_track_and_repeats_when_told(live_server: Server, page_of: Callable[..., Any]) -> None:
    page = page_of()
    as_person(page, "bo")
    page.goto(f"{live_server.url}/#/music")
    now = page.get_by_test_id("now")
    now.locator("[data-state=ready]").wait_for()
    first = now.get_attribute("data-item")
    page.locator("[data-testid=list] li").first.wait_for()
    with page.expect_response("**/v1/radio") as told:
        page.get_by_role("button", name="this track", exact=True).click()
    assert told.value.request.post_data_json["item_id"] == first
    assert first not in [line["item_id"] for line in told.value.json()["items"]]
    page.get_by_role("button", name="Back to your own queue").click()
    following = page.locator("[data-testid=list] li").first.get_attribute("data-item")
    with page.expect_response("**/v1/feedback") as told:
        page.keyboard.press("s")
    assert told.value.request.post_data_json["events"][-1]["type"] == "skip"
    page.locator(f"[data-testid=now][data-item='{following}']").wait_for()
    page.get_by_role("button", name="Repeat this track").click()
    page.locator("[data-testid=now] [data-state=ready]").wait_for()
    page.evaluate(
        "() => { const m = document.querySelector('audio, video'); m.currentTime = m.duration - 0.2; void m.play() }"
    )
    page.wait_for_function(
        "() => { const m = document.querySelector('audio, video'); return !m.paused && m.currentTime < 2 }"
    )
    assert now.get_attribute("data-item") == following
    page.get_by_role("button", name="The track before").click()
    page.locator(f"[data-testid=now][data-item='{first}']").wait_for()
    assert page.complaints == []


@pytest.mark.slow
def test_the_console_shows_what_a_slider_would_change_and_keeps_nothing(
    live_server: Server, page_of: Callable[..., Any]
) -> None:
    page = page_of()
    as_person(page, "cy")
    before = httpx.get(f"{live_server.url}/v1/people/cy/profile", timeout=60).json()["rows"]
    page.goto(f"{live_server.url}/#/console/preview?q=cy")
    page.locator("[data-testid=preview-now] li[data-item]").first.wait_for()
    slider = page.locator(".slider input").first
    slider.wait_for()
    slider.focus()
    with page.expect_response("**/preview") as told:
        page.keyboard.press("Home")
    assert told.value.request.post_data_json["corrections"][0]["value"] == -1
    page.get_by_role("heading", name="What would move").wait_for()
    assert httpx.get(f"{live_server.url}/v1/people/cy/profile", timeout=60).json()["rows"] == before
    for tab in ("library", "work", "moderation", "people", "models", "activity", "metrics"):
        page.goto(f"{live_server.url}/#/console/{tab}")
        page.locator(f"nav a[aria-current=page][href='#/console/{tab}']").wait_for()
        page.wait_for_load_state("networkidle")
    page.goto(f"{live_server.url}/#/console/people")
    page.locator("[data-testid=people] button").first.wait_for()
    names = page.locator("[data-testid=people] button").all_inner_texts()
    assert names
    assert all(re.fullmatch("P-[0-9A-Z]{6}", name) for name in names)  # pseudonyms until asked for names
    assert page.complaints == []


def test_a_slider_of_the_profile_changes_the_list_at_once(live_server: Server, page_of: Callable[..., Any]) -> None:
    liked = [{"user_id": "steerer", "item_id": f"clip-{n:02}", "type": "like"} for n in (0, 7)]
    httpx.post(f"{live_server.url}/v1/events/batch", json={"events": liked}, timeout=60)
    page = page_of()
    as_person(page, "steerer")
    page.goto(f"{live_server.url}/#/profile")
    listed = "[...document.querySelectorAll('[data-testid=list] li')].map(li => li.dataset.item)"
    page.locator("[data-testid=list] li").first.wait_for()
    before = page.evaluate(listed)
    slider = page.get_by_role("slider", name="Correct Tag animals")
    slider.focus()
    page.keyboard.press("Home")
    page.locator("[data-testid=list] li.moved").first.wait_for()
    after = page.evaluate(listed)
    assert after != before
    animals = ("clip-01", "clip-02")  # a frog, Big Buck Bunny
    assert sum(map(before.index, animals)) < sum(after.index(i) if i in after else len(after) for i in animals)
    assert page.complaints == []


def test_live_shows_what_is_on_air_and_nothing_else(live_server: Server, page_of: Callable[..., Any]) -> None:
    page = page_of()
    as_person(page, "ada")
    page.goto(f"{live_server.url}/#/live")
    page.get_by_role("heading", name="Nothing is on air").wait_for()
    assert page.locator("video, audio").count() == 0
    assert page.complaints == []
