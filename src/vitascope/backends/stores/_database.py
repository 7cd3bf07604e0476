"""One database: connections, transactions, errors in our own words. Knows no table but `changes`.

SQLite runs in WAL mode: readers never wait, one writer at a time. Writers begin with BEGIN IMMEDIATE, so that a
transaction waits for its turn at the start and never fails half-way; threads of one process queue on a lock of ours,
which is fair where SQLite's busy handler is not. A home that is encrypted as a whole opens the same file format through
SQLCipher: every page of the file and of its log is encrypted (AES-256-CBC with HMAC-SHA512), with a raw key, so that nothing
is derived anew for a connection.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    Table,
    create_engine,
    event,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from vitascope.backends.stores._cipher import Cipher
from vitascope.backends.stores._config import Config
from vitascope.backends.stores._tables import changes
from vitascope.backends.stores._types import CIPHER
from vitascope.base.errors import (
    ConfigError,
    HomeDamaged,
    NoSpace,
    ReadOnly,
    StoreError,
    UnknownItem,
)

T = TypeVar("T")

COUNT_ROWS = {"preserve_rowcount": True}
"""Option of an INSERT whose number of rows is wanted."""
MIGRATING, APPENDING, ITEMS, JOBS, PEOPLE, PROBLEMS, VECTORS, MODERATING = range(1, 9)
AUDITING = 20
"""Numbers for `Database.lock`."""
MANY = 500
"""Values in one IN list: well below every database's bound on parameters."""


class Busy(StoreError):
    """Another process is writing for longer than we wait."""


