"""Popularity: how many people took to an item."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories
from vitascope.base.ports.components import Crowd
from vitascope.base.ports.ranking import Artifacts
from vitascope.base.shelf import Shelf

Floats = npt.NDArray[np.float32]


class Popular:
    """The same for everyone."""

    name = "popular"
    weight = 0.2

    def load(self, artifacts: Artifacts | None, shelf: Shelf) -> None:
        """It is counted from the events as they come."""

    def scores(self, histories: Histories, state: None, shelf: Shelf, crowd: Crowd) -> Floats:
        """0..1."""
        return np.repeat(crowd.popular[None, :], len(histories), axis=0)

    def pulls(self, history: Histories, state: None, row: int, shelf: Shelf, crowd: Crowd) -> Floats | None:
        """No act of the person led to it."""
        return None
