"""Settings of the catalogue."""

from __future__ import annotations

from pydantic import Field

from vitascope.base.ports.media import Limits
from vitascope.base.records import RoomConfig


class FetchConfig(RoomConfig):
    """What is fetched from elsewhere. Addresses of this machine and its network are never asked unless
    `catalog.private_addresses` allows it; each redirect is checked again."""

    hosts: tuple[str, ...] = ()
    """Hosts from which media that manifests and playlists name are fetched: "media.example.org", "*.example.org", or "*"
    for every public host. Empty: none; such items are listed by their text and link to where they are."""
    feed_hosts: tuple[str, ...] = ("*",)
    """Hosts from which a feed's episodes, transcripts and chapters are fetched."""
    newest: int = Field(default=20, ge=0)
    """Episodes of a feed that are fetched at an ingest, newest first; the others are known by their text. 0: none."""
    bytes: int = Field(default=4 << 30, ge=1)
    """A media file may be this long."""
    seconds: float = Field(default=3_600.0, gt=0)
    """A media file may take this long; what came of it is kept and gone on with."""
    stall: float = Field(default=30.0, gt=0)
    """A server may be silent for this long."""
    keep_free: int = Field(default=2 << 30, ge=0)
    """Bytes that stay free on the disk."""
    again: float = Field(default=6 * 3_600.0, ge=0)
    """Seconds after which media of items that came over the API are asked for again, where they could not be had."""


class ArchiveConfig(RoomConfig):
    """Bounds of an archive that is imported; it is never unpacked as a whole."""

    files: int = Field(default=500_000, ge=1)
    """Files in it."""
    file_bytes: int = Field(default=512 << 20, ge=1)
    """A list in it may be this long."""
    bytes: int = Field(default=64 << 30, ge=1)
    """Bytes read of it, media included."""
    ratio: int = Field(default=200, ge=2)
    """How many times its size a file of it may unpack to."""


class WatchConfig(RoomConfig):
    """How `vitascope watch` waits."""

    settle: float = Field(default=3.0, gt=0)
    """Seconds of quiet after a change before a folder is read again."""
    every: float = Field(default=3_600.0, gt=0)
    """Seconds between two looks at feeds, manifests and other single inputs."""


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
    fetch: FetchConfig = FetchConfig()
    """What is fetched from elsewhere."""
    archive: ArchiveConfig = ArchiveConfig()
    """Bounds of an archive."""
    watch: WatchConfig = WatchConfig()
    """Watched folders."""
    problem_rows: int = Field(default=1_000, ge=1)
    """Bad rows of one manifest that are kept one by one; the rest is counted."""
