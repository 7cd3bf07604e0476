"""The first schema."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Written out on purpose, without the column types of the package: a migration says what was, not what is.
key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
growing = {"sqlite_autoincrement": True}
topics = (
    "items",
    "descriptions",
    "vectors",
    "duplicates",
    "events",
    "profiles",
    "models",
    "settings",
)


def c(
    name: str,
    kind: sa.types.TypeEngine[Any],
    *more: sa.schema.SchemaItem,
    null: bool = False,
) -> sa.Column[Any]:
    """A column; NOT NULL unless said otherwise."""
    return sa.Column(name, kind, *more, nullable=null)


def pk(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    """The primary key."""
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def to_item(table: str, column: str = "item") -> sa.ForeignKeyConstraint:
    """Goes when the item goes."""
    return sa.ForeignKeyConstraint([column], ["items.key"], name=f"fk_{table}_{column}", ondelete="CASCADE")


def index(table: str, columns: Sequence[str], unique: bool = False) -> None:
    """An index, or a unique one."""
    op.create_index(
        f"{'uq' if unique else 'ix'}_{table}_{'_'.join(columns)}",
        table,
        list(columns),
        unique=unique,
    )


def upgrade() -> None:
    """Make all tables."""
    _content()
    _home()
    _people()
    if op.get_bind().dialect.name == "sqlite":
        for what in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER events_no_{what} BEFORE {what.upper()} ON events "
                "BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END"
            )
    else:
        op.execute(
            "CREATE FUNCTION events_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the event log is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events "
            "FOR EACH STATEMENT EXECUTE FUNCTION events_append_only()"
        )


def _content() -> None:
    op.create_table(
        "items",
        c("key", key),
        c("item_id", sa.Text()),
        c("kind", sa.String(16)),
        c("title", sa.Text(), null=True),
        c("description", sa.Text(), null=True),
        c("tags", sa.Text()),
        c("language", sa.Text(), null=True),
        c("published_at", sa.Double(), null=True),
        c("creator", sa.Text(), null=True),
        c("licence", sa.Text(), null=True),
        c("credit", sa.Text(), null=True),
        c("extra", sa.Text()),
        c("text_fields", sa.Text()),
        c("origin", sa.Text()),
        c("available", sa.Boolean()),
        c("created_at", sa.Double()),
        c("has_media", sa.Boolean()),
        pk("items", "key"),
        sa.UniqueConstraint("item_id", name="uq_items_item_id"),
        **growing,
    )
    op.create_table(
        "assets",
        c("key", key),
        c("item", key),
        c("uri", sa.LargeBinary()),
        c("sha256", sa.String(64)),
        c("bytes", key),
        c("modified", sa.Double()),
        c("probe", sa.LargeBinary(), null=True),
        c("duration", sa.Text(), null=True),
        c("loudness", sa.LargeBinary(), null=True),
        c("available", sa.Boolean()),
        pk("assets", "key"),
        to_item("assets"),
        sa.UniqueConstraint("uri", name="uq_assets_uri"),
        **growing,
    )
    index("assets", ["item"])
    index("assets", ["sha256"])
    op.create_table(
        "roots",
        c("id", sa.String(32)),
        c("folder", sa.LargeBinary()),
        pk("roots", "id"),
        sa.UniqueConstraint("folder", name="uq_roots_folder"),
    )
    op.create_table(
        "extractions",
        c("key", sa.String(128)),
        c("asset", key),
        c("body", sa.LargeBinary()),
        pk("extractions", "key"),
    )
    index("extractions", ["asset"])
    op.create_table(
        "descriptions",
        c("item", key),
        c("fingerprint", sa.String(128)),
        c("body", sa.LargeBinary()),
        pk("descriptions", "item"),
        to_item("descriptions"),
    )
    op.create_table(
        "vector_keys",
        c("key", sa.Text()),
        c("dim", sa.Integer()),
        pk("vector_keys", "key"),
    )
    op.create_table(
        "vectors",
        c("key", sa.Text()),
        c("item", key),
        c("model", sa.Text()),
        c("dim", sa.Integer()),
        c("data", sa.LargeBinary()),
        pk("vectors", "key", "item"),
        to_item("vectors"),
    )
    index("vectors", ["item"])
    op.create_table(
        "fingerprints",
        c("asset", key),
        c("item", key),
        c("duration", sa.Text()),
        c("picture", sa.LargeBinary()),
        c("picture_step", sa.Double()),
        c("audio", sa.LargeBinary()),
        c("audio_step", sa.Double()),
        pk("fingerprints", "asset"),
        sa.ForeignKeyConstraint(["asset"], ["assets.key"], name="fk_fingerprints_asset", ondelete="CASCADE"),
        to_item("fingerprints"),
    )
    index("fingerprints", ["item"])
    op.create_table(
        "links",
        c("item", key),
        c("other", key),
        c("score", sa.Double()),
        c("exact", sa.Boolean()),
        pk("links", "item", "other"),
        to_item("links"),
        to_item("links", "other"),
    )
    index("links", ["other"])
    op.create_table(
        "shares",
        c("item", key),
        c("place", sa.Integer()),
        c("other_id", sa.Text()),
        c("start", sa.Text()),
        c("end", sa.Text()),
        c("other_start", sa.Text()),
        c("other_end", sa.Text()),
        pk("shares", "item", "place"),
        to_item("shares"),
    )


def _home() -> None:
    op.create_table(
        "problems",
        c("number", key),
        c("kind", sa.Text()),
        c("place", sa.Text()),
        c("reason", sa.Text()),
        c("remedy", sa.Text()),
        c("item_id", sa.Text(), null=True),
        c("payload", sa.LargeBinary(), null=True),
        c("first_seen", sa.Double()),
        c("last_seen", sa.Double()),
        c("times", sa.Integer()),
        pk("problems", "number"),
        **growing,
    )
    index("problems", ["place"])
    index("problems", ["kind", "place"], unique=True)
    op.create_table("settings", c("name", sa.Text()), c("value", sa.Text()), pk("settings", "name"))
    op.create_table(
        "jobs",
        c("number", key),
        c("kind", sa.Text()),
        c("subject", sa.Text()),
        c("state", sa.String(8)),
        c("worker", sa.Text(), null=True),
        c("lease_until", sa.Double(), null=True),
        c("attempts", sa.Integer()),
        c("reason", sa.Text(), null=True),
        pk("jobs", "number"),
        sa.CheckConstraint("state IN ('waiting', 'running', 'failed')", name="ck_jobs_state"),
        **growing,
    )
    index("jobs", ["kind", "subject"], unique=True)
    op.create_table(
        "models",
        c("number", key),
        c("version", sa.Text()),
        c("current", sa.Boolean()),
        c("body", sa.LargeBinary()),
        pk("models", "number"),
        sa.UniqueConstraint("version", name="uq_models_version"),
        **growing,
    )
    changes = op.create_table("changes", c("topic", sa.String(16)), c("n", key), pk("changes", "topic"))
    op.bulk_insert(changes, [{"topic": topic, "n": 0} for topic in topics])


def _people() -> None:
    op.create_table(
        "people",
        c("key", key),
        c("pseudonym", sa.LargeBinary(16)),
        c("external_id", sa.LargeBinary()),
        c("created_at", sa.Double()),
        pk("people", "key"),
        sa.UniqueConstraint("pseudonym", name="uq_people_pseudonym"),
        **growing,
    )
    op.create_table(
        "sources",
        c("id", sa.Integer()),
        c("name", sa.Text()),
        pk("sources", "id"),
        sa.UniqueConstraint("name", name="uq_sources_name"),
    )
    op.create_table(
        "events",
        c("number", key),
        c("person", key),
        c("item", key, null=True),
        c("type", sa.SmallInteger()),
        c("value", sa.Double(), null=True),
        c("time", sa.Double(), null=True),
        c("surface", sa.SmallInteger(), null=True),
        c("session", key, null=True),
        c("session_id", sa.LargeBinary(), null=True),
        c("digest", sa.LargeBinary(16)),
        c("identity", sa.LargeBinary()),
        c("text", sa.LargeBinary(), null=True),
        c("target", sa.Text(), null=True),
        c("undoes", sa.SmallInteger(), null=True),
        c("propensity", sa.Double(), null=True),
        c("source", sa.Integer()),
        pk("events", "number"),
        sa.UniqueConstraint("digest", name="uq_events_digest"),
        **growing,
    )
    op.create_index("ix_events_person", "events", ["person", "time", "number"])
    where = sa.text("type = 14")
    op.create_index(
        "ix_events_undo",
        "events",
        ["person"],
        sqlite_where=where,
        postgresql_where=where,
    )
    op.create_table(
        "undone",
        sa.Column("number", key, nullable=False, autoincrement=False),
        c("by", key),
        pk("undone", "number"),
    )
    op.create_table(
        "profiles",
        sa.Column("person", key, nullable=False, autoincrement=False),
        c("body", sa.LargeBinary()),
        c("last_event", key),
        c("updated_at", sa.Double()),
        pk("profiles", "person"),
    )
    op.create_table(
        "corrections",
        sa.Column("person", key, nullable=False, autoincrement=False),
        c("name", sa.Text()),
        c("value", sa.Double(), null=True),
        c("muted", sa.Boolean()),
        pk("corrections", "person", "name"),
    )
    op.create_table(
        "resets",
        sa.Column("person", key, nullable=False, autoincrement=False),
        c("after", key),
        pk("resets", "person"),
    )
    op.create_table(
        "weights",
        sa.Column("person", key, nullable=False, autoincrement=False),
        c("body", sa.Text()),
        c("last_event", key),
        pk("weights", "person"),
    )
