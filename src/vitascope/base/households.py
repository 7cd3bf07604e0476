"""Households: profiles that share one screen, and what a child's profile may see besides the moderation policy.

An audience is written "NAME" (of the moderation policy), "NAME|PERSON.REVISION" or "|PERSON.REVISION": with the second part
only what stands on that person's list of allowed items is shown, in the state that the list has at that revision. So every
door that asks what an audience may see keeps to the list too, and a changed list is a new audience.
"""

from __future__ import annotations

from vitascope.base.records import PersonKey, Record


class HouseholdProfile(Record):
    """One profile of a household."""

    user_id: str
    name: str
    """As the screen shows it."""
    child: bool = False
    """Sees what the audience "children" may see."""
    allowed: int | None = None
    """How many items are on its list; None: it has no list, the policy alone decides."""


def audience_parts(name: str | None) -> tuple[str | None, PersonKey | None]:
    """An audience as the policy's audience, and the person whose list holds besides."""
    if name is None or "|" not in name:
        return name, None
    policy, _, listed = name.partition("|")
    person = listed.partition(".")[0]
    return policy or None, PersonKey(int(person)) if person.isdigit() else PersonKey(-1)


def joined(policy: str | None, person: PersonKey, revision: int | None) -> str | None:
    """The audience of a person with a list (revision) or without (None)."""
    return policy if revision is None else f"{policy or ''}|{person}.{revision}"
