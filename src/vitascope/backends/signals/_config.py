"""Settings of the shared signal cache."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from vitascope.base.records import RoomConfig


class SignalsConfig(RoomConfig):
    """The cache of everything that was ever found in media, by content and by the code that found it; shared by this user's
    libraries."""

    shared: bool = True
    """Keep a copy of what is found where this user's other libraries find it; off: each library looks for itself."""
    folder: Path | None = None
    """Its folder; unset: `vitascope/signals` in the user's cache folder. Readable by this user alone."""
    bytes: int = Field(default=2 << 30, ge=0)
    """What it may hold; the longest unused goes first, and is looked for again when it is needed."""
