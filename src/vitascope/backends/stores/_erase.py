"""Takes everything of one person out of the library, and looks whether anything is left. Knows the tables by their columns.

A table whose rows are a person's has a column `person`, and loses that person's rows here without being named; every other table
is named in `NOBODYS` with the reason why nothing has to go, or what else is done. A test holds the schema to that.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, Table, delete, func, or_, select, text

from vitascope.backends.stores._database import Database
from vitascope.backends.stores._moderation import ModerationRows
from vitascope.backends.stores._tables import TOPICS, erasing, events, metadata, people, problems, tombstones, undone
from vitascope.base.policy import pseudonym
from vitascope.base.privacy import Removed
from vitascope.base.records import PersonKey

NOBODYS = {
    "items": "what is recommended; no person",
    "assets": "media of items",
    "roots": "watched folders",
    "extractions": "what was found in media",
    "descriptions": "what is known of items",
    "vector_keys": "kinds of vectors",
    "vectors": "vectors of items",
    "fingerprints": "of media",
    "links": "between copies",
    "shares": "spans that items share",
    "problems": "rows that were set aside and name the person are deleted",
    "settings": "of the library",
    "jobs": "work on items",
    "people": "the person's row, found by its key, is deleted",
    "sources": "where events came from",
    "undone": "marks of the person's events are deleted with them",
    "models": "handled by whoever erases: old ones removed, the current one's refit scheduled",
    "moderation": "lines about or by the person are emptied, so that the chain stays whole",
    "programmes": "of guides",
    "channels": "live channels, which are items",
    "happening": "what was seen and heard in live channels",
    "accounts": "what work on items cost",
    "logins": "of owners, who are not people of the library",
    "audit": "holds no outside id of a person",
    "tombstones": "keyed pseudonyms of the erased: what keeps them erased",
    "erasing": "the gate, empty between erasures",
    "changes": "counts of writes",
}
"""Tables without rows of one person, and why."""


def personal_tables() -> list[Table]:
    """Tables whose rows are a person's, those that point to others first."""
    found = [t for t in reversed(metadata.sorted_tables) if "person" in t.columns and t.name not in NOBODYS]
    return found


