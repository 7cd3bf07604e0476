"""Brings a database to the schema that this code knows. Takes an open database; knows Alembic, no store.

Migrations are numbered files in `migrations/versions` ("0001_first.py" is revision "0001"). Alembic is imported only
when there is something to migrate.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path

from sqlalchemy import Connection, inspect, select, table
from sqlalchemy import column as sql_column

from vitascope.backends.stores._database import MIGRATING, Busy, Database
from vitascope.base.errors import HomeDamaged, HomeTooNew, StoreError

log = logging.getLogger(__name__)

MIGRATIONS = Path(__file__).parent / "migrations"


def known() -> list[str]:
    """The revisions this code knows, oldest first."""
    return sorted(file.name.split("_", 1)[0] for file in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def head() -> str:
    """The newest revision this code knows."""
    return known()[-1]


def revision(connection: Connection) -> str | None:
    """The revision of a database; None for an empty one.

    Raises:
        HomeDamaged: tables, but none that says the revision.
    """
    names = set(inspect(connection).get_table_names())
    if "alembic_version" not in names:
        if names:
            raise HomeDamaged(
                "this database holds tables that are not Vitascope's",
                place=connection.engine.url.render_as_string(hide_password=True),
                remedy="name an empty database in stores.url",
            )
        return None
    return connection.scalar(select(sql_column("version_num")).select_from(table("alembic_version")))


def check(found: str | None, place: str) -> None:
    """Raises HomeTooNew for a revision this code does not know."""
    if found is not None and found not in known():
        raise HomeTooNew(
            f"this library was made by a newer Vitascope (schema {found}, this one knows up to {head()})",
            place=place,
            remedy="install the newer version again, or restore the backup that it made in exports/ before it migrated",
        )


def current(database: Database) -> str | None:
    """The revision of a database, checked. Raises HomeTooNew, HomeDamaged."""
    with database.read() as connection:
        found = revision(connection)
    check(found, database.place)
    return found


def upgrade(database: Database, to: str = "head") -> None:
    """Migrate in one transaction: all of it or nothing. Two processes at once are safe; the second finds it done.

    Raises:
        HomeTooNew, HomeDamaged, NoSpace, ReadOnly, StoreError.
    """
    if current(database) == head() and to == "head":
        return
    if database.is_sqlite:
        _wal(database)
    with database.write() as connection:
        database.lock(connection, MIGRATING)
        found = revision(connection)  # another process may have been faster
        check(found, database.place)
        if found == head() and to == "head":
            return
        log.info("migrating the library from schema %s to %s", found or "none", to)
        _alembic(connection, to)


def _alembic(connection: Connection, to: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _wal(database: Database) -> None:
    """Write-ahead log on; kept in the file. SQLite waits for nobody here, so we ask again."""
    end = time.monotonic() + database.config.busy_seconds
    while True:
        try:
            with database.guard():
                mode = _journal(database)
            break
        except Busy:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
    if mode != "wal":
        raise StoreError(
            f"the file system of the home cannot hold a write-ahead log (journal mode {mode})",
            place=database.place,
            remedy="put the home on a local disk, or use PostgreSQL (stores.url)",
        )


def _journal(database: Database) -> str:
    raw = database.engine.raw_connection()
    try:
        cursor = raw.cursor()
        mode: str = cursor.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        cursor.close()
        return mode
    finally:
        raw.close()
