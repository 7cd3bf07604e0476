"""Port of methods that explain a score by trials or by gradients: LIME over parts, integrated gradients over tokens.

Contract suite: tests/contracts/test_attribution.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


class BlockArrays(Protocol):
    """One block of the sequential model; linear maps are (out, in). The formulas stand in train/sequence/network.py."""

    @property
    def norm_a(self) -> Floats: ...
    @property
    def qkvg(self) -> Floats: ...
    @property
    def bias(self) -> Floats: ...
    @property
    def out(self) -> Floats: ...
    @property
    def norm_b(self) -> Floats: ...
    @property
    def up(self) -> Floats: ...
    @property
    def down(self) -> Floats: ...


class Attributor(Protocol):
    """Explains scores."""

    def lime(
        self, score: Callable[[Mask], npt.NDArray[np.float64]], parts: int, trials: int, seed: int
    ) -> tuple[npt.NDArray[np.float64], float]:
        """What each part of something adds to its score, by a weighted linear fit on trials that leave parts out.

        Ribeiro, Singh and Guestrin, "Why should I trust you?" (KDD 2016).

        Args:
            score: of which parts are there, shape (m, parts) -> (m,).
            trials: how many, the whole among them.

        Returns:
            Amounts, shape (parts,), in the unit of the score; and the weighted share of the trials' variance that they
            account for, at most 1.
        """
        ...

    def gradients(
        self,
        blocks: Sequence[BlockArrays],
        norm: Floats,
        x: Floats,
        base: Floats,
        target: Floats,
        steps: int = 32,
    ) -> npt.NDArray[np.float64]:
        """Integrated gradients of target . (newest state), by token; they sum to its difference between `base` and `x`.

        Sundararajan, Taly and Yan, "Axiomatic attribution for deep networks" (ICML 2017).

        Args:
            blocks, norm: the network.
            x: what goes into the first block, oldest token first, shape (t, width).
            base: the same of tokens that say nothing, shape (t, width).
            target: shape (width,).

        Returns:
            Shape (t,).
        """
        ...
