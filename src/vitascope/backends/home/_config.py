"""Limits of the home folder."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from vitascope.base.records import RoomConfig


class Config(RoomConfig):
    """How much the home may hold before `vitascope gc` clears up, and how long logs are kept."""

    cache_bytes: int = Field(default=8 << 30, ge=0)
    """Decoded media and other things that can be made again."""
    media_bytes: int = Field(default=16 << 30, ge=0)
    """Thumbnails and transcodes; uploads are never cleared."""
    upload_bytes: int = Field(default=16 << 30, ge=1)
    """Bytes of one upload over the API."""
    uploads_open: int = Field(default=32, ge=1)
    """Unfinished uploads at a time."""
    upload_days: float = Field(default=7.0, gt=0)
    """Days that an unfinished upload is kept after its last piece."""
    models_kept: int = Field(default=3, ge=1)
    """Trained models kept besides the current one."""
    exports_kept: int = Field(default=5, ge=1)
    """Copies of the library made before migrations."""
    grace_seconds: float = Field(default=600.0, ge=0)
    """What was used within this time is never cleared."""
    log_bytes: int = Field(default=4 << 20, ge=10_000)
    log_files: int = Field(default=5, ge=1, le=100)
    log_format: Literal["text", "json"] = "text"
    """json: one object a line, for programs that collect logs."""
    lock_seconds: float = Field(default=120.0, gt=0)
    """How long to wait for another process that makes, migrates, saves or clears this home."""
