"""Profiles, what people corrected, and learned weights, as rows. Implements `base.ports.people.ProfileStore`."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select

from vitascope.backends.stores._database import Database, chunks
from vitascope.backends.stores._tables import (
    corrections,
    events,
    profiles,
    resets,
    weights,
)
from vitascope.backends.stores._types import clean, dump, load
from vitascope.base.people import Correction, Profile
from vitascope.base.records import PersonKey

GENERAL = 0
"""The person that weights in general are kept under."""


class ProfileRows:
    """Taste. A profile is sealed as a whole: it says more of a person than any single event."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, person: PersonKey) -> Profile | None:
        """The profile of a person."""
        with self._db.read() as connection:
            body = connection.scalar(select(profiles.c.body).where(profiles.c.person == person))
        return None if body is None else load(Profile, body.encode())

    def put(self, profile: Profile) -> None:
        """Save a profile; the latest counts."""
        self.put_many([profile])

    def put_many(self, profiles: Sequence[Profile]) -> None:
        """Save profiles in one transaction."""
        if not profiles:
            return
        statement = self._db.insert(_profiles_table)
        rows = [
            {
                "person": p.person,
                "body": dump(p).decode(),
                "last_event": p.last_event,
                "updated_at": p.updated_at,
            }
            for p in sorted({p.person: p for p in profiles}.values(), key=lambda p: p.person)
        ]
        with self._db.write("profiles") as connection:
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["person"],
                    set_={n: statement.excluded[n] for n in ("body", "last_event", "updated_at")},
                ),
                rows,
            )

    def corrections(self, person: PersonKey) -> tuple[Correction, ...]:
        """What a person said of their own profile, by name."""
        table = _corrections_table
        with self._db.read() as connection:
            rows = connection.execute(select(table).where(table.c.person == person).order_by(table.c.name)).all()
        return tuple(Correction(name=row.name, value=row.value, muted=row.muted) for row in rows)

    def corrections_of(self, people: Sequence[PersonKey]) -> dict[PersonKey, tuple[Correction, ...]]:
        """What many people said of their own profiles; those who said nothing are left out."""
        table = _corrections_table
        found: dict[PersonKey, list[Correction]] = {}
        for part in chunks(people):
            with self._db.read() as connection:
                rows = connection.execute(select(table).where(table.c.person.in_(part)).order_by(table.c.name)).all()
            for row in rows:
                said = Correction(name=row.name, value=row.value, muted=row.muted)
                found.setdefault(PersonKey(row.person), []).append(said)
        return {person: tuple(said) for person, said in found.items()}

    def correct(self, person: PersonKey, correction: Correction) -> None:
        """Keep a correction; one that says nothing (no value, not muted) takes the earlier one back."""
        table = _corrections_table
        name = clean(correction.name)
        with self._db.write("profiles") as connection:
            if correction.value is None and not correction.muted:
                connection.execute(delete(table).where(table.c.person == person, table.c.name == name))
                return
            row = {
                "person": person,
                "name": name,
                "value": correction.value,
                "muted": correction.muted,
            }
            statement = self._db.insert(table).values(row)
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["person", "name"],
                    set_={n: statement.excluded[n] for n in ("value", "muted")},
                )
            )

    def reset(self, person: PersonKey) -> None:
        """Forget profile, corrections and own weights; behaviour up to now is no evidence any more."""
        with self._db.write("profiles") as connection:
            for table in (profiles, corrections, weights):
                connection.execute(delete(table).where(table.c.person == person))
            last = connection.scalar(select(func.max(events.c.number))) or 0
            statement = self._db.insert(resets).values(person=person, after=last)
            connection.execute(
                statement.on_conflict_do_update(index_elements=["person"], set_={"after": statement.excluded.after})
            )

    def reset_after(self, person: PersonKey) -> int:
        """Events after this number count; 0: all."""
        with self._db.read() as connection:
            return connection.scalar(select(resets.c.after).where(resets.c.person == person)) or 0

    def resets_of(self, people: Sequence[PersonKey]) -> dict[PersonKey, int]:
        """As `reset_after`, for many people; those who never reset are left out."""
        found: dict[PersonKey, int] = {}
        for part in chunks(people):
            with self._db.read() as connection:
                rows = connection.execute(
                    select(resets.c.person, resets.c.after).where(resets.c.person.in_(part))
                ).all()
            found |= {PersonKey(row.person): row.after for row in rows}
        return found

    def weights(self, person: PersonKey | None) -> dict[str, float]:
        """Learned weights by feature name; None: those in general."""
        table = _weights_table
        with self._db.read() as connection:
            body = connection.scalar(select(table.c.body).where(table.c.person == (person or GENERAL)))
        return dict(body or {})

    def weights_of(self, people: Sequence[PersonKey]) -> dict[PersonKey, dict[str, float]]:
        """Own weights of many people by feature name; those without are left out."""
        table = _weights_table
        found: dict[PersonKey, dict[str, float]] = {}
        for part in chunks(people):
            with self._db.read() as connection:
                rows = connection.execute(select(table.c.person, table.c.body).where(table.c.person.in_(part))).all()
            found |= {PersonKey(row.person): dict(row.body) for row in rows if row.body}
        return found

    def set_weights(self, person: PersonKey | None, weights: dict[str, float], last_event: int) -> None:
        """Keep weights learned up to an event. A step older than what is kept, or from before a person's reset, changes
        nothing."""
        table = _weights_table
        row = {"person": person or GENERAL, "body": weights, "last_event": last_event}
        statement = self._db.insert(table).values(row)
        with self._db.write("profiles") as connection:
            after = connection.scalar(select(resets.c.after).where(resets.c.person == (person or GENERAL)))
            if after is not None and last_event <= after:
                return
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["person"],
                    set_={n: statement.excluded[n] for n in ("body", "last_event")},
                    where=table.c.last_event <= statement.excluded.last_event,
                )
            )


_profiles_table, _corrections_table, _weights_table = profiles, corrections, weights
"""For methods whose name or parameter is the table's."""
