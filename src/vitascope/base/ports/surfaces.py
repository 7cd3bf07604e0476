"""Port of what surfaces need beside lists: home pages, next episodes, radios, the feed's heads. Part of `Service`.

Outside ids go in and come out. Errors: UnknownItem, UnknownSurface, UsageError, Refused, StoreError.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vitascope.base.ranking import RecommendationList
from vitascope.base.surfaces import Home, RadioAsk, RadioSeeds, RowItem


class Surfaces(Protocol):
    """The surfaces of one library."""

    def home(
        self, user_id: str, surface: str = "video", rows: int = 8, n: int = 12, audience: str | None = None
    ) -> Home:
        """A home page for a person, known or not."""
        ...

    def next_up(self, user_id: str | None, item_id: str, audience: str | None = None) -> RowItem | None:
        """The episode after an item; None where it is in no series, or the last of it."""
        ...

    def radio(self, ask: RadioAsk) -> RecommendationList:
        """Items that go on from a track, an artist or a mood, in an order in which neighbours go together.

        Raises:
            UnknownItem: no such track. UsageError: no such artist or mood here, or not exactly one start.
        """
        ...

    def radio_seeds(self, n: int = 50, audience: str | None = None) -> RadioSeeds:
        """Moods and creators that a radio can start from here."""
        ...

    def heads(self, user_ids: Sequence[str]) -> dict[str, int]:
        """The number of each person's newest event in the log, whoever wrote it; 0 for who has none."""
        ...

    def log_head(self) -> int:
        """The number of the newest event of the whole log; cheap enough to be asked many times a second."""
        ...
