"""People: what they did (events), what was set aside as noise, and what they like (profiles).

`catalog` and `describe` may not import this module: what an item is cannot depend on who watches it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from vitascope.base.records import ItemKey, PersonKey, Record


class EventType(StrEnum):
    """What a person did. Order is kept for storage; add at the end only."""

    IMPRESSION = "impression"
    CLICK = "click"
    PLAY = "play"
    PROGRESS = "progress"
    COMPLETE = "complete"
    SKIP = "skip"
    LIKE = "like"
    DISLIKE = "dislike"
    FAVOURITE = "favourite"
    SHARE = "share"
    RATE = "rate"
    COMMENT = "comment"
    HIDE = "hide"
    FOLLOW = "follow"
    UNDO = "undo"

    @property
    def code(self) -> int:
        """Small stable number for storage and arrays."""
        return _CODES[self]


EVENT_TYPES: tuple[EventType, ...] = tuple(EventType)
_CODES = {kind: number for number, kind in enumerate(EVENT_TYPES)}

SEEN_TYPES = frozenset(
    {
        EventType.PLAY,
        EventType.PROGRESS,
        EventType.COMPLETE,
        EventType.LIKE,
        EventType.DISLIKE,
        EventType.FAVOURITE,
        EventType.SHARE,
        EventType.RATE,
        EventType.COMMENT,
    }
)
"""An item is seen once any of these happened to it or to a whole-work duplicate of it."""

WATCH_TYPES = frozenset({EventType.PLAY, EventType.PROGRESS, EventType.COMPLETE})
"""A watch may arrive as any of these and counts once."""


class Surface(StrEnum):
    """A place that shows recommendations."""

    SHORT = "short"
    VIDEO = "video"
    MUSIC = "music"
    TV = "tv"
    LIVE = "live"


class EventDraft(Record):
    """An event as it came in, its item and person already resolved."""

    person: PersonKey
    item: ItemKey | None
    """None for a follow with a target of its own."""
    type: EventType
    value: float | None = None
    """Stars 1 to 5 for rate; watched fraction 0..1 for progress, complete, skip, impression."""
    time: float | None = None
    """Seconds since 1970; None: no time and no order."""
    surface: Surface | None = None
    session: str | None = None
    identity: str
    """Unique: the client's event id, or a digest of user, item, type and time (or count among equals)."""
    text: str | None = None
    """Of a comment; personal."""
    target: str | None = None
    """Of a follow: "creator:X" or "topic:X"."""
    undoes: EventType | None = None
    propensity: float | None = None
    """Of an impression: the probability with which the item was shown at its place."""
    source: str = "api"
    """"api", "import:FILE", "demo"; imported archives are never taken for automation."""


class Event(EventDraft):
    """An event in the log."""

    number: int
    """Position in the append-only log, growing."""


@dataclass(frozen=True, eq=False)
class EventColumns:
    """Many events as parallel arrays (n each), for fitting and cleaning. Undone events and undos are left out.

    `time` and `value` are NaN where there is none. `type` holds `EventType.code`, `surface` the index in `Surface` or
    -1, `session` an opaque number or -1, `imported` whether the event came in with a file.
    """

    number: npt.NDArray[np.int64]
    person: npt.NDArray[np.int64]
    item: npt.NDArray[np.int64]
    type: npt.NDArray[np.int8]
    value: npt.NDArray[np.float32]
    time: npt.NDArray[np.float64]
    surface: npt.NDArray[np.int8]
    session: npt.NDArray[np.int64]
    imported: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.number)

    def take(self, index: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> EventColumns:
        """The events at `index` (positions or a mask)."""
        return EventColumns(**{name: getattr(self, name)[index] for name in self.__dataclass_fields__})


class NoiseRule(StrEnum):
    """Why an event was set aside from learning (it still counts as seen)."""

    BOUNCE = "bounce"
    BOT = "bot"
    DUPLICATE = "duplicate"
    REPEATED_WATCH = "repeated_watch"


class NoiseCount(Record):
    """What one rule removed or marked."""

    rule: NoiseRule
    events: int
    people: int
    dropped: bool
    """False: marked only."""


class TasteFeature(Record):
    """How much a person cares for one named feature; negative means dislike."""

    name: str
    value: float
    session: float = 0.0
    """The part that the running session adds."""
    events: tuple[int, ...] = ()
    """Numbers of the events that speak most for it, strongest first, at most 5."""
    corrected: bool = False
    """Set by the person: it wins over what behaviour says."""


class Interest(Record):
    """A topic a person cares for."""

    topic: str
    strength: float
    since: float | None = None
    trend: str = "steady"
    """rising | steady | fading."""
    events: tuple[int, ...] = ()


class Profile(Record):
    """A person's taste."""

    person: PersonKey
    features: tuple[TasteFeature, ...] = ()
    interests: tuple[Interest, ...] = ()
    text: str = ""
    text_source: str = ""
    """"model:ID prompt:NAME" or "template"."""
    events: int = 0
    """Events it was made from."""
    last_event: int = 0
    """Number of the last event in it."""
    updated_at: float = 0.0


class Correction(Record):
    """What a person said of their own profile: the value wins over behaviour; `muted` hides the feature."""

    name: str
    value: float | None = None
    muted: bool = False
