"""Variety of content: no two alike in a row, or a list that spans much."""

from __future__ import annotations

import threading
import weakref

import numpy as np
import numpy.typing as npt
from pydantic import Field

from vitascope.base.ports.components import Choosing, Glance
from vitascope.base.records import RoomConfig
from vitascope.base.shelf import VECTOR_WEIGHTS, Shelf
from vitascope.recommend.rerankers._neighbours import Apart, Smooth, before

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


class DiversityConfig(RoomConfig):
    """Settings of `diversity`."""

    weight: float = Field(default=0.15, ge=0, le=1)
    """What a place costs an item that is wholly like one above."""
    apart: float | None = Field(default=None, ge=0, le=1)
    """Likeness from which two never stand in a row while another is left, and nor do two of one creator or work."""
    smooth: float = Field(default=0.0, ge=0, le=1)
    """What the farthest leap of tempo, key and loudness from the item above costs (music)."""


class Diversity:
    """Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998) over the vectors of all kinds."""

    name = "diversity"
    config = DiversityConfig

    def start(self, config: DiversityConfig, rows: Ints, glance: Glance) -> Choosing:
        """Begin a list."""
        return _Diverse(config, rows, glance)


class _Diverse:
    def __init__(self, config: DiversityConfig, rows: Ints, glance: Glance) -> None:
        vectors = unit(glance.shelf, rows)
        self._weight, self._vectors = config.weight, vectors
        self._near = np.zeros(len(vectors), np.float32)
        self._beside: list[Choosing] = []
        if config.apart is not None:
            start = before(glance)
            first = None if start is None else unit(glance.shelf, np.array([start]))[0]
            self._beside.append(Apart(config.apart, rows, vectors, glance, first))
        if config.smooth:
            self._beside.append(Smooth(config.smooth, rows, glance))

    def values(self) -> Floats:
        out = np.asarray(-self._weight * self._near, np.float32)
        for one in self._beside:
            out = out + one.values()
        return out

    def took(self, at: int) -> None:
        self._near = np.maximum(self._near, self._vectors @ self._vectors[at])
        for one in self._beside:
            one.took(at)


class SpanConfig(RoomConfig):
    """Settings of `span`."""

    weight: float = Field(default=0.1, ge=0, le=1)
    """What an item gains for each halving of what it shares with all above together."""


class Span:
    """A determinantal point process: an item is worth what it adds that all above together do not hold.

    The greedy map of Chen, Zhang and Zhou, "Fast greedy MAP inference for determinantal point process" (NeurIPS 2018),
    algorithm 1: after each place the share of every candidate's vector outside the span of the chosen ones is updated by one
    row of a Cholesky factor, so that a list of n from m candidates costs m * n * n.
    """

    name = "span"
    config = SpanConfig

    def start(self, config: SpanConfig, rows: Ints, glance: Glance) -> Choosing:
        """Begin a list."""
        return _Spanning(config.weight, unit(glance.shelf, rows))


class _Spanning:
    _LEAST = 0.05
    """Share of new content below which a candidate counts as holding none."""

    def __init__(self, weight: float, vectors: Floats) -> None:
        self._weight, self._vectors = weight, vectors
        self._known = (np.abs(vectors).max(axis=1, initial=0) > 0).astype(np.float32)
        self._outside = np.ones(len(vectors), np.float32)
        self._factor = np.zeros((0, len(vectors)), np.float32)

    def values(self) -> Floats:
        share = np.clip(self._outside, self._LEAST, 1.0)
        return np.asarray(self._weight * np.log2(share) * self._known, np.float32)

    def took(self, at: int) -> None:
        if not self._known[at] or self._outside[at] < 1e-4:
            return
        kernel = self._vectors @ self._vectors[at]
        row = (kernel - self._factor[:, at] @ self._factor) / np.sqrt(self._outside[at])
        self._factor = np.concatenate([self._factor, row[None, :].astype(np.float32)])
        self._outside = np.maximum(self._outside - row**2, 0).astype(np.float32)


def unit(shelf: Shelf, rows: Ints) -> Floats:
    """Vectors of all kinds side by side, unit length: their dot product is the fused likeness."""
    kept = getattr(_last, "of", None)
    if kept is not None and kept[0]() is shelf and kept[1] is rows:
        return np.asarray(kept[2], np.float32)  # several re-rankers of one list look at the same candidates
    made = _unit(shelf, rows)
    _last.of = (weakref.ref(shelf), rows, made)
    return made


_last = threading.local()


def _unit(shelf: Shelf, rows: Ints) -> Floats:
    if len(shelf.vectors) == 1:
        return np.asarray(next(iter(shelf.vectors.values()))[rows], np.float32)  # of unit length as they are
    parts = [np.sqrt(VECTOR_WEIGHTS.get(kind, 1.0)) * matrix[rows] for kind, matrix in shelf.vectors.items()]
    if not parts:
        return np.zeros((len(rows), 1), np.float32)
    joined = np.concatenate(parts, axis=1)
    length = np.linalg.norm(joined, axis=1, keepdims=True)
    return np.asarray(np.divide(joined, length, out=np.zeros_like(joined), where=length > 1e-6), np.float32)
