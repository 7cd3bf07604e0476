"""Ports of live channels and guides: their stores, and what the service offers. Suite: tests/contracts/test_live.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vitascope.base.guide import GuideReport, Programme
from vitascope.base.live import Channel, Happening, OnAir, SourceKind
from vitascope.base.records import ItemKey


class LiveStore(Protocol):
    """Channels and what happens in them; the newest look at each is kept, the older ones are not."""

    def put(self, channel: Channel) -> None: ...
    def channels(self, on_air: bool | None = None) -> list[Channel]:
        """In the order in which they began."""
        ...

    def put_now(self, now: Happening) -> None: ...
    def now(self, items: Sequence[ItemKey]) -> dict[ItemKey, Happening]: ...


class GuideStore(Protocol):
    """Programmes by channel and start."""

    def replace(self, programmes: Sequence[Programme]) -> int:
        """Put programmes in; what overlapped them on their channel is taken out. Answers how many are in now."""
        ...

    def between(self, start: float, stop: float, n: int = 1_000) -> list[Programme]:
        """Programmes that run in a span of time, by start and channel."""
        ...

    def forget(self, before: float) -> int:
        """Take out what ended before a moment."""
        ...


class Broadcasting(Protocol):
    """Live channels and the guide of one library. Part of `Service`."""

    def live_add(self, item_id: str, address: str, title: str | None = None, tags: Sequence[str] = ()) -> OnAir:
        """Begin a channel from an HLS address (http, https) or, at the command line, from a file.

        Raises:
            UsageError: neither; or such a channel is on air.
        """
        ...

    def live_end(self, item_id: str, replay: str | None = None) -> OnAir:
        """End a channel; `replay`: a file or id of the ordinary item that it becomes. A file channel's own file is its replay.

        Raises:
            UnknownItem: no such channel.
        """
        ...

    def live_channels(
        self, user_id: str | None = None, audience: str | None = None, ended: bool = False
    ) -> list[OnAir]:
        """What is on air and may be shown, best for the person first; with `ended` what is over too, at the end."""
        ...

    def live_look(self, item_id: str) -> Happening:
        """Look at the last minute of a channel now and keep what was found. Raises UnknownItem, SourceUnavailable."""
        ...

    def guide_import(self, address: str) -> GuideReport:
        """Take in an XMLTV file or address. Raises InputError, FetchError, UsageError."""
        ...

    def guide(
        self, start: float, stop: float, user_id: str | None = None, audience: str | None = None
    ) -> list[Programme]:
        """Programmes that run in a span of time and may be shown."""
        ...


__all__ = ["Broadcasting", "GuideStore", "LiveStore", "SourceKind"]
