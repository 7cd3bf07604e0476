"""Uploads as a part of the service: pieces come in, whole files become items, erased items take their files along.

What an upload says of itself (tus metadata) are the columns of a manifest; nothing else of it is believed.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from vitascope.assemble._content import Content
from vitascope.base.errors import UsageError
from vitascope.base.ports.uploads import Upload, UploadState
from vitascope.base.ports.work import Progress, silent
from vitascope.base.records import ItemKey

STATED = ("title", "description", "tags", "language", "published_at", "creator", "licence", "credit", "kind")
_LONGEST = 20_000


class Uploads(Content):
    """Media over the API."""

    def most_upload(self) -> int:
        """Bytes that one upload may have."""
        return self._rooms.settings.home.upload_bytes

    def begin_upload(self, length: int, told: dict[str, str], key: str | None = None) -> Upload:
        """Make room for an upload; the same key with the same words is the same upload."""
        if sum(len(name) + len(value) for name, value in told.items()) > _LONGEST:
            raise UsageError("too much is said of the upload", place="Upload-Metadata", remedy="change the item later")
        upload_id = secrets.token_hex(16) if key is None else sha256(f"upload\n{key}".encode()).hexdigest()[:32]
        item_id = told.get("item_id") or f"u_{upload_id[:20]}"
        if len(item_id) > 512:
            raise UsageError("the item_id is too long", place="Upload-Metadata", remedy="at most 512 characters")
        return self._rooms.uploads.begin(upload_id, length, tuple(sorted(told.items())), item_id)

    def upload(self, upload_id: str) -> Upload:
        """An upload as it stands."""
        return self._rooms.uploads.get(upload_id)

    def append_upload(self, upload_id: str, offset: int, data: bytes) -> Upload:
        """Put a piece at the end."""
        return self._rooms.uploads.append(upload_id, offset, data)

    def drop_upload(self, upload_id: str) -> None:
        """Forget an upload."""
        self._rooms.uploads.drop(upload_id)

    def received(self) -> int:
        """How many uploads wait to become items."""
        return sum(1 for upload in self._rooms.uploads.iter() if upload.state is UploadState.RECEIVED)

    def take_uploads(self, progress: Progress = silent, stop: Callable[[], bool] = lambda: False) -> int:
        """Make items of what was received."""
        waiting = [u for u in self._rooms.uploads.iter() if u.state is UploadState.RECEIVED]
        taken = 0
        for done, upload in enumerate(sorted(waiting, key=lambda u: (u.created_at, u.upload_id))):
            if stop():
                break
            progress("uploads", done, len(waiting))
            taken += self._take_upload(upload)
        if waiting:
            self._rooms.touch()
        return taken

    def _take_upload(self, upload: Upload) -> bool:
        uploads, items = self._rooms.uploads, self._rooms.stores.items
        path, told = uploads.path(upload.upload_id), dict(upload.told)
        known = items.get(upload.item_id) is not None
        row: dict[str, Any] = {name: told[name] for name in STATED if told.get(name)}
        if not known and "title" not in row and (stem := Path(told.get("filename", "")).stem):
            row["title"] = stem
        put, problems = self._rooms.catalog.put_rows([row | {"item_id": upload.item_id, "uri": str(path)}])
        if put and items.asset_by_uri(str(path)) is not None:
            uploads.settle(upload.upload_id, UploadState.TAKEN)
            return True
        found = list(self._rooms.stores.problems.iter())
        unread = next((p for p in reversed(found) if str(path) in f"{p.place} {p.reason}"), None)
        said = unread or next(iter(problems), None)
        reason = said.reason.replace(f"{path}: ", "") if said else "it holds no media that could be read"
        uploads.settle(
            upload.upload_id, UploadState.FAILED, reason, said.remedy if said else "upload a file that players play"
        )
        if put and not known:  # an item that was to stand on this file alone
            items.delete([item.key for item in [items.get(put[0])] if item is not None])
        return False

    # --- what goes with an item

    def delete_item(self, item_id: str) -> None:
        """Take an item out for good, with the files that came as uploads."""
        files = self._files([self._key(item_id)])
        super().delete_item(item_id)
        self._forget(files)

    def remove_items(self, item_ids: Sequence[str], erase: bool) -> list[str]:
        """Take items out of lists, or erase them with the files that came as uploads; answers the ids that were there."""
        items = self._rooms.stores.items
        known = items.keys(item_ids)
        keys = list(dict.fromkeys(known.values()))
        if keys:
            files = self._files(keys) if erase else []
            if erase:
                items.delete(keys)
            else:
                items.set_available(keys, False)
            self._rooms.touch()
            self._forget(files)
        return [name for name in dict.fromkeys(item_ids) if name in known]

    def _files(self, keys: Sequence[ItemKey]) -> list[Path]:
        return [Path(asset.uri) for group in self._rooms.stores.items.assets(keys).values() for asset in group]

    def _forget(self, files: Sequence[Path]) -> None:
        for file in files:
            self._rooms.uploads.forget_file(file)
