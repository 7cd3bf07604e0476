"""Why: the whole record of why an item is where it is in a person's list."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from vitascope.base.ports.service import Service
from vitascope.serve.routes._common import ItemId, UserId, cards, problems
from vitascope.serve.wire import why as wire
from vitascope.serve.wire.why import WhyOut


def router(service: Service) -> APIRouter:
    """The routes over a library."""
    api = APIRouter(prefix="/v1")

    @api.get(
        "/people/{user_id}/why/{item_id}",
        tags=["people"],
        summary="Why an item is where it is, all of it",
        responses=problems(403, 404),
    )
    def why(
        user_id: UserId,
        item_id: ItemId,
        surface: Annotated[str | None, Query(max_length=40)] = None,
        n: Annotated[int, Query(ge=1, le=100)] = 10,
        deep: bool = False,
    ) -> WhyOut:
        """What ranked it in exact parts, each act left out in turn, what one more act would bring, all recomputed.

        With `deep` what takes seconds as well: which words and which stretches of its media carried it (LIME), and what the
        sequential model made of each act (attention, rollout, integrated gradients).
        """
        found = service.why(user_id, item_id, surface or None, n, deep)
        return wire.why(found, cards(service, [item_id]))

    return api
