"""What a fit chooses, as kept with the model: a frozen record, written as JSON, read back with defaults for what it lacks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """Everything that a fit chooses."""

    strength: float
    half_life: float
    neighbour_share: float
    weights: tuple[tuple[str, float], ...]

    def text(self) -> str:
        """As kept with the model."""
        return json.dumps(
            {
                "strength": self.strength,
                "half_life": self.half_life,
                "neighbour_share": self.neighbour_share,
                "weights": dict(self.weights),
            }
        )

    @classmethod
    def read(cls, text: str, weights: Mapping[str, float]) -> Recipe:
        """From what was kept; what it lacks is the default."""
        told = json.loads(text)
        mixed = dict(weights) | told.get("weights", {})
        return cls(
            float(told.get("strength", 300.0)),
            float(told.get("half_life", 0.0)),
            float(told.get("neighbour_share", 0.0)),
            tuple(sorted((str(k), float(v)) for k, v in mixed.items())),
        )
