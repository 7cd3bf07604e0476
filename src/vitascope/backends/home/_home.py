"""Opens or makes a home. Takes a path; gives its parts. Two processes may open a new home at once."""

from __future__ import annotations

import json
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

from vitascope.backends.home import _backup, _encrypt, _gc, _kek, _key, _logs, _traces
from vitascope.backends.home._config import Config
from vitascope.backends.home._disk import guard, only_one, private_folder, size_of, write_private
from vitascope.backends.privacy import SIGNALS, is_sealed, open_bytes
from vitascope.backends.stores import Config as StoresConfig
from vitascope.backends.stores import Stores
from vitascope.base.errors import HomeDamaged, UsageError
from vitascope.base.privacy import Removed

log = logging.getLogger(__name__)

SETTINGS, LIBRARY, KEY, LOCK = "vitascope.toml", "library.db", "key", ".lock"
FOLDERS = ("models", "cache", "media", "logs", "exports")
OURS = frozenset(
    {
        SETTINGS,
        LIBRARY,
        f"{LIBRARY}-wal",
        f"{LIBRARY}-shm",
        KEY,
        LOCK,
        "pipelines",
        _traces.LIST,
        *FOLDERS,
        *_encrypt.NAMES,
    }
)
_BACKUPS_AT = "privacy:backups"
_BACKUPS = 200
_NOBODYS = frozenset({"lost+found", ".DS_Store", "Thumbs.db", "desktop.ini"})
_FIRST_SETTINGS = """\
# Settings of this library. Flags and VITASCOPE_* variables win over this file, this file wins over the defaults.
# `vitascope --help` and docs/ say what can be set.
"""


class Home:
    """The folder that holds the whole state of one library, and the library in it, open."""

    def __init__(self, path: Path, keys: _key.Keys, stores: Stores, config: Config) -> None:
        self.path, self.keys, self.stores, self.config = path, keys, stores, config
        self.settings_file = path / SETTINGS
        self.key_file = path / KEY
        self.library = path / LIBRARY
        """The SQLite file; not there where the rows live in PostgreSQL."""
        self.models, self.cache, self.media, self.logs, self.exports = (path / name for name in FOLDERS)
        self._lock = path / LOCK
        self._writing = threading.Lock()
        self._log: _logs.SharedFile | None = None

    @classmethod
    def open(
        cls,
        path: Path | str,
        stores: StoresConfig | None = None,
        config: Config | None = None,
        clock: Callable[[], float] = time.time,
        encrypt: bool = False,
    ) -> Home:
        """Open a home; make it where the folder is missing or empty; migrate an older one after a copy into exports/.

        Args:
            path: the folder.
            stores: where the rows live; by default `library.db` in the folder.
            config: limits.
            clock: seconds since 1970.
            encrypt: make a new home as an encrypted one, locked with the key that `_kek.secret` finds.

        Raises:
            UsageError: a folder with other people's things in it, or a file; `encrypt` where a plain home is.
            ConfigError: the key of an encrypted home is not at hand.
            HomeTooNew, HomeDamaged, NoSpace, ReadOnly, StoreError.
        """
        at = Path(path).expanduser().absolute()
        limits, rows = config or Config(), stores or StoresConfig()
        _make_folder(at)
        with only_one(at / LOCK, limits.lock_seconds):
            _refuse_strangers(at)
            for name in FOLDERS:
                private_folder(at / name)
            _encrypt.settle(at)
            keys = _keys_of(at, encrypt)
            if not (at / SETTINGS).exists():
                write_private(at / SETTINGS, _FIRST_SETTINGS.encode())
            where: str | Path = rows.url or at
            _save_older(at, where, keys, rows, clock)
            opened = Stores.open(where, keys.key, rows, clock, keys.vault)
            if not rows.url:
                with guard(at):
                    os.chmod(at / LIBRARY, 0o600)
        return cls(at, keys, opened, limits)

    @property
    def key(self) -> bytes:
        """The key of personal values and pseudonyms."""
        return self.keys.key

    @property
    def encrypted(self) -> bool:
        """Whether the home is encrypted as a whole."""
        return self.keys.vault is not None

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

        The key is not in it; the key file goes to `key_file` where one is named. Both have mode 600. The backup of an encrypted
        home is sealed as a whole. Others may go on working.

        Raises:
            UsageError: a file exists already. NoSpace, ReadOnly, StoreError.
        """
        with only_one(self._lock, self.config.lock_seconds):
            written = _backup.save(self.path, self.stores, Path(file), self.keys, key_file)
            known = [name for name in self.backups() if name != file.absolute()]
            told = json.dumps([str(name) for name in [*known, file.absolute()]][-_BACKUPS:])
            self.stores.settings.set(_BACKUPS_AT, told)
            return written

    def backups(self) -> list[Path]:
        """Backups that this home made, oldest first, wherever they are now."""
        return [Path(name) for name in json.loads(self.stores.settings.get(_BACKUPS_AT) or "[]")]

    def forget(self, text: str, second: Path | None = None) -> tuple[list[Removed], list[str]]:
        """Take an erased person's outside id out of logs, exports and caches, and tell restores of everybody who was erased.

        Args:
            second: another file for the list of the erased.

        Returns:
            What was removed, and the files that the list could not be written to.
        """
        with only_one(self._lock, self.config.lock_seconds):
            removed = _traces.remove(self.path, text)
            lists = [self.path / _traces.LIST, *([second] if second is not None else [])]
            lists += [_traces.beside(made) for made in self.backups() if made.exists()]
            return removed, _traces.bury(self.stores.erasure.tombstones(), lists)

    def keep_receipt(self, name: str, text: str) -> Path:
        """Keep a signed receipt in exports/receipts; it names nobody."""
        folder = self.exports / "receipts"
        private_folder(folder)
        write_private(folder / f"{name}.json", text.encode() + b"\n")
        return folder / f"{name}.json"

    def drop_model(self, path: str) -> None:
        """Remove the files of a trained model that the registry no longer knows."""
        _gc.remove_model(self.models, path)

    def opened_files(self) -> Iterator[tuple[str, bytes]]:
        """What the home's keys open beside the library: sealed files of the cache."""
        if self.keys.vault is None:
            return
        for path in sorted(self.cache.rglob("*")):
            if path.is_file() and not path.is_symlink() and is_sealed(path):
                yield path.relative_to(self.path).as_posix(), open_bytes(self.keys.vault, SIGNALS, path.read_bytes())

    def gc(self, dry_run: bool = False) -> dict[str, int]:
        """Clear caches over their limits, old models and old copies; answers bytes freed by part.

        Args:
            dry_run: only say what would go.
        """
        with only_one(self._lock, self.config.lock_seconds):
            return _gc.clear(self.path, self.stores.registry, self.config, dry_run, time.time())

    def put_private(self, file: Path, data: bytes) -> None:
        """Write a small file of mode 600, whole or not at all. One at a time. Raises NoSpace, ReadOnly, StoreError."""
        with self._writing:
            write_private(file, data)

    def close(self) -> None:
        """Close the library, and its log."""
        self.stores.close()
        if self._log is not None:
            _logs.take_down(self._log)

    def __enter__(self) -> Home:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def encrypt_home(path: Path, stores: StoresConfig | None = None, config: Config | None = None) -> int:
    """Encrypt a plain home with the key that `_kek.secret` finds; nobody may have it open. Goes on where it was cut short.

    Returns:
        How many records were sealed in PostgreSQL.

    Raises:
        UsageError: no home, or no key at hand. Busy: somebody has it open. NoSpace, ReadOnly, StoreError, ConfigError.
    """
    at, rows, limits = Path(path).expanduser().absolute(), stores or StoresConfig(), config or Config()
    if not is_home(at):
        raise UsageError("there is no home here", place=str(at), remedy="make one with `vitascope init --encrypt`")
    text = _kek.secret()
    if text is None and not _key.is_sealed(at / KEY):
        raise UsageError("there is no key to lock the home with", place=str(at), remedy=_kek.REMEDY)
    with only_one(at / LOCK, limits.lock_seconds):
        _encrypt.settle(at)
        keys = _key.read(at / KEY)
        if not rows.url:
            Stores.open(at, keys.key, rows, vault=keys.vault).close()  # the present schema, a sound file
        sealed = _encrypt.encrypt(at, keys, text or "", rows)
        with guard(at):
            shutil.rmtree(at / "cache" / "decoded", ignore_errors=True)
            if not rows.url:
                os.chmod(at / LIBRARY, 0o600)
        return sealed


