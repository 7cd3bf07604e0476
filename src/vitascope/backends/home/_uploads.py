"""Uploads in the home's media/uploads: one folder each, with the bytes and a note of what was said of them.

Implements `base.ports.uploads.UploadStore`. The offset of an unfinished upload is the length of its file: nothing has to
be kept in step, and what a crash cut short goes on where it broke off.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from vitascope.backends.home._config import Config
from vitascope.backends.home._disk import (
    PRIVATE_FILE,
    guard,
    only_one,
    private_folder,
    sync_folder,
    write_all,
    write_private,
)
from vitascope.base.errors import NoSpace, TooLarge, UnknownUpload, UsageError, WrongOffset
from vitascope.base.ports.uploads import Upload, UploadState

_NOTE, _PART, _LOCK = "told.json", "data.part", ".lock"
_ID = re.compile(r"[0-9a-f]{32}")
_DAY = 86_400.0
_SPARE = 64 << 20
"""Bytes that an upload leaves free on the disk: the library must still be able to write."""


class UploadFolder:
    """Uploads of one home."""

    def __init__(self, folder: Path, config: Config | None = None, clock: Callable[[], float] = time.time) -> None:
        self._folder, self._config, self._clock = folder, config or Config(), clock

    def begin(self, upload_id: str, length: int, told: tuple[tuple[str, str], ...], item_id: str) -> Upload:
        """Make room for an upload."""
        if length < 1:
            raise UsageError("an upload has at least one byte", place="Upload-Length", remedy="state the file's size")
        if length > self._config.upload_bytes:
            raise TooLarge(
                f"an upload of {length} bytes, {self._config.upload_bytes} at most",
                place="Upload-Length",
                remedy="ingest the file on the machine itself, or raise home.upload_bytes",
            )
        place = self._place(upload_id)
        private_folder(self._folder)
        with only_one(self._folder / _LOCK, self._config.lock_seconds):
            if (place / _NOTE).exists():
                there = self.get(upload_id)
                if (there.length, there.told) != (length, told):
                    raise UsageError(
                        "this Idempotency-Key was used for another upload",
                        place="Idempotency-Key",
                        remedy="take a new key for each upload",
                    )
                return there
            self._sweep()
            open_ = [u for u in self.iter() if u.state is UploadState.OPEN]
            if len(open_) >= self._config.uploads_open:
                raise TooLarge(
                    f"{len(open_)} uploads are unfinished",
                    place="uploads",
                    remedy="finish or DELETE some, or raise home.uploads_open",
                )
            promised = sum(u.length - u.offset for u in open_)
            with guard(self._folder):
                free = shutil.disk_usage(self._folder).free
            if length + promised + _SPARE > free:
                raise NoSpace("the disk has no room for this upload", remedy="free some space, then try again")
            private_folder(place)
            with guard(place):
                os.close(os.open(place / _PART, os.O_CREAT | os.O_WRONLY, PRIVATE_FILE))
            note = {
                "length": length,
                "told": told,
                "item_id": item_id,
                "created_at": self._clock(),
                "state": UploadState.OPEN,
            }
            self._write(place, note)
            sync_folder(self._folder)
        return self.get(upload_id)

    def get(self, upload_id: str) -> Upload:
        """An upload as it stands."""
        place = self._place(upload_id)
        note = self._read(place)
        state = UploadState(note["state"])
        offset, touched = int(note["length"]), float(note["created_at"])
        if state is UploadState.OPEN:
            with suppress(OSError):
                status = (place / _PART).stat()
                offset, touched = status.st_size, max(touched, status.st_mtime)
        return Upload(
            upload_id=upload_id,
            length=note["length"],
            offset=offset,
            state=state,
            told=tuple((str(name), str(value)) for name, value in note["told"]),
            item_id=note["item_id"],
            created_at=note["created_at"],
            expires_at=touched + self._config.upload_days * _DAY,
            reason=note.get("reason", ""),
            remedy=note.get("remedy", ""),
        )

    def iter(self) -> Iterator[Upload]:
        """All uploads, in order of their ids."""
        with suppress(OSError):
            for place in sorted(self._folder.iterdir()):
                if _ID.fullmatch(place.name):
                    with suppress(UnknownUpload):
                        yield self.get(place.name)

    def append(self, upload_id: str, offset: int, data: bytes) -> Upload:
        """Put bytes at the end; on disk when it returns."""
        place = self._place(upload_id)
        if not place.is_dir():
            raise _unknown(upload_id)
        with only_one(place / _LOCK, self._config.lock_seconds):
            there = self.get(upload_id)
            if there.state is not UploadState.OPEN or offset != there.offset:
                raise WrongOffset(
                    f"{there.offset} bytes are here, not {offset}",
                    place="Upload-Offset",
                    remedy="ask with HEAD where to go on",
                )
            if offset + len(data) > there.length:
                raise TooLarge(
                    f"more than the {there.length} bytes that were announced", place="body", remedy="begin a new upload"
                )
            with guard(place):
                file = os.open(place / _PART, os.O_WRONLY | os.O_APPEND)
                try:
                    write_all(file, data)
                finally:
                    os.close(file)
            if offset + len(data) == there.length:
                self._receive(place, dict(there.told))
                self._write(place, self._read(place) | {"state": UploadState.RECEIVED})
        return self.get(upload_id)

    def path(self, upload_id: str) -> Path:
        """Where the whole file of a received upload lies."""
        place = self._place(upload_id)
        note = self._read(place)
        return place / _file_name(dict(note["told"]))

    def settle(self, upload_id: str, state: UploadState, reason: str = "", remedy: str = "") -> Upload:
        """Say what became of a received upload."""
        place = self._place(upload_id)
        with only_one(place / _LOCK, self._config.lock_seconds):
            note = self._read(place) | {"state": state, "reason": reason, "remedy": remedy}
            self._write(place, note)
            if state is UploadState.FAILED:
                with guard(place):
                    self.path(upload_id).unlink(missing_ok=True)
        return self.get(upload_id)

    def drop(self, upload_id: str) -> None:
        """Forget an upload; the bytes stay where an item stands on them."""
        there, place = self.get(upload_id), self._place(upload_id)
        with guard(place):
            if there.state is UploadState.TAKEN:
                (place / _NOTE).unlink(missing_ok=True)
            else:
                shutil.rmtree(place, ignore_errors=True)

    def forget_file(self, path: Path) -> bool:
        """Remove the file of an item that was erased, if it came as an upload."""
        place = path.parent
        if place.parent != self._folder or not _ID.fullmatch(place.name) or place.is_symlink():
            return False
        shutil.rmtree(place, ignore_errors=True)
        return True

    # --- inside

    def _receive(self, place: Path, told: dict[str, str]) -> None:
        """Give the whole file its name, before the note says so: after a crash in between, `append` finds nothing."""
        with guard(place):
            os.replace(place / _PART, place / _file_name(told))
        sync_folder(place)

    def _sweep(self) -> None:
        """Clear away what nobody went on with, and notes of what failed long ago."""
        now = self._clock()
        for upload in self.iter():
            if upload.state in (UploadState.OPEN, UploadState.FAILED) and upload.expires_at < now:
                shutil.rmtree(self._place(upload.upload_id), ignore_errors=True)

    def _place(self, upload_id: str) -> Path:
        if not _ID.fullmatch(upload_id):
            raise _unknown(upload_id)
        return self._folder / upload_id

    def _read(self, place: Path) -> dict[str, Any]:
        try:
            note: dict[str, Any] = json.loads((place / _NOTE).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise _unknown(place.name) from error
        if note["state"] == UploadState.OPEN and not (place / _PART).exists():
            whole = place / _file_name(dict(note["told"]))
            if whole.exists():  # a crash between the name and the note
                note["state"] = UploadState.RECEIVED
        return note

    def _write(self, place: Path, note: dict[str, Any]) -> None:
        write_private(place / _NOTE, json.dumps(note).encode())


def _unknown(upload_id: str) -> UnknownUpload:
    return UnknownUpload(
        "there is no such upload",
        place=upload_id[:40],
        remedy="begin one with POST /v1/uploads; unfinished ones expire",
    )


def _file_name(told: dict[str, str]) -> str:
    """A plain name with the ending that the uploader's file had."""
    said = told.get("filename") or told.get("name") or ""
    stem, dot, ending = said.replace("\\", "/").rsplit("/", 1)[-1].rpartition(".")
    ending = re.sub(r"[^a-z0-9]", "", ending.lower())[:8] if dot else ""
    stem = re.sub(r"[^A-Za-z0-9_-]+", "_", stem if dot else said).strip("_-")[:60] or "media"
    return f"{stem}.{ending}" if ending and ending not in ("part", "json", "tmp") else stem
