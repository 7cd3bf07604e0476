"""What work cost, by day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """One table of sums."""
    by = (
        sa.Column("day", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("part", sa.String(16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("item", key, nullable=False, autoincrement=False),
    )
    counts = ("made", "kept", "refused", "prompt_tokens", "output_tokens", "bytes")
    op.create_table(
        "accounts",
        *by,
        *(sa.Column(name, key, nullable=False) for name in counts),
        *(sa.Column(name, sa.Double(), nullable=False) for name in ("seconds", "media", "money")),
        sa.PrimaryKeyConstraint(*(c.name for c in by), name="pk_accounts"),
    )
    op.create_index("ix_accounts_item", "accounts", ["item"])
