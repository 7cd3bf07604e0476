"""Files made for people, under the home's cache: a folder for each person, every file sealed with the home's key.

Takes a person's internal key, a name and bytes. The folder's name is a keyed digest, so that a listing names nobody. It can be
cleared at any time: everything in it can be made again.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import shutil
import tempfile
from pathlib import Path

from vitascope.backends.home._disk import guard, private_folder
from vitascope.backends.stores._cipher import Cipher
from vitascope.base.errors import HomeDamaged
from vitascope.base.records import PersonKey

_COLUMN = "personal.file"


class PersonalFolder:
    """Fulfils `base.ports.personal.PersonalFiles`.

    Args:
        folder: under the home's cache.
        key: of the home.
        most: bytes of one person; the longest unused go first.
    """

    def __init__(self, folder: Path, key: bytes, most: int = 512 << 20) -> None:
        self._folder, self._key, self._most = folder, key, most
        self._cipher = Cipher(key)

    def get(self, person: PersonKey, name: str) -> bytes | None:
        """What was kept; None where it was not, or does not open."""
        file = self._file(person, name)
        try:
            sealed = file.read_bytes()
            os.utime(file)
            return self._cipher.open(_COLUMN, sealed)
        except (OSError, HomeDamaged):
            return None

    def put(self, person: PersonKey, name: str, data: bytes) -> None:
        """Keep it, whole or not at all."""
        file = self._file(person, name)
        private_folder(self._folder)
        private_folder(file.parent)
        with guard(file.parent):
            handle, made = tempfile.mkstemp(prefix=".making-", dir=file.parent)
            with os.fdopen(handle, "wb") as out:
                out.write(self._cipher.seal(_COLUMN, data))
            os.replace(made, file)
        self._trim(file)

    def forget(self, person: PersonKey) -> int:
        """Throw away all of a person; answers how many files."""
        count = sum(1 for _ in self._of(person).iterdir()) if self._of(person).is_dir() else 0
        shutil.rmtree(self._of(person), ignore_errors=True)
        return count

    def _trim(self, keep: Path) -> None:
        found = sorted((f.stat().st_mtime, f.stat().st_size, f) for f in keep.parent.iterdir() if f.is_file())
        total = sum(size for _, size, _ in found)
        for _, size, file in found:
            if total <= self._most or file == keep:
                continue
            file.unlink(missing_ok=True)
            total -= size

    def _of(self, person: PersonKey) -> Path:
        digest = hmac.new(self._key, b"personal folder\0" + str(int(person)).encode(), hashlib.sha256).hexdigest()
        return self._folder / digest[:32]

    def _file(self, person: PersonKey, name: str) -> Path:
        return self._of(person) / hashlib.sha256(name.encode()).hexdigest()[:32]
