"""Looking around in the library as one service: many items at once, charts, filtered search, the log, people alike.

Takes and gives outside ids. A call reads a fixed number of times, however many items it is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vitascope.assemble._content import Content
from vitascope.assemble._people import People
from vitascope.base.errors import UnknownItem, UsageError
from vitascope.base.media import Problem
from vitascope.base.people import EventType
from vitascope.base.ports.browsing import Chart, LoggedEvent, SimilarPerson
from vitascope.base.ports.service import Ask, Hit, ItemView, RawEvent
from vitascope.base.ranking import Filters, RecommendationList
from vitascope.base.records import PersonKey

_STATED = ("title", "description", "tags", "language", "published_at", "creator", "licence", "credit")


class Around(Content, People):
    """The library seen from all sides."""

    # --- items

    def item_views(self, item_ids: Sequence[str], audience: str | None = None) -> dict[str, ItemView]:
        """Many items, without their copies and shared spans; unknown ids are left out."""
        keys = self._rooms.stores.items.keys(item_ids)
        items = self._rooms.stores.items.by_key(list(dict.fromkeys(keys.values())))
        views = self._views(list(items.values()), audience, whole=False)
        found = {view.item.key: view for view in views}
        return {name: found[key] for name, key in keys.items() if key in found}

    def change_item(self, item_id: str, row: dict[str, Any], replace: bool = False) -> tuple[bool, list[Problem]]:
        """Change what a row states, or put it in place of all that was stated; what is not there, `replace` makes."""
        items = self._rooms.stores.items
        before = items.get(item_id)
        if before is None and not replace:
            raise UnknownItem("no such item", place=item_id, remedy="PUT it to make it")
        stated = {name: value for name, value in row.items() if value is not None} | {"item_id": item_id}
        put, problems = self._rooms.catalog.put_rows([stated])
        if not put:
            reason = problems[0].reason if problems else "it cannot be used"
            raise UsageError(reason, place=item_id, remedy=problems[0].remedy if problems else "use another id")
        if before is not None:
            gone = [name for name in _STATED if name not in stated and (replace or name in row)]
            items.clear(before.key, gone)
        self._rooms.touch()
        return before is None, problems

    def show_item(self, item_id: str, available: bool) -> None:
        """Take an item out of lists or back in."""
        self._rooms.stores.items.set_available([self._key(item_id)], available)
        self._rooms.touch()

    def chart(
        self, chart: Chart, filters: Filters | None = None, n: int = 20, skip: int = 0, audience: str | None = None
    ) -> list[Hit]:
        """What is popular, new or rising."""
        who = self.check_audience(audience)
        return self._rooms.recommender.chart(chart, self._rooms.clock(), filters, n, skip, who)

    def categories(self, audience: str | None = None) -> list[tuple[str, int]]:
        """Categories of what may be shown, most frequent first."""
        return self._rooms.recommender.categories(self.check_audience(audience))

    def find(
        self, query: str, filters: Filters | None = None, n: int = 20, skip: int = 0, audience: str | None = None
    ) -> list[Hit]:
        """Items by words and meaning among those that fit."""
        return self._rooms.recommender.search(query[:1_000], n, self.check_audience(audience), filters, skip)

    # --- lists

    def rank(self, item_ids: Sequence[str], ask: Ask) -> tuple[RecommendationList, list[str]]:
        """The caller's items in a person's order; and those that may not be shown or are unknown."""
        keys = self._rooms.stores.items.keys(item_ids)
        person = self._person(ask.user_id)
        wanted = ask.model_copy(update={"n": max(1, len(set(keys.values()))), "include_seen": True})
        request = self._request(wanted, person).model_copy(update={"candidates": frozenset(keys.values())})
        answer = self._rooms.recommender.recommend(request)
        ranked = {line.item for line in answer.items}
        return answer, [name for name in dict.fromkeys(item_ids) if keys.get(name) not in ranked]

    def session(self, acts: Sequence[RawEvent], ask: Ask) -> RecommendationList:
        """A list for somebody unknown by what they just did; nothing is stored."""
        request = self._request(ask.model_copy(update={"user_id": None}), None)
        done = self._rooms.intake.passing(acts, now=request.now)
        return self._rooms.recommender.recommend(request.model_copy(update={"acts": tuple(done)}))

    # --- people

    def log(
        self,
        user_id: str | None = None,
        before: int | None = None,
        n: int = 50,
        kind: str | None = None,
        item_id: str | None = None,
    ) -> list[LoggedEvent]:
        """Events, newest in the log first."""
        try:
            type_ = None if kind is None else EventType(kind)
        except ValueError as error:
            raise UsageError(
                "no such type of event", place=str(kind)[:40], remedy=f"one of {', '.join(EventType)}"
            ) from error
        stores = self._rooms.stores
        person = None if user_id is None else self._known(user_id)
        item = None if item_id is None else self._key(item_id)
        found = stores.events.log(before, n, person, type_, item)
        names = stores.people.external(list({event.person for event, _ in found}))
        items = stores.items.by_key(list({event.item for event, _ in found if event.item is not None}))
        return [
            LoggedEvent(
                number=event.number,
                user_id=names.get(event.person, ""),
                item_id=items[event.item].item_id if event.item in items else None,
                type=event.type.value,
                value=event.value,
                time=event.time,
                surface=event.surface,
                session_id=event.session,
                text=event.text,
                target=event.target,
                undoes=event.undoes,
                undone=undone,
            )
            for event, undone in found
        ]

    def everybody(self, after: str | None = None, n: int = 100) -> tuple[list[str], str | None]:
        """A page of people in order of their first event."""
        page = self._rooms.stores.people.page(_number(after), n + 1)
        more = len(page) > n
        return [person.external_id for person in page[:n]], str(page[n - 1].key) if more else None

    def similar_people(self, user_id: str, n: int = 10) -> list[SimilarPerson]:
        """People who took to the same items, under pseudonyms."""
        found = self._rooms.recommender.similar_people(self._known(user_id), n)
        names = self._rooms.stores.people.pseudonyms([PersonKey(who) for who, _, _ in found])
        return [
            SimilarPerson(pseudonym=names[who], score=score, common=common)
            for who, score, common in found
            if who in names
        ]


def _number(cursor: str | None) -> int:
    """The number in a cursor; it counts keys of any table, within what a database holds."""
    try:
        number = int(cursor) if cursor else 0
    except ValueError as error:
        raise UsageError("not a cursor of ours", place="cursor", remedy="use the one of the page before") from error
    return min(max(number, 0), 2**62)
