"""Settings of the room `train`."""

from __future__ import annotations

from pydantic import Field

from vitascope.base.records import RoomConfig


class TrainConfig(RoomConfig):
    """How models are fitted, judged and promoted, and how the weights w learn."""

    penalties: tuple[float, ...] = (50.0, 200.0, 500.0)
    """Ridge penalties of EASE that a fit chooses among."""
    half_lives: tuple[float, ...] = (0.0, 5.0, 20.0)
    """Acts after which an act counts half, that a fit chooses among; 0: all alike."""
    judges: int = Field(default=2_000, ge=1)
    """People whose held-out act a fit is judged by, at most."""
    most_items: int = Field(default=10_000, ge=1)
    """Above so many items with behaviour, neighbours from implicit take the place of EASE."""
    neighbours: int = Field(default=400, ge=1)
    """Strongest entries kept for each item of a trained matrix."""
    step: float = Field(default=0.05, gt=0, le=0.5)
    """The most one event may move a weight w."""
