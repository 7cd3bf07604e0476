"""Items: pages, one, rows in, out of the library; similar ones; search."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from vitascope.base.errors import UsageError
from vitascope.base.ports.service import Service
from vitascope.serve.routes._common import Audience, ItemId, User, audience_of, cards, problems
from vitascope.serve.wire import shape
from vitascope.serve.wire.answers import AccountOut, HitsOut, ItemOut, ItemsPage, ItemsPut
from vitascope.serve.wire.asked import ItemsIn

Filter = Annotated[str | None, Query(max_length=100)]


def router(service: Service) -> APIRouter:
    """The routes over a library."""
    api = APIRouter(prefix="/v1", tags=["items"])

    @api.get("/items", summary="A page of items", responses=problems())
    def page(
        cursor: Annotated[str | None, Query(max_length=500, description="from the page before")] = None,
        n: Annotated[int, Query(ge=1, le=200)] = 50,
        kind: Filter = None,
        category: Filter = None,
        language: Filter = None,
        available: Annotated[bool | None, Query()] = None,
        audience: Audience = None,
        user_id: User = None,
    ) -> ItemsPage:
        given = {"kind": kind, "category": category, "language": language}
        query = {name: value for name, value in given.items() if value is not None}
        if available is not None:
            query["available"] = "true" if available else "false"
        views, following = service.items(
            cursor=cursor, n=n, query=query or None, audience=audience_of(service, audience, user_id)
        )
        return ItemsPage(items=tuple(shape.card(view) for view in views), cursor=following)

    @api.post("/items", summary="Insert or update items", responses=problems(507))
    def put(body: ItemsIn) -> ItemsPut:
        """Rows with the columns of a manifest. Bad rows are set aside and named; the others are taken."""
        for number, row in enumerate(body.items):
            uri = row.get("uri")
            if uri is not None and not str(uri).lower().startswith(("http://", "https://")):
                # a call over the network must not make files of this machine readable; the owner ingests those
                raise UsageError(
                    "over the API an item's media is an http(s) URL",
                    place=f"items.{number}.uri",
                    remedy="use `vitascope ingest` on this machine for local files",
                )
        item_ids, set_aside = service.put_items(body.items)
        return ItemsPut(
            item_ids=tuple(item_ids),
            problems=tuple(shape.problem(p) for p in set_aside),
        )

    @api.get(
        "/items/{item_id}",
        summary="All that is known of an item",
        responses=problems(403, 404),
    )
    def one(item_id: ItemId, audience: Audience = None, user_id: User = None) -> ItemOut:
        """What the moderation policy blocks is refused; /v1/moderation shows it to the owner."""
        service.check_shown(item_id, audience_of(service, audience, user_id))
        return shape.item(service.item(item_id))

    @api.get(
        "/items/{item_id}/account",
        summary="An item told at length, with what each sentence rests on",
        responses=problems(403, 404),
    )
    def account(
        item_id: ItemId,
        style: Literal["account", "script", "news"] = "account",
        language: Literal["en", "zh"] = "en",
        audience: Audience = None,
        user_id: User = None,
    ) -> AccountOut:
        """What the moderation policy blocks is refused, as with the item itself."""
        service.check_shown(item_id, audience_of(service, audience, user_id))
        return shape.account(service.account(item_id, style, language))

    @api.delete(
        "/items/{item_id}",
        status_code=204,
        summary="Take an item out for good",
        responses=problems(404),
    )
    def delete(item_id: ItemId) -> Response:
        service.delete_item(item_id)
        return Response(status_code=204)

    @api.get(
        "/items/{item_id}/similar",
        summary="Items that are like it",
        responses=problems(403, 404),
    )
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

    @api.get("/search", summary="Find items by words and meaning", responses=problems())
    def search(
        q: Annotated[str, Query(min_length=1, max_length=500)],
        n: Annotated[int, Query(ge=1, le=100)] = 20,
        audience: Audience = None,
        user_id: User = None,
    ) -> HitsOut:
        found = service.search(q, n, audience_of(service, audience, user_id))
        return shape.hits(found, cards(service, (hit.item_id for hit in found)))

    return api
