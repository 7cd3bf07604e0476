"""Copies a whole library between databases, as it is at one moment. Knows every table by name and none by meaning.

Rows travel as the bytes they are stored as: nothing is opened, so a copy holds no personal text in the clear.
"""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import Connection, MetaData, Table, delete, func, select, text

from vitascope.backends.stores._database import Database, database_url
from vitascope.backends.stores._migrate import current, upgrade
from vitascope.base.errors import UsageError

_ROWS = 5_000


def snapshot(database: Database, file: Path) -> None:
    """Write the library to a new SQLite file of mode 600. Raises UsageError where the file exists; StoreError."""
    if file.exists():
        raise UsageError("this file exists already", place=str(file), remedy="name a new file")
    os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        if database.is_sqlite:
            _vacuum(database, file)
        else:
            target = Database(database_url(f"sqlite:///{file}"), database.cipher, database.config)
            try:
                load(database, target)
            finally:
                target.close()
    except BaseException:
        for ending in ("", "-wal", "-shm", "-journal"):
            Path(f"{file}{ending}").unlink(missing_ok=True)
        raise


def _vacuum(database: Database, file: Path) -> None:
    with database.guard():
        raw = database.engine.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute("VACUUM INTO ?", (str(file),))
            cursor.close()
        finally:
            raw.close()


def load(source: Database, target: Database) -> None:
    """Copy everything into an empty database, which gets the source's schema. Raises UsageError, StoreError."""
    if current(target) is not None:
        raise UsageError("this database is not empty", place=target.place, remedy="name an empty one in stores.url")
    found = current(source)
    if found is None:
        raise UsageError("there is no library in this database", place=source.place)
    upgrade(target, to=found)
    with source.read() as reading:
        if not source.is_sqlite:
            reading.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        tables = MetaData()
        tables.reflect(reading, only=lambda name, _: name != "alembic_version")
        with target.write() as writing:
            into = MetaData()
            into.reflect(writing, only=list(tables.tables))
            for table in into.sorted_tables:
                writing.execute(delete(table)) if table.name == "changes" else None
                _copy(reading, tables.tables[table.name], writing, table)
            for name, last in _highest(source, reading, tables).items():
                _set_highest(target, writing, name, last)


def _copy(reading: Connection, source: Table, writing: Connection, target: Table) -> None:
    names = [column.name for column in source.columns]
    rows = reading.execution_options(yield_per=_ROWS).execute(select(source))
    for part in rows.partitions(_ROWS):
        writing.execute(target.insert(), [dict(zip(names, row, strict=True)) for row in part])


def _highest(database: Database, reading: Connection, tables: MetaData) -> dict[str, int]:
    """The last id given out in each table with growing ids, also where its row is gone: ids are never used twice."""
    if database.is_sqlite:
        rows = reading.execute(text("SELECT name, seq FROM sqlite_sequence")).all()
        return {name: seq for name, seq in rows if name in tables.tables}
    found: dict[str, int] = {}
    for name, table in tables.tables.items():
        key = next(iter(table.primary_key.columns))
        sequence = reading.scalar(select(func.pg_get_serial_sequence(name, key.name)))
        if sequence is not None:
            last = reading.scalar(
                text("SELECT last_value FROM pg_sequences WHERE schemaname || '.' || sequencename = :name"),
                {"name": sequence},
            )
            if last is not None:
                found[name] = last
    return found


def _set_highest(database: Database, writing: Connection, table: str, last: int) -> None:
    if database.is_sqlite:
        if writing.execute(
            text("UPDATE sqlite_sequence SET seq = :n WHERE name = :t"), {"n": last, "t": table}
        ).rowcount:
            return
        writing.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:t, :n)"), {"n": last, "t": table})
        return
    reflected = MetaData()
    reflected.reflect(writing, only=[table])
    key = next(iter(reflected.tables[table].primary_key.columns)).name
    if last > 0:
        writing.execute(select(func.setval(func.pg_get_serial_sequence(table, key), last)))
