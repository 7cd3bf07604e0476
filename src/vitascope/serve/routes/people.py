"""People: who there is, their profiles and what they say of them, what they follow and mute, who is like them."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AfterValidator

from vitascope.base.errors import UsageError
from vitascope.base.people import Correction
from vitascope.base.ports.service import RawEvent, Service
from vitascope.serve import _cursor, _etag
from vitascope.serve._guard import segment
from vitascope.serve.routes._common import Cursor, IfNoneMatch, UserId, cards, problems
from vitascope.serve.wire import shape
from vitascope.serve.wire.answers import EventsOut, PeopleOut, PreviewOut, ProfileOut
from vitascope.serve.wire.asked import CorrectionIn, PreviewIn
from vitascope.serve.wire.browse import SimilarPeopleOut, SimilarPersonOut

Feature = Annotated[
    str,
    Path(min_length=1, max_length=1_600, description="a feature such as topic:astronomy or mood:sad, percent-encoded"),
    AfterValidator(segment),
]
Target = Annotated[
    str,
    Path(min_length=1, max_length=1_600, description="creator:NAME or topic:NAME, percent-encoded"),
    AfterValidator(segment),
]


def router(service: Service) -> APIRouter:
    """The routes over a library."""
    api = APIRouter(prefix="/v1", tags=["people"])

    @api.get("/people", summary="People", responses=problems())
    def people(
        limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
        cursor: Cursor = None,
        order: Annotated[
            str, Query(pattern="^(recent|first)$", description="recent: most active lately; first: all, in pages")
        ] = "recent",
    ) -> PeopleOut:
        """The most active lately, or everybody in pages in order of their first event."""
        if order == "recent" and cursor is None:
            return PeopleOut(people=tuple(service.people(limit)))
        found, following = service.everybody(_cursor.unwrap("people", cursor), limit)
        return PeopleOut(people=tuple(found), cursor=_cursor.wrap("people", following))

    @api.get(
        "/people/{user_id}/profile",
        summary="A person's profile",
        response_model=ProfileOut,
        responses={304: {"description": "you have it already"}, **problems(404)},
    )
    def profile(request: Request, user_id: UserId, if_none_match: IfNoneMatch = None) -> Response:
        """What is thought of a person's taste, with the evidence. With an `ETag`."""
        return _etag.answer(request, shape.profile(service.profile(user_id)))

    @api.patch("/people/{user_id}/profile", summary="Correct or mute a feature", responses=problems(404))
    def correct(user_id: UserId, body: CorrectionIn) -> ProfileOut:
        """What a person says of their taste wins over behaviour; `value: null, muted: false` takes it back."""
        return shape.profile(service.correct_profile(user_id, body.correction()))

    @api.post("/people/{user_id}/preview", summary="The list, had they corrected this", responses=problems(404))
    def preview(user_id: UserId, body: PreviewIn) -> PreviewOut:
        """What would be seen if a slider moved: ranked for real, nothing is stored. The ask's own person does not count."""
        asked = body.ask.ask().model_copy(update={"user_id": user_id})
        done = service.preview(user_id, [c.correction() for c in body.corrections], asked)
        shown = {line.item_id for line in (*done.before.items, *done.after.items)} | {m.item_id for m in done.moves}
        told = shape.feedback(user_id, done, cards(service, sorted(shown)))
        return PreviewOut(before=told.before, after=told.after, moves=told.moves)

    @api.delete("/people/{user_id}/profile", status_code=204, summary="Start afresh", responses=problems(404))
    def reset(user_id: UserId) -> Response:
        """Forget the profile and its corrections; the events stay and still count as seen."""
        service.reset_profile(user_id)
        return Response(status_code=204)

    @api.put("/people/{user_id}/mutes/{feature}", summary="Mute a feature", responses=problems(404))
    def mute(user_id: UserId, feature: Feature) -> ProfileOut:
        """Items are not ranked up for it any more, whatever behaviour says. As often as one likes: it is muted once."""
        return shape.profile(service.correct_profile(user_id, _correction(feature, True)))

    @api.delete("/people/{user_id}/mutes/{feature}", summary="Take a mute back", responses=problems(404))
    def unmute(user_id: UserId, feature: Feature) -> ProfileOut:
        return shape.profile(service.correct_profile(user_id, _correction(feature, False)))

    @api.put("/people/{user_id}/follows/{target}", summary="Follow a creator or a topic", responses=problems(503, 507))
    def follow(user_id: UserId, target: Target) -> EventsOut:
        """A `follow` event; the very next list knows it."""
        raw = RawEvent(user_id=user_id, type="follow", target=target, timestamp=time.time())
        return _taken(service, raw)

    @api.delete("/people/{user_id}/follows/{target}", summary="Follow no more", responses=problems(503, 507))
    def unfollow(user_id: UserId, target: Target) -> EventsOut:
        """An `undo` of the last `follow` of it."""
        raw = RawEvent(user_id=user_id, type="undo", value="follow", target=target, timestamp=time.time())
        return _taken(service, raw)

    @api.get("/people/{user_id}/similar", summary="People who took to the same items", responses=problems(404))
    def similar(user_id: UserId, n: Annotated[int, Query(ge=1, le=100)] = 10) -> SimilarPeopleOut:
        """For the owner. Others are told under pseudonyms, which are the same every time and lead nowhere."""
        found = service.similar_people(user_id, n)
        return SimilarPeopleOut(people=tuple(SimilarPersonOut(**p.model_dump()) for p in found))

    return api


def _correction(feature: str, muted: bool) -> Correction:
    if len(feature) > 512:
        raise UsageError("a feature's name is too long", place="feature", remedy="at most 512 characters")
    return Correction(name=feature, value=None, muted=muted)


def _taken(service: Service, raw: RawEvent) -> EventsOut:
    """Record one event of a path, which has no place for a rejection."""
    report = service.record([raw])
    if report.rejected:
        told = report.rejected[0]
        raise UsageError(told.reason, place="target", remedy=told.remedy)
    return shape.report(report)
