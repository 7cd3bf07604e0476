"""Consents, and erasure in the library, on every database: everything of one person goes, everything of the others stays."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, text
from tests.contracts.conftest import Library

from vitascope.backends.stores import Stores
from vitascope.backends.stores._erase import NOBODYS, personal_tables
from vitascope.backends.stores._tables import events, metadata
from vitascope.base.errors import StoreError
from vitascope.base.items import ItemDraft
from vitascope.base.media import Problem
from vitascope.base.moderation import Act, ActDraft, Verdict
from vitascope.base.people import Correction, EventDraft, EventType, Profile
from vitascope.base.privacy import Purpose
from vitascope.base.records import PersonKey


def live(stores: Stores, name: str) -> PersonKey:
    """Somebody who uses everything that the stores know of."""
    person = stores.people.ensure([name])[name]
    (item,) = stores.items.put([ItemDraft(item_id="a", title="t")])
    acts = [(EventType.LIKE, None), (EventType.COMMENT, f"words of {name}"), (EventType.UNDO, None)]
    stores.events.append(
        [
            EventDraft(
                person=person,
                item=item.key,
                type=kind,
                time=1_600_000_000.0 + n,
                identity=f"{name}-{n}",
                session=f"{name}-session",
                text=words,
                undoes=EventType.LIKE if kind is EventType.UNDO else None,
            )
            for n, (kind, words) in enumerate(acts)
        ]
    )
    stores.profiles.put(Profile(person=person, text=f"taste of {name}"))
    stores.profiles.correct(person, Correction(name="topic:x", value=1.0))
    stores.profiles.set_weights(person, {"topic:x": 1.0}, last_event=2)
    stores.consents.say(person, [Purpose.RESEARCH], False)
    stores.moderation.add(
        ActDraft(at=1.0, act=Act.AUDIENCE, person=person, audience="children", who="boss", why=name, policy="p")
    )
    decided = ActDraft(
        at=2.0,
        act=Act.DECIDE,
        item=item.key,
        item_id="a",
        verdict=Verdict.ALLOW,
        who=name,
        why=f"says {name}",
        policy="p",
    )
    stores.moderation.add(decided)
    stores.problems.add([Problem(kind="bad-row", place=f"f:{name}", reason="r", remedy="m", payload=f"{name},a,like")])
    return person


def found(stores: Stores, name: str) -> set[str]:
    return {place for place, data in stores.erasure.texts() if name.encode() in data}


def test_everything_of_one_person_goes_and_the_others_stay(stores: Stores) -> None:
    alice, bob = live(stores, "alice-7731"), live(stores, "bob-2210")
    before = found(stores, "bob-2210")
    assert {"people.external_id", "events.text", "profiles.body", "moderation.who", "problems.payload"} <= before
    columns, removals = stores.events.columns(), stores.events.removals()
    removed = {r.place: r.count for r in stores.erasure.erase(alice, "alice-7731", "r1")}
    assert stores.erasure.compact()
    assert removed["table:events"] == 3
    assert removed["table:moderation"] == 2
    assert removed["table:people"] == removed["table:problems"] == removed["table:consents"] == 1
    assert stores.erasure.left(alice) == []
    assert found(stores, "alice-7731") == set()
    assert found(stores, "bob-2210") == before
    assert {r.place for r in stores.erasure.left(bob)} >= {"table:events", "table:people", "table:profiles"}
    assert stores.moderation.broken() is None, "an emptied line keeps its place in the chain"
    assert stores.moderation.audiences() == {bob: "children"}
    assert list(stores.erasure.tombstones().values()) == ["r1"]
    assert stores.events.removals() > removals
    assert len(stores.events.columns()) == len(columns) // 2
    again = stores.people.ensure(["alice-7731"])["alice-7731"]
    assert again not in (alice, bob), "an internal id is never given out again"


def test_the_log_lets_nothing_else_go(stores: Stores) -> None:
    alice, bob = live(stores, "alice"), live(stores, "bob")
    for statement in (
        delete(events).where(events.c.person == bob),
        text("UPDATE events SET value = 1"),
        text("UPDATE moderation SET policy = 'q'"),
        text("DELETE FROM moderation"),
        text("UPDATE moderation SET chain = chain, redacted = chain"),
    ):
        refused = pytest.raises(StoreError, match="append-only")
        with refused, stores._database.write() as connection:
            connection.execute(statement)
    with pytest.raises(StoreError, match="append-only"), stores._database.write() as connection:  # noqa: PT012
        connection.execute(text(f"INSERT INTO erasing (person) VALUES ({alice})"))
        connection.execute(delete(events))  # bob's too
    stores.erasure.erase(alice, "alice", "r")
    with stores._database.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM erasing")) == 0


def test_a_forged_redaction_is_noticed(stores: Stores) -> None:
    live(stores, "alice")
    with stores._database.write() as connection:
        connection.execute(text("INSERT INTO erasing (person) VALUES (99)"))
        connection.execute(text("UPDATE moderation SET policy = 'q', redacted = chain WHERE number = 2"))
        connection.execute(text("DELETE FROM erasing"))
    assert stores.moderation.broken() == 2


def test_old_events_are_retired(library: Library) -> None:
    stores = library.open()
    alice = live(stores, "alice")
    stores.events.append(
        [EventDraft(person=alice, item=None, type=EventType.FOLLOW, identity="undated", target="topic:x")]
    )
    assert stores.erasure.retire(1_600_000_001.5) == 2
    assert [e.identity for e in stores.events.of(alice)] == ["undated"]
    assert stores.erasure.retire(1_600_000_001.5) == 0


def test_what_people_agree_to(stores: Stores) -> None:
    alice, bob = stores.people.ensure(["alice", "bob"]).values()
    assert stores.consents.of(alice) == {}
    stores.consents.say(alice, [Purpose.RECOMMEND, Purpose.OUTSIDE], True)
    stores.consents.say(alice, [Purpose.RECOMMEND], False)
    stores.consents.say(bob, [], False)
    said = stores.consents.of(alice)
    assert {purpose: c.given for purpose, c in said.items()} == {Purpose.RECOMMEND: False, Purpose.OUTSIDE: True}
    assert said[Purpose.RECOMMEND].said_at is not None
    assert stores.consents.said(Purpose.RECOMMEND, False) == {alice}
    assert stores.consents.said(Purpose.RECOMMEND, True) == frozenset()


def test_every_table_is_a_persons_or_says_why_not() -> None:
    """A new table with a person's rows is erased without being named; any other one says in NOBODYS why it has none."""
    covered = {table.name for table in personal_tables()}
    assert {"events", "profiles", "corrections", "resets", "weights", "audiences", "consents"} <= covered
    assert {table.name for table in metadata.sorted_tables} - covered <= NOBODYS.keys()
    for table in metadata.sorted_tables:
        about = {"person", "user", "user_id", "person_id"} & set(table.columns.keys())
        assert about <= {"person"}, f"{table.name}: a person's column is called `person`, so that erasure finds it"
