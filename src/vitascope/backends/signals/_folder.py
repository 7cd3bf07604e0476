"""Extractions as files by the hash of everything they were made from. Implements `base.ports.stores.SignalCache`.

Takes extractions; gives them back to whoever asks for the same bytes, model, options and prompt, in whatever library. One file
each, written beside and renamed into place, so that a kill leaves a whole one or none; what cannot be read is thrown away and
looked for again. A disk that is full or read-only makes it a cache that keeps nothing, never an error. It knows no library and no
path of any medium: a file holds what was found, which is about the bytes alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import re
import tempfile
import time
import zlib
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from vitascope.backends.privacy import SIGNALS, open_bytes, seal_bytes
from vitascope.backends.signals._config import SignalsConfig
from vitascope.base.content import Extraction
from vitascope.base.errors import HomeDamaged
from vitascope.base.records import AssetKey

log = logging.getLogger(__name__)

_KEY = re.compile(r"[0-9a-f]{64}")
_MOST = 64 << 20
"""Bytes of one extraction, unpacked: a damaged file must not fill the memory."""
_EVERY = 256
"""Puts between two looks at the size."""
_LOW = 0.9
"""Share of the bound that is left after clearing, so that not every put clears."""
_STALE = 86_400.0


def shared_folder(config: SignalsConfig) -> Path:
    """Where the cache lies."""
    if config.folder is not None:
        return config.folder.expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("vitascope", appauthor=False)) / "signals"


_CODE = ("describe", "backends/media", "backends/picture", "backends/speech", "backends/text", "backends/runtimes")
"""Parts of the package that make what is found."""


@cache
def code_digest() -> str:
    """Over the code and data that make what is found: what another version found is not taken, whatever its name."""
    package = Path(__file__).parents[2]
    digest = hashlib.sha256()
    for part in _CODE:
        for file in sorted((package / part).rglob("*")):
            if file.is_file() and file.suffix != ".pyc":
                digest.update(file.relative_to(package).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


class SignalFolder:
    """The cache. Safe for several threads and processes at once.

    Args:
        limit: bytes.
        code: what made what it holds; tests state their own.
        vault: key of an encrypted home, whose own cache this is then: what it holds (voices, faces, words) is sealed.
    """

    def __init__(self, folder: Path, limit: int, code: str | None = None, vault: bytes | None = None) -> None:
        self._folder, self._limit, self._code, self._vault = folder, limit, code, vault
        self._puts = 0

    def get(self, key: str) -> Extraction | None:
        """What was kept under that key; its `asset` is 0."""
        path = self._path(key)
        try:
            packed = path.read_bytes()
        except OSError:
            return None
        try:
            if self._vault is not None:
                packed = open_bytes(self._vault, SIGNALS, packed)
            unpack = zlib.decompressobj()
            data = unpack.decompress(packed, _MOST)
            found = Extraction.model_validate_json(data)
            if found.key != key or not unpack.eof:
                raise ValueError
        except (zlib.error, ValueError, ValidationError, HomeDamaged):
            with contextlib.suppress(OSError):
                path.unlink()
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # it was used: it goes last
        return found

    def put(self, extraction: Extraction) -> None:
        """Keep it."""
        path = self._path(extraction.key)
        data = zlib.compress(extraction.model_copy(update={"asset": AssetKey(0)}).model_dump_json().encode(), 1)
        if self._vault is not None:
            data = seal_bytes(self._vault, SIGNALS, data)
        try:
            if len(data) > self._limit:
                return
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                os.replace(name, path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            log.warning("the signal cache keeps nothing (%s): %s", error.strerror, self._folder)
            return
        self._puts += 1
        if self._puts % _EVERY == 1:
            self.trim()

    def size(self) -> int:
        """Bytes on the disk."""
        return sum(size for _, size, _ in self._files())

    def trim(self, dry_run: bool = False) -> int:
        """Throw away the longest unused while it is over its bound; answers the bytes freed (that would be)."""
        files = sorted(self._files())
        total, freed = sum(size for _, size, _ in files), 0
        old = time.time() - _STALE
        goal = self._limit * _LOW if total > self._limit else total
        for used, size, path in files:
            left_behind = path.name.startswith(".new-") and used < old
            if total - freed <= goal and not left_behind:
                continue
            if not dry_run:
                with contextlib.suppress(OSError):
                    path.unlink()
            freed += size
        return freed

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError(f"not a key of ours: {key[:80]!r}")
        name = hashlib.sha256(f"{self._code or code_digest()}:{key}".encode()).hexdigest()
        return self._folder / name[:2] / name

    def _files(self) -> list[tuple[float, int, Path]]:
        found = []
        for part in self._listed(self._folder):
            for entry in self._listed(Path(part.path)) if part.is_dir(follow_symlinks=False) else ():
                with contextlib.suppress(OSError):
                    state = entry.stat(follow_symlinks=False)
                    found.append((state.st_mtime, state.st_size, Path(entry.path)))
        return found

    @staticmethod
    def _listed(folder: Path) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                return list(entries)
        except OSError:
            return []
