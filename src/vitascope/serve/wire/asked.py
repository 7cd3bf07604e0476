"""What clients send. Unknown fields are errors; every text and list is bounded."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from vitascope.base.errors import UsageError
from vitascope.base.people import Correction
from vitascope.base.ports.service import Ask, RawEvent
from vitascope.base.ranking import Filters
from vitascope.base.talk import Conversation

Id = Annotated[str, Field(min_length=1, max_length=512)]


Word = Annotated[str, Field(min_length=1, max_length=200)]
Device = Literal["phone", "tablet", "desktop", "tv", "speaker", "car"]
_SURFACES = {"tv": "tv", "speaker": "music", "car": "music"}


def surface_of(surface: str | None, device: str | None) -> str | None:
    """The surface that was named, else the one of the device; None: the library's own."""
    return surface or _SURFACES.get(device or "")


def filters_of(
    categories: Sequence[str], kind: str | None, language: str | None, creator: str | None
) -> Filters | None:
    """What items must be; None where nothing was said."""
    if not categories and kind is None and language is None and creator is None:
        return None
    return Filters(categories=tuple(categories), kind=kind, language=language, creator=creator)


class Asked(BaseModel):
    """Base of what is asked: unknown fields are errors, so that a typing mistake is not silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class EventIn(Asked):
    """One thing a person did."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "user_id": "ada",
                    "item_id": "f_0123456789abcdef0123",
                    "type": "like",
                    "event_id": "c0ffee-1",
                },
                {
                    "user_id": "ada",
                    "item_id": "f_0123456789abcdef0123",
                    "type": "progress",
                    "value": 0.4,
                },
                {"user_id": "ada", "type": "follow", "target": "topic:astronomy"},
            ]
        },
    )

    user_id: Id
    item_id: Id | None = None
    type: str = Field(
        max_length=40,
        description="impression, click, play, progress, complete, skip, like, ...",
    )
    value: float | Annotated[str, Field(max_length=40)] | None = Field(
        default=None, description="Stars 1 to 5 for rate; the type taken back for undo; watched fraction 0..1 else."
    )
    timestamp: float | Annotated[str, Field(max_length=100)] | None = Field(
        default=None, description="Seconds since 1970 or ISO 8601; empty: now."
    )
    surface: str | None = Field(default=None, max_length=40)
    session_id: str | None = Field(default=None, max_length=200)
    event_id: str | None = Field(default=None, max_length=200, description="Makes the call safe to repeat.")
    text: str | None = Field(default=None, max_length=10_000)
    target: str | None = Field(default=None, max_length=512)

    def raw(self, now: float) -> RawEvent:
        """As the library takes it; an event of the live API without a time happens now."""
        given = self.model_dump()
        if given["timestamp"] is None:
            given["timestamp"] = now
        return RawEvent(**given)


class EventBatch(Asked):
    """Many events at once."""

    events: list[EventIn] = Field(min_length=1)


