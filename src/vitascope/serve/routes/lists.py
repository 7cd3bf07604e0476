"""Lists: for a person, for a session of somebody unknown, of the caller's own items; and why an item is there."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from vitascope.base.ports.service import Service
from vitascope.base.ranking import RecommendationList
from vitascope.serve.routes._common import Audience, cards, problems
from vitascope.serve.wire import shape
from vitascope.serve.wire.answers import ListOut, RecommendedOut
from vitascope.serve.wire.asked import AskIn, Device, Id, Word
from vitascope.serve.wire.browse import RankedOut, RankIn, SessionIn

Ids = Annotated[list[Id] | None, Query(max_length=1_000, description="repeat the name for several")]


def router(service: Service) -> APIRouter:
    """The routes over a library."""
    api = APIRouter(prefix="/v1", tags=["recommendations"])

    def listed(user_id: str | None, found: RecommendationList, with_cards: bool) -> ListOut:
        known = cards(service, (line.item_id for line in found.items)) if with_cards else {}
        return shape.listing(user_id, found, known)

    @api.get("/recommendations", summary="A list", responses=problems(404))
    def recommend(
        user_id: Annotated[str | None, Query(max_length=512)] = None,
        surface: Annotated[str | None, Query(max_length=40)] = None,
        n: Annotated[int, Query(ge=1, le=200)] = 10,
        include_seen: bool | None = None,
        candidates: Ids = None,
        exclude: Ids = None,
        category: Annotated[
            list[Word] | None, Query(max_length=20, description="any of these; repeat the name")
        ] = None,
        kind: Annotated[Literal["video", "audio", "live", "other"] | None, Query()] = None,
        language: Annotated[Word | None, Query()] = None,
        creator: Annotated[Word | None, Query()] = None,
        device: Annotated[Device | None, Query()] = None,
        session_id: Annotated[str | None, Query(max_length=200)] = None,
        session_items: Ids = None,
        explain: bool = False,
        explore: bool = False,
        rerank: bool = True,
        cards: bool = False,
        audience: Audience = None,
    ) -> ListOut:
        """The same as POST, for short requests."""
        asked = AskIn(
            user_id=user_id or None,
            surface=surface or None,
            n=n,
            include_seen=include_seen,
            candidates=candidates,
            exclude=exclude or [],
            categories=category or [],
            kind=kind,
            language=language,
            creator=creator,
            device=device,
            session_id=session_id,
            session_items=session_items or [],
            explain=explain,
            explore=explore,
            rerank=rerank,
            cards=cards,
            audience=audience,
        )
        return listed(asked.user_id, service.recommend(asked.ask()), asked.cards)

    @api.post("/recommendations", summary="A list", responses=problems(404))
    def recommend_post(body: AskIn) -> ListOut:
        """For a person, or with `session_items` for somebody unknown. An unknown person gets the fallback.
        `log_impressions` writes what the list shows back into the log, with its propensities."""
        return listed(body.user_id, service.recommend(body.ask()), body.cards)

    @api.post("/recommendations/session", summary="A list for somebody unknown", responses=problems(404))
    def session(body: SessionIn) -> ListOut:
        """By what they just did, dislikes and skips too. Nothing is stored: neither the acts nor that there were any."""
        return listed(None, service.session(body.raw(), body.ask()), body.cards)

    @api.post("/rank", summary="Put the caller's own items into order", responses=problems(404))
    def rank(body: RankIn) -> RankedOut:
        """Every item that may be shown is in the list, seen ones too; the others are named in `left_out`."""
        found, left_out = service.rank(body.item_ids, body.ask())
        told = listed(body.user_id, found, body.cards)
        return RankedOut(**dict(told), left_out=tuple(left_out))

    @api.get("/explain", summary="Why an item is, or would be, there", responses=problems(403, 404))
    def explain(
        user_id: Annotated[str, Query(min_length=1, max_length=512)],
        item_id: Annotated[str, Query(min_length=1, max_length=512)],
        surface: Annotated[str | None, Query(max_length=40)] = None,
    ) -> RecommendedOut:
        found = service.explain(user_id, item_id, surface or None)
        return shape.recommended(found.items[0], cards(service, [item_id]))

    return api
