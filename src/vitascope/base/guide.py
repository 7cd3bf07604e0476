"""A programme guide: what is on which channel when. No person here."""

from __future__ import annotations

from vitascope.base.records import Record


class Programme(Record):
    """One programme of a guide. Texts are hostile."""

    channel: str
    channel_name: str = ""
    start: float
    """Seconds since 1970."""
    stop: float
    title: str
    subtitle: str = ""
    description: str = ""
    categories: tuple[str, ...] = ()
    language: str | None = None
    season: int | None = None
    episode: int | None = None
    age: int | None = None
    """The age that its rating names."""


class GuideReport(Record):
    """What an import of a guide did."""

    channels: int
    programmes: int
    set_aside: int = 0
