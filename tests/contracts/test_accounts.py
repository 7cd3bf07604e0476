"""Accounts of cost: sums that lose nothing, by day, part, model and item, on every database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import delete

from vitascope.backends.stores import Stores
from vitascope.backends.stores._accounts import AccountRows
from vitascope.backends.stores._tables import accounts as table
from vitascope.base.errors import NoSpace
from vitascope.base.ports.accounts import Part, Spent, Use
from vitascope.base.records import ItemKey


def test_sums_by_day_part_name_model_and_item(stores: Stores) -> None:
    accounts = stores.accounts
    said = Use(
        part=Part.LANGUAGE, name="summary", model="m", item=ItemKey(7), made=1, prompt_tokens=100, output_tokens=20
    )
    accounts.add(10, [said, said, said.model_copy(update={"item": ItemKey(8), "money": 0.5})])
    accounts.add(11, [said.model_copy(update={"kept": 1, "made": 0, "prompt_tokens": 0, "output_tokens": 0})])
    heard = Use(part=Part.EXTRACTOR, name="transcript", model="w", item=ItemKey(7), made=1, seconds=2.5, media=30)
    accounts.add(11, [heard])
    assert accounts.spent(10) == Spent(tokens=360, money=0.5)
    assert accounts.spent(10, ItemKey(7)) == Spent(tokens=240)
    assert accounts.spent(11) == Spent()
    whole = {(u.part, u.name): u for u in accounts.sums()}
    assert whole[Part.LANGUAGE, "summary"].made == 3
    assert whole[Part.LANGUAGE, "summary"].kept == 1
    assert whole[Part.EXTRACTOR, "transcript"].seconds == pytest.approx(2.5)
    assert [u.name for u in accounts.sums(since=11, item=ItemKey(7))] == ["transcript", "summary"]
    assert accounts.sums(since=12) == ()


def test_what_was_gathered_is_written_when_the_library_closes(tmp_path: Path) -> None:
    with_key = b"k" * 32
    first = Stores.open(tmp_path, with_key)
    first.accounts.add(1, [Use(part=Part.DECODE, name="decode", made=1, bytes=3 << 30)])
    first.close()
    again = Stores.open(tmp_path, with_key)
    assert again.accounts.sums()[0].bytes == 3 << 30
    again.close()


def test_what_could_not_be_written_is_written_the_next_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stores = Stores.open(tmp_path, b"k" * 32)
    use = Use(part=Part.LANGUAGE, name="summary", made=1, prompt_tokens=10)
    with monkeypatch.context() as patch:

        def full(*topics: str) -> object:
            raise NoSpace("the disk is full", place="library.db")

        patch.setattr(stores._database, "write", full)
        for _ in range(2):
            with pytest.raises(NoSpace):
                stores.accounts.add(1, [use])
    assert stores.accounts.spent(1) == Spent(tokens=20)
    assert [u.made for u in stores.accounts.sums()] == [2]
    stores.close()


class Rows(AccountRows):
    """Accounts in a small library, whose rows are taken out again for each example."""

    def empty(self) -> Rows:
        with self._db.write() as connection:
            connection.execute(delete(table))
        return self


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rows]:
    stores = Stores.open(tmp_path_factory.mktemp("accounts"), b"k" * 32)
    yield Rows(stores._database)
    stores.close()


@settings(max_examples=20, deadline=None)
@given(some.lists(some.tuples(some.integers(0, 3), some.integers(0, 2), some.integers(0, 10**6)), max_size=20))
def test_nothing_is_lost_however_uses_arrive(rows: Rows, uses: list[tuple[int, int, int]]) -> None:
    accounts = rows.empty()
    for place, (day, item, tokens) in enumerate(uses):
        use = Use(part=Part.EXTRACTOR, name="x", item=ItemKey(item), made=1, prompt_tokens=tokens)
        accounts.add(day, [use])
        if place % 3 == 0:
            accounts.flush()
    assert sum(u.made for u in accounts.sums()) == len(uses)
    assert sum(u.prompt_tokens for u in accounts.sums()) == sum(t for _, _, t in uses)
    for wanted in (1, 2):
        assert sum(u.made for u in accounts.sums(item=ItemKey(wanted))) == sum(i == wanted for _, i, _ in uses)