class AskIn(Asked):
    """A list wanted. Without `user_id` nobody is known, and `session_items` say what was just played."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"user_id": "ada", "surface": "video", "n": 10, "explain": True},
                {
                    "session_id": "s1",
                    "session_items": ["f_0123456789abcdef0123"],
                    "n": 5,
                },
            ]
        },
    )

    user_id: Id | None = None
    surface: str | None = Field(default=None, max_length=40, description="short, video, music, tv or live")
    n: int = Field(default=10, ge=1, le=200)
    include_seen: bool | None = Field(default=None, description="null: the surface decides")
    candidates: list[Id] | None = Field(default=None, max_length=100_000)
    exclude: list[Id] = Field(default=[], max_length=10_000)
    categories: list[Word] = Field(default=[], max_length=20, description="any of these only")
    kind: Literal["video", "audio", "live", "other"] | None = None
    language: Word | None = None
    creator: Word | None = None
    device: Device | None = Field(
        default=None, description="where no surface is named: tv on a television, music on a speaker or in a car"
    )
    session_id: str | None = Field(default=None, max_length=200)
    session_items: list[Id] = Field(default=[], max_length=200)
    explain: bool = False
    explore: bool = False
    rerank: bool = Field(
        default=True,
        description="the surface's whole pipeline: diversity, quotas, fatigue",
    )
    log_impressions: bool = False
    audience: str | None = Field(
        default=None, max_length=100, description="of the moderation policy; a known person's own wins"
    )
    cards: bool = Field(default=False, description="with title, length and links of each item")

    def ask(self) -> Ask:
        """As the library takes it."""
        own = {"cards", "candidates", "exclude", "session_items", "categories", "kind", "language", "creator", "device"}
        given = self.model_dump(exclude=own | {"surface"})
        return Ask(
            **given,
            surface=surface_of(self.surface, self.device),
            filters=filters_of(self.categories, self.kind, self.language, self.creator),
            candidates=None if self.candidates is None else tuple(self.candidates),
            exclude=tuple(self.exclude),
            session_items=tuple(self.session_items),
        )


class FeedbackIn(Asked):
    """Events, and the list they should change."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "events": [
                        {
                            "user_id": "ada",
                            "item_id": "f_0123456789abcdef0123",
                            "type": "like",
                        }
                    ],
                    "ask": {
                        "user_id": "ada",
                        "surface": "video",
                        "n": 10,
                        "explain": True,
                    },
                }
            ]
        },
    )

    events: list[EventIn] = Field(min_length=1)
    ask: AskIn


class ItemsIn(Asked):
    """Items as rows of a manifest."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "item_id": "talk-7",
                            "title": "How rockets fly",
                            "kind": "video",
                            "tags": "space",
                        }
                    ]
                }
            ]
        },
    )

    items: list[dict[str, Any]] = Field(min_length=1, max_length=1_000)


class CorrectionIn(Asked):
    """What a person says of their own profile."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"feature": "topic:astronomy", "value": 1.0},
                {"feature": "mood:sad", "muted": True},
            ]
        },
    )

    feature: Id
    value: float | None = Field(default=None, ge=-1.0, le=1.0, description="null: what behaviour says")
    muted: bool = False

    def correction(self) -> Correction:
        """As the library takes it."""
        return Correction(name=self.feature, value=self.value, muted=self.muted)


class PreviewIn(Asked):
    """Corrections supposed, and the list to look at."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"corrections": [{"feature": "tag:space", "value": 1.0}], "ask": {"surface": "video", "n": 10}}
            ]
        },
    )

    corrections: list[CorrectionIn] = Field(max_length=200)
    ask: AskIn


class TalkIn(Asked):
    """Something said to the library: typed, or spoken in a clip of any container."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"text": "something calm and short, like the concert yesterday, but no vocals"},
                {"text": "短一点", "state": {"wish": {"moods": ["calm"]}, "shown": ["f_0123456789abcdef0123"]}},
            ]
        },
    )

    text: str = Field(default="", max_length=2_000)
    audio: str = Field(default="", description="a clip in base64, used where there is no text; it is not kept")
    spoken_language: str | None = Field(
        default=None, pattern="^[a-z]{2}$", description="of the clip, where it is known"
    )
    state: Conversation = Field(default=Conversation(), description="from the answer before; the library keeps none")
    n: int = Field(default=6, ge=1, le=100)
    surface: str | None = Field(default=None, max_length=40)
    audience: str | None = Field(default=None, max_length=100, description="a person's own wins")

    def sound(self) -> bytes:
        """The clip's bytes. Raises UsageError."""
        try:
            return b64decode(self.audio, validate=True)
        except ValueError as error:
            raise UsageError("not base64", place="audio", remedy="send the clip's bytes in base64") from error


class JobIn(Asked):
    """Work that takes long."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"kind": "fit"}, {"kind": "describe"}]},
    )

    kind: Literal["fit", "describe"]
    seed: int = Field(default=0, ge=0, le=2**31 - 1)
