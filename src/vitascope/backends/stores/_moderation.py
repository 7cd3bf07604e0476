"""The audit trail of moderation and people's audiences, as rows. Implements `base.ports.moderation.ModerationStore`.

A line that was changed or taken out, or newest lines that were cut off, are noticed: see `_chain`. The database refuses
both besides.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from vitascope.backends.stores._chain import Chain
from vitascope.backends.stores._database import MODERATING, Database, chunks
from vitascope.backends.stores._tables import audiences, moderation
from vitascope.backends.stores._types import clean
from vitascope.base.moderation import Act, ActDraft, ModerationAct, Standing, standing_of
from vitascope.base.records import ItemKey, PersonKey

_FIELDS = ("at", "act", "item", "item_id", "person", "verdict", "age", "audience", "who", "why", "policy")
_PAGE = 500


class ModerationRows:
    """Acts and audiences."""

    def __init__(self, database: Database, key: bytes) -> None:
        self._db, self._chain = database, Chain(database, moderation, _FIELDS, key, "moderation")

    def add(self, draft: ActDraft) -> ModerationAct:
        """Add a line to the trail; an AUDIENCE act puts its person into the audience, or out of all, with it."""
        row = draft.model_dump(mode="json", include=set(_FIELDS))
        row = {name: clean(value) if isinstance(value, str) else value for name, value in row.items()}
        moves = draft.act is Act.AUDIENCE and draft.person is not None
        with self._db.write(*(["profiles"] if moves else [])) as connection:
            self._db.lock(connection, MODERATING)
            row["chain"] = self._chain.follow(connection, row)
            statement = moderation.insert().values(row).returning(moderation.c.number)
            number = connection.execute(statement).scalar_one()
            if moves:
                self._move(connection, row["person"], row["audience"])
        return ModerationAct(number=number, **{name: row[name] for name in _FIELDS})

    def trail(self, item: ItemKey | None = None) -> Iterator[ModerationAct]:
        """All lines, or those of one item, in their order."""
        yield from map(_act, self._rows(item))

    def _rows(self, item: ItemKey | None = None, act: Act | None = None) -> Iterator[Row[Any]]:
        after = 0
        while True:
            query = select(moderation).where(moderation.c.number > after).order_by(moderation.c.number).limit(_PAGE)
            if item is not None:
                query = query.where(moderation.c.item == item)
            if act is not None:
                query = query.where(moderation.c.act == act.value)
            with self._db.read() as connection:
                rows = connection.execute(query).all()
            if not rows:
                return
            yield from rows
            after = rows[-1].number

    def standing(self, items: Sequence[ItemKey] | None = None) -> Standing:
        """The decisions that hold, on these items or on all."""
        if items is None:
            return standing_of(map(_act, self._rows(act=Act.DECIDE)))
        found: list[ModerationAct] = []
        decided = moderation.c.act == Act.DECIDE.value
        with self._db.read() as connection:
            for part in chunks(list(dict.fromkeys(map(int, items)))):
                query = select(moderation).where(moderation.c.item.in_(part), decided).order_by(moderation.c.number)
                found += map(_act, connection.execute(query))
        return standing_of(found)

    def broken(self) -> int | None:
        """Number of the first line that is not as it was written, or before which one is missing."""
        before = b""
        for row in self._rows():
            if row.redacted is not None and hmac.compare_digest(
                bytes(row.redacted), self._redacted(row.number, row.chain)
            ):
                before = bytes(row.chain)  # an erasure emptied the line: its place in the chain stays proven
                continue
            told = {name: row._mapping[name] for name in _FIELDS}
            before = self._chain.link(before, told)
            if not hmac.compare_digest(before, bytes(row.chain)):
                return int(row.number)
        with self._db.read() as connection:
            last = connection.execute(
                select(moderation.c.number, moderation.c.chain).order_by(moderation.c.number.desc()).limit(1)
            ).first()
            whole = self._chain.ends(connection, bytes(last.chain) if last is not None else b"")
        return None if whole else (last.number if last is not None else 0) + 1

    def _redacted(self, number: int, chain: bytes) -> bytes:
        return bytes.fromhex(self._chain.mac(b"redacted" + str(number).encode() + b"\0" + bytes(chain)))

    def redact(self, connection: Connection, person: PersonKey, external_id: str) -> int:
        """Empty the lines about or by a person, within an erasure's transaction; answers how many. The chain stays whole."""
        query = select(moderation.c.number, moderation.c.chain, moderation.c.person, moderation.c.who)
        done = 0
        for row in connection.execute(query.where(moderation.c.redacted.is_(None))).all():
            if row.person != person and row.who != external_id:
                continue
            emptied = {
                "person": None,
                "who": "(erased)",
                "why": "(erased)",
                "redacted": self._redacted(row.number, row.chain),
            }
            connection.execute(moderation.update().where(moderation.c.number == row.number).values(emptied))
            done += 1
        return done

    def _move(self, connection: Connection, person: int, audience: str | None) -> None:
        if audience is None:
            connection.execute(delete(audiences).where(audiences.c.person == person))
            return
        statement = self._db.insert(audiences).values(person=person, audience=audience)
        connection.execute(
            statement.on_conflict_do_update(index_elements=["person"], set_={"audience": statement.excluded.audience})
        )

    def audiences(self, people: Sequence[PersonKey] | None = None) -> dict[PersonKey, str]:
        """The audiences of these people, or of everybody who is in one."""
        query = select(audiences.c.person, audiences.c.audience)
        found: dict[PersonKey, str] = {}
        with self._db.read() as connection:
            if people is None:
                return {PersonKey(person): name for person, name in connection.execute(query)}
            for part in chunks(list(dict.fromkeys(map(int, people)))):
                rows = connection.execute(query.where(audiences.c.person.in_(part)))
                found.update({PersonKey(person): name for person, name in rows})
        return found


def _act(row: Row[Any]) -> ModerationAct:
    return ModerationAct(number=row.number, **{name: row._mapping[name] for name in _FIELDS})
