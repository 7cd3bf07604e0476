"""The API over a library in memory: shapes, ids, errors, documentation."""

from __future__ import annotations

import threading
import time
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from tests.serve.fake_service import EVIL, FakeService

from vitascope.base.errors import NoSpace, StoreError
from vitascope.base.ports.work import DescribeReport
from vitascope.serve._jobs import Jobs

ODD = "b/../%2F?x=1#y z"


def odd(tail: str = "") -> str:
    return f"/v1/items/{quote(ODD, safe='')}{tail}"


def test_items_are_paged_by_cursor_until_it_is_null(client: TestClient) -> None:
    seen, cursor = [], None
    while True:
        page = client.get("/v1/items", params={"n": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [i["item_id"] for i in page["items"]]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert seen == ["a", ODD, "c"]


def test_an_item_tells_times_in_seconds_and_no_inside(client: TestClient) -> None:
    answer = client.get("/v1/items/a")
    item = answer.json()
    assert item["content"]["transcript"] == [
        {
            "start": pytest.approx(1 / 3),
            "end": pytest.approx(2 / 3),
            "text": "this is Calm tone",
            "score": 1.0,
        }
    ]
    assert item["content"]["moderation"] == "review"
    assert item["moods"] == ["calm", "tense"]
    assert item["duration"] == 1.0
    assert "key" not in item
    assert ".wav" not in answer.text  # no path of this machine


def test_size_of_a_turned_picture_is_upright(client: TestClient) -> None:
    media = client.get("/v1/items/c").json()["media"][0]
    assert (media["width"], media["height"]) == (360, 640)


@pytest.mark.parametrize("tail", ["", "/similar", "/media/0", "/media/0/status"])
def test_an_id_may_hold_any_character(client: TestClient, tail: str) -> None:
    assert client.get(odd(tail)).status_code == 200


def test_the_links_of_an_odd_id_lead_to_it(client: TestClient) -> None:
    item = client.get(odd()).json()
    assert item["item_id"] == ODD
    assert client.get(item["media"][0]["url"]).status_code == 200
    assert client.get(item["media"][0]["status"]).json()["url"] == item["media"][0]["url"]


def test_an_unknown_item_is_a_problem_with_place_and_remedy(client: TestClient) -> None:
    answer = client.get("/v1/items/none")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["code"] == "unknown-item"
    assert told["type"] == "urn:vitascope:problem:unknown-item"
    assert told["place"] == "none"
    assert told["remedy"]
    assert told["status"] == 404


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NoSpace("the disk is full"), 507, "no-space"),
        (StoreError("locked"), 503, "store"),
    ],
)
def test_errors_of_the_home_are_server_problems(
    client: TestClient, service: FakeService, error: Exception, status: int, code: str
) -> None:
    service.fail_with = error
    answer = client.get("/v1/items/a")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_what_was_not_foreseen_keeps_its_text_inside(client: TestClient, service: FakeService) -> None:
    service.fail_with = RuntimeError("password hunter2")
    answer = client.get("/v1/items/a")
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal"
    assert "hunter2" not in answer.text


def test_a_bad_request_names_the_field(client: TestClient) -> None:
    answer = client.post("/v1/events", json={"user_id": "ada", "type": "like", "itm": "a"})
    assert answer.status_code == 422
    told = answer.json()
    assert told["code"] == "invalid-request"
    assert told["errors"][0]["field"] == "body.itm"


