"""Port of looking around in a library: many items at once, charts, filtered search, the log, people alike. Part of `Service`.

Outside ids go in and come out. Errors: UnknownItem, UnknownPerson, UnknownSurface, UsageError, StoreError.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol

from vitascope.base.ranking import Filters, RecommendationList
from vitascope.base.records import Record

if TYPE_CHECKING:
    from vitascope.base.media import Problem
    from vitascope.base.ports.service import Ask, Hit, ItemView, RawEvent

Chart = Literal["popular", "latest", "trending"]


class LoggedEvent(Record):
    """An event of the log, in outside ids."""

    number: int
    user_id: str
    item_id: str | None
    type: str
    value: float | None = None
    time: float | None = None
    surface: str | None = None
    session_id: str | None = None
    text: str | None = None
    target: str | None = None
    undoes: str | None = None
    undone: bool = False
    """Taken back by an undo."""


class SimilarPerson(Record):
    """Somebody whose acts are like somebody else's, under a pseudonym."""

    pseudonym: str
    """16 bytes in hex, keyed by the home's key: the same person always has the same one, and it leads nowhere else."""
    score: float
    """Cosine of what both took to, 0..1, over the strengths of their acts."""
    common: int
    """Items that both took to."""


class Browsing(Protocol):
    """Looking around."""

    def item_views(self, item_ids: Sequence[str], audience: str | None = None) -> dict[str, ItemView]:
        """Many items in a fixed number of reads, without their copies and shared spans; unknown ids are left out."""
        ...

    def chart(
        self, chart: Chart, filters: Filters | None = None, n: int = 20, skip: int = 0, audience: str | None = None
    ) -> list[Hit]:
        """What many took to (newer acts count more), what came last, or what is taken up more than it was before."""
        ...

    def categories(self, audience: str | None = None) -> list[tuple[str, int]]:
        """Categories of what may be shown, with how many items have each, most first."""
        ...

    def find(
        self, query: str, filters: Filters | None = None, n: int = 20, skip: int = 0, audience: str | None = None
    ) -> list[Hit]:
        """Items by words and meaning among those that fit the filters."""
        ...

    def rank(self, item_ids: Sequence[str], ask: Ask) -> tuple[RecommendationList, list[str]]:
        """The caller's own items in a person's order, seen ones too; and those that may not be shown or are unknown."""
        ...

    def session(self, acts: Sequence[RawEvent], ask: Ask) -> RecommendationList:
        """A list for somebody unknown by what they just did; nothing is stored. Acts of unknown items are passed over."""
        ...

    def log(
        self,
        user_id: str | None = None,
        before: int | None = None,
        n: int = 50,
        kind: str | None = None,
        item_id: str | None = None,
    ) -> list[LoggedEvent]:
        """Events, newest in the log first: a person's, or everybody's; `before`: with a smaller number."""
        ...

    def everybody(self, after: str | None = None, n: int = 100) -> tuple[list[str], str | None]:
        """A page of outside ids of people in order of their first event, and where the next one goes on."""
        ...

    def similar_people(self, user_id: str, n: int = 10) -> list[SimilarPerson]:
        """People who took to the same items."""
        ...

    def change_item(self, item_id: str, row: dict[str, Any], replace: bool = False) -> tuple[bool, list[Problem]]:
        """Change what a row states (None takes a field away), or put the row in place of all that was stated.

        Returns:
            Whether the item is new (`replace` makes what is not there), and what of the row was dropped.
        """
        ...

    def show_item(self, item_id: str, available: bool) -> None:
        """Take an item out of lists or back in; its history and description stay."""
        ...

    def remove_items(self, item_ids: Sequence[str], erase: bool) -> list[str]:
        """Take items out of lists, or erase them with all that was made of them (events stay in the log); answers the
        ids that were there."""
        ...
