"""The audit trail of moderation, and people's audiences."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Two tables; the trail refuses to be changed."""
    op.create_table(
        "moderation",
        sa.Column("number", key, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("item", key),
        sa.Column("item_id", sa.Text()),
        sa.Column("person", key),
        sa.Column("verdict", sa.String(16)),
        sa.Column("age", sa.SmallInteger()),
        sa.Column("audience", sa.Text()),
        sa.Column("who", sa.LargeBinary(), nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=False),
        sa.Column("policy", sa.String(64), nullable=False),
        sa.Column("chain", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_moderation"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_moderation_item", "moderation", ["item"])
    op.create_table(
        "audiences",
        sa.Column("person", key, nullable=False, autoincrement=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_audiences"),
    )
    if op.get_bind().dialect.name == "sqlite":
        for what in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER moderation_no_{what} BEFORE {what.upper()} ON moderation "
                "BEGIN SELECT RAISE(ABORT, 'the audit trail of moderation is append-only'); END"
            )
    else:
        op.execute(
            "CREATE FUNCTION moderation_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the audit trail of moderation is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER moderation_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation "
            "FOR EACH STATEMENT EXECUTE FUNCTION moderation_append_only()"
        )
