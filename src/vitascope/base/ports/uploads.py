"""Port of uploads: media that come in over the API in pieces. Tested through tests/serve/test_uploads.py and by itself in
tests/backends/home/test_uploads.py. The service's half is part of `Service`.

Errors: UnknownUpload, WrongOffset, TooLarge, UsageError, NoSpace, StoreError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from vitascope.base.ports.work import Progress, silent
from vitascope.base.records import Record


class UploadState(StrEnum):
    """How far an upload is."""

    OPEN = "open"
    """Bytes are still missing."""
    RECEIVED = "received"
    """All bytes are on disk; it becomes an item soon, after a restart too."""
    TAKEN = "taken"
    """It is an item's media."""
    FAILED = "failed"
    """No media that could be read; its bytes are gone again."""


class Upload(Record):
    """An upload as it stands."""

    upload_id: str
    length: int
    """Bytes in all."""
    offset: int
    """Bytes that are on disk."""
    state: UploadState = UploadState.OPEN
    told: tuple[tuple[str, str], ...] = ()
    """What the uploader says of it: filename, item_id, title, ..."""
    item_id: str
    """The item that it becomes, or a further medium of."""
    created_at: float
    expires_at: float
    """When an unfinished one is cleared away; each piece puts it off."""
    reason: str = ""
    remedy: str = ""


class UploadStore(Protocol):
    """Keeps the bytes. Safe from several threads and processes; what is acknowledged is on disk."""

    def begin(self, upload_id: str, length: int, told: tuple[tuple[str, str], ...], item_id: str) -> Upload:
        """Make room for an upload. The same id with the same words again is the one that is there.

        Raises:
            UsageError: the id is another upload's. TooLarge. NoSpace.
        """
        ...

    def get(self, upload_id: str) -> Upload:
        """Raises UnknownUpload."""
        ...

    def iter(self) -> Iterator[Upload]: ...
    def append(self, upload_id: str, offset: int, data: bytes) -> Upload:
        """Put bytes at the end. Raises WrongOffset where `offset` is not the end; TooLarge beyond the length."""
        ...

    def path(self, upload_id: str) -> Path:
        """Where the whole file of a received upload lies."""
        ...

    def settle(self, upload_id: str, state: UploadState, reason: str = "", remedy: str = "") -> Upload:
        """Say what became of a received upload; the bytes of a failed one go."""
        ...

    def drop(self, upload_id: str) -> None:
        """Forget an upload; bytes go unless an item stands on them. Raises UnknownUpload."""
        ...

    def forget_file(self, path: Path) -> bool:
        """Remove the file of an item that was erased, if it came as an upload."""
        ...


class Uploading(Protocol):
    """Uploads of one library."""

    def most_upload(self) -> int:
        """Bytes that one upload may have."""
        ...

    def begin_upload(self, length: int, told: dict[str, str], key: str | None = None) -> Upload:
        """`key`: the same one with the same words is the same upload."""
        ...

    def upload(self, upload_id: str) -> Upload: ...
    def append_upload(self, upload_id: str, offset: int, data: bytes) -> Upload: ...
    def drop_upload(self, upload_id: str) -> None: ...
    def received(self) -> int:
        """How many uploads wait to become items."""
        ...

    def take_uploads(self, progress: Progress = silent, stop: Callable[[], bool] = lambda: False) -> int:
        """Make items of what was received; answers how many came. What could not be read says so in its upload."""
        ...
