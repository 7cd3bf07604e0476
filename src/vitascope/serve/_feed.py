"""The live feed: who waits for what, and when to look. Server-sent events; the gate lets no web sockets pass.

One task a process looks at the head of the event log while anybody waits (one small query), so that an event that another
server process acknowledged is noticed as soon as one of ours. Only the people whose own head moved get a new list. Each
message's id is the number of the newest event that its list knows; a client that comes back with it as Last-Event-ID gets a
list at once only if something happened meanwhile.

Takes a `Service`; gives the text of the stream. It ranks nothing.
"""

from __future__ import annotations

import asyncio
import logging
import weakref
from collections import Counter
from collections.abc import AsyncIterator, Callable

import orjson
from starlette.concurrency import run_in_threadpool

from vitascope.base.errors import VitascopeError
from vitascope.base.ports.service import Service
from vitascope.serve._problems import status_of
from vitascope.serve.wire.answers import Wire

log = logging.getLogger(__name__)


class TooManyFeeds(Exception):
    """This process, or this person, has as many feeds open as it may."""


class Feeds:
    """The open feeds of one process.

    Args:
        every: seconds between two looks at the log's head.
        beat: seconds of silence after which a comment is sent, so that proxies keep the connection.
        most, most_each: open feeds of this process, and of one person.
    """

    def __init__(self, service: Service, *, every: float, beat: float, most: int, most_each: int) -> None:
        self._service, self._every, self._beat = service, every, beat
        self._most, self._most_each = most, most_each
        self._open: Counter[str] = Counter()
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._heads: dict[str, int] = {}
        self._looking: asyncio.Task[None] | None = None
        self._ending = False

    def enter(self, user_id: str) -> None:
        """Take a place. Raises TooManyFeeds."""
        if self._ending or self._open.total() >= self._most or self._open[user_id] >= self._most_each:
            raise TooManyFeeds
        self._open[user_id] += 1

    def open(self, user_id: str, known: int | None, make: Callable[[int], Wire]) -> AsyncIterator[str]:
        """A stream with a place of its own, given back when the stream ends, or is dropped before it began.

        Raises:
            TooManyFeeds.
        """
        self.enter(user_id)
        given: list[None] = []

        def leave() -> None:
            if not given:
                given.append(None)
                self.leave(user_id)

        made = self._stream(user_id, known, make, leave)
        weakref.finalize(made, leave)
        return made

    @property
    def open_now(self) -> int:
        """Open feeds of this process."""
        return self._open.total()

    def leave(self, user_id: str) -> None:
        """Give a place back."""
        self._open[user_id] -= 1
        if self._open[user_id] <= 0:
            del self._open[user_id]

    def end(self) -> None:
        """The server ends: every feed says good-bye and stops."""
        self._ending = True
        for events in self._waiting.values():
            for event in events:
                event.set()

    async def _stream(
        self, user_id: str, known: int | None, make: Callable[[int], Wire], leave: Callable[[], None]
    ) -> AsyncIterator[str]:
        """Messages for one client.

        Args:
            known: the head that the client's last list knew; None: it has none yet.
            make: the data of a message about a head; runs in a thread.
        """
        moved = asyncio.Event()
        self._waiting.setdefault(user_id, set()).add(moved)
        try:
            yield "retry: 1000\n\n"
            head = await self._head(user_id)
            self._heads[user_id] = max(head, self._heads.get(user_id, 0))
            self._look()
            sent = known
            while not self._ending:
                head = self._heads.get(user_id, head)
                if sent is None or head != sent:
                    try:
                        data = await run_in_threadpool(make, head)
                    except VitascopeError as error:
                        yield _error(error)
                        return
                    sent = head
                    yield f"id: {head}\nevent: list\ndata: {orjson.dumps(data.model_dump(mode='json')).decode()}\n\n"
                    continue
                moved.clear()
                if self._heads.get(user_id, head) != sent or self._ending:
                    continue
                try:
                    await asyncio.wait_for(moved.wait(), self._beat)
                except TimeoutError:
                    yield ": beat\n\n"
            yield "event: end\ndata: {}\n\n"
        finally:
            self._waiting[user_id].discard(moved)
            if not self._waiting[user_id]:
                del self._waiting[user_id]
                self._heads.pop(user_id, None)
            leave()

    async def _head(self, user_id: str) -> int:
        found = await run_in_threadpool(self._service.heads, [user_id])
        return found[user_id]

    def _look(self) -> None:
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        """While anybody waits: look at the log's head, and where it moved at the heads of those who wait."""
        last = -1
        while self._waiting and not self._ending:
            try:
                newest = await run_in_threadpool(self._service.log_head)
                if newest != last:
                    found = await run_in_threadpool(self._service.heads, list(self._waiting))
                    last = newest
                    for user_id, head in found.items():
                        if user_id in self._waiting and self._heads.get(user_id) != head:
                            self._heads[user_id] = head
                            for event in self._waiting[user_id]:
                                event.set()
            except VitascopeError as error:  # the store was busy: the next look finds what was missed
                log.warning("the feed could not look at the log: %s", error)
            await asyncio.sleep(self._every)


def _error(error: VitascopeError) -> str:
    told = {"status": status_of(error), "code": error.code, "detail": error.thing, "remedy": error.remedy}
    return f"event: problem\ndata: {orjson.dumps(told).decode()}\n\n"
