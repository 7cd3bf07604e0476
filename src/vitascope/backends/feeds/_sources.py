"""Sources for connectors: a file, a folder, a zip or tar archive, an address. Implements `base.ports.connectors.Source`.

Nothing is ever unpacked to where an archive says: names are only looked up, and a file that is kept gets a name of ours.
Bounds: files in an archive, bytes of one, bytes of all together, and how tightly one may be packed.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import math
import os
import shutil
import tarfile
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any

from vitascope.base.errors import InputError, Refused, UsageError
from vitascope.base.ports.connectors import Fault, Source
from vitascope.base.records import Record

_BLOCK = 1 << 16
_LISTS = (".json", ".csv", ".html", ".txt")
_LOOSE = 10_000_000
"""Bytes below which how tightly a file is packed is not looked at."""

_HEAD = 1 << 20
"""Bytes that may stand between two files of a tar archive; what stands there is read into memory as a whole."""

Fetch = Callable[[str, int], bytes]


class ArchiveLimits(Record):
    """Bounds of one archive."""

    files: int
    file_bytes: int
    bytes: int
    ratio: int


def open_source(address: str, limits: ArchiveLimits, fetch: Fetch) -> Source:
    """The source at a path or an address ("file:" is a path; any other scheme is handed to connectors as it is).

    Raises:
        UsageError: there is no such file or folder.
        InputError: an archive that cannot be opened.
    """
    scheme, colon, rest = address.partition(":")
    if colon and len(scheme) > 1 and scheme.isidentifier() and not os.path.lexists(address):
        if scheme != "file":
            return AddressSource(address, fetch)
        address = rest.removeprefix("//")
    path = Path(os.path.abspath(address))
    if path.is_dir():
        return FolderSource(path, limits, fetch)
    if not path.is_file():
        raise UsageError("there is no such file or folder", place=address, remedy="check the path")
    try:
        if zipfile.is_zipfile(path):
            return ZipSource(path, limits, fetch)
        if path.name.lower().endswith((".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2")):
            return TarSource(path, limits, fetch)
    except (OSError, zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error) as error:
        raise InputError(
            f"the archive cannot be opened ({str(error)[:100] or type(error).__name__})",
            place=address,
            remedy="download it again",
        ) from error
    return FileSource(path, limits, fetch)


class AddressSource:
    """An address: it has no files, and a connector asks for what it needs."""

    def __init__(self, address: str, fetch: Fetch) -> None:
        self.address, self._fetch = address, fetch

    def names(self) -> tuple[str, ...]:
        """None."""
        return ()

    def head(self, name: str, n: int) -> bytes:
        """There is no file."""
        raise InputError("there is no such file", place=f"{self.address}/{name}", remedy="name a file of the source")

    def read(self, name: str) -> bytes:
        """There is no file."""
        return self.head(name, 0)

    def keep(self, name: str, folder: Path) -> Path:
        """There is no file."""
        raise InputError("there is no such file", place=f"{self.address}/{name}", remedy="name a file of the source")

    def fetch(self, url: str, limit: int) -> bytes:
        """Over the checked network."""
        return self._fetch(url, limit)

    def faults(self) -> tuple[Fault, ...]:
        """None."""
        return ()


class _Files:
    """What all sources with files share."""

    def __init__(self, path: Path, limits: ArchiveLimits, fetch: Fetch) -> None:
        self.path, self.limits, self._fetch = path, limits, fetch
        self.address = str(path)
        self._left = limits.bytes
        self._strange = 0

    def names(self) -> tuple[str, ...]:
        """Names of its files."""
        raise NotImplementedError

    def _open(self, name: str) -> AbstractContextManager[tuple[IO[bytes], int, int]]:
        """A file as a stream, the bytes it says it has, and those it takes packed (0: unknown)."""
        raise NotImplementedError

    def head(self, name: str, n: int) -> bytes:
        """The first bytes of a file."""
        return b"".join(self._blocks(name, n, cut=True))

    def read(self, name: str) -> bytes:
        """A file's bytes."""
        return b"".join(self._blocks(name, self.limits.file_bytes))

    def keep(self, name: str, folder: Path) -> Path:
        """A copy under its digest; the same file twice is one."""
        folder.mkdir(parents=True, exist_ok=True)
        suffix = PurePosixPath(name).suffix.lower()
        suffix = suffix if suffix[1:].isalnum() and len(suffix) < 8 else ".media"
        digest = hashlib.sha256()
        made = folder / f".{os.getpid()}-{abs(hash(name))}.tmp"
        try:
            with open(made, "wb") as file:
                for block in self._blocks(name, self.limits.bytes):
                    digest.update(block)
                    file.write(block)
                file.flush()
                os.fsync(file.fileno())
            target = folder / f"{digest.hexdigest()[:32]}{suffix}"
            os.replace(made, target)
        finally:
            made.unlink(missing_ok=True)
        return target

    def fetch(self, url: str, limit: int) -> bytes:
        """An archive leads nowhere."""
        raise Refused("an archive's connector asks for no address", place=url, remedy="name the address itself")

    def faults(self) -> tuple[Fault, ...]:
        """Names that lead out."""
        if not self._strange:
            return ()
        reason = f"{self._strange} files were left out: their names lead out of the archive, or are no names"
        return (Fault(place=self.address, reason=reason, remedy="download the archive again; trust this one not"),)

    def _blocks(self, name: str, limit: int, cut: bool = False) -> Iterator[bytes]:
        place = self.address if self.path.name == name else f"{self.address}/{name}"
        try:
            with self._open(name) as (stream, size, packed):
                if size > limit and not cut:
                    raise self._too_long(place, limit)
                read = 0
                while block := stream.read(min(_BLOCK, limit - read) if cut else _BLOCK):
                    read += len(block)
                    self._left -= len(block)
                    if read > limit:
                        raise self._too_long(place, limit)
                    if self._left < 0:
                        raise InputError(
                            f"more than {self.limits.bytes:,} bytes would have to be read",
                            place=self.address,
                            remedy="raise catalog.archive.bytes if the archive is yours",
                        )
                    if packed and read > _LOOSE and read > packed * self.limits.ratio:
                        raise InputError(
                            f"it unpacks to more than {self.limits.ratio} times its size, as a bomb does",
                            place=place,
                            remedy="download the archive again; raise catalog.archive.ratio if it is yours",
                        )
                    yield block
                    if cut and read >= limit:
                        break
        except (OSError, zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, RuntimeError, KeyError) as error:
            # RuntimeError: an encrypted member; NotImplementedError (a way of packing unknown to us) is one too
            raise InputError(
                f"it cannot be read ({str(error)[:100] or type(error).__name__})",
                place=place,
                remedy="download the archive again, without a password",
            ) from error

    def _too_long(self, place: str, limit: int) -> InputError:
        return InputError(f"it is longer than {limit:,} bytes", place=place, remedy="raise catalog.archive.file_bytes")

    def _checked(self, names: Iterator[str]) -> tuple[str, ...]:
        """Names that stay inside, each once, in order."""
        found: dict[str, None] = {}
        for name in names:
            if is_inside(name) and name not in found:
                found[name] = None
            else:
                self._strange += 1
            if len(found) > self.limits.files:
                raise InputError(
                    f"it holds more than {self.limits.files:,} files",
                    place=self.address,
                    remedy="raise catalog.archive.files if the archive is yours",
                )
        return tuple(sorted(found))


