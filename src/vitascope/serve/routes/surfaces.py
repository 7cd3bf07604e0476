"""Surfaces: home rows, next episodes, radios, and the live feed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import StreamingResponse

from vitascope.base.ports.service import Ask, Service
from vitascope.serve._feed import Feeds, TooManyFeeds
from vitascope.serve._problems import problem
from vitascope.serve.routes._common import Audience, ItemId, User, UserId, audience_of, cards, problems
from vitascope.serve.wire import shape
from vitascope.serve.wire import surfaces as told
from vitascope.serve.wire.answers import ListOut

Ids = Annotated[list[str] | None, Query(max_length=1_000, description="repeat the name for several")]


def router(service: Service, feeds: Feeds) -> APIRouter:
    """The routes over a library."""
    api = APIRouter(prefix="/v1")

    @api.get("/people/{user_id}/home", tags=["surfaces"], summary="A home page in rows", responses=problems(404))
    def home(
        user_id: UserId,
        surface: Annotated[str, Query(max_length=40)] = "video",
        rows: Annotated[int, Query(ge=1, le=30)] = 8,
        n: Annotated[int, Query(ge=1, le=50)] = 12,
        audience: Audience = None,
    ) -> told.HomeOut:
        """Continue watching, next episodes, the surface's list, and rows named after what the person cares for.

        For somebody unknown: what is new and what many take to.
        """
        made = service.home(user_id, surface, rows, n, audience)
        return told.home(user_id, made, cards(service, (i.item_id for row in made.rows for i in row.items)))

    @api.get("/items/{item_id}/next", tags=["surfaces"], summary="The episode after it", responses=problems(403, 404))
    def next_up(item_id: ItemId, user_id: User = None, audience: Audience = None) -> told.NextOut:
        found = service.next_up(user_id, item_id, audience)
        if found is None:
            return told.NextOut()
        return told.NextOut(next=told.row_item(found, cards(service, [found.item_id])))

    @api.post("/radio", tags=["surfaces"], summary="Go on from a track, an artist or a mood", responses=problems(404))
    def radio(body: told.RadioIn) -> ListOut:
        """An endless queue: ask again with what was played; the next item goes well with the last one."""
        found = service.radio(body.ask())
        known = cards(service, (line.item_id for line in found.items)) if body.cards else {}
        return shape.listing(body.user_id, found, known)

    @api.get("/radio/seeds", tags=["surfaces"], summary="What a radio can start from", responses=problems())
    def radio_seeds(
        n: Annotated[int, Query(ge=1, le=500)] = 50, audience: Audience = None, user_id: User = None
    ) -> told.SeedsOut:
        return told.seeds(service.radio_seeds(n, audience_of(service, audience, user_id)))

    @api.get(
        "/people/{user_id}/feed",
        tags=["surfaces"],
        summary="The list, pushed anew after each event",
        response_class=StreamingResponse,
        responses={
            200: {
                "description": "Server-sent events: `list` with FeedOut as data, `problem`, `end`",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            },
            **problems(404, 503),
        },
    )
    async def feed(
        user_id: UserId,
        surface: Annotated[str | None, Query(max_length=40)] = None,
        n: Annotated[int, Query(ge=1, le=100)] = 10,
        exclude: Ids = None,
        session_items: Ids = None,
        explain: bool = False,
        with_cards: Annotated[bool, Query(alias="cards")] = True,
        audience: Audience = None,
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> Response:
        """A message at once and after each acknowledged event of the person, whichever server process took it.

        A message's id is the number of the newest event that its list knows. A client that comes back with it as
        Last-Event-ID gets the next message when something happened since. Comments keep the connection while nothing does.
        """
        ask = Ask(
            user_id=user_id,
            surface=surface or None,
            n=n,
            exclude=tuple(exclude or ()),
            session_items=tuple(session_items or ()),
            explain=explain,
            rerank=True,
            audience=audience,
        )

        def make(head: int) -> told.FeedOut:
            found = service.recommend(ask)
            known = cards(service, (line.item_id for line in found.items)) if with_cards else {}
            return told.FeedOut(head=head, list=shape.listing(user_id, found, known))

        known = int(last_event_id) if last_event_id and last_event_id.isdigit() and len(last_event_id) < 19 else None
        try:
            stream = feeds.open(user_id, known, make)
        except TooManyFeeds:
            return problem(
                503,
                "too-many-feeds",
                "as many feeds are open as this server allows",
                remedy="close one, or ask /v1/recommendations; the settings serve.feeds and serve.feeds_each say how many",
                headers={"retry-after": "10"},
            )
        return StreamingResponse(
            stream,
            media_type="text/event-stream",
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
        )

    return api
