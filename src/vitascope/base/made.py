"""Content made for one person: why an item may matter to them, a weekly digest, trailers. Made by machine, and says so.

Every sentence is made of recorded evidence and names its sources. Outside ids; never shown to anybody but the person.
"""

from __future__ import annotations

from vitascope.base.records import Record

GENERATED = "Made by machine from your library, for you alone"
GENERATED_ZH = "由机器根据您的媒体库生成，仅供您本人"


class Source(Record):
    """What a sentence or a cut rests on."""

    item_id: str
    title: str
    start: float | None = None
    """Seconds into the item; None: a field of it."""
    end: float | None = None
    quote: str = ""


class Matter(Record):
    """Why an item may matter to a person."""

    item_id: str
    title: str
    text: str
    """English."""
    text_zh: str
    reason: str = ""
    reason_zh: str = ""
    sources: tuple[Source, ...] = ()
    generated: str = "template"
    """What wrote it: "template", "model:ID prompt:NAME"."""


class Trend(Record):
    """A topic of interest that moved."""

    topic: str
    trend: str
    """rising | steady | fading."""
    strength: float


class Digest(Record):
    """A person's week."""

    user_id: str
    week: str
    """ISO: 2026-W48."""
    first: float
    """Seconds since 1970."""
    last: float
    watched: tuple[Source, ...] = ()
    """What was watched or heard in that week, the newest first."""
    events: int = 0
    ahead: tuple[Matter, ...] = ()
    """What to look at next."""
    new: tuple[Source, ...] = ()
    """What came into the library."""
    trends: tuple[Trend, ...] = ()
    generated: str = "template"


class Cut(Record):
    """A stretch of an item that goes into a trailer."""

    item_id: str
    asset: int = 0
    start: float
    end: float
    """Seconds of media time."""
    score: float
    reasons: tuple[str, ...] = ()
    """Names of the features that the person likes and that were seen or heard there; quotes."""
    caption: str = ""
    """What is said there."""


class Trailer(Record):
    """The plan of a trailer, or of a best-of with a chapter for each item."""

    user_id: str
    title: str
    cuts: tuple[Cut, ...]
    by_taste: bool
    """False: nothing in it matches what is known of the person, and its chapters' beginnings were taken."""
    sources: tuple[Source, ...] = ()


class Rendered(Record):
    """A file that was made, and its captions."""

    seconds: float
    video: bool
    bytes: int
    mime: str
    captions: str = ""
    """WebVTT."""
