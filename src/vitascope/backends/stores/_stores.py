"""The one entry: opens a database and holds its stores. Cheap to import: SQLAlchemy comes with `Stores.open`."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from vitascope.backends.stores._config import Config
from vitascope.base.errors import StoreError

if TYPE_CHECKING:
    from vitascope.backends.stores._access import AccessRows
    from vitascope.backends.stores._accounts import AccountRows
    from vitascope.backends.stores._audit import AuditRows
    from vitascope.backends.stores._consents import ConsentRows
    from vitascope.backends.stores._database import Database
    from vitascope.backends.stores._descriptions import DescriptionRows
    from vitascope.backends.stores._duplicates import DuplicateRows
    from vitascope.backends.stores._erase import EraseRows
    from vitascope.backends.stores._events import EventRows
    from vitascope.backends.stores._households import HouseholdRows
    from vitascope.backends.stores._items import ItemRows
    from vitascope.backends.stores._jobs import JobRows
    from vitascope.backends.stores._live import GuideRows, LiveRows
    from vitascope.backends.stores._models import ModelRows
    from vitascope.backends.stores._moderation import ModerationRows
    from vitascope.backends.stores._people import PeopleRows
    from vitascope.backends.stores._problems import ProblemRows
    from vitascope.backends.stores._profiles import ProfileRows
    from vitascope.backends.stores._settings import SettingsRows
    from vitascope.backends.stores._vectors import VectorRows

KEY_CHECK = "key:check"
"""Setting that tells whether a key is the one this library was made with."""


class Stores:
    """All stores of one library. Safe to share between threads; each process opens its own."""

    def __init__(self, database: Database, key: bytes, clock: Callable[[], float] = time.time) -> None:
        from vitascope.backends.stores._access import AccessRows
        from vitascope.backends.stores._accounts import AccountRows
        from vitascope.backends.stores._audit import AuditRows
        from vitascope.backends.stores._consents import ConsentRows
        from vitascope.backends.stores._descriptions import DescriptionRows
        from vitascope.backends.stores._duplicates import DuplicateRows
        from vitascope.backends.stores._erase import EraseRows
        from vitascope.backends.stores._events import EventRows
        from vitascope.backends.stores._households import HouseholdRows
        from vitascope.backends.stores._items import ItemRows
        from vitascope.backends.stores._jobs import JobRows
        from vitascope.backends.stores._live import GuideRows, LiveRows
        from vitascope.backends.stores._models import ModelRows
        from vitascope.backends.stores._moderation import ModerationRows
        from vitascope.backends.stores._people import PeopleRows
        from vitascope.backends.stores._problems import ProblemRows
        from vitascope.backends.stores._profiles import ProfileRows
        from vitascope.backends.stores._settings import SettingsRows
        from vitascope.backends.stores._vectors import VectorRows

        self._database = database
        self.items: ItemRows = ItemRows(database, clock)
        self.duplicates: DuplicateRows = DuplicateRows(database)
        self.vectors: VectorRows = VectorRows(database)
        self.descriptions: DescriptionRows = DescriptionRows(database)
        self.problems: ProblemRows = ProblemRows(database, clock)
        self.settings: SettingsRows = SettingsRows(database)
        self.jobs: JobRows = JobRows(database, clock)
        self.people: PeopleRows = PeopleRows(database, key, clock)
        self.events: EventRows = EventRows(database)
        self.profiles: ProfileRows = ProfileRows(database)
        self.registry: ModelRows = ModelRows(database)
        self.moderation: ModerationRows = ModerationRows(database, key)
        self.households: HouseholdRows = HouseholdRows(database)
        self.live: LiveRows = LiveRows(database)
        self.guide: GuideRows = GuideRows(database)
        self.accounts: AccountRows = AccountRows(database)
        self.access: AccessRows = AccessRows(database)
        self.audit: AuditRows = AuditRows(database, key)
        self.consents: ConsentRows = ConsentRows(database, clock)
        self.erasure: EraseRows = EraseRows(database, key, self.moderation, clock)

    @classmethod
    def open(
        cls,
        where: str | Path,
        key: bytes,
        config: Config | None = None,
        clock: Callable[[], float] = time.time,
        vault: bytes | None = None,
    ) -> Stores:
        """Open a library and bring it to the present schema; an empty database becomes a library.

        Args:
            where: a home folder (its `library.db`), or a database URL.
            key: the home's key, 32 bytes.
            config: see `Config`; its `url` is not looked at here.
            clock: seconds since 1970, for times of rows and leases.
            vault: the second key of a home that is encrypted as a whole.

        Raises:
            HomeTooNew, HomeDamaged (also: another key), NoSpace, ReadOnly, StoreError, ConfigError.
        """
        from vitascope.backends.stores._cipher import Cipher
        from vitascope.backends.stores._database import Database, database_url
        from vitascope.backends.stores._migrate import upgrade

        cipher = Cipher(key, vault)
        database = Database(database_url(where), cipher, config or Config())
        try:
            upgrade(database)
            stores = cls(database, key, clock)
            stores._check_key()
        except BaseException:
            database.close()
            raise
        return stores

    def _check_key(self) -> None:
        from vitascope.base.errors import HomeDamaged

        wanted = self._database.cipher.check_value()
        if self.settings.set_once(KEY_CHECK, wanted) != wanted:
            raise HomeDamaged(
                "the key is not the one this library was made with",
                place=self._database.place,
                remedy="put the right `key` file in the home (it is kept apart from backups)",
            )

    def data_version(self) -> int:
        """A number that grows when another process wrote anything that a running server shows or ranks by."""
        return sum(self._database.versions().values())

    def versions(self) -> dict[str, int]:
        """The same for each part: items, descriptions, vectors, duplicates, events, profiles, models, settings."""
        return self._database.versions()

    @property
    def schema_version(self) -> str:
        """The schema's revision."""
        from vitascope.backends.stores._migrate import current

        return current(self._database) or ""

    def snapshot(self, file: Path) -> None:
        """Write the whole library, as it is at one moment, to a new SQLite file; others may go on writing meanwhile.

        Personal values stay sealed. From PostgreSQL the rows are copied, so that a snapshot is the same on both.

        Raises:
            NoSpace, ReadOnly, StoreError.
        """
        from vitascope.backends.stores._snapshot import snapshot

        snapshot(self._database, file)

    @classmethod
    def older(
        cls, where: str | Path, key: bytes, config: Config | None = None, vault: bytes | None = None
    ) -> str | None:
        """The schema of a library that this version would have to migrate; None for a present or empty one.

        Raises:
            HomeTooNew, HomeDamaged, StoreError.
        """
        from vitascope.backends.stores._cipher import Cipher
        from vitascope.backends.stores._database import Database, database_url
        from vitascope.backends.stores._migrate import current, head

        database = Database(database_url(where), Cipher(key, vault), config or Config())
        try:
            found = current(database)
        finally:
            database.close()
        return None if found == head() else found

    @classmethod
    def save_older(
        cls, where: str | Path, key: bytes, file: Path, config: Config | None = None, vault: bytes | None = None
    ) -> None:
        """A snapshot of a library as it is, without migrating it first."""
        from vitascope.backends.stores._cipher import Cipher
        from vitascope.backends.stores._database import Database, database_url
        from vitascope.backends.stores._snapshot import snapshot

        database = Database(database_url(where), Cipher(key, vault), config or Config())
        try:
            snapshot(database, file)
        finally:
            database.close()

    @classmethod
    def load(cls, file: Path, url: str, key: bytes, config: Config | None = None, vault: bytes | None = None) -> None:
        """Fill an empty database from a snapshot. Raises UsageError where it is not empty, and as `open` does."""
        from vitascope.backends.stores._cipher import Cipher
        from vitascope.backends.stores._database import Database, database_url
        from vitascope.backends.stores._snapshot import load

        cipher, settings = Cipher(key, vault), config or Config()
        source = Database(database_url(f"sqlite:///{file}"), cipher, settings)
        target = Database(database_url(url), cipher, settings)
        try:
            load(source, target)
        finally:
            source.close()
            target.close()

    @classmethod
    def seal_file(cls, plain: Path, sealed: Path, key: bytes, vault: bytes, config: Config | None = None) -> None:
        """Copy a plain SQLite library into an encrypted file. Raises Busy where somebody has it open; StoreError."""
        from vitascope.backends.stores._cipher import Cipher
        from vitascope.backends.stores._seal import seal_file

        seal_file(plain, sealed, Cipher(key, vault), config or Config())

    def seal_records(self) -> int:
        """Seal the records that PostgreSQL holds in the clear, in batches; answers how many. Nothing to do on SQLite."""
        from vitascope.backends.stores._seal import seal_records

        return seal_records(self._database)

    def close(self) -> None:
        """Close all connections. On SQLite the write-ahead log is folded in where nobody else is there."""
        with contextlib.suppress(StoreError):  # nothing but counts is lost
            self.accounts.flush()
        self._database.close()
