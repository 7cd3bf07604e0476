"""Opens or makes a home. Takes a path; gives its parts. Two processes may open a new home at once."""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from vitascope.backends.home import _backup, _gc, _key, _logs
from vitascope.backends.home._config import Config
from vitascope.backends.home._disk import guard, only_one, private_folder, size_of, write_private
from vitascope.backends.stores import Config as StoresConfig
from vitascope.backends.stores import Stores
from vitascope.base.errors import HomeDamaged, UsageError

log = logging.getLogger(__name__)

SETTINGS, LIBRARY, KEY, LOCK = "vitascope.toml", "library.db", "key", ".lock"
FOLDERS = ("models", "cache", "media", "logs", "exports")
OURS = frozenset({SETTINGS, LIBRARY, f"{LIBRARY}-wal", f"{LIBRARY}-shm", KEY, LOCK, "pipelines", *FOLDERS})
_NOBODYS = frozenset({"lost+found", ".DS_Store", "Thumbs.db", "desktop.ini"})
_FIRST_SETTINGS = """\
# Settings of this library. Flags and VITASCOPE_* variables win over this file, this file wins over the defaults.
# `vitascope --help` and docs/ say what can be set.
"""


class Home:
    """The folder that holds the whole state of one library, and the library in it, open."""

    def __init__(self, path: Path, key: bytes, stores: Stores, config: Config) -> None:
        self.path, self.key, self.stores, self.config = path, key, stores, config
        self.settings_file = path / SETTINGS
        self.key_file = path / KEY
        self.library = path / LIBRARY
        """The SQLite file; not there where the rows live in PostgreSQL."""
        self.models, self.cache, self.media, self.logs, self.exports = (path / name for name in FOLDERS)
        self._lock = path / LOCK
        self._log: _logs.SharedFile | None = None

    @classmethod
    def open(
        cls,
        path: Path | str,
        stores: StoresConfig | None = None,
        config: Config | None = None,
        clock: Callable[[], float] = time.time,
    ) -> Home:
        """Open a home; make it where the folder is missing or empty; migrate an older one after a copy into exports/.

        Args:
            path: the folder.
            stores: where the rows live; by default `library.db` in the folder.
            config: limits.
            clock: seconds since 1970.

        Raises:
            UsageError: a folder with other people's things in it, or a file.
            HomeTooNew, HomeDamaged, NoSpace, ReadOnly, StoreError.
        """
        at = Path(path).expanduser().absolute()
        limits, rows = config or Config(), stores or StoresConfig()
        _make_folder(at)
        with only_one(at / LOCK, limits.lock_seconds):
            _refuse_strangers(at)
            for name in FOLDERS:
                private_folder(at / name)
            key = _key_of(at)
            if not (at / SETTINGS).exists():
                write_private(at / SETTINGS, _FIRST_SETTINGS.encode())
            where: str | Path = rows.url or at
            _save_older(at, where, key, rows, clock)
            opened = Stores.open(where, key, rows, clock)
            if not rows.url:
                with guard(at):
                    os.chmod(at / LIBRARY, 0o600)
        return cls(at, key, opened, limits)

    def log_to_file(self, level: str = "info") -> None:
        """Send Vitascope's logs to logs/vitascope.log, with rotation, until `close`. Raises UsageError for an unknown level."""
        self._log = _logs.set_up(self.logs, level, self.config)

    def sizes(self) -> dict[str, int]:
        """Bytes of each part of the home."""
        library = sum(size_of(self.path / f"{LIBRARY}{ending}") for ending in ("", "-wal", "-shm"))
        return {"library": library} | {name: size_of(self.path / name) for name in FOLDERS}

    def disk_left(self) -> int:
        """Bytes free for this user on the home's disk."""
        with guard(self.path):
            return shutil.disk_usage(self.path).free

    def backup(self, file: Path, key_file: Path | None = None) -> int:
        """Write library, settings, trained models and uploads to one consistent file; answers its bytes.

        The key is not in it; it goes to `key_file` where one is named. Both have mode 600. Others may go on working.

        Raises:
            UsageError: a file exists already. NoSpace, ReadOnly, StoreError.
        """
        with only_one(self._lock, self.config.lock_seconds):
            return _backup.save(self.path, self.stores, Path(file), self.key if key_file else None, key_file)

    def gc(self, dry_run: bool = False) -> dict[str, int]:
        """Clear caches over their limits, old models and old copies; answers bytes freed by part.

        Args:
            dry_run: only say what would go.
        """
        with only_one(self._lock, self.config.lock_seconds):
            return _gc.clear(self.path, self.stores.registry, self.config, dry_run, time.time())

    def close(self) -> None:
        """Close the library, and its log."""
        self.stores.close()
        if self._log is not None:
            _logs.take_down(self._log)

    def __enter__(self) -> Home:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def is_home(path: Path) -> bool:
    """Whether a folder is a home already."""
    return (path / LIBRARY).exists() or ((path / KEY).exists() and (path / SETTINGS).exists())


def _make_folder(path: Path) -> None:
    with guard(path):
        if path.exists() and not path.is_dir():
            raise UsageError("a home is a folder, this is a file", place=str(path), remedy="choose another with --home")
        if path.is_dir():
            _refuse_strangers(path)  # before a lock file of ours is put there
        path.mkdir(mode=0o700, parents=True, exist_ok=True)


def _refuse_strangers(path: Path) -> None:
    """Raises UsageError for a folder that holds things of others and is no home yet."""
    if is_home(path):
        return
    with guard(path):
        strange = sorted(
            p.name
            for p in path.iterdir()
            if p.name not in OURS | _NOBODYS and not (p.name.startswith(".") and p.name.endswith(".part"))
        )
    # A folder "media" or "models" alone may be somebody's: ours are empty until there is a key.
    if not (path / KEY).exists():
        strange += [name for name in FOLDERS if (path / name).is_dir() and any((path / name).iterdir())]
    if strange:
        raise UsageError(
            f"this folder is no home of Vitascope and not empty (it holds {strange[0]!r})",
            place=str(path),
            remedy="name an empty or new folder with --home; to take media in, use `vitascope ingest`",
        )


def _key_of(path: Path) -> bytes:
    file = path / KEY
    if file.exists():
        return _key.read(file)
    library = path / LIBRARY
    if library.exists() and library.stat().st_size > 0:
        raise HomeDamaged(
            "the key of this home is missing, and a new one would not open what is stored",
            place=str(file),
            remedy="put the home's `key` file back",
        )
    return _key.make(file)


def _save_older(path: Path, where: str | Path, key: bytes, rows: StoresConfig, clock: Callable[[], float]) -> None:
    """Copy a library that is about to be migrated into exports/."""
    if not rows.url and not (path / LIBRARY).exists():
        return
    found = Stores.older(where, key, rows)
    if found is None:
        return
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(clock()))
    copy = path / "exports" / f"library-schema-{found}-{stamp}.db"
    log.info("keeping a copy of the library at schema %s before it is migrated", found)
    Stores.save_older(where, key, copy, rows)
