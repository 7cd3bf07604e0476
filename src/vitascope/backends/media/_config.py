"""Settings of the media backend."""

from __future__ import annotations

from pydantic import Field

from vitascope.base.ports.media import Limits
from vitascope.base.records import RoomConfig


class MediaConfig(RoomConfig):
    """Bounds and cache sizes of decoding and playing."""

    decoded_bytes: int = Field(default=8 << 30, ge=1 << 20)
    """Bytes of decoded bundles kept; what is over goes, longest unused first, and is made again when asked for."""
    transcodes_bytes: int = Field(default=4 << 30, ge=1 << 20)
    """Bytes of remuxed and transcoded files that are kept."""
    probe_seconds: float = Field(default=60.0, gt=0)
    """Wall-clock bound of a probe."""
    transcode_seconds: float = Field(default=900.0, gt=0)
    """Wall-clock bound of one remux or transcode."""
    play_height: int = Field(default=720, ge=120, le=2160)
    """Transcoded pictures are at most this high."""
    play_rate: int = Field(default=30, ge=1, le=120)
    """Transcoded pictures are at most this many a second."""
    limits: Limits = Limits()
    """Bounds for playing and thumbnails; the decoding bounds of an ingest stand in the catalogue's settings."""
