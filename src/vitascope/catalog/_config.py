"""Settings of the catalogue."""

from __future__ import annotations

from pydantic import Field

from vitascope.base.ports.media import Limits
from vitascope.base.records import RoomConfig


class CatalogConfig(RoomConfig):
    """How files, manifests and feeds are taken in."""

    limits: Limits = Limits()
    """Bounds of decoding one file."""
    text_fields: tuple[str, ...] = ("title", "description", "tags", "creator")
    """Fields that say what an item is, where the command names none."""
    near_duplicates: bool = True
    """Look for copies of works after an ingest (exact copies are always linked)."""
    rows: int = Field(default=1_000, ge=1, le=20_000)
    """Rows of a manifest that are written at once."""
    feed_bytes: int = Field(default=20_000_000, ge=1_000)
    """A feed may be this long."""
    feed_entries: int = Field(default=5_000, ge=1)
    """Entries of a feed that are taken."""
    private_addresses: bool = False
    """Whether a feed may be fetched from, or point at, addresses of the local network."""
    problem_rows: int = Field(default=1_000, ge=1)
    """Bad rows of one manifest that are kept one by one; the rest is counted."""
