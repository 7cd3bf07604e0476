"""Households and lists of allowed items, as rows. Implements `base.ports.households.HouseholdStore`.

A household is found by a keyed digest of its name, so that no name stands in the file in the clear.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select

from vitascope.backends.stores._database import PEOPLE, Database
from vitascope.backends.stores._tables import allow_lists, allowed, members
from vitascope.base.ports.households import Member
from vitascope.base.records import ItemKey, PersonKey


class HouseholdRows:
    """Profiles of screens."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def _digest(self, household: str) -> bytes:
        return self._db.cipher.digest("household", household)

    def members(self, household: str) -> list[Member]:
        """In the order in which they came."""
        query = select(members).where(members.c.household == self._digest(household))
        with self._db.read() as connection:
            rows = connection.execute(query.order_by(members.c.place, members.c.person)).all()
        return [Member(person=PersonKey(r.person), name=r.name, child=r.child) for r in rows]

    def put(self, household: str, member: Member) -> None:
        """Add or change a profile."""
        digest = self._digest(household)
        with self._db.write("profiles") as connection:
            self._db.lock(connection, PEOPLE)
            last = connection.scalar(select(func.max(members.c.place)).where(members.c.household == digest)) or 0
            row = {"person": member.person, "household": digest, "name": member.name, "child": member.child}
            statement = self._db.insert(members).values(**row, place=last + 1)
            same = members.c.household == digest
            connection.execute(delete(members).where(members.c.person == member.person, ~same))
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["person"], set_={"name": statement.excluded.name, "child": statement.excluded.child}
                )
            )

    def drop(self, household: str, person: PersonKey) -> None:
        """Take a profile off the screen."""
        with self._db.write("profiles") as connection:
            where = (members.c.household == self._digest(household), members.c.person == person)
            connection.execute(delete(members).where(*where))

    def allowed(self, person: PersonKey) -> frozenset[ItemKey]:
        """What stands on a person's list."""
        with self._db.read() as connection:
            found = connection.scalars(select(allowed.c.item).where(allowed.c.person == person))
            return frozenset(ItemKey(item) for item in found)

    def revision(self, person: PersonKey) -> int | None:
        """The revision of a person's list; None without one."""
        query = select(allow_lists.c.revision).where(allow_lists.c.person == person, allow_lists.c.holds)
        with self._db.read() as connection:
            found = connection.scalar(query)
        return None if found is None else int(found)

    def allow(self, person: PersonKey, items: Sequence[ItemKey] | None) -> int | None:
        """Put a list in place of the old one, under a new revision; None takes the list away."""
        with self._db.write("profiles") as connection:
            self._db.lock(connection, PEOPLE)
            last = connection.scalar(select(allow_lists.c.revision).where(allow_lists.c.person == person)) or 0
            connection.execute(delete(allowed).where(allowed.c.person == person))
            connection.execute(delete(allow_lists).where(allow_lists.c.person == person))
            # kept also without a list: a revision is never used twice
            row = {"person": person, "revision": last + 1, "holds": items is not None}
            connection.execute(allow_lists.insert().values(**row))
            rows = [{"person": person, "item": item} for item in dict.fromkeys(items or ())]
            if rows:
                connection.execute(allowed.insert(), rows)
        return None if items is None else last + 1
