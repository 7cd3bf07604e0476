"""What may come of showing an item: chances of several outcomes from figures about a person and an item.

The contract suite is tests/contracts/test_outcomes.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

OUTCOMES = ("take", "watch", "complete", "like", "share", "hide")
"""take: anything that counts as seen · watch: half of it or more · complete · like: liked, made a favourite, four stars or
more · share · hide: hidden, disliked, two stars or fewer."""


class OutcomeModel(Protocol):
    """Fitted trees, one set an outcome, calibrated."""

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Those that there was enough to learn of, in the order of OUTCOMES."""
        ...

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the figures, in the order of the columns of x."""
        ...

    def chances(self, x: Floats) -> Floats:
        """Calibrated probability of each outcome, shape (m, outcomes). x: (m, features), NaN where unknown."""
        ...

    def parts(self, x: Floats, outcome: str) -> Floats:
        """Exact SHAP values of the outcome's log-odds, shape (m, features + 1); the last column is the base.

        A row's sum is the log-odds that `chances` turns into a probability. (Lundberg et al., "Consistent individualized
        feature attribution for tree ensembles", arXiv 1802.03888.)
        """
        ...

    def dump(self) -> dict[str, npt.NDArray[np.generic]]:
        """As plain arrays, for `OutcomeModels.load`."""
        ...


class OutcomeModels(Protocol):
    """Fits and opens outcome models."""

    def fit(
        self,
        x: Floats,
        labels: Mapping[str, Floats],
        weights: Floats,
        groups: npt.NDArray[np.int64],
        features: Sequence[str],
        seed: int,
    ) -> OutcomeModel | None:
        """Fit on m rows; None where no outcome came often enough.

        Args:
            x: figures, shape (m, features), NaN where unknown.
            labels: outcome -> 0 or 1, shape (m,).
            weights: what a row counts (inverse propensity), shape (m,).
            groups: whose row it is: rows of one person are never on both sides of a calibration, shape (m,).
        """
        ...

    def load(self, arrays: Mapping[str, npt.NDArray[np.generic]]) -> OutcomeModel | None:
        """Open what `dump` gave; None where there is nothing of it. Raises HomeDamaged where it cannot be read."""
        ...
