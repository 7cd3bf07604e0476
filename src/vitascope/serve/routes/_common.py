"""What routes share: ids in paths, cards of items, the problems that every route may answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import Header, Path, Query
from pydantic import AfterValidator

from vitascope.base.ports.service import Service
from vitascope.serve._guard import segment
from vitascope.serve.wire import shape
from vitascope.serve.wire.answers import Card, ProblemDetails

ItemId = Annotated[
    str,
    Path(description="percent-encoded; may hold any character", max_length=1_600),
    AfterValidator(segment),
]
UserId = Annotated[
    str,
    Path(description="percent-encoded; may hold any character", max_length=1_600),
    AfterValidator(segment),
]

Cursor = Annotated[str | None, Query(max_length=500, description="`cursor` of the page before, as it is")]

IfNoneMatch = Annotated[str | None, Header(max_length=10_000, description="ETags that the caller has; `*`: any")]
"""Read by `_etag` from the request itself; declared so that the document and the clients know it."""
IfMatch = Annotated[
    str | None, Header(max_length=10_000, description="the ETag of what is changed: 412 where it is older")
]

Audience = Annotated[
    str | None,
    Query(max_length=100, description="an audience of the moderation policy, such as children"),
]
User = Annotated[
    str | None,
    Query(max_length=512, description="a person, whose own audience of the moderation policy counts"),
]


def audience_of(service: Service, audience: str | None, user_id: str | None = None) -> str | None:
    """A person's own audience, else the one that was asked for. Raises UsageError for an unknown name."""
    own = service.audience_of(user_id) if user_id else None
    return own or service.check_audience(audience)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Documentation of the problem answers of a route."""
    content: dict[str, Any] = {"application/problem+json": {}}
    return {
        status: {
            "model": ProblemDetails,
            "description": "RFC 9457 problem details",
            "content": content,
        }
        for status in (*statuses, 422)
    }


def cards(service: Service, item_ids: Iterable[str]) -> dict[str, Card]:
    """Cards of items that are still known and that moderation does not keep from everybody."""
    wanted = list(dict.fromkeys(item_ids))
    views = service.item_views(wanted) if wanted else {}
    return {item_id: shape.card(view) for item_id, view in views.items() if view.judgement.shown}
