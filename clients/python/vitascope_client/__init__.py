"""A typed client of Vitascope's HTTP API.

    from vitascope_client import AskIn, Client, EventIn

    with Client("http://127.0.0.1:8000", token="...") as library:
        library.post_events(EventIn(user_id="ada", item_id="talk-7", type="like"))
        for line in library.post_recommendations(AskIn(user_id="ada", surface="video", n=10)).items:
            print(line.item_id, line.score)

Every operation of the OpenAPI document has a method of its name; this module adds pages and uploads.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

from vitascope_client import _answered, _asked
from vitascope_client._answered import *  # noqa: F403
from vitascope_client._asked import *  # noqa: F403
from vitascope_client._calls import Calls
from vitascope_client._http import Answered, ApiError, Asked

__version__ = "0.1.0"
_MODELS = sorted(
    name
    for module in (_answered, _asked)
    for name, value in vars(module).items()
    if isinstance(value, type) and issubclass(value, (Answered, Asked)) and value not in (Answered, Asked)
)
__all__ = ["ApiError", "Client", "pages", *_MODELS]


class _Page(Protocol):
    @property
    def cursor(self) -> str | None: ...


Page = TypeVar("Page", bound=_Page)


def pages(ask: Callable[[str | None], Page]) -> Iterator[Page]:
    """All pages of a list: `pages(lambda cursor: library.get_items(cursor=cursor, n=200))`."""
    cursor: str | None = None
    while True:
        page = ask(cursor)
        yield page
        if page.cursor is None:
            return
        cursor = page.cursor


class Client(Calls):
    """One library."""

    def upload(
        self, file: Path | str, *, key: str | None = None, piece: int = 4 << 20, **said: str
    ) -> _answered.UploadOut:
        """Send a media file in pieces; it becomes an item soon after. Ask `get_upload` how that went.

        Args:
            key: makes the upload safe to repeat: with the same key it goes on where it broke off.
            piece: bytes sent at once; the server takes up to `serve.max_body`.
            said: item_id, title, description, tags, language, creator, licence, credit, kind.
        """
        path = Path(file)
        told = {"filename": path.name} | said
        metadata = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in told.items())
        size = path.stat().st_size
        now = self.post_uploads(upload_length=size, upload_metadata=metadata, idempotency_key=key)
        with path.open("rb") as bytes_:
            at = now.offset
            while at < size:
                bytes_.seek(at)
                data = bytes_.read(piece)
                self.change_upload(now.upload_id, data, upload_offset=at)
                at += len(data)
        return self.get_upload(now.upload_id)
