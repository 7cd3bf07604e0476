"""Live channels, the programme guide, households, and the lean-back channel of a person."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import AfterValidator

from vitascope.base.errors import UsageError
from vitascope.base.households import HouseholdProfile
from vitascope.base.ports.service import Ask, Service
from vitascope.serve._guard import segment
from vitascope.serve.routes._common import Audience, ItemId, User, UserId, audience_of, cards, problems
from vitascope.serve.wire import live as told
from vitascope.serve.wire import shape

Household = Annotated[str, Path(description="percent-encoded", max_length=400), AfterValidator(segment)]
Ids = Annotated[list[str] | None, Query(max_length=1_000, description="repeat the name for several")]
_DAY, _UNKNOWN = 86_400.0, 600.0


def router(service: Service) -> APIRouter:
    """The routes over a library."""
    api = APIRouter(prefix="/v1")

    # --- live

    @api.get("/channels", tags=["live"], summary="What is on air", responses=problems())
    def channels(
        user_id: User = None,
        audience: Audience = None,
        ended: Annotated[bool, Query(description="what is over too, at the end")] = False,
    ) -> told.ChannelsOut:
        """Best for the person first: what they like, what happens in the stream now, and how many watch."""
        found = service.live_channels(user_id, audience_of(service, audience, user_id), ended)
        known = cards(service, [one.item_id for one in found])
        return told.ChannelsOut(channels=tuple(told.channel(one, known.get(one.item_id)) for one in found))

    @api.post("/channels", tags=["live"], status_code=201, summary="Begin a channel", responses=problems())
    def begin(body: told.ChannelIn) -> told.ChannelOut:
        if not body.address.lower().startswith(("http://", "https://")):
            # a call over the network must not make files of this machine visible; the owner plays those
            raise UsageError(
                "over the API a channel is an http(s) address",
                place="address",
                remedy="use `vitascope live add` on this machine for local files",
            )
        return told.channel(service.live_add(body.item_id, body.address, body.title, body.tags))

    @api.post("/channels/{item_id}/end", tags=["live"], summary="End a channel", responses=problems(404))
    def end(item_id: ItemId, body: told.EndIn) -> told.ChannelOut:
        """It leaves every list at once; with a recording, its replay is an ordinary item."""
        if body.replay_id is not None:
            service.check_shown(body.replay_id)  # an item, never a path
        return told.channel(service.live_end(item_id, body.replay_id))

    # --- the guide

    @api.get("/guide", tags=["tv"], summary="What is on when", responses=problems())
    def guide(
        start: Annotated[float | None, Query(description="seconds since 1970; empty: now")] = None,
        hours: Annotated[float, Query(gt=0, le=336)] = 6,
        user_id: User = None,
        audience: Audience = None,
    ) -> told.GuideOut:
        """For an audience with an age only programmes whose rating names one that fits."""
        first = time.time() if start is None else start
        found = service.guide(first, first + 3_600 * hours, user_id, audience_of(service, audience, user_id))
        return told.GuideOut(programmes=tuple(map(told.programme, found)))

    # --- lean back

    @api.get("/people/{user_id}/schedule", tags=["tv"], summary="A channel made for a person", responses=problems(404))
    def schedule(
        user_id: UserId,
        at: Annotated[float | None, Query(description="when it begins, seconds since 1970; empty: now")] = None,
        n: Annotated[int, Query(ge=1, le=100)] = 12,
        surface: Annotated[str, Query(max_length=40)] = "tv",
        played: Ids = None,
        utc_offset: Annotated[float | None, Query(ge=-14, le=14, description="hours ahead of UTC")] = None,
        audience: Audience = None,
    ) -> told.ScheduleOut:
        """One item after another, each for its length; endless: ask again from `next_at` with what was played.

        Where all was seen, what was seen comes again.
        """
        first = time.time() if at is None else at
        ask = Ask(
            user_id=user_id,
            surface=surface,
            n=n,
            exclude=tuple(played or ()),
            session_items=tuple((played or ())[-20:]),
            rerank=True,
            audience=audience,
            utc_offset=utc_offset,
        )
        found = service.recommend(ask)
        if not found.items:
            found = service.recommend(
                ask.model_copy(update={"exclude": tuple((played or ())[-1:]), "include_seen": True})
            )
        known = cards(service, [line.item_id for line in found.items])
        slots = []
        for line in found.items:
            card = known.get(line.item_id)
            if card is None:
                continue
            stop = first + (card.duration or _UNKNOWN)
            slots.append(told.SlotOut(**dict(shape.recommended(line, known)), start=first, stop=stop))
            first = stop
        return told.ScheduleOut(user_id=user_id, slots=tuple(slots), next_at=first)

    # --- households

    @api.get("/households/{household}", tags=["tv"], summary="Who shares a screen", responses=problems())
    def profiles(household: Household) -> told.HouseholdOut:
        return told.household(household, service.household(household))

    @api.put(
        "/households/{household}/profiles/{user_id}",
        tags=["tv"],
        summary="Add or change a profile",
        responses=problems(),
    )
    def put_profile(household: Household, user_id: UserId, body: told.ProfileIn) -> told.HouseholdOut:
        """A child's profile keeps to the audience "children" of the moderation policy from now on, at every door."""
        profile = HouseholdProfile(user_id=user_id, name=body.name, child=body.child)
        return told.household(household, service.put_profile(household, profile, body.who))

    @api.delete(
        "/households/{household}/profiles/{user_id}",
        tags=["tv"],
        status_code=204,
        summary="Take a profile off the screen",
        responses=problems(404),
    )
    def drop_profile(household: Household, user_id: UserId) -> Response:
        """The person stays, and so does what they may see."""
        service.drop_profile(household, user_id)
        return Response(status_code=204)

    @api.get("/people/{user_id}/allowed", tags=["tv"], summary="A person's list of allowed items", responses=problems())
    def allowed(user_id: UserId) -> told.AllowedOut:
        return told.AllowedOut(user_id=user_id, item_ids=service.allowed(user_id))

    @api.put("/people/{user_id}/allowed", tags=["tv"], summary="Show a person nothing else", responses=problems(404))
    def allow(user_id: UserId, body: told.AllowedIn) -> told.AllowedOut:
        """It holds at every door at once, on top of the moderation policy."""
        service.allow(user_id, body.item_ids, body.who, body.why)
        return told.AllowedOut(user_id=user_id, item_ids=service.allowed(user_id))

    @api.delete(
        "/people/{user_id}/allowed", tags=["tv"], status_code=204, summary="Take the list away", responses=problems(404)
    )
    def free(
        user_id: UserId,
        who: Annotated[str, Query(min_length=1, max_length=200)],
        why: Annotated[str, Query(min_length=1, max_length=2_000)],
    ) -> Response:
        """The moderation policy alone decides again."""
        service.allow(user_id, None, who, why)
        return Response(status_code=204)

    return api
