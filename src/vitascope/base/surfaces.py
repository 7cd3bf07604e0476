"""What surfaces show beside a single list: rows of a home page, what comes next, radios, and what the feed says."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from vitascope.base.records import Record


class RowKind(StrEnum):
    """What a row of a home page holds, in the order in which rows may stand."""

    CONTINUE = "continue"
    """What the person began: 5% to 90% watched, and neither finished nor turned away from since."""
    NEXT = "next"
    """The episode after the last one that was watched, one for each series."""
    FOR_YOU = "for_you"
    """The list of the surface itself."""
    BECAUSE = "because"
    """Like one item that the person took to."""
    INTEREST = "interest"
    """What has a named feature that the person cares for."""
    NEW = "new"
    POPULAR = "popular"


class RowItem(Record):
    """One item of a row."""

    item_id: str
    score: float = 0.0
    source: str = ""
    watched: float | None = Field(default=None, ge=0, le=1)
    """Share of it that was watched, where it was begun."""
    watched_at: float | None = None
    """When, seconds since 1970."""
    series: str | None = None
    season: int | None = None
    episode: int | None = None


class HomeRow(Record):
    """A row of a home page."""

    kind: RowKind
    name: str
    """Stable name of the row: "continue", "interest:topic:astronomy", "because:ITEM"."""
    title: str
    """English."""
    title_zh: str
    because_id: str | None = None
    """Outside id of the item that a BECAUSE row follows."""
    items: tuple[RowItem, ...]


class Home(Record):
    """A home page: no item stands in two rows."""

    surface: str
    rows: tuple[HomeRow, ...]
    model: str


class RadioAsk(Record):
    """A radio wanted. Exactly one of item_id, creator, mood says what it starts from."""

    user_id: str | None = None
    item_id: str | None = None
    creator: str | None = None
    mood: str | None = None
    """"calm", "energetic" ...: a name of the family "mood:" that items here have."""
    surface: str = "music"
    n: int = Field(default=20, ge=1, le=200)
    played: tuple[str, ...] = ()
    """Outside ids of what this radio has already played or queued, newest last: none of them comes again, and the next
    item goes well with the last."""
    explain: bool = False
    audience: str | None = None


class RadioSeeds(Record):
    """What a radio can start from."""

    moods: tuple[tuple[str, int], ...]
    """(mood, how many items have it), most first."""
    creators: tuple[tuple[str, int], ...]
    """(creator, how many items are theirs), most first."""