def chunks(values: Sequence[T], size: int = MANY) -> Iterator[Sequence[T]]:
    """Pieces of at most `size`."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def database_url(where: str | Path) -> URL:
    """A home folder, or a database URL, as SQLAlchemy's URL.

    Raises:
        ConfigError: no URL, or a database that is neither SQLite nor PostgreSQL.
    """
    if isinstance(where, Path) or "://" not in where:
        return URL.create("sqlite", database=str(Path(where).absolute() / "library.db"))
    remedy = 'use "postgresql://USER:PASSWORD@HOST/NAME" or "sqlite:///FILE"'
    try:
        url = make_url(where)
    except (ArgumentError, ValueError) as error:
        raise ConfigError("this is no database URL", place="stores.url", remedy=remedy) from error
    kind = url.get_backend_name()
    if kind in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if kind == "sqlite" and url.database:
        return url.set(drivername="sqlite", database=str(Path(url.database).absolute()))
    raise ConfigError(f"the database {kind!r} is not known", place="stores.url", remedy=remedy)


class Database:
    """An open database.

    Args:
        url: from `database_url`.
        cipher: for columns of type `Personal`.
        config: how patient and how careful.
    """

    def __init__(self, url: URL, cipher: Cipher, config: Config) -> None:
        self.url, self.cipher, self.config = url, cipher, config
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.place = url.database if self.is_sqlite and url.database else url.render_as_string(hide_password=True)
        self.engine = self._engine()
        setattr(self.engine.dialect, CIPHER, cipher)
        self._writer = self.engine.execution_options(vitascope_write=True)
        self._turn = threading.Lock()
        self._commit = threading.Lock()
        self._own: Counter[str] = Counter()

    def _engine(self) -> Engine:
        # Parameters may be personal: never in a message or a log.
        common: dict[str, Any] = {
            "hide_parameters": True,
            "pool_size": self.config.pool,
            "max_overflow": 32,
        }
        if not self.is_sqlite:
            engine = create_engine(
                self.url,
                pool_pre_ping=True,
                connect_args={"connect_timeout": 10},
                **common,
            )
            event.listen(engine, "connect", _postgres_connect)
            return engine
        page_key = self.cipher.page_key
        engine = create_engine(
            self.url,
            module=None if page_key is None else _sqlcipher(),
            connect_args={
                "timeout": self.config.busy_seconds,
                "check_same_thread": False,
            },
            **common,
        )
        level = self.config.synchronous.upper()

        def connect(connection: Any, _record: Any) -> None:
            connection.isolation_level = None  # we say BEGIN ourselves
            cursor = connection.cursor()
            if page_key is not None:
                unlock(cursor, page_key)
            cursor.execute(f"PRAGMA busy_timeout = {int(self.config.busy_seconds * 1000)}")
            cursor.execute("PRAGMA foreign_keys = ON")
            cursor.execute(f"PRAGMA synchronous = {level}")
            cursor.execute("PRAGMA cache_size = -32000")
            cursor.execute("PRAGMA temp_store = MEMORY")
            cursor.close()

        def begin(connection: Connection) -> None:
            writes = connection.get_execution_options().get("vitascope_write")
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

        event.listen(engine, "connect", connect)
        event.listen(engine, "begin", begin)
        return engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one state of the library."""
        with self.guard(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self, *topics: str) -> Iterator[Connection]:
        """A transaction: durable when the block ends, undone when it raises. Never nest two in one thread.

        Args:
            topics: parts of the library that change, for `data_version` of other processes.
        """
        with self.guard(), self._turns(), self._writer.connect() as connection:
            transaction = connection.begin()
            try:
                yield connection
                for topic in sorted(topics):
                    connection.execute(changes.update().where(changes.c.topic == topic).values(n=changes.c.n + 1))
                with self._commit:
                    transaction.commit()
                    self._own.update(topics)
            except BaseException:
                transaction.rollback()
                raise

    @contextmanager
    def _turns(self) -> Iterator[None]:
        if self.is_sqlite:
            with self._turn:
                yield
        else:
            yield

    def versions(self) -> dict[str, int]:
        """For each part of the library, how often another process wrote it (own writes are taken off)."""
        with self._commit, self.read() as connection:
            rows = connection.execute(select(changes.c.topic, changes.c.n)).all()
            return {topic: n - self._own[topic] for topic, n in rows}

    def insert(self, table: Table) -> Any:
        """An INSERT of the database's own kind, which knows ON CONFLICT."""
        if self.is_sqlite:
            from sqlalchemy.dialects.sqlite import insert
        else:
            from sqlalchemy.dialects.postgresql import insert  # type: ignore[assignment]
        return insert(table)

    def lock(self, connection: Connection, number: int) -> None:
        """One writer of a kind at a time on PostgreSQL until the transaction ends (SQLite has one writer anyway).

        Two writers that find or make the same rows would otherwise fail on each other, or wait for each other forever.
        """
        if not self.is_sqlite:
            connection.execute(
                text("SELECT pg_advisory_xact_lock(:space, :number)"),
                {"space": 0x7174, "number": number},
            )

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Say database and disk errors in our own words."""
        try:
            yield
        except DBAPIError as error:
            raise translate(error.orig or error, self.place, self.is_sqlite) from error
        except self.engine.dialect.loaded_dbapi.Error as error:  # where the driver is used directly
            raise translate(error, self.place, self.is_sqlite) from error
        except SQLAlchemyError as error:
            raise StoreError(f"the database refused ({type(error).__name__})", place=self.place) from error

    def close(self) -> None:
        """Let every connection go."""
        self.engine.dispose()


def _sqlcipher() -> Any:
    from sqlcipher3 import dbapi2

    return dbapi2


def unlock(cursor: Any, page_key: str) -> None:
    """Say the key on a new connection of SQLCipher; its own messages on stderr are turned off, our errors say what is wrong."""
    cursor.execute("PRAGMA cipher_log_level = NONE")
    cursor.execute(f"PRAGMA key = \"x'{page_key}'\"")


def _postgres_connect(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET application_name = 'vitascope'")
        cursor.execute("SET synchronous_commit = on")
    connection.commit()


def translate(error: BaseException, place: str, is_sqlite: bool) -> StoreError | UnknownItem:
    """A driver's error as one of ours. Parameters and rows are left out."""
    name = str(getattr(error, "sqlite_errorname", "") or getattr(error, "sqlstate", "") or "")
    full = NoSpace(
        "the disk or the quota is full: nothing was written, what was acknowledged before is kept",
        place=place,
        remedy="free some space (`vitascope gc` clears caches) and run again",
    )
    if name == "SQLITE_CONSTRAINT" and "FOREIGN KEY" in str(error):  # SQLCipher's driver gives no extended names
        name = "SQLITE_CONSTRAINT_FOREIGNKEY"
    if name in ("SQLITE_CONSTRAINT_FOREIGNKEY", "23503"):
        return UnknownItem("what this is about is not in the library any more", place=place, remedy="take it in again")
    if name == "SQLITE_FULL" or name in ("53100", "53200"):
        return full
    if name.startswith(("SQLITE_READONLY", "SQLITE_PERM")) or name == "25006":
        return read_only(place)
    if name.startswith("SQLITE_CANTOPEN"):
        folder = os.path.dirname(place)
        if os.path.isdir(folder) and not os.access(folder, os.W_OK):
            return read_only(place)
        return HomeDamaged(
            "the library file cannot be opened",
            place=place,
            remedy="check that the folder is there",
        )
    if name.startswith("SQLITE_IOERR"):
        # A full quota and a file size limit come as plain I/O errors.
        if name in (
            "SQLITE_IOERR_WRITE",
            "SQLITE_IOERR_FSYNC",
            "SQLITE_IOERR_TRUNCATE",
            "SQLITE_IOERR_SHMSIZE",
        ):
            return full
        return StoreError(
            f"the disk gave an error ({name})",
            place=place,
            remedy="check the disk, then run again",
        )
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return HomeDamaged(
            "the library file is damaged",
            place=place,
            remedy="restore a backup with `vitascope restore`",
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or name in (
        "55P03",
        "40001",
        "40P01",
    ):
        return Busy(
            "another process is writing for too long",
            place=place,
            remedy="let it finish, then run again",
        )
    if not is_sqlite and (not name or name[:2] in ("08", "28", "3D", "57")):
        return StoreError(
            "the database server cannot be used",
            place=place,
            remedy="check that it runs and that stores.url names its host, database, user and password",
        )
    what = str(error).splitlines()[0] if "append-only" in str(error) else type(error).__name__
    return StoreError(f"the database refused: {what} {name}".rstrip(), place=place)


def read_only(place: str) -> ReadOnly:
    """The error for a library that cannot be written."""
    return ReadOnly(
        "the library cannot be written: the disk, the folder or the file is read-only",
        place=place,
        remedy="give this user write access to the home, or choose another with --home",
    )
