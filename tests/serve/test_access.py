"""Keys, scopes, people's own tokens, sign-in, limits, pages of others, the audit trail: over the real desk."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from tests.contracts.conftest import Clock
from tests.serve.fake_service import FakeService

from vitascope.assemble import System, _access, open_system
from vitascope.base.errors import Refused, UsageError
from vitascope.base.ports.access import PERSONAL, Begun, Grant, Scope, Vouched
from vitascope.serve import ServeConfig, create_app
from vitascope.serve._access import RULES, Refusal, check_body, decide, rule_of

TOKEN = "a-long-enough-token-for-tests"
BASE = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_access, "COST", (16, 8, 1))
        clock = Clock()
        one = open_system(tmp_path_factory.mktemp("access") / "home", clock=clock)
        yield one
        one.close()


def over(system: System, service: FakeService, **config: Any) -> TestClient:
    """A client of a server that asks who is there."""
    told = ServeConfig(**{"token": SecretStr(TOKEN), "rate": 0, **config})
    return TestClient(create_app(service, told, system.access), base_url=BASE, follow_redirects=False)


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


def key(system: System, *scopes: Scope, person: str | None = None, days: float | None = None) -> dict[str, str]:
    return bearer(system.access.create_key("test", scopes, person, days).secret)


# ------------------------------------------------------------------------------------------------ the table


def test_every_route_has_a_line_in_the_table(system: System, service: FakeService) -> None:
    found = create_app(service, ServeConfig(), system.access).openapi()["paths"]
    missing = [
        f"{method.upper()} {path}"
        for path, operations in found.items()
        for method in operations
        if rule_of(method.upper(), path) is None
    ]
    assert missing == [], "add a line to serve/_access.py: RULES"


def test_a_path_that_the_table_does_not_know_is_the_owners_alone() -> None:
    everything_else = Grant(who="key 1", scopes=frozenset(Scope) - {Scope.OWNER})
    for path in ("/v1/nothing", "/v1", "/v1/people2", "/v1/session2", "/metrics/x"):
        assert rule_of("GET", path) is None
        with pytest.raises(Refusal):
            decide(everything_else, "GET", path, b"")
    decide(Grant(who="owner", scopes=frozenset({Scope.OWNER})), "GET", "/v1/nothing", b"")
    with pytest.raises(Refusal):
        decide(everything_else, "TRACE", "/v1/items", b"")


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [
        (Scope.READ, "GET", "/v1/items"),
        (Scope.RECOMMEND, "GET", "/v1/recommendations"),
        (Scope.PEOPLE, "GET", "/v1/people"),
        (Scope.MODERATE, "GET", "/v1/moderation/queue"),
        (Scope.OWNER, "GET", "/v1/status"),
        (Scope.ITEMS, "DELETE", "/v1/items/none"),
    ],
)
def test_a_key_reaches_as_far_as_its_scope(
    system: System, service: FakeService, scope: Scope, method: str, path: str
) -> None:
    with over(system, service) as client:
        assert client.request(method, path, headers=key(system, scope)).status_code in (200, 404)
        others = [s for s in Scope if s not in (scope, Scope.OWNER)]
        answer = client.request(method, path, headers=key(system, *others))
        assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")
        assert client.request(method, path).status_code == 401
        assert client.get("/v1/health/live").status_code == 200


def test_a_key_ends(system: System, service: FakeService) -> None:
    made = system.access.create_key("phone", [Scope.READ], days=2)
    with over(system, service) as client:
        assert client.get("/v1/items", headers=bearer(made.secret)).status_code == 200
        assert client.get("/v1/items", headers=bearer(made.secret[:-1] + "A")).status_code == 401
        assert system.access.revoke_key(made.key.key_id).state == "revoked"
        assert client.get("/v1/items", headers=bearer(made.secret)).status_code == 401
        short = system.access.create_key("phone", [Scope.READ], days=1)
        system.rooms.clock.now += 2 * 86_400  # type: ignore[attr-defined]
        assert client.get("/v1/items", headers=bearer(short.secret)).status_code == 401
    states = {view.key_id: view.state for view in system.access.list_keys()}
    assert (states[made.key.key_id], states[short.key.key_id]) == ("revoked", "expired")
    kept = b"".join(p.read_bytes() for p in system.rooms.home.path.iterdir() if p.is_file())
    assert made.secret.encode() not in kept
    assert made.secret.rsplit("_", 1)[1].encode() not in kept


def test_keys_that_make_no_sense(system: System) -> None:
    with pytest.raises(UsageError, match="scope"):
        system.access.create_key("x", [])
    with pytest.raises(UsageError, match="person"):
        system.access.create_key("x", [Scope.OWNER], "ann")
    with pytest.raises(UsageError, match="days"):
        system.access.create_key("x", [Scope.READ], days=0)


def test_an_open_home_stays_open_but_a_key_that_ended_is_refused(system: System, service: FakeService) -> None:
    with TestClient(create_app(service, ServeConfig(), system.access), base_url=BASE) as client:
        assert client.get("/v1/status").status_code == 200
        assert client.get("/v1/session").json()["who"] == "open"
        assert client.get("/v1/status", headers=bearer("something of another program")).status_code == 200
        assert client.get("/v1/status", headers=key(system, Scope.READ)).status_code == 403
        assert client.get("/v1/items", headers=bearer(f"vsk_{'0' * 12}_{'a' * 43}")).status_code == 401


def test_a_browser_trades_a_persons_token_for_a_cookie(system: System, service: FakeService) -> None:
    made = system.access.create_key("tv", [], "ann")
    with over(system, service) as client:
        answer = client.get("/", params={"token": made.secret})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert client.get("/v1/session").json() | {"who": ""} == {
            "who": "",
            "scopes": sorted(PERSONAL),
            "user_id": "ann",
            "password": False,
            "provider": False,
        }
        assert client.get("/v1/recommendations", params={"user_id": "ben"}).status_code == 403
        assert client.delete("/v1/session").status_code == 204
        assert client.get("/v1/session").json()["who"] == "nobody"


# ------------------------------------------------------------------------------------------------ a person's own

ANN = Grant(who="key 1", scopes=PERSONAL, user_id="ann", audience="children")


def test_the_query_is_the_persons_own_whatever_the_caller_wrote() -> None:
    _rule, query = decide(ANN, "GET", "/v1/items", b"n=3&audience=adults&user_id=ann")
    assert query == b"n=3&user_id=ann&audience=children"
    for theirs in (b"user_id=ben", b"user_id=ann&user_id=ben", b"user_id=", b"user_id=%62en", b"user=ben"):
        with pytest.raises(Refusal):
            decide(ANN, "GET", "/v1/items", theirs)


@settings(max_examples=30, deadline=None)
@given(st.text(min_size=1, max_size=12).filter(lambda text: text != "ann"))
def test_no_other_name_passes_in_the_path(name: str) -> None:
    path = name.replace("%", "%25").replace("/", "%2F")
    with pytest.raises(Refusal):
        decide(ANN, "GET", f"/v1/people/{path}/profile", b"")


@pytest.mark.parametrize(
    "body",
    [
        b'{"user_id": "ben"}',
        b'{"user_id": "ann", "user_id": "ben"}',
        b'{"user_id": "ben", "user_id": "ann"}',
        b'{"user_id": ["ann", "ben"]}',
        b'{"user_id": "ann", "more": [{"deep": {"user_id": "ben"}}]}',
        b'{"user_id": null}',
        b"{}",
        b"[]",
        b"",
        b"not json",
        b"[" * 100_000,
        '{"user_id": "ann", "other_id": "ben"}'.encode("utf-16"),
    ],
)
def test_a_body_that_names_another_or_nobody_is_refused(body: bytes) -> None:
    rule = rule_of("POST", "/v1/events")
    assert rule is not None
    with pytest.raises(Refusal):
        check_body(ANN, rule, body)
    check_body(ANN, rule, b'{"user_id": "ann", "item_id": "a", "type": "like"}')


def test_every_line_about_bodies_names_a_place() -> None:
    for rule in RULES:
        assert bool(rule.places) == (rule.bound.value == "body"), rule
        assert ("{user_id}" in rule.path) or rule.bound.value != "path", rule


# ------------------------------------------------------------------------------------------------ sign-in


@pytest.fixture
def owner(system: System) -> Iterator[str]:
    system.access.set_owner("ann@home", "correct horse")
    yield "ann@home"
    system.access.remove_owner("ann@home")


def test_an_owner_signs_in_and_out(system: System, service: FakeService, owner: str) -> None:
    with over(system, service, token=None) as client:
        assert client.get("/v1/status").status_code == 401
        assert client.get("/", headers={"accept": "text/html"}).headers["location"] == "/sign-in"
        page = client.get("/sign-in")
        assert page.status_code == 200
        assert "unsafe" not in page.headers["content-security-policy"]
        assert client.get("/sign-in/sign-in.js").headers["content-type"].startswith("text/javascript")
        assert client.get("/v1/session").json()["password"] is True
        answer = client.post("/v1/session", json={"name": owner, "password": "correct horse"})
        assert answer.status_code == 204
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert client.get("/v1/status").status_code == 200
        assert client.get("/v1/session").json()["scopes"] == ["owner"]
        secret = client.cookies["vitascope_session"]
        assert client.delete("/v1/session").status_code == 204
        assert client.get("/v1/status", headers={"cookie": f"vitascope_session={secret}"}).status_code == 401


def test_a_session_ends_by_itself_and_with_a_new_password(system: System, service: FakeService, owner: str) -> None:
    with over(system, service, token=None) as client:
        for ending in ("time", "password"):
            client.post("/v1/session", json={"name": owner, "password": "correct horse"})
            assert client.get("/v1/status").status_code == 200
            if ending == "time":
                system.rooms.clock.now += system.access.session_seconds + 1  # type: ignore[attr-defined]
                system.access._forget()  # the second for which a grant is believed is over
            else:
                system.access.set_owner(owner, "another horse")
            assert client.get("/v1/status").status_code == 401


def test_wrong_passwords_are_answered_alike_and_not_for_long(system: System, service: FakeService, owner: str) -> None:
    with over(system, service, token=None, sign_in_tries=3) as client:
        told = [
            client.post("/v1/session", json={"name": name, "password": password})
            for name, password in ((owner, "wrong"), ("nobody", "correct horse"))
        ]
        assert [a.status_code for a in told] == [401, 401]
        assert told[0].content == told[1].content
        for _ in range(2):
            client.post("/v1/session", json={"name": owner, "password": "wrong"})
        answer = client.post("/v1/session", json={"name": owner, "password": "correct horse"})
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0
        for number in range(5):  # other accounts from the same address, until the address has had its share
            client.post("/v1/session", json={"name": f"other {number}", "password": "wrong"})
        assert client.post("/v1/session", json={"name": "new", "password": "wrong"}).status_code == 429


def test_passwords_are_hashed_slowly_and_a_weak_one_is_refused(system: System) -> None:
    with pytest.raises(UsageError, match="characters"):
        system.access.set_owner("ann", "short")
    made = _access.hashed("correct horse")
    assert _access.matches("correct horse", made)
    assert not _access.matches("correct horsf", made)
    assert made != _access.hashed("correct horse")
    assert not _access.matches("", _access._nobodys())


def test_other_addresses_are_served_where_somebody_can_sign_in(
    system: System, service: FakeService, owner: str
) -> None:
    app = create_app(service, ServeConfig(host="0.0.0.0"), system.access)
    assert TestClient(app, base_url="http://0.0.0.0:8000").get("/v1/status").status_code == 401


class Provider:
    """An identity provider that vouches for whoever is told."""

    def __init__(self, vouched: Vouched) -> None:
        self.vouched = vouched

    def begin(self, back: str) -> Begun:
        return Begun(url=f"https://id.example/?back={back}", kept="kept")

    def finish(self, back: str, kept: str, state: str, code: str) -> Vouched:
        if (kept, state, code) != ("kept", "s", "c"):
            raise Refused("no")
        return self.vouched


@pytest.mark.parametrize(
    ("vouched", "status"),
    [
        (Vouched(issuer="i", subject="17"), 200),
        (Vouched(issuer="i", subject="x", email="Ann@example.org"), 200),
        (Vouched(issuer="i", subject="18", email="ben@example.org"), 403),
        (Vouched(issuer="i", subject="", email=""), 403),
    ],
)
def test_an_identity_provider_vouches_for_owners(
    system: System, service: FakeService, vouched: Vouched, status: int
) -> None:
    config = ServeConfig(oidc_issuer="https://id.example", oidc_owners=("17", "ann@example.org"))
    app = create_app(service, config, system.access, Provider(vouched))
    with TestClient(app, base_url=BASE, follow_redirects=False) as client:
        assert client.get("/v1/status").status_code == 401
        assert "identity provider" in client.get("/sign-in").text
        begun = client.get("/v1/session/oidc")
        assert begun.headers["location"] == f"https://id.example/?back={BASE}/v1/session/oidc/back"
        assert "samesite=lax" in begun.headers["set-cookie"].lower()
        assert client.get("/v1/session/oidc/back?state=s&code=x").status_code == 403
        assert client.get("/v1/session/oidc/back?state=s&code=c").status_code == status
        assert client.get("/v1/status").status_code == (200 if status == 200 else 401)


# ------------------------------------------------------------------------------------------------ limits and pages of others


def test_too_many_requests(system: System, service: FakeService) -> None:
    with over(system, service, rate=0.001, burst=3) as client:
        mine, other = key(system, Scope.READ), key(system, Scope.READ)
        assert [client.get("/v1/items", headers=mine).status_code for _ in range(4)] == [200, 200, 200, 429]
        assert client.get("/v1/items", headers=other).status_code == 200
        answer = client.get("/v1/items", headers=mine)
        assert answer.json()["code"] == "too-many-requests"
        assert int(answer.headers["retry-after"]) >= 1


def test_guessing_the_token_ends(system: System, service: FakeService) -> None:
    with over(system, service, sign_in_tries=1) as client:
        for number in range(3):
            assert client.get("/v1/items", headers=bearer(f"guess {number}")).status_code == 401
        assert client.get("/v1/items", headers=bearer(TOKEN)).status_code == 429
        assert client.get("/", params={"token": TOKEN}).status_code == 429
        assert client.get("/v1/items", headers=key(system, Scope.READ)).status_code == 200  # nobody guesses a key


def test_a_page_of_the_allow_list_may_call_with_a_key_and_no_other(system: System, service: FakeService) -> None:
    theirs = {"origin": "https://app.example.org"}
    with over(system, service, cors_origins=("https://app.example.org",)) as client:
        asked = theirs | {"access-control-request-method": "POST"}
        preflight = client.options("/v1/events", headers=asked)
        assert preflight.status_code == 204
        assert preflight.headers["access-control-allow-origin"] == theirs["origin"]
        assert "access-control-allow-credentials" not in preflight.headers
        like = {"user_id": "ada", "item_id": "a", "type": "like"}
        mine = key(system, Scope.EVENTS) | theirs | {"sec-fetch-site": "cross-site"}
        assert client.post("/v1/events", json=like, headers=mine).status_code == 200
        assert client.post("/v1/events", json=like, headers=theirs).status_code == 403
        cookie = {"cookie": f"vitascope_token={TOKEN}"}
        assert client.post("/v1/events", json=like, headers=mine | cookie).status_code == 403
        evil = {"origin": "https://evil.example"}
        assert client.post("/v1/events", json=like, headers=mine | evil).status_code == 403
        assert "access-control-allow-origin" not in client.get("/v1/items", headers=mine | evil).headers


def test_no_secret_is_logged(system: System, service: FakeService, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("vitascope").propagate = True
    secret = f"vsk_{'ab' * 6}_{'z' * 43}"
    good = system.access.create_key("x", [Scope.OWNER]).secret
    with over(system, service) as client:
        for path in ("/", "/v1/people/mallory/profile", "/v1/nothing"):
            for method in ("GET", "POST"):
                for one in (secret, good, TOKEN + "x"):
                    client.request(method, path, headers=bearer(one), params={"token": one})
                    client.request(method, path, headers={"cookie": f"vitascope_token={one}; vitascope_session={one}"})
        client.post("/v1/session", json={"name": "mallory", "password": "hunter2 hunter2"})
    ours = [r.getMessage() for r in caplog.records if r.name.startswith(("vitascope", "uvicorn"))]
    logged = "\n".join(ours) + "".join(p.read_text() for p in system.rooms.home.logs.glob("*.log*"))
    for one in (secret, good, TOKEN, "hunter2", "z" * 43, "mallory"):
        assert one not in logged
    trail = system.access.audit_report(10_000).model_dump_json()
    assert "hunter2" not in trail
    assert "mallory" not in trail


# ------------------------------------------------------------------------------------------------ the audit trail


def test_what_was_done_is_in_the_trail(system: System, service: FakeService, owner: str) -> None:
    made = system.access.create_key("phone", [Scope.READ])
    system.access.revoke_key(made.key.key_id)
    with over(system, service) as client:
        client.post("/v1/session", json={"name": owner, "password": "wrong"})
        client.post("/v1/session", json={"name": owner, "password": "correct horse"})
        client.delete("/v1/session")
        assert client.get("/v1/export", headers=bearer(TOKEN)).status_code == 200
    report = system.access.audit_report(7)
    assert report.whole
    assert [(line.act, line.done) for line in report.lines] == [
        ("owner.set", True),
        ("key.create", True),
        ("key.revoke", True),
        ("sign-in", False),
        ("sign-in", True),
        ("sign-out", True),
        ("export", True),
    ]
    assert report.lines[1].subject == f"key {made.key.key_id}"
    assert report.lines[-1].who == "token"


def test_settings_that_changed_are_in_the_trail(system: System) -> None:
    system.access.note_settings({"serve": "1", "train": "1"})
    system.access.note_settings({"serve": "1", "train": "1"})
    system.access.note_settings({"serve": "2", "train": "1"})
    assert [line.detail for line in system.access.audit_report(2).lines] == ["first: serve train", "changed: serve"]


def test_a_flipped_byte_and_a_cut_are_found(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    system = open_system(folder)
    for number in range(5):
        system.access.audit("test", subject=f"item {number}")
    assert system.access.audit_report().whole
    system.close()
    database = folder / "library.db"

    def behind(*statements: str) -> bool:
        kept = database.read_bytes()
        connection = sqlite3.connect(database)
        for statement in ("DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete", *statements):
            connection.execute(statement)
        connection.commit()
        connection.close()
        opened = open_system(folder)
        found = opened.access.audit_report().whole
        opened.close()
        database.write_bytes(kept)
        return found

    assert behind()
    assert not behind("UPDATE audit SET subject = 'item 7' WHERE number = 3")
    assert not behind("DELETE FROM audit WHERE number = 5")
    assert not behind("DELETE FROM audit", "DELETE FROM settings WHERE name = 'audit:end'")
    raw = database.read_bytes()
    at = raw.index(b"item 2")
    database.write_bytes(raw[:at] + b"i" + bytes([raw[at + 1] ^ 1]) + raw[at + 2 :])
    assert not behind()
    database.write_bytes(raw)
    head = folder / "logs" / "audit.head"
    told = head.read_text()
    head.write_text(told.replace('"number": 5', '"number": 4'))
    assert not behind()
    head.unlink()
    assert not behind()
