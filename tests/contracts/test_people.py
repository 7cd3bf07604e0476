"""Contract suite of the ports in `base.ports.people`."""

from __future__ import annotations

import itertools
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contracts.conftest import Library

from vitascope.backends.stores import Stores
from vitascope.base.people import (
    EVENT_TYPES,
    SEEN_TYPES,
    Correction,
    Event,
    EventDraft,
    EventType,
    Interest,
    Profile,
    Surface,
    TasteFeature,
)
from vitascope.base.ports.people import Appended, EventStore, PeopleStore, ProfileStore
from vitascope.base.records import ItemKey, PersonKey

ONE, TWO = PersonKey(1), PersonKey(2)
_fresh = itertools.count(1000)


def event(identity: str, kind: EventType = EventType.LIKE, **fields: Any) -> EventDraft:
    """An event of person 1 on item 1."""
    values: dict[str, Any] = {"person": ONE, "item": ItemKey(1), "type": kind, "identity": identity, **fields}
    return EventDraft(**values)


def undo(identity: str, what: EventType = EventType.LIKE, **fields: Any) -> EventDraft:
    """An undo of person 1 on item 1."""
    return event(identity, EventType.UNDO, undoes=what, **fields)


def names(events: list[Event]) -> list[str]:
    """Their identities."""
    return [e.identity for e in events]


def test_every_store_is_what_its_port_asks_for(stores: Stores) -> None:
    ports: tuple[PeopleStore, EventStore, ProfileStore] = (stores.people, stores.events, stores.profiles)
    assert len(ports) == 3


class TestPeople:
    def test_ensure_makes_once(self, library: Library) -> None:
        one, two = library.open(), library.open()
        first = one.people.ensure(["u1", "u2", "u1"])
        assert len(set(first.values())) == 2
        assert two.people.ensure(["u2", "u3"])["u2"] == first["u2"]
        assert two.people.find(["u1", "nobody"]) == {"u1": first["u1"]}
        assert [p.external_id for p in one.people.iter()] == ["u1", "u2", "u3"]
        assert one.people.external([first["u2"], PersonKey(99)]) == {first["u2"]: "u2"}

    def test_any_text_is_an_id(self, stores: Stores) -> None:
        ids = ["", " u", "u", "U", "用户", "a\0b", "\ud800", "x" * 5000, "d800", "' OR 1=1 --"]
        keys = stores.people.ensure(ids)
        assert len(set(keys.values())) == len(ids)
        assert stores.people.find(ids) == keys
        assert stores.people.external(list(keys.values())) == {key: name for name, key in keys.items()}

    def test_many(self, stores: Stores) -> None:
        ids = [f"u{n}" for n in range(2_500)]
        assert stores.people.ensure(ids) == stores.people.ensure(list(reversed(ids)))
        assert len(list(stores.people.iter())) == 2_500


