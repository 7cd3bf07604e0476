"""The append-only event log, as rows. Implements `base.ports.people.EventStore`.

Rows are only ever added; triggers in the database refuse anything else. An event is known again by a keyed digest of
its identity (a client's id, or a plain digest over a person's id, could be guessed back; a keyed one cannot).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, Row, Select, delete, func, select

from vitascope.backends.stores._database import APPENDING, COUNT_ROWS, MANY, Database, chunks
from vitascope.backends.stores._tables import changes, events, sources, undone
from vitascope.backends.stores._types import clean
from vitascope.backends.stores._undo import Mark, taken_back
from vitascope.base.people import (
    EVENT_TYPES,
    SEEN_TYPES,
    Event,
    EventColumns,
    EventDraft,
    EventType,
    Surface,
)
from vitascope.base.ports.people import Appended
from vitascope.base.records import ItemKey, PersonKey

SURFACES = tuple(Surface)
_SURFACE = {surface: place for place, surface in enumerate(SURFACES)}
BATCH = 20_000
"""Events of one transaction: large enough to be fast, small enough that other processes get their turn."""

Group = tuple[int, int | None, str | None, int]
"""Person, item, target, type: what an undo looks among."""


class EventRows:
    """The log."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._sources: dict[str, int] = {}

    def append(self, drafts: Sequence[EventDraft]) -> Appended:
        """Add events that are not there yet. Durable when it returns. More than `BATCH` go in several transactions:
        after an interruption the first ones are there, and appending all again adds the rest."""
        added = 0
        for part in chunks(drafts, BATCH):
            added += self._append(part)
        return Appended(added=added, known=len(drafts) - added)

    def _append(self, drafts: Sequence[EventDraft]) -> int:
        names = {clean(d.source) for d in drafts}
        if not names <= self._sources.keys():
            self._learn_sources(names)
        rows = [self._row(draft) for draft in drafts]
        statement = self._db.insert(events).on_conflict_do_nothing(index_elements=["digest"])
        with self._db.write("events") as connection:
            # On PostgreSQL numbers of two writers could become visible out of order, and a reader that goes on from
            # the last number it saw would miss events: so appends take turns.
            self._db.lock(connection, APPENDING)
            before = self._last(connection)
            result = connection.execute(statement, rows, execution_options=COUNT_ROWS)
            if result.rowcount:
                self._settle_undos(connection, drafts, before)
            return int(result.rowcount)

    def _row(self, draft: EventDraft) -> dict[str, Any]:
        session = draft.session
        digest = self._db.cipher.digest
        return {
            "person": draft.person,
            "item": draft.item,
            "type": draft.type.code,
            "value": draft.value,
            "time": draft.time,
            "surface": None if draft.surface is None else _SURFACE[draft.surface],
            "session": None if session is None else int.from_bytes(digest("session", session)[:8]) >> 1,
            "session_id": session,
            "digest": digest("event", draft.identity),
            "identity": draft.identity,
            "text": draft.text,
            "target": draft.target,
            "undoes": None if draft.undoes is None else draft.undoes.code,
            "propensity": draft.propensity,
            "source": self._sources[clean(draft.source)],
        }

    def _learn_sources(self, names: Iterable[str]) -> None:
        statement = self._db.insert(sources).on_conflict_do_nothing(index_elements=["name"])
        with self._db.write() as connection:
            connection.execute(statement, [{"name": name} for name in sorted(names)])
            self._sources = {row.name: row.id for row in connection.execute(select(sources))}

    # --- undo

    def _settle_undos(self, connection: Connection, drafts: Sequence[EventDraft], before: int) -> None:
        """Match undos again for every group that this append touched and that has an undo."""
        kinds: dict[tuple[int, int | None, str | None], set[int]] = {}
        for draft in drafts:
            kind = draft.undoes if draft.type is EventType.UNDO else draft.type
            if kind is not None:
                place = (
                    int(draft.person),
                    draft.item,
                    None if draft.target is None else clean(draft.target),
                )
                kinds.setdefault(place, set()).add(kind.code)
        undo = EventType.UNDO.code
        query = select(events.c.person, events.c.item, events.c.target, events.c.undoes).where(events.c.type == undo)
        people = sorted({person for person, _, _ in kinds})
        parts = chunks(people) if len(people) <= 20 * MANY else [None]
        touched: set[Group] = set()
        for part in parts:
            for row in connection.execute(query if part is None else query.where(events.c.person.in_(part))):
                place = (row.person, row.item, row.target)
                if row.undoes is not None and row.undoes in kinds.get(place, ()):
                    touched.add((*place, row.undoes))
        for group in touched:
            self._settle(connection, group)

    def _settle(self, connection: Connection, group: Group) -> None:
        person, item, target, kind = group
        undo = EventType.UNDO.code
        mine = (
            events.c.person == person,
            events.c.item == item if item is not None else events.c.item.is_(None),
            events.c.target == target if target is not None else events.c.target.is_(None),
        )
        rows = connection.execute(
            select(events.c.number, events.c.time, events.c.type).where(
                *mine,
                (events.c.type == kind) | ((events.c.type == undo) & (events.c.undoes == kind)),
            )
        ).all()
        marks = [Mark(row.number, row.time) for row in rows if row.type == kind]
        found = taken_back(marks, [Mark(row.number, row.time) for row in rows if row.type == undo])
        for part in chunks([mark.number for mark in marks]):
            connection.execute(delete(undone).where(undone.c.number.in_(part)))
        if found:
            connection.execute(undone.insert(), [{"number": n, "by": by} for n, by in found.items()])

    # --- reading

    def of(self, person: PersonKey, limit: int | None = None) -> list[Event]:
        """A person's events, newest last: by time (undated first), then number."""
        query = self._live(_event_columns()).where(events.c.person == person)
        query = query.order_by(events.c.time.desc().nulls_last(), events.c.number.desc()).limit(limit)
        with self._db.read() as connection:
            rows = connection.execute(query).all()
        return [_event(row) for row in reversed(rows)]

    def by_number(self, numbers: Sequence[int]) -> dict[int, Event]:
        """Events by number, also undone ones; unknown numbers are left out."""
        found: dict[int, Event] = {}
        with self._db.read() as connection:
            for part in chunks(list(dict.fromkeys(map(int, numbers)))):
                for row in connection.execute(_event_columns().where(events.c.number.in_(part))):
                    found[row.number] = _event(row)
        return found

    def log(
        self,
        before: int | None = None,
        n: int = 50,
        person: PersonKey | None = None,
        kind: EventType | None = None,
        item: ItemKey | None = None,
    ) -> list[tuple[Event, bool]]:
        """Events as they came in, newest first; whether each was taken back."""
        query = _event_columns().add_columns(undone.c.by).outerjoin(undone, undone.c.number == events.c.number)
        if before is not None:
            query = query.where(events.c.number < before)
        if person is not None:
            query = query.where(events.c.person == person)
        if kind is not None:
            query = query.where(events.c.type == kind.code)
        if item is not None:
            query = query.where(events.c.item == item)
        with self._db.read() as connection:
            rows = connection.execute(query.order_by(events.c.number.desc()).limit(n)).all()
        return [(_event(row), row.by is not None) for row in rows]

    def columns(self, since: int = 0) -> EventColumns:
        """All events after a number, in log order; undone ones and undos are left out. `item` is -1 where there is
        none. An undo after `since` may take back an event before it: watch `undone_since` to learn of those."""
        imported = sources.c.name.startswith("import:", autoescape=True)
        query = (
            select(
                events.c.number,
                events.c.person,
                func.coalesce(events.c.item, -1),
                events.c.type,
                events.c.value,
                events.c.time,
                func.coalesce(events.c.surface, -1),
                func.coalesce(events.c.session, -1),
                events.c.source,
            )
            .where(events.c.number > since, events.c.type != EventType.UNDO.code)
            .order_by(events.c.number)
        )
        kinds = (
            np.int64,
            np.int64,
            np.int64,
            np.int8,
            np.float32,
            np.float64,
            np.int8,
            np.int64,
            np.int32,
        )
        blocks: list[list[npt.NDArray[Any]]] = [[] for _ in kinds]
        with self._db.read() as connection:
            files = np.array(
                list(connection.scalars(select(sources.c.id).where(imported))),
                dtype=np.int32,
            )
            gone = np.array(
                list(connection.scalars(select(undone.c.number).where(undone.c.number > since))),
                dtype=np.int64,
            )
            # The driver's own cursor: a million SQLAlchemy rows would cost seconds and memory for nothing.
            compiled = str(query.compile(self._db.engine, compile_kwargs={"literal_binds": True}))
            cursor = connection.connection.cursor()
            try:
                cursor.execute(compiled)
                while rows := cursor.fetchmany(100_000):
                    for block, column, kind in zip(blocks, zip(*rows, strict=True), kinds, strict=True):
                        block.append(np.array(column, dtype=kind))
            finally:
                cursor.close()
        joined = [
            np.concatenate(block) if block else np.zeros(0, dtype=kind)
            for block, kind in zip(blocks, kinds, strict=True)
        ]
        number, person, item, type_, value, time, surface, session, source = joined
        found = EventColumns(
            number=number,
            person=person,
            item=item,
            type=type_,
            value=value,
            time=time,
            surface=surface,
            session=session,
            imported=np.isin(source, files),
        )
        return found.take(~np.isin(number, gone)) if len(gone) else found

    def undone_since(self, number: int) -> dict[int, PersonKey]:
        """Events that undos after a number took back, with their person: what a reader that goes on must drop."""
        query = (
            select(undone.c.number, events.c.person)
            .join(events, events.c.number == undone.c.number)
            .where(undone.c.by > number)
        )
        with self._db.read() as connection:
            return {row[0]: PersonKey(row[1]) for row in connection.execute(query)}

    def seen(self, person: PersonKey) -> frozenset[ItemKey]:
        """Items with an event that makes them seen; duplicates of them are not added here."""
        return self._items(person, [kind.code for kind in SEEN_TYPES])

    def hidden(self, person: PersonKey) -> frozenset[ItemKey]:
        """Items the person hid."""
        return self._items(person, [EventType.HIDE.code])

    def _items(self, person: PersonKey, kinds: list[int]) -> frozenset[ItemKey]:
        query = self._live(select(events.c.item).distinct()).where(
            events.c.person == person,
            events.c.type.in_(kinds),
            events.c.item.is_not(None),
        )
        with self._db.read() as connection:
            return frozenset(ItemKey(item) for item in connection.scalars(query) if item is not None)

    def last_number(self) -> int:
        """The number of the newest event; 0 for an empty log."""
        with self._db.read() as connection:
            return self._last(connection)

    def heads(self, people: Sequence[PersonKey]) -> dict[PersonKey, int]:
        """The number of each person's newest event, undos included; who has none is left out."""
        found: dict[PersonKey, int] = {}
        with self._db.read() as connection:
            for part in chunks(list(dict.fromkeys(map(int, people)))):
                query = select(events.c.person, func.max(events.c.number)).where(events.c.person.in_(part))
                found |= {PersonKey(p): n for p, n in connection.execute(query.group_by(events.c.person))}
        return found

    def removals(self) -> int:
        """How often events were taken out of the log (erasures, limits on how long they are kept), by whichever process."""
        with self._db.read() as connection:
            return connection.scalar(select(changes.c.n).where(changes.c.topic == "erasures")) or 0

    def surfaces(self) -> dict[str, int]:
        """How many events each surface has; events without one are not counted."""
        query = select(events.c.surface, func.count()).where(events.c.surface.is_not(None)).group_by(events.c.surface)
        with self._db.read() as connection:
            return {SURFACES[place].value: n for place, n in connection.execute(query) if place is not None}

    def recent_people(self, limit: int) -> list[PersonKey]:
        """People whose events came in last, newest first."""
        query = (
            select(events.c.person).group_by(events.c.person).order_by(func.max(events.c.number).desc()).limit(limit)
        )
        with self._db.read() as connection:
            return [PersonKey(person) for person in connection.scalars(query)]

    def _last(self, connection: Connection) -> int:
        return connection.scalar(select(func.max(events.c.number))) or 0

    def _live(self, query: Select[Any]) -> Select[Any]:
        """Without undos and what they took back."""
        return query.where(
            events.c.type != EventType.UNDO.code,
            ~select(undone.c.number).where(undone.c.number == events.c.number).exists(),
        )


def _event_columns() -> Select[Any]:
    return select(
        events.c.number,
        events.c.person,
        events.c.item,
        events.c.type,
        events.c.value,
        events.c.time,
        events.c.surface,
        events.c.session_id,
        events.c.identity,
        events.c.text,
        events.c.target,
        events.c.undoes,
        events.c.propensity,
        sources.c.name,
    ).join(sources, sources.c.id == events.c.source)


def _event(row: Row[Any]) -> Event:
    return Event(
        number=row.number,
        person=PersonKey(row.person),
        item=None if row.item is None else ItemKey(row.item),
        type=EVENT_TYPES[row.type],
        value=row.value,
        time=row.time,
        surface=None if row.surface is None else SURFACES[row.surface],
        session=row.session_id,
        identity=row.identity,
        text=row.text,
        target=row.target,
        undoes=None if row.undoes is None else EVENT_TYPES[row.undoes],
        propensity=row.propensity,
        source=row.name,
    )
