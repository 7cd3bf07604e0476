"""The cache's floor: blobs named by their SHA-256, folders of links to them, locks, pins of first-use files.

Takes files and hashes; gives paths. Two processes may use it at once: every file comes into place by os.replace, and what
is long (a download, a join, a derivation) is done under a lock file. It does not know packs or sources.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from vitascope.base.errors import NoSpace, ReadOnly

from ._archives import file_hash, save

_STALE_S = 86_400


class BlobStore:
    """Content-addressed files under `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._known: dict[str, tuple[int, int, int]] = {}
        self._guard = threading.Lock()

    def path(self, sha256: str) -> Path:
        """Where the blob of that hash lies, or would lie."""
        return self.root / "blobs" / sha256[:2] / sha256

    def intact(self, sha256: str) -> bool:
        """Whether the blob is there and its bytes have that hash (hashed once a process, again when the file changed)."""
        path = self.path(sha256)
        try:
            seen = _stamp(path)
        except OSError:
            return False
        with self._guard:
            if self._known.get(sha256) == seen:
                return True
        if file_hash(path) != sha256:
            return False
        with self._guard:
            self._known[sha256] = seen
        return True

    def forget(self, sha256: str) -> None:
        """Hash that blob anew next time."""
        with self._guard:
            self._known.pop(sha256, None)

    def put(self, stream: IO[bytes], sha256: str, size: int | None, where: str) -> Path:
        """Take bytes in; raises ChecksumRefused when they are not the ones named."""
        target = self.path(sha256)
        with disk(self.root):
            save(stream, target, sha256=sha256, size=size, where=where)
        self.forget(sha256)
        return target

    def join(self, parts: Sequence[str], sha256: str, size: int) -> Path:
        """Make a blob of several, in order; the parts are dropped afterwards."""
        with contextlib.ExitStack() as stack:
            streams = [stack.enter_context(self.path(p).open("rb")) for p in parts]
            target = self.put(_Chain(streams), sha256, size, "joined parts")  # type: ignore[arg-type]
        for part in parts:
            self.drop(part)
        return target

    def drop(self, sha256: str) -> int:
        """Delete a blob; gives the bytes freed."""
        self.forget(sha256)
        path = self.path(sha256)
        try:
            size = path.stat().st_size
            path.unlink()
        except OSError:
            return 0
        return size

    def folder(self, files: Sequence[tuple[str, str]]) -> Path:
        """A folder that holds blobs under their names (name, sha256): links where the file system has them, else copies.

        A graph with its weights in a file beside it (model.onnx_data) must lie in one real folder, or the runtime takes the
        weights for a path that leads out: then hard links.
        """
        real = any(".onnx" in name and not name.endswith(".onnx") for name, _ in files)
        key = hashlib.sha256(repr(sorted(files)).encode()).hexdigest()[:32]
        place = self.root / "folders" / key
        with disk(self.root):
            place.mkdir(parents=True, exist_ok=True)
            for name, sha256 in files:
                link, blob = place / name, self.path(sha256)
                if link.exists() and (link.samefile(blob) if real else link.stat().st_size == blob.stat().st_size):
                    continue
                link.parent.mkdir(parents=True, exist_ok=True)
                temporary = Path(tempfile.mktemp(prefix=".new-", dir=link.parent))
                try:
                    if real:
                        os.link(blob, temporary)
                    else:
                        temporary.symlink_to(os.path.relpath(blob, link.parent))
                except OSError:  # no links here (Windows without the right, some network disks)
                    shutil.copyfile(blob, temporary)
                os.replace(temporary, link)
        return place

    @contextlib.contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """One at a time among all processes that use this cache."""
        from filelock import FileLock

        folder = self.root / "locks"
        with disk(self.root):
            folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / (hashlib.sha256(name.encode()).hexdigest()[:24] + ".lock"), poll_interval=0.25):
            yield

    @contextlib.contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder for what comes in; what an interrupted run left there is cleared after a day."""
        base = self.root / "tmp"
        with disk(self.root):
            base.mkdir(parents=True, exist_ok=True)
            for old in base.iterdir():
                with contextlib.suppress(OSError):
                    if time.time() - old.stat().st_mtime > _STALE_S:
                        shutil.rmtree(old, ignore_errors=True)
            place = Path(tempfile.mkdtemp(dir=base))
        try:
            with disk(self.root):
                yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def pins(self) -> dict[str, str]:
        """Hashes written down at first use, by the name of what they pin."""
        try:
            found = json.loads((self.root / "pins.json").read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}

    def pin(self, name: str, sha256: str) -> None:
        """Write down the hash of a file whose pack could not state one."""
        with self.lock("pins"), disk(self.root):
            text = json.dumps(self.pins() | {name: sha256}, indent=1, sort_keys=True)
            write_whole(self.root / "pins.json", text.encode())

    def size(self) -> int:
        """Bytes the whole cache takes."""
        return sum(f.stat().st_size for f in self.root.rglob("*") if f.is_file() and not f.is_symlink())


class _Chain:
    """Several streams read as one."""

    def __init__(self, streams: list[IO[bytes]]) -> None:
        self._left = list(streams)

    def read(self, size: int = -1) -> bytes:
        while self._left:
            if chunk := self._left[0].read(size):
                return chunk
            self._left.pop(0)
        return b""


def write_whole(path: Path, data: bytes) -> None:
    """Write a small file in one step: temporary file, fsync, os.replace."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _stamp(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino


@contextlib.contextmanager
def disk(place: Path) -> Iterator[None]:
    """Turn a full or read-only disk into an error that says what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoSpace(
                "the disk is full",
                place=str(place),
                remedy="make room, or put the model cache elsewhere with VITASCOPE_MODELS; what is complete is kept",
            ) from error
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise ReadOnly(
                "the model cache cannot be written",
                place=str(place),
                remedy="give write access, or put the model cache elsewhere with VITASCOPE_MODELS",
            ) from error
        raise