class TestAppend:
    def test_an_event_comes_back_as_it_went_in(self, stores: Stores) -> None:
        drafts = [
            event("1", EventType.RATE, value=4.5, time=3.25, surface=Surface.TV, session="s-1", source="import:f.csv"),
            event("2", EventType.COMMENT, time=4.0, text="so good 好", source="demo"),
            event("3", EventType.FOLLOW, item=None, time=5.0, target="creator:X"),
            event("4", EventType.IMPRESSION, time=6.0, value=0.5, propensity=0.125),
            event("5", time=7.0),
        ]
        assert stores.events.append(drafts) == Appended(added=5, known=0)
        found = stores.events.of(ONE)
        assert [EventDraft(**e.model_dump(exclude={"number"})) for e in found] == drafts
        assert stores.events.by_number([found[2].number, 10_000]) == {found[2].number: found[2]}
        assert stores.events.last_number() == max(e.number for e in found)

    def test_the_same_again_changes_nothing(self, library: Library) -> None:
        one, two = library.open(), library.open()
        drafts = [event("a", time=1), event("b", time=2)]
        assert one.events.append([*drafts, drafts[0]]) == Appended(added=2, known=1)
        before = one.events.of(ONE)
        assert two.events.append(drafts) == Appended(added=0, known=2)
        assert two.events.append([event("b", EventType.DISLIKE, time=9)]) == Appended(added=0, known=1)
        assert one.events.of(ONE) == before
        assert one.events.append([]) == Appended(added=0, known=0)

    def test_numbers_grow(self, stores: Stores) -> None:
        stores.events.append([event(str(n), time=float(-n)) for n in range(50)])
        stores.events.append([event(str(n), time=float(-n)) for n in range(40, 60)])
        number = stores.events.columns().number
        assert len(number) == 60
        assert (np.diff(number) > 0).all()

    def test_the_log_cannot_be_changed(self, stores: Stores) -> None:
        from sqlalchemy import text

        from vitascope.base.errors import StoreError

        stores.events.append([event("a")])
        for statement in ("UPDATE events SET value = 1", "DELETE FROM events"):
            with pytest.raises(StoreError, match="append-only"), stores._database.write() as connection:
                connection.execute(text(statement))
        assert names(stores.events.of(ONE)) == ["a"]

    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(batches=st.lists(st.lists(st.integers(0, 15), max_size=8), max_size=6))
    def test_any_batches_give_each_identity_once_in_order_of_first_sight(
        self, stores: Stores, batches: list[list[int]]
    ) -> None:
        person = PersonKey(next(_fresh))
        seen: list[str] = []
        for batch in batches:
            ids = [f"{person}:{n}" for n in batch]
            new = [i for i in dict.fromkeys(ids) if i not in seen]
            done = stores.events.append([event(i, person=person) for i in ids])
            assert (done.added, done.known) == (len(new), len(ids) - len(new))
            seen += new
        assert names(stores.events.of(person)) == seen


class TestReading:
    def test_newest_last_and_undated_first(self, stores: Stores) -> None:
        times = {"d": 9.0, "a": None, "c": 5.0, "b": None, "e": 9.0}
        stores.events.append([event(name, time=time) for name, time in times.items()])
        stores.events.append([event("other", person=TWO)])
        assert names(stores.events.of(ONE)) == ["a", "b", "c", "d", "e"]
        assert names(stores.events.of(ONE, limit=3)) == ["c", "d", "e"]
        assert names(stores.events.of(ONE, limit=4)) == ["b", "c", "d", "e"]
        assert stores.events.of(PersonKey(9)) == []

    def test_columns(self, stores: Stores) -> None:
        stores.events.append(
            [
                event("1", EventType.RATE, value=4.5, time=1.5, surface=Surface.LIVE, session="s", source="import:x"),
                event("2", EventType.FOLLOW, item=None, target="topic:x", person=TWO, session="s"),
                event("3", EventType.PLAY, item=ItemKey(7), session="t", source="importer"),
            ]
        )
        c = stores.events.columns()
        assert len(c) == 3
        assert c.person.tolist() == [1, 2, 1]
        assert c.item.tolist() == [1, -1, 7]
        assert [EVENT_TYPES[t] for t in c.type] == [EventType.RATE, EventType.FOLLOW, EventType.PLAY]
        np.testing.assert_array_equal(c.value, np.array([4.5, np.nan, np.nan], np.float32))
        np.testing.assert_array_equal(c.time, [1.5, np.nan, np.nan])
        assert c.surface.tolist() == [4, -1, -1]
        assert c.session[0] == c.session[1] != c.session[2]
        assert (c.session >= 0).all()
        assert c.imported.tolist() == [True, False, False]
        kinds = [
            a.dtype for a in (c.number, c.person, c.item, c.type, c.value, c.time, c.surface, c.session, c.imported)
        ]
        assert kinds == [np.int64, np.int64, np.int64, np.int8, np.float32, np.float64, np.int8, np.int64, np.bool_]
        assert stores.events.columns(since=int(c.number[1])).number.tolist() == [int(c.number[2])]
        empty = stores.events.columns(since=10_000)
        assert len(empty) == 0
        assert empty.imported.dtype == np.bool_

    def test_seen_and_hidden(self, stores: Stores) -> None:
        kinds = [kind for kind in EVENT_TYPES if kind is not EventType.UNDO]
        stores.events.append([event(kind, kind, item=ItemKey(kind.code + 10)) for kind in kinds])
        stores.events.append([event("f", EventType.FOLLOW, item=None, target="creator:X")])
        assert stores.events.seen(ONE) == {kind.code + 10 for kind in SEEN_TYPES}
        assert stores.events.hidden(ONE) == {EventType.HIDE.code + 10}
        assert stores.events.seen(TWO) == frozenset()

    def test_surfaces_and_recent_people(self, stores: Stores) -> None:
        three = PersonKey(3)
        stores.events.append([event("1", surface=Surface.TV), event("2", person=TWO), event("3", surface=Surface.TV)])
        stores.events.append([event("4", person=three, surface=Surface.SHORT), event("5", person=TWO)])
        assert stores.events.surfaces() == {"tv": 2, "short": 1}
        assert stores.events.recent_people(10) == [TWO, three, ONE]
        assert stores.events.recent_people(1) == [TWO]

    def test_last_number_of_an_empty_log(self, stores: Stores) -> None:
        assert stores.events.last_number() == 0
        assert len(stores.events.columns()) == 0


