"""What a large batch teaches is learned after the answer, in order, and before the process ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from vitascope.assemble import open_system
from vitascope.assemble._later import Later
from vitascope.base.items import ItemDraft
from vitascope.base.ports.service import Ask, RawEvent


def test_work_is_done_in_order_and_a_failure_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    later, done = Later(), []

    def work(n: int) -> None:
        if n == 3:
            raise ValueError("three")
        done.append(n)

    for n in range(20):
        later.do(lambda n=n: work(n))
    later.wait()
    assert done == [n for n in range(20) if n != 3]
    assert "could not be learned" in caplog.text
    later.do(lambda: work(99))
    later.close()
    assert done[-1] == 99


def test_a_batch_of_many_people_is_in_the_next_list_and_soon_in_the_weights(tmp_path: Path) -> None:
    system = open_system(tmp_path / "home")
    stores = system.rooms.stores
    stores.items.put([ItemDraft(item_id=f"i{n}", title=f"{n}", tags=("x" if n % 2 else "y",)) for n in range(8)])
    system.rooms.touch()
    people = [f"p{n}" for n in range(12)]
    system.record([RawEvent(user_id=p, item_id="i1", type="like", timestamp=1e9) for p in people])
    system.record([RawEvent(user_id=p, item_id="i3", type="like", timestamp=1e9 + 60) for p in people])
    for person in people:
        listed = [i.item_id for i in system.recommend(Ask(user_id=person, surface="video", n=8)).items]
        assert set(listed) & {"i1", "i3"} == set()
        assert listed[0] in ("i5", "i7")
    system.rooms.later.wait()
    keys = stores.people.find(people)
    assert all(stores.profiles.weights(key) for key in keys.values())
    assert system.profile("p3").events == 2
    system.close()
