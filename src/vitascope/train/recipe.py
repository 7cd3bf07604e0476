"""What a fit chooses, as kept with the model: a frozen record, written as JSON, read back with defaults for what it lacks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """Everything that a fit chooses."""

    strength: float = 300.0
    """Regularisation of the closed form."""
    half_life: float = 0.0
    """Acts after which an act counts half; 0: all alike."""
    neighbour_share: float = 0.0
    content: float = 0.1
    """Likeness by content in the Gram matrix, in units of `strength`."""
    smooth_share: float = 0.5
    """How much of the spectral part is mixed in."""
    smooth_rank: int = 64
    smooth_content: float = 1.0
    """Likeness by content in the spectral part's graph."""
    channels: tuple[tuple[str, float], ...] = ()
    """Weight of each way to compare items by content."""
    cold: float = 1.0
    """Regularisation of what is foretold for items nobody took up."""
    few: float = 1.0
    """Takers at which an item's own column counts half."""
    factors: int = 0
    """Hidden directions of taste; 0: none are made."""
    flatten: float = -1.0
    """How much an item's own takers are divided out of what was taken up together; below 0: no such matrix is made."""
    weights: tuple[tuple[str, float], ...] = ()
    """Weights of the scorers."""
    short: tuple[tuple[int, tuple[tuple[str, float], ...]], ...] = ()
    """(most items that a person took up, weights of the scorers), ascending; above the last, `weights`."""

    def asks(self, scorer: str) -> bool:
        """Whether a scorer counts for anybody."""
        return any(dict(weights).get(scorer, 0.0) > 0 for weights in (self.weights, *(few for _, few in self.short)))

    def text(self) -> str:
        """As kept with the model."""
        return json.dumps(
            {
                "strength": self.strength,
                "half_life": self.half_life,
                "neighbour_share": self.neighbour_share,
                "content": self.content,
                "smooth_share": self.smooth_share,
                "smooth_rank": self.smooth_rank,
                "smooth_content": self.smooth_content,
                "channels": dict(self.channels),
                "cold": self.cold,
                "few": self.few,
                "factors": self.factors,
                "flatten": self.flatten,
                "weights": dict(self.weights),
                "short": [[most, dict(weights)] for most, weights in self.short],
            }
        )

    @classmethod
    def read(cls, text: str, weights: Mapping[str, float]) -> Recipe:
        """From what was kept; what it lacks is the default."""
        told = json.loads(text)
        plain = cls()

        def number(name: str) -> float:
            return float(told.get(name, getattr(plain, name)))

        return cls(
            strength=number("strength"),
            half_life=number("half_life"),
            neighbour_share=number("neighbour_share"),
            content=number("content"),
            smooth_share=number("smooth_share"),
            smooth_rank=int(number("smooth_rank")),
            smooth_content=number("smooth_content"),
            channels=_pairs(told.get("channels", {})),
            cold=number("cold"),
            few=number("few"),
            factors=int(number("factors")),
            flatten=number("flatten"),
            weights=_pairs(dict(weights) | told.get("weights", {})),
            short=tuple(
                (int(most), _pairs(dict(weights) | told.get("weights", {}) | few))
                for most, few in told.get("short", ())
            ),
        )


def _pairs(told: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    return tuple(sorted((str(name), float(value)) for name, value in told.items()))
