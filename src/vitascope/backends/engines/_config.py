"""Settings of who does heavy work."""

from __future__ import annotations

from pydantic import Field

from vitascope.base.records import RoomConfig


class EngineConfig(RoomConfig):
    """Where items are described."""

    address: str = ""
    """Of an existing Ray cluster, "HOST:PORT" or "ray://HOST:PORT" (needs Daft and Ray here and on every node, the media
    under the same paths, and the models: docs/scale.md); empty: this machine."""
    workers: int = Field(default=0, ge=0, le=4_096)
    """Processes that describe at once. 0: on this machine none beside the command itself, on a cluster two for every
    processor."""
    task_seconds: float = Field(default=7_200.0, gt=0)
    """An item that takes longer is set aside, and its process ended."""
    stall_seconds: float = Field(default=900.0, gt=0)
    """Where a cluster answers nothing for so long although items wait, what it has not answered is planned anew."""
