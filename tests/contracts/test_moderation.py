"""Contract suite of `base.ports.moderation.ModerationStore`."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from tests.contracts.conftest import Library

from vitascope.backends.stores import Stores
from vitascope.base.content import Verdict
from vitascope.base.errors import StoreError
from vitascope.base.items import ItemDraft
from vitascope.base.moderation import Act, ActDraft, ModerationAct
from vitascope.base.ports.moderation import ModerationStore


def draft(stores: Stores, name: str, verdict: Verdict = Verdict.BLOCK, audience: str | None = None) -> ActDraft:
    item = stores.items.put([ItemDraft(item_id=name)])[0]
    return ActDraft(
        at=1.5,
        act=Act.DECIDE,
        item=item.key,
        item_id=name,
        verdict=verdict,
        audience=audience,
        who="ada\N{RIGHT-TO-LEFT OVERRIDE}",
        why="because \0 of it",
        policy="0123",
    )


def test_the_trail_keeps_everything_in_order(stores: Stores) -> None:
    store: ModerationStore = stores.moderation
    first = store.add(draft(stores, "a"))
    second = store.add(draft(stores, "b", Verdict.ALLOW, "children"))
    third = store.add(draft(stores, "a", Verdict.AGE_LIMIT).model_copy(update={"age": 16}))
    assert [act.number for act in store.trail()] == [first.number, second.number, third.number]
    assert list(store.trail(first.item)) == [first, third]
    assert next(iter(store.trail())) == first
    assert first.why == "because  of it"
    assert first.item is not None
    assert second.item is not None
    standing = store.standing()
    assert standing[first.item][None].verdict is Verdict.AGE_LIMIT
    assert standing[second.item]["children"].verdict is Verdict.ALLOW
    assert store.standing([second.item]).keys() == {second.item}
    assert store.standing([]) == {}


def test_the_trail_outlives_its_item_and_another_process_reads_it(library: Library) -> None:
    one, other = library.open(), library.open()
    made = one.moderation.add(draft(one, "a"))
    assert made.item is not None
    one.items.delete([made.item])
    assert list(other.moderation.trail()) == [made]
    assert other.moderation.add(draft(other, "b")).number > made.number
    assert one.moderation.broken() is None


def test_the_trail_refuses_to_be_changed(stores: Stores) -> None:
    stores.moderation.add(draft(stores, "a"))
    for statement in ("UPDATE moderation SET at = 0", "DELETE FROM moderation"):
        with pytest.raises(StoreError, match="append-only"), stores._database.write() as connection:
            connection.execute(text(statement))


def test_a_line_changed_behind_its_back_is_noticed(library: Library) -> None:
    stores = library.open()
    acts = [stores.moderation.add(draft(stores, name)) for name in "abc"]
    assert stores.moderation.broken() is None
    forget(stores, acts[0])
    assert stores.moderation.broken() == acts[1].number


def forget(stores: Stores, act: ModerationAct) -> None:
    """Take a line out as somebody does who writes to the database itself."""
    with stores._database.write() as connection:
        if stores._database.is_sqlite:
            connection.execute(text("DROP TRIGGER IF EXISTS moderation_no_delete"))
        else:
            connection.execute(text("DROP TRIGGER IF EXISTS moderation_append_only ON moderation"))
        connection.execute(text("DELETE FROM moderation WHERE number = :n"), {"n": act.number})


def test_newest_lines_that_were_cut_off_are_noticed_for_good(library: Library) -> None:
    stores = library.open()
    assert stores.moderation.broken() is None
    acts = [stores.moderation.add(draft(stores, name)) for name in "abc"]
    forget(stores, acts[2])
    assert stores.moderation.broken() == acts[1].number + 1
    later = stores.moderation.add(draft(stores, "d"))
    assert stores.moderation.broken() == later.number


def test_a_trail_that_was_emptied_is_noticed(library: Library) -> None:
    stores = library.open()
    forget(stores, stores.moderation.add(draft(stores, "a")))
    assert stores.moderation.broken() == 1


def test_people_go_in_and_out_of_audiences(stores: Stores) -> None:
    people = stores.people.ensure(["ann", "ben"])

    def put(audience: str | None) -> None:
        stores.moderation.add(
            ActDraft(at=1.5, act=Act.AUDIENCE, person=people["ann"], audience=audience, who="ada", why="age")
        )

    put("children")
    put("teens")
    assert stores.moderation.audiences() == {people["ann"]: "teens"}
    assert stores.moderation.audiences([people["ben"]]) == {}
    put(None)
    assert stores.moderation.audiences() == {}
    assert [act.audience for act in stores.moderation.trail()] == ["children", "teens", None]
