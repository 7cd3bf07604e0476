"""What clients send and get at the surfaces: home pages, next episodes, radios, the feed."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from vitascope.base.surfaces import Home, RadioAsk, RadioSeeds, RowItem
from vitascope.serve.wire.answers import Card, ListOut, Wire
from vitascope.serve.wire.asked import Asked, Id


class RowItemOut(Wire):
    """One item of a row, with where to go on where it was begun."""

    item_id: str
    score: float
    source: str
    watched: float | None = None
    """Share of it that was watched, 0..1."""
    resume_at: float | None = None
    """Seconds: where to go on."""
    watched_at: float | None = None
    """When it was watched last, seconds since 1970."""
    series: str | None = None
    season: int | None = None
    episode: int | None = None
    item: Card | None = None


class HomeRowOut(Wire):
    """A row of a home page."""

    kind: str
    """continue, next, for_you, because, interest, new or popular."""
    name: str
    """Stable, for a page that keeps its place."""
    title: str
    title_zh: str
    because_id: str | None = None
    items: tuple[RowItemOut, ...]


class HomeOut(Wire):
    """A home page; no item stands in two rows."""

    user_id: str
    surface: str
    rows: tuple[HomeRowOut, ...]
    model: str


class NextOut(Wire):
    """The next episode; null where there is none."""

    next: RowItemOut | None = None


class SeedOut(Wire):
    """Something a radio can start from, and how many items have it."""

    name: str
    items: int


class SeedsOut(Wire):
    """What a radio can start from here."""

    moods: tuple[SeedOut, ...]
    creators: tuple[SeedOut, ...]


class FeedOut(Wire):
    """The data of one message of the feed: the list as it is after the person's event number `head`."""

    head: int
    """Number of the newest event that the list knows; the message's id, to be sent back as Last-Event-ID."""
    list: ListOut


class RadioIn(Asked):
    """A radio wanted. Exactly one of item_id, creator, mood."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"user_id": "ada", "item_id": "f_0123456789abcdef0123", "n": 20},
                {"mood": "calm", "n": 20, "played": ["f_0123456789abcdef0123"]},
            ]
        },
    )

    user_id: Id | None = None
    item_id: Id | None = None
    creator: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    mood: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    surface: str = Field(default="music", max_length=40)
    n: int = Field(default=20, ge=1, le=200)
    played: list[Id] = Field(
        default=[], max_length=10_000, description="What this radio has played or queued, newest last: not again"
    )
    explain: bool = False
    audience: str | None = Field(default=None, max_length=100)
    cards: bool = True

    def ask(self) -> RadioAsk:
        """As the library takes it."""
        return RadioAsk(**self.model_dump(exclude={"cards", "played"}), played=tuple(self.played))


def row_item(item: RowItem, cards: dict[str, Card]) -> RowItemOut:
    """An item of a row with its card; seconds come of the card's length."""
    card = cards.get(item.item_id)
    length = card.duration if card is not None else None
    at = None if item.watched is None or length is None else round(item.watched * length, 3)
    return RowItemOut(**item.model_dump(), resume_at=at, item=card)


def home(user_id: str, made: Home, cards: dict[str, Card]) -> HomeOut:
    """A home page."""
    return HomeOut(
        user_id=user_id,
        surface=made.surface,
        model=made.model,
        rows=tuple(
            HomeRowOut(
                kind=row.kind.value,
                name=row.name,
                title=row.title,
                title_zh=row.title_zh,
                because_id=row.because_id,
                items=tuple(row_item(item, cards) for item in row.items),
            )
            for row in made.rows
        ),
    )


def seeds(found: RadioSeeds) -> SeedsOut:
    """What a radio can start from."""
    return SeedsOut(
        moods=tuple(SeedOut(name=name, items=n) for name, n in found.moods),
        creators=tuple(SeedOut(name=name, items=n) for name, n in found.creators),
    )
