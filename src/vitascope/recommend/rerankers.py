"""Re-rankers: variety of content, of creators, and rest for what was just heard.

Each looks at the best candidates of one list and says, place by place, what they gain or lose.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pydantic import Field

from vitascope.base.ports.components import Choosing, Glance
from vitascope.base.records import RoomConfig
from vitascope.base.shelf import VECTOR_WEIGHTS, Shelf
from vitascope.base.strength import WATCH_CODES

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


class DiversityConfig(RoomConfig):
    """Settings of `diversity`."""

    weight: float = Field(default=0.15, ge=0, le=1)
    """What a place costs an item that is wholly like one above."""


class Diversity:
    """Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998) over the vectors of all kinds."""

    name = "diversity"
    config = DiversityConfig

    def start(self, config: DiversityConfig, rows: Ints, glance: Glance) -> Choosing:
        """Begin a list."""
        return _Diverse(config.weight, unit(glance.shelf, rows))


class _Diverse:
    def __init__(self, weight: float, vectors: Floats) -> None:
        self._weight, self._vectors = weight, vectors
        self._near = np.zeros(len(vectors), np.float32)

    def values(self) -> Floats:
        return np.asarray(-self._weight * self._near, np.float32)

    def took(self, at: int) -> None:
        self._near = np.maximum(self._near, self._vectors @ self._vectors[at])


class CreatorsConfig(RoomConfig):
    """Settings of `creators`."""

    most: int = Field(default=3, ge=1)
    """Items of one creator before all others had their turn."""


class Creators:
    """No creator fills a list."""

    name = "creators"
    config = CreatorsConfig

    def start(self, config: CreatorsConfig, rows: Ints, glance: Glance) -> Choosing:
        """Begin a list."""
        return _Turns(config.most, glance.shelf.creator[rows])


class _Turns:
    def __init__(self, most: int, creator: Ints) -> None:
        self._most, self._creator = most, creator
        self._values = np.zeros(len(creator), np.float32)
        self._had: dict[int, int] = {}

    def values(self) -> Floats:
        return self._values

    def took(self, at: int) -> None:
        creator = int(self._creator[at])
        if creator < 0:
            return
        self._had[creator] = self._had.get(creator, 0) + 1
        if self._had[creator] >= self._most:
            self._values[self._creator == creator] = -np.inf


class FatigueConfig(RoomConfig):
    """Settings of `fatigue`."""

    hours: float = Field(default=24.0, gt=0)
    """Rest after which something heard is half as fresh again."""


class Fatigue:
    """What was just heard rests: a whole point down, half of it after `hours`."""

    name = "fatigue"
    config = FatigueConfig

    def start(self, config: FatigueConfig, rows: Ints, glance: Glance) -> Choosing:
        """Begin a list."""
        history = glance.history
        last = np.full(len(glance.shelf), -np.inf)
        watched = np.isin(history.type, WATCH_CODES) & ~np.isnan(history.time)
        np.maximum.at(last, history.item[watched], history.time[watched])
        rest = np.maximum(glance.request.now - last[rows], 0) / (config.hours * 3600)
        return _Fixed(np.asarray(-np.exp2(-rest), np.float32))


class _Fixed:
    def __init__(self, values: Floats) -> None:
        self._values = values

    def values(self) -> Floats:
        return self._values

    def took(self, at: int) -> None:
        return


def unit(shelf: Shelf, rows: Ints) -> Floats:
    """Vectors of all kinds side by side, unit length: their dot product is the fused likeness."""
    parts = [np.sqrt(VECTOR_WEIGHTS.get(kind, 1.0)) * matrix[rows] for kind, matrix in shelf.vectors.items()]
    if not parts:
        return np.zeros((len(rows), 1), np.float32)
    joined = np.concatenate(parts, axis=1)
    length = np.linalg.norm(joined, axis=1, keepdims=True)
    return np.asarray(np.divide(joined, length, out=np.zeros_like(joined), where=length > 1e-6), np.float32)


def reorder(score: Floats, choosing: list[Choosing]) -> Ints:
    """The order in which m candidates get their places: each place to the one that is worth most then, shape (m,).

    What a re-ranker puts off (-inf) comes after all others, in order of its score.
    """
    left = np.ones(len(score), np.bool_)
    order: list[int] = []
    while left.any():
        worth = np.where(left, score, -np.inf)
        for one in choosing:
            worth = worth + one.values()
        at = int(np.argmax(worth))
        if not np.isfinite(worth[at]):
            rest = np.flatnonzero(left)
            return np.array([*order, *rest[np.lexsort((rest, -score[rest]))].tolist()], np.int64)
        left[at] = False
        order.append(at)
        for one in choosing:
            one.took(at)
    return np.array(order, np.int64)
