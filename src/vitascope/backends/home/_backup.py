"""Backup and restore of a home: one zip file with a manifest of checksums; the key apart. That of an encrypted home is sealed.

A backup is read as hostile: names, sizes and checksums are checked before anything of it is used, and the home appears
only when all of it is there.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from pydantic import Field, ValidationError

from vitascope.backends.home import _key, _traces
from vitascope.backends.home._disk import PRIVATE_FILE, guard, sync_folder, write_private
from vitascope.backends.home._key import Keys
from vitascope.backends.privacy import SealedReader, SealedWriter, is_sealed
from vitascope.backends.stores import Config as StoresConfig
from vitascope.backends.stores import Stores
from vitascope.base.errors import HomeDamaged, HomeTooNew, NoSpace, UsageError
from vitascope.base.records import Record

FORMAT = 1
MANIFEST, LIBRARY, SETTINGS = "manifest.json", "library.db", "vitascope.toml"
TREES = ("models", "pipelines", "media/uploads")
_PIECE = 1 << 20
_MANIFEST_BYTES = 64 << 20
_BAD = "make a new backup with `vitascope backup`, or use another copy of this one"


class Member(Record):
    """A file of a backup."""

    bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Manifest(Record):
    """What a backup holds."""

    format: int
    schema_version: str
    created_at: float
    files: dict[str, Member]


PURPOSE = b"backup"
"""Of the key that seals backups."""


def save(home: Path, stores: Stores, file: Path, keys: Keys, key_file: Path | None) -> int:
    """Write the backup, and the home's key file to `key_file` where one is named. Answers the bytes of the backup."""
    file = file.absolute()
    for path in (file, key_file):
        if path is not None and path.exists():
            raise UsageError("this file exists already", place=str(path), remedy="name a new file")
        if path is not None and not path.absolute().parent.is_dir():
            raise UsageError("there is no such folder", place=str(path.absolute().parent), remedy="make it first")
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    with guard(file), tempfile.TemporaryDirectory(prefix=".backup-", dir=home / "exports") as scratch:
        snapshot = Path(scratch) / LIBRARY
        # The rows first: models are written before their row, so every row of the snapshot has its files.
        stores.snapshot(snapshot)
        files: dict[str, Member] = {}
        try:
            with (
                open(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, PRIVATE_FILE), "w+b") as raw,
                _sealing(raw, keys.vault) as out,
                zipfile.ZipFile(cast("IO[bytes]", out), "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
            ):
                files[LIBRARY] = _add(archive, snapshot, LIBRARY)
                if (home / SETTINGS).exists():
                    files[SETTINGS] = _add(archive, home / SETTINGS, SETTINGS)
                for tree in TREES:
                    for path in _files(home / tree):
                        name = path.relative_to(home).as_posix()
                        files[name] = _add(archive, path, name)
                manifest = Manifest(
                    format=FORMAT, schema_version=stores.schema_version, created_at=time.time(), files=files
                )
                archive.writestr(MANIFEST, manifest.model_dump_json(indent=1))
                archive.close()
                if isinstance(out, SealedWriter):
                    out.finish()
                raw.flush()
                os.fsync(raw.fileno())
            os.replace(part, file)
            sync_folder(file.parent)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    if key_file is not None:
        write_private(key_file.absolute(), (home / "key").read_bytes())
    return file.stat().st_size


@contextmanager
def _sealing(raw: IO[bytes], vault: bytes | None) -> Iterator[IO[bytes] | SealedWriter]:
    yield raw if vault is None else SealedWriter(raw, vault, PURPOSE)


def restore(
    file: Path, into: Path, key_file: Path, stores: StoresConfig | None = None, erased: Sequence[Path] = ()
) -> Path:
    """Make a home from a backup. Nothing appears at `into` unless all of it is sound.

    Who was erased after the backup was made is erased again before the home appears: by the list in the backup, beside it
    (FILE.erased), beside the key file, and those in `erased`.

    Args:
        file: the backup.
        into: a missing or empty folder.
        key_file: the `key` file that the home had; one of an encrypted home needs what opens it at hand (`_kek`).
        stores: where the rows go; by default into `library.db`.
        erased: more lists of the erased (`erased.json` of a home).

    Returns:
        The home's folder.

    Raises:
        UsageError: the folder is not empty, or a file is missing. HomeDamaged: the backup is damaged or not one, or the
        key is another. HomeTooNew, NoSpace, ReadOnly, StoreError.
    """
    into, file = Path(into).expanduser().absolute(), Path(file)
    if not file.is_file():
        raise UsageError("there is no such backup", place=str(file))
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise UsageError(
            "a backup is restored into a new or empty folder only", place=str(into), remedy="name another with --home"
        )
    keys = _key.read(Path(key_file))
    tombstones = _traces.read([_traces.beside(file), _traces.beside(Path(key_file))]) | _traces.read(
        erased, strict=True
    )
    was_there = into.exists()
    with guard(into):
        into.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = into / ".restoring"
    try:
        with guard(into):
            scratch.mkdir(mode=0o700)
            _unpack(file, scratch, keys.vault)
            write_private(scratch / "key", Path(key_file).read_bytes())
            opened = Stores.open(scratch, keys.key, vault=keys.vault)  # the right key, a schema we know, a sound file
            try:
                bury_again(opened, scratch, tombstones)
            finally:
                opened.close()
            if stores is not None and stores.url:
                Stores.load(scratch / LIBRARY, stores.url, keys.key, stores, keys.vault)
                for ending in ("", "-wal", "-shm"):
                    (scratch / f"{LIBRARY}{ending}").unlink(missing_ok=True)
            # The key last: a folder without key and library is no home, so half a move is never taken for one.
            for path in sorted(scratch.iterdir(), key=lambda p: (p.name == "key", p.name == LIBRARY)):
                os.rename(path, into / path.name)
            scratch.rmdir()
            sync_folder(into)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        if not was_there and not any(into.iterdir()):
            into.rmdir()
        raise
    return into


