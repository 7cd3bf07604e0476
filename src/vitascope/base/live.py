"""Live: channels that are on air, and what happens in them now. No person here."""

from __future__ import annotations

from enum import StrEnum

from vitascope.base.content import TranscriptLine
from vitascope.base.records import ItemKey, Record


class SourceKind(StrEnum):
    """Where a channel's media come from."""

    HLS = "hls"
    """An HLS address: a playlist whose newest segments are read."""
    FILE = "file"
    """A file played as live, from its start at the channel's start."""


class Channel(Record):
    """A live channel. Its item is of the kind "live"."""

    item: ItemKey
    source: SourceKind
    address: str
    started_at: float
    ended_at: float | None = None
    replay: ItemKey | None = None
    """The ordinary item that it became."""

    @property
    def on_air(self) -> bool:
        """Whether it has not ended."""
        return self.ended_at is None


class Happening(Record):
    """What happens in a channel now: the last minute, as the extractors see and hear it."""

    item: ItemKey
    at: float
    """When it was looked at, seconds since 1970."""
    seconds: float
    """How much of the stream was looked at."""
    language: str | None = None
    transcript: tuple[TranscriptLine, ...] = ()
    """Times count from the beginning of what was looked at."""
    scenes: tuple[tuple[str, float], ...] = ()
    moods: tuple[tuple[str, float], ...] = ()
    features: tuple[tuple[str, float], ...] = ()
    """Named features, 0..1, as every item has them."""
    gaps: tuple[str, ...] = ()
    blocked: bool = False
    """The moderation policy would block what was seen or heard: the channel is not listed until it is clean again."""
    viewers: int = 0
    """People with an event of it in the last five minutes; counted when it is asked for."""
    rate: float = 0.0
    """Events of it a minute over the last five; counted when it is asked for."""


class OnAir(Record):
    """A channel as a page shows it."""

    item_id: str
    source: SourceKind
    started_at: float
    ended_at: float | None = None
    replay_id: str | None = None
    now: Happening | None = None
    score: float = 0.0
