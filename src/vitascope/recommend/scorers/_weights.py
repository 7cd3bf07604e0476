"""How much each scorer counts, for whom: one set of weights, and others for people of whom little is known.

What speaks well for a person with two acts (what is liked by all, what is like those two) is not what speaks well for one with
two hundred. A fit chooses both on held-out events and keeps them with the model; here they are read and laid over what an
owner states.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Weights:
    """Scorer -> weight, by how many items a person took up."""

    usual: dict[str, float]
    short: tuple[tuple[int, dict[str, float]], ...] = ()
    """(most items, weights) in ascending order: the first that holds for a person counts; `usual` above."""

    def of(self, length: int) -> dict[str, float]:
        """For a person who took up so many items."""
        return next((weights for most, weights in self.short if length <= most), self.usual)

    def stated(self, names: Sequence[str], stated: Mapping[str, float]) -> Weights:
        """Of these scorers alone, with what the owner states in place of what was chosen."""

        def some(weights: Mapping[str, float]) -> dict[str, float]:
            return {name: weight for name, weight in (dict(weights) | dict(stated)).items() if name in names}

        return Weights(some(self.usual), tuple((most, some(weights)) for most, weights in self.short))