class TestUndo:
    def test_takes_back_the_latest_of_its_type_on_its_item(self, stores: Stores) -> None:
        stores.events.append(
            [
                event("old", time=1),
                event("other item", time=2, item=ItemKey(2)),
                event("other type", EventType.SHARE, time=2),
                event("other person", time=2, person=TWO),
                event("new", time=3),
                undo("u", time=4),
            ]
        )
        assert names(stores.events.of(ONE)) == ["old", "other item", "other type"]
        assert names(stores.events.of(TWO)) == ["other person"]
        assert len(stores.events.columns()) == 4
        stores.events.append([undo("u2", time=5)])
        assert names(stores.events.of(ONE)) == ["other item", "other type"]
        stores.events.append([undo("u3", time=6)])  # nothing left to take back
        assert names(stores.events.of(ONE)) == ["other item", "other type"]

    def test_seen_and_hidden_follow(self, stores: Stores) -> None:
        stores.events.append([event("l", time=1), event("h", EventType.HIDE, time=2, item=ItemKey(2))])
        assert stores.events.seen(ONE) == {1}
        assert stores.events.hidden(ONE) == {2}
        stores.events.append([undo("u", time=3), undo("v", EventType.HIDE, time=4, item=ItemKey(2))])
        assert (stores.events.seen(ONE), stores.events.hidden(ONE)) == (frozenset(), frozenset())
        stores.events.append([event("again", time=5)])
        assert stores.events.seen(ONE) == {1}

    def test_a_follow_is_taken_back_by_its_target(self, stores: Stores) -> None:
        follow = {"item": None, "target": "creator:X"}
        stores.events.append(
            [
                event("x", EventType.FOLLOW, time=1, **follow),
                event("y", EventType.FOLLOW, time=2, item=None, target="creator:Y"),
                undo("u", EventType.FOLLOW, time=3, **follow),
            ]
        )
        assert names(stores.events.of(ONE)) == ["y"]

    def test_an_event_that_arrives_late_is_taken_back_too(self, stores: Stores) -> None:
        stores.events.append([undo("u", time=10)])
        stores.events.append([event("late", time=5)])
        stores.events.append([event("after", time=11)])
        assert names(stores.events.of(ONE)) == ["after"]

    def test_without_times_the_log_decides(self, stores: Stores) -> None:
        stores.events.append([event("a"), event("b"), undo("u"), event("c")])
        assert names(stores.events.of(ONE)) == ["a", "c"]

    def test_undone_events_are_still_found_by_number(self, stores: Stores) -> None:
        stores.events.append([event("a")])
        (number,) = stores.events.by_number([stores.events.last_number()])
        stores.events.append([undo("u")])
        assert stores.events.by_number([number])[number].identity == "a"
        assert stores.events.undone_since(number) == {number: ONE}
        assert stores.events.undone_since(stores.events.last_number()) == {}

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        moves=st.lists(st.tuples(st.booleans(), st.one_of(st.none(), st.integers(0, 6))), max_size=9),
        seed=st.integers(0, 10_000),
    )
    def test_how_the_log_came_in_makes_no_difference(
        self, stores: Stores, moves: list[tuple[bool, int | None]], seed: int
    ) -> None:
        """One at a time, or all at once, or in pieces: what is left is what plain stacks leave."""
        chance = random.Random(seed)
        left = []
        for cuts in ([1] * len(moves), [len(moves)], None):
            person = PersonKey(next(_fresh))
            drafts = [
                (undo if back else event)(f"{person}:{n}", time=None if time is None else float(time), person=person)
                for n, (back, time) in enumerate(moves)
            ]
            ahead = list(drafts)
            while ahead:
                size = cuts[0] if cuts else chance.randint(1, 4)
                stores.events.append(ahead[:size])
                ahead = ahead[size:]
            left.append(sorted(int(i.split(":")[1]) for i in names(stores.events.of(person))))
            mine = stores.events.columns().person == person
            assert mine.sum() == len(left[-1])
        assert left == [_plain_stacks(moves)] * 3


