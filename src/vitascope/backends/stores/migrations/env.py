"""Alembic's environment: runs on the connection it is given, inside the transaction that connection is in."""

from __future__ import annotations

from alembic import context

from vitascope.backends.stores._tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the caller's transaction holds all of it
    render_as_batch=True,
)
context.run_migrations()
