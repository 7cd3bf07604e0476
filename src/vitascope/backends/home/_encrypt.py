"""Turns a plain home into an encrypted one, and changes what opens it. Knows files and the stores' door.

The library is copied page by page into a sealed file beside it, checked, and given its name: that rename is the moment at which
the home is encrypted. What comes after (the new key file, the new library's place, the old one's end) is done again by whoever
opens the home next, if this process dies; what came before is thrown away. Nobody else may have the library open meanwhile.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from vitascope.backends.home import _kek, _key
from vitascope.backends.home._disk import guard, sync_folder
from vitascope.backends.stores import Config as StoresConfig
from vitascope.backends.stores import Stores
from vitascope.base.errors import ConfigError, UsageError

LIBRARY, KEY = "library.db", "key"
_SEALED, _PART, _PLAIN, _NEXT = "library.sealed", "library.sealed.part", "library.plain", "key.next"
_SIDES = ("-wal", "-shm", "-journal")
NAMES = frozenset({_SEALED, _PART, _PLAIN, _NEXT, *(f"{_PART}{side}" for side in _SIDES)})
"""Files that may stand in a home for a moment."""
_PIECE = 1 << 20


def settle(home: Path) -> None:
    """Finish an encryption that was cut short, or clear up one that had not come to its point."""
    sealed, library = home / _SEALED, home / LIBRARY
    with guard(home):
        if sealed.exists():
            if (home / _NEXT).exists():
                os.replace(home / _NEXT, home / KEY)
                sync_folder(home)
            if library.exists():
                os.replace(library, home / _PLAIN)
            for side in _SIDES:  # empty since the copy began: the log was folded in and turned off
                _shred(home / f"{LIBRARY}{side}")
            os.replace(sealed, library)
            sync_folder(home)
        for name in sorted(NAMES - {_SEALED}):
            _shred(home / name)


def encrypt(home: Path, keys: _key.Keys, text: str, stores: StoresConfig) -> int:
    """Encrypt a plain home, its lock held by the caller. Answers how many rows were sealed anew in PostgreSQL.

    Args:
        keys: of the plain home.
        text: the key that will open the home.

    Raises:
        Busy: somebody has the library open. NoSpace, ReadOnly, StoreError.
    """
    if keys.vault is None:
        new = _key.Keys(keys.key, _key.new().vault)
        envelope = _key.sealed(new, text)
        if not stores.url:
            _key.write_envelope(home / _NEXT, envelope)
            Stores.seal_file(home / LIBRARY, home / _PART, new.key, new.vault or b"", stores)
            with guard(home):
                os.replace(home / _PART, home / _SEALED)
                sync_folder(home)
        else:
            _key.write_envelope(home / KEY, envelope)
        settle(home)
        keys = new
    for copy in _copies(home):
        _seal_copy(copy, keys, stores)
    if not stores.url:
        return 0
    opened = Stores.open(stores.url, keys.key, stores, vault=keys.vault)
    try:
        return opened.seal_records()
    finally:
        opened.close()


def rotate(home: Path, text: str, keep: bool) -> None:
    """Lock the keys with another key; who has the home open goes on.

    Args:
        text: the new locking key.
        keep: let the one that opens it now open it still.

    Raises:
        UsageError: a plain home. ConfigError: what should open it does not.
    """
    file = home / KEY
    if not _key.is_sealed(file):
        raise UsageError("this home is not encrypted", place=str(home), remedy="run `vitascope privacy encrypt` first")
    found = _key.envelope(file)
    now = _kek.secret(found.id)
    if now is None:
        raise ConfigError("the key that opens this home is not at hand", place=str(file), remedy=_kek.REMEDY)
    keys = _key.unlock(found, now, file)
    kept = tuple(one for one in found.locks if _key.opens(one, now) is not None)[:1] if keep else ()
    _key.write_envelope(file, found.model_copy(update={"locks": (_key.lock(keys, text), *kept)}))


def _copies(home: Path) -> Iterator[Path]:
    """Copies of the library from before migrations that are not sealed yet."""
    for file in sorted((home / "exports").glob("library-schema-*.db")):
        with guard(file), file.open("rb") as raw:
            if raw.read(16) == b"SQLite format 3\0":
                yield file


def _seal_copy(file: Path, keys: _key.Keys, stores: StoresConfig) -> None:
    part = file.with_name(f".{file.name}.part")
    with guard(file):
        part.unlink(missing_ok=True)
    Stores.seal_file(file, part, keys.key, keys.vault or b"", stores)
    with guard(file):
        old = file.with_name(f".{file.name}.old.part")
        os.replace(file, old)
        os.replace(part, file)
        _shred(old)


def _shred(file: Path) -> None:
    """Overwrite and remove: on a disk that writes in place nothing is left; one that does not may keep old blocks for a while."""
    try:
        size = file.stat().st_size
    except FileNotFoundError:
        return
    with file.open("r+b") as raw:
        for start in range(0, size, _PIECE):
            raw.write(bytes(min(_PIECE, size - start)))
        raw.flush()
        os.fsync(raw.fileno())
    file.unlink(missing_ok=True)
