"""What surfaces need beside lists, as one service: home pages, next episodes, radios, the feed's heads.

Takes and gives outside ids. What is shown to whom is decided by the moment's request, as for every list.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vitascope.assemble._people import People
from vitascope.base.errors import UsageError
from vitascope.base.ports.service import Ask
from vitascope.base.ranking import RecommendationList
from vitascope.base.surfaces import Home, RadioAsk, RadioSeeds, RowItem

if TYPE_CHECKING:
    from vitascope.recommend.moment import Moment


class Surfacing(People):
    """The surfaces of a library."""

    def home(
        self, user_id: str, surface: str = "video", rows: int = 8, n: int = 12, audience: str | None = None
    ) -> Home:
        """A home page."""
        moment = self._moment(Ask(user_id=user_id, surface=surface, n=n, audience=audience))
        return self._rooms.pages.home(moment, self._rooms.series.of(moment.shelf), rows, n)

    def next_up(self, user_id: str | None, item_id: str, audience: str | None = None) -> RowItem | None:
        """The episode after an item that may be shown."""
        key = self._keys([item_id], strict=True)[0]
        moment = self._moment(Ask(user_id=user_id, surface="video", n=1, audience=audience))
        self.check_shown(item_id, moment.request.audience)
        series = self._rooms.series.of(moment.shelf)
        row = moment.shelf.row(key)
        following = [] if row is None else [r for r in series.after(row) if moment.allowed[r]]
        if not following:
            return None
        place = series.place[following[0]]
        return RowItem(
            item_id=moment.shelf.items[following[0]].item_id,
            source="next",
            series=place.series,
            season=place.season,
            episode=place.episode,
        )

    def radio(self, ask: RadioAsk) -> RecommendationList:
        """A radio."""
        if sum(start is not None for start in (ask.item_id, ask.creator, ask.mood)) != 1:
            raise UsageError(
                "a radio starts from one thing", place="item_id, creator, mood", remedy="state exactly one of them"
            )
        seed = None if ask.item_id is None else self._keys([ask.item_id], strict=True)[0]
        played = ask.played or (() if ask.item_id is None else (ask.item_id,))
        moment = self._moment(
            Ask(
                user_id=ask.user_id,
                surface=ask.surface,
                n=ask.n,
                include_seen=True,
                exclude=ask.played,
                session_items=played[-20:],
                audience=ask.audience,
                rerank=True,
            )
        )
        if ask.item_id is not None:
            self.check_shown(ask.item_id, moment.request.audience)
        return self._rooms.radios.play(moment, ask, seed)

    def radio_seeds(self, n: int = 50, audience: str | None = None) -> RadioSeeds:
        """What a radio can start from."""
        return self._rooms.recommender.radio_seeds(n, self.check_audience(audience))

    def heads(self, user_ids: Sequence[str]) -> dict[str, int]:
        """The number of each person's newest event."""
        known = self._rooms.stores.people.find(list(user_ids))
        found = self._rooms.stores.events.heads(list(known.values()))
        return {user_id: found.get(known[user_id], 0) if user_id in known else 0 for user_id in user_ids}

    def log_head(self) -> int:
        """The number of the newest event."""
        return self._rooms.stores.events.last_number()

    def _moment(self, ask: Ask) -> Moment:
        return self._rooms.recommender.moment(self._request(ask, self._person(ask.user_id)))
