"""Files made with care: private modes, whole or not at all, one process at a time, errors in our own words."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from vitascope.base.errors import HomeDamaged, NoSpace, ReadOnly, StoreError

PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}


@contextmanager
def guard(place: Path) -> Iterator[None]:
    """Say the file system's errors in our own words."""
    try:
        yield
    except OSError as error:
        raise translate(error, place) from error


def translate(error: OSError, place: Path) -> StoreError:
    """An error of the file system as one of ours."""
    where = str(error.filename or place)
    if error.errno in _FULL:
        return NoSpace(
            "the disk or the quota is full: what was there before is kept",
            place=where,
            remedy="free some space (`vitascope gc` clears caches) and run again",
        )
    if error.errno in _READ_ONLY:
        return ReadOnly(
            "cannot be written: the disk, the folder or the file is read-only for this user",
            place=where,
            remedy="give this user write access, or choose another home with --home",
        )
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return HomeDamaged("is missing", place=where, remedy="check the path, or restore a backup")
    return StoreError(f"the file system refused: {error.strerror or error}", place=where)


def private_folder(path: Path) -> None:
    """Make a folder that its owner alone may enter; a folder that is there is left as it is."""
    with guard(path):
        path.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)


def write_private(path: Path, data: bytes) -> None:
    """Write a file of mode 600, whole or not at all, on the disk when the call returns."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with guard(path):
        try:
            file = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE_FILE)
            try:
                write_all(file, data)
            finally:
                os.close(file)
            os.replace(part, path)
            sync_folder(path.parent)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def write_all(file: int, data: bytes) -> None:
    """Write every byte to an open file, on the disk when the call returns."""
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]
    os.fsync(file)


def sync_folder(path: Path) -> None:
    """Make names in a folder durable, where the system can."""
    with suppress(OSError):
        folder = os.open(path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def only_one(path: Path, seconds: float) -> Iterator[None]:
    """Hold a lock file: one process (and thread) at a time. The system lets go of it when a process dies.

    Raises:
        StoreError: another process held it for longer than `seconds`.
    """
    with guard(path):
        file = os.open(path, os.O_CREAT | os.O_RDWR, PRIVATE_FILE)
    try:
        end = time.monotonic() + seconds
        while not _try_lock(file):
            if time.monotonic() > end:
                raise StoreError(
                    "another process is making, migrating, saving or clearing this home",
                    place=str(path),
                    remedy="let it finish, then run again",
                )
            time.sleep(0.05)
        yield
    finally:
        os.close(file)


def _try_lock(file: int) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def size_of(path: Path) -> int:
    """Bytes of all files below a path; links are not followed."""
    total = 0
    ahead = [path]
    while ahead:
        at = ahead.pop()
        try:
            if at.is_symlink():
                continue
            if at.is_dir():
                ahead.extend(at.iterdir())
            else:
                total += at.stat().st_size
        except OSError:  # it went away meanwhile
            continue
    return total
