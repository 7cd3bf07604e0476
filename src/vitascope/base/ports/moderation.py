"""Port of the store of moderation: the audit trail and who belongs to which audience.

Contract suite: tests/contracts/test_moderation.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from vitascope.base.moderation import ActDraft, ModerationAct, Standing
from vitascope.base.records import ItemKey, PersonKey


class ModerationStore(Protocol):
    """What was decided, by whom, when and why. Lines are added and never changed."""

    def add(self, draft: ActDraft) -> ModerationAct:
        """Add a line to the trail. An AUDIENCE act puts its person into its audience (None: out of all) in the same
        transaction."""
        ...

    def trail(self, item: ItemKey | None = None) -> Iterator[ModerationAct]:
        """All lines, or those of one item, in their order."""
        ...

    def standing(self, items: Sequence[ItemKey] | None = None) -> Standing:
        """The decisions that hold, on these items or on all."""
        ...

    def broken(self) -> int | None:
        """Number of the first line that is not as it was written, or around which lines are missing; None: all is well."""
        ...

    def audiences(self, people: Sequence[PersonKey] | None = None) -> dict[PersonKey, str]:
        """The audiences of these people, or of everybody who is in one."""
        ...
