"""What a person asks for in words, as records: a wish, one utterance, the state of a conversation, an answer.

A conversation is kept by whoever holds it (the page, a terminal, an assistant), not here: its state goes out with every answer
and comes back with the next utterance, so that nothing said is stored.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from vitascope.base.records import Record

_MANY = 40
_LONG = 300


class Like(Record):
    """Something that the wanted items should be like, as the person named it."""

    text: str = Field(default="", max_length=_LONG)
    """Title or words: "the concert" -> "concert"; empty: whatever was played at that time."""
    when: str | None = Field(default=None, max_length=20)
    """When the person played it: just-now, today, yesterday, this-week, last-week, last-month; None: it was not said."""
    place: int | None = Field(default=None, ge=1, le=1_000)
    """It stands at this place of the list before (1 is the first)."""

    @property
    def anything(self) -> bool:
        """Whether something was named at all."""
        return bool(self.text or self.when or self.place)


class Wish(Record):
    """A structured request. Names are the library's own words for features: `calm`, `music`, `en`."""

    moods: tuple[str, ...] = Field(default=(), max_length=_MANY)
    not_moods: tuple[str, ...] = Field(default=(), max_length=_MANY)
    kinds: tuple[str, ...] = Field(default=(), max_length=_MANY)
    """video | audio | live."""
    categories: tuple[str, ...] = Field(default=(), max_length=_MANY)
    not_categories: tuple[str, ...] = Field(default=(), max_length=_MANY)
    about: tuple[str, ...] = Field(default=(), max_length=_MANY)
    """Words of the person's own."""
    not_about: tuple[str, ...] = Field(default=(), max_length=_MANY)
    by: tuple[str, ...] = Field(default=(), max_length=_MANY)
    """Creators, as the person wrote them."""
    not_by: tuple[str, ...] = Field(default=(), max_length=_MANY)
    sounds: tuple[str, ...] = Field(default=(), max_length=_MANY)
    """speech | music | vocals."""
    not_sounds: tuple[str, ...] = Field(default=(), max_length=_MANY)
    languages: tuple[str, ...] = Field(default=(), max_length=_MANY)
    """ISO 639-1."""
    not_languages: tuple[str, ...] = Field(default=(), max_length=_MANY)
    least: float | None = Field(default=None, ge=0, le=1e6)
    """Seconds."""
    most: float | None = Field(default=None, ge=0, le=1e6)
    like: Like | None = None
    time: str | None = Field(default=None, max_length=20)
    """When it came out: recent, old, today, this-week, this-month, this-year, last-year, 2019, 1990s, before-2000, after-2010."""
    seen: bool | None = None
    """True: only what was watched before; False: only what was not."""
    n: int | None = Field(default=None, ge=1, le=100)

    @property
    def empty(self) -> bool:
        """Whether nothing in particular is wanted."""
        return self == Wish(n=self.n)


class Move(StrEnum):
    """What an utterance does to the conversation."""

    ASK = "ask"
    """Begins or adds to a wish."""
    MORE = "more"
    """The next ones."""
    REJECT = "reject"
    """Not these (`places`), others of the same kind."""
    RESET = "reset"
    """Forget what was said."""
    WHY = "why"


class Utterance(Record):
    """One thing said, understood."""

    move: Move = Move.ASK
    wish: Wish = Wish()
    places: tuple[int, ...] = Field(default=(), max_length=_MANY)
    """Of the list before, from 1; empty with REJECT or WHY: the first."""
    change: tuple[str, ...] = Field(default=(), max_length=10)
    """Against the list before: shorter, longer, newer, older."""
    left: tuple[str, ...] = Field(default=(), max_length=_MANY)
    """Words that no rule knew; they count as `wish.about` too."""


class Conversation(Record):
    """Where a conversation stands. Made by the library, kept by the client, checked like any input when it comes back."""

    wish: Wish = Wish()
    shown: tuple[str, ...] = Field(default=(), max_length=200)
    """Item ids of the last list, best first."""
    given: tuple[str, ...] = Field(default=(), max_length=2_000)
    """Item ids of all lists so far."""
    refused: tuple[str, ...] = Field(default=(), max_length=2_000)
    """What the person did not want."""
    like_id: str | None = Field(default=None, max_length=512)
    """The item that `wish.like` turned out to be."""


class TalkReason(Record):
    """One part of a wish that an item fulfils, from what is recorded of the item."""

    part: str
    """mood, category, kind, length, like, about, by, sound, language, time, taste, seen."""
    text: str
    """English."""
    text_zh: str
    at: float | None = None
    """Seconds into the item where it can be checked."""
    quote: str = ""


class Told(Record):
    """One item of an answer."""

    item_id: str
    title: str
    score: float
    seconds: float | None = None
    reasons: tuple[TalkReason, ...] = ()


class TalkAnswer(Record):
    """What the library says to an utterance."""

    text: str
    """English."""
    text_zh: str
    language: str
    """Of the utterance: en | zh."""
    heard: str = ""
    """What a spoken request was understood to say."""
    understood: Utterance
    items: tuple[Told, ...] = ()
    relaxed: tuple[str, ...] = ()
    """Parts of the wish that nothing in the library fulfils together with the rest, given up one by one."""
    state: Conversation
    spoke: str = "rules"
    """What read the utterance: "rules", "model:ID prompt:NAME"."""
