"""The tables. Every change here needs a migration; a test compares both.

Ids grow and are never used twice, because events of an item outlive the item. Events hold no foreign keys: the log is a
record of what happened and must outlive what it is about.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)

from vitascope.backends.stores._types import (
    CleanText,
    Json,
    Key,
    Packed,
    PathBytes,
    Personal,
)
from vitascope.base.content import Description, Extraction
from vitascope.base.guide import Programme
from vitascope.base.live import Happening
from vitascope.base.media import Loudness, Probe
from vitascope.base.people import EventType
from vitascope.base.ranking import TrainedModel

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _item(name: str = "item", primary_key: bool = False) -> Column[int]:
    return Column(
        name,
        Key,
        ForeignKey("items.key", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=False,
    )


items = Table(
    "items",
    metadata,
    Column("key", Key, primary_key=True),
    Column("item_id", CleanText, nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("title", CleanText),
    Column("description", CleanText),
    Column("tags", Json, nullable=False),
    Column("language", CleanText),
    Column("published_at", Double),
    Column("creator", CleanText),
    Column("licence", CleanText),
    Column("credit", CleanText),
    Column("extra", Json, nullable=False),
    Column("text_fields", Json, nullable=False),
    Column("origin", CleanText, nullable=False),
    Column("available", Boolean, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("has_media", Boolean, nullable=False),
    sqlite_autoincrement=True,
)

assets = Table(
    "assets",
    metadata,
    Column("key", Key, primary_key=True),
    Column(
        "item",
        Key,
        ForeignKey("items.key", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("uri", PathBytes, nullable=False, unique=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("bytes", Key, nullable=False),
    Column("modified", Double, nullable=False),
    Column("probe", Packed(Probe)),
    Column("duration", Text),
    Column("loudness", Packed(Loudness)),
    Column("available", Boolean, nullable=False),
    sqlite_autoincrement=True,
)

roots = Table(
    "roots",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("folder", PathBytes, nullable=False, unique=True),
)

extractions = Table(
    "extractions",
    metadata,
    Column("key", String(128), primary_key=True),
    Column("asset", Key, nullable=False, index=True),
    Column("body", Packed(Extraction), nullable=False),
)

descriptions = Table(
    "descriptions",
    metadata,
    _item(primary_key=True),
    Column("fingerprint", String(128), nullable=False),
    Column("body", Packed(Description), nullable=False),
)

vector_keys = Table(
    "vector_keys",
    metadata,
    Column("key", CleanText, primary_key=True),
    Column("dim", Integer, nullable=False),
)

vectors = Table(
    "vectors",
    metadata,
    Column("key", CleanText, primary_key=True),
    _item(primary_key=True),
    Column("model", CleanText, nullable=False),
    Column("dim", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Index(None, "item"),
)

fingerprints = Table(
    "fingerprints",
    metadata,
    Column("asset", Key, ForeignKey("assets.key", ondelete="CASCADE"), primary_key=True),
    Column(
        "item",
        Key,
        ForeignKey("items.key", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("duration", Text, nullable=False),
    Column("picture", LargeBinary, nullable=False),
    Column("picture_step", Double, nullable=False),
    Column("audio", LargeBinary, nullable=False),
    Column("audio_step", Double, nullable=False),
)

links = Table(
    "links",
    metadata,
    _item(primary_key=True),
    _item("other", primary_key=True),
    Column("score", Double, nullable=False),
    Column("exact", Boolean, nullable=False),
    Index(None, "other"),
)

shares = Table(
    "shares",
    metadata,
    _item(primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("other_id", CleanText, nullable=False),
    Column("start", Text, nullable=False),
    Column("end", Text, nullable=False),
    Column("other_start", Text, nullable=False),
    Column("other_end", Text, nullable=False),
)

problems = Table(
    "problems",
    metadata,
    Column("number", Key, primary_key=True),
    Column("kind", CleanText, nullable=False),
    Column("place", CleanText, nullable=False, index=True),
    Column("reason", CleanText, nullable=False),
    Column("remedy", CleanText, nullable=False),
    Column("item_id", CleanText),
    Column("payload", Personal("problems.payload", packed=True)),
    Column("first_seen", Double, nullable=False),
    Column("last_seen", Double, nullable=False),
    Column("times", Integer, nullable=False),
    Index("uq_problems_kind_place", "kind", "place", unique=True),
    sqlite_autoincrement=True,
)

settings = Table(
    "settings",
    metadata,
    Column("name", CleanText, primary_key=True),
    Column("value", CleanText, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("number", Key, primary_key=True),
    Column("kind", CleanText, nullable=False),
    Column("subject", CleanText, nullable=False),
    Column("state", String(8), nullable=False),
    Column("worker", CleanText),
    Column("lease_until", Double),
    Column("attempts", Integer, nullable=False),
    Column("reason", CleanText),
    Index("uq_jobs_kind_subject", "kind", "subject", unique=True),
    CheckConstraint("state IN ('waiting', 'running', 'failed')", name="state"),
    sqlite_autoincrement=True,
)

people = Table(
    "people",
    metadata,
    Column("key", Key, primary_key=True),
    Column("pseudonym", LargeBinary(16), nullable=False, unique=True),
    Column("external_id", Personal("people.external_id"), nullable=False),
    Column("created_at", Double, nullable=False),
    sqlite_autoincrement=True,
)

sources = Table(
    "sources",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", CleanText, nullable=False, unique=True),
)

events = Table(
    "events",
    metadata,
    Column("number", Key, primary_key=True),
    Column("person", Key, nullable=False),
    Column("item", Key),
    Column("type", SmallInteger, nullable=False),
    Column("value", Double),
    Column("time", Double),
    Column("surface", SmallInteger),
    Column("session", Key),
    Column("session_id", Personal("events.session_id")),
    Column("digest", LargeBinary(16), nullable=False, unique=True),
    Column("identity", Personal("events.identity"), nullable=False),
    Column("text", Personal("events.text", packed=True)),
    Column("target", CleanText),
    Column("undoes", SmallInteger),
    Column("propensity", Double),
    Column("source", Integer, nullable=False),
    Index("ix_events_person", "person", "time", "number"),
    Index(
        "ix_events_undo",
        "person",
        sqlite_where=text(f"type = {EventType.UNDO.code}"),
        postgresql_where=text(f"type = {EventType.UNDO.code}"),
    ),
    sqlite_autoincrement=True,
)

undone = Table(
    "undone",
    metadata,
    Column("number", Key, primary_key=True, autoincrement=False),
    Column("by", Key, nullable=False),
)
"""Which events were taken back, and by which undo. Derived from `events` and made anew with every append."""

profiles = Table(
    "profiles",
    metadata,
    Column("person", Key, primary_key=True, autoincrement=False),
    Column("body", Personal("profiles.body", packed=True), nullable=False),
    Column("last_event", Key, nullable=False),
    Column("updated_at", Double, nullable=False),
)

corrections = Table(
    "corrections",
    metadata,
    Column("person", Key, primary_key=True, autoincrement=False),
    Column("name", CleanText, primary_key=True),
    Column("value", Double),
    Column("muted", Boolean, nullable=False),
)

resets = Table(
    "resets",
    metadata,
    Column("person", Key, primary_key=True, autoincrement=False),
    Column("after", Key, nullable=False),
)

weights = Table(
    "weights",
    metadata,
    Column("person", Key, primary_key=True, autoincrement=False),
    Column("body", Json, nullable=False),
    Column("last_event", Key, nullable=False),
)
"""Learned weights; person 0 stands for those in general."""

models = Table(
    "models",
    metadata,
    Column("number", Key, primary_key=True),
    Column("version", CleanText, nullable=False, unique=True),
    Column("current", Boolean, nullable=False),
    Column("body", Packed(TrainedModel), nullable=False),
    sqlite_autoincrement=True,
)

moderation = Table(
    "moderation",
    metadata,
    Column("number", Key, primary_key=True),
    Column("at", Double, nullable=False),
    Column("act", String(16), nullable=False),
    Column("item", Key),
    Column("item_id", CleanText),
    Column("person", Key),
    Column("verdict", String(16)),
    Column("age", SmallInteger),
    Column("audience", CleanText),
    Column("who", Personal("moderation.who"), nullable=False),
    Column("why", Personal("moderation.why", packed=True), nullable=False),
    Column("policy", String(64), nullable=False),
    Column("chain", LargeBinary(32), nullable=False),
    Column("redacted", LargeBinary),
    Index("ix_moderation_item", "item"),
    sqlite_autoincrement=True,
)
"""The audit trail of moderation. No foreign keys: it must outlive what it is about. `chain` ties each line to those before;
`redacted` is a keyed digest that says that an erasure emptied the line, and nobody else."""

audiences = Table(
    "audiences",
    metadata,
    Column("person", Key, primary_key=True, autoincrement=False),
    Column("audience", CleanText, nullable=False),
)
"""Which people belong to an audience of the moderation policy."""
accounts = Table(
    "accounts",
    metadata,
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("part", String(16), primary_key=True),
    Column("name", CleanText, primary_key=True),
    Column("model", CleanText, primary_key=True),
    Column("item", Key, primary_key=True, autoincrement=False),
    Column("made", Key, nullable=False),
    Column("kept", Key, nullable=False),
    Column("refused", Key, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("media", Double, nullable=False),
    Column("prompt_tokens", Key, nullable=False),
    Column("output_tokens", Key, nullable=False),
    Column("bytes", Key, nullable=False),
    Column("money", Double, nullable=False),
    Index("ix_accounts_item", "item"),
)
"""What work cost, by day. No foreign key: what an item cost outlives it; item 0 stands for none."""

access_keys = Table(
    "access_keys",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("digest", LargeBinary(32), nullable=False),
    Column("label", Personal("access_keys.label"), nullable=False),
    Column("scopes", Json, nullable=False),
    Column("person", Key),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double),
    Column("revoked_at", Double),
)
"""Keys of the API: a digest of each secret. `person`: whose own token it is; null: it speaks for the library."""

logins = Table(
    "logins",
    metadata,
    Column("digest", LargeBinary(16), primary_key=True),
    Column("name", Personal("logins.name"), nullable=False),
    Column("hash", Text, nullable=False),
    Column("created_at", Double, nullable=False),
)
"""Owners who sign in by a password, found by a keyed digest of their name."""

sessions = Table(
    "sessions",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("who", String(80), nullable=False, index=True),
    Column("scopes", Json, nullable=False),
    Column("person", Key),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Key, primary_key=True),
    Column("at", Double, nullable=False),
    Column("act", String(40), nullable=False),
    Column("who", CleanText, nullable=False),
    Column("subject", CleanText, nullable=False),
    Column("done", Boolean, nullable=False),
    Column("detail", CleanText, nullable=False),
    Column("chain", LargeBinary(32), nullable=False),
    sqlite_autoincrement=True,
)
"""The audit trail: who did what. Never an outside id of a person. `chain` ties each line to those before."""

consents = Table(
    "consents",
    metadata,
    Column("person", Key, primary_key=True, autoincrement=False),
    Column("purpose", String(16), primary_key=True),
    Column("given", Boolean, nullable=False),
    Column("at", Double, nullable=False),
)
"""What people said of the purposes that their behaviour may serve."""

tombstones = Table(
    "tombstones",
    metadata,
    Column("pseudonym", LargeBinary(16), primary_key=True),
    Column("at", Double, nullable=False),
    Column("receipt", String(32), nullable=False),
)
"""Who was erased, by keyed pseudonym: a backup from before is cleaned by it when it is restored."""

erasing = Table(
    "erasing",
    metadata,
    Column("person", Key, primary_key=True, autoincrement=False),
    Column("until", Double),
)
"""The gate of the append-only logs: rows of a person named here may go, or for person 0 those from before a time. Filled and
emptied within one transaction."""

members = Table(
    "members",
    metadata,
    Column("person", Key, primary_key=True, autoincrement=False),
    Column("household", LargeBinary(16), nullable=False, index=True),
    Column("place", Integer, nullable=False),
    Column("name", Personal("members.name"), nullable=False),
    Column("child", Boolean, nullable=False),
)
"""Profiles of households; a household is a keyed digest of its name."""

allow_lists = Table(
    "allow_lists",
    metadata,
    Column("person", Key, primary_key=True, autoincrement=False),
    Column("revision", Integer, nullable=False),
    Column("holds", Boolean, nullable=False),
)

allowed = Table(
    "allowed",
    metadata,
    Column("person", Key, primary_key=True, autoincrement=False),
    Column("item", Key, primary_key=True, autoincrement=False),
)
"""What may be shown to people who have a list."""

programmes = Table(
    "programmes",
    metadata,
    Column("channel", CleanText, primary_key=True),
    Column("start", Double, primary_key=True),
    Column("stop", Double, nullable=False),
    Column("body", Packed(Programme), nullable=False),
    Index("ix_programmes_start", "start"),
)

channels = Table(
    "channels",
    metadata,
    Column("item", Key, primary_key=True, autoincrement=False),
    Column("source", String(8), nullable=False),
    Column("address", Personal("channels.address"), nullable=False),
    Column("started_at", Double, nullable=False),
    Column("ended_at", Double),
    Column("replay", Key),
)
"""Live channels. An address may hold a key to its stream: it is sealed."""

happening = Table(
    "happening",
    metadata,
    Column("item", Key, primary_key=True, autoincrement=False),
    Column("at", Double, nullable=False),
    Column("body", Packed(Happening), nullable=False),
)
"""The newest look at each live channel."""

changes = Table(
    "changes",
    metadata,
    Column("topic", String(16), primary_key=True),
    Column("n", Key, nullable=False),
)
"""How often each part of the library was written: what `Stores.data_version` is made of."""

TOPICS = (
    "items",
    "descriptions",
    "vectors",
    "duplicates",
    "events",
    "profiles",
    "models",
    "settings",
    "erasures",
)
