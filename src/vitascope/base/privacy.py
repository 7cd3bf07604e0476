"""Rights of people: purposes they may agree to, what an erasure removed, where traces were found. Records; no key, no file."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from vitascope.base.records import PersonKey, Record


class Purpose(StrEnum):
    """What behaviour may be used for. Order is kept; add at the end only."""

    RECOMMEND = "recommend"
    """Lists of the person's own, and the taste they are made from."""
    CONTENT = "content"
    """Content made for one person: texts about their taste, retellings in their terms."""
    RESEARCH = "research"
    """What is learned for everybody: fits, evaluations, counts, people who are alike."""
    OUTSIDE = "outside"
    """A language model outside this machine may read what is said of the person's taste."""


class Consent(Record):
    """What a person said of one purpose, or what holds while they said nothing."""

    purpose: Purpose
    given: bool
    said_at: float | None = None
    """Seconds since 1970; None: never said, the home's default holds."""


class ExportedEvent(Record):
    """One thing a person did, in outside ids."""

    number: int
    item_id: str | None
    type: str
    value: float | None = None
    timestamp: float | None = None
    surface: str | None = None
    session_id: str | None = None
    event_id: str
    text: str | None = None
    target: str | None = None
    undoes: str | None = None
    propensity: float | None = None
    source: str


class ExportedRow(Record):
    """A row of a table that holds something of a person and has no form of its own here."""

    table: str
    values: dict[str, str | float | int | bool | None]


class PersonExport(Record):
    """Everything that is kept of a person. Its JSON schema: `vitascope privacy export --schema`."""

    format: int = 1
    user_id: str
    known_since: float
    exported_at: float
    consents: tuple[Consent, ...]
    events: tuple[ExportedEvent, ...]
    """All, taken back ones too, in the order of the log."""
    taste_text: str = ""
    taste: dict[str, float] = Field(default_factory=dict)
    """Feature -> strength, -1..1."""
    corrections: dict[str, float | None] = Field(default_factory=dict)
    """What the person said of the own taste; null: muted."""
    rows: tuple[ExportedRow, ...] = ()
    """Every other table with rows of the person."""


class Removed(Record):
    """What was removed from one place."""

    place: str
    """"table:events", "logs/vitascope.log", "model:VERSION"."""
    count: int = Field(ge=0)
    how: str
    """deleted | redacted | line removed."""


class Scheduled(Record):
    """What still holds a share of a person's behaviour, summed with everybody's, and until when at most."""

    place: str
    why: str
    by: float
    """Seconds since 1970."""


class Receipt(Record):
    """What an erasure removed. Signed with Ed25519 (RFC 8032) over the canonical JSON of everything but the signature."""

    format: int = 1
    id: str
    pseudonym: str
    """Keyed pseudonym of who was erased, 32 hexadecimal digits: who holds the key and the outside id can make it, nobody else."""
    person: PersonKey
    """The internal id, which is never given out again."""
    erased_at: float
    removed: tuple[Removed, ...]
    scheduled: tuple[Scheduled, ...]
    notes: tuple[str, ...] = ()
    public_key: str
    signature: str = ""


class Trace(Record):
    """A planted or named text that was found."""

    canary: int
    """Which of those searched for, from 0; the text itself is not repeated."""
    place: str
    form: str
    """utf-8, utf-16, base64, hex, percent; "zip > utf-8" after undoing."""


class Searched(Record):
    """What a search for traces looked through and found."""

    files: int
    bytes: int
    rows: int = 0
    """Values of the library that were read with the keys."""
    found: tuple[Trace, ...] = ()
    unread: tuple[str, ...] = ()
    """Files that could not be read."""


class Checked(Record):
    """What a check of a receipt says."""

    receipt: str
    signed: bool
    """The signature is that of the key named in it."""
    ours: bool | None
    """The key is this home's; None: no home was asked."""
    rows_left: tuple[Removed, ...] = ()
    tombstone: bool | None = None
    searched: Searched | None = None
    overdue: tuple[Scheduled, ...] = ()

    @property
    def clean(self) -> bool:
        """Nothing is left, and the receipt is sound."""
        found = self.searched.found if self.searched is not None else ()
        return (
            self.signed and self.ours is not False and not self.rows_left and self.tombstone is not False and not found
        )
