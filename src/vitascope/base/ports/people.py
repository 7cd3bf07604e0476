"""Ports of the stores that hold people's data. Contract suite: tests/contracts/test_people.py."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from vitascope.base.people import Correction, Event, EventColumns, EventDraft, EventType, Profile
from vitascope.base.records import ItemKey, PersonKey, Record


class Person(Record):
    """A person of the home: internal key, and the outside id as it came in (kept encrypted)."""

    key: PersonKey
    external_id: str


class PeopleStore(Protocol):
    """People live under keyed pseudonyms; the outside id is found again only with the home's key."""

    def find(self, external_ids: Sequence[str]) -> dict[str, PersonKey]: ...
    def ensure(self, external_ids: Sequence[str]) -> dict[str, PersonKey]:
        """Find or make."""
        ...

    def iter(self) -> Iterator[Person]: ...
    def external(self, keys: Sequence[PersonKey]) -> dict[PersonKey, str]: ...
    def page(self, after: int, n: int) -> list[Person]:
        """People with a larger key than `after`, in order of their key."""
        ...

    def pseudonyms(self, keys: Sequence[PersonKey]) -> dict[PersonKey, str]:
        """Pseudonyms in hex; unknown keys are left out."""
        ...


class Appended(Record):
    """What an append did."""

    added: int
    known: int
    """Already in the log (same identity)."""


class EventStore(Protocol):
    """The append-only log. `append` is durable when it returns and idempotent by identity."""

    def append(self, drafts: Sequence[EventDraft]) -> Appended: ...
    def of(self, person: PersonKey, limit: int | None = None) -> list[Event]:
        """Newest last: by time (undated first), then number. Undone events and undos left out."""
        ...

    def by_number(self, numbers: Sequence[int]) -> dict[int, Event]: ...
    def log(
        self,
        before: int | None = None,
        n: int = 50,
        person: PersonKey | None = None,
        kind: EventType | None = None,
        item: ItemKey | None = None,
    ) -> list[tuple[Event, bool]]:
        """Events with a smaller number than `before`, newest first, undone ones and undos too; whether each was undone."""
        ...

    def columns(self, since: int = 0) -> EventColumns:
        """All events after a number, in log order; undone ones left out."""
        ...

    def seen(self, person: PersonKey) -> frozenset[ItemKey]:
        """Items with an event that makes them seen (duplicates of them not yet added)."""
        ...

    def hidden(self, person: PersonKey) -> frozenset[ItemKey]: ...
    def last_number(self) -> int: ...
    def heads(self, people: Sequence[PersonKey]) -> dict[PersonKey, int]:
        """The number of each person's newest event, undos included; who has none is left out."""
        ...

    def undone_since(self, number: int) -> dict[int, PersonKey]:
        """Event number -> person, of events that undos after `number` took back (for incremental readers)."""
        ...

    def recent_people(self, limit: int) -> list[PersonKey]:
        """People with the newest events in the log, newest first."""
        ...

    def removals(self) -> int:
        """How often events were taken out of the log (erasures and the like): a reader that goes on starts anew then."""
        ...

    def surfaces(self) -> dict[str, int]:
        """How many events each surface has."""
        ...


class EventLog(Protocol):
    """The part of the log that learning reads."""

    def columns(self, since: int = 0) -> EventColumns:
        """All events after a number, in log order; undone ones left out."""
        ...

    def by_number(self, numbers: Sequence[int]) -> dict[int, Event]: ...


class ProfileStore(Protocol):
    """Profiles, the corrections people made, and the weights w."""

    def get(self, person: PersonKey) -> Profile | None: ...
    def put(self, profile: Profile) -> None: ...
    def put_many(self, profiles: Sequence[Profile]) -> None: ...
    def corrections(self, person: PersonKey) -> tuple[Correction, ...]: ...
    def corrections_of(self, people: Sequence[PersonKey]) -> dict[PersonKey, tuple[Correction, ...]]:
        """Of many at once; those who corrected nothing are left out."""
        ...

    def correct(self, person: PersonKey, correction: Correction) -> None: ...
    def reset(self, person: PersonKey) -> None:
        """Forget the profile and the corrections; events stay. What came before is no evidence any more: answers of
        `reset_after` say from which event number on behaviour counts."""
        ...

    def reset_after(self, person: PersonKey) -> int: ...
    def resets_of(self, people: Sequence[PersonKey]) -> dict[PersonKey, int]:
        """Of many at once; those who never reset are left out."""
        ...

    def weights(self, person: PersonKey | None) -> dict[str, float]:
        """Learned weights by feature name; None: those in general."""
        ...

    def weights_of(self, people: Sequence[PersonKey]) -> dict[PersonKey, dict[str, float]]:
        """Of many at once; those without weights of their own are left out."""
        ...

    def set_weights(self, person: PersonKey | None, weights: dict[str, float], last_event: int) -> None:
        """Idempotent by `last_event`: an older step does not overwrite a newer one."""
        ...