def test_broken_json_is_a_problem(client: TestClient) -> None:
    answer = client.post("/v1/events", content=b"{not json", headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_event_counts_once_whatever_is_repeated(client: TestClient, service: FakeService) -> None:
    event = {"user_id": "ada", "item_id": "a", "type": "like", "event_id": "e1"}
    assert client.post("/v1/events", json=event).json() == {
        "added": 1,
        "known": 0,
        "rejected": [],
        "rejected_total": 0,
    }
    assert client.post("/v1/events", json=event).json()["known"] == 1
    assert len(service.events) == 1


def test_an_event_without_a_time_happens_now(client: TestClient, service: FakeService) -> None:
    client.post("/v1/events", json={"user_id": "ada", "item_id": "a", "type": "like"})
    assert service.events[0].timestamp == pytest.approx(time.time(), abs=30)


def test_bad_events_of_a_batch_are_named_and_the_rest_is_taken(
    client: TestClient,
) -> None:
    events = [{"user_id": "ada", "item_id": "a", "type": t} for t in ("like", "adore", "play")]
    told = client.post("/v1/events/batch", json={"events": events}).json()
    assert told["added"] == 2
    assert [r["index"] for r in told["rejected"]] == [1]
    assert told["rejected"][0]["remedy"]


def test_a_batch_is_bounded(client: TestClient) -> None:
    events = [{"user_id": "u", "item_id": "a", "type": "play"}] * 1001
    answer = client.post("/v1/events/batch", json={"events": events})
    assert answer.status_code == 422
    assert "1000" in answer.json()["detail"]
    assert client.post("/v1/events/batch", json={"events": events[:1000]}).status_code == 200


def test_get_and_post_give_the_same_list(client: TestClient) -> None:
    asked = {
        "user_id": "ada",
        "surface": "video",
        "n": 2,
        "explain": True,
        "exclude": ["a"],
    }
    one = client.get("/v1/recommendations", params=asked).json()
    two = client.post("/v1/recommendations", json=asked).json()
    assert one == two
    assert [i["item_id"] for i in one["items"]] == [ODD, "c"]
    assert one["user_id"] == "ada"


def test_reasons_carry_numbers_that_multiply_and_spans_that_seek(
    client: TestClient,
) -> None:
    line = client.post("/v1/recommendations", json={"n": 1, "explain": True, "cards": True}).json()["items"][0]
    why = line["explanation"]["contributions"][0]
    assert why["product"] == pytest.approx(why["weight"] * why["taste"] * why["value"])
    assert why["evidence"][0]["start"] == pytest.approx(1 / 3)
    assert line["explanation"]["because"] == "a"
    assert line["item"]["title"] == "Calm tone"


@pytest.mark.parametrize("query", ["candidates=", "exclude=a&exclude=", "session_items=" + "x" * 600])
def test_a_bad_id_of_a_query_is_a_problem(client: TestClient, query: str) -> None:
    answer = client.get(f"/v1/recommendations?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


def test_an_unknown_surface_is_named(client: TestClient) -> None:
    answer = client.get("/v1/recommendations", params={"surface": "radio"})
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-surface")
    assert client.get("/v1/flow/radio").json()["code"] == "unknown-surface"
    assert client.get("/v1/flow/video").text.startswith("video")


def test_feedback_tells_both_lists_and_the_moves(client: TestClient) -> None:
    told = client.post(
        "/v1/feedback",
        json={
            "events": [{"user_id": "ada", "item_id": "c", "type": "like"}],
            "ask": {"user_id": "ada", "n": 3},
        },
    ).json()
    assert [i["item_id"] for i in told["before"]["items"]] == ["a", ODD, "c"]
    assert [i["item_id"] for i in told["after"]["items"]] == ["c", "a", ODD]
    moved = {m["item_id"]: (m["before"], m["after"], m["why"]) for m in told["moves"]}
    assert moved["c"] == (3, 1, "liked")
    assert next(m["title"] for m in told["moves"] if m["item_id"] == "c") == EVIL  # as it is: the page escapes
    assert told["report"]["added"] == 1


def test_a_profile_can_be_corrected_muted_and_reset(client: TestClient, service: FakeService) -> None:
    assert client.get("/v1/people/ada/profile").json()["code"] == "unknown-person"
    client.post("/v1/events", json={"user_id": "ada", "item_id": "a", "type": "like"})
    told = client.patch("/v1/people/ada/profile", json={"feature": "mood:calm", "value": -1.0}).json()
    assert (told["rows"][0]["taste"], told["rows"][0]["corrected"]) == (-1.0, True)
    client.patch("/v1/people/ada/profile", json={"feature": "mood:calm", "muted": True})
    assert service.corrections["ada"]["mood:calm"].muted
    assert client.patch("/v1/people/ada/profile", json={"feature": "x", "value": 7}).status_code == 422
    assert client.delete("/v1/people/ada/profile").status_code == 204
    assert service.corrections == {}
    assert client.get("/v1/people").json()["people"] == ["ada"]


def test_items_come_in_as_rows_and_go_for_good(client: TestClient) -> None:
    told = client.post(
        "/v1/items",
        json={"items": [{"item_id": "new", "title": "New"}, {"title": "nameless"}]},
    ).json()
    assert told["item_ids"] == ["new"]
    assert told["problems"][0]["place"] == "row 1"
    assert client.delete("/v1/items/new").status_code == 204
    assert client.get("/v1/items/new").status_code == 404


@pytest.mark.parametrize("uri", ["/etc/passwd", "file:///etc/passwd", "../key"])
def test_a_call_cannot_make_a_local_file_readable(client: TestClient, uri: str) -> None:
    answer = client.post("/v1/items", json={"items": [{"item_id": "x", "uri": uri}]})
    assert answer.status_code == 422
    assert answer.json()["place"] == "items.0.uri"


def test_search_and_explain(client: TestClient) -> None:
    assert client.get("/v1/search", params={"q": "calm"}).json()["hits"][0]["item"]["item_id"] == "a"
    why = client.get("/v1/explain", params={"user_id": "ada", "item_id": "c"}).json()
    assert why["item_id"] == "c"
    assert why["explanation"]["sentence_zh"]


def test_the_whole_why_of_an_item(client: TestClient) -> None:
    client.post("/v1/events", json={"user_id": "ada", "item_id": "a", "type": "like"})
    found = client.get("/v1/people/ada/why/c", params={"n": 5})
    assert found.status_code == 200, found.text
    why = found.json()
    assert (why["item"]["item_id"], why["place"], why["n"]) == ("c", 1, 5)
    told = why["told"][-1]
    assert (told["method"], told["shown"]) == ("left-out", True)
    assert told["reasons"][0]["did"] == "like"
    assert "event" not in told["reasons"][0], "numbers of events stay inside"
    assert why["without"][0]["gone"]
    assert client.get("/v1/people/nobody/why/c").status_code == 404
    assert client.get("/v1/people/ada/why/none").status_code == 404
    assert client.get("/v1/people/ada/why/c", params={"n": 0}).status_code == 422


def test_the_owners_views_hide_paths_and_payloads(client: TestClient) -> None:
    status = client.get("/v1/status")
    assert status.json()["counts"]["items"] == 3
    assert "/a/secret/place" not in status.text
    problems = client.get("/v1/problems", params={"n": 2})
    assert (len(problems.json()["problems"]), problems.json()["total"]) == (2, 3)
    assert "secret" not in problems.text
    assert client.get("/v1/models/current").json()["version"] == "m1"
    assert client.post("/v1/models/rollback", json={}).json()["code"] == "unknown-model"
    assert client.get("/v1/export").text.count("\n") == 3


def test_a_job_runs_and_tells_how_far_it_is(client: TestClient) -> None:
    started = client.post("/v1/jobs", json={"kind": "fit"})
    assert started.status_code == 202
    until = time.monotonic() + 10
    job = started.json()
    while job["state"] == "running" and time.monotonic() < until:
        time.sleep(0.02)
        job = client.get(f"/v1/jobs/{job['job_id']}").json()
    assert (job["state"], job["result"]) == ("done", "m1: the first")
    assert client.get("/v1/jobs/none").status_code == 404


def test_jobs_come_one_at_a_time_and_a_key_finds_its_own(client: TestClient, service: FakeService) -> None:
    go, began = threading.Event(), threading.Event()
    described = service.describe

    def slow(**given: Any) -> DescribeReport:
        began.set()
        assert go.wait(20)
        return described(**given)

    service.describe = slow  # type: ignore[assignment]
    key = {"idempotency-key": "k1"}
    first = client.post("/v1/jobs", json={"kind": "describe"}, headers=key).json()
    assert began.wait(20)
    assert client.post("/v1/jobs", json={"kind": "describe"}, headers=key).json()["job_id"] == first["job_id"]
    other = client.post("/v1/jobs", json={"kind": "fit"}, headers=key)
    assert (other.status_code, other.json()["place"]) == (422, "Idempotency-Key")
    busy = client.post("/v1/jobs", json={"kind": "fit"})
    assert (busy.status_code, busy.json()["code"], busy.json()["place"]) == (409, "busy", first["job_id"])
    go.set()
    until = time.monotonic() + 20
    while client.get(f"/v1/jobs/{first['job_id']}").json()["state"] == "running" and time.monotonic() < until:
        time.sleep(0.01)
    done = client.get("/v1/jobs").json()["jobs"]
    assert [(j["job_id"], j["state"]) for j in done] == [(first["job_id"], "done")]
    assert client.post("/v1/jobs", json={"kind": "describe"}, headers=key).json()["state"] == "done", "not begun again"


def test_work_that_came_meanwhile_is_done_after(service: FakeService) -> None:
    go, began, taken = threading.Event(), threading.Event(), []
    described = service.describe

    def slow(**given: Any) -> DescribeReport:
        began.set()
        assert go.wait(20)
        return described(**given)

    service.describe = slow  # type: ignore[assignment]
    service.take_uploads = lambda *_: taken.append(1) or 1  # type: ignore[attr-defined, method-assign]
    jobs = Jobs(service)  # type: ignore[arg-type]
    jobs.start("describe")
    assert began.wait(20)
    jobs.soon("uploads")
    jobs.soon("uploads")
    assert taken == []
    go.set()
    until = time.monotonic() + 20
    while (len(jobs.all()) < 2 or jobs.all()[0].state == "running") and time.monotonic() < until:
        time.sleep(0.01)
    assert [(j.kind, j.state) for j in jobs.all()] == [("uploads", "done"), ("describe", "done")]
    assert taken == [1], "once for both"
    jobs.close()


def test_health(client: TestClient, service: FakeService) -> None:
    assert client.get("/v1/health/live").json()["status"] == "live"
    assert client.get("/v1/health/ready").json()["status"] == "ready"
    service.fail_with = StoreError("locked", remedy="wait")
    assert client.get("/v1/health/ready").status_code == 503
    assert client.get("/v1/health/live").status_code == 200


def test_the_documentation_is_openapi_3_1_with_examples_and_problems(
    client: TestClient,
) -> None:
    told = client.get("/v1/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    schemas = told["components"]["schemas"]
    for name in (
        "EventIn",
        "AskIn",
        "FeedbackIn",
        "ItemsIn",
        "CorrectionIn",
        "ProblemDetails",
    ):
        assert schemas[name]["examples"], name
    for path, methods in told["paths"].items():
        for method, route in methods.items():
            assert route.get("summary"), (method, path)
    assert "application/problem+json" in told["paths"]["/v1/items/{item_id}"]["get"]["responses"]["404"]["content"]


def test_the_examples_of_the_documentation_work(client: TestClient, service: FakeService) -> None:
    schemas = client.get("/v1/openapi.json").json()["components"]["schemas"]
    for example in schemas["EventIn"]["examples"]:
        assert client.post("/v1/events", json=example).status_code == 200
    for example in schemas["AskIn"]["examples"]:
        assert client.post("/v1/recommendations", json=example).status_code == 200
    for example in schemas["FeedbackIn"]["examples"]:
        assert client.post("/v1/feedback", json=example).status_code == 200
    for example in schemas["ItemsIn"]["examples"]:
        assert client.post("/v1/items", json=example).status_code == 200
    for example in schemas["CorrectionIn"]["examples"]:
        assert client.patch("/v1/people/ada/profile", json=example).status_code == 200


def test_an_account_of_an_item_says_where_each_sentence_stands(client: TestClient) -> None:
    told = client.get("/v1/items/a/account", params={"style": "news", "language": "zh"}).json()
    assert (told["style"], told["language"]) == ("news", "zh")
    assert all(claim["evidence"] for part in told["parts"] for claim in part["claims"])
    assert client.get("/v1/items/a/account", params={"style": "poem"}).status_code == 422
    assert client.get("/v1/items/nobody/account").status_code == 404
