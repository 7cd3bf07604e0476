"""Items: pages, one, stated, changed, taken out, told at length."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from vitascope.base.errors import UnknownItem, UsageError
from vitascope.base.media import Problem
from vitascope.base.ports.service import Service
from vitascope.serve import _cursor, _etag
from vitascope.serve.routes._common import Audience, Cursor, IfMatch, IfNoneMatch, ItemId, User, audience_of, problems
from vitascope.serve.wire import shape
from vitascope.serve.wire.answers import AccountOut, ItemOut, ItemsPage, ItemsPut
from vitascope.serve.wire.asked import ItemsIn
from vitascope.serve.wire.browse import ChangedOut, ItemIn, RemovalsIn, RemovedOut

Filter = Annotated[str | None, Query(max_length=100)]
How = Literal["unavailable", "erased"]


def router(service: Service) -> APIRouter:
    """The routes over a library."""
    api = APIRouter(prefix="/v1", tags=["items"])

    @api.get("/items", summary="A page of items", responses=problems())
    def page(
        cursor: Cursor = None,
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
            cursor=_cursor.unwrap("items", cursor),
            n=n,
            query=query or None,
            audience=audience_of(service, audience, user_id),
        )
        return ItemsPage(items=tuple(shape.card(view) for view in views), cursor=_cursor.wrap("items", following))

    @api.post("/items", summary="Insert or update many items", responses=problems(507))
    def put(body: ItemsIn) -> ItemsPut:
        """Rows with the columns of a manifest, by `item_id`: the same call again changes nothing. Bad rows are set aside
        and named; the others are taken."""
        for number, row in enumerate(body.items):
            _check_uri(row.get("uri"), f"items.{number}.uri")
        item_ids, set_aside = service.put_items(body.items)
        return ItemsPut(
            item_ids=tuple(item_ids),
            problems=tuple(shape.problem(p) for p in set_aside),
        )

    @api.post("/items/removals", summary="Take many items out", responses=problems(507))
    def remove(body: RemovalsIn) -> RemovedOut:
        """Out of lists with everything kept, or erased for good; ids that are not there are named."""
        known = service.remove_items(body.item_ids, erase=body.how == "erased")
        unknown = tuple(name for name in dict.fromkeys(body.item_ids) if name not in known)
        return RemovedOut(removed=tuple(known), unknown=unknown, how=body.how)

    @api.get(
        "/items/{item_id}",
        summary="All that is known of an item",
        response_model=ItemOut,
        responses={304: {"description": "you have it already"}, **problems(403, 404)},
    )
    def one(
        request: Request,
        item_id: ItemId,
        audience: Audience = None,
        user_id: User = None,
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        """What the moderation policy blocks is refused; /v1/moderation shows it to the owner. With an `ETag`."""
        service.check_shown(item_id, audience_of(service, audience, user_id))
        return _etag.answer(request, shape.item(service.item(item_id)))

    def before(request: Request, item_id: str) -> None:
        """Refuse a change of something the caller has not seen."""
        if "if-match" not in request.headers and "if-none-match" not in request.headers:
            return
        try:
            there = shape.item(service.item(item_id))
        except UnknownItem:
            there = None
        _etag.check(request, there)

    @api.put(
        "/items/{item_id}",
        summary="State an item anew, or make it",
        response_model=ChangedOut,
        responses={201: {"model": ChangedOut, "description": "it is new"}, **problems(412, 507)},
    )
    def replace(
        request: Request,
        response: Response,
        item_id: ItemId,
        body: ItemIn,
        if_match: IfMatch = None,
        if_none_match: IfNoneMatch = None,
    ) -> ChangedOut:
        """What is not stated is taken away (its kind and media stay). `If-None-Match: *` makes it only where it is not."""
        before(request, item_id)
        _check_uri(body.uri, "uri")
        created, dropped = service.change_item(item_id, body.row(), replace=True)
        if body.available is not None:
            service.show_item(item_id, body.available)
        response.status_code = 201 if created else 200
        return ChangedOut(item_id=item_id, created=created, problems=tuple(map(shape.problem, dropped)))

    @api.patch("/items/{item_id}", summary="Change an item", responses=problems(404, 412, 507))
    def change(request: Request, item_id: ItemId, body: ItemIn, if_match: IfMatch = None) -> ChangedOut:
        """What is stated is changed, `null` takes a field away. A file's item that is made unavailable comes back when
        its folder is next taken in and the file is there; what must stay away is blocked by moderation."""
        before(request, item_id)
        _check_uri(body.uri, "uri")
        row = body.row()
        dropped: list[Problem] = []
        if row or body.available is None:
            _, dropped = service.change_item(item_id, row)
        if body.available is not None:
            service.show_item(item_id, body.available)
        return ChangedOut(item_id=item_id, created=False, problems=tuple(map(shape.problem, dropped)))

    @api.delete("/items/{item_id}", status_code=204, summary="Take an item out", responses=problems(404, 412))
    def delete(
        request: Request,
        item_id: ItemId,
        how: Annotated[
            How, Query(description="erased: gone with all that was made of it (events stay); unavailable: not shown")
        ] = "erased",
        if_match: IfMatch = None,
    ) -> Response:
        before(request, item_id)
        if how == "erased":
            service.delete_item(item_id)
        else:
            service.show_item(item_id, False)
        return Response(status_code=204)

    @api.get(
        "/items/{item_id}/account",
        summary="An item told at length, with what each sentence rests on",
        response_model=AccountOut,
        responses={304: {"description": "you have it already"}, **problems(403, 404)},
    )
    def account(
        request: Request,
        item_id: ItemId,
        style: Literal["account", "script", "news"] = "account",
        language: Literal["en", "zh"] = "en",
        audience: Audience = None,
        user_id: User = None,
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        """What the moderation policy blocks is refused, as with the item itself. With an `ETag`."""
        service.check_shown(item_id, audience_of(service, audience, user_id))
        return _etag.answer(request, shape.account(service.account(item_id, style, language)))

    return api


def _check_uri(uri: object, place: str) -> None:
    """A call over the network must not make files of this machine readable; the owner ingests those."""
    if uri is not None and not str(uri).lower().startswith(("http://", "https://")):
        raise UsageError(
            "over the API an item's media is an http(s) URL",
            place=place,
            remedy="upload the file to /v1/uploads, or use `vitascope ingest` on this machine",
        )
