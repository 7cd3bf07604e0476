"""People: events in, lists out, feedback, profiles, explanations."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Query, Response

from vitascope.base.errors import UsageError
from vitascope.base.ports.service import Service
from vitascope.base.ranking import RecommendationList
from vitascope.serve._config import ServeConfig
from vitascope.serve.routes._common import Audience, UserId, cards, problems
from vitascope.serve.wire import shape
from vitascope.serve.wire.answers import (
    EventsOut,
    FeedbackOut,
    ListOut,
    PeopleOut,
    ProfileOut,
    RecommendedOut,
)
from vitascope.serve.wire.asked import (
    AskIn,
    CorrectionIn,
    EventBatch,
    EventIn,
    FeedbackIn,
)

Ids = Annotated[list[str] | None, Query(max_length=1_000, description="repeat the name for several")]


def router(service: Service, config: ServeConfig) -> APIRouter:
    """The routes over a library."""
    api = APIRouter(prefix="/v1")

    def check_batch(n: int) -> None:
        if n > config.batch_events:
            raise UsageError(
                f"{n} events in one call, {config.batch_events} at most",
                place="events",
                remedy="send several calls",
            )

    def listed(user_id: str | None, found: RecommendationList, with_cards: bool) -> ListOut:
        known = cards(service, (line.item_id for line in found.items)) if with_cards else {}
        return shape.listing(user_id, found, known)

    @api.post(
        "/events",
        tags=["events"],
        summary="Record one event",
        responses=problems(503, 507),
    )
    def event(body: EventIn) -> EventsOut:
        """Answered once it is on disk; the very next list knows it. The same `event_id` twice counts once.

        An event that cannot be used is answered in `rejected` with its reason and remedy.
        """
        return shape.report(service.record([body.raw(time.time())]))

    @api.post(
        "/events/batch",
        tags=["events"],
        summary="Record many events",
        responses=problems(503, 507),
    )
    def batch(body: EventBatch) -> EventsOut:
        """As one event; bad ones are named by their place in the batch and the others are taken."""
        check_batch(len(body.events))
        now = time.time()
        return shape.report(service.record([e.raw(now) for e in body.events]))

    @api.post(
        "/feedback",
        tags=["events"],
        summary="Record events and see the list move",
        responses=problems(503, 507),
    )
    def feedback(body: FeedbackIn) -> FeedbackOut:
        """The list before, the list after, and for each item that moved from where to where and why."""
        check_batch(len(body.events))
        now = time.time()
        done = service.feedback([e.raw(now) for e in body.events], body.ask.ask())
        shown = {line.item_id for line in (*done.before.items, *done.after.items)} | {m.item_id for m in done.moves}
        return shape.feedback(body.ask.user_id, done, cards(service, sorted(shown)))

    @api.get(
        "/recommendations",
        tags=["recommendations"],
        summary="A list",
        responses=problems(404),
    )
    def recommend(
        user_id: Annotated[str | None, Query(max_length=512)] = None,
        surface: Annotated[str | None, Query(max_length=40)] = None,
        n: Annotated[int, Query(ge=1, le=200)] = 10,
        include_seen: bool | None = None,
        candidates: Ids = None,
        exclude: Ids = None,
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
            session_id=session_id,
            session_items=session_items or [],
            explain=explain,
            explore=explore,
            rerank=rerank,
            cards=cards,
            audience=audience,
        )
        return listed(asked.user_id, service.recommend(asked.ask()), asked.cards)

    @api.post(
        "/recommendations",
        tags=["recommendations"],
        summary="A list",
        responses=problems(404),
    )
    def recommend_post(body: AskIn) -> ListOut:
        """For a person, or with `session_items` for somebody unknown. An unknown person gets the fallback."""
        return listed(body.user_id, service.recommend(body.ask()), body.cards)

    @api.get(
        "/explain",
        tags=["recommendations"],
        summary="Why an item is, or would be, there",
        responses=problems(403, 404),
    )
    def explain(
        user_id: Annotated[str, Query(min_length=1, max_length=512)],
        item_id: Annotated[str, Query(min_length=1, max_length=512)],
        surface: Annotated[str | None, Query(max_length=40)] = None,
    ) -> RecommendedOut:
        found = service.explain(user_id, item_id, surface or None)
        return shape.recommended(found.items[0], cards(service, [item_id]))

    @api.get(
        "/people",
        tags=["people"],
        summary="People, most active lately first",
        responses=problems(),
    )
    def people(limit: Annotated[int, Query(ge=1, le=1_000)] = 100) -> PeopleOut:
        return PeopleOut(people=tuple(service.people(limit)))

    @api.get(
        "/people/{user_id}/profile",
        tags=["people"],
        summary="A person's profile",
        responses=problems(404),
    )
    def profile(user_id: UserId) -> ProfileOut:
        return shape.profile(service.profile(user_id))

    @api.patch(
        "/people/{user_id}/profile",
        tags=["people"],
        summary="Correct or mute a feature",
        responses=problems(404),
    )
    def correct(user_id: UserId, body: CorrectionIn) -> ProfileOut:
        """What a person says of their taste wins over behaviour; `value: null, muted: false` takes it back."""
        return shape.profile(service.correct_profile(user_id, body.correction()))

    @api.delete(
        "/people/{user_id}/profile",
        tags=["people"],
        status_code=204,
        summary="Start afresh",
        responses=problems(404),
    )
    def reset(user_id: UserId) -> Response:
        """Forget the profile and its corrections; the events stay and still count as seen."""
        service.reset_profile(user_id)
        return Response(status_code=204)

    return api