def _plain_stacks(moves: list[tuple[bool, int | None]]) -> list[int]:
    """What is left, said naively: undos in order of time, each takes the latest event that is before it."""

    def before(a: int, b: int) -> bool:
        one, other = moves[a][1], moves[b][1]
        return a < b if one is None or other is None else (one, a) < (other, b)

    def place(n: int) -> tuple[float, int]:
        time = moves[n][1]
        return (-1.0 if time is None else float(time), n)

    left = {n for n, (back, _) in enumerate(moves) if not back}
    for n in sorted((n for n, (back, _) in enumerate(moves) if back), key=place):
        can = [e for e in left if before(e, n)]
        if can:
            left.remove(max(can, key=place))
    return sorted(left)


class TestProfiles:
    def profile(self, person: PersonKey, text: str = "likes trains") -> Profile:
        return Profile(
            person=person,
            features=(TasteFeature(name="topic:trains", value=0.5, session=0.1, events=(3, 1)),),
            interests=(Interest(topic="trains", strength=0.7, since=1.5),),
            text=text,
            text_source="template",
            events=2,
            last_event=3,
            updated_at=9.5,
        )

    def test_round_trip(self, stores: Stores) -> None:
        assert stores.profiles.get(ONE) is None
        stores.profiles.put(self.profile(ONE))
        stores.profiles.put_many([self.profile(ONE, "new " * 300), self.profile(TWO)])
        assert stores.profiles.get(ONE) == self.profile(ONE, "new " * 300)
        assert stores.profiles.get(TWO) == self.profile(TWO)
        stores.profiles.put_many([])
        stores.profiles.put(Profile(person=ONE, text="hostile \ud800\0 text"))
        found = stores.profiles.get(ONE)
        assert found is not None
        assert found.text.startswith("hostile")

    def test_corrections(self, stores: Stores) -> None:
        stores.profiles.correct(ONE, Correction(name="topic:b", value=-1.0))
        stores.profiles.correct(ONE, Correction(name="topic:a", muted=True))
        stores.profiles.correct(TWO, Correction(name="topic:a", value=1.0))
        stores.profiles.correct(ONE, Correction(name="topic:b", value=0.5))
        assert stores.profiles.corrections(ONE) == (
            Correction(name="topic:a", muted=True),
            Correction(name="topic:b", value=0.5),
        )
        said = stores.profiles.corrections_of([ONE, TWO, PersonKey(999_999)])
        assert said == {key: stores.profiles.corrections(key) for key in (ONE, TWO)}
        stores.profiles.correct(ONE, Correction(name="topic:a"))
        assert [c.name for c in stores.profiles.corrections(ONE)] == ["topic:b"]

    def test_reset_forgets_all_but_the_log(self, stores: Stores) -> None:
        stores.events.append([event("1"), event("2", person=TWO)])
        last = stores.events.last_number()
        stores.profiles.put_many([self.profile(ONE), self.profile(TWO)])
        stores.profiles.correct(ONE, Correction(name="x", value=1))
        stores.profiles.set_weights(ONE, {"x": 1.0}, last)
        stores.profiles.set_weights(None, {"x": 2.0}, last)
        assert stores.profiles.reset_after(ONE) == 0
        stores.profiles.reset(ONE)
        assert stores.profiles.get(ONE) is None
        assert stores.profiles.corrections(ONE) == ()
        assert stores.profiles.weights(ONE) == {}
        assert stores.profiles.reset_after(ONE) == last
        assert names(stores.events.of(ONE)) == ["1"]
        assert stores.profiles.get(TWO) == self.profile(TWO)
        assert stores.profiles.weights(None) == {"x": 2.0}
        assert stores.profiles.reset_after(TWO) == 0
        assert stores.profiles.resets_of([TWO, ONE]) == {ONE: last}
        stores.profiles.set_weights(ONE, {"x": 3.0}, last)  # a step that was under way
        assert stores.profiles.weights(ONE) == {}
        stores.profiles.set_weights(ONE, {"x": 3.0}, last + 1)
        assert stores.profiles.weights(ONE) == {"x": 3.0}
        assert stores.profiles.weights_of([TWO, ONE]) == {ONE: {"x": 3.0}}

    def test_an_older_step_does_not_overwrite(self, stores: Stores) -> None:
        assert stores.profiles.weights(None) == {}
        for person in (None, ONE):
            stores.profiles.set_weights(person, {"a": 1.0, "b": -0.5}, 10)
            stores.profiles.set_weights(person, {"a": 9.0}, 9)
            assert stores.profiles.weights(person) == {"a": 1.0, "b": -0.5}
            stores.profiles.set_weights(person, {"a": 2.0}, 10)
            stores.profiles.set_weights(person, {"a": 3.0}, 11)
            assert stores.profiles.weights(person) == {"a": 3.0}
        assert stores.profiles.weights(TWO) == {}


