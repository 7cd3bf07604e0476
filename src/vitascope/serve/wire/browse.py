"""What is asked and answered around lists: one item, acts as a player makes them, sessions, own lists, the log, people."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from vitascope.base.ports.service import Ask, RawEvent
from vitascope.serve.wire.answers import ListOut, ProblemOut, Wire
from vitascope.serve.wire.asked import Asked, Device, Id, Word, filters_of, surface_of

_ITEM = "f_0123456789abcdef0123"


def _examples(*examples: dict[str, Any]) -> ConfigDict:
    return ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": list(examples)})


class ItemIn(Asked):
    """One item as its owner states it; other names are kept as text of the item. `null` takes a field away."""

    model_config = ConfigDict(
        frozen=True,
        extra="allow",
        json_schema_extra={
            "examples": [
                {"title": "How rockets fly", "kind": "video", "tags": ["space"], "creator": "Ada", "language": "en"},
                {"available": False},
            ]
        },
    )

    title: str | None = Field(default=None, max_length=10_000)
    description: str | None = Field(default=None, max_length=200_000)
    tags: list[Annotated[str, Field(max_length=1_000)]] | str | None = Field(default=None, max_length=100_000)
    language: str | None = Field(default=None, max_length=100)
    published_at: float | str | None = None
    creator: str | None = Field(default=None, max_length=10_000)
    kind: Literal["video", "audio", "live", "other"] | None = None
    licence: str | None = Field(default=None, max_length=1_000)
    credit: str | None = Field(default=None, max_length=1_000)
    uri: str | None = Field(default=None, max_length=8_000, description="An http(s) URL of its media.")
    available: bool | None = Field(default=None, description="false: out of lists, its history and description kept.")

    def row(self) -> dict[str, Any]:
        """What was stated, as a manifest's row."""
        given = self.model_dump(exclude_unset=True, exclude={"available"})
        given.pop("item_id", None)
        return given


class RemovalsIn(Asked):
    """Items to take out together."""

    model_config = _examples({"item_ids": [_ITEM], "how": "unavailable"})

    item_ids: list[Id] = Field(min_length=1, max_length=1_000)
    how: Literal["unavailable", "erased"] = Field(
        description="unavailable: not shown, all kept; erased: gone with all that was made of it (events stay)"
    )


class RemovedOut(Wire):
    """What was taken out, and what was not there."""

    removed: tuple[str, ...]
    unknown: tuple[str, ...] = ()
    how: str


class ChangedOut(Wire):
    """What became of one item."""

    item_id: str
    created: bool
    problems: tuple[ProblemOut, ...] = ()


class ShownIn(Asked):
    """One item that was on the screen."""

    item_id: Id
    place: int | None = Field(default=None, ge=1, le=10_000, description="1-based; empty: its place in this call")
    visible: float | None = Field(default=None, ge=0.0, le=1.0, description="share of the card that was in sight")
    propensity: float | None = Field(
        default=None, gt=0.0, le=1.0, description="probability of being shown there, as the list said"
    )


class ImpressionsIn(Asked):
    """What a person was shown."""

    model_config = _examples(
        {
            "user_id": "ada",
            "surface": "video",
            "session_id": "s1",
            "shown_id": "list-17",
            "items": [{"item_id": _ITEM}, {"item_id": "talk-7", "visible": 0.6}],
        }
    )

    user_id: Id
    items: list[ShownIn] = Field(min_length=1, max_length=1_000)
    surface: str | None = Field(default=None, max_length=40)
    session_id: str | None = Field(default=None, max_length=200)
    shown_id: str | None = Field(
        default=None, max_length=150, description="Names this showing, so that the call is safe to repeat."
    )
    timestamp: float | None = Field(default=None, description="Seconds since 1970; empty: now.")

    def raw(self, now: float) -> list[RawEvent]:
        """As the library takes them."""
        at = now if self.timestamp is None else self.timestamp
        return [
            RawEvent(
                user_id=self.user_id,
                item_id=shown.item_id,
                type="impression",
                value=shown.visible,
                timestamp=at,
                surface=self.surface,
                session_id=self.session_id,
                event_id=f"{self.shown_id}:{shown.place or number}:{shown.item_id}"[:200] if self.shown_id else None,
                propensity=shown.propensity,
            )
            for number, shown in enumerate(self.items, 1)
        ]


