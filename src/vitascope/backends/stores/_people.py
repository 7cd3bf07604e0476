"""People under keyed pseudonyms, as rows. Implements `base.ports.people.PeopleStore`.

The outside id is never stored in the clear: a person is found by HMAC(key, id), and the id itself is sealed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import Connection, select

from vitascope.backends.stores._database import PEOPLE, Database, chunks
from vitascope.backends.stores._tables import people
from vitascope.base.policy import pseudonym
from vitascope.base.ports.people import Person
from vitascope.base.records import PersonKey


class PeopleRows:
    """People of the home."""

    def __init__(self, database: Database, key: bytes, clock: Callable[[], float]) -> None:
        self._db, self._key, self._clock = database, key, clock

    def find(self, external_ids: Sequence[str]) -> dict[str, PersonKey]:
        """Internal keys by outside id; unknown ones are left out."""
        with self._db.read() as connection:
            return self._find(connection, self._pseudonyms(external_ids))

    def ensure(self, external_ids: Sequence[str]) -> dict[str, PersonKey]:
        """Find or make, in one transaction."""
        wanted = self._pseudonyms(external_ids)
        with self._db.read() as connection:
            found = self._find(connection, wanted)
        missing = {name: external for name, external in wanted.items() if external not in found}
        if missing:
            now = self._clock()
            rows = [{"pseudonym": name, "external_id": ext, "created_at": now} for name, ext in missing.items()]
            with self._db.write("profiles") as connection:
                self._db.lock(connection, PEOPLE)
                connection.execute(
                    self._db.insert(people).on_conflict_do_nothing(index_elements=["pseudonym"]),
                    rows,
                )
                found |= self._find(connection, missing)
        return found

    def _pseudonyms(self, external_ids: Sequence[str]) -> dict[bytes, str]:
        return {_pseudonym(self._key, external): external for external in dict.fromkeys(external_ids)}

    def _find(self, connection: Connection, wanted: dict[bytes, str]) -> dict[str, PersonKey]:
        found: dict[str, PersonKey] = {}
        for part in chunks(list(wanted)):
            rows = connection.execute(select(people.c.pseudonym, people.c.key).where(people.c.pseudonym.in_(part)))
            found.update({wanted[bytes(name)]: PersonKey(key) for name, key in rows})
        return found

    def iter(self) -> Iterator[Person]:
        """All, in order of their key, a page at a time."""
        after = 0
        while True:
            query = (
                select(people.c.key, people.c.external_id)
                .where(people.c.key > after)
                .order_by(people.c.key)
                .limit(2000)
            )
            with self._db.read() as connection:
                rows = connection.execute(query).all()
            if not rows:
                return
            for key, external in rows:
                yield Person(key=PersonKey(key), external_id=external)
            after = rows[-1].key

    def known_since(self, person: PersonKey) -> float:
        """When a person came into the library, seconds since 1970; 0 for nobody."""
        with self._db.read() as connection:
            return connection.scalar(select(people.c.created_at).where(people.c.key == person)) or 0.0

    def external(self, keys: Sequence[PersonKey]) -> dict[PersonKey, str]:
        """Outside ids by internal key; unknown ones are left out."""
        found: dict[PersonKey, str] = {}
        with self._db.read() as connection:
            for part in chunks(list(dict.fromkeys(map(int, keys)))):
                rows = connection.execute(select(people.c.key, people.c.external_id).where(people.c.key.in_(part)))
                found.update({PersonKey(key): external for key, external in rows})
        return found

    def page(self, after: int, n: int) -> list[Person]:
        """People with a larger key than `after`, in order of their key."""
        query = select(people.c.key, people.c.external_id).where(people.c.key > after).order_by(people.c.key).limit(n)
        with self._db.read() as connection:
            rows = connection.execute(query).all()
        return [Person(key=PersonKey(key), external_id=external) for key, external in rows]

    def pseudonyms(self, keys: Sequence[PersonKey]) -> dict[PersonKey, str]:
        """Pseudonyms in hex; unknown keys are left out."""
        found: dict[PersonKey, str] = {}
        with self._db.read() as connection:
            for part in chunks(list(dict.fromkeys(map(int, keys)))):
                rows = connection.execute(select(people.c.key, people.c.pseudonym).where(people.c.key.in_(part)))
                found.update({PersonKey(key): bytes(name).hex() for key, name in rows})
        return found


def _pseudonym(key: bytes, external: str) -> bytes:
    """`base.policy.pseudonym`, for any text a client may send."""
    try:
        return pseudonym(key, external)
    except UnicodeEncodeError:  # a lone surrogate; kept apart from every valid text by the leading NUL
        return pseudonym(key, "\0" + external.encode("utf-8", "surrogatepass").hex())