def is_inside(name: str) -> bool:
    """Whether an archive's name stays in the folder it would be unpacked to, on any system."""
    parts = name.split("/")
    return (
        0 < len(name) <= 1_000
        and not name.startswith("/")
        and "\\" not in name
        and ":" not in parts[0]
        and not any(p in ("", ".", "..") for p in parts)
        and name.isprintable()
    )


class FileSource(_Files):
    """One file."""

    def names(self) -> tuple[str, ...]:
        """Its own name."""
        return (self.path.name,)

    @contextmanager
    def _open(self, name: str) -> Iterator[tuple[IO[bytes], int, int]]:
        with open(self.path, "rb") as stream:
            yield stream, self.path.stat().st_size, 0


class FolderSource(_Files):
    """A folder; links that lead out of it are left out."""

    def __init__(self, path: Path, limits: ArchiveLimits, fetch: Fetch) -> None:
        super().__init__(path, limits, fetch)
        self._top = os.path.realpath(path)
        self._names: tuple[str, ...] | None = None

    def names(self) -> tuple[str, ...]:
        """Its files, hidden folders left out."""
        if self._names is None:
            self._names = self._checked(self._walk())
        return self._names

    def _walk(self) -> Iterator[str]:
        for folder, below, files in os.walk(self._top):
            below[:] = sorted(b for b in below if not b.startswith("."))
            for name in files:
                path = Path(folder, name)
                if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(self._top):
                    self._strange += 1
                elif path.is_file():
                    yield path.relative_to(self._top).as_posix().encode("utf-8", "replace").decode()

    @contextmanager
    def _open(self, name: str) -> Iterator[tuple[IO[bytes], int, int]]:
        path = Path(self._top, name)
        if not is_inside(name) or not Path(os.path.realpath(path)).is_relative_to(self._top):
            raise InputError("it lies outside the folder", place=name, remedy="name a file of the folder")
        with open(path, "rb") as stream:
            yield stream, path.stat().st_size, 0


