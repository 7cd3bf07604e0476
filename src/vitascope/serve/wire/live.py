"""What clients send and get about live channels, the guide, households and the lean-back channel."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from vitascope.base.guide import Programme
from vitascope.base.households import HouseholdProfile
from vitascope.base.live import Happening, OnAir
from vitascope.serve.wire.answers import Card, LineOut, NamedScore, RecommendedOut, Wire
from vitascope.serve.wire.asked import Asked, Id

Line = Annotated[str, Field(min_length=1, max_length=200)]


class HappeningOut(Wire):
    """The last minute of a channel, as the extractors saw and heard it."""

    at: float
    """Seconds since 1970."""
    seconds: float
    language: str | None = None
    transcript: tuple[LineOut, ...] = ()
    scenes: tuple[NamedScore, ...] = ()
    moods: tuple[NamedScore, ...] = ()
    features: tuple[NamedScore, ...] = ()
    viewers: int = 0
    """People with an event of it in the last five minutes."""
    rate: float = 0.0
    """Events a minute."""
    gaps: tuple[str, ...] = ()


class ChannelOut(Wire):
    """A live channel."""

    item_id: str
    source: str
    started_at: float
    ended_at: float | None = None
    replay_id: str | None = None
    """The ordinary item that it became."""
    score: float = 0.0
    now: HappeningOut | None = None
    item: Card | None = None


class ChannelsOut(Wire):
    """Channels, best for the person first; what has ended comes last."""

    channels: tuple[ChannelOut, ...]


class ChannelIn(Asked):
    """A channel to begin from an HLS address. Files are played as live from the command line only."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [{"item_id": "harbour", "address": "https://example.org/live.m3u8", "title": "Harbour"}]
        },
    )

    item_id: Id
    address: Annotated[str, Field(min_length=8, max_length=2_000)]
    title: Line | None = None
    tags: list[Line] = Field(default=[], max_length=50)


class EndIn(Asked):
    """The end of a channel."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"replay_id": "harbour-recording"}]}
    )

    replay_id: Id | None = Field(default=None, description="the item of the library that is its recording")


class ProgrammeOut(Wire):
    """A programme of a guide."""

    channel: str
    channel_name: str = ""
    start: float
    stop: float
    title: str
    subtitle: str = ""
    description: str = ""
    categories: tuple[str, ...] = ()
    language: str | None = None
    season: int | None = None
    episode: int | None = None
    age: int | None = None


class GuideOut(Wire):
    """Programmes by start and channel."""

    programmes: tuple[ProgrammeOut, ...]


class ProfileIn(Asked):
    """A profile of a household."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"name": "Kim", "child": True}]}
    )

    name: Annotated[str, Field(min_length=1, max_length=100)]
    child: bool = False
    who: Line = "household"


class HouseholdProfileOut(Wire):
    """A profile of a household."""

    user_id: str
    name: str
    child: bool
    allowed: int | None = None
    """How many items are on its list; null: no list."""


class HouseholdOut(Wire):
    """Who shares a screen."""

    household: str
    profiles: tuple[HouseholdProfileOut, ...]


class AllowedIn(Asked):
    """A list of what a person may see."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"item_ids": ["f_0123456789abcdef0123"], "who": "ada", "why": "is four"}]},
    )

    item_ids: list[Id] = Field(max_length=10_000)
    who: Line
    why: Annotated[str, Field(min_length=1, max_length=2_000)]


class AllowedOut(Wire):
    """A list of what a person may see; null: no list, the policy alone decides."""

    user_id: str
    item_ids: tuple[str, ...] | None


class SlotOut(RecommendedOut):
    """A programme of the lean-back channel."""

    start: float
    """Seconds since 1970."""
    stop: float


class ScheduleOut(Wire):
    """The next hours of a channel made for one person. Ask again with the end of the last and what was in it."""

    user_id: str
    slots: tuple[SlotOut, ...]
    next_at: float


def happening(now: Happening) -> HappeningOut:
    """What happens, times in seconds."""

    def named(pairs: tuple[tuple[str, float], ...]) -> tuple[NamedScore, ...]:
        return tuple(NamedScore(name=name, score=score) for name, score in pairs)

    return HappeningOut(
        at=now.at,
        seconds=now.seconds,
        language=now.language,
        transcript=tuple(
            LineOut(start=float(line.span.start), end=float(line.span.end), text=line.text, score=line.confidence)
            for line in now.transcript
        ),
        scenes=named(now.scenes),
        moods=named(now.moods),
        features=named(now.features),
        viewers=now.viewers,
        rate=now.rate,
        gaps=now.gaps,
    )


def channel(one: OnAir, card: Card | None = None) -> ChannelOut:
    """A channel; what it sends while the policy blocks it is not told."""
    return ChannelOut(
        item_id=one.item_id,
        source=one.source.value,
        started_at=one.started_at,
        ended_at=one.ended_at,
        replay_id=one.replay_id,
        score=one.score,
        now=None if one.now is None or one.now.blocked else happening(one.now),
        item=card,
    )


def programme(one: Programme) -> ProgrammeOut:
    """A programme."""
    return ProgrammeOut(**one.model_dump())


def household(name: str, profiles: tuple[HouseholdProfile, ...]) -> HouseholdOut:
    """A household."""
    return HouseholdOut(household=name, profiles=tuple(HouseholdProfileOut(**p.model_dump()) for p in profiles))
