"""The order of a list: each place goes to the candidate that is worth most then."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vitascope.base.ports.components import Choosing

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


class Fixed:
    """What candidates gain or lose, whoever stands above."""

    def __init__(self, values: Floats) -> None:
        self._values = values

    def values(self) -> Floats:
        """The same for each place."""
        return self._values

    def took(self, at: int) -> None:
        """Changes nothing."""


def reorder(score: Floats, choosing: Sequence[Choosing], places: int | None = None) -> Ints:
    """The order in which m candidates get their places, shape (m,).

    What every re-ranker puts off (-inf) comes after all others, in order of its score.

    Args:
        places: so many are given out one by one; the rest follows in order of its score. None: all.
    """
    left = np.ones(len(score), np.bool_)
    order: list[int] = []
    while left.any() and (places is None or len(order) < places):
        worth = np.where(left, score, -np.inf)
        for one in choosing:
            worth = worth + one.values()
        at = int(np.argmax(worth))
        if not np.isfinite(worth[at]):
            break
        left[at] = False
        order.append(at)
        for one in choosing:
            one.took(at)
    rest = np.flatnonzero(left)
    late = np.zeros(len(score), np.bool_)
    for one in choosing:
        late |= np.isneginf(one.values())
    return np.array([*order, *rest[np.lexsort((rest, -score[rest], late[rest]))].tolist()], np.int64)
