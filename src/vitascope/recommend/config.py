"""Settings of the room `recommend`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from vitascope.base.reasons import Method
from vitascope.base.records import RoomConfig


class RecommendConfig(RoomConfig):
    """How lists are made where a surface's pipeline does not say otherwise."""

    recent: int = Field(default=20, ge=1)
    """Acts of a person, newest first, that "similar" and "content" go by."""
    popular_half_life_days: float = Field(default=30.0, gt=0)
    """Popularity halves in this time, counted back from the newest timed event."""
    show_empty: bool = False
    """List items, too, in which there is nothing to watch or hear (silent, black, a test card, a placeholder)."""
    batch: int = Field(default=256, ge=1)
    """People scored at a time."""
    talk_reads: Literal["rules", "unsure", "always"] = "rules"
    """Who reads requests in words: the rules alone; the language model too, for words that the rules leave over; or the
    language model wholly. On the embedded pack the rules alone are best (benchmarks/talk/report.md)."""
    weights: dict[str, float] = Field(default_factory=dict)
    """Scorer weights that win over those a fit chose: {"popular" = 0.2}."""
    explain_shown: tuple[Method, ...] = (
        "readable",
        "fusion",
        "shap",
        "left-out",
        "attention",
        "rollout",
        "gradients",
        "words",
        "segments",
    )
    """Ways of explaining that a page shows unasked: those that held in the deletion test of benchmarks/explain/report.md."""
