"""Other people: EASE (Steck 2019, arXiv 1905.03375), x B, x being the history with newer acts counting more."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories, rows_of
from vitascope.base.ports.components import Crowd
from vitascope.base.ports.ranking import Artifacts
from vitascope.base.shelf import Shelf
from vitascope.base.strength import SEEN_CODES
from vitascope.recommend.scorers._matrices import acts

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Together:
    """What having one item says about another, over the rows of a shelf."""

    half_life: float
    """Acts after which an act counts half; 0: all alike."""
    matrix: Any
    """(n, n), an array or sparse: what having row i says about row j; None without a collaborative part."""

    def says(self, row: int) -> Floats:
        """What having one item says about every other, shape (n,)."""
        return _flat(self.matrix[row] if isinstance(self.matrix, np.ndarray) else self.matrix[[row]])

    def said_of(self, row: int) -> Floats:
        """What having each item says about one, shape (n,)."""
        return _flat(self.matrix[:, row] if isinstance(self.matrix, np.ndarray) else self.matrix[:, [row]])


class Collaborative:
    """Scores by what people alike took up."""

    name = "collaborative"
    weight = 1.0
    _dense: str | None = "ease"
    _sparse = "near"
    """Names of its arrays in a model: one whole matrix, or the parts of a sparse one."""

    def load(self, artifacts: Artifacts | None, shelf: Shelf) -> Together:
        """The item-item matrix laid over the shelf's rows; items that the model does not know get nothing from it."""
        from scipy import sparse

        if artifacts is None:
            return Together(0.0, None)
        told = json.loads(artifacts.text("blend") or "{}")
        half_life = float(told.get("half_life", 0.0))
        items, start = artifacts.array("items"), artifacts.array(f"{self._sparse}_start")
        dense = artifacts.array(self._dense) if self._dense is not None else None
        if items is None or not len(items) or (dense is None and start is None):
            return Together(half_life, None)
        rows = rows_of(shelf.table.items, np.asarray(items, np.int64))
        known = np.flatnonzero(rows >= 0)
        n = len(shelf)
        if dense is not None and np.array_equal(rows, np.arange(n)):
            return Together(half_life, np.asarray(dense, np.float32))
        if dense is not None:
            matrix = np.zeros((n, n), np.float32)
            matrix[np.ix_(rows[known], rows[known])] = np.asarray(dense, np.float32)[np.ix_(known, known)]
            return Together(half_life, matrix)
        column, value = artifacts.array(f"{self._sparse}_column"), artifacts.array(f"{self._sparse}_value")
        own = sparse.csr_matrix((np.asarray(value, np.float32), column, start), shape=(len(items), len(items)))
        if np.array_equal(rows, np.arange(n)):
            return Together(half_life, own)
        place = sparse.csr_matrix((np.ones(len(known), np.float32), (known, rows[known])), shape=(len(items), n))
        return Together(half_life, (place.T @ own @ place).tocsr())

    def scores(self, histories: Histories, state: Together, shelf: Shelf, crowd: Crowd) -> Floats:
        """x B."""
        n = len(shelf)
        if state.matrix is None:
            return np.zeros((len(histories), n), np.float32)
        made = acts(histories, recency(histories, state.half_life), n) @ state.matrix
        return np.asarray(made if isinstance(made, np.ndarray) else made.todense(), np.float32)

    def pulls(self, history: Histories, state: Together, row: int, shelf: Shelf, crowd: Crowd) -> Floats | None:
        """The terms of x B that speak for the item."""
        if state.matrix is None:
            return None
        weight = recency(history, state.half_life) * (history.strength > 0)
        return np.asarray(np.maximum(weight * state.said_of(row)[history.item], 0), np.float32)


class Neighbours(Collaborative):
    """Scores by what was taken up together with each item, nothing else weighed in: of few acts that says most, at times.

    N_ij = together_ij / (taken_i^(1 - b) taken_j^b), the nearest of each item; b = 1/2 is the cosine, b = 0 the share of
    i's takers.
    """

    name = "neighbours"
    weight = 0.0
    _dense = None
    _sparse = "close"


def recency(histories: Histories, half_life: float) -> Floats:
    """How much each act of a history counts, shape (events,).

    An item counts once, at its newest act; dated acts count less the more came after them (floor .1). What the person
    turned away from counts little: it was watched, and people alike watch it too.
    """
    n = len(histories.item)
    if not n:
        return np.zeros(0, np.float32)
    owner = histories.owner
    end = histories.start[1:][owner] - 1
    from_end = (end - np.arange(n)).astype(np.float32)
    decay = np.ones(n, np.float32)
    if half_life > 0:
        dated = ~np.isnan(histories.time)
        decay[dated] = 0.1 + 0.9 * np.exp2(-from_end[dated] / half_life)
    weight = decay * np.where(histories.strength < 0, 0.5, 1.0).astype(np.float32)
    weight[~np.isin(histories.type, SEEN_CODES)] = 0
    order = np.lexsort((np.arange(n), histories.item, owner))
    last = np.ones(n, np.bool_)
    last[:-1] = (owner[order][1:] != owner[order][:-1]) | (histories.item[order][1:] != histories.item[order][:-1])
    weight[order[~last]] = 0
    return weight


def _flat(part: Any) -> Floats:
    return np.asarray(part if isinstance(part, np.ndarray) else part.todense(), np.float32).ravel()
