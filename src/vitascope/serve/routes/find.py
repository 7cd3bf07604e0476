"""Finding items without a person: search, charts, what is like an item."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from vitascope.base.ports.browsing import Chart
from vitascope.base.ports.service import Service
from vitascope.base.ranking import Filters
from vitascope.serve import _cursor
from vitascope.serve.routes._common import Audience, Cursor, ItemId, User, audience_of, cards, problems
from vitascope.serve.wire import shape
from vitascope.serve.wire.answers import CategoriesOut, CategoryOut, HitsOut

Filter = Annotated[str | None, Query(max_length=200)]
Seconds = Annotated[float | None, Query(ge=0, le=1e9, allow_inf_nan=False)]
Categories = Annotated[
    list[Annotated[str, Query(max_length=200)]] | None,
    Query(max_length=20, description="any of these; repeat the name"),
]
_DEEP = 10_000
"""How far a list can be paged: who wants more asks for something narrower."""


def _filters(
    kind: Annotated[Literal["video", "audio", "live", "other"] | None, Query()] = None,
    category: Categories = None,
    language: Filter = None,
    creator: Filter = None,
    shortest: Seconds = None,
    longest: Seconds = None,
) -> Filters:
    return Filters(
        kind=kind,
        categories=tuple(category or ()),
        language=language,
        creator=creator,
        shortest=shortest,
        longest=longest,
    )


Fitting = Annotated[Filters, Depends(_filters)]


def router(service: Service) -> APIRouter:
    """The routes over a library."""
    api = APIRouter(prefix="/v1", tags=["finding"])

    def page(kind: str, cursor: str | None, n: int) -> tuple[int, int]:
        skip = min(_cursor.number(kind, cursor) or 0, _DEEP)
        return skip, min(n, _DEEP - skip)

    @api.get("/search", summary="Find items by words and meaning", responses=problems())
    def search(
        q: Annotated[str, Query(min_length=1, max_length=500)],
        fitting: Fitting,
        n: Annotated[int, Query(ge=1, le=100)] = 20,
        cursor: Cursor = None,
        audience: Audience = None,
        user_id: User = None,
    ) -> HitsOut:
        """Words in any script, in titles, texts, transcripts and on screen, joined with what the query means."""
        skip, most = page("search", cursor, n)
        found = service.find(q, fitting, most, skip, audience_of(service, audience, user_id)) if most else []
        following = _cursor.wrap("search", skip + n if len(found) == n else None)
        return shape.hits(found, cards(service, (hit.item_id for hit in found)), following)

    def charted(
        chart: Chart, fitting: Filters, n: int, cursor: str | None, audience: str | None, user_id: str | None
    ) -> HitsOut:
        skip, most = page(chart, cursor, n)
        found = service.chart(chart, fitting, most, skip, audience_of(service, audience, user_id)) if most else []
        following = _cursor.wrap(chart, skip + n if len(found) == n else None)
        return shape.hits(found, cards(service, (hit.item_id for hit in found)), following)

    @api.get("/popular", summary="What many took to, newer acts counting more", responses=problems())
    def popular(
        fitting: Fitting,
        n: Annotated[int, Query(ge=1, le=100)] = 20,
        cursor: Cursor = None,
        audience: Audience = None,
        user_id: User = None,
    ) -> HitsOut:
        return charted("popular", fitting, n, cursor, audience, user_id)

    @api.get("/latest", summary="What came last", responses=problems())
    def latest(
        fitting: Fitting,
        n: Annotated[int, Query(ge=1, le=100)] = 20,
        cursor: Cursor = None,
        audience: Audience = None,
        user_id: User = None,
    ) -> HitsOut:
        """By the time of publication, else of arrival; `score` is that time, in seconds since 1970."""
        return charted("latest", fitting, n, cursor, audience, user_id)

    @api.get("/trending", summary="What is taken up more than before", responses=problems())
    def trending(
        fitting: Fitting,
        n: Annotated[int, Query(ge=1, le=100)] = 20,
        cursor: Cursor = None,
        audience: Audience = None,
        user_id: User = None,
    ) -> HitsOut:
        """The last week against the four before; `score` is the deviation from a steady stream."""
        return charted("trending", fitting, n, cursor, audience, user_id)

    @api.get("/categories", summary="Categories, and how many items have each", responses=problems())
    def categories(audience: Audience = None, user_id: User = None) -> CategoriesOut:
        found = service.categories(audience_of(service, audience, user_id))
        return CategoriesOut(categories=tuple(CategoryOut(name=name, items=items) for name, items in found))

    @api.get("/items/{item_id}/similar", summary="Items that are like it", responses=problems(403, 404))
    def similar(
        item_id: ItemId,
        n: Annotated[int, Query(ge=1, le=100)] = 10,
        audience: Audience = None,
        user_id: User = None,
    ) -> HitsOut:
        whose = audience_of(service, audience, user_id)
        service.check_shown(item_id, whose)
        found = service.similar(item_id, n, whose)
        return shape.hits(found, cards(service, (hit.item_id for hit in found)))

    return api