class EraseRows:
    """Erasure in the library. The caller removes what lies in files."""

    def __init__(self, database: Database, key: bytes, moderation: ModerationRows, clock: Callable[[], float]) -> None:
        self._db, self._key, self._moderation, self._clock = database, key, moderation, clock

    def erase(self, person: PersonKey, external_id: str, receipt: str) -> list[Removed]:
        """Remove everything of a person in one transaction, and leave a tombstone (none where there is no receipt)."""
        removed: list[Removed] = []

        def note(place: str, count: int, how: str = "deleted") -> None:
            removed.append(Removed(place=f"table:{place}", count=count, how=how))

        with self._db.write(*TOPICS) as connection:
            connection.execute(delete(erasing))
            connection.execute(erasing.insert().values(person=person))
            mine = select(events.c.number).where(events.c.person == person)
            note(
                "undone",
                _count(connection, delete(undone).where(or_(undone.c.number.in_(mine), undone.c.by.in_(mine)))),
            )
            for table in personal_tables():
                note(table.name, _count(connection, delete(table).where(table.c.person == person)))
            note("moderation", self._moderation.redact(connection, person, external_id), "redacted")
            note("problems", self._problems(connection, external_id))
            note("people", _count(connection, delete(people).where(people.c.key == person)))
            if receipt:
                self._bury(connection, pseudonym(self._key, external_id), receipt)
            connection.execute(delete(erasing))
        return removed

    def _bury(self, connection: Connection, name: bytes, receipt: str) -> None:
        statement = self._db.insert(tombstones).values(pseudonym=name, at=self._clock(), receipt=receipt)
        told = {n: statement.excluded[n] for n in ("at", "receipt")}
        connection.execute(statement.on_conflict_do_update(index_elements=["pseudonym"], set_=told))

    def _problems(self, connection: Connection, external_id: str) -> int:
        columns = (problems.c.number, problems.c.place, problems.c.reason, problems.c.payload)
        naming = [
            row.number
            for row in connection.execute(select(*columns)).all()
            if any(external_id in (value or "") for value in row[1:])
        ]
        for number in naming:
            connection.execute(delete(problems).where(problems.c.number == number))
        return len(naming)

    def rows(self, person: PersonKey) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every row of a person's tables, opened: table and values by column, the person's key left out."""
        with self._db.read() as connection:
            for table in reversed(personal_tables()):
                for row in connection.execute(select(table).where(table.c.person == person)).mappings():
                    yield table.name, {str(name): value for name, value in row.items() if name != "person"}

    def left(self, person: PersonKey) -> list[Removed]:
        """Rows of a person that are in the library, by table; none after an erasure."""
        found = []
        with self._db.read() as connection:
            for table in metadata.sorted_tables:
                column = people.c.key if table is people else table.columns.get("person")
                if column is None or table is erasing:
                    continue
                if n := connection.scalar(select(func.count()).select_from(table).where(column == person)):
                    found.append(Removed(place=f"table:{table.name}", count=n, how="left"))
        return found

    def tombstones(self) -> dict[bytes, str]:
        """Keyed pseudonyms of who was erased, with the receipt's id."""
        with self._db.read() as connection:
            return {
                bytes(name): receipt
                for name, receipt in connection.execute(select(tombstones.c.pseudonym, tombstones.c.receipt))
            }

    def find(self, names: list[bytes]) -> dict[bytes, tuple[PersonKey, str]]:
        """People of the library by keyed pseudonym: internal key and outside id."""
        with self._db.read() as connection:
            rows = connection.execute(select(people.c.pseudonym, people.c.key, people.c.external_id)).all()
        wanted = set(names)
        return {bytes(n): (PersonKey(key), outside) for n, key, outside in rows if bytes(n) in wanted}

    def retire(self, before: float) -> int:
        """Delete events from before a time, of everybody (a limit on how long behaviour is kept); answers how many."""
        with self._db.write("erasures", "events", "profiles") as connection:
            connection.execute(delete(erasing))
            connection.execute(erasing.insert().values(person=0, until=before))
            old = select(events.c.number).where(events.c.time < before)
            connection.execute(delete(undone).where(or_(undone.c.number.in_(old), undone.c.by.in_(old))))
            gone = _count(connection, delete(events).where(events.c.time < before))
            connection.execute(delete(erasing))
        return gone

    def forget_problems(self, before: float) -> int:
        """Forget inputs that were set aside and last seen before a time; answers how many."""
        with self._db.write() as connection:
            return _count(connection, delete(problems).where(problems.c.last_seen < before))

    def compact(self, seconds: float = 10.0) -> bool:
        """Write the database anew without what was deleted, and fold its log in; whether the log could be folded in."""
        if not self._db.is_sqlite:
            with self._db.guard(), self._db.engine.connect() as connection:
                auto = connection.execution_options(isolation_level="AUTOCOMMIT")
                for table in [*personal_tables(), people, problems, undone, metadata.tables["moderation"]]:
                    auto.execute(text(f'VACUUM (FULL) "{table.name}"'))
            return True
        with self._db.guard():
            raw = self._db.engine.raw_connection()
            try:
                cursor = raw.cursor()
                cursor.execute("VACUUM")
                end = time.monotonic() + seconds
                while True:  # another process that reads keeps the log from being folded in
                    busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
                    if not busy:
                        return True
                    if time.monotonic() > end:
                        return False
                    time.sleep(0.05)
            finally:
                raw.close()

    def texts(self) -> Iterator[tuple[str, bytes]]:
        """Every value of the library as bytes, opened with its keys: what somebody with the keys could read."""
        with self._db.read() as connection:
            for table in metadata.sorted_tables:
                if table is tombstones:
                    continue
                for row in connection.execution_options(yield_per=1_000).execute(select(table)):
                    for column, value in zip(table.columns, row, strict=True):
                        if value is not None and not isinstance(value, int | float | bool):
                            yield f"{table.name}.{column.name}", _bytes(value)


def _bytes(value: Any) -> bytes:
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    if hasattr(value, "model_dump_json"):
        with contextlib.suppress(ValueError):
            return str(value.model_dump_json()).encode()
    return repr(value).encode("utf-8", "surrogatepass")


def _count(connection: Connection, statement: Any) -> int:
    return int(connection.execute(statement).rowcount)
