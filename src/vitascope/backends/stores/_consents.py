"""What people agreed to, as rows. Implements `base.ports.privacy.ConsentStore`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import select

from vitascope.backends.stores._database import Database
from vitascope.backends.stores._tables import consents
from vitascope.base.privacy import Consent, Purpose
from vitascope.base.records import PersonKey


class ConsentRows:
    """Consents, read anew whenever anything of people was written: they are asked for with every list."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._db, self._clock = database, clock

    def of(self, person: PersonKey) -> dict[Purpose, Consent]:
        """What a person said; purposes they said nothing of are left out."""
        table = _table
        with self._db.read() as connection:
            rows = connection.execute(select(table).where(table.c.person == person)).all()
        known = {purpose.value for purpose in Purpose}
        return {
            Purpose(row.purpose): Consent(purpose=Purpose(row.purpose), given=row.given, said_at=row.at)
            for row in rows
            if row.purpose in known
        }

    def said(self, purpose: Purpose, given: bool) -> frozenset[PersonKey]:
        """Everybody who said yes (or no) to a purpose."""
        table = _table
        query = select(table.c.person).where(table.c.purpose == purpose.value, table.c.given == given)
        with self._db.read() as connection:
            return frozenset(PersonKey(person) for person in connection.scalars(query))

    def say(self, person: PersonKey, purposes: Sequence[Purpose], given: bool) -> None:
        """Keep what a person says; the latest counts."""
        if not purposes:
            return
        statement = self._db.insert(_table)
        rows = [
            {"person": person, "purpose": purpose.value, "given": given, "at": self._clock()}
            for purpose in sorted(set(purposes))
        ]
        with self._db.write("profiles") as connection:
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["person", "purpose"],
                    set_={name: statement.excluded[name] for name in ("given", "at")},
                ),
                rows,
            )


_table = consents
