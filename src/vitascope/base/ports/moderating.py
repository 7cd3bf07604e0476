"""Port of moderation as the owner uses it: the queue, decisions, appeals, the trail, audiences. Part of `Service`.

Outside ids go in and come out. Errors: UnknownItem, UnknownPerson, UsageError, StoreError.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from vitascope.base.content import Finding, Verdict
from vitascope.base.moderation import Judgement, ModerationAct, ModerationPolicy
from vitascope.base.records import Record


class ModerationCase(Record):
    """One item as a moderator sees it."""

    item_id: str
    title: str = ""
    has_media: bool = False
    judgement: Judgement
    """For everybody, on no surface in particular."""
    audiences: tuple[tuple[str, Judgement], ...] = ()
    """For each audience of the policy."""
    automatic: Judgement
    """What the policy alone says."""
    reasons: tuple[str, ...] = ()
    """Sentences."""
    findings: tuple[Finding, ...] = ()
    trail: tuple[ModerationAct, ...] = ()
    appeal: ModerationAct | None = None
    """An appeal that nobody has answered yet."""
    media: tuple[str, ...] = ()
    """Where its files are, for the owner alone: what is blocked is not served."""


class Audit(Record):
    """The trail, and whether it is whole."""

    acts: tuple[ModerationAct, ...]
    broken: int | None = None
    """Number of the first line that is not as it was written."""


class Moderating(Protocol):
    """Moderation of one library."""

    def moderation_queue(self) -> Iterator[ModerationCase]:
        """What waits for a person: appeals first, then items that the policy sends to review, the surest first."""
        ...

    def moderation_list(self, verdict: Verdict | None = None) -> Iterator[ModerationCase]:
        """All items that are not simply allowed, or those with one verdict (allow: what an owner allowed)."""
        ...

    def moderation_case(self, item_id: str) -> ModerationCase: ...
    def moderation_decide(
        self, item_id: str, verdict: Verdict, who: str, why: str, *, audience: str | None = None, age: int | None = None
    ) -> ModerationCase:
        """An owner's decision; it stands above the policy until the next. REVIEW hands the item back to the policy."""
        ...

    def moderation_appeal(self, item_id: str, who: str, why: str) -> ModerationCase:
        """Somebody disagrees; a decision answers it."""
        ...

    def moderation_audit(self, item_id: str | None = None) -> Audit: ...
    def moderation_policy(self) -> ModerationPolicy: ...
    def put_audience(self, user_id: str, audience: str | None, who: str, why: str) -> None:
        """Put a person into an audience of the policy; None takes them out."""
        ...

    def audience_of(self, user_id: str) -> str | None:
        """The audience a person is in."""
        ...
