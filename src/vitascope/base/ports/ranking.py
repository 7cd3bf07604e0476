"""Ports of the recommender: what trains, what scores. Contract suites: tests/contracts/scorers.py.

`train` makes artifacts, `recommend` reads them; neither imports the other. An artifact is plain arrays in .npz/.json
under a model's folder, loaded through `Artifacts`.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt


class Artifacts(Protocol):
    """Named arrays and texts of one trained model (never pickled)."""

    @property
    def version(self) -> str: ...
    def array(self, name: str) -> npt.NDArray[np.generic] | None: ...
    def text(self, name: str) -> str | None: ...