class TestPages:
    def test_people_come_in_pages_and_under_pseudonyms(self, library: Library) -> None:
        one = library.open()
        keys = one.people.ensure(["u1", "u2", "u3"])
        first = one.people.page(0, 2)
        assert [p.external_id for p in first] == ["u1", "u2"]
        assert [p.external_id for p in one.people.page(first[-1].key, 2)] == ["u3"]
        names_ = one.people.pseudonyms([keys["u1"], keys["u3"], PersonKey(99)])
        assert set(names_) == {keys["u1"], keys["u3"]}
        assert {len(bytes.fromhex(name)) for name in names_.values()} == {16}

    def test_the_log_goes_back_with_what_was_undone(self, library: Library) -> None:
        log = library.open().events
        log.append([event("a", time=1.0), event("b", EventType.PLAY, time=2.0, item=ItemKey(2)), undo("c", time=3.0)])
        log.append([event("d", person=TWO, time=0.0)])
        found = log.log()
        assert [(e.identity, undone) for e, undone in found] == [("d", False), ("c", False), ("b", False), ("a", True)]
        assert [e.identity for e, _ in log.log(before=found[1][0].number, n=1)] == ["b"]
        assert [e.identity for e, _ in log.log(person=TWO)] == ["d"]
        assert [e.identity for e, _ in log.log(kind=EventType.PLAY)] == ["b"]
        assert [e.identity for e, _ in log.log(item=ItemKey(1), person=ONE)] == ["c", "a"]
