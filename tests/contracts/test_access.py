"""Contract suites of `base.ports.access`: AccessStore and AuditStore."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from tests.contracts.conftest import Library

from vitascope.backends.stores import Stores
from vitascope.base.errors import StoreError
from vitascope.base.ports.access import (
    AccessStore,
    AuditDraft,
    AuditHead,
    AuditLine,
    AuditStore,
    KeyRow,
    Scope,
    SessionRow,
)

READ = frozenset({Scope.READ, Scope.EVENTS})


def row(name: str, **more: object) -> KeyRow:
    return KeyRow.model_validate({"key_id": name, "label": "a phone", "scopes": READ, "created_at": 1.0} | more)


def test_a_key_is_found_by_its_own_secret_alone(library: Library) -> None:
    store: AccessStore = library.open().access
    other: AccessStore = library.open().access
    person = library.open().people.ensure(["ann"])["ann"]
    store.put_key(row("k1"), "first secret")
    store.put_key(row("k2", person=person, expires_at=9.0, created_at=2.0), "second secret")
    assert other.key("k1", "first secret") == row("k1")
    assert other.key("k2", "second secret") == row("k2", person=person, expires_at=9.0, created_at=2.0)
    for wrong in (("k1", "second secret"), ("k3", "first secret"), ("k1", ""), ("", "first secret")):
        assert other.key(*wrong) is None
    assert [k.key_id for k in other.all_keys()] == ["k1", "k2"]
    assert store.revoke("k1", 5.0)
    assert not store.revoke("k1", 6.0)
    assert not store.revoke("k9", 6.0)
    assert other.key("k1", "first secret") == row("k1", revoked_at=5.0)


def test_no_secret_and_no_name_is_in_the_rows(library: Library) -> None:
    stores = library.open()
    stores.access.put_key(row("k1", label="Annika's phone"), "first secret")
    stores.access.put_login("annika@example.org", "scrypt$hash", 1.0)
    stores.access.put_session(SessionRow(who="owner 1", scopes=READ, created_at=1, expires_at=2), "session secret")
    with stores._database.read() as connection:
        kept = b"".join(
            str(value).encode() if not isinstance(value, bytes) else value
            for table in ("access_keys", "logins", "sessions")
            for found in connection.execute(text(f"SELECT * FROM {table}"))
            for value in found
        )
    for plain in (b"secret", b"Annika", b"annika"):
        assert plain not in kept


def test_owners_and_their_sessions(library: Library) -> None:
    store, other = library.open().access, library.open().access
    assert store.login("ann") is None
    store.put_login("ann", "h1", 1.0)
    found = other.login("ann")
    assert found is not None
    who, hashed = found
    assert hashed == "h1"
    assert "ann" not in who
    assert other.login("Ann") is None
    assert other.logins() == ("ann",)
    mine = SessionRow(who=who, scopes=READ, created_at=1.0, expires_at=10.0)
    store.put_session(mine, "one")
    store.put_session(mine, "two")
    assert other.session("one") == mine
    assert other.session("three") is None
    assert store.end_sessions("one") == 1
    assert other.session("one") is None
    store.put_session(mine.model_copy(update={"created_at": 11.0, "expires_at": 20.0}), "late")
    assert other.session("two") is None  # ran out, and was cleared
    store.put_login("ann", "h2", 12.0)  # a new password ends what the old one opened
    assert other.session("late") is None
    store.put_login("ann", None, 13.0)
    assert other.logins() == ()


def add(store: AuditStore, act: str) -> tuple[AuditLine, AuditHead]:
    return store.add(AuditDraft(at=1.5, act=act, who="key 1", subject="item \0 7", detail="x" * 900))


def test_the_trail_keeps_everything_in_order(library: Library) -> None:
    one, other = library.open().audit, library.open().audit
    assert one.broken() is None
    made = [add(store, act)[0] for store, act in ((one, "a"), (other, "b"), (one, "c"))]
    assert list(other.lines()) == made
    assert list(other.lines(made[0].number)) == made[1:]
    assert made[0].subject == "item  7"
    assert len(made[0].detail) == 500
    assert other.broken() is None


def test_the_trail_refuses_to_be_changed(stores: Stores) -> None:
    add(stores.audit, "a")
    for statement in ("UPDATE audit SET at = 0", "DELETE FROM audit"):
        with pytest.raises(StoreError, match="append-only"), stores._database.write() as connection:
            connection.execute(text(statement))


def behind(stores: Stores, statement: str) -> None:
    """As somebody does who writes to the database itself."""
    with stores._database.write() as connection:
        if stores._database.is_sqlite:
            connection.execute(text("DROP TRIGGER IF EXISTS audit_no_delete"))
            connection.execute(text("DROP TRIGGER IF EXISTS audit_no_update"))
        else:
            connection.execute(text("DROP TRIGGER IF EXISTS audit_append_only ON audit"))
        connection.execute(text(statement))


@pytest.mark.parametrize(
    "column", ["at = 1.6", "act = 'A'", "who = 'key 2'", "subject = ''", "done = NOT done", "detail = 'y'"]
)
def test_a_changed_line_is_noticed(stores: Stores, column: str) -> None:
    lines = [add(stores.audit, act)[0] for act in "abc"]
    behind(stores, f"UPDATE audit SET {column} WHERE number = {lines[1].number}")
    assert stores.audit.broken() == lines[1].number


def test_lines_that_were_taken_out_are_noticed(stores: Stores) -> None:
    lines = [add(stores.audit, act)[0] for act in "abcd"]
    behind(stores, f"DELETE FROM audit WHERE number = {lines[3].number}")  # the newest
    assert stores.audit.broken() == lines[2].number + 1
    later = add(stores.audit, "e")[0]
    assert stores.audit.broken() == later.number
    behind(stores, f"DELETE FROM audit WHERE number = {lines[1].number}")
    assert stores.audit.broken() == lines[2].number


def test_a_trail_set_back_as_a_whole_is_noticed_by_a_head_kept_apart(stores: Stores) -> None:
    """The digest of the newest line stands in the same database, so an old copy of both agrees with itself."""
    first = add(stores.audit, "a")[0]
    with stores._database.read() as connection:
        end = connection.execute(text("SELECT value FROM settings WHERE name = 'audit:end'")).scalar_one()
    _line, head = add(stores.audit, "b")
    assert stores.audit.broken(head) is None
    behind(stores, f"DELETE FROM audit WHERE number > {first.number}")
    behind(stores, f"UPDATE settings SET value = '{end}' WHERE name = 'audit:end'")
    assert stores.audit.broken() is None
    assert stores.audit.broken(head) == first.number + 1
    add(stores.audit, "c")
    add(stores.audit, "d")
    assert stores.audit.broken(head) is not None
    assert stores.audit.seal(head) != stores.audit.seal(head.model_copy(update={"number": 1}))
