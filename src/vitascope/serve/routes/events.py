"""Events in: one, many, what was shown, how far somebody watched; with a list that moves; and the log out again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Header, Query

from vitascope.base.errors import UsageError
from vitascope.base.ports.browsing import LoggedEvent
from vitascope.base.ports.service import RawEvent, Service
from vitascope.serve import _cursor
from vitascope.serve._config import ServeConfig
from vitascope.serve.routes._common import Cursor, UserId, cards, problems
from vitascope.serve.wire import shape
from vitascope.serve.wire.answers import EventsOut, FeedbackOut
from vitascope.serve.wire.asked import EventBatch, EventIn, FeedbackIn
from vitascope.serve.wire.browse import ImpressionsIn, LoggedOut, LogPage, WatchIn

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        description="makes the call safe to repeat: the same key with the same content counts once, after a crash too",
    ),
]
Type = Annotated[str | None, Query(max_length=40, description="one type of events only")]
Item = Annotated[str | None, Query(min_length=1, max_length=512, description="events of one item only")]
Page = Annotated[int, Query(ge=1, le=500)]


def keyed(events: Sequence[RawEvent], key: str | None) -> list[RawEvent]:
    """Events with ids made of the call's key and their content, where they have none of their own.

    The log itself knows an event again by its id, so that a repeated call changes nothing even if the server died between
    the write and the answer; another content under a used key is another event and is not lost.
    """
    if key is None:
        return list(events)
    told = [e.model_copy(update={"timestamp": None}).model_dump_json() for e in events]
    return [
        event
        if event.event_id
        else event.model_copy(
            update={"event_id": "k" + sha256(f"{key}\n{place}\n{content}".encode("utf-8", "replace")).hexdigest()[:40]}
        )
        for place, (event, content) in enumerate(zip(events, told, strict=True))
    ]


def router(service: Service, config: ServeConfig) -> APIRouter:
    """The routes over a library."""
    api = APIRouter(prefix="/v1", tags=["events"])

    def check_batch(n: int) -> None:
        if n > config.batch_events:
            raise UsageError(
                f"{n} events in one call, {config.batch_events} at most",
                place="events",
                remedy="send several calls",
            )

    @api.post("/events", summary="Record one event", responses=problems(503, 507))
    def event(body: EventIn, idempotency_key: IdempotencyKey = None) -> EventsOut:
        """Answered once it is on disk; the very next list knows it. The same `event_id` twice counts once.

        An event that cannot be used is answered in `rejected` with its reason and remedy.
        """
        return shape.report(service.record(keyed([body.raw(time.time())], idempotency_key)))

    @api.post("/events/batch", summary="Record many events", responses=problems(503, 507))
    def batch(body: EventBatch, idempotency_key: IdempotencyKey = None) -> EventsOut:
        """As one event; bad ones are named by their place in the batch and the others are taken."""
        check_batch(len(body.events))
        now = time.time()
        return shape.report(service.record(keyed([e.raw(now) for e in body.events], idempotency_key)))

    @api.post("/impressions", summary="Record what a person was shown", responses=problems(503, 507))
    def impressions(body: ImpressionsIn, idempotency_key: IdempotencyKey = None) -> EventsOut:
        """Shown is not seen: an impression keeps nothing out of lists. `propensity` lets a fit learn without the bias of
        what was shown; lists that explore state it."""
        check_batch(len(body.items))
        return shape.report(service.record(keyed(body.raw(time.time()), idempotency_key)))

    @api.post("/progress", summary="Record how far a person watched", responses=problems(404, 503, 507))
    def progress(body: WatchIn, idempotency_key: IdempotencyKey = None) -> EventsOut:
        """A player's position in seconds; the watched fraction is worked out here. Several calls are one watch."""
        duration = body.duration or _known_duration(service, body.item_id)
        fraction = 1.0 if body.ended and not duration else min(1.0, body.position / duration) if duration else None
        if fraction is None:
            raise UsageError(
                "the length of this item is not known",
                place="duration",
                remedy="state the duration that the player says",
            )
        raw = RawEvent(
            user_id=body.user_id,
            item_id=body.item_id,
            type="complete" if body.ended else "progress",
            value=round(fraction, 6),
            timestamp=time.time() if body.timestamp is None else body.timestamp,
            surface=body.surface,
            session_id=body.session_id,
            event_id=body.event_id,
        )
        return shape.report(service.record(keyed([raw], idempotency_key)))

    @api.post("/feedback", summary="Record events and see the list move", responses=problems(503, 507))
    def feedback(body: FeedbackIn, idempotency_key: IdempotencyKey = None) -> FeedbackOut:
        """The list before, the list after, and for each item that moved from where to where and why."""
        check_batch(len(body.events))
        now = time.time()
        done = service.feedback(keyed([e.raw(now) for e in body.events], idempotency_key), body.ask.ask())
        shown = {line.item_id for line in (*done.before.items, *done.after.items)} | {m.item_id for m in done.moves}
        return shape.feedback(body.ask.user_id, done, cards(service, sorted(shown)))

    def logged(
        user_id: str | None, kind: str, cursor: str | None, n: int, type_: str | None, item_id: str | None
    ) -> LogPage:
        found = service.log(user_id, _cursor.number(kind, cursor), n + 1, type_, item_id)
        more = len(found) > n
        return LogPage(
            events=tuple(map(_logged, found[:n])), cursor=_cursor.wrap(kind, found[n - 1].number if more else None)
        )

    @api.get("/events", summary="The log, newest first", responses=problems(404))
    def log(cursor: Cursor = None, n: Page = 50, type: Type = None, item_id: Item = None) -> LogPage:
        """Everybody's events as they came in: for the owner."""
        return logged(None, "log", cursor, n, type, item_id)

    @api.get("/people/{user_id}/events", summary="A person's events, newest first", responses=problems(404))
    def log_of(
        user_id: UserId, cursor: Cursor = None, n: Page = 50, type: Type = None, item_id: Item = None
    ) -> LogPage:
        """As they came in. Undos and what they took back are there too; `undone` says so."""
        return logged(user_id, "events", cursor, n, type, item_id)

    return api


def _known_duration(service: Service, item_id: str) -> float | None:
    view = service.item_views([item_id]).get(item_id)
    if view is None or not view.assets or view.assets[0].duration is None:
        return None
    return float(view.assets[0].duration)


def _logged(event: LoggedEvent) -> LoggedOut:
    given = event.model_dump(exclude={"number", "time"})
    return LoggedOut(**given, timestamp=event.time)