class WatchIn(Asked):
    """How far a person has watched or listened, as a player knows it."""

    model_config = _examples(
        {"user_id": "ada", "item_id": _ITEM, "position": 81.5, "duration": 240.0, "surface": "video"},
        {"user_id": "ada", "item_id": _ITEM, "position": 240.0, "duration": 240.0, "ended": True},
    )

    user_id: Id
    item_id: Id
    position: float = Field(ge=0.0, le=1e9, description="Seconds from the start.")
    duration: float | None = Field(default=None, gt=0.0, le=1e9, description="Seconds; empty: what the library knows.")
    ended: bool = Field(default=False, description="The player came to the end: this is a `complete`.")
    surface: str | None = Field(default=None, max_length=40)
    session_id: str | None = Field(default=None, max_length=200)
    event_id: str | None = Field(default=None, max_length=200, description="Makes the call safe to repeat.")
    timestamp: float | None = Field(default=None, description="Seconds since 1970; empty: now.")


class ActIn(Asked):
    """What somebody unknown did in this session."""

    item_id: Id
    type: str = Field(default="play", max_length=40)
    value: float | None = Field(default=None, description="Stars 1 to 5 for rate; watched fraction 0..1 else.")
    timestamp: float | None = Field(default=None, description="Seconds since 1970; empty: now.")


class SessionIn(Asked):
    """A list for somebody who is not known. Nothing of it is stored."""

    model_config = _examples(
        {
            "acts": [{"item_id": _ITEM, "type": "complete"}, {"item_id": "talk-7", "type": "skip", "value": 0.1}],
            "surface": "video",
            "n": 10,
        }
    )

    acts: list[ActIn] = Field(default=[], max_length=500)
    surface: str | None = Field(default=None, max_length=40)
    n: int = Field(default=10, ge=1, le=200)
    exclude: list[Id] = Field(default=[], max_length=10_000)
    categories: list[Word] = Field(default=[], max_length=20, description="any of these only")
    kind: Literal["video", "audio", "live", "other"] | None = None
    language: Word | None = None
    creator: Word | None = None
    device: Device | None = Field(default=None, description="names the surface where `surface` does not")
    candidates: list[Id] | None = Field(default=None, max_length=100_000)
    include_seen: bool | None = None
    explain: bool = False
    rerank: bool = True
    audience: str | None = Field(default=None, max_length=100)
    cards: bool = False

    def ask(self) -> Ask:
        """As the library takes it."""
        return Ask(
            surface=surface_of(self.surface, self.device),
            filters=filters_of(self.categories, self.kind, self.language, self.creator),
            n=self.n,
            include_seen=self.include_seen,
            candidates=None if self.candidates is None else tuple(self.candidates),
            exclude=tuple(self.exclude),
            explain=self.explain,
            rerank=self.rerank,
            audience=self.audience,
        )

    def raw(self) -> list[RawEvent]:
        """The acts as the library takes them."""
        return [RawEvent(user_id="-", **act.model_dump()) for act in self.acts]


class RankIn(Asked):
    """The caller's own items, to be put into a person's order."""

    model_config = _examples({"user_id": "ada", "item_ids": [_ITEM, "talk-7"], "explain": True})

    user_id: Id | None = None
    item_ids: list[Id] = Field(min_length=1, max_length=1_000)
    surface: str | None = Field(default=None, max_length=40)
    session_id: str | None = Field(default=None, max_length=200)
    session_items: list[Id] = Field(default=[], max_length=200)
    explain: bool = False
    audience: str | None = Field(default=None, max_length=100)
    cards: bool = False

    def ask(self) -> Ask:
        """As the library takes it."""
        return Ask(
            user_id=self.user_id,
            surface=self.surface or None,
            session_id=self.session_id,
            session_items=tuple(self.session_items),
            explain=self.explain,
            audience=self.audience,
        )


class RankedOut(ListOut):
    """The caller's items in order; each of them is in the list or named as left out."""

    left_out: tuple[str, ...] = ()
    """Unknown here, hidden by the person, or kept back by moderation."""


class LoggedOut(Wire):
    """An event of the log."""

    user_id: str
    item_id: str | None = None
    type: str
    value: float | None = None
    timestamp: float | None = None
    surface: str | None = None
    session_id: str | None = None
    text: str | None = None
    target: str | None = None
    undoes: str | None = None
    undone: bool = False


class LogPage(Wire):
    """A page of the log, newest first; ask again with `cursor` until it is null."""

    events: tuple[LoggedOut, ...]
    cursor: str | None = None


class SimilarPersonOut(Wire):
    """Somebody who took to the same items, under a pseudonym."""

    pseudonym: str
    score: float
    common: int


class SimilarPeopleOut(Wire):
    """People who took to the same items, most alike first."""

    people: tuple[SimilarPersonOut, ...]