class ZipSource(_Files):
    """A zip archive, never unpacked as a whole."""

    def __init__(self, path: Path, limits: ArchiveLimits, fetch: Fetch) -> None:
        super().__init__(path, limits, fetch)
        self._archive = zipfile.ZipFile(path)  # closes itself; opened once, since its list of files may be long
        self._names = self._checked(i.filename for i in self._archive.infolist() if not i.is_dir())

    def names(self) -> tuple[str, ...]:
        """Its files."""
        return self._names

    @contextmanager
    def _open(self, name: str) -> Iterator[tuple[IO[bytes], int, int]]:
        info = self._archive.getinfo(name)
        with self._archive.open(info) as stream:
            yield stream, info.file_size, max(1, info.compress_size)


class _Unpacked(io.BufferedIOBase):
    """A tar archive's bytes in order, unpacked as they are read.

    tarfile reads what a file is called and how it is laid out into memory before it tells of the file; so more than `_HEAD`
    bytes beyond the file before is refused here.
    """

    _KINDS: tuple[tuple[bytes, Callable[[Path], Any]], ...] = (
        (b"\x1f\x8b", gzip.open),
        (b"BZh", bz2.open),
        (b"\xfd7zXZ", lzma.open),
        (b"\x5d\x00\x00\x80", lzma.open),
        (b"", partial(open, mode="rb")),
    )

    def __init__(self, path: Path) -> None:
        self._path, self._left = path, _HEAD
        with open(path, "rb") as file:
            start = file.read(6)
        self._stream = next(kind for mark, kind in self._KINDS if start.startswith(mark))(path)

    def read(self, size: int | None = -1, /) -> bytes:
        """The next bytes, for tarfile."""
        try:
            block: bytes = self._stream.read(size)
        except lzma.LZMAError as error:
            raise tarfile.ReadError(str(error)) from error
        self._left -= len(block)
        if self._left < 0:
            raise InputError(
                f"more than {_HEAD:,} bytes stand in it where a file's name should",
                place=str(self._path),
                remedy="download it again; trust this one not",
            )
        return block

    def members(self) -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
        """(archive, member) in order; a member can be read until the next one is asked for. Raises InputError."""
        with self._stream, tarfile.open(fileobj=self, mode="r|") as archive:
            for member in archive:
                if member.issparse():  # its size says nothing of the bytes that it takes
                    raise tarfile.ReadError("it holds files with holes")
                self._left = _HEAD + member.size
                yield archive, member


class TarSource(_Files):
    """A tar archive, packed or not; links and devices in it are left out."""

    def __init__(self, path: Path, limits: ArchiveLimits, fetch: Fetch) -> None:
        super().__init__(path, limits, fetch)
        self._kept: dict[str, tuple[int, Path | None]] = {}
        # a packed archive can only be read from its beginning: lists are laid aside in one go, under names of ours
        self._folder = tempfile.mkdtemp(prefix="vitascope-")
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        seen = 0
        packed = max(1, path.stat().st_size)
        for number, (archive, member) in enumerate(_Unpacked(path).members()):
            seen += member.size
            if seen > limits.bytes or (seen > _LOOSE and seen > packed * limits.ratio):
                raise InputError(
                    "it unpacks to more than an archive may, as a bomb does",
                    place=str(path),
                    remedy="download it again; raise catalog.archive.bytes or .ratio if it is yours",
                )
            name = member.name.removeprefix("./")
            if len(self._kept) > limits.files:
                break  # `_checked` says so
            if member.isreg() and name not in self._kept:
                self._kept[name] = number, self._lay_aside(archive, member)
        self._names = self._checked(iter(self._kept))
        self._walk: Iterator[tuple[int, tuple[tarfile.TarFile, tarfile.TarInfo]]] = iter(())
        self._ahead: float = math.inf
        """Number of the member that the walk tells next; files asked for in the archive's order need one walk together."""

    def names(self) -> tuple[str, ...]:
        """Its files."""
        return self._names

    @contextmanager
    def _open(self, name: str) -> Iterator[tuple[IO[bytes], int, int]]:
        wanted, aside = self._kept.get(name, (-1, None))
        if aside is not None:
            with open(aside, "rb") as kept:
                yield kept, aside.stat().st_size, 0
            return
        if wanted < self._ahead:
            self._walk = enumerate(_Unpacked(self.path).members())
        self._ahead = math.inf  # until it is found: a walk that breaks off is not gone on with
        for number, (archive, member) in self._walk if wanted >= 0 else ():
            if number == wanted:
                self._ahead = number + 1
                stream = archive.extractfile(member)
                assert stream is not None
                yield stream, member.size, 0
                return
        raise InputError("there is no such file", place=f"{self.address}/{name}", remedy="download the archive again")

    def _lay_aside(self, archive: tarfile.TarFile, member: tarfile.TarInfo) -> Path | None:
        if not member.name.lower().endswith(_LISTS) or member.size > self.limits.file_bytes:
            return None
        stream = archive.extractfile(member)
        path = Path(self._folder, str(len(self._kept)))
        if stream is not None:
            with open(path, "wb") as file:
                shutil.copyfileobj(stream, file, _BLOCK)
        return path