def bury_again(stores: Stores, home: Path, tombstones: dict[bytes, str]) -> int:
    """Erase whoever of a restored library stands in a list of the erased; answers how many."""
    known = stores.erasure.tombstones() | tombstones
    found = stores.erasure.find(list(known))
    for name, (person, outside) in found.items():
        stores.erasure.erase(person, outside, known[name])
        _traces.remove(home, outside)
    if found:
        stores.erasure.compact()
    _traces.bury(known, [home / _traces.LIST] if known else [])
    return len(found)


def _unpack(file: Path, into: Path, vault: bytes | None) -> None:
    if vault is None and is_sealed(file):
        raise HomeDamaged(
            "this backup is encrypted, and the key file is that of a plain home",
            place=str(file),
            remedy="name the `key` file that the encrypted home has",
        )
    try:
        with file.open("rb") as raw, zipfile.ZipFile(_source(raw, file, vault)) as archive:
            manifest = _manifest(archive, file)
            _check_names(manifest, archive, file)
            wanted = sum(member.bytes for member in manifest.files.values())
            if wanted > shutil.disk_usage(into).free:
                raise NoSpace(f"the backup needs {wanted} bytes", place=str(into), remedy="free some space")
            for name, member in manifest.files.items():
                target = into / name
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with archive.open(name) as source, _private(target) as out:
                    _copy(source, out, member, f"{file}: {name}")
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, KeyError) as error:
        raise HomeDamaged("this is no backup, or a damaged one", place=str(file), remedy=_BAD) from error


def _source(raw: IO[bytes], file: Path, vault: bytes | None) -> Any:
    if vault is None:
        return raw
    if not is_sealed(file):  # made before the home was encrypted: its library opens no more with these keys
        raise HomeDamaged(
            "this backup is not encrypted, and the key file is that of an encrypted home",
            place=str(file),
            remedy="name the `key` file that the home had when the backup was made",
        )
    return io.BufferedReader(SealedReader(raw, vault, PURPOSE, str(file)), 1 << 18)


def _manifest(archive: zipfile.ZipFile, file: Path) -> Manifest:
    if archive.getinfo(MANIFEST).file_size > _MANIFEST_BYTES:
        raise HomeDamaged("the backup's manifest is too large", place=str(file), remedy=_BAD)
    try:
        raw = json.loads(archive.read(MANIFEST))
        newer = isinstance(raw, dict) and isinstance(raw.get("format"), int) and raw["format"] > FORMAT
        manifest = None if newer else Manifest.model_validate(raw)
    except (ValueError, ValidationError) as error:
        raise HomeDamaged("the backup's manifest cannot be read", place=str(file), remedy=_BAD) from error
    if manifest is None:
        raise HomeTooNew(
            "this backup was made by a newer Vitascope", place=str(file), remedy="install the newer version"
        )
    return manifest


def _check_names(manifest: Manifest, archive: zipfile.ZipFile, file: Path) -> None:
    names = archive.namelist()
    allowed = {LIBRARY, SETTINGS}
    for name in manifest.files:
        parts = PurePosixPath(name).parts
        is_below = any(name.startswith(f"{tree}/") for tree in TREES)
        is_plain = "\\" not in name and ":" not in name and "\0" not in name and "/".join(parts) == name
        if not is_plain or ".." in parts or (name not in allowed and not is_below):
            raise HomeDamaged(f"the backup names a file that no home has: {name!r}", place=str(file), remedy=_BAD)
    if LIBRARY not in manifest.files or sorted(names) != sorted([*manifest.files, MANIFEST]):
        raise HomeDamaged("the backup and its manifest differ", place=str(file), remedy=_BAD)


def _copy(source: IO[bytes], out: IO[bytes], member: Member, place: str) -> None:
    digest, left = hashlib.sha256(), member.bytes
    while piece := source.read(min(_PIECE, left + 1)):
        left -= len(piece)
        if left < 0:
            break
        digest.update(piece)
        out.write(piece)
    if left != 0 or digest.hexdigest() != member.sha256:
        raise HomeDamaged("a file of the backup is damaged", place=place, remedy=_BAD)
    out.flush()
    os.fsync(out.fileno())


def _private(path: Path) -> IO[bytes]:
    return open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE_FILE), "wb")


def _add(archive: zipfile.ZipFile, path: Path, name: str) -> Member:
    digest, size = hashlib.sha256(), 0
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as out:
        while piece := source.read(_PIECE):
            digest.update(piece)
            size += len(piece)
            out.write(piece)
    return Member(bytes=size, sha256=digest.hexdigest())


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink() and not p.name.endswith(".part"))
