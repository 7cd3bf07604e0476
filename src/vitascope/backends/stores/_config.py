"""Settings of the stores."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from vitascope.base.records import RoomConfig


class Config(RoomConfig):
    """Where the rows live and how careful a write is."""

    url: str = ""
    """Empty: `library.db` in the home. Else a database URL: "postgresql://USER:PASSWORD@HOST/NAME", "sqlite:///FILE"."""
    busy_seconds: float = Field(default=60.0, gt=0)
    """How long a write waits for another process that is writing."""
    synchronous: Literal["full", "normal"] = "full"
    """SQLite only. full: what was acknowledged survives a loss of power. normal: it survives the death of the process,
    but the last commits before a loss of power may be gone (the file stays sound)."""
    pool: int = Field(default=8, ge=1, le=100)
    """Connections one process keeps at most."""
