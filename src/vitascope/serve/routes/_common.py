"""What routes share: ids in paths, cards of items, the problems that every route may answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import Path
from pydantic import AfterValidator

from vitascope.base.errors import UnknownItem
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


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Documentation of the problem answers of a route."""
    content = {"application/problem+json": {}}  # type: ignore[var-annotated]
    return {
        status: {
            "model": ProblemDetails,
            "description": "RFC 9457 problem details",
            "content": content,
        }
        for status in (*statuses, 422)
    }


def cards(service: Service, item_ids: Iterable[str]) -> dict[str, Card]:
    """Cards of items that are still known."""
    found: dict[str, Card] = {}
    for item_id in dict.fromkeys(item_ids):
        try:
            found[item_id] = shape.card(service.item(item_id))
        except UnknownItem:
            continue
    return found