def rotate_home(path: Path, new: Path | str, keep: bool = False, config: Config | None = None) -> None:
    """Let another key open an encrypted home: a key file's, or a text. Raises UsageError, ConfigError."""
    at, limits = Path(path).expanduser().absolute(), config or Config()
    text = _kek.read_file(new) if isinstance(new, Path) else _kek.checked(new, "the new key")
    with only_one(at / LOCK, limits.lock_seconds):
        _encrypt.rotate(at, text, keep)


def keep_in_keyring(path: Path, file: Path) -> None:
    """Keep the key that a file holds in the system's keyring, under this home's name. Raises UsageError, ConfigError."""
    at = Path(path).expanduser().absolute() / KEY
    if not at.exists() or not _key.is_sealed(at):
        raise UsageError("this home is not encrypted", place=str(at), remedy="run `vitascope privacy encrypt` first")
    text, found = _kek.read_file(file), _key.envelope(at)
    _key.unlock(found, text, at)  # a key that opens nothing is not worth keeping
    _kek.into_keyring(found.id, text)


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


def _keys_of(path: Path, encrypt: bool) -> _key.Keys:
    file = path / KEY
    if file.exists():
        if encrypt and not _key.is_sealed(file):
            raise UsageError(
                "this home is there already, and it is not encrypted",
                place=str(path),
                remedy="encrypt it with `vitascope privacy encrypt`",
            )
        return _key.read(file)
    library = path / LIBRARY
    if library.exists() and library.stat().st_size > 0:
        raise HomeDamaged(
            "the key of this home is missing, and a new one would not open what is stored",
            place=str(file),
            remedy="put the home's `key` file back",
        )
    if not encrypt:
        return _key.make(file)
    text = _kek.secret()
    if text is None:
        raise UsageError("there is no key to lock the home with", place=str(path), remedy=_kek.REMEDY)
    keys = _key.new()
    _key.write_envelope(file, _key.sealed(keys, text))
    return keys


def _save_older(path: Path, where: str | Path, keys: _key.Keys, rows: StoresConfig, clock: Callable[[], float]) -> None:
    """Copy a library that is about to be migrated into exports/."""
    if not rows.url and not (path / LIBRARY).exists():
        return
    found = Stores.older(where, keys.key, rows, keys.vault)
    if found is None:
        return
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(clock()))
    copy = path / "exports" / f"library-schema-{found}-{stamp}.db"
    log.info("keeping a copy of the library at schema %s before it is migrated", found)
    Stores.save_older(where, keys.key, copy, rows, keys.vault)
