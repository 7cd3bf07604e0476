"""What is sent and never answered.

Made by scripts/clients.py from the OpenAPI document; do not edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import ConfigDict

from vitascope_client._answered import Conversation, Purpose
from vitascope_client._http import Asked


class ActIn(Asked):
    """What somebody unknown did in this session."""

    item_id: str
    type: str = "play"
    value: float | None = None
    timestamp: float | None = None


class AllowedIn(Asked):
    """A list of what a person may see."""

    item_ids: Sequence[str]
    who: str
    why: str


class AppealIn(Asked):
    """Somebody disagrees with what is decided."""

    who: str
    why: str


class AskIn(Asked):
    """A list wanted. Without `user_id` nobody is known, and `session_items` say what was just played."""

    user_id: str | None = None
    surface: str | None = None
    n: int = 10
    include_seen: bool | None = None
    candidates: Sequence[str] | None = None
    exclude: Sequence[str] = ()
    categories: Sequence[str] = ()
    kind: Literal["video", "audio", "live", "other"] | None = None
    language: str | None = None
    creator: str | None = None
    device: Literal["phone", "tablet", "desktop", "tv", "speaker", "car"] | None = None
    session_id: str | None = None
    session_items: Sequence[str] = ()
    explain: bool = False
    explore: bool = False
    rerank: bool = True
    log_impressions: bool = False
    audience: str | None = None
    cards: bool = False


class AudienceIn(Asked):
    """Which audience a person is in."""

    who: str
    why: str
    audience: str | None


class ChannelIn(Asked):
    """A channel to begin from an HLS address. Files are played as live from the command line only."""

    item_id: str
    address: str
    title: str | None = None
    tags: Sequence[str] = ()


class ConsentIn(Asked):
    """What a person says of some purposes."""

    purposes: Sequence[Purpose]
    given: bool


class CorrectionIn(Asked):
    """What a person says of their own profile."""

    feature: str
    value: float | None = None
    muted: bool = False


Verdict = Literal["allow", "warn", "age-limit", "review", "block"]


class DecisionIn(Asked):
    """An owner's decision. `review` hands the item back to the policy."""

    who: str
    why: str
    verdict: Verdict
    age: int | None = None
    audience: str | None = None


class EndIn(Asked):
    """The end of a channel."""

    replay_id: str | None = None


class EventIn(Asked):
    """One thing a person did."""

    user_id: str
    item_id: str | None = None
    type: str
    value: float | str | None = None
    timestamp: float | str | None = None
    surface: str | None = None
    session_id: str | None = None
    event_id: str | None = None
    text: str | None = None
    target: str | None = None


class EventBatch(Asked):
    """Many events at once."""

    events: Sequence[EventIn]


class FeedbackIn(Asked):
    """Events, and the list they should change."""

    events: Sequence[EventIn]
    ask: AskIn


class ShownIn(Asked):
    """One item that was on the screen."""

    item_id: str
    place: int | None = None
    visible: float | None = None
    propensity: float | None = None


class ImpressionsIn(Asked):
    """What a person was shown."""

    user_id: str
    items: Sequence[ShownIn]
    surface: str | None = None
    session_id: str | None = None
    shown_id: str | None = None
    timestamp: float | None = None


class ItemIn(Asked):
    """One item as its owner states it; other names are kept as text of the item. `null` takes a field away."""

    model_config = ConfigDict(frozen=True, extra="allow")

    title: str | None = None
    description: str | None = None
    tags: Sequence[str] | str | None = None
    language: str | None = None
    published_at: float | str | None = None
    creator: str | None = None
    kind: Literal["video", "audio", "live", "other"] | None = None
    licence: str | None = None
    credit: str | None = None
    uri: str | None = None
    available: bool | None = None


class ItemsIn(Asked):
    """Items as rows of a manifest."""

    items: Sequence[dict[str, Any]]


class JobIn(Asked):
    """Work that takes long."""

    kind: Literal["fit", "describe"]
    seed: int = 0


class PreviewIn(Asked):
    """Corrections supposed, and the list to look at."""

    corrections: Sequence[CorrectionIn]
    ask: AskIn


class ProfileIn(Asked):
    """A profile of a household."""

    name: str
    child: bool = False
    who: str = "household"


class RadioIn(Asked):
    """A radio wanted. Exactly one of item_id, creator, mood."""

    user_id: str | None = None
    item_id: str | None = None
    creator: str | None = None
    mood: str | None = None
    surface: str = "music"
    n: int = 20
    played: Sequence[str] = ()
    explain: bool = False
    audience: str | None = None
    cards: bool = True


class RankIn(Asked):
    """The caller's own items, to be put into a person's order."""

    user_id: str | None = None
    item_ids: Sequence[str]
    surface: str | None = None
    session_id: str | None = None
    session_items: Sequence[str] = ()
    explain: bool = False
    audience: str | None = None
    cards: bool = False


class RemovalsIn(Asked):
    """Items to take out together."""

    item_ids: Sequence[str]
    how: Literal["unavailable", "erased"]


class SessionIn(Asked):
    """A list for somebody who is not known. Nothing of it is stored."""

    acts: Sequence[ActIn] = ()
    surface: str | None = None
    n: int = 10
    exclude: Sequence[str] = ()
    categories: Sequence[str] = ()
    kind: Literal["video", "audio", "live", "other"] | None = None
    language: str | None = None
    creator: str | None = None
    device: Literal["phone", "tablet", "desktop", "tv", "speaker", "car"] | None = None
    candidates: Sequence[str] | None = None
    include_seen: bool | None = None
    explain: bool = False
    rerank: bool = True
    audience: str | None = None
    cards: bool = False


class TalkIn(Asked):
    """Something said to the library: typed, or spoken in a clip of any container."""

    text: str = ""
    audio: str = ""
    spoken_language: str | None = None
    state: Conversation | None = None
    n: int = 6
    surface: str | None = None
    audience: str | None = None


class WatchIn(Asked):
    """How far a person has watched or listened, as a player knows it."""

    user_id: str
    item_id: str
    position: float
    duration: float | None = None
    ended: bool = False
    surface: str | None = None
    session_id: str | None = None
    event_id: str | None = None
    timestamp: float | None = None
