"""Consents, tombstones, and a gate through which the append-only logs let an erasure pass."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_EVENTS, _TRAIL = "the event log is append-only", "the audit trail of moderation is append-only"
_GATE = "EXISTS (SELECT 1 FROM erasing e WHERE e.person = OLD.person OR (e.person = 0 AND OLD.time < e.until))"
_REDACTS = "OLD.redacted IS NULL AND NEW.redacted IS NOT NULL AND NEW.number = OLD.number AND NEW.chain = OLD.chain"


def upgrade() -> None:
    """Three tables, one column, new triggers."""
    op.create_table(
        "consents",
        sa.Column("person", key, nullable=False, autoincrement=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("person", "purpose", name="pk_consents"),
    )
    op.create_table(
        "tombstones",
        sa.Column("pseudonym", sa.LargeBinary(16), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("receipt", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("pseudonym", name="pk_tombstones"),
    )
    op.create_table(
        "erasing",
        sa.Column("person", key, nullable=False, autoincrement=False),
        sa.Column("until", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("person", name="pk_erasing"),
    )
    op.execute("INSERT INTO changes (topic, n) VALUES ('erasures', 0)")
    op.execute("ALTER TABLE moderation ADD COLUMN redacted " + ("BLOB" if _sqlite() else "BYTEA"))
    if _sqlite():
        op.execute("DROP TRIGGER events_no_delete")
        op.execute(
            f"CREATE TRIGGER events_no_delete BEFORE DELETE ON events WHEN NOT {_GATE} "
            f"BEGIN SELECT RAISE(ABORT, '{_EVENTS}'); END"
        )
        op.execute("DROP TRIGGER moderation_no_update")
        op.execute(
            f"CREATE TRIGGER moderation_no_update BEFORE UPDATE ON moderation "
            f"WHEN NOT ({_REDACTS} AND EXISTS (SELECT 1 FROM erasing)) "
            f"BEGIN SELECT RAISE(ABORT, '{_TRAIL}'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION events_erased_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_GATE} THEN RETURN OLD; END IF; RAISE EXCEPTION '{_EVENTS}'; END $$"
    )
    op.execute("DROP TRIGGER events_append_only ON events")
    op.execute(
        "CREATE TRIGGER events_append_only BEFORE UPDATE OR TRUNCATE ON events "
        "FOR EACH STATEMENT EXECUTE FUNCTION events_append_only()"
    )
    op.execute(
        "CREATE TRIGGER events_erased_only BEFORE DELETE ON events FOR EACH ROW EXECUTE FUNCTION events_erased_only()"
    )
    op.execute(
        "CREATE FUNCTION moderation_redacted_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_REDACTS} AND EXISTS (SELECT 1 FROM erasing) THEN RETURN NEW; END IF; RAISE EXCEPTION '{_TRAIL}'; END $$"
    )
    op.execute("DROP TRIGGER moderation_append_only ON moderation")
    op.execute(
        "CREATE TRIGGER moderation_append_only BEFORE DELETE OR TRUNCATE ON moderation "
        "FOR EACH STATEMENT EXECUTE FUNCTION moderation_append_only()"
    )
    op.execute(
        "CREATE TRIGGER moderation_redacted_only BEFORE UPDATE ON moderation "
        "FOR EACH ROW EXECUTE FUNCTION moderation_redacted_only()"
    )


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
