"""Settings of privacy."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from vitascope.base.records import RoomConfig


class PrivacyConfig(RoomConfig):
    """What holds while people say nothing, how long things are kept, and where tombstones are copied to."""

    consent: Literal["opt-out", "opt-in"] = "opt-out"
    """opt-out: behaviour serves every purpose but `outside` until a person says no. opt-in: none until a person says yes."""
    keep_days: float | None = Field(default=None, gt=0)
    """Dated events older than this are deleted by `vitascope privacy due`; unset: kept."""
    problems_days: float | None = Field(default=None, gt=0)
    """Rows that were set aside, which may hold what people sent, are forgotten after this by the same command; unset: kept."""
    refit_days: float = Field(default=7.0, gt=0)
    """After an erasure, the current model is trained anew within this time (`vitascope privacy due` does what is due)."""
    tombstones: Path | None = None
    """A second file for the list of erased pseudonyms, best beside the backups: restoring reads it."""
