"""Households with lists of allowed items, programmes of guides, live channels and what happens in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Six tables."""
    op.create_table(
        "members",
        sa.Column("person", key, nullable=False, autoincrement=False),
        sa.Column("household", sa.LargeBinary(16), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("child", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_members"),
    )
    op.create_index("ix_members_household", "members", ["household"])
    op.create_table(
        "allow_lists",
        sa.Column("person", key, nullable=False, autoincrement=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_allow_lists"),
    )
    op.create_table(
        "allowed",
        sa.Column("person", key, nullable=False, autoincrement=False),
        sa.Column("item", key, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("person", "item", name="pk_allowed"),
    )
    op.create_table(
        "programmes",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("start", sa.Double(), nullable=False),
        sa.Column("stop", sa.Double(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "start", name="pk_programmes"),
    )
    op.create_index("ix_programmes_start", "programmes", ["start"])
    op.create_table(
        "channels",
        sa.Column("item", key, nullable=False, autoincrement=False),
        sa.Column("source", sa.String(8), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double()),
        sa.Column("replay", key),
        sa.PrimaryKeyConstraint("item", name="pk_channels"),
    )
    op.create_table(
        "happening",
        sa.Column("item", key, nullable=False, autoincrement=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("item", name="pk_happening"),
    )
