"""Content: likeness to the middle of what the person took to lately."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories
from vitascope.base.ports.components import Crowd
from vitascope.base.ports.ranking import Artifacts
from vitascope.base.shelf import VECTOR_WEIGHTS, Shelf
from vitascope.recommend.scorers._matrices import acts

Floats = npt.NDArray[np.float32]


class Content:
    """Scores by likeness of the vectors of all kinds, missing ones masked."""

    name = "content"
    weight = 0.6

    def load(self, artifacts: Artifacts | None, shelf: Shelf) -> None:
        """Nothing of it is trained."""

    def scores(self, histories: Histories, state: None, shelf: Shelf, crowd: Crowd) -> Floats:
        """Likeness less its middle over the shown items; zeros for who has no recent act that speaks for an item."""
        made = centred(likeness(histories, shelf, crowd.recent), shelf)
        if len(made) and made.size:
            flat = np.maximum(made.max(axis=1), -made.min(axis=1)) <= 1e-6
            made[flat] = 0
        return made

    def pulls(self, history: Histories, state: None, row: int, shelf: Shelf, crowd: Crowd) -> Floats | None:
        """Likeness of each recent act's item to this one."""
        return np.asarray(
            np.maximum(recent_acts(history, crowd.recent) * _alike(history.item, row, shelf), 0), np.float32
        )


def recent_acts(histories: Histories, most: int) -> Floats:
    """Weight of the newest acts that speak for an item, shape (events,): strength, halving every `most` / 3 acts."""
    n = len(histories.item)
    owner = histories.owner
    from_end = (histories.start[1:][owner] - 1 - np.arange(n)).astype(np.float32) if n else np.zeros(0, np.float32)
    weight = np.maximum(histories.strength, 0) * np.exp2(-3 * from_end / most)
    weight[from_end >= 3 * most] = 0
    return weight.astype(np.float32)


def likeness(histories: Histories, shelf: Shelf, most: int) -> Floats:
    """Likeness of every item to what each person took to lately; kinds fused, missing ones masked; shape (p, n)."""
    n, p = len(shelf), len(histories)
    total: Floats | None = None
    whole = np.zeros((p, 1), np.float32)
    share: Floats | None = None
    weight = recent_acts(histories, most)
    mine = acts(histories, weight, n)
    for kind, matrix in shelf.vectors.items():
        if p == 1:
            told = np.flatnonzero(weight)
            middle = (weight[told] @ matrix[histories.item[told]])[None, :]
        else:
            middle = np.asarray(mine @ matrix, np.float32)
        length = np.linalg.norm(middle, axis=1, keepdims=True)
        has_taste = (length > 1e-6).astype(np.float32)
        counts = np.float32(VECTOR_WEIGHTS.get(kind, 1.0))
        middle = np.divide(middle * counts, length, out=np.zeros_like(middle), where=length > 1e-6)
        said = middle @ matrix.T  # a row of zeros, a missing vector, is like nothing: no mask is needed
        total = said if total is None else np.add(total, said, out=total)
        if kind in shelf.all_have:
            whole += counts * has_taste
        else:
            share = np.zeros((p, n), np.float32) if share is None else share
            share += counts * has_taste * shelf.has[kind]
    if total is None:
        return np.zeros((p, n), np.float32)
    if share is None:
        return np.asarray(np.divide(total, whole, out=total, where=whole > 0), np.float32)
    share += whole
    return np.divide(total, share, out=np.zeros_like(total), where=share > 0)


def centred(scores: Floats, shelf: Shelf) -> Floats:
    """Likeness less its middle over the shown items: all films are a little alike, and that says nothing."""
    scores -= (scores @ shelf.showing)[:, None]
    return scores


def _alike(rows: npt.NDArray[np.int64], row: int, shelf: Shelf) -> Floats:
    total = np.zeros(len(rows), np.float32)
    share = np.zeros(len(rows), np.float32)
    for kind, matrix in shelf.vectors.items():
        counts = np.float32(VECTOR_WEIGHTS.get(kind, 1.0))
        has = shelf.has[kind][rows]
        if shelf.has[kind][row]:
            total += counts * has * (matrix[rows] @ matrix[row])
            share += counts * has
    return np.divide(total, share, out=np.zeros_like(total), where=share > 0)
