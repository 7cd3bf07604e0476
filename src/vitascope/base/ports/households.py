"""Ports of households: the store, and what the service offers. Suite: tests/contracts/test_households.py.

Outside ids at the service, keys at the store. Errors: UnknownItem, UnknownPerson, UsageError, StoreError.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vitascope.base.households import HouseholdProfile
from vitascope.base.records import ItemKey, PersonKey, Record


class Member(Record):
    """A profile of a household as it is stored."""

    person: PersonKey
    name: str
    child: bool


class HouseholdStore(Protocol):
    """Who shares a screen, and lists of allowed items."""

    def members(self, household: str) -> list[Member]:
        """In the order in which they came."""
        ...

    def put(self, household: str, member: Member) -> None:
        """A person is in one household at most: the last one named."""
        ...

    def drop(self, household: str, person: PersonKey) -> None: ...
    def allowed(self, person: PersonKey) -> frozenset[ItemKey]: ...
    def revision(self, person: PersonKey) -> int | None:
        """The revision of a person's list; None without one."""
        ...

    def allow(self, person: PersonKey, items: Sequence[ItemKey] | None) -> int | None:
        """Put a list in place of the old one, under a new revision; None takes the list away."""
        ...


class Households(Protocol):
    """Households of one library. Part of `Service`."""

    def household(self, name: str) -> tuple[HouseholdProfile, ...]:
        """Its profiles; empty for one that nobody made."""
        ...

    def put_profile(self, household: str, profile: HouseholdProfile, who: str) -> tuple[HouseholdProfile, ...]:
        """Add or change a profile. A child's is put into the audience "children"; one that is none any more is taken out."""
        ...

    def drop_profile(self, household: str, user_id: str) -> None:
        """Take a profile off the screen; the person, and what they may see, stay as they are."""
        ...

    def allowed(self, user_id: str) -> tuple[str, ...] | None:
        """Outside ids of what a person may see; None: the policy alone decides."""
        ...

    def allow(self, user_id: str, item_ids: Sequence[str] | None, who: str, why: str) -> None:
        """Set a person's list; None takes it away. It holds at every door at once.

        Raises:
            UnknownItem: one of them is not here.
        """
        ...
