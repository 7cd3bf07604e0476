"""PyAvReader: the MediaReader port over the worker process, with a cache of bundles by content.

Takes paths and hashes, gives Probe and Decoded. A bundle is one folder `decoded/<sha256>/`, made beside and renamed
into place, so that a kill leaves either a whole bundle or none. It knows no items.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from vitascope.backends.media._client import Worker, pack
from vitascope.backends.media._config import MediaConfig
from vitascope.base.errors import NoSpace, ReadOnly, StoreError, VitascopeError
from vitascope.base.media import Decoded, Probe
from vitascope.base.ports.accounts import DAY, AccountStore, Part, Use
from vitascope.base.ports.media import Limits

BUNDLE = 3
"""Version of the bundle: another one is made anew."""


class PyAvReader:
    """Probes and decodes with PyAV in a worker process. Implements `base.ports.media.MediaReader`."""

    def __init__(
        self,
        cache: Path,
        config: MediaConfig | None = None,
        accounts: AccountStore | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder = cache / "decoded"
        self._config = config or MediaConfig()
        self._worker = Worker()
        self._accounts, self._clock = accounts, clock
        self._mine: set[str] = set()

    @property
    def worker(self) -> Worker:
        """The worker process (tests and `status` look at it)."""
        return self._worker

    def probe(self, path: Path, limits: Limits) -> Probe:
        """Raises UnreadableMedia."""
        bounded = limits.model_copy(update={"seconds": min(limits.seconds, self._config.probe_seconds)})
        return Probe.model_validate(self._worker.ask({"op": "probe"}, path, bounded))

    def decode(self, path: Path, sha256: str, limits: Limits) -> Decoded:
        """Raises UnreadableMedia; StoreError where the cache cannot be written."""
        bundle = self._folder / sha256
        kept = self._kept(bundle)
        if kept is not None:
            self._note(Use(part=Part.DECODE, name="decode", kept=1, media=float(kept.duration)))
            return kept
        began = time.monotonic()
        made = self._made(path, sha256, limits, bundle)
        self._mine.add(sha256)
        took, size = time.monotonic() - began, _size(bundle) if self._accounts else 0
        self._note(Use(part=Part.DECODE, name="decode", made=1, seconds=took, media=float(made.duration), bytes=size))
        self._trim(keep=sha256)
        return made

    def forget(self, sha256: str) -> None:
        """Throw a bundle away."""
        shutil.rmtree(self._folder / sha256, ignore_errors=True)

    def forget_made(self) -> None:
        """Throw away all bundles that this reader made."""
        while self._mine:
            self.forget(self._mine.pop())

    def trim(self, limit: int) -> int:
        """Throw away bundles, longest unused first, down to `limit` bytes; answers the bytes freed."""
        sizes = []
        for bundle in self._bundles():
            with contextlib.suppress(OSError):
                sizes.append(((bundle / "bundle.json").stat().st_mtime, _size(bundle), bundle))
        total, freed = sum(size for _, size, _ in sizes), 0
        for _, size, bundle in sorted(sizes):
            if total - freed <= limit:
                break
            shutil.rmtree(bundle, ignore_errors=True)
            freed += size
        return freed

    def size(self, sha256: str | None = None) -> int:
        """Bytes of all bundles that are kept, or of one."""
        return sum(_size(b) for b in ([self._folder / sha256] if sha256 else self._bundles()))

    def close(self) -> None:
        """Stop the worker."""
        self._worker.close()

    def _note(self, use: Use) -> None:
        if self._accounts is not None:
            self._accounts.add(int(self._clock() // DAY), [use])

    def _bundles(self) -> list[Path]:
        with contextlib.suppress(OSError):
            return [p for p in self._folder.iterdir() if not p.name.startswith(".")]
        return []

    def _kept(self, bundle: Path) -> Decoded | None:
        try:
            stored = json.loads((bundle / "bundle.json").read_bytes())
            if stored.get("version") != BUNDLE:
                raise ValueError
            decoded = _placed(Decoded.model_validate(stored["decoded"]), bundle)
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, ValidationError):
            shutil.rmtree(bundle, ignore_errors=True)
            return None
        if any(
            not p.exists()
            for p in [
                *[f.path for f in (*decoded.frames, *decoded.readings)],
                *filter(None, (decoded.audio, decoded.cover)),
            ]
        ):
            shutil.rmtree(bundle, ignore_errors=True)
            return None
        with contextlib.suppress(OSError):
            os.utime(bundle / "bundle.json")
        return decoded

    def _made(self, path: Path, sha256: str, limits: Limits, bundle: Path) -> Decoded:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._sweep()
            folder = Path(tempfile.mkdtemp(prefix=".making-", dir=self._folder))
        except OSError as error:
            raise disk_error(error, self._folder) from error
        try:
            request: dict[str, Any] = {
                "op": "decode",
                "sha256": sha256,
                "folder": pack(folder),
            }
            decoded = Decoded.model_validate(self._worker.ask(request, path, limits))
            document = {"version": BUNDLE, "decoded": decoded.model_dump(mode="json")}
            with open(folder / "bundle.json", "w", encoding="utf-8") as file:
                json.dump(document, file)
                file.flush()
                os.fsync(file.fileno())
            try:
                os.rename(folder, bundle)
            except OSError:
                if self._kept(bundle) is None:  # another process was first, or left a broken one
                    shutil.rmtree(bundle, ignore_errors=True)
                    os.rename(folder, bundle)
            return _placed(decoded, bundle)
        except VitascopeError:
            if shutil.disk_usage(self._folder).free < 1 << 20:
                raise NoSpace(
                    "the disk is full",
                    place=str(self._folder),
                    remedy="free some space and run again; nothing is lost",
                ) from None
            raise
        except OSError as error:
            raise disk_error(error, self._folder) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _sweep(self) -> None:
        """Take away what killed runs left half made."""
        old = time.time() - 3_600
        for left in self._folder.glob(".making-*"):
            with contextlib.suppress(OSError):
                if left.stat().st_mtime < old:
                    shutil.rmtree(left, ignore_errors=True)

    def _trim(self, keep: str) -> None:
        self._since = getattr(self, "_since", 0) + 1
        if self._since % 50 == 1 and sum(_size(b) for b in self._bundles()) > self._config.decoded_bytes:
            with contextlib.suppress(OSError):
                os.utime(self._folder / keep / "bundle.json")
            self.trim(self._config.decoded_bytes)


def _placed(decoded: Decoded, bundle: Path) -> Decoded:
    """The record with its paths inside the bundle made absolute."""
    update: dict[str, Any] = {
        name: bundle / value
        for name in ("audio", "cover", "audio_print", "picture_print")
        if (value := getattr(decoded, name)) is not None
    }
    for pictures in ("frames", "readings"):
        update[pictures] = tuple(f.model_copy(update={"path": bundle / f.path}) for f in getattr(decoded, pictures))
    return decoded.model_copy(update=update)


def _size(folder: Path) -> int:
    """Bytes on disk (holes do not count)."""
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                stat = os.stat(os.path.join(where, name))
                total += getattr(stat, "st_blocks", stat.st_size // 512) * 512
    return total


def disk_error(error: OSError, place: Path) -> StoreError:
    """An OSError of our own folders as a StoreError."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return NoSpace(
            "the disk is full",
            place=str(place),
            remedy="free some space and run again; nothing is lost",
        )
    if error.errno in {errno.EROFS, errno.EACCES, errno.EPERM}:
        return ReadOnly(
            "the folder cannot be written",
            place=str(place),
            remedy="make it writable, or name another home",
        )
    return StoreError(
        f"the folder cannot be used ({error.strerror})",
        place=str(place),
        remedy="check the disk",
    )
