"""Households as one service: profiles that share a screen, and lists of what a profile may see.

Takes and gives outside ids. The lists hold through people's audiences, as the moderation policy does: at every door.
"""

from __future__ import annotations

from collections.abc import Sequence

from vitascope.assemble._people import People
from vitascope.base.errors import UsageError
from vitascope.base.households import HouseholdProfile, audience_parts
from vitascope.base.ports.households import Member
from vitascope.base.records import ItemKey

_CHILDREN = "children"
_MOST = 20


class Sharing(People):
    """Households and lists of allowed items."""

    def household(self, name: str) -> tuple[HouseholdProfile, ...]:
        """Its profiles, in the order in which they came."""
        stores = self._rooms.stores
        found = stores.households.members(name)
        names = stores.people.external([m.person for m in found])
        return tuple(
            HouseholdProfile(
                user_id=names[m.person],
                name=m.name,
                child=m.child,
                allowed=None
                if stores.households.revision(m.person) is None
                else len(stores.households.allowed(m.person)),
            )
            for m in found
            if m.person in names
        )

    def put_profile(self, household: str, profile: HouseholdProfile, who: str) -> tuple[HouseholdProfile, ...]:
        """Add or change a profile; a child's keeps to the audience "children" before it can be chosen."""
        stores = self._rooms.stores
        if not profile.name.strip():
            raise UsageError("a profile has a name", place="name", remedy="say how the screen shows it")
        before = {m.person: m for m in stores.households.members(household)}
        person = stores.people.ensure([profile.user_id])[profile.user_id]
        if person not in before and len(before) >= _MOST:
            raise UsageError(f"a household has at most {_MOST} profiles", place=household, remedy="take one out first")
        audience = audience_parts(self.audience_of(profile.user_id))[0]
        if profile.child and audience is None:
            self.put_audience(profile.user_id, _CHILDREN, who, f"a child's profile: {profile.name}")
        if not profile.child and person in before and before[person].child and audience == _CHILDREN:
            self.put_audience(profile.user_id, None, who, f"no child's profile any more: {profile.name}")
        stores.households.put(household, Member(person=person, name=profile.name.strip()[:100], child=profile.child))
        return self.household(household)

    def drop_profile(self, household: str, user_id: str) -> None:
        """Take a profile off the screen; what the person may see stays as it is."""
        self._rooms.stores.households.drop(household, self._known(user_id))

    def allowed(self, user_id: str) -> tuple[str, ...] | None:
        """What a person's list names; None without one."""
        stores = self._rooms.stores
        person = stores.people.find([user_id]).get(user_id)
        if person is None or stores.households.revision(person) is None:
            return None
        items = stores.items.by_key(sorted(stores.households.allowed(person)))
        return tuple(sorted(item.item_id for item in items.values()))

    def allow(self, user_id: str, item_ids: Sequence[str] | None, who: str, why: str) -> None:
        """Set or take away a person's list. A whole-work copy of an item on it is another item, and not on it."""
        stores = self._rooms.stores
        keys: list[ItemKey] | None = None if item_ids is None else self._keys(list(item_ids), strict=True)
        person = stores.people.ensure([user_id])[user_id]
        audience = audience_parts(self.audience_of(user_id))[0]
        stores.households.allow(person, keys)
        self.put_audience(user_id, audience, who, why)
