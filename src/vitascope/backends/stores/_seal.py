"""Seals a library that is in the clear: a SQLite file through SQLCipher, records in PostgreSQL one by one.

Knows every table by name and none by meaning.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Table, func, select, tuple_

from vitascope.backends.stores._cipher import Cipher
from vitascope.backends.stores._config import Config
from vitascope.backends.stores._database import Busy, Database, translate
from vitascope.backends.stores._tables import metadata
from vitascope.backends.stores._types import Packed, seal_record
from vitascope.base.errors import HomeDamaged, StoreError

_BATCH = 500
_SEALED = b"\x02"


def seal_file(plain: Path, sealed: Path, cipher: Cipher, config: Config) -> None:
    """Copy a plain library into a new encrypted file, and compare both.

    Raises:
        Busy: somebody else has the library open. NoSpace, ReadOnly, HomeDamaged, StoreError.
    """
    from sqlcipher3 import dbapi2

    for ending in ("", "-wal", "-shm", "-journal"):
        Path(f"{sealed}{ending}").unlink(missing_ok=True)
    os.close(os.open(sealed, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        connection = dbapi2.connect(str(plain), timeout=min(config.busy_seconds, 5.0), isolation_level=None)
        try:
            _copy(connection, sealed, cipher)
        finally:
            connection.close()
    except dbapi2.Error as error:
        told = translate(error, str(plain), True)
        if isinstance(told, Busy):
            told = Busy(
                "another process has the library open",
                place=str(plain),
                remedy="stop the service and every other command of this home, then run again",
            )
        raise told from error
    descriptor = os.open(sealed, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _copy(connection: Any, sealed: Path, cipher: Cipher) -> None:
    def one(statement: str, *values: object) -> Any:
        row = connection.execute(statement, values).fetchone()
        return None if row is None else row[0]

    connection.execute("PRAGMA cipher_log_level = NONE")
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    # Only who is alone can leave the write-ahead log; it folds the log into the file besides.
    if one("PRAGMA journal_mode = DELETE") != "delete":
        raise Busy("another process has the library open", place=str(sealed), remedy="stop it, then run again")
    connection.execute("BEGIN EXCLUSIVE")
    connection.execute("COMMIT")  # the lock stays: locking_mode
    connection.execute("ATTACH DATABASE ? AS sealed KEY ?", (str(sealed), f"x'{cipher.page_key}'"))
    connection.execute("SELECT sqlcipher_export('sealed')").fetchone()
    names = connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    for (name,) in names:
        quoted = '"' + str(name).replace('"', '""') + '"'
        before, after = (one(f"SELECT count(*) FROM {schema}.{quoted}") for schema in ("main", "sealed"))
        if before != after:
            raise StoreError(f"the encrypted copy differs in {name}: {before} rows, {after} copied", place=str(sealed))
    if one("PRAGMA sealed.integrity_check") != "ok":
        raise HomeDamaged("the encrypted copy is not sound", place=str(sealed), remedy="run again, or check the disk")
    one("PRAGMA sealed.journal_mode = WAL")
    connection.execute("DETACH DATABASE sealed")


def seal_records(database: Database) -> int:
    """Seal the packed records of PostgreSQL that are in the clear, a batch at a time; whoever reads meanwhile reads both."""
    if database.is_sqlite or not database.cipher.seals_records:
        return 0
    done = 0
    for table in metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, Packed):
                done += _seal_column(database, table, column, column.type)
    return done


def _seal_column(database: Database, table: Table, column: Column[Any], kind: Packed) -> int:
    from sqlalchemy import LargeBinary, bindparam, type_coerce

    raw, done = type_coerce(column, LargeBinary), 0
    keys = list(table.primary_key.columns)
    clear = select(*keys, raw.label("raw")).where(column.is_not(None), func.substr(raw, 1, 1) != _SEALED)
    while True:
        with database.write() as connection:
            rows = connection.execute(clear.order_by(*keys).limit(_BATCH)).all()
            for row in rows:
                data = seal_record(database.cipher, kind.model.__name__, bytes(row.raw))
                same = tuple_(*keys) == tuple_(*row[:-1])
                value = bindparam("sealed", data, type_=LargeBinary())
                connection.execute(table.update().where(same).values({column.name: value}))
        if not rows:
            return done
        done += len(rows)
