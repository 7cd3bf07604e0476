"""Takes named files out of a Debian package of a pinned version and SHA-256; nothing is installed, no root is needed.

A .deb is an `ar` archive that holds data.tar.*; both are read as archives. apt's own package lists name the source, so
this works where `apt-get` and its lists are there and says what is missing elsewhere. It knows no clip.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from vitascope.backends.models import WantedFile, file_hash
from vitascope.base.errors import ChecksumRefused, SourceUnavailable

_MAGIC = b"!<arch>\n"
_MAX_MEMBER = 1 << 30
_TIMEOUT_S = 600


def fetch_deb_files(package: str, sha256: str, wanted: Sequence[WantedFile], into: Path) -> tuple[Path, ...]:
    """Fetch files of a Debian package ("NAME==VERSION") into `into`; files there with the right hash are kept.

    Raises SourceUnavailable (no apt-get, no package lists, another version) or ChecksumRefused.
    """
    into.mkdir(parents=True, exist_ok=True)
    missing = [w for w in wanted if not _is_there(into / w.saved_as, w.sha256)]
    if missing:
        with tempfile.TemporaryDirectory(prefix=".deb-", dir=into) as scratch:
            archive = _download(package, Path(scratch))
            if file_hash(archive) != sha256:
                raise ChecksumRefused(
                    "what came is not the package that was named",
                    place=package,
                    remedy="run it again later",
                )
            take_from_deb(archive, missing, into)
    return tuple(into / w.saved_as for w in wanted)


def _is_there(path: Path, sha256: str) -> bool:
    return path.is_file() and file_hash(path) == sha256


def _download(package: str, scratch: Path) -> Path:
    program = shutil.which("apt-get")
    if program is None:
        raise SourceUnavailable(
            "it is a Debian package and there is no apt-get here",
            place=package,
            remedy="use a Debian-like system",
        )
    scratch.chmod(0o755)  # apt's own user may look in
    try:
        ran = subprocess.run(
            [program, "-q", "download", package.replace("==", "=")],
            cwd=scratch,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise SourceUnavailable(
            f"apt-get did not answer ({type(error).__name__})",
            place=package,
            remedy="run it again later",
        ) from error
    found = next(iter(sorted(scratch.glob("*.deb"))), None)
    if ran.returncode != 0 or found is None:
        raise SourceUnavailable(
            "apt-get has no such version in its package lists",
            place=package,
            remedy="run `apt-get update` as root and try again",
        )
    return found


def take_from_deb(archive: Path, wanted: Sequence[WantedFile], into: Path) -> None:
    """Write the wanted members of a .deb to `into`, each whole and only when its SHA-256 agrees."""
    left = {w.path: w for w in wanted}
    try:
        with _data(archive) as data, tarfile.open(fileobj=data, mode="r|*") as tar:
            for entry in tar:
                want = left.pop(entry.name, None)
                if want is None:
                    continue
                stream = tar.extractfile(entry) if entry.isreg() and entry.size <= _MAX_MEMBER else None
                if stream is None:
                    raise KeyError(entry.name)
                _save(
                    stream.read(_MAX_MEMBER),
                    want,
                    into,
                    f"{archive.name}: {entry.name}",
                )
                if not left:
                    return
    except (tarfile.TarError, EOFError, OSError, KeyError, ValueError) as error:
        raise SourceUnavailable(
            f"the package cannot be read: {error}",
            place=archive.name,
            remedy="fetch it again",
        ) from error
    raise SourceUnavailable(
        f"the package does not hold {', '.join(left)}",
        place=archive.name,
        remedy="tell the authors of Vitascope",
    )


@contextlib.contextmanager
def _data(archive: Path) -> Iterator[IO[bytes]]:
    """The data.tar.* member of an `ar` archive (60-byte headers, members padded to even length)."""
    with archive.open("rb") as f, tempfile.TemporaryFile() as copy:
        if f.read(8) != _MAGIC:
            raise ValueError("it is no ar archive")
        while header := f.read(60):
            if len(header) < 60 or header[58:60] != b"`\n":
                raise ValueError("its ar header is damaged")
            size = int(header[48:58])
            if not 0 <= size <= _MAX_MEMBER:
                raise ValueError("a member is larger than allowed")
            if header[:16].decode("ascii", "replace").strip().rstrip("/").startswith("data.tar"):
                copy.write(f.read(size))
                copy.seek(0)
                yield copy
                return
            f.seek(size + size % 2, os.SEEK_CUR)
        raise ValueError("it holds no data.tar")


def _save(content: bytes, want: WantedFile, into: Path, where: str) -> None:
    if hashlib.sha256(content).hexdigest() != want.sha256:
        raise ChecksumRefused(
            "the file was refused: its SHA-256 differs",
            place=where,
            remedy="do not use that source",
        )
    handle, name = tempfile.mkstemp(prefix=".new-", dir=into)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        os.replace(name, into / want.saved_as)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
